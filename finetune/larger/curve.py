"""The loss curve of a training: numbers as JSON, and a drawing that any browser shows, light or dark."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

from assistant.commands.frame import written_whole
from finetune.larger.train import Progress

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 380, 56, 16, 34, 60
"""In CSS pixels; the drawing scales."""
STYLE = (
    "text{font:13px sans-serif;fill:#444}.a{fill:none;stroke:#9bb8d3;stroke-width:1}"
    ".b{fill:none;stroke:#1f5f99;stroke-width:2}.c{fill:none;stroke:#c2571a;stroke-width:2}.d{fill:#c2571a}"
    ".g{stroke:#ddd}@media(prefers-color-scheme:dark){text{fill:#ccc}.a{stroke:#3d5a75}.b{stroke:#7ab8ee}"
    ".c{stroke:#f0965a}.d{fill:#f0965a}.g{stroke:#444}}"
)
FEW = 60
"""Up to so many steps their own losses are drawn alone: one sees their course, and a mean would hide it."""
WINDOW = 1 / 20
"""Of all steps: how wide the mean is that is drawn over losses of single steps, which jump."""
MOST_TICKS = 6

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
    """The curve as SVG: every step's loss, of many steps a mean over a window as well, and the validation losses."""
    last = max(1, progress.step)
    losses = [loss for _, loss in (*progress.losses, *progress.validations) if math.isfinite(loss)]
    ticks = ticks_to(max(losses, default=1.0) or 1.0)
    top = ticks[-1]

    def place(points: Points) -> str:
        across, down = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
        known = [(at, loss) for at, loss in points if math.isfinite(loss)]
        return " ".join(f"{LEFT + across * at / last:.1f},{TOP + down * (1 - loss / top):.1f}" for at, loss in known)

    window = window_of(len(progress.losses))
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        f"<title>{escape(title)}</title>",
        f"<style>{STYLE}</style>",
        f'<text x="{LEFT}" y="20">{escape(title)}: loss in nats for each token of the call</text>',
    ]
    for tick in ticks:
        y = TOP + (HEIGHT - TOP - BOTTOM) * (1 - tick / top)
        lines.append(f'<line class="g" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        lines.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{tick:g}</text>')
    lines.append(f'<text x="{LEFT}" y="{HEIGHT - BOTTOM + 18}">0</text>')
    steps = f"{last:,} step{'' if last == 1 else 's'}"
    lines.append(f'<text x="{WIDTH - RIGHT}" y="{HEIGHT - BOTTOM + 18}" text-anchor="end">{steps}</text>')
    own = "b" if window == 1 else "a"
    lines.append(f'<polyline class="{own}" points="{place(progress.losses)}"/>')
    if window > 1:
        lines.append(f'<polyline class="b" points="{place(smoothed(progress.losses, window))}"/>')
    lines.append(f'<polyline class="c" points="{place(progress.validations)}"/>')
    lines += [
        f'<circle class="d" cx="{spot[0]}" cy="{spot[1]}" r="3"/>'
        for spot in (point.split(",") for point in place(progress.validations).split())
    ]
    return "\n".join([*lines, *_legend(window), "</svg>\n"])


def _legend(window: int) -> Iterator[str]:
    """A line of each kind with its words, in a row below the curve."""
    entries = [("b", "training, each step", 170)]
    if window > 1:
        entries = [("a", "training, each step", 170), ("b", f"training, mean of {window} steps around each", 270)]
    x, y = LEFT, HEIGHT - 12
    for kind, words, width in (*entries, ("c", "validation", 0)):
        yield f'<path class="{kind}" d="M{x} {y - 4}h22"/><text x="{x + 28}" y="{y}">{words}</text>'
        x += width


def window_of(steps: int) -> int:
    """How many losses one drawn mean is of: 1 for few steps, else an odd number."""
    return 1 if steps <= FEW else 2 * round(steps * WINDOW / 2) + 1


def smoothed(points: Points, window: int) -> list[tuple[int, float]]:
    """The mean of the losses around each step, as many before as after, so that it does not lag.

    Args:
        window: how many losses a mean is of, odd; towards the ends fewer, down to one.
    """
    found = []
    for at, (step, _) in enumerate(points):
        reach = min(window // 2, at, len(points) - 1 - at)
        around = [loss for _, loss in points[at - reach : at + reach + 1]]
        found.append((step, sum(around) / len(around)))
    return found


def ticks_to(top: float) -> list[float]:
    """Round numbers from 0 to the first that is not below `top`, at most `MOST_TICKS` steps of 1, 2, 2.5 or 5 apart."""
    size = 10.0 ** math.floor(math.log10(top / MOST_TICKS))
    apart = next(size * part for part in (1, 2, 2.5, 5, 10) if size * part * MOST_TICKS >= top * (1 - 1e-9))
    return [round(apart * number, 12) for number in range(math.ceil(top / apart * (1 - 1e-9)) + 1)]
