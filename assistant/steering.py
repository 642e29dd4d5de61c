"""Makes a model write a given text, for measuring: what random weights would write, and how long, is chance.

A logits processor as llama-cpp-python has them, the same for our way and the stock way: it raises the tokens that go on
with the text. The model is evaluated, the grammar consulted and the best token picked as always, so it costs each way
as much as it costs the other: a few dictionary look-ups and one copy of the logits for each token that is chosen.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

RAISE = 1000.0
"""Added to the logit for each byte that a token brings the text on: the longest that the grammar allows is the best."""


class Steering:
    """Raises the logits of the tokens that continue one text."""

    def __init__(self, pieces: Sequence[bytes], end: int) -> None:
        """`pieces`: what each token writes, b"" for one that writes nothing; `end`: the token that ends an answer."""
        self._pieces, self._end = pieces, end
        self._tokens = {piece: token for token, piece in enumerate(pieces) if piece}
        self._longest = max(map(len, self._tokens), default=0)
        self._text = b""

    def toward(self, text: str) -> None:
        """From now on, write this."""
        self._text = text.encode()

    def __call__(self, written: Sequence[int], logits: NDArray[np.float32]) -> NDArray[np.float32]:
        """A copy of the logits after `written`, shape (tokens,), those that go on with the text raised."""
        raised = logits.copy()
        so_far = b"".join(self._pieces[token] for token in written)
        if not self._text.startswith(so_far):
            return raised
        rest = self._text[len(so_far) :]
        if not rest:
            raised[self._end] += RAISE
        for length in range(1, min(len(rest), self._longest) + 1):
            token = self._tokens.get(rest[:length])
            if token is not None:
                raised[token] += RAISE * length
        return raised
