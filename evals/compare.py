"""Two runs over the same cases: is the second better, worse, or can it not be told apart, and what would settle it?

Paired case by case, which takes the difficulty of the cases out: the exact test of McNemar over the cases that changed
sides; the same over whole paraphrase groups, because McNemar's test does not know that paraphrases go together; and the
difference drawn again over those groups. Better or worse is said only where all three agree.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import NormalDist
from typing import Any

import numpy as np

from assistant.commands.frame import UsageError, so_many
from assistant.skill import MissingPiece
from evals.answers import NONE
from evals.difference import Difference
from evals.intervals import share_of
from evals.runs import Evidence, Run, differences, listed

ALPHA, POWER = 0.05, 0.8
FEWEST = 6
"""Groups, without which there is no verdict: with five, even the most one-sided outcome has p = 2 / 2**5 > ALPHA."""
SMALLEST = 0.01
"""The difference that is asked for where none was seen: one point."""
RARELY = 0.01
"""The share of cases that is taken to change sides where none did."""
MEASURES: Mapping[str, Callable[[Evidence], bool]] = {
    "right": lambda one: one.right,
    "skill_right": lambda one: one.skill_right,
    "call_right": lambda one: one.call_right,
    "false_calls": lambda one: one.false_call,
}
"""What is compared; of the false calls, fewer are better."""
_COUNTED: Mapping[str, Callable[[Evidence], bool]] = {
    "right": lambda _: True,
    "skill_right": lambda _: True,
    "call_right": lambda one: one.case.args_known,
    "false_calls": lambda one: not one.wants_call,
}
SAID_APART = ("set", "set_sha256", "n", "learned", "from", "data", "limit")
"""What may differ between two runs and has a remark of its own, or says nothing of why one is better."""
Json = dict[str, Any]
Pair = tuple[Evidence, Evidence]


def mcnemar(gained: int, lost: int) -> float:
    """The two-sided p of McNemar's exact test: as many gained as lost, by chance? Raises MissingPiece."""
    try:
        from scipy.stats import binomtest
    except ImportError:
        raise MissingPiece("`hark eval compare` needs scipy; run `pip install 'hark[eval]'`") from None
    return float(binomtest(gained, gained + lost, 0.5).pvalue) if gained + lost else 1.0


def sign_flip(sums: Iterable[int]) -> float:
    """The two-sided p of the exact sign-flip test: so uneven a sum, if each group were as likely to go the other way?

    All 2**k outcomes are counted, not sampled; of groups of one case this is McNemar's exact test.

    Args:
        sums: of each group, gained minus lost.
    Source: Fisher 1935, section 21; whole clusters are exchanged, as in Gail, Mark, Carroll, Green and Pee 1996.
    """
    whole = list(sums)
    seen, reach = abs(sum(whole)), sum(abs(one) for one in whole)
    chances = np.zeros(reach + 1)  # of what the groups that go up come to
    chances[0] = 1.0
    for step in (abs(one) for one in whole if one):
        chances[step:], chances[:step] = (chances[step:] + chances[:-step]) / 2, chances[:step] / 2
    uneven = np.abs(2 * np.arange(reach + 1) - reach) >= seen
    return min(1.0, float(chances[uneven].sum()))


def holm(p_values: Sequence[float]) -> list[float]:
    """The p values corrected for how many there are, in the same order. Source: Holm 1979."""
    order = sorted(range(len(p_values)), key=lambda at: p_values[at])
    corrected, highest = [0.0] * len(p_values), 0.0
    for rank, at in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[at]))
        corrected[at] = highest
    return corrected


def cases_needed(difference: float, changing: float, effect: float = 1.0) -> int:
    """So many cases would show this difference in four runs of five.

    Args:
        difference: of the two shares, not 0.
        changing: the share of cases that change sides, at least the difference.
        effect: of the design, 1 for independent cases.
    Source:
        Connor 1987, sample size for McNemar's test, and a continuity correction because the exact test asks for more:
        with it the exact power is 0.79 to 0.90 over differences of 0.5 to 50 points, without it 0.77. At least as many
        as the fewest groups that can show anything.
    """
    unit = NormalDist()
    spread = unit.inv_cdf(1 - ALPHA / 2) * math.sqrt(changing)
    spread += unit.inv_cdf(POWER) * math.sqrt(max(0.0, changing - difference**2))
    return math.ceil(effect * max(FEWEST, (spread / difference) ** 2 + 1 / abs(difference)))


# --- two runs --------------------------------------------------------------------------------------------------------


def compare(a: Run, b: Run, seed: int = 0) -> Json:
    """Everything about the two.

    Returns:
        {"a", "b", "sentence", "verdict", "remarks", "kinds": {kind: {"n", "unscored", "left_out", "verdict",
        "sentence", measures, "by_skill", "changed"}}}; with several kinds the first sentence is theirs together, and
        the first verdict what they agree on beside "same", else "unknown".
    Raises:
        UsageError: they have no case in common.
        MissingPiece: scipy is not installed.
    """
    one, two = a.evidence(), b.evidence()
    kinds = [kind for kind in ("text", "voice", "sound") if any(e.kind == kind and e.case.skill for e in one)]
    pairs = {kind: both for kind in kinds if (both := paired(_of(one, kind), _of(two, kind)))}
    if not pairs:
        raise UsageError(f"the runs {a.name} and {b.name} have no case in common; run both on one set")
    found = {kind: _kind(mine, seed) for kind, mine in pairs.items()}
    for kind, mine in found.items():
        mine["left_out"] = {"a": len(_of(one, kind)) - len(pairs[kind]), "b": len(_of(two, kind)) - len(pairs[kind])}
    for mine in found.values():
        nothing = "unknown", f"no case of {a.name} and {b.name} could be scored in both; their evidence says why."
        mine["verdict"], mine["sentence"] = (
            _verdict(b.name, a.name, mine["measures"]["right"]) if mine["n"] else nothing
        )
    verdict, sentence = _together(found)
    heads = {name: {"name": run.name, "set": run.meta.get("set"), "models": run.meta.get("models")}
             for name, run in (("a", a), ("b", b))}  # fmt: skip
    return {**heads, "verdict": verdict, "sentence": sentence, "remarks": _remarks(a, b, found), "kinds": found}


def _together(kinds: Mapping[str, Json]) -> tuple[str, str]:
    """The verdict and the sentence of all kinds."""
    told = {kind: mine for kind, mine in kinds.items() if mine["n"]} or dict(kinds)
    verdicts = {mine["verdict"] for mine in told.values()}
    changed = verdicts - {"same"} or verdicts
    verdict = changed.pop() if len(changed) == 1 else "unknown"
    if len(told) == 1:
        return verdict, str(next(iter(told.values()))["sentence"])
    return verdict, " ".join(f"{kind.capitalize()}: {mine['sentence']}" for kind, mine in told.items())


def _of(evidence: Iterable[Evidence], kind: str) -> list[Evidence]:
    return [one for one in evidence if one.kind == kind and one.case.skill]


def paired(a: Iterable[Evidence], b: Iterable[Evidence]) -> list[Pair]:
    """The cases that both have, in the order of the first; one that occurs twice is paired in order."""
    waiting: dict[tuple[object, ...], list[Evidence]] = defaultdict(list)
    for one in b:
        waiting[one.key].append(one)
    return [(one, waiting[one.key].pop(0)) for one in a if waiting[one.key]]


def _kind(pairs: Sequence[Pair], seed: int) -> Json:
    scored = [pair for pair in pairs if not pair[0].failed and not pair[1].failed]
    unscored = {name: sum(bool(pair[at].failed) for pair in pairs) for at, name in enumerate("ab")}
    return {
        "n": len(scored),
        "unscored": unscored,
        "measures": {name: _measure(scored, name, seed) for name in MEASURES},
        "by_skill": _by_skill(scored, seed),
        "changed": [_changed(one, two) for one, two in scored if one.right != two.right],
    }


def _difference(pairs: Sequence[Pair], measure: str) -> Difference:
    counted = [(one, two) for one, two in pairs if _COUNTED[measure](one) and _COUNTED[measure](two)]
    is_so = MEASURES[measure]
    return Difference([is_so(one) for one, _ in counted], [is_so(two) for _, two in counted],
                      [one.group for one, _ in counted])  # fmt: skip


def _measure(pairs: Sequence[Pair], measure: str, seed: int) -> Json:
    found = _difference(pairs, measure)
    n = len(found.a)
    if not n:
        return {"n": 0}
    difference, changing, sums = found.interval(seed), (found.gained + found.lost) / n, found.by_group()
    wanted = difference.value or SMALLEST
    return {
        "n": n,
        "a": share_of(found.a, found.groups).to_json(),
        "b": share_of(found.b, found.groups).to_json(),
        "difference": difference.to_json(),
        "gained": found.gained,
        "lost": found.lost,
        "p": mcnemar(found.gained, found.lost),
        "groups": len(sums),
        "p_groups": sign_flip(sums.values()),
        "settles": {
            "difference": wanted,
            "n": cases_needed(wanted, max(changing, RARELY, abs(wanted)), found.design_effect()),
        },
    }


def _by_skill(pairs: Sequence[Pair], seed: int) -> Json:
    """Skill -> the measure "right" over its cases, with `p_holm`: `p_groups` corrected for the number of skills."""
    cut: dict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        cut[pair[0].case.skill].append(pair)
    found = {skill: _measure(mine, "right", seed) for skill, mine in sorted(cut.items())}
    for row, p in zip(found.values(), holm([row["p_groups"] for row in found.values()]), strict=True):
        row["p_holm"] = p
    return found


def _changed(one: Evidence, two: Evidence) -> Json:
    """A case that is right in one run alone."""
    return {
        "text": one.case.text or one.case.sound,
        "wanted": {"skill": one.case.skill, "words": dict(one.case.words)},
        "a": _said(one),
        "b": _said(two),
        "better": two.right,
        "group": one.case.group,
    }


def _said(evidence: Evidence) -> Json:
    said: Json = {"skill": evidence.skill or NONE, "words": dict(evidence.words), "tier": evidence.tier,
                  "confidence": round(evidence.confidence, 4)}  # fmt: skip
    return said if evidence.heard is None else {**said, "heard": evidence.heard}


def _verdict(better: str, than: str, found: Json) -> tuple[str, str]:
    """("better" | "worse" | "same" | "unknown", the sentence)."""
    difference = found["difference"]
    points = f"{100 * difference['value']:+.1f} points"
    counts = f"{so_many(found['gained'], 'case')} gained, {found['lost']} lost of {found['n']}"
    apart = f"{better} and {than} cannot be told apart"
    if found["groups"] < FEWEST:
        groups = "1 group" if found["groups"] == 1 else f"{found['groups']} groups"
        return "unknown", f"{apart}: {groups} of cases are too few to tell, it takes {FEWEST} ({points}; {counts})."
    interval = f"95 % interval {100 * difference['low']:+.1f} to {100 * difference['high']:+.1f}"
    figures = f"{points} ({interval}; {counts}; {_tested(found)})"
    if max(found["p"], found["p_groups"]) < ALPHA and (difference["low"] > 0 or difference["high"] < 0):
        verdict = "better" if difference["value"] > 0 else "worse"
        return verdict, f"{better} is {verdict} than {than} by {figures}."
    settles = found["settles"]
    what = points if difference["value"] else f"a difference of {100 * settles['difference']:.0f} point"
    # Where nothing changed sides, it is not known how many would: so few are needed if all that do go one way.
    bound = "about" if found["gained"] or found["lost"] else "at least"
    sentence = f"{apart}: {figures}; {bound} {settles['n']} cases would show {what} in four runs of five."
    return "unknown" if difference["value"] else "same", sentence


def _tested(found: Json) -> str:
    """Each p, and what it is of."""
    alone = f"p = {found['p']:.2g} by McNemar's exact test"
    if found["groups"] == found["n"]:
        return alone
    return (
        f"p = {found['p_groups']:.2g} by the exact sign-flip test of {found['groups']} groups, {alone} of single cases"
    )


def _remarks(a: Run, b: Run, kinds: Mapping[str, Json]) -> list[str]:
    """What a reader should know before believing it."""
    found = []
    if a.meta.get("set_sha256") != b.meta.get("set_sha256"):
        counts = ", ".join(f"{mine['n']} {kind}" for kind, mine in kinds.items())
        sets = f"{a.meta.get('set')} and {b.meta.get('set')}"
        found.append(
            f"the runs are of different sets or versions of one ({sets}); only the cases of both count: {counts}"
        )
    for run in (a, b):
        if run.meta.get("status") != "done":
            found.append(f"the run {run.name} is {run.meta.get('status')}; only the cases it has count")
    found += _learned(a, b)
    if differ := differences(a.meta, b.meta, passed_over=SAID_APART):
        found.append(f"the runs also differ in {listed(differ)}")
    for kind, mine in kinds.items():
        if any(mine["left_out"].values()):
            counts = f"{mine['left_out']['a']} of {a.name}, {mine['left_out']['b']} of {b.name}"
            found.append(f"cases that only one of them has are left out ({kind}): {counts}")
        if any(mine["unscored"].values()):
            counts = f"{mine['unscored']['a']} in {a.name}, {mine['unscored']['b']} in {b.name}"
            found.append(f"could not be scored and left out ({kind}): {counts}")
    return found


def _learned(a: Run, b: Run) -> list[str]:
    """Which run had what beside its skill model; nothing where both had the same."""
    had = [str((run.meta.get("models") or {}).get("learned", ""))[:12] for run in (a, b)]
    if had[0] == had[1]:
        return []
    if all(had):
        return [f"another learned model stood beside the skill model: {had[0]} in {a.name}, {had[1]} in {b.name}"]
    run, other = (a, b) if had[0] else (b, a)
    return [
        f"a learned model, {had[0] or had[1]}, stood beside the skill model in {run.name}, and none in {other.name}"
    ]
