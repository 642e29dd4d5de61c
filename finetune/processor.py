"""What the processor that trains is good at."""

from __future__ import annotations

import os

import torch


def has_bfloat16() -> bool:
    """Whether it multiplies in bfloat16 by itself; an emulated product takes fifty times as long as a 32-bit one."""
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def threads() -> int:
    """How many pay for a model of a few million parameters.

    Where it multiplies in bfloat16, two spend their time waiting for each other; in 32 bits a step of `hark learn` took
    0.31 s with two and 0.50 s with one.
    """
    return 1 if has_bfloat16() else min(2, os.cpu_count() or 1)
