"""A sentence beside skills' examples, on a doll of a network; and the second opinion that comes of it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fewshot_doll import doll

from assistant import compared, odds, unseen
from assistant.compared import Compared, meant, words_probability
from assistant.fewshot import Answer, Memory, Network
from assistant.seconded import LEAST, Opinion, seconded
from assistant.shown import Shown
from assistant.skill import Argument, MissingPiece, Skill, parse_example
from assistant.unseen import ALL, TRIED, Unseen
from assistant.worker import Written

SAID = "water the roses for me"


def skill_of(name: str, *examples: str) -> Skill:
    return Skill(name, "A skill.", (), tuple(parse_example(one, name) for one in examples), run=str)


THREE = [skill_of("water", "water the roses"), skill_of("dance", "dance a waltz"), skill_of("cook", "cook a stew")]


@pytest.fixture(autouse=True)
def plainly_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is said sounds like a request, whatever is made of the words."""
    monkeypatch.setattr(compared, "log_odds", lambda _text: -9.0)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The purposes of the skills that a network has read, one for each time."""
    names: list[str] = []
    remember = Network.remember

    def noted(self: Network, skill: Shown) -> Memory:
        names.append(skill.lines[0].words[0])
        return remember(self, skill)

    monkeypatch.setattr(Network, "remember", noted)
    return names


def test_skills_are_read_once_and_when_they_are_needed(read: list[str]) -> None:
    """What nobody asks about is not read, and what was read is remembered."""
    house = Compared(THREE, doll())
    assert read == []
    assert list(house.answers(SAID, ["water", "cook", "water"])) == ["water", "cook"]
    assert read == ["water", "cook"]
    house.answers("another sentence", ["cook"])
    assert read == ["water", "cook"]


@pytest.mark.parametrize(("said", "names"), [("", ["water"]), (SAID, [])])
def test_without_words_or_skills_nothing_is_read(read: list[str], said: str, names: list[str]) -> None:
    """There is no answer, and no file is opened for it."""
    assert Compared(THREE, doll()).answers(said, names) == {}
    assert read == []


def test_a_file_that_is_gone_is_told_when_it_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A house without unseen skills never asks for it; one that asks gets a sentence."""
    monkeypatch.setattr(compared, "FEWSHOT", tmp_path / "network.npz")
    compared.shipped.cache_clear()
    house = Compared(THREE)
    assert house.answers(SAID, []) == {}
    with pytest.raises(MissingPiece, match=r"network\.npz is missing or damaged; install Hark again"):
        house.answers(SAID, ["water"])


def scripted(match: float) -> Answer:
    return Answer(match, np.zeros((0, 6), np.float32), np.zeros((0, 6), np.float32), np.zeros((5, 1), np.float32))


def test_talk_is_less_probably_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    """What sounds like talk takes from the log odds, and what plainly sounds like a request adds nothing."""
    found = []
    for nats in (compared.TALK_FROM - 2, compared.TALK_FROM, compared.TALK_FROM + 2):
        monkeypatch.setattr(compared, "log_odds", lambda _text, nats=nats: nats)
        found.append(meant(scripted(1.0), SAID))
    assert found[0] == found[1] == pytest.approx(1.0)
    assert found[2] == pytest.approx(1.0 - 2 * compared.TALK)


class Scripted(Compared):
    """Answers with given log odds, and notes what it was asked."""

    def __init__(self, skills: Iterable[Skill], odds: dict[str, float]) -> None:
        super().__init__(skills, doll())
        self.odds, self.asked = odds, list[str]()

    def answers(self, plain_text: str, names: Iterable[str]) -> dict[str, Answer]:
        self.asked = list(dict.fromkeys(names))
        super().answers(plain_text, self.asked)  # so that `call` knows the skills
        return {name: scripted(self.odds[name]) for name in self.asked}


@pytest.mark.parametrize(
    ("said", "framed"),
    [
        ("feed the tortoise", True),
        ("could you feed my old cat please", True),
        ("could you put hay out for the two ponies", True),
        ("feed the cat that came with her", False),
        ("we feed the dog", False),
        ("tell anna we are late", False),
        ("i need the lamp on", False),
    ],
)
def test_an_example_with_another_value_is_surely_meant(
    monkeypatch: pytest.MonkeyPatch, said: str, framed: bool
) -> None:
    """Whatever the network makes of it, politely said or not; more words or others are no such frame, nor is an example
    of two arguments, or of common words, which may be any sentence.
    """
    monkeypatch.setattr(Network, "compare", lambda _self, _words, read: [scripted(-4.0) for _ in read])
    two = "tell [tom](animal) [to sit](deed)"
    examples = ("feed [the dog](animal)", "put hay out for [the cat](animal)", "i need [the cow](animal)", two)
    arguments = (Argument("animal", "text", True), Argument("deed", "text", False))
    feed = replace(skill_of("feed", *examples), arguments=arguments)
    match = Compared([feed], doll()).answers(said, ["feed"])["feed"].match
    assert match == (compared.AS_A_FRAME if framed else -4.0)


def test_doubtful_words_make_the_call_less_probable() -> None:
    """The chance of the words is the root of that of all tags together, whatever the chance of the skill."""
    answer = replace(scripted(3.0), tags=np.log(np.array([[0.9, 0.1], [0.2, 0.8]], np.float32)))
    assert answer.surely == pytest.approx(0.72)
    assert words_probability(answer) == pytest.approx(0.72**0.5)
    match = Unseen(["dance"], Scripted(THREE, {"dance": 3.0})).best(SAID, lambda *_: None)
    assert match is not None
    assert match.words == pytest.approx(1.0)
    assert match.skill == pytest.approx(odds.probability(meant(scripted(3.0), SAID)))


def test_the_most_probable_skill_is_the_match() -> None:
    """Its score is its probability; nothing is a match where nothing is probable."""
    house = Scripted(THREE, {"water": 1.0, "dance": 3.0, "cook": -5.0})
    match = Unseen(["water", "dance", "cook"], house).best(SAID, lambda *_: None)
    assert match is not None
    assert match.call.skill == "dance"
    assert match.skill == pytest.approx(odds.probability(meant(scripted(3.0), SAID)))
    assert Unseen(["cook"], house).best(SAID, lambda *_: None) is None


def test_a_model_that_learned_a_skill_counts() -> None:
    """What it holds adds to the odds of the examples; what it does not, or never learned, nothing."""
    house = Scripted(THREE, {"water": 1.0, "dance": 0.5, "cook": -9.0})
    about = Unseen(["water", "dance", "cook"], house)

    def probable(held: Mapping[str, float]) -> tuple[str, float]:
        match = about.best(SAID, lambda *_: None, held)
        assert match is not None
        return match.call.skill, match.skill

    assert probable({"stranger": 0.99}) == probable({"water": 0.0, "dance": 0.001}) == probable({})
    alone, nine_to_one = meant(scripted(0.5), SAID), math.log(9)
    surer = odds.probability(alone + unseen.WORTH * (unseen.SUREST + nine_to_one))
    assert probable({"dance": 0.9, "cook": 0.05}) == ("dance", pytest.approx(surer))
    assert surer > probable({})[1]
    most = odds.probability(alone + 2 * unseen.WORTH * unseen.SUREST)
    assert probable({"dance": 1.0}) == ("dance", pytest.approx(most))


def test_what_only_the_model_holds_is_no_match() -> None:
    """However sure the learned model is: talk that is nothing like the examples is not for the skill."""
    about = Unseen(["cook"], Scripted(THREE, {"cook": -9.0}))
    assert about.best(SAID, lambda *_: None, {"cook": 1.0}) is None


@pytest.mark.parametrize(("mine", "theirs", "stands"), [(2.0, 1.0, True), (2.0, 2.9, True), (2.0, 3.1, False)])
def test_a_skill_must_be_as_like_as_the_one_a_model_chose(mine: float, theirs: float, stands: bool) -> None:
    """A little less like is enough; of what has no examples anything is."""
    about = Unseen(["water"], Scripted(THREE, {"water": mine, "dance": theirs}))
    assert about.is_as_like("water", "dance", SAID) is stands
    assert about.is_as_like("water", "none", SAID) and about.is_as_like("water", "water", SAID)


def test_of_many_skills_only_the_likest_are_read() -> None:
    """A house with more new skills than ALL compares a sentence with a few of them, and with those a model holds."""
    thing = [f"thing{chr(97 + at)}" for at in range(ALL + 1)]
    many = [skill_of(f"polish_{one}", f"polish the {one}") for one in thing]
    house = Scripted(many, {one.name: 0.0 for one in many})
    about = Unseen([one.name for one in many], house)
    about.best("polish the thinge", lambda *_: None, {"polish_thingm": 0.5})
    assert house.asked[:2] == ["polish_thingm", "polish_thinge"]
    assert len(house.asked) == 1 + TRIED
    few = Unseen([one.name for one in many[:ALL]], house)
    few.best("polish the thinge", lambda *_: None)
    assert house.asked == [one.name for one in many[:ALL]]
    assert unseen.ALL > TRIED


# --- the second opinion ----------------------------------------------------------------------------------------------

OPINION = Opinion(weight=0.5, lift=-0.5)


def second(chances: dict[str, float], odds: dict[str, float], opinion: Opinion = OPINION) -> dict[str, float]:
    """Each skill's probability after the opinion, the most probable first."""
    written = [Written(f"{name}()", chance, chance / 2) for name, chance in chances.items()]
    found = seconded(written, SAID, Scripted(THREE, odds), opinion)
    return {one.call.removesuffix("()"): one.skill_probability for one in found}


def test_what_the_model_is_sure_of_is_left() -> None:
    """Nobody is asked about what is certain either way."""
    given = {"water": 0.98, "none": 0.01, "dance": 0.01}
    assert second(given, {}) == given


def test_examples_that_speak_for_a_skill_lift_it() -> None:
    """The network's log odds count with their weight, beside the lift; what is left is for nobody."""
    found = second({"none": 0.6, "water": 0.4}, {"water": 3.0})
    lifted = 1 / (1 + math.exp(-math.log(0.4 / 0.6) - 0.5 * 3.0 + 0.5))
    assert found == {"water": pytest.approx(lifted), "none": pytest.approx(1 - lifted)}
    assert list(found) == ["water", "none"]


def test_what_sounds_like_talk_is_not_lifted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Examples may speak for a skill: where it sounds like talk all the same, they can only speak against it."""
    given = {"none": 0.6, "water": 0.4}
    lifted, lowered = second(given, {"water": 3.0})["water"], second(given, {"water": -3.0})["water"]
    monkeypatch.setattr(compared, "log_odds", lambda _text: 0.0)
    assert lifted > second(given, {"water": 3.0})["water"] == pytest.approx(0.4)
    assert lowered < 0.4
    assert second(given, {"water": -3.0})["water"] == pytest.approx(lowered)


@pytest.mark.parametrize(
    ("call", "odds", "lifted"),
    [('send(to="anna")', 1.9, True), ("send()", 1.9, False), ("send()", 2.1, True), ("send()", -1.0, False)],
)
def test_a_call_that_lacks_an_argument_is_lifted_only_where_it_is_clearly_meant(
    call: str, odds: float, lifted: bool
) -> None:
    """A whole one is lifted by less; what speaks against either lowers it."""
    send = Skill("send", "Sends it.", (Argument("to", "text", required=True),), (), run=str)
    written = [Written("none()", 0.6, 0.6), Written(call, 0.4, 0.4)]
    found = {one.call: one for one in seconded(written, SAID, Scripted([send], {"send": odds}), Opinion(0.5, 0.0))}
    assert (found[call].skill_probability > 0.41) == lifted
    assert (found[call].skill_probability < 0.39) == (odds < 0)


def test_examples_that_speak_against_a_skill_lower_it() -> None:
    """The other of two goes before it, and what nothing speaks for keeps what it had."""
    found = second({"water": 0.6, "dance": 0.35, "none": 0.05}, {"water": -3.0, "dance": 1.0})
    assert list(found) == ["none", "dance", "water"]
    assert found["dance"] == pytest.approx(0.35)


def test_the_network_is_believed_so_far_only() -> None:
    """However certain it is, it is no more so than at its farthest; nobody's chance never is nothing."""
    assert second({"water": 0.5, "none": 0.5}, {"water": 99.0}) == second({"water": 0.5, "none": 0.5}, {"water": 3.0})
    found = second({"water": 0.9, "dance": 0.9, "none": 0.1}, {"water": 9.0, "dance": 9.0})
    assert found["none"] == LEAST


def test_a_moved_calls_words_are_as_probable_as_before() -> None:
    """The whole call moves with its skill."""
    written = [Written("water()", 0.4, 0.3), Written("none()", 0.6, 0.6)]
    water = seconded(written, SAID, Scripted(THREE, {"water": 2.0}), OPINION)[0]
    assert water.probability / water.skill_probability == pytest.approx(0.3 / 0.4)


def test_a_skill_that_the_house_does_not_have_keeps_its_chance() -> None:
    """There are no examples of it to be asked."""
    found = second({"stranger": 0.5, "water": 0.3, "none": 0.2}, {"water": 1.0})
    assert found["stranger"] == 0.5
