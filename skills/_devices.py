"""From the words for a device ("lights in the bedroom") to Home Assistant's entities. No skill lives here."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from assistant.readers import say_list
from assistant.skill import Ask, SkillError
from skills._home_assistant import Entity

ALIKE = 78
"""A name is meant when the words are like it by this much of 100 (rapidfuzz, word order ignored)."""
TIE = 3
"""Names this near to the best one make a question."""

_SMALL = frozenset(("a", "all", "an", "at", "both", "by", "every", "in", "my", "of", "on", "our", "s", "the", "to"))
_ALL_OF_IT = ("light", "fan", "media_player")
"""What "everything" means: never plugs, for behind one of them is the freezer."""
_KINDS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("light", "lamp", "bulb", "lighting", "brightness"), ("light",)),
    **dict.fromkeys(("plug", "socket", "outlet", "switch"), ("switch", "input_boolean")),
    **dict.fromkeys(("fan", "ventilator"), ("fan",)),
    **dict.fromkeys(("thermostat", "heating", "heater", "radiator", "temperature", "ac", "heat"), ("climate",)),
    **dict.fromkeys(("tv", "television", "speaker", "radio"), ("media_player",)),
    **dict.fromkeys(("everything", "device", "thing", "room"), _ALL_OF_IT),
}
_RISKY_DOMAINS = frozenset(("lock", "cover", "alarm_control_panel", "valve", "siren", "lawn_mower"))
_RISKY_WORDS = frozenset(("lock", "door", "gate", "alarm", "garage", "valve", "oven", "stove"))
_ONLY_SWITCHES = frozenset(("switch", "input_boolean", "automation"))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for."""

    words: str
    domains: Collection[str]
    room: str = ""
    """The room this device stands in: "lights" are this room's, where it has any."""


def find(wanted: Wanted, entities: Sequence[Entity]) -> list[Entity]:
    """The entities that are meant.

    Raises:
        Ask: none or several fit.
        SkillError: what fits is never switched by voice, or not in this way.
    """
    tokens = _tokens(wanted.words)
    if not tokens:
        raise Ask("Which device?", "device")
    area = _area(tokens, entities)
    rest = [token for token in tokens if token not in _tokens(area)]
    plural = _is_plural(wanted.words, rest)
    named = [e for e in entities if any(sorted(_words(wanted.words)) == sorted(name) for name in _names(e, _words))]
    if not named and not plural:
        named = [e for e in entities if any(sorted(tokens) == sorted(name) for name in _names(e))]
    if named:
        return _allowed(named, wanted)
    kinds = _kinds(rest, wanted)
    if kinds:
        of_kind = [e for e in entities if e.domain in kinds and not _is_risky(e)]
        group = [e for e in of_kind if _is_in(e, area or wanted.room)] or ([] if area else of_kind)
        if len(group) == 1 or (group and plural):
            return group
        if group:
            raise Ask(f"Which {rest[0]}: {_listed(group)}?", "device")
    return _nearest(tokens, wanted, entities)


def the_only(domain: str, entities: Sequence[Entity], room: str) -> list[Entity]:
    """The one thermostat there is, or those of this room. Raises Ask or SkillError."""
    there = [entity for entity in entities if entity.domain == domain]
    here = [entity for entity in there if room and _is_in(entity, room)]
    if not there:
        raise SkillError(f"Home Assistant has no {domain} device.")
    if len(there) > 1 and not here:
        raise Ask(f"Which one: {_listed(there)}?", "room")
    return here or there


def _kinds(rest: Sequence[str], wanted: Wanted) -> tuple[str, ...]:
    """The domains that the words without their room speak of; of a bare room, its lights or its heating."""
    if not rest:
        return tuple(kind for kind in ("light", "climate") if kind in wanted.domains)[:1]
    return tuple(kind for kind in _KINDS.get(" ".join(rest), ()) if kind in wanted.domains)


def listed_names(entities: Sequence[Entity]) -> str:
    """`the Desk Lamp, the Ceiling Light and the Fan`."""
    return say_list([f"the {entity.name}" for entity in entities])


def _listed(entities: Sequence[Entity]) -> str:
    same = len({entity.name for entity in entities}) < len(entities)
    return say_list([f"{e.name} in {e.area}" if same and e.area else e.name for e in entities[:5]], "or")


def _words(text: str) -> list[str]:
    """The words that carry meaning."""
    return [word for word in re.findall(r"\w+", text.casefold()) if word not in _SMALL]


def _tokens(text: str) -> list[str]:
    """The words that carry meaning, in the singular."""
    return [_singular(word) for word in _words(text)]


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _is_plural(words: str, rest: Sequence[str]) -> bool:
    """Whether the words mean all of a kind: "lights", "all", "everything", or just the room."""
    said = re.findall(r"\w+", words.casefold())
    plural = any(_singular(word) in rest and _singular(word) != word for word in said)
    return plural or not rest or rest[0] in ("everything", "lighting", "brightness") or "all" in said


def _names(entity: Entity, cut: Callable[[str], list[str]] = _tokens) -> list[list[str]]:
    """The ways to name an entity, word by word: `desk lamp`, `study desk lamp`."""
    name = cut(entity.name)
    area = [token for token in cut(entity.area) if token not in name]
    return [name, area + name] if area else [name]


def _area(tokens: Sequence[str], entities: Sequence[Entity]) -> str:
    """The longest area whose every word was said, or nearly; "" for none."""
    from rapidfuzz import fuzz

    areas = sorted({entity.area for entity in entities if entity.area}, key=lambda area: (-len(area), area))
    for area in areas:
        parts = _tokens(area)
        if parts and all(any(fuzz.ratio(part, token) >= 90 for token in tokens) for part in parts):
            return area
    return ""


def _is_in(entity: Entity, area: str) -> bool:
    if not area:
        return True
    wanted = _tokens(area)
    return _tokens(entity.area) == wanted or (not entity.area and all(t in _tokens(entity.name) for t in wanted))


def _is_risky(entity: Entity) -> bool:
    if entity.domain in _RISKY_DOMAINS:
        return True
    return entity.domain in _ONLY_SWITCHES and not _RISKY_WORDS.isdisjoint(_tokens(entity.name))


def _allowed(found: Sequence[Entity], wanted: Wanted) -> list[Entity]:
    """Of several things of one name, those that can do it. Raises Ask or SkillError."""
    can = [entity for entity in found if entity.domain in wanted.domains and not _is_risky(entity)]
    if not can:
        if any(_is_risky(entity) for entity in found):
            raise SkillError(f"I never switch locks, doors, alarms or stoves by voice; {found[0].name} is one.")
        raise SkillError(f"{found[0].name} cannot do that.")
    can = [entity for entity in can if entity.domain == can[0].domain]
    here = [entity for entity in can if wanted.room and _is_in(entity, wanted.room)]
    if len(can) > 1 and len(here) != 1:
        raise Ask(f"Which one: {_listed(can)}?", "device")
    return here or can


def _nearest(tokens: Sequence[str], wanted: Wanted, entities: Sequence[Entity]) -> list[Entity]:
    """The entity whose name is most like the words. Raises Ask when none or several are."""
    scores = {entity.id: _likeness(tokens, entity) for entity in entities}
    best = max(scores.values(), default=0.0)
    if best < ALIKE:
        raise Ask(f"I know no device called {wanted.words}. Which one do you mean?", "device")
    near = [entity for entity in entities if scores[entity.id] >= best - TIE]
    able = [entity for entity in near if entity.domain in wanted.domains and not _is_risky(entity)]
    if len(able) > 1 and not _is_plural(wanted.words, tokens):
        raise Ask(f"Which one: {_listed(able)}?", "device")
    return able or _allowed(near, wanted)


def _likeness(tokens: Sequence[str], entity: Entity) -> float:
    """0 to 100; "kitchen light" is also the Kitchen Ceiling, where that is a light."""
    bare = [token for token in tokens if entity.domain not in _KINDS.get(token, ())]
    scores = [_score(tokens, entity, len(tokens) > 1)]
    if bare and len(bare) < len(tokens):
        scores.append(_score(bare, entity, True) - 2)
    return max(scores)


def _score(tokens: Sequence[str], entity: Entity, part_is_enough: bool) -> float:
    from rapidfuzz import fuzz

    names = _names(entity)
    whole = max(float(fuzz.token_sort_ratio(" ".join(tokens), " ".join(name))) for name in names)
    # "reading lamp" is enough for "Anna's reading lamp"
    is_part = part_is_enough and any(set(tokens) <= set(name) for name in names)
    return max(whole, 90.0) if is_part else whole
