"""Public sets become cases with our calls."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant.prompt import plain
from evals import mapping
from evals.cases import Case, check
from finetune.rows import choices, shipped_skills
from finetune.sources import read
from finetune.sources.found import Found

CLOSED = choices(shipped_skills())

SAID = [
    ("timer", "set a ten minute timer", "set_timer", {"duration": "ten minute"}),
    ("timer", "set a timer for an hour and a half", "set_timer", {"duration": "an hour and a half"}),
    ("timer", "start a 5 minute timer named pizza", "set_timer", {"duration": "5 minute", "name": "pizza"}),
    ("timer", "how much time is left on my timer", "check_timer", {}),
    ("timer", "cancel my pizza timer", "cancel_timer", {"name": "pizza"}),
    ("timer", "add 5 minutes to my pizza timer", "extend_timer", {"duration": "5 minutes", "name": "pizza"}),
    ("timer", "take 5 minutes off the pizza timer", "none", {}),
    ("alarm", "wake me at half past six tomorrow", "set_alarm", {"time": "half past six", "day": "tomorrow"}),
    ("alarm", "set my alarm for 6am", "set_alarm", {"time": "6am"}),
    ("alarm", "what alarms do i have", "list_alarms", {}),
    ("cancel_alarm", "remove the nine am alarm", "cancel_alarm", {"time": "nine am"}),
    ("remind", "remind me to pay taxes on monday", "remind", {"what": "pay taxes", "when": "monday"}),
    ("remind", "remind me in one minute", "remind", {"when": "in one minute"}),
    ("calendar", "what's on my calendar", "none", {}),
    ("clock", "what time is it in new york", "tell_time", {"place": "new york"}),
    ("clock", "what's the time now", "tell_time", {}),
    ("date", "what is tomorrow's date", "tell_date", {"day": "tomorrow"}),
    ("weather", "will it rain in oslo on friday", "weather", {"place": "oslo", "day": "friday"}),
    ("weather", "what's the weather this week", "weather", {"day": "this week"}),
    ("play", "play yellow by coldplay", "play_music", {"title": "yellow", "artist": "coldplay"}),
    ("play", "put my workout playlist on", "play_music", {"playlist": "workout"}),
    ("play", "i want to hear some jazz", "play_music", {"genre": "jazz"}),
    ("play", "play my favourite song", "play_favorite", {}),
    ("add_to_playlist", "add this song to my rap playlist", "add_to_playlist", {"playlist": "rap"}),
    ("volume", "set the volume to 40 percent", "set_volume", {"level": "40 percent"}),
    ("volume", "turn it down please", "change_volume", {"direction": "down"}),
    ("volume", "unmute the speaker", "change_volume", {"direction": "unmute"}),
    ("switch_on", "turn on the lights in the kitchen", "switch", {"device": "lights in the kitchen", "state": "on"}),
    ("switch_off", "switch off my bedroom lamp", "switch", {"device": "bedroom lamp", "state": "off"}),
    ("color", "i would like orange lights", "set_color", {"device": "lights", "color": "orange"}),
    ("dim", "set the lamp to 30%", "dim", {"device": "lamp", "level": "30%"}),
    ("temperature", "set the heating to 21 degrees", "set_temperature", {"degrees": "21 degrees"}),
    ("change_list", "add milk to my shopping list", "add_to_list", {"item": "milk", "list": "shopping"}),
    ("change_list", "take eggs off the grocery list", "remove_from_list", {"item": "eggs", "list": "grocery"}),
    ("read_list", "read my to do list", "read_list", {"list": "to do"}),
    ("convert", "how many grams are in 2 pounds", "convert", {"amount": "2", "unit": "pounds", "to": "grams"}),
    ("convert", "convert miles to kilometers", "convert", {"unit": "miles", "to": "kilometers"}),
    ("calculate", "what is 12 times eight", "calculate", {"expression": "12 times eight"}),
    ("calculate", "what's 20% of 80", "calculate", {"expression": "20% of 80"}),
    ("ask", "who wrote hamlet", "ask", {"question": "who wrote hamlet"}),
    ("oos", "bring me my slippers", "none", {}),
]


@pytest.mark.parametrize(("rule", "text", "skill", "words"), SAID, ids=[text for _, text, _, _ in SAID])
def test_rule_reads_the_call(rule: str, text: str, skill: str, words: dict[str, str]) -> None:
    """A rule reads the call and exactly the words of its arguments."""
    assert read.RULES[rule](text, {}) == Found(skill, words)


UNSURE = [
    ("alarm", "set an alarm for 4 pm and another for 5 pm"),
    ("change_list", "take bread off my shopping list and add milk"),
    ("weather", "macomb illinois weather"),
    ("convert", "how much is 10kg in pounds and ounces"),
    ("calculate", "help me with some math"),
]


@pytest.mark.parametrize(("rule", "text"), UNSURE, ids=[text for _, text in UNSURE])
def test_unsure_rule_invents_no_words(rule: str, text: str) -> None:
    """Where a pattern is not sure, only the skill is kept."""
    found = read.RULES[rule](text, {})
    assert found is not None
    assert not found.known
    assert found.words == {}


def test_title_alone_says_nothing() -> None:
    """`play war and peace` may be a book or a song, so no label is made of it."""
    assert read.RULES["not_music"]("play war and peace", {}) is None
    assert read.RULES["creative_work"]("play the happy blues", {}) is None


def test_every_label_has_a_rule() -> None:
    """Every rule that the tables name exists, and none of them is spelled wrongly."""
    tables = (mapping.CLINC, mapping.HWU, mapping.SNIPS, mapping.XSID, mapping.HOME_ASSISTANT, dict(mapping.THINGPEDIA))
    named = {rule for table in tables for rule in table.values()}
    assert named <= read.RULES.keys() | {"drop"}
    assert "timer" in named


def _lines(path: Path, *records: dict[str, object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")


def write_sets(data: Path) -> None:
    """A small copy of every set's shape, with sentences of our own."""
    (data / "clinc150").mkdir(parents=True)
    clinc = {"train": [["set a timer for 5 minutes", "timer"], ["what's my balance", "balance"]], "oos_val": []}
    (data / "clinc150" / "data_dev.json").write_text(json.dumps(clinc), encoding="utf-8")
    _lines(
        data / "hwu64" / "part_a.jsonl",
        {"intent": "alarm_set", "annotation": "wake me at [time : six am]"},
        {"intent": "email_query", "annotation": "any mail from [person : mia]"},
    )
    (data / "snips").mkdir()
    for intent in mapping.SNIPS:
        parts = [{"text": "Weather in "}, {"text": "Århus", "entity": "city"}, {"text": ", "}]
        utterance = {"data": [*parts, {"text": "Denmark", "entity": "country"}, {"text": "?"}]}
        kept = [utterance] if intent == "GetWeather" else []
        encoding = "latin-1" if intent == "GetWeather" else "utf-8"
        text = json.dumps({intent: kept}, ensure_ascii=False)
        (data / "snips" / f"train_{intent}_full.json").write_text(text, encoding=encoding)
    program = '$dialogue @x; @org.thingpedia.iot.light-bulb(name="desk").set_power(power=enum off);'
    _lines(data / "thingpedia" / "train.jsonl", {"text": "turn off desk light", "thingtalk": program})
    slots = {"name": ["pizza ", "pizza"], "minutes": 5}
    _lines(
        data / "ha_intents" / "en.jsonl",
        {"text": "5 minute timer for pizza", "intent": "HassStartTimer", "slots": slots},
    )
    question = [[{"role": "user", "content": "Who painted the ceiling?"}]]
    _lines(data / "bfcl" / "BFCL_v4_small.json", {"question": question})


def test_every_set_is_read(tmp_path: Path) -> None:
    """Each set's own file format becomes cases that hold against their text."""
    write_sets(tmp_path)
    cases = {case.text: case for case in read.human_cases(tmp_path)}
    assert {text: (case.skill, dict(case.words)) for text, case in cases.items()} == {
        "set a timer for 5 minutes": ("set_timer", {"duration": "5 minutes"}),
        "what's my balance": ("none", {}),
        "wake me at six am": ("set_alarm", {"time": "six am"}),
        "any mail from mia": ("none", {}),
        "weather in århus denmark": ("weather", {"place": "århus denmark"}),
        "turn off desk light": ("switch", {"device": "desk light", "state": "off"}),
        "5 minute timer for pizza": ("set_timer", {"duration": "5 minute", "name": "pizza"}),
        "who painted the ceiling": ("ask", {"question": "who painted the ceiling"}),
    }
    for case in cases.values():
        check(case, CLOSED)


def test_broken_line_is_named(tmp_path: Path) -> None:
    """A line that is no JSON stops reading, and the message names file and line."""
    write_sets(tmp_path)
    with (tmp_path / "hwu64" / "part_a.jsonl").open("a", encoding="utf-8") as out:
        out.write("{broken\n")
    with pytest.raises(ValueError, match=r"part_a\.jsonl, line 3"):
        list(read.human_cases(tmp_path))


def test_words_that_are_no_whole_pieces_are_dropped() -> None:
    """A slot that ends inside a word costs the arguments, not the sentence."""
    case = read.make_case("x", "play songs by adele", "play", {"artist_name": "ade"})
    assert case == Case("play songs by adele", "play_music", {}, False, "x", case.group if case else "")


def test_paraphrases_share_a_group() -> None:
    """Politeness, articles and the particular numbers make no new group; other words do."""
    assert read.group_key("please set a timer for 5 minutes") == read.group_key("set the timer for ten minutes")
    assert read.group_key("set a timer") != read.group_key("cancel a timer")


def test_texts_are_plain(tmp_path: Path) -> None:
    """Every text has the one form that models read."""
    write_sets(tmp_path)
    assert all(case.text == plain(case.text) for case in read.human_cases(tmp_path))
