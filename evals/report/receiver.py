"""A wake word's receiver curve: misses against false wakes per hour, setting by setting, on the half that judges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evals.intervals import Rate, Share
from evals.report.canvas import Canvas, Point
from evals.report.charts import percent
from evals.wake import AIM_MISSED, AIM_PER_HOUR, SENSITIVITIES, Setting, Word, chosen, counted, judged_by

HEAD = (
    "sensitivity",
    "threshold",
    "missed, people",
    "missed, synthetic",
    "false wakes per hour",
    "of people and noise",
)
WIDTH, HEIGHT = 640.0, 360.0
LEFT, TOP, WIDE, TALL = 52.0, 34.0, 560.0, 262.0
MOST_PER_HOUR, MOST_MISSED = 2.0, 0.5
"""The picture's right and upper edge: what lies beyond is drawn on them."""


def figures(words: Sequence[Word]) -> dict[str, Any]:
    """All of it as JSON: for each word the chosen setting, and every setting on each half."""
    return {
        "aim": {"missed": AIM_MISSED, "false_per_hour": AIM_PER_HOUR},
        "words": {
            word.name: {
                "chosen": chosen(word),
                "held_out": _as_json(counted(word, chosen(word), "held-out")),
                "settings": [
                    {"half": half or "both", **_as_json(counted(word, at, half))}
                    for half in ("tuning", "held-out", None)
                    for at in SENSITIVITIES
                ],
            }
            for word in words
        },
    }


def _as_json(setting: Setting) -> dict[str, Any]:
    return {
        "sensitivity": setting.sensitivity,
        "threshold": setting.threshold,
        "missed": {name: share.to_json() for name, share in setting.missed.items()},
        "false": {name: rate.to_json() for name, rate in setting.false.items()},
    }


def head(word: Word) -> tuple[str, ...]:
    """Of the table: what is counted, and how much of it there is."""
    any_setting = counted(word, SENSITIVITIES[0], "held-out")
    missed = (f"missed, {kind} (n={any_setting.missed[kind].n})" for kind in _kinds(any_setting))
    false = (f"wakes in {one.hours:.2f} h of {name}" for name, one in any_setting.false.items() if name != "all")
    return ("setting", "threshold", *missed, *false, "false wakes an hour")


def rows(word: Word) -> list[tuple[str, ...]]:
    """The table under `head`: the held-out half, setting by setting."""
    return [_row(counted(word, at, "held-out")) for at in SENSITIVITIES]


def _kinds(setting: Setting) -> list[str]:
    return [kind for kind in ("people", "synthetic") if kind in setting.missed]


def _row(setting: Setting) -> tuple[str, ...]:
    missed = (_share(setting.missed[kind]) for kind in _kinds(setting))
    false = (str(one.count) for name, one in setting.false.items() if name != "all")
    return (f"{setting.sensitivity:g}", f"{setting.threshold:.3f}", *missed, *false, _rate(setting.false["all"]))


def _share(found: Share) -> str:
    return f"{percent(found.value)} ({100 * found.low:.1f} to {100 * found.high:.1f})"


def _rate(found: Rate) -> str:
    return f"{found.value:.2f} (at most {found.high:.1f})" if found.hours else "–"


def verdict(word: Word) -> str:
    """The setting that the tuning half chose, and what the other half says of it, against the aim."""
    best = counted(word, chosen(word), "held-out")
    missed, false = judged_by(best), best.false["all"]
    return (
        f"{word.name}: the other half chose sensitivity {best.sensitivity:g}; missed by {_judges(best)}: "
        f"{_share(missed)}, n={missed.n}; false wakes an hour: {_rate(false)}, {false.count} in {false.hours:.2f} h; "
        f"the aim, {AIM_MISSED:.0%} and {AIM_PER_HOUR:g}, is {_held_to_aim(missed, false)}"
    )


def _held_to_aim(missed: Share, false: Rate) -> str:
    if missed.value > AIM_MISSED or false.value > AIM_PER_HOUR or not (missed.n and false.hours):
        return "missed"
    if missed.high > AIM_MISSED or false.high > AIM_PER_HOUR:
        return "met by the figures, not yet by their intervals"
    return "met by the whole intervals"


def _judges(setting: Setting) -> str:
    return next(iter(_kinds(setting)), "nobody")


def curve(word: Word) -> Canvas:
    """Misses upwards, false wakes an hour to the right; people solid, synthetic voices dashed, the aim shaded."""
    settings = [counted(word, at, "held-out") for at in SENSITIVITIES]
    canvas = Canvas((WIDTH, HEIGHT), f"Receiver curve of {word.name}", verdict(word))
    _axes(canvas)
    for kind, line in (("synthetic", "ideal"), ("people", "curve")):
        seen = [one for one in settings if kind in one.missed]
        if not seen:
            continue
        places = [_at(one.false["all"].value, one.missed[kind].value) for one in seen]
        canvas.path(places, line)
        for one, place in zip(seen, places, strict=True):
            tip = f"sensitivity {one.sensitivity:g}: missed {_share(one.missed[kind])}, {_rate(one.false['all'])}"
            canvas.dot(place, 4 if kind == "people" else 3, "good" if kind == "people" else "tick", tip)
        _name(canvas, kind, seen[0].missed[kind].n)
    best = counted(word, chosen(word), "held-out")
    at = _at(best.false["all"].value, judged_by(best).value)
    missed = judged_by(best)
    canvas.upright(at, _at(0, missed.high)[1], _at(0, missed.low)[1])
    canvas.dot(at, 5.5, "bad", f"chosen: sensitivity {best.sensitivity:g}")
    return canvas


def _name(canvas: Canvas, kind: str, n: int) -> None:
    """What the dots stand for, in the upper right corner, where nobody wants a curve to be."""
    x, y = LEFT + WIDE - 150, TOP + (18 if kind == "people" else 38)
    canvas.dot((x, y - 4), 4 if kind == "people" else 3, "good" if kind == "people" else "tick")
    canvas.text((x + 12, y), f"{kind}, n={n}")


def _axes(canvas: Canvas) -> None:
    corner = _at(AIM_PER_HOUR, 0)
    top = _at(0, AIM_MISSED)[1]
    canvas.path([(LEFT, top), (corner[0], top), corner, (LEFT, corner[1])], "shade", closed=True)
    canvas.text((corner[0] - 6, top + 14), "the aim", "end soft small")
    for mark in range(0, 51, 10):
        y = _at(0, mark / 100)[1]
        canvas.line((LEFT, y), (LEFT + WIDE, y), "grid" if mark else "axis")
        canvas.text((LEFT - 6, y + 4), f"{mark}%", "end soft")
    for step in range(5):
        x, y = _at(MOST_PER_HOUR * step / 4, 0)
        canvas.text((x, y + 16), f"{MOST_PER_HOUR * step / 4:g}", "mid soft")
    canvas.text((LEFT, TOP - 12), "missed", "strong")
    canvas.text((LEFT + WIDE, TOP + TALL + 34), "false wakes per hour", "end strong")


def _at(per_hour: float, missed: float) -> Point:
    return LEFT + WIDE * min(1.0, per_hour / MOST_PER_HOUR), TOP + TALL * (1 - min(1.0, missed / MOST_MISSED))
