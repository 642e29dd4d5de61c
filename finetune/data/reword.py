"""Say an example otherwise: other frames around it, other words for its verbs, its parts in another order.

By rule and by word list, with no model: what it writes is what people say to machines, sometimes clumsily. Words of
an argument are never touched. The lists were written for this project.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from finetune.data.inflect import gerund
from finetune.disturb import Part
from finetune.sources.found import word_set

SWAPS = 0.45
"""How often a word that has others beside it is said otherwise."""
FRAMES = 0.6
"""How often the frame changes."""
TURNED = 0.25
"""How often two parts at the end change places, or one comes to the front."""

_ALIKE = (
    "start|begin|launch|fire up|kick off|run|get going",
    "stop|end|cancel|quit|kill|halt|finish",
    "make|prepare|fix|get ready|do|create|whip up",
    "brew|make|prepare|put on|start",
    "get|bring|fetch|give|grab|find",
    "show|display|bring up|pull up|let me see|give",
    "check|have a look at|look at",
    "look up|find out",
    "add|put|include|throw|stick|write",
    "remove|take|delete|drop|get rid of|erase|scratch",
    "open|unlock|open up",
    "close|shut|lock",
    "find|look for|search for|locate|look up",
    "record|log|note|track|write down|save|register|put down",
    "call|phone|ring|dial",
    "send|text|message|shoot",
    "book|reserve|schedule|plan|arrange",
    "order|buy|get|purchase|order up",
    "turn on|switch on|power on|put on|start|activate|enable",
    "turn off|switch off|power off|shut off|power down|deactivate|disable|kill",
    "set|put|make",
    "raise|increase|turn up|bump up|boost",
    "lower|decrease|turn down|reduce|drop",
    "read|read out|tell me|say",
    "play|put on|start",
    "water|give water to|sprinkle",
    "feed|give food to|fill the bowl of",
    "translate|say|put",
    "choose|pick|select",
    "help|assist",
    "measure|take|check",
    "what is|what's|whats|how is",
    "what are|what're|which are",
    "when is|when's|what time is|when will be",
    "where is|where's",
    "who is|who's",
    "i want|i need|i'd like|i would like|i could use|gimme|i wanna have",
    "need|want|require",
    "do i have|have i got|are there",
    "do we have|have we got|are there",
    "is there|do we have|have we got",
    "going|headed",
    "quickly|fast|right away|now",
    "currently|right now|at the moment|now",
    "remaining|left",
)
_LITTLE = word_set("the my our")
_NOT_OURS = word_set("week month year day date time weather news moment way end first last next same")
"""Before these a "the" is nobody's: "the day of my week" is said by none."""
_PARTICLE = re.compile(r" (?:[\w']+ )?(?:up|down|off|out|on|in|back|away|through)\b")
"""What makes another verb of the one before it: "put down", "write this down"."""
_LINKS = word_set("for in at on to with from by called named about of")
_COMMANDING = word_set(
    "activate add adjust answer arm arrange ask begin book boost brew bring bump buy call cancel change charge "
    "check choose clean close compute continue convert cook count create cut deactivate decrease define delete "
    "describe dial dim disable disarm display do draft draw drop email empty enable end erase explain feed fetch "
    "fill find finish fire fix flip get give grab grind guess halt heat help hide hold include increase kick kill "
    "launch leave let list listen load locate lock log look lower make mark measure message "
    "mix move mute name note open order "
    "park pause phone pick plan play pour power prepare print pull purchase put queue quit raise rate read record "
    "reduce register remember remind remove rename repeat reply report reserve reset restart resume ring roll run save "
    "say scan schedule scratch search see select send set share shoot show shuffle shut skip snap solve sound "
    "spell spin sprinkle start steep stick stop store subtract suggest sweep switch take tell test text throw "
    "tidy toss track translate turn type unfreeze unlock unmute unpause update vacuum verify wake warm wash watch "
    "water weigh whip work write"
)
_POLITE_START = re.compile(
    r"^(?:please|can you|could you|would you|will you|can you please|could you please|i want you to|i need you to"
    r"|i'd like you to|i would like you to|i want to|i need to|i'd like to|i would like to|let's|hey|ok|okay|just)\s+"
)
_POLITE_END = re.compile(r"\s+(?:please|for me|thanks|thank you|now|will you|would you)$")
_HAVE = re.compile(
    r"^(?:i want|i need|i would like|i'd like|give me|gimme|get me|i could use|i could do with|i wanna have|can i have"
    r"|can i get|could i have)\s+(?!to\b)"
)
_DO = (
    *("{}", "{}", "can you {}", "could you {}", "would you {}", "will you {}", "please {}", "i want you to {}"),
    *("i need you to {}", "i'd like you to {}", "go ahead and {}", "let's {}", "i want to {}", "i need to {}"),
    *("i'd like to {}", "it's time to {}", "time to {}", "help me {}", "just {}", "you should {}", "we need to {}"),
    *("{} please", "{} for me", "{} now", "is it possible to {}", "can i {}", "are you able to {}", "now {}"),
    *("i would like to {}", "we have to {}", "i have to {}", "i gotta {}", "any chance you could {}", "do {}"),
)
_FOR_ME = re.compile(r"(?:\w+ (?:up )?me|let (?:me|us))\b")
_DOING = ("would you mind {}", "how about {}", "what about {}", "i feel like {}")
_HAVING = (
    *("{}", "{} please", "give me {}", "get me {}", "i want {}", "i need {}", "i'd like {}", "can i get {}", "{} now"),
    *("can i have {}", "could i have {}", "could i get {}", "how about {}", "i could use {}", "let me have {}"),
    *("i'd love {}", "we need {}", "may i have {}", "i would like {}", "{} for me", "i'm in the mood for {}"),
)
_ASKED = (
    *("{}", "{}", "tell me {}", "do you know {}", "can you tell me {}", "could you tell me {}", "i want to know {}"),
    *(
        "i'd like to know {}",
        "please tell me {}",
        "any idea {}",
        "do you happen to know {}",
        "i wonder {}",
        "{} please",
    ),
    *("let me know {}", "say {}", "{} right now", "so {}", "i need to know {}"),
)
_WHAT_IS = re.compile(r"^(?:what is|what's|whats|how is|how's) ")
_LOOK = ("{}", "check {}", "tell me {}", "give me {}", "show me {}", "i want to know {}", "read me {}", "what about {}")
_QUESTION = word_set(
    "what what's whats how how's when when's where where's who who's which why is are do does did am was were will has "
    "have should"
)
_FRONTING = word_set("for in at on")
"""Links that a sentence may begin with: "at seven wake me", but not "to 22 heat the bedroom", "with towels run it"."""


def _others() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    lines = [line.split("|") for line in _ALIKE]
    meanings = Counter(word for words in lines for word in words)
    for words in lines:
        for word in words[:1] if " " not in words[0] else words[:2]:
            found.setdefault(word, []).extend(other for other in words if other != word)
        for word in words[1:]:
            # "put" stands for so much that what it means is not known: "translate the matrix on my list".
            if " " not in word and meanings[word] == 1:
                found.setdefault(word, []).append(words[0])
    return {word: tuple(others) for word, others in found.items()}


_OTHERS = _others()
_SWAP = re.compile(rf"(?<![\w'])(?:{'|'.join(sorted(map(re.escape, _OTHERS), key=len, reverse=True))})(?![\w'])")


def reword(parts: Sequence[Part], chance: random.Random) -> tuple[Part, ...]:
    """One sentence said otherwise, or as it was.

    Args:
        parts: in plain form, arguments marked; their words come back as they were.
    """
    said = list(parts)
    if chance.random() < TURNED:
        said = _turned(said, chance)
    said = [
        part if part.argument else replace(part, text=_swapped(part.text, chance, at == 0))
        for at, part in enumerate(said)
    ]
    return tuple(_framed(said, chance) if chance.random() < FRAMES else said)


_BEFORE_VERB = re.compile(r"(?:^|\b(?:to|you|and|please|just|let's) )$")
_WISHED_OF = re.compile(r" (?:you|to|me|us|rid|of)\b")
_DONE_TO = re.compile(
    r"(?!(?:half|all|both|what|such|over|like|about|not|no|any|time|i|we)\b)\w+ (?:me|us|it|the|my|our|that|an?)\b"
)
"""An unknown word before "me" or "the" is a verb: "nudge me", "unplug the tree"."""


def _swapped(text: str, chance: random.Random, first: bool) -> str:
    """Other words for some of these; a command's verb only where a verb stands ("some water" is none).

    Args:
        first: whether the sentence begins with this text.
    """

    def other(match: re.Match[str]) -> str:
        before, verb = text[: match.start()], match[0].split(" ")[0] in _COMMANDING
        is_verb = _BEFORE_VERB.search(before) and (before or first)
        fixed = verb and (not is_verb or _PARTICLE.match(text, match.end()))
        if fixed or _WISHED_OF.match(text, match.end()) or chance.random() >= SWAPS:
            return match[0]
        return chance.choice(_OTHERS[match[0]])

    swapped = _SWAP.sub(other, text, count=2)
    words = swapped.split(" ")
    if chance.random() < 0.2:
        places = [at for at, word in enumerate(words[:-1]) if word in _LITTLE and words[at + 1] not in _NOT_OURS]
        if places:
            words[chance.choice(places)] = chance.choice(sorted(_LITTLE))
    return re.sub(r"  +", " ", " ".join(words))


def _framed(parts: list[Part], chance: random.Random) -> list[Part]:
    """The sentence in another frame of its kind: a wish, a command, a question."""
    polite = _POLITE_START.match(parts[0].text) if not parts[0].argument else None
    parts = _bare(parts)
    first = parts[0].text if parts and not parts[0].argument else ""
    word = first.split(" ")[0]
    have = _HAVE.match(first)
    if have:
        return _around(chance.choice(_HAVING), [replace(parts[0], text=first[have.end() :]), *parts[1:]])
    if _FOR_ME.match(first):  # nobody wants to show himself anything: "i want to show me the visitors"
        return _around(chance.choice(_DO[:9]), parts)
    if polite and word and word not in _COMMANDING:
        # After "can you" any word is a verb; after "i want to" it is not what anybody is asked to do.
        return _around(chance.choice(_DO[:6]), parts) if polite[0].endswith("you ") else [Part(polite[0]), *parts]
    opening = parts[0].text.split(" ")[0] if parts and parts[0].argument else ""
    if opening in _COMMANDING or opening in _QUESTION:
        return _around(chance.choice(_DO if opening in _COMMANDING else _ASKED), parts)
    if _WHAT_IS.match(first) and chance.random() < 0.5:
        return _around(chance.choice(_LOOK), [replace(parts[0], text=_WHAT_IS.sub("", first)), *parts[1:]])
    if word in _QUESTION and not _orders(first, polite):
        return _around(chance.choice(_ASKED), parts)
    if word == "have":
        return _around(chance.choice(_DO[:9]), parts)
    if first.startswith("name of"):
        return parts
    if word in ("can", "could", "would") or (len(parts) == 1 and " " not in first and word not in _COMMANDING):
        return parts
    if word in _COMMANDING or (_DONE_TO.match(first) and word not in {*_LINKS, *_LITTLE}):
        if word in _COMMANDING and chance.random() < 0.12 and " " in first:
            doing = replace(parts[0], text=gerund(word) + first[len(word) :])
            return _around(chance.choice(_DOING), [doing, *parts[1:]])
        return _around(chance.choice(_DO), parts)
    if _goes_on(parts):
        return parts
    if not first or word not in (*_LINKS, "i", "i'm", "it", "it's", "there", "you", "we", "that", "my"):
        return _around(chance.choice(_HAVING), parts)
    return parts


_ORDERS = re.compile(r"do (?:a|an|the|my|our|some|all|another|this|that)\b|have (?!(?:i|we|you|they|there)\b)")
"""What asks nothing, though "do" and "have" begin questions: "do a load of towels", "have fresh bread ready"."""
_TELLS = re.compile(r" (?:is|are|was|were|has|needs?|wants?|requires?|should|must|could|gets?)\b")
"""In "the washing machine wants emptying" something is told of the machine, and "i need" cannot stand before it."""


def _orders(first: str, polite: re.Match[str] | None) -> bool:
    """Whether a sentence that begins as a question does is none: what follows "can you" is something to be done."""
    return bool(_ORDERS.match(first)) or bool(polite and polite[0].endswith("you "))


def _goes_on(parts: Sequence[Part]) -> bool:
    """Whether something is told of an argument or a thing: then the sentence names no thing to have."""
    if _TELLS.search(" ".join(part.text for part in parts if not part.argument)):
        return True
    later = [part.text.split() for before, part in pairwise(parts) if before.argument and not part.argument]
    return any(len(words) > 1 and words[0] not in _LINKS for words in later)


def _bare(parts: list[Part]) -> list[Part]:
    """Without the politeness at its ends, that frames may bring back."""
    if parts and not parts[0].argument:
        parts = [replace(parts[0], text=_POLITE_START.sub("", parts[0].text)), *parts[1:]]
    if parts and not parts[-1].argument:
        parts = [*parts[:-1], replace(parts[-1], text=_POLITE_END.sub("", parts[-1].text))]
    return [part for part in parts if part.text]


def _around(frame: str, parts: list[Part]) -> list[Part]:
    before, _, after = frame.partition("{}")
    if "now" in after.split() and any(part.argument for part in parts):
        after = ""  # "wake me up at six now"
    whole = [Part(before), *parts, Part(after)]
    return [part for part in whole if part.text]


_LINKED = re.compile(r"^(?P<before>.*?)(?P<link>\s(?:for|in|at|on|to|with|from|by|called|named)\s(?:the |my |a )?)$")


def _turned(parts: list[Part], chance: random.Random) -> list[Part]:
    """`... for [two] at [seven]` as `... at [seven] for [two]`, or `at [seven] ... for [two]`."""
    tail = list(parts)
    pairs: list[list[Part]] = []
    while len(tail) >= 2 and tail[-1].argument and not tail[-2].argument and (m := _LINKED.match(tail[-2].text)):
        pairs.insert(0, [Part(m["link"]), tail[-1]])
        tail = [*tail[:-2], *([Part(m["before"])] if m["before"] else [])]
        if m["before"]:
            break
    if not pairs or not tail:
        return parts
    if len(pairs) > 1:
        chance.shuffle(pairs)
    elif tail[0].text.split(" ")[0] in _COMMANDING and _may_lead(pairs[0][0], tail):
        front = pairs.pop()
        return [Part(front[0].text.lstrip()), front[1], Part(" "), *tail]
    return [*tail, *(part for pair in pairs for part in pair)]


def _may_lead(link: Part, rest: Sequence[Part]) -> bool:
    """Whether a command's last part can stand first: its verb must be left with something to do."""
    return link.text.split()[0] in _FRONTING and " " in "".join(part.text for part in rest).strip()


def is_command(word: str) -> bool:
    """Whether a sentence that begins with this word is a command."""
    return word in _COMMANDING
