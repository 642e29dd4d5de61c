"""Questions, stories and jokes. Questions and stories need the household's larger model; jokes are our own."""

from __future__ import annotations

from assistant.skill import Context, SkillError, skill


@skill(
    deadline_s=60,
    examples=[
        "[who wrote the odyssey](question)",
        "[what is the capital of mongolia](question)",
        "[how tall is mount kilimanjaro](question)",
        "[what does ephemeral mean](question)",
        "[how do you spell necessary](question)",
        "[why is the sky blue](question)",
        "[what's the definition of gravity](question)",
        "[when was the printing press invented](question)",
        "[how many people live in tokyo](question)",
        "[tell me about the roman empire](question)",
        "[who is the president of france](question)",
        "[what is the meaning of life](question)",
        "[how far away is the moon](question)",
        "[explain how a fridge works](question)",
        "[do fish sleep](question)",
        "[what can i cook with eggs and spinach](question)",
        "[how old was mozart when he died](question)",
        "[is a tomato a fruit](question)",
        "[what language do they speak in ethiopia](question)",
        "[can you tell me what photosynthesis is](question)",
        "[which planet has the most moons](question)",
        "[who painted the starry night](question)",
        "[how long should i boil an egg](question)",
        "[give me a synonym for happy](question)",
        "[what's the difference between a crocodile and an alligator](question)",
        "[define altruism](question)",
    ],
)
def ask(context: Context, *, question: str) -> str:
    """Answer a question about the world: facts, people, places, words, advice."""
    raise SkillError("Questions are not ready yet.")


@skill(
    deadline_s=60,
    examples=[
        "tell me a story",
        "tell me a bedtime story",
        "tell us a story about [a dragon who is afraid of fire](about)",
        "i want to hear a story about [pirates](about)",
        "story time",
        "make up a story with [a talking cat](about) in it",
        "can you tell the kids a story please",
        "tell me a short story about [the sea](about)",
        "a fairy tale please",
        "could you invent a tale about [two brothers and a boat](about)",
        "read me a story",
        "tell a scary story about [an old house](about)",
        "let's hear a story on [space travel](about)",
    ],
)
def tell_story(context: Context, *, about: str | None = None) -> str:
    """Tell a short made-up story, about something if wanted."""
    raise SkillError("Stories are not ready yet.")


@skill(
    examples=[
        "tell me a joke",
        "do you know any jokes",
        "make me laugh",
        "say something funny",
        "another joke",
        "i could use a good joke",
        "tell us a joke please",
        "joke",
        "got any good jokes",
        "let me hear something funny",
        "cheer me up with a joke",
        "i want to hear a joke",
        "can you tell me something that will make me smile",
        "crack a joke",
    ]
)
def tell_joke(context: Context) -> str:
    """Tell a joke."""
    raise SkillError("Jokes are not ready yet.")
