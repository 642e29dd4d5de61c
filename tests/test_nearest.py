from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kitchen import KITCHEN

from assistant.nearest import Examples
from assistant.prompt import plain

EXAMPLES = Examples(KITCHEN)


@pytest.mark.parametrize(
    ("said", "skill", "words"),
    [
        ("brew a small espresso", "brew", {"drink": "a small espresso"}),
        ("please brew me a large latte", "brew", {"drink": "me a large latte"}),
        ("could you make me three cappuccinos please", "brew", {"drink": "three cappuccinos"}),
        ("set a timer for nine minutes", "set_timer", {"duration": "nine minutes"}),
        ("play hello by adele", "play_music", {"title": "hello", "artist": "adele"}),
        ("volume seven", "set_volume", {"level": "seven"}),
    ],
)
def test_an_unseen_sentence_finds_its_skill_and_its_words(said: str, skill: str, words: dict[str, str]) -> None:
    """A sentence like an example is understood from the example alone, argument included."""
    best = EXAMPLES.best(said)[0]
    assert (best.call.skill, dict(best.call.words)) == (skill, words)


def test_an_example_itself_is_explained_whole() -> None:
    """Every signed example matches itself best and reads back as its own call; "i need ..." alone proves little."""
    for one in KITCHEN:
        for example in one.examples:
            best = EXAMPLES.best(plain(example.text))[0]
            assert best.score > (0.5 if "i need" in example.text else 0.85)
            assert (best.call.skill, dict(best.call.words)) == (one.name, dict(example.call.words))


@pytest.mark.parametrize(
    "said", ["the weather was lovely in spain", "did you see the game last night", "book a flight"]
)
def test_what_no_example_is_like_scores_low(said: str) -> None:
    """Chatter explains little of any example."""
    assert all(match.score < 0.55 for match in EXAMPLES.best(said))


def test_only_the_skills_asked_for_are_looked_at() -> None:
    """The search can be limited to some skills."""
    assert {m.call.skill for m in EXAMPLES.best("set a timer", skills=frozenset({"brew"}))} <= {"brew"}


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=80))
def test_any_text_gets_scores_between_none_and_all(said: str) -> None:
    """Nothing that is said breaks the comparison, and every score is a share."""
    for match in EXAMPLES.best(plain(said)):
        assert 0 <= match.score <= 1
        for words in match.call.words.values():
            assert words


FOUND = """
from finetune.rows import shipped_skills
from assistant.nearest import Examples
from assistant.prompt import plain

skills = shipped_skills()
examples = Examples(skills)
for skill in skills:
    for one in skill.examples[::9]:
        print([(match.said, match.score) for match in examples.best(plain(one.text))])
"""


def test_every_process_finds_the_same_examples_in_the_same_order() -> None:
    """Which examples are nearest, and in what order, does not hang on how a process hashes words."""
    root = Path(__file__).parents[1]
    found = [
        subprocess.run(
            [sys.executable, "-c", FOUND], cwd=root, env={**os.environ, "PYTHONHASHSEED": seed}, check=True,
            capture_output=True, text=True,
        ).stdout
        for seed in ("1", "2")
    ]  # fmt: skip
    assert len(found[0].splitlines()) > 50
    assert found[0] == found[1]
