"""The garden: when what is sown."""

from __future__ import annotations

from assistant.skill import Context, skill


@skill(
    examples=[
        "when should i sow [carrots](plant)",
        "when do i plant [broad beans](plant)",
        "is it too late to sow [spinach](plant)",
        "what is the best month for sowing [sweet peas](plant)",
        "can i put [runner beans](plant) in the ground yet",
        "sowing time for [beetroot](plant)",
        "tell me when to start the [tomatoes](plant) from seed",
        "is it too early for [courgettes](plant) to be sown",
        "which month do [sunflowers](plant) go in",
        "i have a packet of [purple sprouting broccoli](plant) when can it be sown",
    ]
)
def sowing_time(_context: Context, *, plant: str) -> str:
    """Say in which months a vegetable or flower should be sown."""
    return f"It is best to sow {plant} in April."
