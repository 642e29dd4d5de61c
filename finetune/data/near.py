"""Near-duplicates: which texts differ so little that one of them teaches, or measures, nothing new."""

from __future__ import annotations

import functools
import zlib
from typing import TYPE_CHECKING, Any

from rapidfuzz import fuzz, process

from assistant.skill import MissingPiece

if TYPE_CHECKING:
    from collections.abc import Iterable

LIKENESS = 90.0
"""rapidfuzz's ratio, 0..100, from which two bare texts are one: three letters of thirty may differ."""
FEW = 48
"""So many texts are compared one by one sooner than through an index."""
BANDS, ROWS = 16, 4
"""Of the MinHash index: texts that share 60 % of their letter triples are found nine times in ten, those that share
70 % ninety-nine times in a hundred (Leskovec et al. 2020, 3.4)."""


def triples(text: str) -> set[bytes]:
    """Every three letters that stand together, the ends of the text included."""
    padded = f" {text} "
    return {padded[at : at + 3].encode() for at in range(max(1, len(padded) - 2))}


class Block:
    """Texts among which near ones are looked for; a lookup costs about the same however many there are."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._texts: list[str] = []
        self._index: Any = None
        for text in texts:
            self.add(text)

    def __len__(self) -> int:
        return len(self._texts)

    def add(self, text: str) -> None:
        """Put a text in. Raises MissingPiece where the index is needed and its library is absent."""
        self._texts.append(text)
        if self._index is not None:
            self._index.insert(len(self._texts) - 1, _signature(text), check_duplication=False)
        elif len(self._texts) > FEW:
            self._index = _new_index()
            for at, known in enumerate(self._texts):
                self._index.insert(at, _signature(known), check_duplication=False)

    def near(self, text: str) -> list[str]:
        """The texts that are nearly this one, the likest first."""
        if not self._texts:
            return []
        among = self._texts if self._index is None else [self._texts[at] for at in self._index.query(_signature(text))]
        found = process.extract(text, among, scorer=fuzz.ratio, score_cutoff=LIKENESS, limit=None)
        return [known for known, _, _ in found]


def _signature(text: str) -> Any:
    signature = _empty().copy()  # a new one would draw its permutations again, which costs more than the sentence
    signature.update_batch(sorted(triples(text)))
    return signature


@functools.cache
def _empty() -> Any:
    from datasketch import MinHash

    return MinHash(num_perm=BANDS * ROWS, hashfunc=zlib.crc32)


def _new_index() -> Any:
    try:
        from datasketch import MinHashLSH
    except ImportError:
        raise MissingPiece(
            "datasketch is not installed; from Hark's folder, `pip install -e '.[eval]'` brings it"
        ) from None
    return MinHashLSH(num_perm=BANDS * ROWS, params=(BANDS, ROWS))
