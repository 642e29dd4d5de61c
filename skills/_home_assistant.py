"""Home Assistant's REST API: who is there, call a service, and look whether it happened. No skill lives here."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.skill import SkillError
from skills._web import Answer, Request, UnreachableError, fetch, fetch_all, unreachable

SERVICE = "Home Assistant"
LIMIT_S = 4.0
"""For one exchange; a house without a network hears so within 5 s."""
FOLLOW_S = 2.5
"""How long devices may take to report their new state; radio bulbs need up to about two seconds."""
LOOK_EVERY_S = 0.15

_AREAS = (
    "{% set ns = namespace(rows=[]) %}{% for area in areas() %}{% for entity in area_entities(area) %}"
    "{% set ns.rows = ns.rows + [[entity, area_name(area)]] %}{% endfor %}{% endfor %}{{ ns.rows | to_json }}"
)
"""Entity and area, pair by pair; the REST API has no other way to the areas."""


@dataclass(frozen=True, slots=True)
class Entity:
    """One device as Home Assistant reports it."""

    id: str
    name: str
    area: str
    """"" where the device is in none."""
    state: str
    attributes: Mapping[str, Any]

    @property
    def domain(self) -> str:
        """`light` of `light.kitchen`."""
        return self.id.partition(".")[0]

    @property
    def is_reachable(self) -> bool:
        """Whether Home Assistant has contact with the device."""
        return self.state not in ("unavailable", "unknown")


@dataclass(frozen=True, slots=True)
class HomeAssistant:
    """One house. Every method raises SkillError with a sentence that says what to do."""

    address: str
    token: str

    def entities(self) -> list[Entity]:
        """Every entity, with its area where the token may ask for areas."""
        asked = [self._request("states"), self._request("template", {"template": _AREAS})]
        states, areas = fetch_all(asked, LIMIT_S)
        where = _read_areas(areas)
        return [_read_entity(row, where) for row in self._checked(states, "/api/states", list)]

    def call(self, service: str, entities: Sequence[Entity], data: Mapping[str, Any] | None = None) -> None:
        """Call `light.turn_on`; that it was accepted says nothing yet about the lamp."""
        domain, _, name = service.partition(".")
        request = self._request(
            f"services/{domain}/{name}", {"entity_id": [entity.id for entity in entities], **(data or {})}
        )
        try:
            answer = fetch(request, LIMIT_S)
        except UnreachableError as failure:
            if failure.late:
                return  # a slow bulb keeps the answer back; its state will tell
            raise unreachable(SERVICE, failure) from failure
        if answer.status in (400, 404, 500):
            raise SkillError(f"Home Assistant refused {service.replace('.', ' ').replace('_', ' ')} for this device.")
        self._checked(answer, service, list)

    def wait_until(self, entities: Sequence[Entity], came_true: Callable[[Entity], bool]) -> list[Entity]:
        """Watch until every entity's state satisfies `came_true`; returns those that did not follow in time."""
        until = time.monotonic() + FOLLOW_S
        pending = list(entities)
        while True:
            pending = [entity for entity in self._look(pending) if not came_true(entity)]
            # plain polling: the REST API has nothing to wait on
            if not pending or time.monotonic() > until:
                return pending
            time.sleep(LOOK_EVERY_S)

    def _look(self, entities: Sequence[Entity]) -> list[Entity]:
        answers = fetch_all([self._request(f"states/{entity.id}") for entity in entities], LIMIT_S)
        looked = []
        for entity, answer in zip(entities, answers, strict=True):
            row = self._checked(answer, f"/api/states/{entity.id}", dict)
            looked.append(_read_entity(row, {entity.id: entity.area}))
        return looked

    def _request(self, path: str, body: Any = None) -> Request:
        headers = {"Authorization": f"Bearer {self.token}"}
        return Request(f"{self.address.rstrip('/')}/api/{path}", headers=headers, body=body)

    def _checked(self, answer: Answer | UnreachableError, what: str, kind: type) -> Any:
        """The JSON of a good answer. Raises SkillError."""
        if isinstance(answer, UnreachableError):
            raise unreachable(SERVICE, answer) from answer
        if answer.status in (401, 403):
            raise SkillError(
                "Home Assistant does not accept my token; make a new long-lived access token on its profile page and "
                "write it as token under [skills.home]."
            )
        if answer.status == 404:
            raise SkillError(f"There is no {what} at the address under [skills.home]; is it Home Assistant's?")
        if answer.status >= 400:
            raise SkillError(f"Home Assistant has a fault (error {answer.status}); try again later.")
        try:
            value = answer.json()
        except ValueError as failure:
            raise SkillError("What answers at the address under [skills.home] is not Home Assistant.") from failure
        if not isinstance(value, kind):
            raise SkillError("What answers at the address under [skills.home] is not Home Assistant.")
        return value


def _read_entity(row: Any, areas: Mapping[str, str]) -> Entity:
    try:
        attributes = dict(row.get("attributes") or {})
        name = str(attributes.get("friendly_name") or row["entity_id"].partition(".")[2].replace("_", " "))
        return Entity(str(row["entity_id"]), name, areas.get(row["entity_id"], ""), str(row["state"]), attributes)
    except (AttributeError, KeyError, TypeError, ValueError) as failure:
        raise SkillError("Home Assistant answered something I cannot read.") from failure


def _read_areas(answer: Answer | UnreachableError) -> Mapping[str, str]:
    """Entity -> area; nothing where templates are not allowed (they need an administrator's token)."""
    if isinstance(answer, UnreachableError) or answer.status >= 400:
        return {}
    try:
        return {str(entity): str(area) for entity, area in json.loads(answer.body)}
    except (ValueError, TypeError):
        return {}
