"""The section on the confidence: is it true, and what would answering less buy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evals.intervals import Share
from evals.report import charts
from evals.report.charts import percent
from evals.report.figures import Seen, cells
from evals.report.page import Drawn, Section, Table

SURE_ENOUGH = 0.01
"""The share wrong that the coverage-risk curve is marked at."""
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
    about = _surest(curve)
    less = charts.coverage_risk(curve, _marks(curve), "Share wrong against share answered", about)
    what = "the whole call" if calibration["call"]["n"] else "the skill"
    lead = f"The confidence is held against {what}. Mean squared error (Brier): {found['brier']['value']:.3f}."
    drawn = [_truth(found), Drawn(less, "If it answered only what it is sure of", about, _table(curve)), *timed]
    return Section("confidence", name, lead, drawn)


def _truth(found: Mapping[str, Any]) -> Drawn:
    bins = [
        charts.Bin(row["confidence"], Share(round(row["right"] * row["n"]), row["n"], row["low"], row["high"]))
        for row in found["bins_equal_width"]
    ]
    error = found["ece_equal_width"]
    spread = "" if error["low"] is None else f" ({percent(error['low'])} to {percent(error['high'])})"
    rows = [(percent(one.confidence), *cells(one.share)) for one in bins]
    return Drawn(
        charts.reliability(bins, "Share right against confidence", "On the dashed line the two are the same."),
        "Does it know when it is right?",
        f"On average the two are {percent(error['value'])}{spread} apart: the expected calibration error, "
        f"n {error['n']:,}. A larger dot is more cases.",
        Table(("mean confidence", "right", "95% interval", "n"), rows),
    )


def _marks(curve: Curve) -> list[tuple[tuple[float, float], str]]:
    """The end of the curve, and the last point that is still sure enough where the two stand apart."""
    marks = [(curve[-1], f"all answered: {percent(curve[-1][1])} wrong")]
    sure = [point for point in curve if point[1] <= SURE_ENOUGH]
    if sure and curve[-1][1] > 2.5 * SURE_ENOUGH and sure[-1][0] > 0.2:
        marks.append((sure[-1], f"{percent(sure[-1][0])} answered"))
    return marks


def _surest(curve: Curve) -> str:
    if curve[-1][1] <= SURE_ENOUGH:
        return f"Answering all, {percent(curve[-1][1])} is wrong."
    sure = [coverage for coverage, risk in curve if risk <= SURE_ENOUGH]
    if not sure:
        return f"No threshold brings what is wrong down to {percent(SURE_ENOUGH, 0)}."
    return f"To be wrong in at most {percent(SURE_ENOUGH, 0)}, it may answer the surest {percent(sure[-1])}."


def _table(curve: Curve) -> Table:
    shown = [*curve[:-1][:: max(1, len(curve) // 20)], curve[-1]]
    return Table(("answered", "wrong among them"), [(percent(x), percent(y)) for x, y in shown])
