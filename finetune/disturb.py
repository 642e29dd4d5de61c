"""Put a sentence the way people say it and recognizers hear it: greetings, fillers, lost articles, misheard words.

Only words that are no argument are touched, so the call stays what it was.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from finetune.sources.found import word_set

GREETING = 0.32
"""Share of sentences with words before them."""
CLOSING = 0.12
NOISE = 0.12
"""Share of sentences in which a word is lost, doubled or misheard."""


@dataclass(frozen=True, slots=True)
class Part:
    """A run of the sentence; an argument's words, or the words between."""

    text: str
    argument: str = ""
    choice: str = ""
    """For a closed argument: what the words mean."""


_WAKE = (
    "hey hark",
    "hark",
    "ok hark",
    "okay hark",
    "hey",
    "hi",
    "okay",
    "ok",
    "computer",
    "assistant",
    "hey there",
    "hello",
    "yo",
)
_FILLERS = (
    "um",
    "uh",
    "er",
    "so",
    "well",
    "oh",
    "right",
    "alright",
    "now",
    "and",
    "ah",
    "like",
    "okay so",
    "oh and",
    "um okay",
)
_ASKING = (
    *(
        "please",
        "can you",
        "could you",
        "would you",
        "will you",
        "can you please",
        "could you please",
        "would you please",
    ),
    *(
        "i want you to",
        "i need you to",
        "i'd like you to",
        "i would like you to",
        "go ahead and",
        "just",
        "please just",
    ),
    *(
        "would you mind",
        "do me a favor and",
        "kindly",
        "you need to",
        "quickly",
        "let's",
        "can u",
        "could you maybe",
        "i'd appreciate it if you",
    ),
)
_CLOSINGS = (
    "please",
    "for me",
    "thanks",
    "thank you",
    "now",
    "right now",
    "would you",
    "will you",
    "if you can",
    "okay",
    "quickly",
    "for me please",
)
_VERBS = word_set(
    "set start create make begin put give run cancel stop delete remove kill end turn switch"
    " check show tell read list pause hold"
    " freeze resume continue add extend wake remind play shuffle skip convert calculate open"
    " launch write take note dim brighten"
    " change lower raise increase decrease mute find get save close repeat compute solve cross"
    " erase clear count let spell define"
    " explain say lock unlock activate deactivate enable disable shut bring boost include"
)
_HEARD = {
    "for": ("four", "fore"),
    "to": ("two", "too"),
    "the": ("a", "that"),
    "timer": ("time or", "tymer", "timber", "time"),
    "lights": ("light", "lites", "like"),
    "light": ("lights", "lite"),
    "alarm": ("a larm", "alarms", "arm"),
    "play": ("plays", "pay", "blay"),
    "weather": ("whether", "wether", "wheather"),
    "set": ("sat", "said", "setting", "sit"),
    "turn": ("tern", "turned", "trun"),
    "off": ("of",),
    "on": ("an", "own"),
    "what's": ("what is", "whats", "what", "watts"),
    "what": ("watt", "wha"),
    "is": ("his", "it's"),
    "i": ("i'd", "eye"),
    "please": ("pleas", "police", "peas"),
    "add": ("ad", "at", "had"),
    "list": ("lists", "lest"),
    "my": ("by", "mine"),
    "in": ("and", "an"),
    "music": ("musics",),
    "playlist": ("play list",),
    "remind": ("reminded", "mind"),
    "volume": ("volumes", "volumn"),
    "song": ("songs", "sung"),
    "temperature": ("temp", "temperture"),
    "are": ("our", "r"),
    "you": ("u", "ya"),
    "of": ("off", "a"),
    "by": ("buy", "bye"),
    "know": ("no",),
    "time": ("thyme", "dime"),
    "news": ("new", "noose"),
    "how": ("hall",),
    "much": ("match",),
    "it": ("at",),
    "me": ("be",),
    "can": ("could", "kin"),
    "convert": ("covert", "converted"),
    "note": ("no", "notes"),
    "story": ("stories",),
    "stop": ("stopped", "top"),
    "next": ("necks", "text"),
}
_LOSABLE = word_set("the a an my our please to for of is on in at some me you it")


def disturb(parts: list[Part], skill: str, chance: random.Random) -> list[Part]:
    """Greet, close and blur a sentence; chatter keeps its own beginning more often, for nobody greets a board in it."""
    if chance.random() < NOISE:
        parts = _noise(parts, chance)
    if chance.random() < GREETING * (0.3 if skill == "none" else 1.0):
        parts = [Part(_greeting(parts, skill, chance) + " "), *parts]
    if skill not in ("none", "add_note", "remind", "ask") and chance.random() < CLOSING:
        parts = [*parts, Part(" " + chance.choice(_CLOSINGS))]
    return parts


def _greeting(parts: list[Part], skill: str, chance: random.Random) -> str:
    first = "".join(part.text for part in parts).split()[:1]
    before = chance.choice(_WAKE) if chance.random() < 0.4 else chance.choice(_FILLERS) if chance.random() < 0.3 else ""
    asking = chance.choice(_ASKING) if first and first[0] in _VERBS and skill != "none" else ""
    return " ".join(word for word in (before, asking) if word) or chance.choice(_WAKE if skill != "none" else _FILLERS)


def words_between(parts: Sequence[Part]) -> Iterator[tuple[int, re.Match[str]]]:
    """The words that are no argument's: the part of each, and where it stands in it.

    What is written together with an argument ("kg" in "5kg") is no word by itself.
    """
    for at, part in enumerate(parts):
        if not part.argument:
            glued = at > 0 and parts[at - 1].argument
            yield from ((at, found) for found in re.finditer(r"[\w']+", part.text) if found.start() or not glued)


def _noise(parts: list[Part], chance: random.Random) -> list[Part]:
    """Change one word between the arguments."""
    places = list(words_between(parts))
    if not places:
        return parts
    index, match = chance.choice(places)
    word, text = match.group(), parts[index].text
    kind = chance.random()
    if kind < 0.45 and word in _HEARD:
        new = chance.choice(_HEARD[word])
    elif kind < 0.75 and word in _LOSABLE and len(places) > 2:
        new = ""
    elif kind < 0.85:
        new = f"{word} {word}"
    elif kind < 0.93 and len(word) > 4:
        cut = chance.randrange(1, len(word) - 1)
        new = word[:cut] + word[cut + 1 :]
    else:
        new = f"{chance.choice(_FILLERS)} {word}"
    changed = re.sub(r"  +", " ", text[: match.start()] + new + text[match.end() :])
    return [replace(part, text=changed) if i == index else part for i, part in enumerate(parts)]
