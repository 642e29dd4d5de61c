"""Medicine: a log of what was taken."""

from __future__ import annotations

from assistant.skill import Context, Number, Time, skill


@skill(
    examples=[
        "i took [two](dose) [ibuprofen](medicine)",
        "log [one](dose) [aspirin](medicine)",
        "i took my [blood pressure pill](medicine)",
        "i had [one](dose) [allergy tablet](medicine) at [eight am](time)",
        "log my [vitamin d](medicine)",
        "just took [three](dose) [iron tablets](medicine)",
        "put down that i took [paracetamol](medicine) at [noon](time)",
        "record [two](dose) [antibiotics](medicine) at [six thirty](time)",
        "i have taken my [heart pill](medicine)",
        "medicine log [one](dose) [thyroid tablet](medicine)",
    ]
)
def log_medicine(_context: Context, *, medicine: str, dose: Number = 1, time: Time | None = None) -> str:
    """Record that a medicine was taken, how many and when."""
    at = f" at {time:%H:%M}" if time else ""
    return f"Logged {dose:g} {medicine}{at}."
