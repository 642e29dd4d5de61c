"""A dog feeder: fills the bowl of an animal."""

from __future__ import annotations

from assistant.skill import Context, Number, Time, skill


@skill(
    examples=[
        "feed [the dog](animal)",
        "give [rex](animal) some food",
        "give [bella](animal) [fifty](grams) grams of food",
        "fill [the cat](animal)'s bowl",
        "feed [max](animal) at [six pm](at)",
        "put [a hundred](grams) grams in [luna](animal)'s bowl",
        "[the puppy](animal) is hungry",
        "it is dinner time for [the dogs](animal)",
        "feed [buddy](animal) [80](grams) grams at [half past seven](at)",
        "let [charlie](animal) eat at [noon](at)",
    ]
)
def feed_animal(_context: Context, *, animal: str, grams: Number = 60, at: Time | None = None) -> str:
    """Fill the feeder's bowl for an animal."""
    when = f" at {at:%H:%M}" if at else ""
    return f"{animal} gets {grams:g} grams{when}."
