"""Change a batch of log-mel clips so that no pass sees the same sound twice, and bring it to Whisper's scale.

All on features, in one go for a batch, because waveforms would cost more than the training step: other vocal tracts
(a warp of the mel axis), other tempos, other microphones (a smooth gain over frequency, a cut-off), other noise (added
as power), and masks (SpecAugment, Park et al. 2019).
"""

from __future__ import annotations

import torch
from torch import Tensor

SILENT_LOG = -10.0
TEN = 2.302585093  # log(10): features are decades of power


def normalise(mel: Tensor) -> Tensor:
    """Whisper's scale: at most 8 decades below the loudest point of the clip, then (x + 4) / 4."""
    top = mel.amax(dim=(1, 2), keepdim=True)
    return (torch.maximum(mel, top - 8) + 4) / 4


def warp_mels(mel: Tensor) -> Tensor:
    """Stretch each clip's frequency axis by -12..12 % around the bottom, as a longer or shorter throat would."""
    batch, mels, frames = mel.shape
    factor = 1 + 0.24 * (torch.rand(batch, 1) - 0.5)
    place = (torch.arange(mels) * factor).clamp(0, mels - 1.001)
    low = place.floor().long()
    share = (place - low)[:, :, None]
    below = mel.gather(1, low[:, :, None].expand(-1, -1, frames))
    above = mel.gather(1, (low + 1)[:, :, None].expand(-1, -1, frames))
    return below * (1 - share) + above * share


def stretch(mel: Tensor, phones: Tensor, frames: Tensor, by: float) -> tuple[Tensor, Tensor, Tensor]:
    """Slow each clip down or speed it up by up to `by`, within the batch's length: shapes that change cost seconds
    each, because the matrix library prepares itself anew for every new one."""
    batch, mels, length = mel.shape
    factor = torch.minimum(1 + by * (2 * torch.rand(batch) - 1), length / frames)[:, None]
    place = torch.arange(length) / factor
    inside = place < frames[:, None] - 1
    place = torch.minimum(place, frames[:, None] - 1.001).clamp(min=0)
    low = place.floor().long()
    share = (place - low)[:, None]
    below = mel.gather(2, low[:, None].expand(-1, mels, -1))
    above = mel.gather(2, (low + 1).clamp(max=length - 1)[:, None].expand(-1, mels, -1))
    mel = torch.where(inside[:, None], below * (1 - share) + above * share, torch.full_like(mel, SILENT_LOG))
    half = torch.div(low[:, ::2], 2, rounding_mode="floor")
    return mel, phones.gather(1, half), (frames * factor[:, 0]).long().clamp(max=length)


def colour(mel: Tensor) -> Tensor:
    """Give each clip another microphone: a smooth gain over frequency, sometimes a cut-off."""
    batch, mels, _ = mel.shape
    axis = torch.linspace(0, 1, mels)
    gain = torch.zeros(batch, mels)
    for waves in (0.5, 1.0, 2.0, 3.0):
        gain += (
            0.35 / waves**0.5 * torch.randn(batch, 1) * torch.cos(3.14159 * waves * axis + 6.28 * torch.rand(batch, 1))
        )
    edge = torch.where(torch.rand(batch, 1) < 0.12, 0.72 + 0.25 * torch.rand(batch, 1), torch.full((batch, 1), 9.0))
    gain -= 40 * (axis - edge).clamp(min=0)
    return mel + gain[:, :, None]


def add_noise(mel: Tensor, frames: Tensor, noise: Tensor, strength: float) -> Tensor:
    """Add a random stretch of the noise bank, (all frames, 80), to most clips at 2 to 40 dB below the speech.

    `frames`, (batch,), is how long each clip is; half of the clips have noise in the padding too.
    """
    batch, mels, length = mel.shape
    loud = ((mel * TEN).logsumexp(dim=1) / TEN).topk(max(4, length // 4), dim=1).values.mean(dim=1)
    start = torch.randint(0, len(noise) - length, (batch, 1)) + torch.arange(length)
    chosen = noise[start.flatten()].view(batch, length, mels).transpose(1, 2).float()
    level = (chosen * TEN).logsumexp(dim=1).mean(dim=1) / TEN
    below_db = torch.where(torch.rand(batch) < 0.75, 2 + 33 * torch.rand(batch), 40 + 30 * torch.rand(batch))
    below_db += 20 * (1 - strength)
    chosen = chosen + (loud - level - below_db / 10).clamp(-12, 12)[:, None, None]
    inside = (
        torch.arange(length)[None]
        < torch.where(torch.rand(batch) < 0.5, frames, torch.full_like(frames, length))[:, None]
    )
    chosen = torch.where(inside[:, None], chosen, torch.full_like(chosen, -10))
    return torch.logaddexp(mel * TEN, chosen * TEN) / TEN


def mask(mel: Tensor, most: float) -> Tensor:
    """Hide up to two bands of mels and two stretches of time in most clips."""
    batch, mels, frames = mel.shape
    keep = torch.ones(batch, mels, frames, dtype=torch.bool)
    for size, dimension in ((12, 1), (12, 1), (14, 2), (14, 2)):
        length = mel.shape[dimension]
        width = (torch.rand(batch, 1) * size * most).long()
        first = (torch.rand(batch, 1) * (length - size)).long()
        axis = torch.arange(length)[None]
        hidden = (axis >= first) & (axis < first + width)
        keep &= ~(hidden[:, :, None] if dimension == 1 else hidden[:, None, :])
    return torch.where(keep, mel, mel.mean(dim=(1, 2), keepdim=True))


def augment(mel: Tensor, phones: Tensor, frames: Tensor, noise: Tensor, strength: float) -> tuple[Tensor, Tensor]:
    """Return mel on Whisper's scale, (batch, 80, T), and phones, (batch, T / 2), of clips of log power.

    `strength` 0 changes nothing, 1 everything.
    """
    if strength > 0:
        mel, phones, frames = stretch(mel, phones, frames, 0.14 * strength)
        mel = add_noise(colour(warp_mels(mel)), frames, noise, strength)
    mel = normalise(mel)
    return (mask(mel, strength) if strength > 0 else mel), phones
