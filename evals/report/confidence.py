"""The section on the confidence: is it true, and what would answering less buy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evals.intervals import Share, wilson
from evals.reliability import BINS, SURE_ENOUGH
from evals.report import charts
from evals.report.charts import percent
from evals.report.figures import Seen, as_share, cells
from evals.report.page import Drawn, Section, Table

Curve = Sequence[tuple[float, float]]
"""(answered, wrong among them), rising."""


def confidence(seen: Seen, timed: Sequence[Drawn]) -> Section:
    """Reliability diagram and coverage-risk curve, of whole calls where they are known; `timed` stands beside them."""
    calibration = seen.figures["calibration"]
    found = calibration["call"] if calibration["call"]["n"] else calibration["skill"]
    name = "Confidence and time"
    if not found["n"]:
        return Section("confidence", name, "Nothing was scored.", timed)
    curve = [(point["coverage"], point["risk"]) for point in found["coverage_risk"]["points"]]
    about = _surest(found["coverage_risk"])
    less = charts.coverage_risk(curve, _marks(found["coverage_risk"]), "Share wrong against share answered", about)
    what = "the whole call" if calibration["call"]["n"] else "the skill"
    lead = f"The confidence is held against {what}. Mean squared error (Brier): {found['brier']['value']:.3f}."
    drawn = [
        _truth(found),
        Drawn(less, "If it answered only what it is sure of", about, _table(curve, found["n"])),
        *timed,
    ]
    return Section("confidence", name, lead, drawn)


def _truth(found: Mapping[str, Any]) -> Drawn:
    bins = [
        charts.Bin(row["confidence"], Share(round(row["right"] * row["n"]), row["n"], row["low"], row["high"]))
        for row in found["bins_equal_width"]
    ]
    error = found["ece_equal_mass"]
    spread = "" if error["low"] is None else f" ({percent(error['low'])} to {percent(error['high'])})"
    rows = [(percent(one.confidence), *cells(one.share)) for one in bins]
    return Drawn(
        charts.reliability(bins, "Share right against confidence", "On the dashed line the two are the same."),
        "Does it know when it is right?",
        f"On average the two are {percent(error['value'])}{spread} apart: the expected calibration error over {BINS} "
        f"bins of as many cases each, n {error['n']:,}. The dots are of {BINS} bins of equal width, so that what it is "
        "unsure of is seen, too; a larger dot is more cases.",
        Table(("mean confidence", "right", "95% interval", "n"), rows),
    )


def _marks(found: Mapping[str, Any]) -> list[tuple[tuple[float, float], str]]:
    """All answered, and what a threshold would leave where that stands apart. Args: found: as `_surest` has it."""
    every, sure = as_share(found["wrong"]), found["sure_enough"]
    marks = [((1.0, every.value), f"all answered: {percent(every.value)} wrong")]
    covered = sure["n"] / every.n if sure else 0.0
    if covered > 0.2 and every.value > 2.5 * SURE_ENOUGH:
        marks.append(((covered, float(sure["value"])), f"{percent(covered)} answered"))
    return marks


def _surest(found: Mapping[str, Any]) -> str:
    """What a threshold would buy, with how many cases say so.

    Args:
        found: `coverage_risk` of a score.
    """
    every, sure = as_share(found["wrong"]), found["sure_enough"]
    aim = percent(SURE_ENOUGH, 0)
    if every.value <= SURE_ENOUGH:
        return f"Answering all {every.n:,}, {_wrong(every)}{_promised(every)}"
    if sure is None:
        return f"No threshold brings what is wrong down to {aim}; answering all {every.n:,}, {_wrong(every)}."
    share = as_share(sure)
    answered = f"the surest {share.n:,} of {every.n:,} ({percent(share.n / every.n)})"
    return f"Answering {answered}, {_wrong(share)}{_promised(share)}"


def _wrong(share: Share) -> str:
    """3 are wrong: 0.9%, with 95% confidence between 0.3% and 2.6%."""
    are = "1 is" if share.right == 1 else f"{share.right or 'none'} {'are' if share.right else 'is'}"
    between = f"with 95% confidence between {percent(share.low)} and {percent(share.high)}"
    return f"{are} wrong: {percent(share.value)}, {between}"


def _promised(share: Share) -> str:
    """Whether so few are wrong elsewhere, too, as far as these cases can tell."""
    aim = percent(SURE_ENOUGH, 0)
    if share.high <= SURE_ENOUGH:
        return f", so at most {aim}."
    if wilson(0, share.n)[1] > SURE_ENOUGH:
        return f". These are too few cases to promise at most {aim}, even with none wrong."
    return f". That is no promise of at most {aim} elsewhere."


def _table(curve: Curve, n: int) -> Table:
    shown = [*curve[:-1][:: max(1, len(curve) // 20)], curve[-1]]
    rows = [(percent(x), f"{round(x * n):,}", f"{round(x * n * y):,}", percent(y)) for x, y in shown]
    return Table(("answered", "cases", "wrong", "wrong among them"), rows)
