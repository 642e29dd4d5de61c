"""Appointments at the hairdresser's."""

from __future__ import annotations

from typing import Literal

from assistant.skill import Context, When, skill


@skill(
    examples=[
        "book me a hairdresser's appointment for [friday at three](slot)",
        "i need a [cut](service) on [tuesday morning](slot)",
        "make an appointment at the hairdresser's for my [daughter](person) [tomorrow at ten](slot)",
        "can you get [max](person) a [haircut](service=cut) [next saturday](slot)",
        "hairdresser [thursday at half past four](slot) for [colour](service)",
        "book a [beard trim](service) for my [husband](person) on [monday at noon](slot)",
        "i'd like to have my hair [dyed](service=colour) on [the fifth of may](slot)",
        "reserve a slot at the salon on [wednesday evening](slot) please",
        "see if the barber can do a [beard trim](service) [this afternoon](slot)",
        "get [julia](person) in at the hairdresser's at [two o'clock on friday](slot) "
        "for a [colouring](service=colour)",
    ]
)
def book_haircut(
    _context: Context,
    *,
    slot: When,
    service: Literal["cut", "colour", "beard trim"] | None = None,
    person: str | None = None,
) -> str:
    """Book an appointment at the hairdresser's."""
    whom = f" for {person}" if person else ""
    return f"Booked{whom}: {service or 'cut'}, {slot:%A, %H:%M}."
