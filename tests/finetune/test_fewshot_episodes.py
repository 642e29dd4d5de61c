"""Episodes of the few-shot training, and what may stand in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import pytest
from fewshot_pool import small_pool

from assistant.shown import Line
from evals.cases import Case, read_cases, write_cases
from evals.sets import open_set
from finetune.fewshot import episodes as drawing
from finetune.fewshot.__main__ import NEWCOMERS, may_be_taught
from finetune.fewshot.episodes import ASKED, BY_ANOTHER, EXAMPLES, READ, RIGHT, Episode, Episodes
from finetune.fewshot.pool import Pool, Taught

pytestmark = pytest.mark.train


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pool]:
    with pytest.MonkeyPatch.context() as patch:
        yield by_one_author(small_pool(tmp_path_factory.mktemp("sources"), patch))


def by_one_author(pool: Pool) -> Pool:
    """The pool without what others say to the skills that ship: a test says itself what others say."""

    def alone(one: Taught) -> Taught:
        return replace(one, phrasings=[said for said in one.phrasings if not said.by_another])

    return replace(pool, taught={name: alone(one) for name, one in pool.taught.items()})


# --- episodes --------------------------------------------------------------------------------------------------------


def drawn(pool: Pool, count: int = 120) -> list[Episode]:
    return Episodes(pool, 7).at(0, count)


def test_what_is_asked_is_not_shown(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """No right sentence is among the examples, every episode has right ones and wrong ones, and no more than fit."""
    monkeypatch.setattr(drawing, "OTHER_VALUE", 0.0)
    monkeypatch.setattr(drawing, "ODD_VALUES", ((1.0, 0.0),))
    for one in drawn(pool):
        examples = {line.words for line in one.lines}
        right = [said.line.words for said, is_right in zip(one.asked, one.right, strict=True) if is_right]
        assert right
        assert not examples & set(right)
        assert 4 <= len(one.lines) <= EXAMPLES + 1
        assert len(right) < len(one.asked) <= ASKED
        assert all(len(said.line.words) <= READ for said in one.asked)
        assert all(len(line.words) <= READ for line in one.lines)


def test_a_wrong_sentence_is_none_of_the_skills(pool: Pool) -> None:
    """What is asked as wrong is never a sentence of the skill that is shown."""
    episodes = Episodes(pool, 7)
    for one in pool.taught.values():
        own = {said.line.words for said in one.said()}
        for episode in (episodes.of(one) for _ in range(10) if len(own) >= 20):
            wrong = [said for said, is_right in zip(episode.asked, episode.right, strict=True) if not is_right]
            assert len(wrong) >= 4
            assert not own & {said.line.words for said in wrong}


def test_a_step_has_its_own_episodes(pool: Pool) -> None:
    """The same step gives the same ones whatever was drawn before, another step and another seed others."""
    one, other = Episodes(pool, 7), Episodes(pool, 7)
    other.at(3, 5)
    assert one.at(4, 5) == other.at(4, 5)
    assert one.at(5, 5) != one.at(4, 5)
    assert Episodes(pool, 8).at(4, 5) != one.at(4, 5)
    assert one.texts(4, 5) == other.texts(4, 5) != one.texts(5, 5)


def test_an_exchanged_value_keeps_its_marks(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where other words stand in a free text they are marked as the old ones were, and the rest stays."""
    monkeypatch.setattr(drawing, "OTHER_VALUE", 1.0)
    monkeypatch.setattr(drawing, "cut_otherwise", lambda one, _: one)
    kept = {
        tuple((word, slot) for word, slot in zip(said.line.words, said.line.slots, strict=True) if slot < 0)
        for one in pool.taught.values()
        for said in one.said()
    }
    changed = 0
    known = {said.line.words for one in pool.taught.values() for said in one.said()}
    for one in drawn(pool, 30):
        for line in one.lines:
            if -1 in line.slots and max(line.slots, default=-1) >= 0:
                assert tuple((w, s) for w, s in zip(line.words, line.slots, strict=True) if s < 0) in kept
                assert len(line.words) == len(line.roles) == len(line.slots) <= READ
                changed += line.words not in known
    assert changed > 10


def test_a_piece_of_talk_stands_in_a_free_text(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some words of it that follow one another, in examples and in sentences for the skill, if the episode is such."""
    monkeypatch.setattr(drawing, "OTHER_VALUE", 0.0)
    talk = [" ".join(line.words) for line in pool.talk]
    kinds = set()
    for one in drawn(pool, 60):
        lines = [*one.lines, *(said.line for said, right in zip(one.asked, one.right, strict=True) if right)]
        free = [line for line in lines if drawing._free(line)]
        values = [" ".join(line.words[slice(*line.run(slot))]) for line in free for slot in drawing._free(line)]
        odd = [value for value in values if any(value in text for text in talk)]
        assert all(len(value.split()) <= READ for value in odd)
        kinds.add(len(odd) > 0)
    assert kinds == {True, False}


def test_an_example_is_said_with_other_values(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Among the sentences for a skill are examples that are shown, in whose arguments other sentences' words stand."""
    monkeypatch.setattr(drawing, "IN_ITS_WORDS", 1.0)
    monkeypatch.setattr(drawing, "OTHER_VALUE", 0.0)
    monkeypatch.setattr(drawing, "ODD_VALUES", ((1.0, 0.0),))
    changed = 0
    for one in drawn(pool, 60):
        frames = {frame(line) for line in one.lines}
        shown = {line.words for line in one.lines}
        for said in (said for said, right in zip(one.asked, one.right, strict=True) if right):
            assert said.line.words not in shown
            assert len(said.line.words) == len(said.line.roles) == len(said.line.slots) <= READ
            changed += frame(said.line) in frames
    assert changed > 60


def with_others(pool: Pool, name: str, some: int) -> Taught:
    """A skill of the pool, the last of whose phrasings others say."""
    one = pool.taught[name]
    others = [replace(said, by_another=True) for said in one.phrasings[-some:]]
    return replace(one, phrasings=[*one.phrasings[:-some], *others])


@pytest.mark.parametrize("some", [2, BY_ANOTHER + 5])
def test_sentences_of_other_authors_come_first(pool: Pool, monkeypatch: pytest.MonkeyPatch, some: int) -> None:
    """As many of them as an episode has room for, the rest by the author of the examples."""
    monkeypatch.setattr(drawing, "IN_ITS_WORDS", 0.0)
    monkeypatch.setattr(drawing, "AS_WRITTEN", 1.0)
    name = next(name for name, one in pool.taught.items() if one.source.startswith("invented"))
    episode = Episodes(pool, 7).of(with_others(pool, name, some))
    right = [said for said, is_right in zip(episode.asked, episode.right, strict=True) if is_right]
    assert len(right) == RIGHT
    assert sum(said.by_another for said in right) == min(some, BY_ANOTHER)


def test_examples_are_of_one_author(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """None that is shown is by somebody else, where not the author's examples alone are shown, too."""
    for name, value in (("AS_WRITTEN", 0.0), ("OTHER_VALUE", 0.0), ("ODD_VALUES", ((1.0, 0.0),))):
        monkeypatch.setattr(drawing, name, value)
    name = next(name for name, one in pool.taught.items() if one.source.startswith("invented"))
    one = with_others(pool, name, 12)
    others, episodes = {said.line.words for said in one.said() if said.by_another}, Episodes(pool, 7)
    shown = [{line.words for line in episodes.of(one).lines} for _ in range(20)]
    assert len({frozenset(lines) for lines in shown}) > 10
    assert not others & set().union(*shown)


def test_a_skill_that_others_speak_to_counts_once_beside_another(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its sentences are drawn for another skill no more often than any other's, and so are its values."""
    first, other, *_ = (name for name, one in pool.taught.items() if one.source.startswith("invented"))
    more = Episodes(replace(pool, taught={**pool.taught, first: with_others(pool, first, 3)}), 7)
    assert len(more._values) == len(Episodes(pool, 7)._values)
    for name, value in (("CONFUSABLE", 0), ("SERVED", 0), ("OTHERS", len(pool.taught))):
        monkeypatch.setattr(drawing, name, value)
    asked: list[str] = []
    monkeypatch.setattr(more, "_any", lambda name: asked.append(name) or Line((), (), ()))
    more.of(pool.taught[other])
    assert first in asked
    assert len(set(asked)) == len(asked)


def test_a_skill_that_others_speak_to_is_drawn_twice_as_often(pool: Pool) -> None:
    """As often as two skills that its author alone speaks to."""
    names = [name for name, one in pool.taught.items() if one.source.startswith("invented")]
    more = replace(pool, taught={**pool.taught, names[0]: with_others(pool, names[0], 3)})
    shown = [Episodes(one, 7).at(0, 1500) for one in (pool, more)]
    before, after = (sum(pool.taught[names[0]].slots == one.slots for one in some) for some in shown)
    assert len(names) == 3
    assert 1.2 < after / before < 1.9  # 1 in 3 to 2 in 4


def frame(line: Line) -> tuple[str, ...]:
    """The words outside arguments, and where those stand."""
    runs = groupby(zip(line.words, line.slots, strict=True), key=lambda one: one[1])
    return tuple(word for of, run in runs for word in ([w for w, _ in run] if of < 0 else [f"<{of}>"]))


# --- what may be taught ----------------------------------------------------------------------------------------------


def everything(pool: Pool) -> Iterator[tuple[str, ...]]:
    """The words of every sentence that training may see."""
    yield from pool.plain_texts
    yield from (line.words for line in (*pool.talk, *pool.unserved))
    for one in pool.taught.values():
        yield from (said.line.words for said in one.said())
        yield from (line.words for line in one.near)


def test_what_may_not_be_taught_is_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sentence that is refused is no example, phrasing, near miss, talk, wish nor text whose words are guessed."""

    def may(text: str) -> bool:
        return not {"secret", "the"} & set(text.split())

    (tmp_path / "all").mkdir()
    with monkeypatch.context() as patch:
        without_rule = list(everything(small_pool(tmp_path / "all", patch, lambda text: True)))
    assert sum("secret" in words for words in without_rule) >= 25
    (tmp_path / "some").mkdir()
    found = small_pool(tmp_path / "some", monkeypatch, may)
    assert {one.source.split(":")[0] for one in found.taught.values()} >= {"invented", "ours"}
    assert not [words for words in everything(found) if {"secret", "the"} & set(words)]
    assert len(list(everything(found))) > 50


def test_every_source_is_in_the_pool(pool: Pool) -> None:
    """Invented skills, ours with what people said to them, and intents of three public sets with their arguments."""
    assert {one.source.split(":")[0] for one in pool.taught.values()} == {"invented", "ours", "clinc", "hwu", "snips"}
    timer = pool.taught["ours:set_timer"]
    assert len(timer.phrasings) == 25
    assert timer.phrasings[3].line.words[:5] == ("set", "a", "timer", "for", "ten")
    duration = next(at for at, slot in enumerate(timer.slots) if slot.argument == "duration")
    assert timer.phrasings[3].line.slots[:7] == (-1, -1, -1, -1, duration, duration, -1)
    assert pool.taught["snips:book"].slots[0].argument == "object"
    assert pool.taught["hwu:lists_add"].slots[0].argument == "item"
    assert (len(pool.talk), len(pool.unserved)) == (25, 25)
    assert pool.taught["clinc:errand"].confusable == []  # the only one of its source


def test_measured_sentences_may_not_be_taught(tmp_path: Path) -> None:
    """No kept-back row, no sentence of a committed set and none that is said to a newcomer; a stranger's may."""
    write_cases(tmp_path / "dev.jsonl", [Case("dust the piano lid", "none", source="clinc150:train", group="piano")])
    may = may_be_taught(tmp_path)
    newcomers = [next(read_cases(path)).text for path in sorted(NEWCOMERS.rglob("phrasings.jsonl"))]
    assert len(newcomers) >= 4
    for text in ("dust the piano lid", "please dust a piano lid", open_set("quick").cases[0].text, *newcomers):
        assert not may(text), text
    assert may("the glacier calved into the fjord last winter")
