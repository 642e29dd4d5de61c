"""The few-shot network with random weights: numbers of the right shape that depend on nothing but what is read."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from fewshot_doll import HEADS, WIDTH, WORDS, doll, weights, write
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant import fewshot
from assistant.fewshot import Answer, Network, packed, unpacked
from assistant.prompt import plain
from assistant.shown import Shown, shown, words_of
from assistant.skill import Argument, MissingPiece, Skill, parse_example

ANIMAL, AT = Argument("animal", "text", True), Argument("at", "time", False)
POSITION = Argument("position", "choice", True, ("open", "closed"))


def shown_skill(name: str, arguments: tuple[Argument, ...], *examples: str) -> Shown:
    read = tuple(parse_example(one, name) for one in examples)
    return shown(Skill(name, "A skill.", arguments, read, run=str), read)


FEED = shown_skill("feed", (ANIMAL, AT), "feed [the dog](animal)", "feed [the cat](animal) at [six](at) please")
BLINDS = shown_skill("blinds", (POSITION,), "[open](position=open) the blinds", "blinds [down](position=closed)")
STOP = shown_skill("stop", (), "stop", "please stop what you are doing there now", "that is enough")
SKILLS = (FEED, BLINDS, STOP)
SAID = words_of("feed the dog at six please")


@pytest.fixture(scope="module")
def network() -> Network:
    return doll()


def answers(network: Network, *skills: Shown, words: tuple[str, ...] = SAID) -> list[Answer]:
    return network.compare(network.encode(words), [network.remember(one) for one in skills])


def assert_same(one: Answer, other: Answer, within: float = 1e-5) -> None:
    assert one.match == pytest.approx(other.match, abs=within)
    for side in ("begins", "ends", "tags"):
        np.testing.assert_allclose(getattr(one, side), getattr(other, side), atol=within)


@pytest.mark.parametrize(("skill", "slots"), [(FEED, 2), (BLINDS, 2), (STOP, 0)])
def test_an_answer_has_a_number_for_each_word_and_slot(network: Network, skill: Shown, slots: int) -> None:
    """Ends over the places of the sentence and nowhere, tags over the slots and none; a skill may have no slot."""
    answer = answers(network, skill)[0]
    assert answer.begins.shape == answer.ends.shape == (slots, len(SAID) + 1)
    assert answer.tags.shape == (len(SAID), slots + 1)
    assert network.encode(SAID).shape == (len(SAID) + 1, WIDTH)


def test_log_probabilities_add_up_to_one(network: Network) -> None:
    """Over places for each slot, and over slots for each word."""
    for answer in answers(network, *SKILLS):
        for side in (answer.begins, answer.ends, answer.tags):
            np.testing.assert_allclose(np.exp(side).sum(-1), 1.0, atol=1e-5)
        assert np.isfinite(answer.match)


def test_skills_together_are_answered_as_one_by_one(network: Network) -> None:
    """What a skill with more words beside it adds to fill up changes no number."""
    together = answers(network, *SKILLS)
    for skill, answer in zip(SKILLS, together, strict=True):
        assert_same(answer, answers(network, skill)[0])
    assert together[0].match != pytest.approx(together[1].match, abs=1e-3)


def test_a_longer_example_changes_nothing_of_how_a_shorter_is_read(network: Network) -> None:
    """Lines of one skill are filled up to the longest, and the filling is not read."""
    short, long = STOP.lines[1], STOP.lines[2]
    alone = network.remember(Shown((short,), ()))
    beside = network.remember(Shown((short, long), ()))
    np.testing.assert_allclose(alone.heads[0], beside.heads[0], atol=1e-5)
    for side in (0, 1):
        np.testing.assert_allclose(alone.seen[0][side], beside.seen[0][side][:, : len(short.words) + 1], atol=1e-5)


def test_the_order_of_examples_is_nothing(network: Network) -> None:
    """A skill's examples are a set."""
    turned = Shown(tuple(reversed(FEED.lines)), FEED.slots)
    assert_same(answers(network, FEED)[0], answers(network, turned)[0], 1e-4)


def test_the_order_of_the_sentence_is_something(network: Network) -> None:
    """The same words in another order are another sentence."""
    one, other = (answers(network, FEED, words=words)[0].match for words in (SAID, SAID[::-1]))
    assert one != pytest.approx(other, abs=1e-3)


def test_marks_of_an_example_are_read(network: Network) -> None:
    """An example whose argument is not marked is another example."""
    bare = shown_skill("feed", (ANIMAL, AT), "feed the dog", "feed the cat at six please")
    assert answers(network, FEED)[0].match != pytest.approx(answers(network, bare)[0].match, abs=1e-3)


def test_whose_an_arguments_words_are_is_read(network: Network) -> None:
    """Two arguments of one kind are told apart: with their words exchanged an example is another one."""
    both = (ANIMAL, Argument("note", "text", False))
    one = shown_skill("feed", both, "tell [the dog](animal) about [dinner](note)")
    other = shown_skill("feed", both, "tell [the dog](note) about [dinner](animal)")
    assert answers(network, one)[0].match != pytest.approx(answers(network, other)[0].match, abs=1e-4)


def test_the_examples_directions_are_of_length_one(network: Network) -> None:
    """The purpose is no example; their middle has length one, too."""
    memory = network.remember(FEED)
    assert len(memory.heads) == 2
    np.testing.assert_allclose(np.linalg.norm(memory.heads, axis=1), 1.0, atol=1e-5)
    assert np.linalg.norm(memory.middle) == pytest.approx(1.0, abs=1e-5)


def test_a_skill_that_shows_its_purpose_alone_is_read(network: Network) -> None:
    """Without an example there is its purpose to look at, and the numbers are numbers."""
    answer = answers(network, Shown(FEED.lines[:1], FEED.slots))[0]
    assert np.isfinite(answer.match)
    assert np.isfinite(answer.begins).all()


def test_a_word_that_was_never_seen_is_known_by_its_letters(network: Network) -> None:
    """Two strangers are told apart, and one that is spelt like another is nearer to it than a third."""
    assert not {"irrigate", "irrigated", "jump"} & set(WORDS)
    one, alike, other = (network.encode((word,))[1] for word in ("irrigate", "irrigated", "jump"))
    assert np.linalg.norm(one - alike) < np.linalg.norm(one - other)
    assert np.linalg.norm(one - other) > 1e-2


def test_a_known_word_has_a_vector_of_its_own() -> None:
    """Beside its letters the table's row counts: changing the row changes what is read."""
    changed = weights()
    changed["word.weight"] = changed["word.weight"].copy()
    changed["word.weight"][3 + WORDS.index("dog")] += 1.0
    mine, theirs = doll(), Network(packed(changed), WORDS, HEADS)
    assert np.abs(mine.encode(("dog",)) - theirs.encode(("dog",))).max() > 1e-2
    np.testing.assert_allclose(mine.encode(("cat",)), theirs.encode(("cat",)), atol=1e-6)


def test_more_words_than_are_remembered_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Vectors of words that were forgotten are made again."""
    network = doll()
    before = network.encode(SAID)
    monkeypatch.setattr(fewshot, "REMEMBERED", 3)
    network.encode(("one", "two", "three", "four", "five", "six", "seven"))
    np.testing.assert_array_equal(network.encode(SAID), before)


def test_more_slots_than_signs_are_answered(network: Network) -> None:
    """A skill of many choices shares signs among them, and every one has its numbers."""
    choices = tuple(f"choice {at}" for at in range(20))
    many = shown_skill("many", (Argument("which", "choice", True, choices),), "take [the third](which=choice 3)")
    answer = answers(network, many)[0]
    assert answer.begins.shape == (20, len(SAID) + 1)
    assert np.isfinite(answer.tags).all()


def test_packed_weights_come_back_nearly() -> None:
    """Of large matrices each number is off by half a step of its row's scale at most; small ones keep three digits."""
    given = {name: value for name, value in weights().items() if name in ("gram.weight", "head.weight")}
    given["wide.weight"] = np.random.default_rng(1).normal(size=(65, 64)).astype(np.float32)
    file = packed(given)
    for name in ("gram.weight", "wide.weight"):
        assert file[name].dtype == np.int8
        step = np.abs(given[name]).max(1, keepdims=True) / 127
        assert (np.abs(unpacked(file, name) - given[name]) <= 0.51 * step).all()
    assert file["head.weight"].dtype == np.float16
    np.testing.assert_allclose(file["head.weight"], given["head.weight"], rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize(("width", "groups"), [(8, 1), (64, 1), (96, 3), (100, 25), (192, 3)])
def test_the_table_of_words_takes_half_a_byte_a_number(width: int, groups: int) -> None:
    """Two numbers in a byte, a scale for 64 of them; what comes back is as near as fifteen steps allow."""
    given = np.random.default_rng(2).normal(size=(50, width)).astype(np.float32)
    given *= np.linspace(0.01, 3, 50, dtype=np.float32)[:, None]
    file = packed({"word.weight": given})
    assert file["word.weight"].dtype == np.uint8
    assert file["word.weight"].shape == (50, width // 2)
    assert file["word.weight/scale"].shape == (50, groups)
    back = unpacked(file, "word.weight")
    assert back.shape == given.shape
    largest = np.abs(given).reshape(50, groups, -1).max(-1)
    off = np.abs(back - given).reshape(50, groups, -1).max(-1)
    assert (off <= 0.45 * largest).all()  # what is cut off loses most: a scale reaches to 0.6 of the largest at least
    errors = np.linalg.norm(back - given, axis=1) / np.linalg.norm(given, axis=1)
    assert errors.max() < 0.2
    assert errors.mean() < 0.14


def test_a_row_of_odd_width_takes_a_byte_a_number() -> None:
    """Its numbers make no pairs."""
    given = np.random.default_rng(3).normal(size=(5, 33)).astype(np.float32)
    np.testing.assert_allclose(unpacked(packed({"word.weight": given}), "word.weight"), given, atol=0.03)


def test_a_number_in_four_bits_that_fits_its_steps_comes_back_whole() -> None:
    """-8 to 7 times the scale, negative ones, odd places and one row or several asked at once."""
    steps = np.array([[7, -7, 0, 1, -1, 3, -6, 5], [0, 0, 0, 7, 0, 0, 0, -2]], np.float32)
    given = steps * np.array([[0.5], [0.25]], np.float32)
    file = packed({"word.weight": given})
    np.testing.assert_allclose(unpacked(file, "word.weight"), given, rtol=1e-3)


def test_a_row_of_noughts_is_packed_as_noughts() -> None:
    """A word that training never met, all of whose numbers are 0, makes no division by 0."""
    rows = np.zeros((4, 8), np.float32)
    assert not unpacked(packed({"word.weight": rows}), "word.weight").any()


def test_a_file_is_the_network_that_was_written(tmp_path: Path, network: Network) -> None:
    """What is read from a file answers as the network does from which it was made."""
    found = Network.read(write(tmp_path / "network.npz"))
    for skill in SKILLS:
        assert_same(answers(network, skill)[0], answers(found, skill)[0], 1e-6)


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _spoilt(path: Path) -> None:
    made = bytearray(path.read_bytes())
    made[len(made) // 2] ^= 0xFF
    path.write_bytes(bytes(made))


def _without(name: str, path: Path) -> None:
    with np.load(path) as found:
        kept = {one: found[one] for one in found.files if one != name}
    np.savez(path, **kept)


def _endless(path: Path) -> None:
    bad = weights()
    bad["head.bias"][3] = np.nan
    write(path, bad)


@pytest.mark.parametrize(
    "damage",
    [
        Path.unlink,
        _cut,
        _spoilt,
        _endless,
        lambda path: path.write_bytes(b""),
        lambda path: path.write_text("no network"),
        lambda path: _without("note", path),
        lambda path: _without("words", path),
        lambda path: _without("word.weight", path),
        lambda path: _without("gram.weight/scale", path),
        lambda path: (path.unlink(), path.mkdir()),
    ],
    ids=[
        "missing",
        "cut",
        "spoilt",
        "nan",
        "empty",
        "text",
        "noteless",
        "wordless",
        "tableless",
        "scaleless",
        "folder",
    ],
)
def test_a_damaged_file_is_a_missing_piece(tmp_path: Path, damage) -> None:  # type: ignore[no-untyped-def]
    """Whatever is wrong with the file, one sentence names it and says what to do."""
    path = write(tmp_path / "network.npz")
    Network.read(path)
    damage(path)
    with pytest.raises(MissingPiece) as raised:
        Network.read(path)
    assert re.fullmatch(r"network\.npz is missing or damaged; install Hark again", str(raised.value))


@pytest.mark.parametrize("name", ["crossed.0.1.kv.weight", "head.weight", "tag.weight", "final_norm.weight"])
def test_a_file_that_lacks_a_weight_is_a_missing_piece(tmp_path: Path, name: str) -> None:
    """It is told when it is read, not in the middle of somebody's turn."""
    path = write(tmp_path / "whole.npz")
    shutil.copy(path, tmp_path / "network.npz")
    _without(name, tmp_path / "network.npz")
    with pytest.raises(MissingPiece, match="install Hark again"):
        Network.read(tmp_path / "network.npz")


@settings(max_examples=40)
@given(st.text(max_size=80))
def test_whatever_is_said_has_an_answer(said: str) -> None:
    """No sentence breaks the network, and its numbers are numbers."""
    words = words_of(plain(said))
    if not words:
        return
    answer = answers(DOLL, FEED, words=words)[0]
    assert np.isfinite(answer.match)
    assert answer.tags.shape == (len(words), 3)
    assert np.isfinite(answer.tags).all()


DOLL = doll()
