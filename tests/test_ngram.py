"""The word model's reader and the second opinion on what was heard, over a model of a few sentences."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from assistant.ngram import EDGE, LETTERS, SPECIAL, SPELLING, STEP, WordModel
from assistant.rescore import Rescorer
from assistant.skill import MissingPiece

WORDS = ("turn", "on", "the", "lamp", "lights", "play", "thirteen", "thirty", "everyday", "day", "every")
SPELLED = 48
"""Steps that each letter of an unknown word costs here."""


def write_model(path: Path) -> Path:
    """A word model by hand: all words alike, but "the lamp" likelier and "turn on the" likelier still."""
    listed = [*SPECIAL, *WORDS]
    ids = {word: number for number, word in enumerate(listed)}
    pairs = sorted([(ids["turn"] << 16 | ids["on"], 8), (ids["on"] << 16 | ids["the"], 16),
                    (ids["the"] << 16 | ids["lamp"], 16)])  # fmt: skip
    keys = [key for key, _ in pairs]
    turn_on = keys.index(ids["turn"] << 16 | ids["on"])
    np.savez_compressed(
        path,
        words=np.frombuffer("\n".join(listed).encode(), np.uint8),
        order=np.array(3),
        spelling=np.full((len(LETTERS) + 1,) * SPELLING, SPELLED, np.uint8),
        settings=np.array(["words", "each"]),
        setting_words=np.array(1.0),
        setting_each=np.array(1.5),
        chances1=np.full(len(listed), 64, np.uint8),
        rests1=np.full(len(listed), 4, np.uint8),
        gaps2=np.diff(np.array(keys, np.uint64), prepend=np.uint64(0)).astype(np.uint32),
        chances2=np.array([steps for _, steps in pairs], np.uint8),
        rests2=np.full(len(pairs), 2, np.uint8),
        gaps3=np.array([turn_on << 16 | ids["the"]], np.uint32),
        chances3=np.array([1], np.uint8),
    )
    return path


@pytest.fixture
def model(tmp_path: Path) -> WordModel:
    return WordModel(write_model(tmp_path / "words.npz"))


class Sound:
    """Says of each text what a table says; whatever is not in it cannot have been said."""

    def __init__(self, sounds: dict[str, float], end: float = 0.0) -> None:
        self.table, self.end = sounds, end
        self.asked: list[str] = []

    def sounds(self, texts: Sequence[str]) -> list[float]:
        self.asked += texts
        return [self.table.get(text, -50.0) for text in texts]

    def ends(self, text: str) -> float:
        self.asked.append(text)
        return self.end


def test_the_longest_run_that_was_seen_decides(model: WordModel) -> None:
    """A word's chance is that of the longest run that was kept; each shortening costs what its context says."""
    chances = model.each(["turn", "on", "the", "lamp"])
    start, on, the, lamp, end = (round(-chance / STEP) for chance in chances)
    assert (on, the) == (8, 1), "a pair, then a run of three"
    assert lamp == 16 + 2, "no run of three: what its context keeps back, and the pair"
    assert (start, end) == (4 + 64, 2 + 4 + 64), "one word, and what each shorter context keeps back"
    assert model.log_probability(["turn", "on"]) == pytest.approx(sum(model.each(["turn", "on"])))


def test_an_unknown_word_is_unlikely_letter_by_letter(model: WordModel) -> None:
    """A word that nobody wrote is possible, and the longer the less likely; a listed one is likelier."""
    short, long = model.each(["lam"])[0], model.each(["lampuren"])[0]
    assert -math.inf < long < short < model.each(["lamp"])[0]
    assert model.spelled("lam") == -STEP * SPELLED * 4, "three letters and the end"
    assert model.spelled("lam") == model.spelled("lam"), "the same when it is looked up again"
    assert not model.knows("<unk>x") and model.knows("lamp")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no archive", None])
def test_a_damaged_file_is_one_sentence(tmp_path: Path, content: bytes | None) -> None:
    """A word model that is empty, foreign or of another shape is said in a sentence that names it."""
    path = tmp_path / "words.npz"
    if content is None:
        other = io.BytesIO()
        np.savez(other, words=np.zeros(3, np.uint8))
        content = other.getvalue()
    path.write_bytes(content)
    with pytest.raises(MissingPiece, match=r"words\.npz is cut off or damaged"):
        WordModel(path)


def test_words_that_belong_together_win(model: WordModel) -> None:
    """Of two hypotheses that sound nearly alike, the one that people say is first; the others stay behind it."""
    sound = Sound({})
    found = Rescorer(model).order([("turn on play lamp", -3.0), ("turn on the lamp", -3.5)], sound)
    assert [one.text for one in found] == ["turn on the lamp", "turn on play lamp"]
    assert sound.asked == [], "every word is known: nothing is heard again, and no time lost"


def test_sound_wins_where_words_say_little(model: WordModel) -> None:
    """A hypothesis that sounds much worse is not believed for its words."""
    found = Rescorer(model).order([("turn on play lamp", -3.0), ("turn on the lamp", -30.0)], Sound({}))
    assert found[0].text == "turn on play lamp"


def test_an_unknown_word_becomes_the_one_it_sounds_like(model: WordModel) -> None:
    """A word that nobody wrote gives way to a listed one that the model hears there as well, and to no other."""
    heard = [("turn on the lamb", -4.0)]
    sound = Sound({"turn on the lamb": -3.0, "turn on the lamp": -4.0})
    assert Rescorer(model).order(heard, sound)[0].text == "turn on the lamp"
    assert Rescorer(model).order(heard, Sound({"turn on the lamb": -3.0}))[0].text == "turn on the lamb"


def test_a_new_last_word_must_be_the_end(model: WordModel) -> None:
    """A beginning sounds as well as the whole; a text after which more is said is not believed."""
    heard = [("turn on the lampuren", -4.0)]
    table = {"turn on the lampuren": -3.0, "turn on the lamp": -3.0}
    goes_on = Sound(table, end=-80.0)
    assert Rescorer(model).order(heard, goes_on)[0].text == "turn on the lampuren"


def test_parted_and_run_together_words_are_tried(model: WordModel) -> None:
    """ "onthe" is heard again as "on the", and "everi dai" as one word."""
    sound = Sound({"turn onthe lamp": -3.0, "turn on the lamp": -3.1})
    assert Rescorer(model).order([("turn onthe lamp", -3.2)], sound)[0].text == "turn on the lamp"
    sound = Sound({"play everi dax": -3.0, "play everyday": -3.1})
    assert Rescorer(model).order([("play everi dax", -3.2)], sound)[0].text == "play everyday"


def test_numbers_are_never_changed_nor_anything_left_out(model: WordModel) -> None:
    """Neither a likelier number nor a shorter sentence is believed over what was heard."""
    rescorer = Rescorer(model)
    found = rescorer.order([("play thirteen lamb the lights", -9.0), ("play thirty the lamp", -9.1)], Sound({}))
    assert all("thirteen" in one.text.split() for one in found)
    found = rescorer.order([("turn on play every lights", -9.0), ("turn on the", -8.0)], Sound({}))
    assert [one.text for one in found] == ["turn on play every lights"]


def test_the_household_s_names_are_known(model: WordModel) -> None:
    """A name of the house is put in the place of what was heard for it, and only while the house has it."""
    heard = [("turn on the prosciuto", -4.0), ("turn on the proscheeto", -4.5)]
    sound = Sound({"turn on the prosciuto": -4.0, "turn on the prosciutto": -4.5})
    rescorer = Rescorer(model)
    assert rescorer.order(heard, sound)[0].text == "turn on the prosciuto"
    rescorer.expect(["Prosciúttó Timer", "№ 5"])
    assert rescorer.order(heard, sound)[0].text == "turn on the prosciutto"
    rescorer.expect([])
    assert rescorer.order(heard, sound)[0].text == "turn on the prosciuto"


def test_names_do_not_disturb_what_the_recognizer_is_sure_of(model: WordModel) -> None:
    """Where all hypotheses have a word, a name that is spelled nearly so is not even tried."""
    rescorer = Rescorer(model)
    rescorer.expect(["Lamb", "Lightz"])
    sound = Sound({})
    assert rescorer.order([("turn on the lamp", -3.0), ("turn on te lamp", -4.0)], sound)[0].text == "turn on the lamp"
    assert sound.asked == []


def test_the_edges_of_words_are_letters_of_their_own() -> None:
    """The spelling model's alphabet has 27 letters and an edge, and the edge is none of them."""
    assert EDGE == len(LETTERS) == 27


def test_beginnings_are_less_likely_to_be_all() -> None:
    """By the model that ships, a request is likelier to end after its last word than before it."""
    shipped = WordModel(Path(__file__).parents[1] / "assistant/bundled/listening/words.npz")
    for sentence in ("turn on the light", "set a timer for ten minutes", "what is the weather in paris"):
        whole = sentence.split()
        assert shipped.ends(whole) == shipped.each(whole)[-1]
        assert shipped.ends(whole) > shipped.ends(whole[:-1])
