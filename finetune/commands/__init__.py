"""`hark data`, `hark finetune` and `hark learn`: from examples to a better model. Each has a file of its own here."""

from __future__ import annotations

import typer

from finetune.commands import data, finetune, learn


def register(app: typer.Typer) -> None:
    """Add the commands; each file of this package has its own `register`."""
    finetune.register(app)
    data.register(app)
    learn.register(app)
