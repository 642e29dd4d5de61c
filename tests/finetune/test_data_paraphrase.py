"""Paraphrases come from a model the user names, and each carries the example's own argument words."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from kitchen import KITCHEN, doll
from servers import ChatServer

from assistant.config import Models
from assistant.skill import ConfigError, SkillError
from finetune.data.growth import Wish, chosen, grown
from finetune.data.paraphrase import (
    BAD_MARK,
    MOST_FAILURES,
    NO_ANSWER,
    OTHER_WORDS,
    ROUNDS,
    THE_SAME,
    GgufWriter,
    ServerWriter,
    marked,
    open_writer,
    paraphrases,
    questions,
    read_back,
    schema_of,
)
from finetune.data.remembered import Remembered
from finetune.data.templates import Sentence, group_of

BREW, SWITCH = chosen(KITCHEN, ["brew", "switch"])
EXAMPLE = BREW.examples[0]  # brew [a large latte](drink)


def answer(*lines: str) -> str:
    return json.dumps({"paraphrases": list(lines)})


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("could i get [a large latte](drink)", ""),
        ("Could I get [a large latte](drink), please?", ""),
        ("could i get a large latte", OTHER_WORDS),
        ("could i get [a small latte](drink)", OTHER_WORDS),
        ("[a large latte](drink) and [a large latte](drink)", BAD_MARK),
        ("could i get [a large latte](drink", BAD_MARK),
        ("brew [a large latte](drink)", THE_SAME),
    ],
)
def test_a_paraphrase_keeps_the_marked_words(line: str, reason: str) -> None:
    """A lost, changed or doubled argument drops the line, by its reason; a good one joins its example's group."""
    found = read_back(line, EXAMPLE, BREW)
    assert (found if isinstance(found, str) else "") == reason
    if isinstance(found, Sentence):
        assert found.group == group_of(EXAMPLE)
        assert [part.text for part in found.parts if part.argument] == ["a large latte"]


def test_a_choice_may_be_said_in_other_words() -> None:
    """For a closed argument the choice must stay; the words that say it may change."""
    example = next(one for one in SWITCH.examples if one.call.words["state"] == "off")
    assert "(state=off)" in marked(example, SWITCH)
    assert isinstance(read_back("[kill](state=off) the [lamp](device)", example, SWITCH), Sentence)
    assert read_back("switch [on](state=on) the [lamp](device)", example, SWITCH) == OTHER_WORDS


def test_a_server_is_asked_under_a_schema_and_only_once(tmp_path: Path) -> None:
    """Each question carries the schema; what was answered is remembered, so a second run asks nothing."""
    reply = answer(
        "get me [a large latte](drink)", "get me a latte", "one [large latte](drink)", "i need [coffee](drink)"
    )
    with ChatServer(reply) as server:
        writer = open_writer(f"{server.url}/v1", Models())
        assert isinstance(writer, ServerWriter)
        assert writer.name == "stand-in"
        found, dropped = paraphrases([BREW], writer, Remembered(tmp_path / "kept"))
        asked = [seen for seen in server.seen if seen.method == "POST"]
        assert len(asked) == questions([BREW]) == ROUNDS * len(BREW.examples)
        shape = asked[0].body["response_format"]
        assert shape["type"] == "json_schema"
        assert shape["json_schema"]["schema"]["required"] == ["paraphrases"]
        assert "brew [a large latte](drink)" in asked[0].body["messages"][0]["content"]
        again, _ = paraphrases([BREW], writer, Remembered(tmp_path / "kept"))
        assert len([seen for seen in server.seen if seen.method == "POST"]) == len(asked)
    assert again == found
    latte = found[group_of(EXAMPLE)]
    assert len(latte) == ROUNDS
    # "i need [coffee](drink)" is itself an example: that one gets it back, the other two lose their words to it.
    assert dropped == {OTHER_WORDS: 4 * questions([BREW]) - 2 * ROUNDS, THE_SAME: ROUNDS}


def test_what_was_paraphrased_is_grown_from() -> None:
    """A paraphrase's own words turn up among the rows, under their own source and the example's group."""
    sentence = read_back("hook me up with [a large latte](drink)", EXAMPLE, BREW)
    assert isinstance(sentence, Sentence)
    rows = list(grown(Wish([BREW], 300, paraphrases={sentence.group: [sentence]})))
    mine = [case for case in rows if case.source == "grown-paraphrase"]
    assert any("hook me up with" in case.text for case in mine)
    assert {case.group for case in mine} == {group_of(EXAMPLE)}


def test_an_answer_out_of_form_is_counted(tmp_path: Path) -> None:
    """Prose instead of JSON gives no paraphrase, and every such answer is counted."""
    with ChatServer("Sure! Here are some.") as server:
        found, dropped = paraphrases([BREW], open_writer(f"{server.url}/v1", Models()), Remembered(tmp_path / "kept"))
    assert found == {}
    assert dropped == {NO_ANSWER: questions([BREW])}


def test_a_server_that_stops_answering_is_one_sentence(tmp_path: Path) -> None:
    """After a few failures in a row growing stops with a sentence; what was answered before is kept."""
    with ChatServer(answer("get me [a large latte](drink)")) as server:
        writer = open_writer(f"{server.url}/v1", Models())
        server.fail(503)
        with pytest.raises(SkillError, match="stand-in stopped answering"):
            paraphrases([BREW], writer, Remembered(tmp_path / "kept"))
        assert len([seen for seen in server.seen if seen.method == "POST"]) == MOST_FAILURES


def test_what_is_neither_file_nor_address_is_said(tmp_path: Path) -> None:
    """A wrong name is a setting to mend, in one sentence."""
    with pytest.raises(ConfigError, match="no file and no address"):
        open_writer(str(tmp_path / "none.gguf"), Models())


def test_a_gguf_writes_under_the_schema(tmp_path: Path) -> None:
    """Even a model of random weights writes each argument's words as they were, where it comes to an end at all."""
    writer = open_writer(str(doll()), Models(threads=1))
    assert isinstance(writer, GgufWriter)
    one = replace(BREW, examples=BREW.examples[:1])
    schema = schema_of(EXAMPLE, BREW, 1)
    schema["properties"]["paraphrases"]["items"]["pattern"] = r"^\[a large latte\]\(drink\)$"
    assert json.loads(writer.answer("Said: brew tea", schema)) == {"paraphrases": ["[a large latte](drink)"]}
    found, dropped = paraphrases([one], writer, Remembered(tmp_path / "kept"))
    writer.close()
    carried = [part.text for mine in found.values() for one in mine for part in one.parts if part.argument]
    assert set(carried) <= {"a large latte"}
    assert sum(dropped.values()) + len(carried) >= questions([one])
    assert OTHER_WORDS not in dropped  # the schema holds the words


def test_a_torn_line_costs_itself(tmp_path: Path) -> None:
    """What a crash cut off is forgotten; what is kept afterwards is read back whole."""
    file = tmp_path / "kept"
    Remembered(file).keep("one", "a")
    file.write_text(file.read_text() + '{"key": "b", "ans')
    after = Remembered(file)
    assert after.get("a") == "one"
    after.keep("three", "c")
    assert (Remembered(file).get("a"), Remembered(file).get("c"), Remembered(file).get("b")) == ("one", "three", None)


def test_the_schema_holds_the_words_in_any_order() -> None:
    """The pattern takes the arguments in either order and no other words; a choice may be said otherwise."""
    play = chosen(KITCHEN, ["play_music"])[0]
    pattern = schema_of(play.examples[0], play, 1)["properties"]["paraphrases"]["items"]["pattern"]
    assert re.match(pattern, "by [the beatles](artist) play [yesterday](title)")
    assert re.match(pattern, "put [yesterday](title) on by [the beatles](artist)")
    assert not re.match(pattern, "play [yesterday](title) by [the stones](artist)")
    assert not re.match(pattern, "play [yesterday](title)")
    example = next(one for one in SWITCH.examples if one.call.words["state"] == "off")
    pattern = schema_of(example, SWITCH, 1)["properties"]["paraphrases"]["items"]["pattern"]
    assert re.match(pattern, "[shut down](state=off) the [lamp](device)")
    assert not re.match(pattern, "[shut down](state=on) the [lamp](device)")
