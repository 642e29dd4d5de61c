"""What a skill model's file says of itself: the skills that it knows, and what its probabilities are worth."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from assistant import odds
from assistant.seconded import Opinion


@dataclass(frozen=True, slots=True)
class Calibration:
    """From the product of probabilities to the share that is right: `sigmoid(slope * logit(p) + shift)`.

    Fitted on held-out rows when a model is exported, kept in the file (Platt 1999).
    """

    slope: float = 1.0
    shift: float = 0.0

    def __call__(self, probability: float) -> float:
        """0..1 to 0..1, rising."""
        return odds.probability(self.slope * odds.log_odds(probability) + self.shift)


@dataclass(frozen=True, slots=True)
class Notes:
    """What the file says of itself."""

    trained: frozenset[str] = frozenset()
    """The skills it was trained on."""
    own: frozenset[str] = frozenset()
    """Of a learned model: the skills that it decides about."""
    of_skill: Calibration = Calibration()
    of_call: Calibration = Calibration()
    second: Opinion | None = None
    """How its doubts are settled by the examples of skills; None for not at all."""

    @classmethod
    def of(cls, notes: Mapping[str, str]) -> Notes:
        """Read from a file's metadata."""
        trained, curves = json.loads(notes["hark.skills"]), json.loads(notes["hark.calibration"])
        own = json.loads(notes.get("hark.learned") or "[]")
        second = Opinion(**json.loads(notes["hark.second"])) if notes.get("hark.second") else None
        skill, call = Calibration(*curves["skill"]), Calibration(*curves["call"])
        return cls(frozenset(trained), frozenset(own), skill, call, second)
