"""Tracked runs in Weights & Biases: online where it finds a key, else into a folder that `wandb sync` uploads later.

Only what the journal keeps is sent: no console output, no code, no statistics of the machine, no error reports.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evals.track.journal import DONE, RUNNING, Record

if TYPE_CHECKING:
    import wandb

SENT = ("kind", "inputs", "models", "settings", "code", "machine", "command")
"""Entries of run.json; the folder it ran in and the process are nobody else's business."""
SERVER = "https://api.wandb.ai"
PATIENCE_S = 30
"""Until an unreachable server is given up."""


class WandbStore:
    """A `mirrors.Store`.

    Args:
        folder: where the offline runs lie, in `wandb`.
        project: the project at Weights & Biases.
    """

    def __init__(self, folder: Path, project: str) -> None:
        self.folder, self.project = folder, project
        self._open: dict[str, wandb.Run] = {}

    def bring(self, record: Record, state: Mapping[str, Any]) -> dict[str, Any]:
        """Raises whatever wandb raises."""
        run = self._open.get(record.id) or self._begin(record)
        lines = record.metrics()
        for line in lines[int(state.get("lines", 0)) :]:
            name, point = str(line["name"]), {str(line["name"]): line["value"]}
            if "step" in line:
                # Curves have steps of their own: W&B's single counter would drop one that comes late.
                run.define_metric(name, step_metric=f"{name}.step")
                run.log({**point, f"{name}.step": line["step"]})
            else:
                run.summary.update(
                    {**point, **{f"{name}.{edge}": line[edge] for edge in ("low", "high") if edge in line}}
                )
        notes = "\n\n".join(record.notes())
        if notes:
            run.notes = notes
        if record.status != RUNNING:
            self._end(record, run)
        return {"id": record.id, "lines": len(lines)}

    def _begin(self, record: Record) -> wandb.Run:
        os.environ.update(WANDB_ERROR_REPORTING="false", WANDB_SILENT="true")
        import wandb

        (self.folder / "wandb").mkdir(parents=True, exist_ok=True)
        run = wandb.init(
            project=self.project,
            name=record.name,
            id=record.id,
            job_type=record.kind,
            dir=str(self.folder),
            config={name: record.meta[name] for name in SENT if name in record.meta},
            resume="allow",
            reinit="create_new",
            settings=wandb.Settings(
                mode="online" if _has_key() else "offline",
                console="off",
                silent=True,
                disable_git=True,
                save_code=False,
                x_disable_meta=True,
                x_disable_stats=True,
                x_disable_machine_info=True,
                init_timeout=PATIENCE_S,
            ),
        )
        self._open[record.id] = run
        return run

    def _end(self, record: Record, run: wandb.Run) -> None:
        run.summary.update({"status": record.status, "reason": record.meta.get("reason", "")})
        for file in record.artefacts.rglob("*"):
            if file.is_file():
                run.save(str(file), base_path=str(record.artefacts), policy="now")
        run.finish(exit_code=0 if record.status == DONE else 1)
        del self._open[record.id]


def _has_key() -> bool:
    """Whether the environment or ~/.netrc has the key of Weights & Biases, or of the server in WANDB_BASE_URL."""
    from requests.utils import get_netrc_auth

    return bool(os.environ.get("WANDB_API_KEY") or get_netrc_auth(os.environ.get("WANDB_BASE_URL", SERVER)))
