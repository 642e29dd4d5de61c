"""The sentences of a report: what the figures say, in words, with n and interval."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from assistant.commands.frame import so_many
from evals.answers import UNPARSABLE, Answer
from evals.intervals import Share
from evals.report.charts import percent
from evals.report.page import Headline
from evals.runs import Evidence

Json = Mapping[str, Any]
ASKED_IN_VAIN = "a question where nobody asked"
CALLED_IN_VAIN = "called though nobody asked"
NO_CALL = "what was written is no call"
NOT_ANSWERED = "not answered"
QUESTION = "asked back"
WRONG_SKILL = "wrong skill"
WRONG_WORDS = "wrong words"


def kind_of(answer: Answer) -> str:
    """Which kind of wrong an answer is, in words; "" where it is right."""
    if answer.failed or answer.right:
        return ""
    if answer.skill == UNPARSABLE:
        return NO_CALL
    if not answer.wants_call and not answer.skill_right:
        return CALLED_IN_VAIN if answer.false_call else ASKED_IN_VAIN
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
    counted = [one for one in evidence if one.kind == kind and one.case.skill and not one.failed]
    did, only = _done(counted)
    sentence = (
        f"Hark {did} for {right.right:,} of {right.n:,} {what} in {name}: {percent(right.value)}, and with 95% "
        f"confidence between {percent(right.low)} and {percent(right.high)}.{only}"
    )
    return Headline(percent(right.value), sentence, _notes(meta, evidence, counted))


def _done(counted: Sequence[Evidence]) -> tuple[str, str]:
    """What being right means for these cases, and what must be said of it where it is not the same for all."""
    known = [one for one in counted if one.case.args_known]
    if not any(one.wants_call for one in known):
        return "picked the right skill", ""
    if len(known) == len(counted):
        return "made the whole right call", ""
    right, others = sum(one.right for one in known), len(counted) - len(known)
    return "was right", f" {right:,} of them are whole calls; of {others:,} cases the skill alone is known."


def heard_headline(meta: Mapping[str, Any], evidence: Sequence[Evidence], kind: str, error: Json) -> Headline:
    """The figure of a set whose sentences are only written down: its word error."""
    low, high, wrong = error["low"], error["high"], percent(error["value"])
    sure = "" if low is None else f", and with 95% confidence between {percent(low)} and {percent(high)}"
    sentence = (
        f"Of {error['words']:,} words in {error['n']:,} recordings of {meta.get('set', '?')}, {wrong} were heard "
        f"wrong, missed or made up{sure}."
    )
    heard = [one for one in evidence if one.kind == kind and one.heard is not None and one.case.text and not one.failed]
    return Headline(wrong, sentence, _notes(meta, evidence, heard))


def empty_headline(meta: Mapping[str, Any], evidence: Sequence[Evidence]) -> Headline:
    """For a run of which nothing can be counted."""
    return Headline("–", f"Nothing of {meta.get('set', '?')} could be scored.", _notes(meta, evidence, ()))


def _notes(meta: Mapping[str, Any], evidence: Sequence[Evidence], counted: Sequence[Evidence]) -> list[str]:
    """`counted`: what the figure is of; () where there is none."""
    failed = sum(bool(one.failed) for one in evidence)
    scored = f"{failed:,} of {len(evidence):,} could not be scored and count neither way." if failed else ""
    stopped = ""
    if meta.get("status") != "done":
        stopped = f"This run is {meta.get('status')}: {len(evidence):,} of its {meta.get('n', '?')} cases ran."
    clustered = _clustered(len(counted), len({one.group for one in counted})) if counted else ""
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
