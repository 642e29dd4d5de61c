"""From the evidence of a run to its figures. Nothing is run here: an old run can be scored again.

The score is one JSON object:

    {"set", "n", "kinds": {"text" | "voice" | "sound": FIGURES}, "loss": {"voice" | "sound": LOSS}}

A figure is {"value", "n", "low", "high"}, a share also has "right" (how many); low and high are its 95 % interval,
clustered by paraphrase group; null where the cases are too few, or too alike, to tell. What could not be scored is
counted by itself and is in no other figure.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from evals.answers import NONE, Answer, Argument
from evals.intervals import Clusters, quantile, share_of
from evals.metrics import share
from evals.reliability import Confident, reliability
from evals.runs import Evidence, Run
from evals.scoring_sound import SAYS, details, loss, word_error

KINDS = ("text", "voice", "sound")
Json = dict[str, Any]


class Shown(NamedTuple):
    """A figure with its interval."""

    value: float
    low: float
    high: float
    n: int


Kinds = Mapping[str, Mapping[str, str]]
"""Skill -> argument -> its kind."""


def score(run: Run) -> Json:
    """Score a run's evidence, and keep the score beside it. Raises SkillError, OSError."""
    found = score_evidence(run.evidence(), run.meta.get("arguments") or {}, int(run.meta.get("seed") or 0))
    found = {"run": run.name, "set": run.meta.get("set", ""), **found}
    run.write_score(found)
    return found


def score_evidence(evidence: Sequence[Evidence], arguments: Kinds, seed: int = 0) -> Json:
    """All figures, by how the words came.

    Args:
        arguments: skill -> argument -> its kind.
        seed: of the draws that intervals come from.
    """
    by_kind = {kind: [one for one in evidence if one.kind == kind] for kind in KINDS}
    return {
        "n": len(evidence),
        "kinds": {kind: figures(mine, arguments, seed) for kind, mine in by_kind.items() if mine},
        "loss": {kind: loss(by_kind["text"], mine, seed) for kind, mine in by_kind.items() if mine and kind != "text"},
    }


HEADLINE = (
    "right", "skill_right", "call_right", "missed_calls", "false_declines", "wrong_calls", "questions", "false_calls",
)  # fmt: skip
"""The shares that a list of runs shows."""


def headline(found: Mapping[str, Any]) -> dict[str, Shown | float]:
    """The few figures of a score that runs are told apart by: "text.skill_right", "voice.word_error" ..."""
    rows: dict[str, Mapping[str, Any]] = {}
    for kind, mine in found["kinds"].items():
        rows |= {f"{kind}.{name}": mine[name] for name in HEADLINE}
        rows |= {f"{kind}.out_of_scope": mine["out_of_scope"]["declined"], f"{kind}.chatter": mine["chatter"]["called"]}
        if mine["word_error"]:
            rows[f"{kind}.word_error"] = mine["word_error"]
        if mine["calibration"]["call"]["n"]:
            rows[f"{kind}.calibration_error"] = mine["calibration"]["call"]["ece_equal_mass"]
        rows |= {f"{kind}.{stage}_ms": times["median"] for stage, times in mine["ms"].items()}
    return {
        name: float(row["value"]) if row["low"] is None else Shown(row["value"], row["low"], row["high"], row["n"])
        for name, row in rows.items()
        if row["n"]
    }


def figures(evidence: Sequence[Evidence], arguments: Kinds, seed: int = 0) -> Json:
    """The figures of one kind.

    right: the whole call, or the skill where only that is known. For sentences that ask for something: missed_calls
    (none() or declined), of them false_declines (somebody knew the right skill and was not sure enough), wrong_calls,
    and questions (one went back instead of a call). For sentences that are for nobody: false_calls and
    false_questions, and apart from each other out_of_scope (a request no skill serves) and chatter. What is no call at
    all (UNPARSABLE) is wrong and in none of these.
    """
    decided = [one for one in evidence if one.case.skill]
    scored = [one for one in decided if not one.failed]
    asks = [one for one in scored if one.wants_call]
    nobody = [one for one in scored if not one.wants_call]
    return {
        "n": len(evidence),
        "unscored": _unscored(evidence),
        **_rights(scored),
        "missed_calls": share(asks, lambda a: a.refused).to_json(),
        "false_declines": share(asks, lambda a: a.refused and a.tier == "decline").to_json(),
        "wrong_calls": share(asks, lambda a: a.called and not a.skill_right).to_json(),
        "questions": share(asks, lambda a: a.asked).to_json(),
        "false_calls": share(nobody, lambda a: a.false_call).to_json(),
        "false_questions": share(nobody, lambda a: a.asked).to_json(),
        "out_of_scope": _nobody([one for one in nobody if not one.is_chatter]),
        "chatter": _nobody([one for one in nobody if one.is_chatter]),
        "arguments": _by_argument(scored, lambda skill, name: f"{skill}.{name}"),
        "argument_types": _by_argument(scored, lambda skill, name: arguments.get(skill, {}).get(name, "unknown")),
        "calibration": _calibration(scored, seed),
        "word_error": word_error(evidence, seed),
        "details": details(evidence),
        "ms": _times(evidence, seed),
        "by": {name: _by(decided, names) for name, names in _CUTS.items()},
        "confusion": _confusion(scored),
    }


def _rights(answers: Sequence[Answer]) -> Json:
    known = [one for one in answers if one.case.args_known]
    return {
        "right": share(answers, lambda a: a.right).to_json(),
        "skill_right": share(answers, lambda a: a.skill_right).to_json(),
        "call_right": share(known, lambda a: a.call_right).to_json(),
    }


def _unscored(evidence: Sequence[Evidence]) -> Json:
    why = Counter(one.failed for one in evidence if one.failed)
    return {"n": why.total(), "of": len(evidence), "why": dict(why.most_common(20))}


def _nobody(answers: Sequence[Answer]) -> Json:
    """Of sentences for nobody: how many were let be, and how many were answered by a call."""
    return {
        "declined": share(answers, lambda a: a.refused).to_json(),
        "called": share(answers, lambda a: a.false_call).to_json(),
    }


# --- arguments -------------------------------------------------------------------------------------------------------


def _by_argument(answers: Iterable[Answer], named: Callable[[str, str], str]) -> Json:
    """Each argument, over cases whose skill is right and whose arguments are known.

    recall: of those wanted, how many were given with the right value; precision: of those given, how many were;
    right: of the cases that have it wanted or given, how many have it right.
    """
    found: dict[str, list[tuple[Argument, str]]] = defaultdict(list)
    for answer in answers:
        if answer.case.args_known and answer.skill_right:
            for argument in answer.arguments():
                found[named(answer.skill, argument.name)].append((argument, answer.group))
    return {
        name: {
            "right": _argument_share(mine),
            "recall": _argument_share([one for one in mine if one[0].wanted]),
            "precision": _argument_share([one for one in mine if one[0].given]),
        }
        for name, mine in sorted(found.items())
    }


def _argument_share(rows: Sequence[tuple[Argument, str]]) -> Json:
    return share_of([argument.right for argument, _ in rows], [group for _, group in rows]).to_json()


# --- confidence and time ---------------------------------------------------------------------------------------------


def _calibration(answers: Sequence[Answer], seed: int) -> Json:
    """The confidence held against the whole call (what it is meant to say), and against the skill alone."""
    known = [one for one in answers if one.case.args_known]
    return {
        name: reliability(
            Confident.of([one.confidence for one in mine], [right(one) for one in mine], [one.group for one in mine]),
            seed,
        )
        for name, mine, right in (("call", known, _call_right), ("skill", answers, _skill_right))
    }


def _call_right(answer: Answer) -> bool:
    return answer.call_right


def _skill_right(answer: Answer) -> bool:
    return answer.skill_right


def _times(evidence: Sequence[Evidence], seed: int) -> Json:
    """Stage -> {"median", "p95"}, in milliseconds."""
    by_stage: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for one in evidence:
        for stage, ms in () if one.failed else one.ms.items():
            by_stage[stage].append((ms, one.group))
    found = {}
    for stage, rows in sorted(by_stage.items()):
        times, clusters = [ms for ms, _ in rows], Clusters([group for _, group in rows], seed=seed)
        found[stage] = {
            "median": clusters.statistic(quantile(times, 0.5)).to_json(),
            "p95": clusters.statistic(quantile(times, 0.95)).to_json(),
        }
    return found


# --- cuts ------------------------------------------------------------------------------------------------------------


def _conditions(evidence: Evidence) -> tuple[str, ...]:
    if evidence.kind != "voice":
        return ()
    noise = "quiet" if evidence.snr_db is None else f"{evidence.snr_db:g} dB"
    return (f"{evidence.voice}, {noise}", noise)


_CUTS: Mapping[str, Callable[[Evidence], Sequence[str]]] = {
    "skill": lambda one: (one.case.skill,),
    "family": lambda one: (one.case.family,),
    "tag": lambda one: [tag for tag in one.case.tags if not tag.startswith(SAYS)],
    "source": lambda one: (one.case.source,) if one.case.source else (),
    "tier": lambda one: (one.case.tier,) if one.case.tier else (),
    "condition": _conditions,
}
"""Cut -> the names a case has under it."""


def _by(evidence: Sequence[Evidence], names: Callable[[Evidence], Sequence[str]]) -> Json:
    """Name -> {"n", "unscored", "right", "skill_right", "call_right"}."""
    cut: dict[str, list[Evidence]] = defaultdict(list)
    for one in evidence:
        for name in names(one):
            cut[name].append(one)
    return {
        name: {"n": len(mine), "unscored": sum(bool(one.failed) for one in mine)}
        | _rights([one for one in mine if not one.failed])
        for name, mine in sorted(cut.items())
    }


def _confusion(answers: Sequence[Answer]) -> Json:
    """Wanted skill -> decided skill -> how many; of several acceptable skills the one that was decided."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for answer in answers:
        found[answer.skill if answer.skill_right else answer.case.skill][answer.skill or NONE] += 1
    return {wanted: dict(sorted(given.items())) for wanted, given in sorted(found.items())}
