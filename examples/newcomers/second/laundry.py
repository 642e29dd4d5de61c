"""Laundry: the washing machine."""

from __future__ import annotations

from typing import Literal

from assistant.skill import Context, Time, skill


@skill(
    examples=[
        "start the washing machine",
        "run a [cotton](program=cotton) wash",
        "do a [quick wash](program=quick)",
        "have the [wool](program=wool) wash done by [six pm](ready)",
        "start the laundry on [delicates](program=delicate)",
        "put the washing on",
        "washing machine on [short](program=quick) please",
        "wash the laundry so it is ready at [seven thirty](ready)",
        "start a [gentle](program=delicate) cycle to finish at [noon](ready)",
        "wash the [sweaters](program=wool)",
    ]
)
def start_wash(
    _context: Context,
    *,
    program: Literal["cotton", "wool", "delicate", "quick"] | None = None,
    ready: Time | None = None,
) -> str:
    """Start the washing machine on a program, ready by a time if said."""
    by = f", ready at {ready:%H:%M}" if ready else ""
    return f"The {program or 'usual'} wash is on{by}."
