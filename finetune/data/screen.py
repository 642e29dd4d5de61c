"""The review screen: draws a sitting on a terminal of any width from 30 columns, and feeds it the keys."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from evals.cases import Case, stands_in
from finetune.data.sitting import EDIT, PAGE, Sitting
from finetune.data.terminal import keys, raw

_STYLES = ("bold underline cyan", "bold underline magenta", "bold underline yellow", "bold underline green")
"""Of the arguments; underlined, so that a terminal without colours shows them too."""
_KEYS = {
    "one": (("a", "good"), ("r", "bad"), ("f", "fix"), ("s", "skip"), ("u", "undo"), ("p", "page"), ("q", "quit")),
    PAGE: (
        ("1 2 ...", "the bad ones"),
        ("enter", "all others good"),
        ("u", "undo"),
        ("p", "one by one"),
        ("q", "quit"),
    ),
    EDIT: (("enter", "done"), ("esc", "leave it")),
}
_MOST_ROWS = 30
_NUMBER = 2
"""Columns of a row's number."""
_HARD_SPACE = "\u00a0"
_CHROME = 6
"""Lines of a page that are no rows."""


def marked(case: Case) -> Text:
    """The sentence, the words of its arguments marked."""
    text = Text(case.text)
    for at, words in enumerate(case.words.values()):
        if stands_in(words, case.text):
            match = re.search(rf"(?<!\w){re.escape(words)}(?!\w)", case.text)
            start = match.start() if match else case.text.find(words)
            text.stylize(_STYLES[at % len(_STYLES)], start, start + len(words))
    return text


def _call(case: Case) -> Text:
    """The call, each argument in the colour of its words."""
    text = Text(case.skill, style="bold")
    text.append("(", style="dim")
    for at, (name, words) in enumerate(case.words.items()):
        text.append(f"{', ' if at else ''}{name}=", style="dim")
        text.append(words, style=_STYLES[at % len(_STYLES)])
    text.append(")", style="dim")
    if not case.args_known:
        text.append(" arguments not known", style="dim")
    return text


def _row(case: Case, out: bool) -> Text:
    line = marked(case)
    line.append("  ")
    line.append_text(_call(case))
    if out:
        line.stylize("strike dim")
        line.append("  bad", style="bold red")
    return line


def _table(rows: Sequence[Case], out: frozenset[int]) -> Table:
    """A page: numbers on the left, what wraps stands under its own row."""
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(justify="right", width=_NUMBER)
    table.add_column()
    for at, case in enumerate(rows, 1):
        table.add_row(Text(str(at), style="bold red" if at in out else "dim"), _row(case, at in out))
    return table


class Screen:
    """Draws on a console."""

    def __init__(self, sitting: Sitting, title: str, console: Console) -> None:
        self._sitting, self._title, self._console = sitting, title, console

    def draw(self) -> None:
        """The whole screen, written at once so that it does not flicker."""
        console = self._console
        if self._sitting.mode == PAGE:
            self._sitting.page = self._fitting()
        with console.capture() as captured:
            console.print(self._whole(), end="")
        lines = captured.get().rstrip("\n").split("\n")[: console.size.height]
        console.file.write("\x1b[H" + "\x1b[K\r\n".join(lines) + "\x1b[K\x1b[J")
        console.file.flush()

    def _fitting(self) -> int:
        """How many rows of a page there is room for."""
        sitting, room = self._sitting, self._console.size.height - _CHROME - 2 * (self._console.width < 60)
        sitting.page = _MOST_ROWS
        used = count = 0
        for at, case in enumerate(sitting.shown, 1):
            used += len(_row(case, True).wrap(self._console, self._console.width - _NUMBER - 1))
            if used > room and count:
                break
            count = at
        return max(1, count)

    def _whole(self) -> RenderableType:
        return Group(self._head(), Rule(style="dim"), *self._middle(), *self._foot())

    def _head(self) -> Text:
        sitting, state = self._sitting, self._sitting.state
        rate = f" · {state.per_minute:.0f} a minute" if state.looked_at > 1 else ""
        narrow = self._console.width < 60
        title = "" if narrow else f"{self._title} · "
        head = Text(f"{title}{state.looked_at} done · {sitting.left} left{rate}", no_wrap=True, overflow="ellipsis")
        head.stylize("bold")
        return head

    def _middle(self) -> Iterator[RenderableType]:
        sitting = self._sitting
        if not sitting.shown:
            yield Padding(Text("Every row has been looked at."), (1, 2))
        elif sitting.mode == PAGE:
            out = sitting.excluded()
            yield _table(sitting.shown, out)
            yield Text(f"bad: {sitting.line.text}_")
        elif sitting.mode == EDIT:
            yield Padding(self._edited(), (1, 0))
        else:
            case = sitting.shown[0]
            yield Padding(marked(case), (1, 2))
            yield Padding(_call(case), (0, 2, 1, 2))
            yield Text(self._source(case), style="dim")

    def _edited(self) -> Text:
        line = self._sitting.line
        text = Text(f"{line.text} ")
        text.stylize("reverse", line.at, line.at + 1)
        return text

    def _source(self, case: Case) -> str:
        share = self._sitting.state.share(case.source)
        if not share.n:
            return case.source
        return f"{case.source}: good as it was {share}"

    def _foot(self) -> Iterator[RenderableType]:
        yield Text(self._sitting.message or " ", style="bold red")
        text = Text()
        for key, does in _KEYS.get(self._sitting.mode, _KEYS["one"]):
            # A key and what it does stay on one line.
            text.append(key.replace(" ", _HARD_SPACE), style="bold")
            text.append(f" {does}".replace(" ", _HARD_SPACE) + "  ", style="dim")
        yield text


def sit(sitting: Sitting, folder: Path) -> None:
    """Review until the person quits or the terminal goes; the terminal is left as it was found."""
    console = Console(file=sys.stdout, highlight=False)
    screen = Screen(sitting, folder.name, console)

    with contextlib.ExitStack() as last:
        wakes = last.enter_context(_woken_by_resizing())
        last.enter_context(raw(sys.stdin.fileno()))
        console.set_alt_screen(True)
        last.callback(console.set_alt_screen, False)
        last.callback(console.clear)  # a terminal that has one screen only goes on with an empty one
        console.show_cursor(False)
        last.callback(console.show_cursor, True)
        screen.draw()
        for key in keys(sys.stdin.fileno(), wakes):
            if key != "redraw" and not sitting.press(key):
                return
            screen.draw()


@contextlib.contextmanager
def _woken_by_resizing() -> Iterator[int]:
    """A descriptor that can be read when the terminal has another size. Being told to end is as Ctrl-C meanwhile."""
    reads, writes = os.pipe()
    os.set_blocking(writes, False)
    wanted = {signal.SIGWINCH: _go_on, signal.SIGTERM: _end, signal.SIGHUP: _end}
    before = {number: signal.signal(number, handler) for number, handler in wanted.items()}
    woken_before = signal.set_wakeup_fd(writes)
    try:
        yield reads
    finally:
        signal.set_wakeup_fd(woken_before)
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(reads)
        os.close(writes)


def _go_on(_signal: int, _frame: FrameType | None) -> None:
    """The wake-up through the descriptor is all that is wanted."""


def _end(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
