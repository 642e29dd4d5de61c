"""Training of the few-shot network on a doll; torch and numpy compute the same."""

from __future__ import annotations

import multiprocessing
import random
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from fewshot_pool import small_pool
from torch import distributed
from torch.nn import functional as f

from assistant.fewshot import LETTERS, WORDS, Network
from assistant.fewshot import Answer as Own
from assistant.filled import LEAST, _scored
from assistant.shown import FIRST, GRAMS, LONGEST, ROLE, UNKNOWN, Shown
from assistant.skill import SkillError
from finetune.fewshot import batch as sheets
from finetune.fewshot import train
from finetune.fewshot.batch import IGNORED, ROW, Tensors, laid_out
from finetune.fewshot.episodes import Episode, Episodes, Words
from finetune.fewshot.export import mean_with, take_up, write
from finetune.fewshot.network import Fewshot, Shape, losses
from finetune.fewshot.pool import Pool
from finetune.fewshot.train import Plan, Trainer

pytestmark = pytest.mark.train
SHAPE = Shape(width=16, heads=2, feed_forward=32, layers=1, crossed=1)
EPISODES = 3
STEPS = 8


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pool]:
    torch.set_num_threads(1)  # as the recipe does: with two, sums are added up in another order each time
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
    scales = {f"{name}/scale": np.ones((len(state[name]), 1), np.float32) for name in (WORDS, LETTERS)}
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
    monkeypatch.setattr(sheets, "LINE_ROWS", 2 * sheets.LINE_ROWS)  # room for all: what is left out has no answer
    monkeypatch.setattr(sheets, "ASKED_ROWS", 2 * sheets.ASKED_ROWS)
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
        theirs = network._alone(vectors, places)
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
    assert answers[0].match == pytest.approx(answers[1].match, abs=0.1)
    np.testing.assert_allclose(answers[0].tags, answers[1].tags, atol=0.1)
    shipped = Fewshot(SHAPE, len(words))
    take_up(shipped, words, tmp_path / "network.npz")
    name = "crossed.0.1.kv.weight"  # in eight bits
    torch.testing.assert_close(shipped.state_dict()[name], network.state_dict()[name], atol=0.01, rtol=0)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("part.")] == []
    assert words.known == made.words.known


def test_a_training_begins_with_what_ships(pool: Pool, tmp_path: Path) -> None:
    """Each weight of the file is taken up, a word at its new place; one that the file has not begins as any unknown."""
    before, words = random_network(Words.of(pool)), Words.of(pool)
    write(before, Words([*words.known[1:], "zzyzx"]), tmp_path / "network.npz")
    after = Fewshot(SHAPE, len(words))
    take_up(after, words, tmp_path / "network.npz")
    old, new = before.state_dict(), after.state_dict()
    torch.testing.assert_close(new["crossed.0.1.kv.weight"], old["crossed.0.1.kv.weight"], atol=0.01, rtol=0)
    moved = new["word.weight"][FIRST + 2 :] - old["word.weight"][FIRST + 1 : -1]
    assert moved.norm() < 0.15 * old["word.weight"].norm()  # what four bits lose
    assert torch.equal(new["word.weight"][FIRST + 1], new["word.weight"][UNKNOWN])
    with pytest.raises(SkillError, match=r"network\.npz is a network of another shape than the recipe's"):
        take_up(Fewshot(replace(SHAPE, width=32), len(words)), words, tmp_path / "network.npz")


def test_a_deeper_network_begins_as_the_one_before(pool: Pool, tmp_path: Path) -> None:
    """Layers that the file has not add nothing at first; a quarter of a layer adds a quarter; fewer are refused."""
    words, deeper = Words.of(pool), replace(SHAPE, layers=2, crossed=3)
    write(random_network(words), words, tmp_path / "network.npz")
    batch = Tensors(words).batch(Episodes(pool, 3).at(0, 2))
    before, after = Fewshot(SHAPE, len(words)).eval(), Fewshot(deeper, len(words)).eval()
    with torch.no_grad():
        for one in (before, after):
            take_up(one, words, tmp_path / "network.npz")
        for name, value in asdict(before(batch)).items():
            torch.testing.assert_close(getattr(after(batch), name), value)
    trained = random_network(words, deeper)
    mean = random_network(words, deeper)
    mean_with(mean, words, tmp_path / "network.npz", 0.25)
    added = "crossed.2.1.out.weight", "crossed.2.1.q.weight"
    for name, share in zip(added, (0.25, 1.0), strict=True):
        torch.testing.assert_close(mean.state_dict()[name], share * trained.state_dict()[name])
    write(trained, words, tmp_path / "deeper.npz")
    with pytest.raises(SkillError, match="of another shape"):
        take_up(before, words, tmp_path / "deeper.npz")


def test_sentences_share_rows(pool: Pool) -> None:
    """Each stands whole in one row, none in another's place; where not all have room, it is not always the same ones
    that are left out.
    """
    chance = random.Random(5)
    np.random.seed(5)
    for rows in (1, 2, 8):
        lengths = [chance.randint(2, 17) for _ in range(27)]
        begins = laid_out(lengths, rows)
        taken = [
            place for first, n in zip(begins, lengths, strict=True) if first >= 0 for place in range(first, first + n)
        ]
        assert len(set(taken)) == len(taken)
        for first, n in zip(begins, lengths, strict=True):
            assert first < 0 or first // ROW == (first + n - 1) // ROW < rows
        assert (min(begins) < 0) == (sum(lengths) > rows * ROW)
    assert min(laid_out([8] * 28, 8)) >= 0
    assert {laid_out([6, 9, 9, 12], 1).index(-1) for _ in range(60)} == set(range(4))
    episodes = Episodes(pool, 4).at(0, 6)
    batch = Tensors(Words.of(pool)).batch(episodes)
    assert (batch.line_of >= 0).sum() == sum(len(one.words) + 1 for e in episodes for one in e.lines)
    assert (batch.asked_of >= 0).sum() == sum(len(one.line.words) + 1 for e in episodes for one in e.asked)


def test_the_right_run_is_taught_by_the_score_that_finds_it(pool: Pool) -> None:
    """The loss of whole runs is that of `assistant.filled`'s scores, none among them, and counts no choice."""
    words = Words.of(pool)
    batch = Tensors(words).batch(Episodes(pool, 2).at(0, 6))
    with torch.no_grad():
        answer = random_network(words)(batch)
        found = float(losses(answer, batch).whole)
    expected = []
    for e, q, s in (batch.begins != IGNORED).nonzero().tolist():
        if batch.name_roles[e, s] == ROLE["choice"]:
            continue
        places = int((batch.asked_places[e, q] >= 0).sum())
        own = Own(
            0.0,
            *(side[e, q, :, :places].log_softmax(-1).numpy() for side in (answer.begins, answer.ends)),
            answer.tags[e, q, 1:places].log_softmax(-1).numpy(),
        )
        runs = list(_scored([s], own))
        scores = np.array([LEAST["text"], *(run.score for run in runs)])
        right = (int(batch.begins[e, q, s]), int(batch.ends[e, q, s]))
        at = 1 + [(run.first + 1, run.end) for run in runs].index(right) if right[0] else 0
        expected.append(np.log(np.exp(scores).sum()) - scores[at])
    assert len(expected) > 20
    assert found == pytest.approx(np.mean(expected), rel=1e-3)


# --- training --------------------------------------------------------------------------------------------------------


def test_a_doll_lowers_its_loss(pool: Pool, tmp_path: Path) -> None:
    """After some steps on three skills the losses on episodes it has not drawn are lower than before."""
    made = trainer(pool, tmp_path, steps=60)
    batch = Tensors(made.words).batch(made.episodes.at(1_000_000, 8))

    def measured() -> tuple[float, float, float]:
        with torch.no_grad():
            parts = losses(made.network(batch), batch)
        return float(parts.match), float(parts.spans), float(parts.whole)

    before = measured()
    made.run()
    after = measured()
    assert after[0] < 0.95 * before[0]
    assert after[1] < 0.8 * before[1]
    assert after[2] < 0.8 * before[2]


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


def test_two_processes_train_as_one_that_takes_the_mean_of_their_losses(pool: Pool, tmp_path: Path) -> None:
    """Both end with the very same weights: those of a training that sees the shares of both in every step."""
    context = multiprocessing.get_context("fork")
    both = [context.Process(target=_one_of_two, args=(rank, pool, tmp_path)) for rank in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert [one.exitcode for one in both] == [0, 0]
    first, second = (torch.load(tmp_path / f"{rank}.pt") for rank in range(2))
    alone = trainer(pool, tmp_path / "alone", steps=3, episodes=4)
    alone.processes, once = 2, alone._taught

    def taught() -> tuple[torch.Tensor, torch.Tensor]:
        shares = []
        for alone.rank in range(2):
            np.random.seed(2 * alone.step + alone.rank)
            torch.manual_seed(alone.plan.seed * 1_000_003 + 2 * alone.step + alone.rank)
            shares.append(once())
        alone.rank = 0
        return shares[0][0], (shares[0][1] + shares[1][1]) / 2

    alone._taught, alone._share = taught, lambda: None  # type: ignore[method-assign]
    (tmp_path / "alone").mkdir()
    alone.run()
    for name, value in alone.network.state_dict().items():
        assert torch.equal(first[name], second[name]), name
        torch.testing.assert_close(first[name], value, atol=1e-4, rtol=1e-3, msg=name)
    assert Trainer.last(tmp_path)[2] == 3


def _one_of_two(rank: int, pool: Pool, work: Path) -> None:
    torch.set_num_threads(1)
    distributed.init_process_group("gloo", init_method=f"file://{work}/met", rank=rank, world_size=2)
    made = trainer(pool, work, steps=3, episodes=4)
    made.run()
    torch.save(made.network.state_dict(), work / f"{rank}.pt")
    distributed.destroy_process_group()


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
    return torch.full((6,), 6.0)


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


def test_a_checkpoint_of_another_round_is_told(pool: Pool, tmp_path: Path) -> None:
    """Another plan or another shape has weights and a rate of its own; how often is written makes no difference."""
    trainer(pool, tmp_path).save()
    assert trainer(pool, tmp_path, checkpoint_minutes=9.0).resume() == 0
    words = Words.of(pool)
    deeper = Trainer(Fewshot(replace(SHAPE, crossed=2), len(words)), Episodes(pool, 5), words, Plan(), tmp_path)
    for other in (trainer(pool, tmp_path, steps=STEPS + 1), deeper):
        with pytest.raises(SkillError, match=r"checkpoint\.pt was made by another plan; name another --work"):
            other.resume()


def test_a_checkpoint_of_another_training_is_told(pool: Pool, tmp_path: Path) -> None:
    """One that lacks what this one writes: by whoever goes on from it, and by whoever ships it."""
    torch.save({"model": {}, "average": {}, "step": 3}, tmp_path / "checkpoint.pt")
    for read in (trainer(pool, tmp_path).resume, lambda: Trainer.last(tmp_path)):
        with pytest.raises(SkillError, match=r"checkpoint\.pt was made by another training"):
            read()
