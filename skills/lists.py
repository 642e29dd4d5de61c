"""Shopping lists, to-do lists and any other list by name."""

from __future__ import annotations

from assistant.skill import Context, SkillError, skill


@skill(
    examples=[
        "add [milk](item) to my [shopping](list) list",
        "put [two cartons of milk](item) on the [shopping](list) list",
        "add [eggs](item) to the list",
        "we're out of [coffee](item)",
        "we need more [toilet paper](item)",
        "please add [butter and jam](item) to my [grocery](list) list",
        "add [call the bank](item) to my [to do](list) list",
        "can you put [sunscreen](item) on the [packing](list) list",
        "[bananas](item) on the [shopping](list) list please",
        "i'm low on [olive oil](item) can you add that to the [shopping](list) list",
        "write [wash the car](item) on my [to-do](list) list",
        "stick [batteries](item) on the [hardware store](list) list",
        "include [a birthday card for mia](item) in my list",
        "i need to buy [dog food](item)",
        "could you add [finish the report](item) to my [work](list) list",
        "put [the matrix](item) on my list of [movies to watch](list)",
        "new item for the [groceries](list) list [brown rice](item)",
        "add [six apples](item)",
        "remember [cat litter](item) for the [weekly shop](list) list",
        "make sure [paprika](item) is on the [shopping](list) list",
    ]
)
def add_to_list(context: Context, *, item: str, list: str | None = None) -> str:
    """Put something on a list."""
    raise SkillError("I can't do that yet.")


@skill(
    examples=[
        "remove [milk](item) from my [shopping](list) list",
        "take [eggs](item) off the list",
        "take [frozen pizza](item) off my [shopping](list) list",
        "delete [call the bank](item) from my [to do](list) list",
        "cross [bananas](item) off the [grocery](list) list please",
        "i bought the [coffee](item) take it off the list",
        "scratch [sunscreen](item) from the [packing](list) list",
        "we don't need [olive oil](item) anymore remove it from the [shopping](list) list",
        "could you remove [the batteries](item)",
        "tick off [wash the car](item) on my [to-do](list) list",
        "get [bread](item) off the [shopping](list) list",
        "erase [dog food](item) from my list",
        "please drop [mow the lawn](item) from my [chores](list) list",
        "i've done [the laundry](item) cross it off my [to do](list) list",
        "clear [everything](item) from the [shopping](list) list",
    ]
)
def remove_from_list(context: Context, *, item: str, list: str | None = None) -> str:
    """Take something off a list."""
    raise SkillError("I can't do that yet.")


@skill(
    examples=[
        "what's on my [shopping](list) list",
        "read my list",
        "read me the [grocery](list) list",
        "what do i need to buy",
        "what's on the list",
        "tell me what's on my [to do](list) list please",
        "show me my [packing](list) list",
        "is there anything on the [shopping](list) list",
        "do i have anything on my [to-do](list) list",
        "could you read out my [work](list) list",
        "what's left on my list of [chores](list)",
        "go through the [hardware store](list) list with me",
        "how many things are on my [shopping](list) list",
        "what do i still have to do",
        "open the [movies to watch](list) list",
        "check my [shopping](list) list",
        "what lists do i have",
    ]
)
def read_list(context: Context, *, list: str | None = None) -> str:
    """Say what is on a list."""
    raise SkillError("I can't do that yet.")
