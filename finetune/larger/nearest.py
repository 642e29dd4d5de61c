"""The examples that a larger model is shown with a transcript, as `assistant.decide.Decider` chooses them."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.decide import SHOWN
from assistant.nearest import Examples
from assistant.prompt import plain, write_call
from assistant.skill import Skill


class NearestExamples:
    """For one set of skills. A test holds it against what the Decider gives its larger model."""

    def __init__(self, skills: Sequence[Skill]) -> None:
        self._skills = {skill.name: skill for skill in skills}
        self._examples = Examples(skills)

    def __call__(self, plain_text: str) -> list[tuple[str, str]]:
        """(plain text, call as written), the likest last."""
        found = []
        for match in self._examples.best(plain_text, most=SHOWN):
            skill = self._skills[match.call.skill]
            own = next(example.call for example in skill.examples if plain(example.text) == match.said)
            found.append((match.said, write_call(own, skill, match.said)))
        return found[::-1]
