"""Turn a checkpoint into the folder that ships: CTranslate2 int8, with what faster-whisper wants beside it."""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict
from pathlib import Path

import torch
from ctranslate2.converters import TransformersConverter
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from transformers import GenerationConfig, PreTrainedTokenizerFast, WhisperConfig, WhisperForConditionalGeneration

from finetune.checkpoint import read_checkpoint
from finetune.listening.features import CHUNK_S, HOP, MELS, N_FFT, RATE_HZ
from finetune.listening.model import END, NO_TIMES, SPECIAL, START, TEXT, VOCABULARY, Shape

TRAINING_ONLY = ("phone_norm.", "phone_head.", "letter_head.")


def whisper(state: dict[str, torch.Tensor], shape: Shape) -> WhisperForConditionalGeneration:
    """Return transformers' Whisper with the weights of `Listener.state_dict()`."""
    config = WhisperConfig(
        vocab_size=VOCABULARY, d_model=shape.width, num_mel_bins=shape.mels,
        encoder_layers=shape.encoder_layers, encoder_attention_heads=shape.heads, encoder_ffn_dim=4 * shape.width,
        decoder_layers=shape.decoder_layers, decoder_attention_heads=shape.heads, decoder_ffn_dim=4 * shape.width,
        max_source_positions=shape.positions, max_target_positions=shape.text_positions,
        bos_token_id=END, eos_token_id=END, pad_token_id=END, decoder_start_token_id=START,
    )  # fmt: skip
    model = WhisperForConditionalGeneration(config)
    ours = {f"model.{name}": value for name, value in state.items() if not name.startswith(TRAINING_ONLY)}
    missing, unexpected = model.load_state_dict(ours, strict=False)
    if unexpected or set(missing) - {"proj_out.weight"}:
        raise ValueError(f"weights do not fit Whisper: missing {missing}, unexpected {unexpected}")
    model.tie_weights()
    model.generation_config = GenerationConfig(
        suppress_tokens=[], begin_suppress_tokens=[], decoder_start_token_id=START, bos_token_id=END, eos_token_id=END,
        pad_token_id=END, no_timestamps_token_id=NO_TIMES, lang_to_id={},
        alignment_heads=[[shape.decoder_layers - 1, head] for head in range(shape.heads)],
    )  # fmt: skip
    return model


def tokenizer() -> Tokenizer:
    """Return the tokenizer: one token for each character, a space written as byte-level tokenizers write it."""
    vocabulary = {letter.replace(" ", "Ġ"): number for number, letter in enumerate(TEXT)}
    out = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    out.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    out.decoder = decoders.ByteLevel()
    out.add_special_tokens([AddedToken(name, special=True) for name in SPECIAL])
    return out


def export(checkpoint: Path, folder: Path, shape: Shape, beam_size: int) -> None:
    """Write `folder` from the averaged weights of a checkpoint. Raises SkillError where that is damaged."""
    state = read_checkpoint(checkpoint)["average"]
    preprocessor = {
        "feature_size": MELS, "sampling_rate": RATE_HZ, "hop_length": HOP, "chunk_length": CHUNK_S, "n_fft": N_FFT,
        "pad_to_window": False, "max_text_tokens": shape.text_positions - 8, "beam_size": beam_size,
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as temporary:
        source = Path(temporary)
        whisper(state, shape).save_pretrained(source)
        ours = tokenizer()
        end = "<|endoftext|>"
        PreTrainedTokenizerFast(
            tokenizer_object=ours, eos_token=end, bos_token=end, pad_token=end, unk_token=end
        ).save_pretrained(source)
        ours.save(str(source / "tokenizer.json"))
        (source / "preprocessor_config.json").write_text(json.dumps(preprocessor, indent=1) + "\n")
        kept = ["tokenizer.json", "preprocessor_config.json"]
        converter = TransformersConverter(str(source), copy_files=kept)
        converter.convert(str(source / "out"), quantization="int8")
        folder.mkdir(parents=True, exist_ok=True)
        for path in (source / "out").iterdir():
            (folder / path.name).write_bytes(path.read_bytes())


def describe(shape: Shape) -> str:
    """Return the sizes of a model on one line."""
    return ", ".join(f"{name} {value}" for name, value in asdict(shape).items())
