"""The example package outside the tree: installed by pip, its skills are there, and nothing in Hark was touched."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from installing import LIMIT_S, install

from assistant.config import load_settings
from assistant.decide import Decider, DecidingModels
from assistant.registry import SkillSet, load_skills
from assistant.skill import Call
from assistant.turn import Transcript

EXAMPLE = Path(__file__).parents[1] / "examples" / "hark-skill-tea"

pytestmark = pytest.mark.timeout(2 * LIMIT_S)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that pip has installed the package into, from a copy, without any registry."""
    return install(EXAMPLE, tmp_path_factory.mktemp("tea"))


@pytest.fixture
def skills(installed: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SkillSet]:
    """Every skill that Hark finds with the package on Python's path."""
    monkeypatch.syspath_prepend(installed)
    importlib.invalidate_caches()
    yield load_skills(load_settings(None, {}))
    for name in [name for name in sys.modules if name.partition(".")[0] == "hark_skill_tea"]:
        del sys.modules[name]


def test_the_package_is_found_by_its_entry_point(installed: Path, skills: SkillSet) -> None:
    """Both skills load from where pip put them, without a fault, and with the module's own settings."""
    assert [str(fault) for fault in skills.faults] == []
    tea = skills.module_of(skills.by_name["steep_tea"])
    assert Path(tea.path) == installed / "hark_skill_tea" / "tea.py"
    assert tea.settings == {"default_minutes": 4}
    assert [skill.name for skill in tea.skills] == ["steep_tea", "check_tea"]
    assert len(tea.due) == 1


def test_without_the_package_there_is_no_tea(
    skills: SkillSet, monkeypatch: pytest.MonkeyPatch, installed: Path
) -> None:
    """The skills come from the package alone: off Python's path, the rest is what was there before."""
    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if entry != str(installed)])
    importlib.invalidate_caches()
    without = load_skills(load_settings(None, {}))
    assert set(skills.by_name) - set(without.by_name) == {"steep_tea", "check_tea"}


@pytest.mark.parametrize(
    ("said", "call"),
    [
        ("Steep a pot of green tea, please.", 'steep_tea(tea="green")'),
        ("steep the oolong for seven minutes", 'steep_tea(duration="seven minutes", tea="oolong")'),
        ("Is my tea ready?", "check_tea()"),
    ],
)
def test_it_is_usable_before_any_model_knows_it(skills: SkillSet, said: str, call: str) -> None:
    """From its examples alone, beside all of Hark's skills, a sentence about tea is its call."""
    settings = load_settings(None, {})
    with Decider(skills, settings, parts=DecidingModels(None, None)) as decider:
        decision = decider.decide(Transcript(text=said), now=settings.now())
    assert str(Call(decision.skill, dict(sorted(decision.words.items())))) == call
    assert decision.tier == "examples"


def test_its_own_tests_pass(installed: Path) -> None:
    """The tests that come with the package hold for the installed copy."""
    arguments = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull, EXAMPLE / "tests")
    environment = {**os.environ, "PYTHONPATH": str(installed), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        env=environment,
        cwd=installed,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout
