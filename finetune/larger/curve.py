"""The loss curve of a training: numbers as JSON, and a drawing that any browser shows, light or dark."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from pathlib import Path

from assistant.commands.frame import written_whole
from finetune.larger.train import Progress

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 720, 360, 56, 34, 40
"""In CSS pixels; the drawing scales."""
SMOOTHED = 0.9
"""Of the running mean that is drawn over the steps' own losses, which jump."""

Points = Sequence[tuple[int, float]]


def write_curve(progress: Progress, folder: Path, title: str) -> None:
    """Write losses.json and losses.svg. Raises OSError."""
    numbers = {
        "train": progress.losses,
        "validation": progress.validations,
        "best": {"step": progress.best_step, "loss": progress.best} if progress.best_step else None,
        "ended": progress.ended,
    }
    with written_whole(folder / "losses.json") as out:
        json.dump(numbers, out)
        out.write("\n")
    with written_whole(folder / "losses.svg") as out:
        out.write(draw(progress, title))


def draw(progress: Progress, title: str) -> str:
    """The curve as SVG: every step's loss faint, their running mean, and the validation losses."""
    last = max(1, progress.step)
    top = max([loss for _, loss in (*progress.losses, *progress.validations)] or [1.0]) or 1.0

    def place(points: Points) -> str:
        across, down = WIDTH - LEFT - 16, HEIGHT - TOP - BOTTOM
        return " ".join(f"{LEFT + across * at / last:.1f},{TOP + down * (1 - loss / top):.1f}" for at, loss in points)

    ticks = [top * part / 4 for part in range(5)]
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        f"<title>{escape(title)}</title>",
        "<style>text{font:13px sans-serif;fill:#444}.a{fill:none;stroke:#9bb8d3;stroke-width:1}"
        ".b{fill:none;stroke:#1f5f99;stroke-width:2}.c{fill:none;stroke:#c2571a;stroke-width:2}.g{stroke:#ddd}"
        "@media(prefers-color-scheme:dark){text{fill:#ccc}.a{stroke:#3d5a75}.b{stroke:#7ab8ee}.c{stroke:#f0965a}"
        ".g{stroke:#444}}</style>",
        f'<text x="{LEFT}" y="20">{escape(title)}: loss in nats for each token of the call</text>',
    ]
    for tick in ticks:
        y = TOP + (HEIGHT - TOP - BOTTOM) * (1 - tick / top)
        lines.append(f'<line class="g" x1="{LEFT}" x2="{WIDTH - 16}" y1="{y:.1f}" y2="{y:.1f}"/>')
        lines.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{tick:.3g}</text>')
    lines.append(f'<text x="{LEFT}" y="{HEIGHT - 14}">0</text>')
    lines.append(f'<text x="{WIDTH - 16}" y="{HEIGHT - 14}" text-anchor="end">{last} steps</text>')
    lines.append(f'<polyline class="a" points="{place(progress.losses)}"/>')
    lines.append(f'<polyline class="b" points="{place(smoothed(progress.losses))}"/>')
    lines.append(f'<polyline class="c" points="{place(progress.validations)}"/>')
    lines.append(
        f'<text x="{WIDTH // 2}" y="{HEIGHT - 14}" text-anchor="middle">blue: training, orange: validation</text>'
    )
    return "\n".join([*lines, "</svg>\n"])


def smoothed(points: Points) -> list[tuple[int, float]]:
    """The running mean of losses, begun without a bias to zero."""
    mean, found = 0.0, []
    for number, (step, loss) in enumerate(points, 1):
        keep = min(SMOOTHED, 1 - 1 / number)
        mean = keep * mean + (1 - keep) * loss
        found.append((step, mean))
    return found
