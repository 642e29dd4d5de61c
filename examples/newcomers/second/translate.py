"""Translate: a phrase in another language."""

from __future__ import annotations

from typing import Literal

from assistant.skill import Context, skill


@skill(
    examples=[
        "translate [good morning](phrase) into [spanish](language=spanish)",
        "how do you say [thank you](phrase) in [french](language=french)",
        "what is [butterfly](phrase) in [german](language=german)",
        "say [where is the station](phrase) in [italian](language=italian)",
        "translate [i am hungry](phrase) to [japanese](language=japanese)",
        "what is the [french](language=french) word for [bread](phrase)",
        "[see you tomorrow](phrase) in [spanish](language=spanish) please",
        "how would i say [the bill please](phrase) in [german](language=german)",
        "give me the [italian](language=italian) for [spoon](phrase)",
        "put [happy birthday](phrase) into [japanese](language=japanese)",
    ]
)
def translate(
    _context: Context, *, phrase: str, language: Literal["spanish", "french", "german", "italian", "japanese"]
) -> str:
    """Translate a word or phrase into another language."""
    return f"I would say {phrase} in {language.capitalize()}."
