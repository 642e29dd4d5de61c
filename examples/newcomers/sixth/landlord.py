"""What is broken, to the landlord."""

from __future__ import annotations

from assistant.skill import Context, skill


@skill(
    examples=[
        "tell the landlord that the [kitchen tap is dripping](fault)",
        "report a [broken radiator](fault) to the landlord",
        "let the landlord know about the [leak under the sink](fault)",
        "there is a [cracked window in the hall](fault) can you report it",
        "please report to the landlord that the [lift is stuck](fault)",
        "the landlord should know that the [boiler makes a strange noise](fault)",
        "report a fault the [toilet won't flush](fault)",
        "complain to the landlord about the [mould in the bathroom](fault)",
        "we have [no hot water](fault) tell the landlord",
        "file a repair request for the [balcony door](fault)",
    ]
)
def report_fault(_context: Context, *, fault: str) -> str:
    """Report something broken in the flat to the landlord."""
    return f"The landlord is told: {fault}."
