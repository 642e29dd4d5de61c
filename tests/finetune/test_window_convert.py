"""A Whisper in Hugging Face's form is converted before its window is cut."""

from __future__ import annotations

from pathlib import Path

import pytest
from transformers import PreTrainedTokenizerFast, WhisperConfig, WhisperForConditionalGeneration

from assistant import models, window
from assistant.config import load_settings
from assistant.transcribe import Transcriber
from finetune.listening.export import tokenizer

pytestmark = pytest.mark.train


def test_a_whisper_of_hugging_face_is_converted_and_cut(tmp_path: Path) -> None:
    """It listens as a model of ten seconds afterwards; the folder it came from is left as it was."""
    source, ours = tmp_path / "mine", tokenizer()
    config = WhisperConfig(
        vocab_size=ours.get_vocab_size(), d_model=64, encoder_layers=1, encoder_attention_heads=2, encoder_ffn_dim=128,
        decoder_layers=1, decoder_attention_heads=2, decoder_ffn_dim=128, pad_token_id=0, bos_token_id=0,
        eos_token_id=0, decoder_start_token_id=1,
    )  # fmt: skip
    WhisperForConditionalGeneration(config).save_pretrained(source)
    end = "<|endoftext|>"
    PreTrainedTokenizerFast(
        tokenizer_object=ours, eos_token=end, bos_token=end, pad_token=end, unk_token=end
    ).save_pretrained(source)
    before = sorted(file.name for file in source.iterdir())
    settings = load_settings(None, {}, [f"paths.data={tmp_path / 'data'}"])
    assert window.make(settings, str(source), 10) == "mine-10s"
    assert Transcriber(models.pulled_folder(settings) / "mine-10s").window_s == 10.0
    assert sorted(file.name for file in source.iterdir()) == before
