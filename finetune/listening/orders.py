"""Coffee orders of real people: their slots are known word for word, their transcripts are not.

Picovoice's recordings name the slots of each order ("twelve ounce", "dark roast"). Only the opening and the order of
the slots are open, so every possible sentence can be scored by a model that is half trained, and the best one taken as
the transcript, where it is clearly likelier than chance. The openings are those of the grammar that Picovoice published
with the benchmark (coffee_maker.yml, Apache-2.0); the people had been given it.
One half of the clips, by path, is never used: it measures.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from faster_whisper.audio import decode_audio

from assistant.audio import Audio
from assistant.transcribe import PAD_S, speech_spans
from finetune.listening.augment import normalise
from finetune.listening.batches import IGNORE, text_targets
from finetune.listening.clips import UNKNOWN_PHONE, Clip, make_clip
from finetune.listening.features import RATE_HZ, WINDOW_FRAMES, log_mel
from finetune.listening.model import Listener
from finetune.listening.sentences import normal

STARTS = ("brew", "can i get", "can i have", "i want", "get me", "give me", "i'd like", "make me", "may i have")
LIKELY = -0.55
"""mean log probability of a character that a transcript must reach"""
VOICE = "picovoice_s2i"


def kept_back(path: str) -> bool:
    """Say whether an order is for measuring only."""
    return sum(path.encode()) % 2 == 0


def candidates(slots: dict[str, str]) -> list[str]:
    """Return every sentence that has these slots, each once, in the order of attributes, drink, additions."""
    attributes = [slots[name] for name in ("size", "roast", "numberOfShots") if name in slots]
    additions = [slots[name] for name in ("milkAmount", "sugarAmount") if name in slots]
    out = []
    for start, article, before, after in itertools.product(
        STARTS, ("a", "an", ""), itertools.permutations(attributes), itertools.permutations(additions)
    ):
        ends = "with " + " and ".join(after) if after else ""
        out.append(" ".join(" ".join([start, article, *before, slots["coffeeDrink"], ends]).split()))
    return out


def most_likely(model: Listener, mel: np.ndarray, texts: list[str]) -> tuple[str, float]:
    """Return the text that the model finds likeliest for mel, (80, frames), and its mean log probability."""
    tokens, wanted = text_targets(texts, max(len(text) for text in texts) + 2)
    with torch.no_grad():
        heard, _ = model.encoder(normalise(torch.from_numpy(mel)[None]).to(model.phone_head.weight.dtype))
        logits = model.decoder(tokens, heard.expand(len(texts), -1, -1)).float().log_softmax(-1)
    chosen = logits.gather(2, wanted.clamp(min=0)[:, :, None])[:, :, 0].masked_fill(wanted == IGNORE, 0)
    means = chosen.sum(1) / (wanted != IGNORE).sum(1)
    best = int(chosen.sum(1).argmax())
    return texts[best], float(means[best])


def transcribed(data: Path, model: Listener) -> Iterator[Clip]:
    """Yield the orders that may be trained on and whose transcript is likely enough."""
    for line in (data / "audio/manifest.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["source"] != VOICE or kept_back(row["path"]):
            continue
        samples = decode_audio(str(data / "audio" / row["path"]))
        spans = speech_spans(Audio(samples, RATE_HZ))
        if not spans:
            continue
        first, last = max(0.0, spans[0][0] - PAD_S), spans[-1][1] + PAD_S
        mel = log_mel(samples[int(first * RATE_HZ) : int(last * RATE_HZ)])
        if mel.shape[1] > WINDOW_FRAMES:
            continue
        texts = candidates({name: normal(value) or "" for name, value in row["slots"].items()})
        text, likely = most_likely(model, mel[:, : mel.shape[1] // 2 * 2], texts)
        if likely > LIKELY:
            yield make_clip(mel, np.full(mel.shape[1] // 2, UNKNOWN_PHONE, np.uint8), text, VOICE)
