"""Public sets in the files that their own projects publish, with sentences of ours in them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant.commands.frame import UsageError
from assistant.skill import SkillError
from evals import mapping
from evals.adapters import ADAPTERS, open_adapter
from evals.adapters.sentences import RULES
from evals.cases import Case
from evals.runs import Evidence
from evals.scoring_sound import details, details_heard
from evals.sets import open_set


def _write(path: Path, text: str, encoding: str = "utf-8") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding=encoding)


def calls(name: str, data: Path) -> dict[str, tuple[str, dict[str, str]]]:
    """Text -> the call."""
    return {case.text: (case.skill, dict(case.words)) for case in open_adapter(name, data).cases}


def test_clinc150_as_published(tmp_path: Path) -> None:
    """Of the published file only the test sentences are measured on; training would see the others."""
    splits = {
        "train": [["how long till the bell rings", "timer"]],
        "test": [["set a timer for 9 minutes", "timer"], ["what's my balance", "balance"]],
        "oos_test": [["who feeds the swans", "oos"]],
    }
    _write(tmp_path / "oos-eval/data/data_full.json", json.dumps(splits))
    assert calls("clinc150", tmp_path) == {
        "set a timer for 9 minutes": ("set_timer", {"duration": "9 minutes"}),
        "what's my balance": ("none", {}),
        "who feeds the swans": ("ask", {"question": "who feeds the swans"}),
    }


def test_hwu64_as_published(tmp_path: Path) -> None:
    """The published table has scenario and intent apart, and answers that were none of the question."""
    table = (
        "userid;answerid;scenario;intent;status;answer_annotation;notes\n"
        "1;2;alarm;set;;wake me at [time : six am];\n"
        "1;3;email;query;;any mail from [person : mia];\n"
        "1;4;alarm;set;IRR_XL;i do not know;\n"
        "1;5;play;music;;null;\n"
    )
    _write(tmp_path / "AnnotatedData/NLU-Data-Home-Domain-Annotated-All.csv", table)
    assert calls("hwu64", tmp_path) == {
        "wake me at six am": ("set_alarm", {"time": "six am"}),
        "any mail from mia": ("none", {}),
    }


def test_snips_as_published(tmp_path: Path) -> None:
    """Where the validation sentences are there, they are measured on, and not those of training."""
    parts = [{"text": "Weather in "}, {"text": "Århus", "entity": "city"}, {"text": "?"}]
    for intent in mapping.SNIPS:
        folder = tmp_path / "nlu-benchmark/2017-06-custom-intent-engines" / intent
        held = json.dumps({intent: [{"data": parts}] * (intent == "GetWeather")}, ensure_ascii=False)
        trained = json.dumps({intent: [{"data": [{"text": "never mind"}]}]})
        _write(folder / f"validate_{intent}.json", held, "latin-1")
        _write(folder / f"train_{intent}_full.json", trained)
    assert calls("snips", tmp_path) == {"weather in århus": ("weather", {"place": "århus"})}


CONLL = """# id: 1
# text: Wake me at 6 am on Sunday
# intent: alarm/set_alarm
# slots: 11:15:datetime
1\tWake\talarm/set_alarm\tO
2\tme\talarm/set_alarm\tO
3\tat\talarm/set_alarm\tO
4\t6\talarm/set_alarm\tB-datetime
5\tam\talarm/set_alarm\tI-datetime
6\ton\talarm/set_alarm\tI-datetime
7\tSunday\talarm/set_alarm\tI-datetime

# id: 2
# text: Snooze
# intent: alarm/snooze_alarm
1\tSnooze\talarm/snooze_alarm\tO
"""


def test_xsid_as_published(tmp_path: Path) -> None:
    """A block of CoNLL is a sentence; a label that says too little leaves it out; the newest test part is taken."""
    _write(tmp_path / "xsid/data/xSID-0.6/en.test.conll", CONLL.replace("Wake", "Call"))
    _write(tmp_path / "xsid/data/xSID-0.7/en.test.conll", CONLL)
    _write(tmp_path / "xsid/data/xSID-0.7/en.valid.conll", CONLL.replace("Sunday", "Monday"))
    assert calls("xsid", tmp_path) == {"wake me at 6 am on sunday": ("set_alarm", {"time": "6 am", "day": "sunday"})}


def test_home_assistant_as_published(tmp_path: Path) -> None:
    """The project's own YAML tests are read, in all folders; files without tests are passed over."""
    tests = "language: en\ntests:\n  - sentences:\n      - switch off the porch lamp\n"
    text = f"{tests}    intent:\n      name: HassTurnOff\n"
    _write(tmp_path / "intents/tests/en/light_HassTurnOff.yaml", text + "      slots:\n        name: Porch Lamp\n")
    _write(tmp_path / "intents/tests/en/HassNevermind/default.yaml", text.replace("HassTurnOff", "HassNevermind"))
    _write(tmp_path / "intents/tests/en/_fixtures.yaml", "language: en\nareas: []\n")
    cases = open_adapter("home-assistant", tmp_path).cases
    assert [(case.skill, dict(case.words)) for case in cases] == [
        ("stop", {}),
        ("switch", {"device": "porch lamp", "state": "off"}),
    ]


def test_picovoice_orders_as_published(tmp_path: Path) -> None:
    """An order is a recording without words; what it says in detail is known, and can be counted."""
    label = {"b.wav": {"intent": "orderDrink", "slots": {"roast": "dark roast", "milkAmount": " soy milk"}}}
    _write(tmp_path / "data/label/label.json", json.dumps(label | {"gone.wav": label["b.wav"]}))
    _write(tmp_path / "data/speech/clean/b.wav", "")
    found = open_set("picovoice-orders", tmp_path)
    (case,) = found.cases
    assert (case.text, case.skill, case.sound) == ("", "none", "data/speech/clean/b.wav")
    assert case.tags == ("says:dark roast", "says:soy milk", "trained-on")
    assert (found.folder / case.sound).is_file()
    assert details_heard(case, "a latte, Dark roast, with soy milk")
    assert not details_heard(case, "a dark roast with milk")
    assert not details_heard(case, "a darker roast with soy milk")
    clips = [Evidence(case, kind="sound", heard=heard) for heard in ("dark roast, soy milk", "dark roast")]
    assert (details(clips) or {})["value"] == 0.5
    assert details([Evidence(Case("stop", "stop"))]) is None


def test_recordings_named_by_their_words(tmp_path: Path) -> None:
    """speech-to-phrase's file names are what is said; generated clips are left out. A wake word is for nobody."""
    for name in ("set a timer for 7 minutes", "lock the Front Door", "generated/what's the date"):
        _write(tmp_path / f"tests/wav/en/{name}.wav", "")
    _write(tmp_path / "wake-word-benchmark/audio/alexa/1.flac", "")
    assert calls("speech-to-phrase", tmp_path) == {
        "set a timer for 7 minutes": ("set_timer", {"duration": "7 minutes"}),
        "lock the front door": ("none", {}),
    }
    (wake,) = open_adapter("picovoice-wake-words", tmp_path).cases
    assert (wake.text, wake.skill, wake.sound) == ("alexa", "none", "audio/alexa/1.flac")


@pytest.mark.parametrize("name", ADAPTERS)
def test_missing_set_names_its_repository(name: str, tmp_path: Path) -> None:
    """Without a folder, or in an empty one, the sentence says what to take from where."""
    origin = ADAPTERS[name].origin
    with pytest.raises(UsageError, match=f"--data where {name} lies; it is the GitHub repository {origin.repo}"):
        open_set(name)
    with pytest.raises(UsageError, match=f"{name} needs .* from the GitHub repository {origin.repo}"):
        open_set(name, tmp_path)


def test_broken_set_is_one_sentence(tmp_path: Path) -> None:
    """A file that is no such set is named, with its line where it has lines."""
    _write(tmp_path / "hwu64/part_a.jsonl", '{"intent": "alarm_set", "annotation": "up"}\n{broken\n')
    with pytest.raises(SkillError, match=r"hwu64 does not read as hwu64: part_a\.jsonl, line 2"):
        open_set("hwu64", tmp_path)
    _write(tmp_path / "home-assistant/tests/en/broken.yaml", "tests: [\n")
    with pytest.raises(SkillError, match=r"does not read as home-assistant: broken\.yaml is no YAML"):
        open_set("home-assistant", tmp_path)
    _write(tmp_path / "home-assistant/tests/en/broken.yaml", "- a list\n")
    with pytest.raises(SkillError, match="does not read as home-assistant"):
        open_set("home-assistant", tmp_path)


def test_every_pattern_has_a_rule() -> None:
    """The tables for recordings name rules and calls that there are."""
    assert {rule for _, rule in mapping.SPEECH_TO_PHRASE} <= RULES.keys()
    assert set(mapping.PICOVOICE.values()) == {"none"}


def test_same_cases_same_checksum(tmp_path: Path) -> None:
    """A public set's checksum is that of the cases that came of it, wherever it lies."""
    sums = set()
    for place, text in (("a", "stop it"), ("b", "stop it"), ("c", "stop that")):
        _write(tmp_path / place / "clinc150/data_dev.json", json.dumps({"train": [[text, "cancel"]]}))
        found = open_set("clinc150", tmp_path / place)
        assert isinstance(found.cases[0], Case)
        sums.add(found.sha256)
    assert len(sums) == 2
