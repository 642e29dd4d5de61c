"""Growing sentences from examples, templates and human sentences."""

from __future__ import annotations

import random
from itertools import islice

import pytest

from assistant.prompt import plain
from assistant.skill import parse_example
from evals.cases import Case, check
from finetune import grow
from finetune.disturb import Part, disturb
from finetune.piles_of_words import Piles
from finetune.rows import choices, shipped_skills
from finetune.say import in_words

SKILLS = shipped_skills()
CLOSED = choices(SKILLS)
HUMAN = [
    Case("wake me at six am", "set_alarm", {"time": "six am"}, True, "hwu64", "g1"),
    Case("play blimey by zonk", "play_music", {"title": "blimey", "artist": "zonk"}, True, "snips", "g2"),
    Case("mute the speaker", "change_volume", {"direction": "mute"}, True, "hwu64", "g3"),
    Case("set two alarms", "set_alarm", {}, False, "hwu64", "g4"),
]


@pytest.fixture(scope="module")
def piles() -> Piles:
    """Our own piles."""
    return Piles.read(grow.PILES, {})


def test_every_template_grows_whole_cases(piles: Piles) -> None:
    """Each template and each signed example grows a case that holds against its own text."""
    chance = random.Random(1)
    templates = [*grow.example_templates(SKILLS), *grow.read_templates(), *grow.human_templates(HUMAN)]
    for template in templates:
        grown = [grow.make(template, piles, chance) for _ in range(3)]
        kept = [case for case in grown if case is not None]
        assert kept, template.line
        for case in kept:
            check(case, CLOSED)
            assert case.text == plain(case.text)


def test_every_skill_has_templates() -> None:
    """No skill grows from its examples alone, and no template is of a skill that there is not."""
    assert {template.skill for template in grow.read_templates()} == {skill.name for skill in SKILLS}


def test_same_seed_same_rows() -> None:
    """Growing is deterministic by seed."""
    first, again, other = (list(islice(grow.grow(SKILLS, HUMAN, 2000, seed), 300)) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_about_as_many_as_wanted_and_none_twice() -> None:
    """A skill's sentences are distinct, and their number is near the number asked for."""
    rows = list(grow.grow(SKILLS, HUMAN, 3000, 5))
    assert 2500 <= len(rows) <= 3000
    assert len({(row.skill, row.text) for row in rows}) >= 0.97 * len(rows)


def test_example_takes_other_words(piles: Piles) -> None:
    """A signed example's open arguments take other words; its own mark stays on them."""
    example = parse_example("cancel the [pasta](name) timer", "cancel_timer")
    skill = next(skill for skill in SKILLS if skill.name == "cancel_timer")
    assert example in skill.examples
    template = next(t for t in grow.example_templates([skill]) if t.line.startswith("cancel the ["))
    assert template.line == "cancel the [<thing>](name) timer"
    names = {case.words["name"] for _ in range(30) if (case := grow.make(template, piles, random.Random(_)))}
    assert len(names) > 15


def test_human_sentence_takes_other_words() -> None:
    """A human sentence with known arguments is a template of its own group; one without is not."""
    templates = {template.of: template.line for template in grow.human_templates(HUMAN)}
    assert templates["g1"] == "wake me at [<clock>](time)"
    assert templates["g2"] == "play [<title>](title) by [<artist>](artist)"
    assert "g4" not in templates


def test_human_words_fill_piles() -> None:
    """Words of human sentences are offered to the templates of the same kind."""
    words = grow.human_words(HUMAN)
    assert words == {"title": ["blimey"], "artist": ["zonk"]}
    piles = Piles.read(grow.PILES, words)
    taken = [piles.take("artist", random.Random(seed)) for seed in range(60)]
    assert taken.count("zonk") > 10
    assert len(set(taken)) > 10


def test_disturbing_leaves_arguments_alone() -> None:
    """Whatever happens to a sentence, an argument's words stay as they were."""
    chance = random.Random(3)
    parts = [Part("set a timer for "), Part("ten minutes", "duration"), Part(" please")]
    changed = 0
    for _ in range(400):
        after = disturb(parts, "set_timer", chance)
        assert [part for part in after if part.argument] == [parts[1]]
        changed += after != parts
    assert 100 < changed < 300


def test_overheard_wish_is_never_cut_out_of_its_sentence() -> None:
    """A piece of `set the timer and run he yelled` would be a wish, so such a line stays whole; another may be cut."""
    chance = random.Random(4)
    told = grow.Template("none", "set the timer for two minutes and run he yelled", "chatter")
    assert {grow.overheard(told, chance) for _ in range(100)} == {told.line}
    talk = grow.Template("none", "she bakes the best bread in town", "chatter")
    assert len({grow.overheard(talk, chance) for _ in range(100)}) > 3


def test_unknown_pile_is_an_error(piles: Piles) -> None:
    """A template that names a pile there is not stops the build."""
    with pytest.raises(KeyError, match="cityy"):
        grow.expand("weather in <cityy>", piles, random.Random(0))


def test_templates_make_enough_talk() -> None:
    """The chatter has at least 1,500 distinct lines before any of them is disturbed."""
    lines = [template for template in grow.read_templates() if template.skill == "none"]
    written = {template.line for template in lines if template.source == "chatter"}
    assert len(written) > 1000
    piles = Piles.read(grow.PILES, {})
    chance = random.Random(0)
    grown = {"".join(p.text for p in grow.expand(t.line, piles, chance)) for t in lines for _ in range(8)}
    assert len(grown) > 1700


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "zero"),
        (13, "thirteen"),
        (40, "forty"),
        (99, "ninety nine"),
        (100, "one hundred"),
        (1204, "one thousand two hundred four"),
    ],
)
def test_numbers_in_words(number: int, said: str) -> None:
    """Whole numbers are said in English."""
    assert in_words(number) == said


def test_numbers_with_and() -> None:
    """British English says `and` before the last two digits."""
    assert in_words(123, joined_by_and=True) == "one hundred and twenty three"
