"""The charts: every mark stands where its value says, inside the picture, and has words beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals.cases import FAMILIES
from evals.intervals import Share, wilson
from evals.report import charts, tallies
from evals.report.canvas import COLOURS, LETTER, fitted, width_of, wrapped
from evals.report.charts import Bar, Bin, Step

SVG = "{http://www.w3.org/2000/svg}"


def share(right: int, n: int) -> Share:
    return Share(right, n, *wilson(right, n))


shares = st.integers(0, 300).flatmap(lambda n: st.integers(0, n).map(lambda right: share(right, n)))
names = st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=60)


def drawn(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)  # noqa: S314 - our own


def marks(svg: str, tag: str, kind: str) -> list[dict[str, str]]:
    """The attributes of every mark of a kind, in the order they were drawn."""
    found = drawn(svg).iter(SVG + tag)
    return [mark.attrib for mark in found if kind in mark.get("class", "").split()]


def corners(svg: str) -> Iterator[tuple[float, float]]:
    """Points that every mark touches; of a text that is not turned, both ends of its line."""
    for mark in drawn(svg).iter():
        at = {name: float(value) for name, value in mark.attrib.items() if re.fullmatch(r"-?[\d.]+", value)}
        if mark.tag == SVG + "rect" and "x" in at:
            yield from ((at["x"], at["y"]), (at["x"] + at["width"], at["y"] + at["height"]))
        elif mark.tag == SVG + "line":
            yield from ((at["x1"], at["y1"]), (at["x2"], at["y2"]))
        elif mark.tag == SVG + "circle":
            yield at["cx"], at["cy"]
        elif mark.tag == SVG + "path":
            numbers = [float(number) for number in re.findall(r"-?[\d.]+", mark.attrib["d"])]
            yield from zip(numbers[::2], numbers[1::2], strict=True)
        elif mark.tag == SVG + "text" and "transform" not in mark.attrib:
            yield at["x"], at["y"]


def assert_whole(svg: str) -> None:
    """Title and description are there, and no mark leaves the picture."""
    root = drawn(svg)
    assert root.get("role") == "img"
    assert [child.tag for child in root][:2] == [SVG + "title", SVG + "desc"]
    width, height = (float(number) for number in root.attrib["viewBox"].split()[2:])
    for x, y in corners(svg):
        assert -0.6 <= x <= width + 0.6, (x, width)
        assert -0.6 <= y <= height + 0.6, (y, height)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(names, shares), min_size=1, max_size=12))
def test_bars_and_stairs_stay_inside_for_any_shares(rows: list[tuple[str, Share]]) -> None:
    """No name, no share and no n draws outside the picture, or breaks the XML."""
    assert_whole(charts.bars([Bar(name, one, one) for name, one in rows], "t", "a"))
    steps = [Step(name, one) for name, one in rows]
    assert_whole(charts.ladder_rows(steps, "t", "a"))
    assert_whole(charts.staircase(steps, "t", "a").svg())
    assert_whole(charts.staircase(steps, "t", "a").alone().partition("?>")[2])


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(names, st.lists(st.floats(0, 1e5), max_size=60), max_size=4))
def test_times_stay_inside_for_any_times(stages: dict[str, list[float]]) -> None:
    """From a microsecond to minutes, one case or many, no stage or several."""
    assert_whole(tallies.latency(stages, "t", "a"))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(names, st.integers(0, 99), st.integers(0, 99)), max_size=9))
def test_what_changed_sides_stays_inside(rows: list[tuple[str, int, int]]) -> None:
    """Numbers beside the bars included, and where nothing changed."""
    assert_whole(tallies.both_ways(rows, "t", "a"))


@pytest.mark.parametrize(("gained", "lost"), [(0, 9), (9, 0), (3, 4)])
def test_the_words_above_the_middle_have_room(gained: int, lost: int) -> None:
    """ "put right" ends inside the picture, and "broken" begins there, also where one side has no bar."""
    svg = tallies.both_ways([("set_timer", gained, lost)], "t", "a")
    at = {mark.text: float(mark.attrib["x"]) for mark in drawn(svg).iter(SVG + "text")}
    assert at["put right"] + width_of("put right", 9.5) <= charts.NARROW
    assert at["broken"] - width_of("broken", 9.5) >= 0


def test_a_skill_s_name_is_whole_or_whole_when_pointed_at() -> None:
    """The name of a skill of one's own has room in every chart; one that is longer than any room has a tip."""
    own, longest = "water_garden_beds", "turn_on_all_the_lights_of_the_whole_house_at_once"
    families = [*FAMILIES, own]
    counts = {(name, name): 3 for name in families}
    bars = [charts.bars([Bar(name, share(3, 4))], "t", "a") for name in (own, longest)]
    sides = [tallies.both_ways([(name, 3, 4)], "t", "a") for name in (own, longest)]
    for short, long in (bars, sides):
        assert own in [mark.text for mark in drawn(short).iter(SVG + "text")]
        (cut,) = [mark for mark in drawn(long).iter(SVG + "text") if (mark.text or "").endswith("…")]
        assert cut.findtext(SVG + "title") == longest
    wide = [mark.text for mark in drawn(tallies.confusion(families, counts, 640, ("t", "a"))).iter(SVG + "text")]
    assert wide.count(own) == 2
    narrow = drawn(tallies.confusion(families, counts, charts.NARROW, ("t", "a")))
    assert [mark.findtext(SVG + "title") for mark in narrow.iter(SVG + "text")].count(own) == 2


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.integers(1, 400).flatmap(lambda n: st.integers(0, n).map(
    lambda right: share(right, n)))), max_size=10), st.lists(st.floats(0, 1), max_size=30))  # fmt: skip
def test_curves_stay_inside(bins: list[tuple[float, Share]], risks: list[float]) -> None:
    """Any confidence, any risk, none at all."""
    assert_whole(charts.reliability([Bin(*one) for one in bins], "t", "a"))
    curve = [((at + 1) / len(risks), risk) for at, risk in enumerate(risks)]
    assert_whole(charts.coverage_risk(curve, [(curve[-1], "all answered: 3.0% wrong")] if curve else [], "t", "a"))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0, 0.3), min_size=1, max_size=30), st.floats(0.2, 1))
def test_the_words_to_a_curve_stand_beside_it(risks: list[float], covered: float) -> None:
    """No line of the curve goes through the words, also where it was higher before, and no words meet."""
    curve = [((at + 1) / len(risks), risk) for at, risk in enumerate(risks)]
    there = curve[max(0, round(covered * len(risks)) - 1)]
    svg = charts.coverage_risk(curve, [(curve[-1], "all answered: 15.0% wrong"), (there, "30.0% answered")], "t", "a")
    path = next(mark for mark in drawn(svg).iter(SVG + "path") if mark.get("class") == "curve")
    numbers = [float(number) for number in re.findall(r"-?[\d.]+", path.attrib["d"])]
    points = list(zip(numbers[::2], numbers[1::2], strict=True))
    boxes = []
    for mark in drawn(svg).iter(SVG + "text"):
        if mark.get("class") == "end halo":
            right, foot = float(mark.attrib["x"]), float(mark.attrib["y"])
            boxes.append((right - width_of(mark.text or ""), foot - 8, right, foot))
    assert len(boxes) == 2
    for left, top, right, foot in boxes:
        for (x, y), (u, v) in pairwise(points):
            for step in range(21):  # along the piece
                at = (x + (u - x) * step / 20, y + (v - y) * step / 20)
                assert not (left < at[0] < right and top < at[1] < foot)
    one, other = boxes
    assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]


@pytest.mark.parametrize("count", [1, 3, 16, 40])
def test_a_confusion_square_fits_any_number_of_families(count: int) -> None:
    """The square keeps its width, and holds a cell for each pair."""
    families = [f"family {at}" for at in range(count)]
    counts = {(one, other): 1 for one in families for other in families}
    svg = tallies.confusion(families, counts, charts.NARROW, ("t", "a"))
    assert_whole(svg)
    assert len(marks(svg, "rect", "good")) == count
    assert len(marks(svg, "rect", "bad")) == count * (count - 1)


def test_a_bar_is_as_long_as_its_share_and_its_whisker_spans_the_interval() -> None:
    """Half is half the track; the whisker begins and ends at the interval's ends."""
    svg = charts.bars([Bar("a", Share(5, 10, 0.25, 0.75))], "t", "a")
    track, bar = marks(svg, "rect", "track")[0], marks(svg, "rect", "good-light")[0]
    left, width = float(track["x"]), float(track["width"])
    assert float(bar["width"]) == pytest.approx(width / 2, abs=0.06)
    whisker = marks(svg, "line", "whisker")[0]
    assert float(whisker["x1"]) == pytest.approx(left + width / 4, abs=0.06)
    assert float(whisker["x2"]) == pytest.approx(left + width * 3 / 4, abs=0.06)


def test_a_bar_without_a_case_says_so() -> None:
    """No case is not the same as none right."""
    svg = charts.bars([Bar("a", share(0, 0))], "t", "a")
    assert "no case" in svg
    assert not marks(svg, "rect", "good-light")


def test_the_treads_rise_with_the_shares_and_say_the_gain() -> None:
    """Twice the share is twice the height, and each tread after the first says what it gained."""
    svg = charts.staircase([Step("a", share(25, 100)), Step("b", share(50, 100))], "t", "a").svg()
    low, high = (float(box["height"]) for box in marks(svg, "rect", "good-light"))
    assert high == pytest.approx(2 * low, abs=0.2)
    assert "+25.0 points" in svg


def test_a_confident_and_right_bin_lies_on_the_diagonal() -> None:
    """Where confidence and share right are one, the dot is as far from the left as from the foot, to scale."""
    svg = charts.reliability([Bin(0.5, share(50, 100))], "t", "a")
    ideal, dot = marks(svg, "line", "ideal")[0], marks(svg, "circle", "good")[0]
    across = (float(dot["cx"]) - float(ideal["x1"])) / (float(ideal["x2"]) - float(ideal["x1"]))
    up = (float(dot["cy"]) - float(ideal["y1"])) / (float(ideal["y2"]) - float(ideal["y1"]))
    assert (across, up) == pytest.approx((0.5, 0.5), abs=0.01)


def test_the_median_and_the_95th_percentile_are_times_that_were_measured() -> None:
    """Of one to a hundred they are the fiftieth and the ninety-fifth."""
    times = [float(ms) for ms in range(1, 101)]
    assert tallies.percentile(times, 0.5) == 50
    assert tallies.percentile(times, 0.95) == 95
    assert "median 50 ms, 95th percentile 95 ms" in tallies.latency({"decide": times[::-1]}, "t", "a")


@given(names, st.floats(8, 400))
def test_a_text_is_cut_to_its_room(text: str, width: float) -> None:
    """A label is never wider than what it has, by the width that is counted for a letter, and never empty."""
    cut = fitted(text, width)
    assert 1 <= len(cut) <= max(1, width / (11 * LETTER))
    assert all(len(line) * 11 * LETTER <= max(width, 11 * LETTER) for line in wrapped(text, width))


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb. Source: WCAG 2.2."""
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("name", ["ink", "soft", "good", "bad", "other"])
def test_what_carries_meaning_can_be_read_on_both_papers(name: str, theme: int) -> None:
    """Contrast with the paper of 4.5 or more, which small text needs."""
    one, paper = luminance(COLOURS[name][theme]), luminance(COLOURS["paper"][theme])
    assert (max(one, paper) + 0.05) / (min(one, paper) + 0.05) >= 4.5


SAID = {0.0: "0%", 1.0: "100%", 0.125: "12.5%", 0.9996: ">99.9%", 0.9994: "99.9%", 0.0004: "<0.1%", 0.0006: "0.1%"}


@pytest.mark.parametrize("share", SAID)
def test_a_share_is_said_with_one_digit(share: float) -> None:
    """Only none is 0 % and only all is 100 %."""
    assert charts.percent(share) == SAID[share]
