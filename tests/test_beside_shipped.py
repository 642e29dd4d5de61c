"""What was learned on the board stands beside the model that ships, and decides about what it was taught alone."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from kitchen import kitchen_set

from assistant.config import load_settings
from assistant.decide import Decider, DecidingModels
from assistant.skill import MissingPiece
from assistant.turn import Decision, Transcript
from assistant.worker import WorkerFailed, Written

NOW = dt.datetime(2026, 3, 2, 18, 0, tzinfo=dt.UTC)
TRAINED = ["set_timer", "switch", "set_volume", "play_music", "none"]


@dataclass
class Scripted:
    """Writes one call for whatever is said, and counts how often it is asked."""

    call: Written | Exception
    own: Sequence[str] = ()
    asked: list[str] = field(default_factory=list)

    def notes(self) -> dict[str, str]:
        skills = [*TRAINED, *(name for name in self.own if name not in TRAINED)]
        curves = '{"skill": [1, 0], "call": [1, 0]}'
        return {"hark.skills": json.dumps(skills), "hark.calibration": curves, "hark.learned": json.dumps(self.own)}

    def write(
        self, plain_text: str, nearest: Sequence[tuple[str, str]] = (), drafts: Sequence[str] = ()
    ) -> tuple[Written, ...]:
        self.asked.append(plain_text)
        if isinstance(self.call, Exception):
            raise self.call
        return (self.call,)

    def complete(self, prompt: str, most_tokens: int = 160) -> str:
        raise AssertionError("a skill model is asked for no free answer")

    def close(self) -> None:
        pass


def written(call: str, sure: float = 0.97) -> Written:
    return Written(call, sure, sure)


def decided(tmp_path: Path, text: str, shipped: Scripted, learned: Scripted | None) -> Decision:
    settings = load_settings(None, {}, [f"paths.data={tmp_path}"])
    with Decider(kitchen_set(), settings, parts=DecidingModels(shipped, None, learned)) as decider:
        return decider.decide(Transcript(text=text), now=NOW)


def test_a_learned_skill_is_called(tmp_path: Path) -> None:
    """Where the shipped model says none() and the learned one a skill of its own, that is what was meant."""
    learned = Scripted(written("brew(drink= cocoa)"), own=["brew"])
    made = decided(tmp_path, "get the cocoa going", Scripted(written("none()")), learned)
    assert (made.skill, made.tier) == ("brew", "learned")
    assert made.words["drink"].removeprefix("the ") == "cocoa"


def test_a_call_is_the_learned_models_only_where_it_speaks_for_it(tmp_path: Path) -> None:
    """Where it holds something else and the examples alone call the skill, the tier says so."""
    learned = Scripted(written("none()"), own=["brew"])
    made = decided(tmp_path, "brew the coffee", Scripted(written("none()")), learned)
    assert (made.skill, made.tier) == ("brew", "examples")


@pytest.mark.parametrize("forgotten", ["none()", "play_music(title= pasta)", "set_volume(level= ten)"])
def test_what_the_learned_model_forgot_is_not_forgotten(tmp_path: Path, forgotten: str) -> None:
    """Whatever the learned model says of what it was not taught, the shipped model's answer is as it is without it."""
    text = "ten minutes for the pasta"
    shipped = Scripted(written("set_timer(duration= ten minutes, name= pasta)"))
    alone = decided(tmp_path, text, shipped, None)
    beside = decided(tmp_path, text, shipped, Scripted(written(forgotten), own=["brew"]))
    assert beside.model_copy(update={"ms": alone.ms}) == alone


@pytest.mark.parametrize("sure", [0.65, 0.9, 0.999])
def test_talk_that_no_example_is_like_is_not_called(tmp_path: Path, sure: float) -> None:
    """A learned model knows little of talk: where it alone speaks for its skill, that is not enough."""
    learned = Scripted(written("brew(drink= cash)", sure), own=["brew"])
    assert decided(tmp_path, "where is the nearest cash machine", Scripted(written("none()")), learned).skill == "none"


@pytest.mark.parametrize(("text", "skill"), [("turn on the tap", "switch"), ("brew the coffee", "brew")])
def test_a_request_that_the_shipped_model_serves_is_given_up_only_for_what_examples_are_like(
    tmp_path: Path, text: str, skill: str
) -> None:
    """Where both would call a skill of theirs, it is the learned one if its examples say so, too."""
    thing = text.rpartition(" ")[2]
    shipped = Scripted(written(f"switch(device= {thing}, state= on)"))
    made = decided(tmp_path, text, shipped, Scripted(written(f"brew(drink= {thing})"), own=["brew"]))
    assert made.skill == skill


@pytest.mark.parametrize(
    ("own", "sure", "skill", "tier"),
    [
        (["play_music", "switch"], 0.97, "switch", "learned"),
        (["play_music", "switch"], 0.5, "play_music", "shipped"),
        (["switch"], 0.97, "play_music", "shipped"),
    ],
)
def test_a_correction_is_for_the_learned_model_to_decide(
    tmp_path: Path, own: list[str], sure: float, skill: str, tier: str
) -> None:
    """What the shipped model would do with a skill that was corrected the learned one decides, where it is sure."""
    shipped = Scripted(written("play_music(title= radio)"))
    learned = Scripted(written("switch(device= radio, state= on)", sure), own=own)
    made = decided(tmp_path, "play the radio", shipped, learned)
    assert (made.skill, made.tier) == (skill, tier)


@pytest.mark.parametrize(("sure", "skill"), [(0.97, "switch"), (0.65, "none")])
def test_what_was_declined_and_corrected_is_called(tmp_path: Path, sure: float, skill: str) -> None:
    """Where the shipped model said none(), a correction is called as soon as the learned model is sure of it."""
    learned = Scripted(written("switch(device= radio, state= on)", sure), own=["switch"])
    assert decided(tmp_path, "some radio", Scripted(written("none()")), learned).skill == skill


@pytest.mark.parametrize("sure", [0.9, 0.6])
def test_the_words_of_a_learned_skill_are_those_that_its_examples_find(tmp_path: Path, sure: float) -> None:
    """However sure the learned model is of its own: ten examples taught it few."""
    learned = Scripted(Written("brew(drink= mocha please)", 0.97, sure), own=["brew"])
    made = decided(tmp_path, "brew a mocha please", Scripted(written("none()")), learned)
    assert (made.skill, made.tier) == ("brew", "learned")
    assert made.words["drink"].removeprefix("a ") == "mocha"


def test_each_model_is_asked_once_about_a_sentence(tmp_path: Path) -> None:
    """Two models cost two looks, however many tiers want to know."""
    shipped, learned = Scripted(written("none()")), Scripted(written("brew(drink= tea)", 0.5), own=["brew"])
    decided(tmp_path, "tea would be nice", shipped, learned)
    assert (shipped.asked, learned.asked) == (["tea would be nice"], ["tea would be nice"])


@pytest.mark.parametrize("fault", [WorkerFailed("it died twice"), MissingPiece("there is no model")])
def test_without_the_learned_model_the_house_goes_on(tmp_path: Path, fault: Exception) -> None:
    """A learned model that crashes, or is gone, leaves the shipped one's answer."""
    shipped = Scripted(written("set_volume(level= five)"))
    made = decided(tmp_path, "volume five", shipped, Scripted(fault, own=["brew"]))
    assert (made.skill, made.tier) == ("set_volume", "shipped")


def test_what_the_learned_model_holds_in_part_counts_beside_the_examples(tmp_path: Path) -> None:
    """Neither of two is sure of the skill; together they are."""
    text, shipped = "i could use two espressos", Scripted(written("none()"))
    alone = decided(tmp_path, text, shipped, None)
    learned = Scripted(written("brew(drink= two espressos)", 0.55), own=["brew"])
    made = decided(tmp_path, text, shipped, learned)
    assert made.skill == "brew" and made.confidence > max(0.55, alone.confidence if alone.skill == "brew" else 0)
