from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from kitchen import KITCHEN, doll
from numpy.typing import NDArray

from assistant.model import Model
from assistant.worker import Job
from assistant.writer import Writer

SAID = "please brew a large latte in five minutes"


class Passes:
    """Counts how often a model is evaluated, and over how many tokens."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.tokens: list[int] = []
        evaluate = Model.evaluate

        def counted(model: Model, ids: Sequence[int], rows: Sequence[int]) -> NDArray[np.float32]:
            self.tokens.append(len(ids))
            return evaluate(model, ids, rows)

        monkeypatch.setattr(Model, "evaluate", counted)


@pytest.fixture
def writer() -> Writer:
    made = Writer(Job(doll(False), KITCHEN, shipped=False))
    made.write(SAID, [])  # the prefix is read once
    return made


def test_a_right_guess_costs_one_pass(writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A draft that is what the model writes is evaluated with the prompt, all of it in one batch."""
    passes = Passes(monkeypatch)
    plain = writer.write(SAID, [])
    without = len(passes.tokens)
    passes.tokens.clear()
    assert [one.call for one in writer.write(SAID, [], [plain[0].call])] == [one.call for one in plain]
    assert len(passes.tokens) == 1 < without


@pytest.mark.parametrize(
    "draft",
    [
        "brew(drink= a large latte)",
        "brew(drink= a large",
        "brew(",
        "set_timer(duration= five minutes, name= latte)",
        "set_timer(name= latte, duration= five minutes)",
        "switch(device= latte, state= maybe)",
        "play_music(title= never said)",
        "none()",
        "no call at all",
        "(",
        "\x00",
        "brew(drink=" + " latte" * 400 + ")",
    ],
)
def test_a_guess_changes_nothing_that_is_written(writer: Writer, draft: str) -> None:
    """Right, half right, not to the end, no call at all: the call and its probabilities are those without a guess."""
    plain, drafted = writer.write(SAID, []), writer.write(SAID, [], [draft, "brew(drink= a large latte)"])
    assert [one.call for one in drafted] == [one.call for one in plain]
    assert [one.probability for one in drafted] == pytest.approx([one.probability for one in plain], abs=1e-4)
    assert writer.write(SAID, []) == plain


def test_the_next_guess_goes_on_where_the_first_was_wrong(writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    """After another head than the first draft's, a draft that begins with what was written is taken up."""
    written = writer.write(SAID, [])[0].call
    wrong = next(f"{one.name}(" for one in KITCHEN if not written.startswith(one.name))
    passes = Passes(monkeypatch)
    writer.write(SAID, [], [wrong])
    alone = len(passes.tokens)
    passes.tokens.clear()
    writer.write(SAID, [], [wrong, written])
    assert len(passes.tokens) == 2 < alone
