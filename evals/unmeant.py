"""What the always-on loop makes of sound that is not meant for it: texts, calls, questions, wakes, each with its cause.

The whole loop, as fast as it goes: voice activity, wake word, end of speech, recognizer, `decide`. Only the last step
is left out: where a skill would start, the call is counted instead. What our own processes take is read on the way,
because hours of it are also how one sees whether anything grows.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from assistant.audio import RATE_HZ, Audio
from assistant.core import Assistant, Considered, Response
from assistant.ears.loop import Event, How, Loop
from assistant.ears.measure import frames_of
from assistant.ears.mouth import Mouth
from assistant.ears.senses import Senses
from assistant.ears.size import WINDOW, Growth, Size, from_a_tenth, size
from assistant.ears.sources import FRAME_S
from assistant.turn import Reply, Turn
from evals.intervals import Rate, rate_of
from evals.unmeant_sounds import KINDS, Kind, Piece

What = Literal["wake", "text", "question", "call"]
WHATS: tuple[What, ...] = ("wake", "text", "question", "call")


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that the loop made of it."""

    what: What
    kind: Kind
    piece: str
    at_s: float
    """From the beginning."""
    text: str = ""
    skill: str = ""
    confidence: float = 0.0
    heard: float = 0.0
    """The recognizer's own confidence."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece that has passed."""

    kind: Kind
    seconds: float
    size: Size


class Account:
    """What came of it so far."""

    def __init__(self) -> None:
        self.happenings: list[Happening] = []
        self._hours: dict[Kind, float] = dict.fromkeys(KINDS, 0.0)
        self._sizes: list[Size] = []

    def take(self, one: Happening | Passage) -> None:
        """Count it."""
        if isinstance(one, Happening):
            self.happenings.append(one)
            return
        self._hours[one.kind] += one.seconds / 3600
        self._sizes.append(one.size)

    def rate(self, what: What, kind: Kind | None = None) -> Rate:
        """Per hour of a kind of sound, or of all of it."""
        count = sum(one.what == what and kind in (None, one.kind) for one in self.happenings)
        return rate_of(count, sum(hours for each, hours in self._hours.items() if kind in (None, each)))

    @property
    def growth(self) -> Growth | None:
        """What our processes took from a tenth of it to its end; None where less than that has passed."""
        return from_a_tenth(self._sizes) if len(self._sizes) >= 10 * WINDOW else None

    def to_json(self) -> dict[str, Any]:
        """{"rates": {"all", "noise" ...: {"wake" ...: rate}}, "growth"}"""
        names: tuple[Kind | None, ...] = (None, *KINDS)
        rates = {kind or "all": {what: self.rate(what, kind).to_json() for what in WHATS} for kind in names}
        grown = self.growth
        return {"rates": rates, "growth": None if grown is None else asdict(grown) | {"share": grown.share}}


class _Observed(Assistant):
    """Does nothing of what it was told; tells what it would have done."""

    told: Callable[[What, Considered], None]

    def conclude(self, considered: Considered, *, quiet: bool = False, sound: Audio | None = None) -> Response:
        decision = considered.decision
        self.told("text", considered)
        if decision.skill != "none" and decision.tier != "decline":
            self.told("question" if decision.question or decision.tier == "ask" else "call", considered)
        turn = Turn(
            id=secrets.token_hex(6),
            at=self.settings.now(),
            transcript=considered.transcript,
            decision=decision,
            reply=Reply(text="", ok=not quiet and sound is not None),
        )
        return Response(turn)


def listen(
    assistant: Assistant, senses: Senses, sound: Iterable[Piece], tell: Callable[[Happening | Passage], None]
) -> None:
    """Play it all to the loop; whatever happens is told as it happens, and each piece when it has passed."""
    observed = _Observed(assistant.settings, assistant.skills, assistant.database, assistant.parts)
    now: dict[str, Any] = {"piece": None}

    def happened(what: What, considered: Considered | None = None) -> None:
        piece, at_s = now["piece"], loop.listener.now * FRAME_S
        if considered is None:
            tell(Happening(what, piece.kind, piece.name, at_s))
            return
        heard, decision = considered.transcript, considered.decision
        about = (heard.text, decision.skill, decision.confidence, heard.confidence)
        tell(Happening(what, piece.kind, piece.name, at_s, *about))

    def take(event: Event) -> None:
        if event.kind == "awake" and not loop.listener.rules.always_on:
            happened("wake")

    def frames() -> Iterator[np.ndarray]:
        for piece in sound:
            now["piece"] = piece
            yield from frames_of(piece.samples)
            tell(Passage(piece.kind, len(piece.samples) / RATE_HZ, size()))

    observed.told = happened
    loop = Loop(observed, senses, Mouth(), How(lockstep=True), take)
    loop.run(frames())
