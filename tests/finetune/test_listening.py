"""Making the listening model: texts, features, batches, and a doll-sized run from shards to CTranslate2."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.train
torch = pytest.importorskip("torch")
for needed in ("espeakng_loader", "soundfile", "scipy", "num2words", "transformers", "jiwer"):
    pytest.importorskip(needed)

from assistant.audio import Audio  # noqa: E402
from assistant.transcribe import Transcriber  # noqa: E402
from finetune.listening import accents, augment, clips, phones, sentences, voices  # noqa: E402
from finetune.listening.batches import IGNORE, LENGTHS, Clips, most_letters, text_targets  # noqa: E402
from finetune.listening.export import export, tokenizer, whisper  # noqa: E402
from finetune.listening.features import WINDOW_FRAMES, log_mel, phone_frames  # noqa: E402
from finetune.listening.model import END, NO_SPEECH, NO_TIMES, SPECIAL, START, TEXT, Listener, Shape  # noqa: E402
from finetune.listening.recipe import read_recipe  # noqa: E402
from finetune.listening.score import interval  # noqa: E402
from finetune.listening.train import Plan, Run  # noqa: E402

ROOT = Path(__file__).parents[2]
DOLL = Shape(width=32, heads=2, encoder_layers=3, decoder_layers=1)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Set a timer for 10 minutes.", "set a timer for ten minutes"),
        ("Wake me at 7:05 am", "wake me at seven oh five am"),
        ("it's 5 p.m.", "it's five pm"),
        ("50% of $20", "fifty percent of twenty dollars"),
        ("the 3rd of May 1999", "the third of may nineteen ninety nine"),
        ("what's 2.5 x", "what's two point five x"),
        ("überall", None),
    ],
)
def test_normal_form(written: str, said: str | None) -> None:
    """Numbers become words, punctuation goes, and what cannot be read aloud with certainty is left out."""
    assert sentences.normal(written) == said


def test_am_is_spelled_out_only_after_a_time() -> None:
    """A voice is given "a m" for the time of day and "am" for the verb."""
    assert sentences.spoken("wake me at seven am") == "wake me at seven a m"
    assert sentences.spoken("i am here") == "i am here"


def test_the_grammar_makes_only_sentences_the_model_can_write() -> None:
    """Whatever the grammar grows consists of the model's characters and has no slot left open."""
    grammar = sentences.Grammar(3)
    for _ in range(2000):
        text = grammar.sentence()
        assert text and set(text) <= set(TEXT), text


def test_held_out_voices_are_never_training_voices() -> None:
    """No training voice has the accent, variant or speaker of a held-out one."""
    kept_back = set(voices.HELD_OUT.values())
    for accent in voices.ACCENTS:
        assert (accent, "") not in kept_back and accent != "en-gb-x-gbcwmd"
    names = {name for language, name in kept_back if language != "flite" and name}
    assert not names & set(voices.VARIANTS)
    assert not {name for language, name in kept_back if language == "flite"} & set(voices.FLITE)


def test_espeak_reports_phones_in_order() -> None:
    """espeak-ng's phones come with rising times and end before the clip does."""
    speech = voices.Espeak().say("turn on the light", ("en-us", "f2"), None)
    times = [start for start, _ in speech.phones]
    assert times == sorted(times) and 0 < times[-1] <= len(speech.samples) / speech.rate_hz + 0.1
    assert {phones.PHONES[phone] for _, phone in speech.phones} >= {"t", "er", "n", "l", "ay"}


def test_an_accent_changes_the_sounds_and_not_the_words() -> None:
    """A random accent replaces the same sound everywhere by another one, keeps stress, and is spoken as it is drawn."""
    engine, r = voices.Espeak(), random.Random(3)
    plain = engine.say("turn on the light", ("en-us", "f2"), r)
    drawn = {"aI": "OI", "3:": "E"}
    assert accents.spoken_with(drawn, "t|'3:|n ,0|n l|'aI|t") == "t|'E|n ,0|n l|'OI|t"
    accented = engine.say("turn on the light", ("en-us", "f2"), r, 1.0)
    assert [phone for _, phone in accented.phones] != [phone for _, phone in plain.phones]
    assert {phones.PHONES[phone] for _, phone in accented.phones} >= {"n", "l", "t"}


def test_phone_frames_follow_the_lead() -> None:
    """A phone that begins at 0.32 s after a lead of 0.32 s is seen at position 20."""
    frames = phone_frames([(0.0, 5), (0.32, 7), (0.64, 0)], 0.32, 40)
    assert frames[8] == 0 and frames[12] == 5 and frames[21] == 7 and frames[35] == 0


def test_features_are_those_of_faster_whisper() -> None:
    """Training and use compute the same log-mel frames."""
    from faster_whisper.feature_extractor import FeatureExtractor

    samples = np.random.default_rng(0).standard_normal(16_000).astype(np.float32) * 0.1
    theirs = FeatureExtractor(80, 16_000, 256, 12, 512)(samples, padding=256)
    ours = augment.normalise(torch.from_numpy(log_mel(samples))[None])[0].numpy()
    assert np.abs(theirs[:, 2:60] - ours[:, 2:60]).max() < 1e-3


def test_targets_say_whether_there_is_speech() -> None:
    """The first wanted token tells speech from none; padding is ignored."""
    tokens, wanted = text_targets(["ab", ""], 6)
    assert tokens[0].tolist()[:4] == [START, NO_TIMES, 0, 1]
    assert wanted.tolist() == [[NO_TIMES, 0, 1, END, IGNORE, IGNORE], [NO_SPEECH, END, IGNORE, IGNORE, IGNORE, IGNORE]]


def test_augmentation_keeps_shapes_and_numbers() -> None:
    """A change of sound changes neither shape nor finiteness, and silence stays finite too."""
    mel = torch.full((3, 80, 96), -10.0)
    mel[0, :, 10:60] = torch.randn(80, 50)
    labels = torch.zeros(3, 48, dtype=torch.long)
    noise = torch.randn(500, 80) - 3
    for strength in (0.0, 0.5, 1.0):
        out, labels_out = augment.augment(mel, labels, torch.tensor([96, 50, 96]), noise, strength)
        assert out.shape == mel.shape and labels_out.shape == labels.shape and bool(torch.isfinite(out).all())


def test_the_state_dict_is_whispers() -> None:
    """transformers' Whisper with our weights computes what our model computes."""
    torch.manual_seed(0)
    model = Listener(DOLL).eval()
    theirs = whisper(model.state_dict(), DOLL).eval()
    mel = torch.randn(1, 80, WINDOW_FRAMES)
    tokens = torch.tensor([[START, NO_TIMES, 3, 4]])
    with torch.no_grad():
        ours = model(mel, tokens)[0]
        expected = theirs(input_features=mel, decoder_input_ids=tokens).logits
    assert torch.allclose(ours, expected, atol=1e-4)


def test_the_tokenizer_keeps_text() -> None:
    """Text goes through the tokenizer unchanged, one token a character, specials after the characters."""
    ours = tokenizer()
    text = "what's up at ten"
    assert ours.decode(ours.encode(text).ids) == text and len(ours.encode(text).ids) == len(text)
    assert [ours.token_to_id(name) for name in SPECIAL] == list(range(len(TEXT), len(TEXT) + len(SPECIAL)))


def test_the_recipe_reads() -> None:
    """The shipped recipe names only settings that exist."""
    recipe = read_recipe(ROOT / "finetune/recipes/listening.toml")
    assert (
        len({series.seed for series in recipe.clips}) == len(recipe.clips)
        and dict(recipe.plan.oversample)["speech_to_phrase"] > 1
    )


def made_up(count: int) -> Iterator[clips.Clip]:
    """Tones whose height tells the letter."""
    for number in range(count):
        letter = number % 4
        mel = np.full((80, 90), -4.0, np.float32)
        mel[letter * 20 : letter * 20 + 10, 20:70] = 1.0
        yield clips.make_clip(mel, np.full(45, letter + 1, np.uint8), TEXT[letter], "tone")


def test_a_doll_learns_stops_resumes_and_ships(tmp_path: Path) -> None:
    """A doll-sized model learns four tones, goes on from its checkpoint, and opens as a shipped model does."""
    clips.write_shards(made_up(200), tmp_path, "tones")
    np.save(tmp_path / "noise.npy", np.full((2000, 80), -6.0, np.float16))
    common = {"minutes": 5.0, "batch_frames": 104 * 16, "learning_rate": 4e-3, "warmup_steps": 5, "strength": 0.0}
    first = Run(tmp_path, DOLL, Plan(steps=20, **common))
    first.run()
    second = Run(tmp_path, DOLL, Plan(steps=60, **common))
    assert second.step == 20
    second.run()
    batch = second.clips.batch(second.clips.rows[:16], 112)
    losses = second.update(batch)
    assert losses[0] < 1.5
    export(tmp_path / "checkpoint.pt", tmp_path / "model", DOLL, 1)
    heard = Transcriber(tmp_path / "model").transcribe(Audio(np.zeros(16_000, np.float32), 16_000))
    assert heard.text == ""


def test_batches_have_few_shapes(tmp_path: Path) -> None:
    """Every batch of a length has one size, and room for its texts."""
    clips.write_shards(made_up(50), tmp_path, "tones")
    found = Clips(tmp_path / "shards")
    for rows, length in found.pass_over(2_000, 1, {}):
        assert length in LENGTHS and len(rows) == 2_000 // length
        assert all(len(row.text) + 2 <= most_letters(length) for row in rows)


def test_interval_holds_the_ratio() -> None:
    """The interval of a ratio encloses it and narrows with more clips."""
    counts = np.tile([[0, 5], [1, 5]], (200, 1))
    low, high = interval(counts)
    assert low < 0.1 < high and high - low < 0.05


def foreign_whisper(folder: Path) -> None:
    """Write a doll of OpenAI's kind: 30 s window, 99 languages, 51,865 tokens, nothing of this project's in it."""
    from ctranslate2.converters import TransformersConverter
    from faster_whisper.tokenizer import _LANGUAGE_CODES
    from tokenizers import AddedToken, Tokenizer, decoders, models
    from transformers import GenerationConfig, PreTrainedTokenizerFast, WhisperConfig, WhisperForConditionalGeneration

    languages = [f"<|{code}|>" for code in _LANGUAGE_CODES if code != "yue"]
    names = ["endoftext", "startoftranscript"], ["translate", "transcribe", "startoflm", "startofprev", "nospeech"]
    specials = [f"<|{name}|>" for name in names[0]] + languages + [f"<|{name}|>" for name in names[1]]
    specials += ["<|notimestamps|>"] + [f"<|{number * 0.02:.2f}|>" for number in range(1501)]
    words = {f"w{number}": number for number in range(51_865 - len(specials))}
    theirs = Tokenizer(models.BPE(vocab=words, merges=[]))
    theirs.decoder = decoders.Fuse()
    theirs.add_special_tokens([AddedToken(name, special=True) for name in specials])
    end = theirs.token_to_id("<|endoftext|>")
    torch.manual_seed(0)
    config = WhisperConfig(
        vocab_size=51_865, d_model=16, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2,
        decoder_attention_heads=2, encoder_ffn_dim=16, decoder_ffn_dim=16, bos_token_id=end, eos_token_id=end,
        pad_token_id=end, decoder_start_token_id=end + 1,
    )  # fmt: skip
    model = WhisperForConditionalGeneration(config)
    codes = {name: theirs.token_to_id(name) for name in languages}
    model.generation_config = GenerationConfig(
        suppress_tokens=[], begin_suppress_tokens=[], lang_to_id=codes, alignment_heads=[[0, 0]]
    )
    source = folder.with_name("source")
    model.save_pretrained(source)
    PreTrainedTokenizerFast(tokenizer_object=theirs).save_pretrained(source)
    theirs.save(str(source / "tokenizer.json"))
    TransformersConverter(str(source), copy_files=["tokenizer.json"]).convert(str(folder), quantization="int8")


def test_a_whisper_of_openais_kind_works_the_same_way(tmp_path: Path) -> None:
    """A multilingual 30 s model goes through the same class: a language is found, or the given one is used."""
    from assistant.audio import read_audio

    foreign_whisper(tmp_path / "model")
    said = read_audio(ROOT / "samples/pasta-timer.wav")
    transcriber = Transcriber(tmp_path / "model")
    assert transcriber.window_s == 30.0
    heard = transcriber.transcribe(said)
    assert len(heard.language) == 2 and 0 <= heard.confidence <= 1
    assert transcriber.transcribe(Audio(np.zeros(16_000, np.float32), 16_000)).text == ""
    assert Transcriber(tmp_path / "model", language="de").transcribe(said).language == "de"
