"""The worst errors, the most confident first: what was said, wanted and got, and the sound where there is one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from assistant.prompt import read_call
from evals.answers import NONE
from evals.report.charts import percent
from evals.report.figures import Seen
from evals.report.page import Mistake, Part, Section, ShownCall, Table
from evals.report.sounds import Sounds
from evals.report.text import KIND_WORDS, kind_of
from evals.runs import Evidence
from evals.scoring_sound import word_errors

SCORES = (
    " What stands after “or” was weighed, too; a score, 0 to 1, is what the model and the examples make of that skill: "
    "not calibrated as the confidence is, and those of one sentence need not add up."
)
SHOWN = 90
"""So many errors are on the page; a person reads no more, and the evidence holds them all."""
TIERS = {
    "taught": "a taught phrase",
    "shipped": "skill model",
    "learned": "learned model",
    "examples": "nearest examples",
    "larger": "larger model",
    "ask": "asked back",
    "decline": "declined",
}


def worst(seen: Seen, sounds: Sounds) -> Section | None:
    """The errors as cards; None where nothing was decided or heard."""
    counted = [one for one in seen.evidence if not one.failed]
    wrong = [one for one in counted if one.case.skill and not one.right]
    wrong.sort(key=lambda one: -one.confidence)
    cards = [_card(one, sounds) for one in wrong[:SHOWN]]
    if not any(one.case.skill for one in counted):
        return _misheard([one for one in counted if one.heard is not None and one.case.text], sounds)
    lead = "None." if not wrong else f"All {len(wrong):,}, those it was surest of first."
    if len(wrong) > SHOWN:
        lead = f"The {SHOWN} it was surest of, of {len(wrong):,}; evidence.jsonl in the folder of the run has all."
    lead += SCORES if any(card.others for card in cards) else ""
    return Section("errors", "The worst errors", lead, mistakes=cards)


def _misheard(heard: Sequence[Evidence], sounds: Sounds) -> Section | None:
    """Of a set that is only written down: the recordings with the most words wrong; None for no recording."""
    if not heard:
        return None
    counts = [(one, *word_errors(one.case.text, one.heard or "")) for one in heard]
    wrong = sorted((row for row in counts if row[1]), key=lambda row: -row[1] / max(1, row[2]))
    cards = [
        Mistake(
            one.case.text, (), None, f"{errors} of {words} words", heard=one.heard or "…", sound=sounds.address(one)
        )
        for one, errors, words in wrong[:SHOWN]
    ]
    return Section("errors", "Heard worst", f"{len(wrong):,} of {len(heard):,} have a word wrong.", mistakes=cards)


def _card(one: Evidence, sounds: Sounds) -> Mistake:
    likeness = {argument.name: argument.right for argument in one.arguments()}
    wanted = [_shown(call, likeness if call["skill"] == one.skill else {}) for call in one.calls]
    tier = TIERS.get(one.tier, one.tier)
    noise = "" if one.snr_db is None else f"noise at {one.snr_db:g} dB"
    how = [] if one.kind == "text" else [KIND_WORDS[one.kind], one.voice, noise]
    tags = [tag for tag in one.case.tags if not tag.startswith(("voice:", "snr:"))]
    return Mistake(
        said=one.case.text or "(a recording whose words are not known)",
        wanted=wanted,
        got=_shown({"skill": one.skill or NONE, "words": one.words}, likeness),
        kind=kind_of(one),
        sure=f"{percent(one.confidence, 0)} sure{', ' + tier if tier else ''}",
        heard=one.heard if one.heard is not None and one.heard != one.case.text else "",
        others=_others(one),
        sound=sounds.address(one),
        tags=", ".join(part for part in (*how, *tags) if part),
    )


def _others(one: Evidence) -> list[str]:
    """What else was weighed. Of a call that was declined as unsure there is a confidence; of others a score alone."""
    declined = one.tier == "decline"
    return [
        f"{_as_said(str(other['call']))} "
        + (f"{percent(chance, 0)} sure, declined" if declined and not at else f"score {chance:.2f}")
        for at, other in enumerate(one.runner_ups)
        for chance in (float(other["probability"]),)
    ]


def _as_said(call: str) -> str:
    """A call as it is said everywhere; evidence of older runs has the words as a model writes them."""
    if '="' in call:
        return call
    try:
        return str(read_call(call))
    except ValueError:
        return call


def _shown(call: Mapping[str, Any], likeness: Mapping[str, bool]) -> ShownCall:
    parts = [Part(f'{name}="{words}"', not likeness.get(name, True)) for name, words in call["words"].items()]
    return ShownCall(str(call["skill"]), parts)


def unscored(seen: Seen) -> Section | None:
    """What could not be scored, and why; None where all could."""
    rows = [(one.case.text or one.case.sound, one.failed) for one in seen.evidence if one.failed]
    if not rows:
        return None
    lead = f"{len(rows):,} of {len(seen.evidence):,}: neither right nor wrong, and in none of the figures."
    table = Table(("case", "why"), rows[:SHOWN], "" if len(rows) <= SHOWN else f"the first {SHOWN}", words=True)
    return Section("unscored", "Could not be scored", lead, tables=[table])
