"""Medicine: what was taken."""

from __future__ import annotations

from assistant.skill import Context, Number, When, skill


@skill(
    examples=[
        "i took my [aspirin](medicine)",
        "log [two](amount) [ibuprofen](medicine) tablets",
        "i had the [cough syrup](medicine) at [eight this morning](taken)",
        "write down that i swallowed [one](amount) [vitamin d](medicine) capsule [yesterday](taken)",
        "just had my [blood pressure](medicine) pill",
        "record [three](amount) doses of [antacid](medicine)",
        "at [noon](taken) i took [two](amount) of the [paracetamol](medicine)",
        "put down a dose of [antibiotics](medicine) for [last night](taken)",
        "[half past nine](taken) i used the [inhaler](medicine)",
        "note that i've taken [four](amount) puffs of the [nasal spray](medicine) [today](taken)",
    ]
)
def log_dose(_context: Context, *, medicine: str, amount: Number | None = None, taken: When | None = None) -> str:
    """Write down that a medicine was taken."""
    many = f"{amount:g} " if amount is not None else ""
    at = f" at {taken:%H:%M}" if taken else ""
    return f"Written down: {many}{medicine}{at}."
