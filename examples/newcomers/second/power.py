"""Power: what the house draws from the mains."""

from __future__ import annotations

from assistant.skill import Context, skill


@skill(
    examples=[
        "how much power are we using",
        "what is the house drawing right now",
        "check the electricity meter",
        "how many watts are we at",
        "power usage please",
        "are we using a lot of electricity",
        "tell me the current consumption",
        "read the electric meter",
        "how much electricity is the house using",
        "what does the power meter say",
    ]
)
def check_power(_context: Context) -> str:
    """Say how much electricity the house is using right now."""
    return "The house is using 420 watts."
