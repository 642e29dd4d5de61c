"""Questions, stories and jokes. Questions and stories need the household's larger model; jokes are our own."""

from __future__ import annotations

import logging
import random
import re
import sqlite3

from assistant.skill import Context, SkillError, skill

log = logging.getLogger(__name__)

MAX_CHARACTERS = 1_200
"""About a minute and a half of speech; a longer answer ends with its last whole sentence."""

CUT_CHARACTERS = 400
"""A model stops after so many tokens, in the middle of a sentence; shorter answers came to their own end."""

_NO_MODEL = (
    "needs a larger model, and this house has none yet. Name a GGUF file as larger under [models] in hark.toml, or a "
    "server as server_url."
)

JOKES = (
    "Why did the scarecrow apply for a second job? The first one was only standing around.",
    "I asked my plant how it was doing. It said it was rooting for me.",
    "My alarm clock and I have an agreement: it rings, and I disagree.",
    "Why do spiders make good programmers? They never mind a bug on the web.",
    "The kettle wrote a book. The reviews say it takes a while to warm up, but the ending is full of steam.",
    "I told my vacuum cleaner it was free today. It still said its life sucks.",
    "What did the router say to the guest? You had me at the password.",
    "Why was the calendar so popular? It had a lot of dates.",
    "A thermometer walks into a bar and says: I have two degrees, and nobody hires me.",
    "Why did the bread get promoted? It always rose to the occasion.",
    "My fridge is very honest. It always sheds light on what I am doing at midnight.",
    "What is a cloud's favorite clothing? Thunderwear.",
    "Two antennas got married. The party was dull, but the reception was excellent.",
    "Why do bees hum? They were never told the words.",
    "The elevator told a joke. It worked on every level.",
    "Why did the pencil go to bed early? It had a point to make in the morning.",
    "My new umbrella is like me: it folds under pressure and is usually left on a bus.",
    "Why was the computer cold? It left its windows open.",
    "I bought a boat because it was for sail.",
    "What does a lamp do on holiday? Some light reading.",
    "Why did the cheese stay home? It did not feel grate.",
    "The calculator is a loyal friend. You can always count on it.",
    "What do you call a sleeping dinosaur? A dino-snore.",
    "Why did the coffee go to the police? It was mugged.",
    "My microphone and I broke up. It kept repeating everything I said.",
    "Why are stairs never invited to parties? They are always up to something.",
    "I used to be afraid of hurdles, but I got over it.",
    "What did one wall say to the other? Let us meet at the corner.",
    "Why did the sock leave the drawer? It needed a sole mate.",
    "The wind farm loves music. It is a big fan.",
)


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
    if context.answer is None:
        raise SkillError(f"A question like that {_NO_MODEL}")
    return _spoken(
        context.answer(
            "Answer in one to three short plain sentences that are read aloud. If you are not sure, say so.\n"
            f"Question: {question}"
        )
    )


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
    if context.answer is None:
        raise SkillError(f"A story {_NO_MODEL}")
    subject = f" about {about}" if about else ""
    return _spoken(
        context.answer(
            f"Tell a friendly short story{subject} for the whole family, ten sentences at most, in plain text."
        )
    )


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
    try:
        with context.database() as db:
            return _next_joke(db)
    except sqlite3.Error as failure:
        # a full or read-only disk costs the memory, not the joke
        log.warning("which jokes were told cannot be kept: %s", failure)
        return random.choice(JOKES)


def _next_joke(db: sqlite3.Connection) -> str:
    """A joke that has not been told for longest, and never the last one; writes down that it was told."""
    db.execute("CREATE TABLE IF NOT EXISTS jokes (joke TEXT PRIMARY KEY, told INTEGER NOT NULL)")
    told = {str(joke): int(number) for joke, number in db.execute("SELECT joke, told FROM jokes")}
    recent = sorted((joke for joke in JOKES if joke in told), key=lambda joke: -told[joke])[: len(JOKES) // 2]
    joke = random.choice([joke for joke in JOKES if joke not in recent])
    db.execute("INSERT OR REPLACE INTO jokes VALUES (?, ?)", (joke, max(told.values(), default=0) + 1))
    return joke


def _spoken(answer: str) -> str:
    """An answer fit for a voice: no markup, no thinking aloud, at most MAX_CHARACTERS. Raises SkillError for none."""
    answer = re.sub(r"<think>.*?(</think>|$)", " ", answer, flags=re.DOTALL)
    answer = re.sub(r"^\s*(?:[-*•]|#+|\d+\.)\s+", "", answer, flags=re.MULTILINE)
    answer = " ".join(re.sub(r"[*_`#>]+", "", answer).split())
    if len(answer) > CUT_CHARACTERS and (len(answer) > MAX_CHARACTERS or answer[-1] not in ".!?\"'"):
        cut = answer[:MAX_CHARACTERS]
        end = max(cut.rfind(mark) for mark in ".!?")
        answer = cut[: end + 1] if end > 0 else cut
    if not answer:
        raise SkillError("The larger model had no answer.")
    return answer
