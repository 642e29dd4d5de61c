"""Training of the few-shot network on a doll; torch and numpy compute the same."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from fewshot_pool import small_pool
from torch.nn import functional as f

from assistant.fewshot import TABLES, Network
from assistant.shown import GRAMS, LONGEST, ROLE, Shown
from assistant.skill import SkillError
from evals.cases import Case, read_cases, write_cases
from evals.sets import open_set
from finetune.fewshot import episodes as drawing
from finetune.fewshot import train
from finetune.fewshot.__main__ import NEWCOMERS, main, may_be_taught
from finetune.fewshot.episodes import ASKED, EXAMPLES, READ, Episode, Episodes, Tensors, Words
from finetune.fewshot.export import write
from finetune.fewshot.network import Fewshot, Shape, losses
from finetune.fewshot.pool import Pool
from finetune.fewshot.train import Plan, Trainer

pytestmark = pytest.mark.train
SHAPE = Shape(width=16, heads=2, feed_forward=32, layers=1, crossed=1)
EPISODES = 3
STEPS = 8


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pool]:
    with pytest.MonkeyPatch.context() as patch:
        yield small_pool(tmp_path_factory.mktemp("sources"), patch)


def random_network(words: Words, shape: Shape = SHAPE) -> Fewshot:
    """Every weight random, those that start as 0 too."""
    torch.manual_seed(0)
    network = Fewshot(shape, len(words))
    with torch.no_grad():
        for name, value in network.named_parameters():
            value.normal_(1.0 if name.endswith("norm.weight") else 0.0, 0.3)
        network.gram.weight[GRAMS] = 0
    return network.eval()


def numpy_network(network: Fewshot, words: Words) -> Network:
    """The very weights, not packed."""
    state = {name: value.numpy() for name, value in network.state_dict().items()}
    scales = {f"{name}/scale": np.ones((len(state[name]), 1), np.float32) for name in TABLES}
    return Network(state | scales, words.known, network.shape.heads)


def trainer(pool: Pool, work: Path, **changes: float) -> Trainer:
    usual = {"steps": STEPS, "episodes": EPISODES, "sentences": 6, "groups": 6, "warmup_steps": 3, "peak_rate": 5e-3}
    plan = Plan(compile=False, half=False, **{**usual, **changes})  # type: ignore[arg-type]
    words = Words.of(pool)
    torch.manual_seed(plan.seed)
    return Trainer(Fewshot(SHAPE, len(words)), Episodes(pool, plan.seed), words, plan, work)


# --- one network in two libraries ------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [SHAPE, Shape(width=24, heads=3, feed_forward=40, layers=2, crossed=2)], ids=str)
def test_numpy_computes_what_torch_does(pool: Pool, monkeypatch: pytest.MonkeyPatch, shape: Shape) -> None:
    """Match, ends and tags of every sentence of a batch of several skills, whatever was filled up, to a thousandth."""
    monkeypatch.setattr(np.random, "permutation", np.arange)  # the runtime gives out signs in order
    words = Words.of(pool)
    drawn = Episodes(pool, 1)
    chosen = [drawn.of(one) for one in pool.taught.values() if len(one.said()) >= 20]
    assert {0, 1} < {len(one.slots) for one in chosen}
    assert {one.lines[0].roles[0] == ROLE["purpose"] for one in chosen} == {True, False}
    network = random_network(words, shape)
    with torch.no_grad():
        theirs = network(Tensors(words).batch(chosen))
    mine = numpy_network(network, words)
    memories = [mine.remember(Shown(one.lines, one.slots)) for one in chosen]
    for e, episode in enumerate(chosen):
        for q, said in enumerate(episode.asked):
            answer = mine.compare(mine.encode(said.line.words), memories)[e]
            assert answer.match == pytest.approx(float(theirs.match[e, q]), abs=1e-3)
            slots, places = len(episode.slots), len(said.line.words) + 1
            for own, other in ((answer.begins, theirs.begins), (answer.ends, theirs.ends)):
                expected = f.log_softmax(other[e, q], -1)[:slots, :places]
                np.testing.assert_allclose(own, expected.numpy(), atol=1e-3)
            expected = f.log_softmax(theirs.tags[e, q], -1)[1:places, : 1 + slots]
            np.testing.assert_allclose(answer.tags, expected.numpy(), atol=1e-3)


def test_a_sentence_longer_than_those_in_training_is_read_the_same(pool: Pool, tmp_path: Path) -> None:
    """All words after the last place that training fills are known as that one, in both."""
    made = trainer(pool, tmp_path)
    network = random_network(made.words)
    said = tuple(f"word{at} 20".split()[at % 2] for at in range(LONGEST))
    table = {word: 3 + at for at, word in enumerate(dict.fromkeys(said))}
    places = torch.tensor([[1, *(table[word] for word in said)]])
    with torch.no_grad():
        vectors = Trainer(network, made.episodes, made.words, made.plan, tmp_path)._vectors(table)
        theirs = network.encode(vectors[places], torch.full_like(places, ROLE["asked"]), places != 0)
    np.testing.assert_allclose(numpy_network(network, made.words).encode(said), theirs[0].numpy(), atol=1e-3)


def test_only_training_leaves_numbers_out(pool: Pool) -> None:
    """With dropout two readings in training differ; what ships reads one thing once."""
    words = Words.of(pool)
    network = random_network(words, replace(SHAPE, dropout=0.5))
    batch = Tensors(words).batch(Episodes(pool, 3).at(0, 2))
    with torch.no_grad():
        assert torch.equal(network(batch).match, network(batch).match)
        plain = network(batch).match
        network.train()
        assert not torch.equal(network(batch).match, network(batch).match)
        network.load_state_dict(random_network(words).state_dict())
        assert torch.equal(network.eval()(batch).match, plain)


def test_the_exported_file_is_the_trained_average(pool: Pool, tmp_path: Path) -> None:
    """What the runtime reads from the file answers as the averaged weights do, up to their packing."""
    made = trainer(pool, tmp_path)
    made.run()
    network, words, steps = Trainer.last(tmp_path)
    assert steps == STEPS
    write(network, words, tmp_path / "network.npz")
    read = Network.read(tmp_path / "network.npz")
    exact = numpy_network(network, words)
    skill = made.episodes.at(0, 1)[0]
    said = skill.asked[0].line.words
    answers = [
        one.compare(one.encode(said), [one.remember(Shown(skill.lines, skill.slots))])[0] for one in (read, exact)
    ]
    assert answers[0].match == pytest.approx(answers[1].match, abs=0.02)
    np.testing.assert_allclose(answers[0].tags, answers[1].tags, atol=0.02)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("part.")] == []
    assert words.known == made.words.known


RECIPE = """
threads = 1
[shape]
width = 16
heads = 2
feed_forward = 32
layers = 1
crossed = 1
[plan]
seed = 5
steps = 3
episodes = 2
sentences = 4
groups = 4
peak_rate = 1e-3
compile = false
half = false
"""


def test_the_command_trains_and_writes_what_ships(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`train` leaves a checkpoint, and `export` the weights with their checksum and a card that holds it."""
    recipe, work, to = tmp_path / "recipe.toml", tmp_path / "work", tmp_path / "shipped"
    recipe.write_text(RECIPE, encoding="utf-8")
    small_pool(tmp_path, monkeypatch)
    write_cases(tmp_path / "rows" / "dev.jsonl", [])
    given = [str(recipe), *(f"--{one}={tmp_path / one}" for one in ("rows", "data")), f"--work={work}", f"--to={to}"]
    for step in ("train", "export"):
        monkeypatch.setattr(sys, "argv", ["fewshot", step, *given])
        main()
    made = (to / "network.npz").read_bytes()
    digest = hashlib.sha256(made).hexdigest()
    assert capsys.readouterr().out.split()[0] == digest
    assert (to / "SHA256SUMS").read_text(encoding="utf-8") == f"{digest}  network.npz\n"
    assert digest in (to / "CARD.md").read_text(encoding="utf-8")
    assert sorted(path.name for path in to.iterdir()) == ["CARD.md", "SHA256SUMS", "network.npz"]
    assert Network.read(to / "network.npz").encode(("hello",)).shape == (2, 16)


# --- training --------------------------------------------------------------------------------------------------------


def test_a_doll_lowers_its_loss(pool: Pool, tmp_path: Path) -> None:
    """After some steps on three skills the losses on episodes it has not drawn are lower than before."""
    made = trainer(pool, tmp_path, steps=60)
    batch = Tensors(made.words).batch(made.episodes.at(1_000_000, 8))

    def measured() -> tuple[float, float]:
        with torch.no_grad():
            parts = losses(made.network(batch), batch)
        return float(parts.match), float(parts.spans)

    before = measured()
    made.run()
    after = measured()
    assert after[0] < 0.95 * before[0]
    assert after[1] < 0.8 * before[1]


@pytest.mark.parametrize("reading_steps", [0, 3, 7])
def test_a_stopped_training_ends_with_the_very_weights(
    pool: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reading_steps: int
) -> None:
    """One that was cut off in the middle of a step and went on is the same as one that was not, its losses too."""
    monkeypatch.setattr(train, "TOLD_EVERY", 1)
    folders = [tmp_path / name for name in ("whole", "parts")]
    for folder in folders:
        folder.mkdir()
    whole = trainer(pool, folders[0], reading_steps=reading_steps)
    whole.run()
    first = trainer(pool, folders[1], checkpoint_minutes=1e-9, reading_steps=reading_steps)
    with monkeypatch.context() as patch:
        patch.setattr(first.episodes, "texts", _cut_off_at(5, first))
        with pytest.raises(KeyboardInterrupt):
            first.run()
    second = trainer(pool, folders[1], seed=whole.plan.seed, reading_steps=reading_steps)
    assert second.resume() == 5
    second.run()
    assert second.step == whole.step == STEPS
    assert second.losses == whole.losses
    for name, value in whole.network.state_dict().items():
        assert torch.equal(value, second.network.state_dict()[name]), name
        assert torch.equal(whole.average[name], second.average[name]), name


def _cut_off_at(step: int, stopped: Trainer):  # type: ignore[no-untyped-def]
    texts = stopped.episodes.texts

    def found(at: int, count: int) -> list[tuple[str, ...]]:
        if at == step:
            raise KeyboardInterrupt
        return texts(at, count)

    return found


def test_reading_shows_no_skills(pool: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps of reading lower the loss of guessing, draw no episode and leave what looks at examples as it began."""
    monkeypatch.setattr(train, "TOLD_EVERY", 1)
    made = trainer(pool, tmp_path, steps=20, reading_steps=20, reading=16)
    monkeypatch.setattr(made.episodes, "draw", _never)
    began = {name: value.clone() for name, value in made.network.state_dict().items()}
    guessed = made._guess(made.episodes.texts(0, 64))
    made.run()
    assert made._guess(made.episodes.texts(0, 64)) < guessed
    changed = {name.split(".")[0] for name, value in made.network.state_dict().items() if not value.equal(began[name])}
    assert {"word", "gram", "encoder", "middle"} <= changed
    assert not changed & {"crossed", "begin", "end", "tag", "match"}


def _never() -> Episode:
    raise AssertionError("an episode was drawn")


def test_the_losses_told_are_means(pool: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is told after a training goes on is the mean of the steps since then, not a part of it."""
    monkeypatch.setattr(train, "TOLD_EVERY", 4)
    made = trainer(pool, tmp_path, steps=4)
    monkeypatch.setattr(made, "_one_step", lambda: _stepped(made))
    made.step = 2
    made.run()
    assert made.losses == [(4, 6.0)]


def _stepped(made: Trainer) -> torch.Tensor:
    made.step += 1
    return torch.full((5,), 6.0)


def test_a_training_begins_where_there_is_no_checkpoint(pool: Pool, tmp_path: Path) -> None:
    """Nothing to go on from is step 0, and no error."""
    assert trainer(pool, tmp_path).resume() == 0


def test_a_checkpoint_of_other_sentences_is_told(pool: Pool, tmp_path: Path) -> None:
    """A table of other words cannot be gone on with; the sentence names the file."""
    made = trainer(pool, tmp_path)
    made.words = Words(["other", "words"])
    made.save()
    with pytest.raises(SkillError, match=r"checkpoint\.pt was made with other sentences; remove it"):
        trainer(pool, tmp_path).resume()
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint.pt"]


# --- episodes --------------------------------------------------------------------------------------------------------


def drawn(pool: Pool, count: int = 120) -> list[Episode]:
    return Episodes(pool, 7).at(0, count)


def test_what_is_asked_is_not_shown(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """No right sentence is among the examples, every episode has right ones and wrong ones, and no more than fit."""
    monkeypatch.setattr(drawing, "OTHER_VALUE", 0.0)
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
