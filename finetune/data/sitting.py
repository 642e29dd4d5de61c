"""One sitting of reviewing: which row is shown, and what each key does. Draws nothing and reads no keyboard."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from assistant.commands.trace import read_label
from assistant.prompt import plain
from assistant.skill import Call, SkillError
from evals.cases import BadCase, Case, place
from finetune.data.gate import Gate, bare
from finetune.data.review import ACCEPT, FIX, REJECT, SKIP, State
from finetune.data.terminal import Line

ARROW = " -> "
ONE, PAGE, EDIT = "one", "page", "edit"


def as_line(case: Case) -> str:
    """A row in one line that can be edited: `set a five minute timer -> set_timer(duration="five minute")`."""
    return f"{case.text}{ARROW}{Call(case.skill, case.words)}"


def from_line(line: str, case: Case, gate: Gate) -> Case:
    """The row that an edited line says, in the group of the row it was.

    Raises:
        SkillError: one sentence that says what is wrong.
    """
    text, arrow, call = line.rpartition(ARROW.strip())
    if not arrow or not call.strip():
        raise SkillError('write the sentence, then -> and the call: what time is it -> tell_time(place="rome")')
    meant = read_label(call)
    said = plain(plain(text))
    words = {
        name: words if _is_choice(gate, meant.skill, name) else plain(words) for name, words in meant.words.items()
    }
    fixed = replace(case, text=said, skill=meant.skill, words=words, args_known=True, also=())
    try:
        gate.parse(fixed)
    except BadCase as fault:
        raise SkillError(str(fault).removeprefix(f"{place(fixed)}: ")) from None
    unreadable = gate.unreadable(fixed)
    if unreadable:
        raise SkillError(unreadable)
    if gate.measured.near(bare(said)):
        raise SkillError("an evaluation set has this sentence, or nearly: it may not be learned from")
    if gate.other_side.near(bare(said)) and not gate.other_side.near(bare(case.text)):
        raise SkillError(
            "a row that is kept back to measure by has this sentence, or nearly: it may not be learned from"
        )
    return fixed


def _is_choice(gate: Gate, skill: str, name: str) -> bool:
    return any(one.name == skill and any(a.name == name and a.choices for a in one.arguments) for one in gate.skills)


@dataclass
class Sitting:
    """The rows that wait, and the keys."""

    rows: list[Case]
    state: State
    gate: Gate
    clock: Callable[[], float] = time.monotonic
    mode: str = ONE
    line: Line = field(default_factory=lambda: Line(""))
    """What is being typed: the row that is fixed, or the numbers of a page."""
    message: str = ""
    page: int = 8
    """How many rows a page shows; whoever draws it knows."""

    def __post_init__(self) -> None:
        self._at = 0
        self._since = self.clock()
        self._steps: list[tuple[int, float]] = []
        """Of this sitting: rows decided in one step, and the seconds that were spent before it."""

    @property
    def left(self) -> int:
        """Rows that wait."""
        return len(self.rows) - self._at

    @property
    def shown(self) -> Sequence[Case]:
        """The row, or the rows of the page."""
        return self.rows[self._at : self._at + (self.page if self.mode == PAGE else 1)]

    def press(self, key: str) -> bool:
        """One key; False when the sitting is over."""
        self.message = ""
        if key == "end of input":
            return False
        if self.mode == EDIT:
            self._edit(key)
            return True
        if key == "q":
            return False
        if key == "u":
            self._undo()
        elif self.mode == PAGE:
            self._page(key)
        else:
            self._one(key)
        return True

    def typed(self) -> tuple[int, ...]:
        """The numbers typed on a page."""
        return tuple(int(number) for number in self.line.text.replace(",", " ").split() if number.isdecimal())

    def excluded(self) -> frozenset[int]:
        """Those of them that are rows; 1 is the first."""
        return frozenset(number for number in self.typed() if 0 < number <= len(self.shown))

    # --- keys --------------------------------------------------------------------------------------------------------

    def _one(self, key: str) -> None:
        verdict = {"a": ACCEPT, "enter": ACCEPT, "r": REJECT, "s": SKIP}.get(key)
        if key == "p":
            self.mode, self.line = PAGE, Line("")
        elif not self.shown:
            self.message = "Every row has been looked at; q ends."
        elif key == "f":
            self.mode, self.line = EDIT, Line(as_line(self.shown[0]))
        elif verdict:
            self._decide([(self.shown[0], verdict)])
        elif len(key) == 1:
            self.message = f"{key} does nothing here."

    def _page(self, key: str) -> None:
        if key in ("p", "escape"):
            self.mode = ONE
        elif key in ("enter", "a"):
            out = self.excluded()
            wrong = [number for number in self.typed() if number not in out]
            if wrong:  # "25" for "2 5" would call every row good
                rows = f"rows 1 to {len(self.shown)}" if len(self.shown) > 1 else "row 1"
                self.message = f"There is no row {wrong[0]}, so nothing was decided: this page has {rows}."
                return
            self._decide([(case, REJECT if at in out else ACCEPT) for at, case in enumerate(self.shown, 1)])
            self.line = Line("")
        elif key.isdecimal() or key in (" ", ",", "backspace", "clear"):
            self.line.press(key)
        elif len(key) == 1:
            self.message = "Type the numbers of the bad ones, then enter; p goes back to one at a time."

    def _edit(self, key: str) -> None:
        if key == "escape":
            self.mode = ONE
        elif key != "enter":
            self.line.press(key)
        else:
            try:
                fixed = from_line(self.line.text, self.shown[0], self.gate)
            except SkillError as wrong:
                self.message = str(wrong)
                return
            self.mode = ONE
            same = fixed == self.shown[0]
            self._decide([(self.shown[0], ACCEPT if same else FIX)], None if same else fixed)

    def _decide(self, rows: list[tuple[Case, str]], fixed: Case | None = None) -> None:
        if not rows:
            return
        now = self.clock()
        self._steps.append((len(rows), self.state.seconds))
        self.state.decide(rows, now - self._since, fixed)
        self._since = now
        self._at += len(rows)

    def _undo(self) -> None:
        if not self._steps:
            self.message = "There is nothing to take back in this sitting."
            return
        count, seconds = self._steps.pop()
        self._at -= count
        self.state.undo(count, seconds)
        self._since = self.clock()
        self.message = f"Taken back: {count} row{'' if count == 1 else 's'}."
