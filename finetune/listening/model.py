"""Whisper's architecture in plain torch, with parameters named as in transformers, and two heads for training only.

transformers' own encoder refuses any input shorter than the whole window; most commands last three seconds, so
training on clips as long as they are saves two thirds of the work. `export.py` loads the same state dict into
`WhisperForConditionalGeneration`.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from finetune.listening.phones import PHONES

TEXT = "abcdefghijklmnopqrstuvwxyz' "
SPECIAL = [
    "<|endoftext|>", "<|startoftranscript|>", "<|en|>", "<|translate|>", "<|transcribe|>", "<|startoflm|>",
    "<|startofprev|>", "<|nospeech|>", "<|notimestamps|>",
]  # fmt: skip
END, START, NO_SPEECH, NO_TIMES = (
    len(TEXT) + SPECIAL.index(f"<|{name}|>") for name in ("endoftext", "startoftranscript", "nospeech", "notimestamps")
)
VOCABULARY = len(TEXT) + len(SPECIAL)


@dataclass(frozen=True)
class Shape:
    """The sizes of a model."""

    width: int = 256
    heads: int = 4
    encoder_layers: int = 6
    decoder_layers: int = 3
    positions: int = 375
    """encoder positions of a whole window"""
    text_positions: int = 128
    mels: int = 80


def encode_text(text: str) -> list[int]:
    """Return the token of each character."""
    return [TEXT.index(letter) for letter in text]


class Attention(nn.Module):  # type: ignore[misc]
    """Multi-head attention with Whisper's projections (no bias on keys)."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.k_proj = nn.Linear(width, width, bias=False)
        self.v_proj = nn.Linear(width, width)
        self.q_proj = nn.Linear(width, width)
        self.out_proj = nn.Linear(width, width)

    def forward(self, x: Tensor, source: Tensor, causal: bool = False) -> Tensor:
        """Attend from x, (batch, n, width), to source, (batch, m, width)."""
        batch, length, width = x.shape
        shape = (batch, -1, self.heads, width // self.heads)
        q, k, v = (
            layer(of).view(shape).transpose(1, 2)
            for layer, of in ((self.q_proj, x), (self.k_proj, source), (self.v_proj, source))
        )
        # Written out: on a processor the fused kernel's backward pass takes five times as long at these sizes.
        scores = q @ k.transpose(2, 3) * (width // self.heads) ** -0.5
        if causal:
            ahead = torch.ones(length, length, dtype=torch.bool).triu(1)
            scores = scores.masked_fill(ahead, -1e4)
        mixed = scores.softmax(-1).to(v.dtype) @ v
        out: Tensor = self.out_proj(mixed.transpose(1, 2).reshape(batch, length, width))
        return out


class Layer(nn.Module):  # type: ignore[misc]
    """A pre-norm transformer layer, with attention to the encoder if `cross`."""

    def __init__(self, width: int, heads: int, dropout: float, cross: bool) -> None:
        super().__init__()
        self.dropout = dropout
        self.self_attn = Attention(width, heads)
        self.self_attn_layer_norm = nn.LayerNorm(width)
        self.encoder_attn = Attention(width, heads) if cross else None
        self.encoder_attn_layer_norm = nn.LayerNorm(width) if cross else None
        self.fc1 = nn.Linear(width, 4 * width)
        self.fc2 = nn.Linear(4 * width, width)
        self.final_layer_norm = nn.LayerNorm(width)

    def drop(self, x: Tensor) -> Tensor:
        return functional.dropout(x, self.dropout, self.training) if self.dropout else x

    def forward(self, x: Tensor, heard: Tensor | None = None) -> Tensor:
        """Map x, (batch, n, width); `heard` is the encoder's output for a decoder layer."""
        normed = self.self_attn_layer_norm(x)
        x = x + self.drop(self.self_attn(normed, normed, causal=heard is not None))
        if self.encoder_attn is not None and self.encoder_attn_layer_norm is not None and heard is not None:
            x = x + self.drop(self.encoder_attn(self.encoder_attn_layer_norm(x), heard))
        return x + self.drop(self.fc2(functional.gelu(self.fc1(self.final_layer_norm(x)))))


class Encoder(nn.Module):  # type: ignore[misc]
    """Mel frames to positions, two frames to each."""

    def __init__(self, shape: Shape, dropout: float) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(shape.mels, shape.width, 3, padding=1)
        self.conv2 = nn.Conv1d(shape.width, shape.width, 3, stride=2, padding=1)
        self.embed_positions = nn.Embedding(shape.positions, shape.width)
        self.embed_positions.weight.data = sinusoids(shape.positions, shape.width)
        self.embed_positions.weight.requires_grad_(False)
        layers = [Layer(shape.width, shape.heads, dropout, cross=False) for _ in range(shape.encoder_layers)]
        self.layers = nn.ModuleList(layers)
        self.layer_norm = nn.LayerNorm(shape.width)

    def forward(self, mel: Tensor) -> tuple[Tensor, Tensor]:
        """Map mel, (batch, mels, frames), to the output and the one of two layers earlier, (batch, n, width)."""
        x = functional.gelu(self.conv2(functional.gelu(self.conv1(mel)))).transpose(1, 2)
        x = x + self.embed_positions.weight[: x.shape[1]]
        middle = x
        for number, layer in enumerate(self.layers):
            x = layer(x)
            if number == len(self.layers) - 3:
                middle = x
        return self.layer_norm(x), middle


class Decoder(nn.Module):  # type: ignore[misc]
    """Characters so far and what was heard, to the next character's logits."""

    def __init__(self, shape: Shape, dropout: float) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(VOCABULARY, shape.width)
        self.embed_positions = nn.Embedding(shape.text_positions, shape.width)
        layers = [Layer(shape.width, shape.heads, dropout, cross=True) for _ in range(shape.decoder_layers)]
        self.layers = nn.ModuleList(layers)
        self.layer_norm = nn.LayerNorm(shape.width)
        nn.init.normal_(self.embed_tokens.weight, std=0.02)
        nn.init.normal_(self.embed_positions.weight, std=0.02)

    def forward(self, tokens: Tensor, heard: Tensor) -> Tensor:
        """Map tokens, (batch, n), and heard, (batch, m, width), to logits, (batch, n, vocabulary)."""
        x = self.embed_tokens(tokens) + self.embed_positions.weight[: tokens.shape[1]]
        for layer in self.layers:
            x = layer(x, heard)
        return functional.linear(self.layer_norm(x), self.embed_tokens.weight)


class Listener(nn.Module):  # type: ignore[misc]
    """The model with its two training heads: phones, frame by frame, and characters by CTC (blank last)."""

    def __init__(self, shape: Shape, dropout: float = 0.0) -> None:
        super().__init__()
        self.encoder = Encoder(shape, dropout)
        self.decoder = Decoder(shape, dropout)
        self.phone_norm = nn.LayerNorm(shape.width)
        self.phone_head = nn.Linear(shape.width, len(PHONES))
        self.letter_head = nn.Linear(shape.width, len(TEXT) + 1)

    def forward(self, mel: Tensor, tokens: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the logits of next characters, of phones and of CTC characters."""
        heard, middle = self.encoder(mel)
        return self.decoder(tokens, heard), self.phone_head(self.phone_norm(middle)), self.letter_head(heard)


def sinusoids(length: int, width: int) -> Tensor:
    """Return Whisper's fixed encoder positions, (length, width)."""
    scale = torch.exp(-torch.arange(width // 2) * (9.210340371976184 / (width // 2 - 1)))
    angles = torch.arange(length)[:, None] * scale[None]
    return torch.cat([angles.sin(), angles.cos()], dim=1)
