"""The sentences of a report: what the figures say, in words, with n and interval."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from assistant.commands.frame import so_many
from evals.answers import Answer
from evals.intervals import Share
from evals.report.charts import percent
from evals.report.page import Headline
from evals.runs import Evidence

Json = Mapping[str, Any]
ASKED_IN_VAIN = "a question where nobody asked"
CALLED_IN_VAIN = "called though nobody asked"
NOT_ANSWERED = "not answered"
QUESTION = "asked back"
WRONG_SKILL = "wrong skill"
WRONG_WORDS = "wrong words"


def kind_of(answer: Answer) -> str:
    """Which kind of wrong an answer is, in words; "" where it is right."""
    if answer.failed or answer.right:
        return ""
    if not answer.wants_call:
        return CALLED_IN_VAIN if answer.called else ASKED_IN_VAIN
    if answer.refused:
        return NOT_ANSWERED
    if answer.skill_right:
        return WRONG_WORDS
    return QUESTION if answer.asked else WRONG_SKILL


def interval(share: Share) -> str:
    """95.0% to 98.6%, n 300."""
    return f"{percent(share.low)} to {percent(share.high)}, n\u00a0{share.n:,}"


KIND_WORDS = {"text": "the words", "voice": "synthetic voices", "sound": "recordings"}
"""How the words of a case came."""


def headline(meta: Mapping[str, Any], evidence: Sequence[Evidence], kind: str, right: Share) -> Headline:
    """The figure and its sentence; what the reader must know beside it follows as notes.

    Args:
        kind: which of the evidence the figure is of.
        right: how many are right.
    """
    name = str(meta.get("set", "?"))
    what = {"text": "sentences", "voice": "sentences that a synthetic voice spoke", "sound": "recordings"}[kind]
    whole = any(one.case.args_known and one.wants_call for one in evidence)
    did = "made the whole right call" if whole else "picked the right skill"
    sentence = (
        f"Hark {did} for {right.right:,} of {right.n:,} {what} in {name}: {percent(right.value)}, and with 95% "
        f"confidence between {percent(right.low)} and {percent(right.high)}."
    )
    return Headline(percent(right.value), sentence, _notes(meta, evidence, kind))


def heard_headline(meta: Mapping[str, Any], evidence: Sequence[Evidence], kind: str, error: Json) -> Headline:
    """The figure of a set whose sentences are only written down: its word error."""
    low, high, wrong = error["low"], error["high"], percent(error["value"])
    sure = "" if low is None else f", and with 95% confidence between {percent(low)} and {percent(high)}"
    sentence = (
        f"Of {error['words']:,} words in {error['n']:,} recordings of {meta.get('set', '?')}, {wrong} were heard "
        f"wrong, missed or made up{sure}."
    )
    return Headline(wrong, sentence, _notes(meta, evidence, kind))


def empty_headline(meta: Mapping[str, Any], evidence: Sequence[Evidence], kind: str) -> Headline:
    """For a run of which nothing can be counted."""
    return Headline("–", f"Nothing of {meta.get('set', '?')} could be scored.", _notes(meta, evidence, kind))


def _notes(meta: Mapping[str, Any], evidence: Sequence[Evidence], kind: str) -> list[str]:
    failed = sum(bool(one.failed) for one in evidence)
    scored = f"{failed:,} of {len(evidence):,} could not be scored and count neither way." if failed else ""
    stopped = ""
    if meta.get("status") != "done":
        stopped = f"This run is {meta.get('status')}: {len(evidence):,} of its {meta.get('n', '?')} cases ran."
    counted = [one.group for one in evidence if one.kind == kind and not one.failed]
    clustered = _clustered(len(counted), len(set(counted)))
    made = f"Run {meta.get('name')}, {day(meta.get('started'))}."
    return [" ".join(part for part in (stopped, scored, clustered, made) if part)]


def _clustered(cases: int, groups: int) -> str:
    """What the interval counts."""
    if groups == cases:
        return "Each case is a group of its own, so the interval counts single cases."
    return f"The interval counts {so_many(groups, 'group')} of paraphrases, not single cases."


def day(moment: Any) -> str:
    """An ISO 8601 moment as a person writes it; what is none, as it is."""
    try:
        return f"{dt.datetime.fromisoformat(str(moment)):%d %B %Y, %H:%M} UTC"
    except ValueError:
        return str(moment)


def took(meta: Mapping[str, Any]) -> str:
    """How long the run was, from its start to its end; "" while that is not known."""
    try:
        begun, ended = (dt.datetime.fromisoformat(str(meta[key])) for key in ("started", "finished"))
    except (KeyError, ValueError):
        return ""
    seconds = round((ended - begun).total_seconds())
    return f"{seconds // 60} min {seconds % 60} s" if seconds >= 60 else f"{seconds} s"
