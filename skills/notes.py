"""Short notes, kept until the household deletes them."""

from __future__ import annotations

from assistant.skill import Context, SkillError, skill


@skill(
    examples=[
        "take a note [the key is under the mat](text)",
        "make a note that [anna prefers oat milk](text)",
        "note [buy new filters for the vacuum](text)",
        "write down [the wifi password is on the fridge](text)",
        "please note that [the meter reads 4512](text)",
        "remember that [i parked on level three](text)",
        "add a note saying [call the plumber about the leak](text)",
        "jot down [great idea for the garden fence](text)",
        "can you write this down [flight leaves from gate twelve](text)",
        "new note [dinner with the neighbours was lovely](text)",
        "i want to note [the tyre pressure is two point four](text)",
        "save a note [leo's shoe size is 34](text)",
        "put down in my notes that [the boiler was serviced in march](text)",
        "keep in mind that [the spare bulbs are in the hallway cupboard](text)",
        "could you remember [my locker number is 208](text)",
        "note to self [never buy that coffee again](text)",
    ]
)
def add_note(context: Context, *, text: str) -> str:
    """Write down a note."""
    raise SkillError("I can't do that yet.")


@skill(
    examples=[
        "read my notes",
        "what are my notes",
        "read me my notes please",
        "what did i ask you to note",
        "show me my notes",
        "do i have any notes",
        "what did i write down",
        "tell me what's in my notes",
        "go through my notes with me",
        "could you read out the notes i made",
        "what did i tell you to remember",
        "list my notes",
        "open my notes",
    ]
)
def read_notes(context: Context) -> str:
    """Read the notes aloud, the newest first."""
    raise SkillError("I can't do that yet.")
