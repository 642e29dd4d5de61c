"""An electric car at its charging point: how full, and by when."""

from __future__ import annotations

from assistant.skill import Context, Number, Time, skill


@skill(
    examples=[
        "charge the car",
        "charge the car to [eighty](percent) percent",
        "plug in the car and fill it up by [seven](ready_by)",
        "start charging please",
        "i need the car full by [six am](ready_by)",
        "have the car at [ninety](percent) percent by [half past eight](ready_by)",
        "the battery of the car is low",
        "can you charge the tesla to [seventy](percent)",
        "top up the car before [noon](ready_by)",
        "get the car ready for [five thirty](ready_by)",
    ]
)
def charge_car(_context: Context, *, percent: Number = 80, ready_by: Time | None = None) -> str:
    """Charge the electric car."""
    return f"Charging the car to {percent:g} percent{f' by {ready_by:%H:%M}' if ready_by else ''}."
