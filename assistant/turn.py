"""The values that flow through one turn, and their JSON form. Frozen; units are in the field names.

Audio -> Transcript -> Decision -> Reply; a Turn holds all of it and is what the diary keeps.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from assistant.skill import Call, PartOfDay

Tier = Literal["taught", "shipped", "learned", "examples", "larger", "ask", "decline"]
"""Who decided: a taught phrase, the shipped skill model, the one that was learned beside it, the nearest examples of
skills that the first was not trained on, the household's larger model, nobody yet (a question), nobody (declined)."""


class Frozen(BaseModel):
    """A value: immutable, strict about its fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class Transcript(Frozen):
    """What was heard, or typed."""

    text: str
    language: str = "en"
    confidence: float = 1.0
    """0..1, the recognizer's own; 1 for typed text."""
    seconds: float = 0.0
    """Length of the sound; 0 for typed text."""
    others: tuple[str, ...] = ()
    """What the recognizer might have heard instead, the likeliest first."""
    over: float | None = None
    """0..1, how likely nothing follows these words; None where nobody can tell."""


class Candidate(Frozen):
    """A call that might have been meant."""

    call: str
    """The call language: `set_timer(duration="five minutes")`."""
    probability: float
    """0..1, of the skill, as model and examples hold it: not calibrated as `Decision.confidence` is, and those of one
    sentence need not add up. Of a call that was declined as unsure (the first one then), its confidence."""


class Decision(Frozen):
    """What the words mean: one call, how sure, and what else it might have been."""

    skill: str
    """The skill's name; "none" when this was not for us."""
    words: dict[str, str] = Field(default_factory=dict)
    """Argument -> the words pointed at, as they stand in the transcript (the choice, for closed arguments)."""
    args: dict[str, Any] = Field(default_factory=dict)
    """Argument -> the value read from the words, JSON-ready: seconds, ISO 8601, numbers, text."""
    confidence: float = 0.0
    """0..1, calibrated: the share of such decisions that are right."""
    runner_ups: tuple[Candidate, ...] = ()
    tier: Tier = "decline"
    ms: float = 0.0
    question: str = ""
    """What to ask back, when an argument is missing or cannot be read, or the call is unsure."""
    asks_for: str = ""
    """The argument that the question is about; "" where a yes is all it wants."""
    heard: str = ""
    """The runner-up transcript that was believed; "" where it was the first."""

    @property
    def call(self) -> Call:
        """The call, in words."""
        return Call(self.skill, self.words)


class Reply(Frozen):
    """What is said, and whether the thing was done."""

    text: str
    ok: bool = True
    """False when the turn failed for a reason that `text` says."""
    question: bool = False
    """True when an answer is expected."""
    asks_for: str = ""
    """The argument that the answer fills, if the question is for one."""


class Turn(Frozen):
    """Everything about one turn; a row of the diary."""

    id: str
    at: dt.datetime
    transcript: Transcript
    decision: Decision
    reply: Reply
    ms: dict[str, float] = Field(default_factory=dict)
    """Stage -> milliseconds: hear, decide, act, speak."""
    models: dict[str, str] = Field(default_factory=dict)
    """Role -> checksum of the model file: listening, skill, learned, larger."""
    prompt_hash: str = ""
    skills_hash: str = ""
    label: str = ""
    """The right call, once a person has said so; "" until then."""


def to_json(value: Any) -> Any:
    """A reader's value as JSON: durations in seconds, times and dates in ISO 8601, whole numbers without a point."""
    if isinstance(value, dt.timedelta):
        return to_json(value.total_seconds())
    if isinstance(value, PartOfDay):
        if not value.name:
            return value.date.isoformat()
        return dt.datetime.combine(value.date, dt.time(value.start % 24)).isoformat()
    if isinstance(value, (dt.datetime, dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def args_to_json(values: Mapping[str, Any]) -> dict[str, Any]:
    """Every argument's value, JSON-ready."""
    return {name: to_json(value) for name, value in values.items()}
