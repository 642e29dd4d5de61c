from __future__ import annotations

import json
import math
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from kitchen import KITCHEN, TRAINED

from assistant.model import Model
from assistant.overheard import BUCKETS, Overheard
from assistant.prompt import plain
from assistant.skill import SkillError
from assistant.worker import Written
from evals.cases import Case
from finetune.skillmodel.batches import View, collate, shown
from finetune.skillmodel.export import quantize, write_gguf
from finetune.skillmodel.overheard import chosen, fit
from finetune.skillmodel.ship import calibrate, right, written
from finetune.skillmodel.tokens import alphabet, encode, train_tokenizer
from finetune.skillmodel.train import Plan, Shape, Trainer, descents, embedded, loss_of

pytestmark = pytest.mark.train
BY_NAME = {one.name: one for one in TRAINED}
CASES = [
    Case(plain(example.text), one.name, {name: plain(words) for name, words in example.call.words.items()})
    for one in TRAINED
    for example in one.examples
]
SHAPE = Shape(width=32, layers=2, heads=2, feed_forward=64, dropout=0.0, context=512)


def plan(**changes: float) -> Plan:
    usual = {"passes": 60.0, "tokens_per_step": 400, "peak_rate": 1e-2, "warmup_steps": 5, "average": 0.5}
    return Plan(compile=False, smoothing=0.0, **{**usual, **changes})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def tokenizer():  # type: ignore[no-untyped-def]
    return train_tokenizer([case.text for case in CASES] * 5, TRAINED, 400)


@pytest.fixture(scope="module")
def rows(tokenizer):  # type: ignore[no-untyped-def]
    return [encode(case, tokenizer, BY_NAME) for case in CASES]


@pytest.mark.timeout(600)
def test_a_doll_learns_its_examples_and_the_gguf_says_them(tmp_path: Path, tokenizer, rows) -> None:  # type: ignore[no-untyped-def]
    """Trained on ten sentences, exported and quantised, the file that llama.cpp runs writes their calls."""
    shape = Shape(width=64, layers=2, heads=2, feed_forward=128, dropout=0.0, context=512)
    trainer = Trainer(shape, plan(passes=600.0, renamed=0.0, forgotten=0.0, peak_rate=2e-3), tokenizer, tmp_path)
    model = trainer.run(rows)
    assert trainer.losses[-1][1] < 0.2
    notes = {"skills": json.dumps(sorted(BY_NAME))}
    write_gguf(model, tokenizer, notes, tmp_path / "f32.gguf", two_way=True)
    quantize(tmp_path / "f32.gguf", tmp_path / "q8.gguf", "q8_0")
    found = written(tmp_path / "q8.gguf", CASES, {one.name: one for one in KITCHEN})
    assert [right(case, best) for case, (best, *_) in zip(CASES, found, strict=True)] == [True] * len(CASES)


def test_torch_and_llama_cpp_compute_the_same(tmp_path: Path, tokenizer, rows) -> None:  # type: ignore[no-untyped-def]
    """The exported file gives the numbers of the trained model, prompt in both directions and call included."""
    trainer = Trainer(SHAPE, plan(passes=2.0), tokenizer, tmp_path)
    model = trainer.run(rows)
    write_gguf(model, tokenizer, {}, tmp_path / "f32.gguf", two_way=True)
    one = shown(rows[1], View(alphabet(tokenizer), renamed=0.0), random.Random(2))
    batch = collate([one], two_way=True)
    bias = torch.zeros(batch.mask.shape).masked_fill(~batch.mask, -1e9)
    with torch.no_grad():
        read = embedded(model, batch.ids, batch.marks)
        ours = model(inputs_embeds=read, attention_mask=bias).logits[0].numpy()
    theirs, prompt = Model(tmp_path / "f32.gguf"), one.row.prompt
    at_prompt = theirs.read_marked(one.ids[:prompt], one.marks)
    assert abs(at_prompt - ours[prompt - 1]).max() < 2e-2
    at_end = theirs._evaluate(one.ids[prompt:])
    assert abs(at_end - ours[len(one.ids) - 1]).max() < 2e-2


@pytest.mark.parametrize(
    "changes",
    [{}, {"muon": True}, {"passes": 1.0, "restarts": 2, "restart_passes": 1.5}],
    ids=["adamw", "muon", "restarts"],
)
def test_a_run_that_was_killed_goes_on_as_if_it_had_not_been(tmp_path: Path, tokenizer, rows, changes) -> None:  # type: ignore[no-untyped-def]
    """Stopping half-way and resuming from the checkpoint ends in the same weights: either optimizer, restarts too."""
    changes = {"passes": 4.0, **changes}
    whole = Trainer(SHAPE, plan(**changes), tokenizer, tmp_path / "a")
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    expected = whole.run(rows).state_dict()
    first = Trainer(SHAPE, plan(**changes), tokenizer, tmp_path / "b")
    first.run(rows, stop_after_steps=3)
    second = Trainer(SHAPE, plan(**changes), tokenizer, tmp_path / "b")
    assert second.resume(rows) and second.step == 3
    for name, value in second.run(rows).state_dict().items():
        torch.testing.assert_close(value, expected[name], rtol=1e-4, atol=1e-5)


def test_a_checkpoint_of_another_training_is_told(tmp_path: Path, tokenizer, rows) -> None:  # type: ignore[no-untyped-def]
    """Another plan, another shape and other rows are refused; how often is written makes no difference."""
    Trainer(SHAPE, plan(), tokenizer, tmp_path).run(rows, stop_after_steps=1)
    assert Trainer(SHAPE, plan(checkpoint_minutes=9.0), tokenizer, tmp_path).resume(rows)
    deeper = Trainer(replace(SHAPE, layers=3), plan(), tokenizer, tmp_path)
    for other in (Trainer(SHAPE, plan(passes=61.0), tokenizer, tmp_path), deeper):
        with pytest.raises(SkillError, match=r"checkpoint\.pt was made by another plan; name another --work"):
            other.resume(rows)
    with pytest.raises(SkillError, match=r"checkpoint\.pt was made with other rows; name another --work"):
        Trainer(SHAPE, plan(), tokenizer, tmp_path).resume(rows[:-1])


def test_restarts_raise_the_rate_again_and_what_ships_is_the_mean_of_their_ends(
    tmp_path: Path, tokenizer, rows
) -> None:  # type: ignore[no-untyped-def]
    """After a descent the rate begins again at its share; the averaged weights are the mean of all ends."""
    asked = plan(passes=2.0, restarts=2, restart_passes=1.0, restart_rate=0.25)
    trainer = Trainer(SHAPE, asked, tokenizer, tmp_path)
    way = descents(asked, per_pass=10)
    assert [(one.first, one.last) for one in way] == [(0, 20), (20, 30), (30, 40)]
    trainer.step = 20
    assert trainer.rate(way[1]) == pytest.approx(0.25 * asked.peak_rate)
    trainer.step = 30
    assert trainer.rate(way[1]) < 0.01 * asked.peak_rate < trainer.rate(way[2])
    trainer.step = 0
    mean = trainer.run(rows).state_dict()
    assert len(trainer.ends) == 3
    for name, value in mean.items():
        torch.testing.assert_close(value, torch.stack([end[name] for end in trainer.ends]).mean(0))


def test_the_end_of_a_descent_that_a_pass_steps_over_is_kept(tmp_path: Path, tokenizer, rows) -> None:  # type: ignore[no-untyped-def]
    """Passes differ by a batch or two; where the count of steps jumps over the end of a descent, its average counts."""
    trainer = Trainer(SHAPE, plan(passes=1.0, restarts=2, restart_passes=1.0), tokenizer, tmp_path)
    trainer.run(rows, stop_after_steps=1)
    before = {name: value.clone() for name, value in trainer.average.items()}
    per_pass = sum(1 for _ in trainer.batches(rows, 0))
    trainer.step = descents(trainer.plan, per_pass)[0].last
    trainer.run(rows)
    assert len(trainer.ends) == 3
    for name, value in before.items():
        torch.testing.assert_close(trainer.ends[0][name], value)


def test_the_prompt_is_seen_whole_and_the_call_only_backward(tokenizer, rows) -> None:  # type: ignore[no-untyped-def]
    """The mask lets prompt tokens see each other, call tokens what came before, and nobody the padding."""
    short, long = min(rows, key=lambda r: len(r.ids)), max(rows, key=lambda r: len(r.ids))
    view, chance = View(alphabet(tokenizer)), random.Random(0)
    mask = collate([shown(short, view, chance), shown(long, view, chance)], two_way=True).mask[0, 0]
    assert mask[: short.prompt, : short.prompt].all()
    assert not mask[: len(short.ids), len(short.ids) :].any()
    for at in range(short.prompt, len(short.ids)):
        assert mask[at, : at + 1].all() and not mask[at, at + 1 :].any()


def test_a_row_is_shown_with_other_marks_and_other_names_but_points_at_the_same(tokenizer, rows) -> None:  # type: ignore[no-untyped-def]
    """Marks are drawn afresh and a name's tokens swapped, while the call still points at the same chunks."""
    row = next(row for row in rows if row.names)
    view = View(alphabet(tokenizer), renamed=1.0)
    marks = view.alphabet.marks
    seen = [shown(row, view, random.Random(seed)) for seed in range(20)]
    assert len({tuple(one.ids) for one in seen}) > 15
    for one in seen:
        chunk_of = dict(zip(one.marks, row.chunk_of, strict=True))
        assert len(chunk_of) == row.chunks + 1
        for early, late in zip(row.ids[row.prompt :], one.ids[row.prompt :], strict=True):
            assert early == late if early not in marks else chunk_of[late] == early - marks.start
        changed = {at for at in range(row.prompt) if one.ids[at] != row.ids[at]}
        assert changed <= set(row.names)


def test_known_loss_of_untrained_weights(tmp_path: Path, tokenizer, rows) -> None:  # type: ignore[no-untyped-def]
    """Fresh weights know nothing: the loss is the logarithm of the vocabulary, and the seed fixes it."""
    losses = []
    for _ in range(2):
        trainer = Trainer(SHAPE, plan(), tokenizer, tmp_path)
        trainer.model.eval()
        seen = [shown(row, trainer.view, random.Random(0)) for row in rows]
        losses.append(float(loss_of(trainer.model, collate(seen, two_way=True), plan(tags=0.0)).detach()))
    assert losses[0] == losses[1]
    assert losses[0] == pytest.approx(math.log(tokenizer.get_vocab_size()), abs=0.3)


def test_calibration_finds_the_curve_that_made_the_answers() -> None:
    """Answers drawn by a known curve give that curve back."""
    generator = torch.Generator().manual_seed(1)
    p = torch.rand(20000, generator=generator) * 0.98 + 0.01
    truth = torch.sigmoid(0.6 * torch.logit(p) - 0.5)
    right = torch.rand(20000, generator=generator) < truth
    slope, shift = calibrate(p.tolist(), right.tolist())
    assert slope == pytest.approx(0.6, abs=0.05) and shift == pytest.approx(-0.5, abs=0.06)


def test_calibration_stays_finite_where_confidence_says_nothing_or_everything() -> None:
    """Neither one probability for all nor a perfect separation runs away."""
    slope, shift = calibrate([0.7] * 50, [True] * 30 + [False] * 20)
    logit = slope * math.log(0.7 / 0.3) + shift
    assert 1 / (1 + math.exp(-logit)) == pytest.approx(0.6, abs=0.02)
    slope, shift = calibrate([0.9] * 20 + [0.1] * 20, [True] * 20 + [False] * 20)
    assert 0 < slope < 5 and abs(shift) < 0.1


SAID = ("set a timer for ten minutes", "turn off the lamp", "volume five", "play jazz", "switch on the kitchen light")
TALK = (
    "he set off at ten",
    "the lamp is lovely isn't it",
    "five of us are coming",
    "she plays jazz",
    "that light again",
)


def cases_of_both() -> list[Case]:
    """Requests, talk, and a wish that no skill serves, which is a request."""
    asked = [Case(text, "switch", group=f"said:{text}") for text in SAID]
    talk = [Case(text, "none", group=f"chatter:none:{text}") for text in TALK]
    return [*asked, *talk, Case("book a flight to rome", "none", group="clinc150:book a flight to rome")]


def test_talk_is_told_from_requests_served_or_not() -> None:
    """The fitted model is sure of what it has seen; a wish no skill serves is no talk."""
    overheard = fit(cases_of_both(), {"inverse_regularization": 20.0})
    assert all(overheard(text) > 0 for text in TALK)
    assert all(overheard(text) < 0 for text in (*SAID, "book a flight to rome"))


def test_calls_are_lifted_until_few_good_requests_are_declined() -> None:
    """The lift is the smallest with which no more good requests are declined than asked for."""
    cases = [case for case in cases_of_both() if case.skill != "none"]
    odds = (3.0, 2.0, 1.0, -0.25, -0.75)
    overheard = Overheard(np.zeros(BUCKETS, np.float16), -9.0)
    found = [
        [Written("switch(state= on)", share, share), Written("none()", 1 - share, 1 - share)]
        for share in (1 / (1 + math.exp(-one)) for one in odds)
    ]
    lifts = [chosen(cases, found, overheard, {"start": -4.0, "declined": share}).lift for share in (0.4, 0.2, 0.0)]
    assert lifts == [0.0, 0.3, 0.8]
