"""From evidence to figures, on evidence made by hand."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from evals.answers import UNPARSABLE
from evals.cases import Case
from evals.runs import Evidence
from evals.scoring import figures, headline, score_evidence
from evals.scoring_sound import word_errors
from evals.scoring_table import show, show_wrong

KINDS = {"set_timer": {"duration": "duration", "name": "text"}, "set_volume": {"level": "number"}}


def _timer(text: str, given: dict[str, str] | None = None, args: dict[str, Any] | None = None, **more: Any) -> Evidence:
    """Somebody wanted a pasta timer of ten minutes."""
    words = {"duration": "ten minutes", "name": "pasta"}
    wanted = {"skill": "set_timer", "words": words, "args": {"duration": 600, "name": "pasta"}}
    fields = {"skill": "set_timer", "tier": "shipped", "ms": {"decide": 5.0}} | more
    case = Case(text, "set_timer", words, group=text)
    return Evidence(case, words=given or words, args=args or wanted["args"], expected=(wanted,), **fields)  # type: ignore[arg-type]


def _talk(text: str, skill: str = "none", tier: str = "shipped", *tags: str) -> Evidence:
    return Evidence(Case(text, "none", group=text, tags=tags), skill, tier=tier)


def test_every_kind_of_error_has_its_own_count() -> None:
    """Of sentences that ask: missed, of them declined, wrong and asked. Of sentences for nobody: called and asked."""
    found = figures(
        [
            _timer("right"),
            _timer(
                "other words", {"duration": "600 seconds", "name": "the pasta"}, {"duration": 600, "name": "the pasta"}
            ),
            _timer("not for us", {"x": ""}, {"x": ""}, skill="none"),
            _timer("unsure", {"x": ""}, {"x": ""}, skill="none", tier="decline"),
            _timer("wrong", {"x": ""}, {"x": ""}, skill="stop"),
            _timer("asked", tier="ask"),
            _timer("broken", failed="no model"),
            _talk("a"),
            _talk("b", "stop"),
            _talk("c", "stop", "ask"),
            _talk("d", "none", "decline", "chatter"),
            _talk("e", "weather", "shipped", "chatter"),
        ],
        KINDS,
    )
    counts = {name: (found[name]["right"], found[name]["n"]) for name in
              ("skill_right", "call_right", "missed_calls", "false_declines", "wrong_calls", "questions", "false_calls",
               "false_questions")}  # fmt: skip
    assert counts == {
        "skill_right": (5, 11),
        "call_right": (5, 11),
        "missed_calls": (2, 6),
        "false_declines": (1, 6),
        "wrong_calls": (1, 6),
        "questions": (1, 6),
        "false_calls": (2, 5),
        "false_questions": (1, 5),
    }
    assert found["unscored"] == {"n": 1, "of": 12, "why": {"no model": 1}}
    assert (found["out_of_scope"]["declined"]["right"], found["out_of_scope"]["declined"]["n"]) == (1, 3)
    assert (found["chatter"]["called"]["right"], found["chatter"]["called"]["n"]) == (1, 2)
    assert found["confusion"]["set_timer"] == {"none": 2, "set_timer": 3, "stop": 1}


def test_what_is_no_call_is_not_counted_as_silence() -> None:
    """Talk that was answered by something unreadable was not let be, and a request was not declined as unsure."""
    unread = {"skill": UNPARSABLE, "tier": "decline"}
    talk = [_talk("a", UNPARSABLE, "decline", "chatter"), _talk("b", "none", "decline", "chatter")]
    found = figures([*talk, _talk("c", UNPARSABLE, "decline"), _timer("d", {"x": ""}, {"x": ""}, **unread)], KINDS)
    assert (found["chatter"]["declined"]["right"], found["chatter"]["declined"]["n"]) == (1, 2)
    assert (found["out_of_scope"]["declined"]["right"], found["out_of_scope"]["declined"]["n"]) == (0, 1)
    assert [found[name]["right"] for name in ("missed_calls", "false_declines", "right")] == [0, 0, 1]


def test_each_argument_and_each_type_is_counted() -> None:
    """Recall is over those wanted, precision over those given; a wrong value is neither found nor well given."""
    found = figures(
        [
            _timer("both"),
            _timer("no name", {"duration": "ten minutes"}, {"duration": 600}),
            _timer("wrong time", {"duration": "ten", "name": "pasta"}, {"duration": 36000, "name": "pasta"}),
            _timer("other skill", {"level": "ten"}, {"level": 10}, skill="set_volume"),
        ],
        KINDS,
    )
    rows = {
        name: {part: (row[part]["right"], row[part]["n"]) for part in ("recall", "precision", "right")}
        for name, row in found["arguments"].items()
    }
    assert rows == {
        "set_timer.duration": {"recall": (2, 3), "precision": (2, 3), "right": (2, 3)},
        "set_timer.name": {"recall": (2, 3), "precision": (2, 2), "right": (2, 3)},
    }
    assert set(found["argument_types"]) == {"duration", "text"}


def test_only_the_skill_is_scored_where_only_that_is_known() -> None:
    """A case without known arguments is right with its skill, and counts for no call, argument or confidence of one."""
    known = Evidence(Case("wake me at seven", "set_alarm", args_known=False), "set_alarm", {"time": "seven"})
    found = figures([known], {})
    assert (found["right"]["right"], found["call_right"]["n"], found["arguments"]) == (1, 0, {})
    assert found["calibration"]["call"] == {"n": 0}
    assert found["calibration"]["skill"]["n"] == 1


def test_every_figure_has_its_n_and_interval() -> None:
    """Wherever a score has a value, it has n, low and high beside it, with the value between them."""

    def walk(node: Any) -> int:
        if isinstance(node, dict):
            if "value" in node and node["value"] is not None and node["n"]:
                assert node["low"] is None or node["low"] - 1e-9 <= node["value"] <= node["high"] + 1e-9
                return 1 + sum(walk(inner) for name, inner in node.items() if name not in ("low", "high", "value"))
            return sum(walk(inner) for inner in node.values())
        return sum(walk(inner) for inner in node) if isinstance(node, list) else 0

    evidence = [_timer(f"case {at}", confidence=at / 10) for at in range(10)] + [_talk("b", "stop")]
    found = score_evidence(evidence, KINDS)
    assert walk(found) > 30
    assert json.loads(json.dumps(found)) == found


def test_cuts_are_by_skill_family_tag_and_source() -> None:
    """Every cut has the same figures over its own cases."""
    found = figures([_timer("a"), _timer("b", skill="none"), _talk("c", "none", "shipped", "chatter", "late")], KINDS)[
        "by"
    ]
    assert found["skill"]["set_timer"]["skill_right"]["n"] == 2
    assert found["family"]["timers"]["skill_right"]["right"] == 1
    assert set(found["tag"]) == {"chatter", "late"}
    assert found["tag"]["late"]["right"]["right"] == 1


def test_times_are_medians_and_late_ones() -> None:
    """The median and the 95th percentile of each stage, in milliseconds."""
    evidence = [_timer(f"case {at}", ms={"decide": float(at)}) for at in range(1, 101)]
    found = figures(evidence, KINDS)["ms"]["decide"]
    assert (found["median"]["value"], found["p95"]["value"]) == (50.0, 95.0)
    assert found["median"]["low"] < 50 < found["median"]["high"]


@pytest.mark.parametrize(
    ("wanted", "heard", "errors"),
    [
        ("set a timer for ten minutes", "Set a timer for 10 minutes.", (0, 6)),
        ("turn on the lamp", "turn the lamp", (1, 4)),
        ("stop", "", (1, 1)),
        ("stop", "please stop now", (2, 1)),
    ],
)
def test_word_errors_are_counted_by_what_is_said(wanted: str, heard: str, errors: tuple[int, int]) -> None:
    """Missing, wrong and extra words count; digits and punctuation do not."""
    assert word_errors(wanted, heard) == errors


def test_the_loss_is_over_the_same_sentences() -> None:
    """Each clip is held against its own words; sentences without a clip, and clips that failed, count for nothing."""
    text = [_timer("a"), _timer("b"), _timer("c", skill="none"), _timer("only read")]
    heard = [
        _timer("a", kind="voice", heard="a"),
        _timer("a", skill="none", kind="voice", heard="uh"),
        _timer("b", kind="voice", heard="", skill="none"),
        _timer("c", kind="voice", heard="c"),
        _timer("c", kind="voice", failed="no voice"),
    ]
    found = score_evidence([*text, *heard], KINDS)["loss"]["voice"]
    assert found["n"] == 4
    assert (found["text"]["right"], found["heard"]["right"]) == (3, 2)
    assert found["difference"]["value"] == pytest.approx(-0.25)
    assert found["difference"]["low"] <= -0.25 <= found["difference"]["high"]


def test_a_list_of_runs_has_its_few_figures() -> None:
    """The headline holds single figures with intervals, by kind."""
    evidence = [_timer(f"case {at}", confidence=0.9) for at in range(8)]
    found = headline(score_evidence([*evidence, _timer("case 1", kind="voice", heard="case two")], KINDS))
    assert getattr(found["text.skill_right"], "value", None) == 1.0
    assert "voice.word_error" in found
    assert "text.false_calls" not in found


def test_a_table_shows_all_kinds_and_what_is_wrong() -> None:
    """A person sees every kind, its n, and the wrong cases, the most confident first."""
    evidence = [_timer("a [b]", confidence=0.5, skill="stop"), _timer("b", confidence=0.9, skill="none"), _timer("c")]
    out = io.StringIO()
    show(out, {"set": "made-up", **score_evidence([*evidence, _timer("c", kind="voice", heard="see")], KINDS)})
    show_wrong(out, evidence)
    text = out.getvalue()
    for words in ("made-up, from the words: 3 cases", "from synthetic voices: 1 case ", "word error", "skill right"):
        assert words in text
    assert text.index('"b": wanted set_timer(') < text.index('"a [b]": wanted set_timer(')
    assert '"pasta"), got none(duration=' in text and '"pasta"), got stop(duration=' in text


def test_brackets_are_words_as_any() -> None:
    """In tags, sources and reasons: a terminal's markup is nothing that a case can write."""
    case = Case("a", "stop", group="a", tags=("[/b]", "q [q4]"))
    found = score_evidence(
        [Evidence(case, "stop"), Evidence(case, "stop", failed="no file [/b].wav"), _timer("c")], KINDS
    )
    out = io.StringIO()
    show(out, {"set": "[/b]", **found})
    assert all(words in out.getvalue() for words in ("[/b]", "q [q4]", "1 x no file [/b].wav"))


def test_what_failed_is_in_no_time_and_no_detail() -> None:
    """Five seconds after which nothing came are no time of deciding."""
    named = Case("", "stop", group="a", sound="a.wav", tags=("says:five",))
    failed = Evidence(named, kind="sound", heard="five", failed="no skill", ms={"decide": 5000.0})
    found = score_evidence([Evidence(named, "stop", kind="sound", heard="six", ms={"decide": 1.0}), failed], KINDS)
    figures_ = found["kinds"]["sound"]
    assert (figures_["ms"]["decide"]["p95"]["value"], figures_["ms"]["decide"]["p95"]["n"]) == (1.0, 1)
    assert (figures_["details"]["right"], figures_["details"]["n"]) == (0, 1)


def test_nothing_scored_is_shown_as_such() -> None:
    """A run of which nothing could be scored has a table without figures, not a crash."""
    out = io.StringIO()
    found = score_evidence([_timer("a", failed="no model")], KINDS)
    show(out, found)
    assert "could not be scored" in out.getvalue()
    assert headline(found) == {name: figure for name, figure in headline(found).items() if name.endswith("_ms")}
