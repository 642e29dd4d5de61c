"""HTTP stand-ins on the loopback address, each answering in its service's real shape, and each able to misbehave.

`with OpenMeteo() as service:` serves at `service.url` until the block ends; `service.fail("slow")` and its kin say how
the next answers go wrong. MPD and mpv, which speak no HTTP, are in players.py.
"""

from __future__ import annotations

import datetime as dt
import json
import threading
import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from xml.sax.saxutils import escape


@dataclass(frozen=True)
class Seen:
    """One request as it came in."""

    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: Any
    """JSON, None where there was none."""


@dataclass(frozen=True)
class Said:
    """One answer."""

    status: int = 200
    body: Any = None
    """Sent as it is when it is bytes, as JSON otherwise."""
    content_type: str = "application/json"


class Service:
    """A server on 127.0.0.1. A subclass says `answer(seen)`."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self._fault: str | int = ""
        self._over = threading.Event()
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                service._serve(self)

            do_POST = do_GET  # noqa: N815

            def log_message(self, *words: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Any:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()

    def fail(self, how: str | int) -> None:
        """From now on: a status (503, 429, 401), "slow", "drip", "drip of the head", "go on" (100 for
        ever), "drop", "garbage", "deep", "huge", "loop"; "" heals."""
        self._fault = how

    def answer(self, seen: Seen) -> Said:
        """What the service says."""
        raise NotImplementedError

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        length = int(handler.headers.get("Content-Length") or 0)
        raw = handler.rfile.read(length)
        address = urllib.parse.urlsplit(handler.path)
        query = dict(urllib.parse.parse_qsl(address.query))
        body = json.loads(raw) if raw else None
        seen = Seen(handler.command, address.path, query, dict(handler.headers), body)
        self.seen.append(seen)
        try:
            self._reply(handler, seen)
        except OSError:
            pass  # the client has left, which is its right
        finally:
            handler.close_connection = handler.close_connection or bool(self._fault)

    def _reply(self, handler: BaseHTTPRequestHandler, seen: Seen) -> None:
        fault = self._fault
        if fault == "slow":
            self._over.wait(20)
        if fault in ("slow", "drop"):
            handler.close_connection = True
            handler.connection.close()
            return
        if fault == "drip":
            self._drip(handler)
            return
        if fault in ("drip of the head", "go on"):
            self._head_without_end(handler, b"a" if fault == "drip of the head" else b"HTTP/1.1 100 Continue\r\n\r\n")
            return
        said = Said(fault, {"error": True, "reason": "a fault"}) if isinstance(fault, int) else self.answer(seen)
        if fault == "garbage":
            said = Said(200, b"\x00\xff<<{not: any format]", said.content_type)
        if fault == "deep":
            said = Said(200, b"[" * 200_000, said.content_type)
        if fault == "huge":
            said = Said(200, b'{"x": "' + b"x" * 20_000_000 + b'"}', said.content_type)
        if fault == "loop":
            self._send(handler, Said(302, b""), {"Location": handler.path + "x"})
            return
        self._send(handler, said, {})

    def _drip(self, handler: BaseHTTPRequestHandler) -> None:
        """A byte now and then, for ever: what no timeout of a single read catches."""
        handler.send_response(200)
        handler.send_header("Content-Length", "1000000")
        handler.end_headers()
        while not self._over.wait(0.1):
            handler.wfile.write(b" ")
            handler.wfile.flush()

    def _head_without_end(self, handler: BaseHTTPRequestHandler, again: bytes) -> None:
        if again == b"a":
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
        while not self._over.wait(0.1):
            handler.wfile.write(again)
            handler.wfile.flush()

    def _send(self, handler: BaseHTTPRequestHandler, said: Said, more: Mapping[str, str]) -> None:
        body = said.body if isinstance(said.body, bytes) else json.dumps(said.body).encode()
        handler.send_response(said.status)
        for name, value in {"Content-Type": said.content_type, "Content-Length": str(len(body)), **more}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)


PARIS = {
    "id": 2988507, "name": "Paris", "latitude": 48.85341, "longitude": 2.3488, "elevation": 42.0,
    "feature_code": "PPLC", "country_code": "FR", "timezone": "Europe/Paris", "population": 2138551,
    "country_id": 3017382, "country": "France", "admin1": "Île-de-France",
}  # fmt: skip
PARIS_TEXAS = {
    "id": 4717560, "name": "Paris", "latitude": 33.66094, "longitude": -95.55551, "elevation": 183.0,
    "feature_code": "PPLA2", "country_code": "US", "timezone": "America/Chicago", "population": 24782,
    "country_id": 6252001, "country": "United States", "admin1": "Texas", "admin2": "Lamar",
}  # fmt: skip
NEW_YORK = {
    "id": 5128581, "name": "New York", "latitude": 40.71427, "longitude": -74.00597, "elevation": 10.0,
    "feature_code": "PPL", "country_code": "US", "timezone": "America/New_York", "population": 8804190,
    "country_id": 6252001, "country": "United States", "admin1": "New York",
}  # fmt: skip


class OpenMeteo(Service):
    """Open-Meteo's geocoding at /v1/search and forecast at /v1/forecast; 16 days from `today` on."""

    def __init__(self, today: dt.date) -> None:
        super().__init__()
        self.today = today
        self.places = [PARIS, PARIS_TEXAS, NEW_YORK]
        self.rain_percent: int | None = 80

    def answer(self, seen: Seen) -> Said:
        if seen.path == "/v1/search":
            wanted = seen.query["name"].casefold()
            found = [place for place in self.places if str(place["name"]).casefold() == wanted]
            # the real service leaves `results` out when there are none
            return Said(200, {**({"results": found} if found else {}), "generationtime_ms": 0.5})
        if seen.path == "/v1/forecast":
            return self._forecast(seen.query)
        return Said(404, {"error": True, "reason": "Not Found"})

    def _forecast(self, query: Mapping[str, str]) -> Said:
        first = dt.date.fromisoformat(query.get("start_date", self.today.isoformat()))
        last = dt.date.fromisoformat(query.get("end_date", (first + dt.timedelta(days=6)).isoformat()))
        if not self.today <= first <= last < self.today + dt.timedelta(days=16):
            return Said(400, {"error": True, "reason": "Parameter 'start_date' is out of allowed range"})
        fahrenheit = query.get("temperature_unit") == "fahrenheit"
        days = [first + dt.timedelta(days=number) for number in range((last - first).days + 1)]

        def warm(celsius: float) -> float:
            return round(celsius * 9 / 5 + 32, 1) if fahrenheit else celsius

        hours = [f"{day}T{hour:02d}:00" for day in days for hour in range(24)]
        hourly = {
            "temperature_2m": [warm(hour % 24) for hour in range(len(hours))],
            "precipitation_probability": [self.rain_percent if hour % 24 >= 18 else 0 for hour in range(len(hours))],
            "weather_code": [61 if hour % 24 >= 18 else 1 for hour in range(len(hours))],
            "wind_speed_10m": [10.0 + hour % 24 for hour in range(len(hours))],
        }
        daily = {
            "weather_code": [61] * len(days),
            "temperature_2m_max": [warm(23)] * len(days),
            "temperature_2m_min": [warm(0)] * len(days),
            "precipitation_probability_max": [self.rain_percent] * len(days),
            "wind_speed_10m_max": [33.4] * len(days),
        }
        current = {
            "temperature_2m": warm(12.4), "apparent_temperature": warm(8.1), "relative_humidity_2m": 71,
            "weather_code": 3, "wind_speed_10m": 18.2,
        }  # fmt: skip
        asked = {name: set(query.get(name, "").split(",")) for name in ("current", "hourly", "daily")}
        body: dict[str, Any] = {
            "latitude": float(query["latitude"]), "longitude": float(query["longitude"]), "generationtime_ms": 0.2,
            "utc_offset_seconds": 3600, "timezone": "Europe/Paris", "timezone_abbreviation": "CET", "elevation": 38.0,
        }  # fmt: skip
        body["current"] = {"time": f"{self.today}T12:00", "interval": 900} | _only(current, asked["current"])
        body["hourly"] = {"time": hours} | _only(hourly, asked["hourly"])
        body["daily"] = {"time": [day.isoformat() for day in days]} | _only(daily, asked["daily"])
        return Said(200, body)


def _only(values: Mapping[str, Any], asked: set[str]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name in asked}


@dataclass(frozen=True)
class Story:
    """One entry of a feed."""

    title: str
    summary: str = ""
    tag: str = ""
    at: dt.datetime | None = None


class Feeds(Service):
    """Feeds by path: `feeds.stories["/bbc.xml"] = [Story(...)]`; a path that ends in .atom is Atom, else RSS 2.0."""

    def __init__(self) -> None:
        super().__init__()
        self.stories: dict[str, list[Story]] = {}
        self.broken: set[str] = set()
        """Paths that answer 500."""
        self.raw = b""
        """Answered instead of every feed, where it is not empty."""

    def answer(self, seen: Seen) -> Said:
        if self.raw:
            return Said(200, self.raw, "text/plain")
        if seen.path in self.broken or seen.path not in self.stories:
            return Said(500 if seen.path in self.broken else 404, b"<html>no</html>", "text/html")
        stories = self.stories[seen.path]
        if seen.path.endswith(".atom"):
            return Said(200, _atom(stories).encode(), "application/atom+xml")
        return Said(200, _rss(stories).encode(), "application/rss+xml")


def _rss(stories: list[Story]) -> str:
    items = "".join(
        f"<item><title>{escape(s.title)}</title><description>{escape(s.summary)}</description>"
        f"<category>{escape(s.tag)}</category><guid>{number}</guid>"
        + (f"<pubDate>{s.at:%a, %d %b %Y %H:%M:%S +0000}</pubDate>" if s.at else "")
        + "</item>"
        for number, s in enumerate(stories)
    )
    return f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>T</title>{items}</channel></rss>'


def _atom(stories: list[Story]) -> str:
    entries = "".join(
        f"<entry><title>{escape(s.title)}</title><id>urn:{number}</id><summary>{escape(s.summary)}</summary>"
        + (f"<updated>{s.at:%Y-%m-%dT%H:%M:%SZ}</updated>" if s.at else "")
        + f'<category term="{escape(s.tag)}"/></entry>'
        for number, s in enumerate(stories)
    )
    return f'<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom">{entries}</feed>'


@dataclass
class Thing:
    """An entity of the stand-in house."""

    id: str
    name: str
    area: str = ""
    state: str = "off"
    attributes: dict[str, Any] = field(default_factory=dict)
    stuck: bool = False
    """It accepts every call and never changes."""


class HomeAssistantServer(Service):
    """Home Assistant's REST API: states, one state, services, template. Only the right token is let in."""

    TOKEN = "a-long-lived-token"

    def __init__(self, things: list[Thing]) -> None:
        super().__init__()
        self.things = {thing.id: thing for thing in things}
        self.admin = True
        """Templates are an administrator's."""

    def answer(self, seen: Seen) -> Said:
        if seen.headers.get("Authorization") != f"Bearer {self.TOKEN}":
            return Said(401, b"401: Unauthorized", "text/plain")
        routes: dict[tuple[str, str], Callable[[Seen], Said]] = {
            ("GET", "states"): self._states,
            ("POST", "services"): self._service,
            ("POST", "template"): self._template,
        }
        parts = seen.path.strip("/").split("/")
        route = routes.get((seen.method, parts[1] if len(parts) > 1 and parts[0] == "api" else ""))
        return route(seen) if route else Said(404, b"404: Not Found", "text/plain")

    def calls(self) -> list[tuple[str, Any]]:
        """The services called, in order."""
        return [
            (seen.path.removeprefix("/api/services/"), seen.body) for seen in self.seen if "/services/" in seen.path
        ]

    def _states(self, seen: Seen) -> Said:
        wanted = seen.path.removeprefix("/api/states").strip("/")
        if wanted and wanted not in self.things:
            return Said(404, {"message": "Entity not found."})
        rows = [self._row(thing) for thing in self.things.values() if not wanted or thing.id == wanted]
        return Said(200, rows[0] if wanted else rows)

    def _row(self, thing: Thing) -> dict[str, Any]:
        at = "2026-03-02T11:00:00.000000+00:00"
        attributes = {**thing.attributes, "friendly_name": thing.name}
        return {
            "entity_id": thing.id, "state": thing.state, "attributes": attributes, "last_changed": at,
            "last_reported": at, "last_updated": at, "context": {"id": "01H", "parent_id": None, "user_id": None},
        }  # fmt: skip

    def _template(self, seen: Seen) -> Said:
        if not self.admin:
            return Said(401, {"message": "Unauthorized"})
        if "area_entities" not in seen.body["template"]:
            return Said(400, {"message": "Error rendering template"})
        pairs = [[thing.id, thing.area] for thing in self.things.values() if thing.area]
        return Said(200, json.dumps(pairs).encode(), "text/plain; charset=utf-8")

    def _service(self, seen: Seen) -> Said:
        _, _, domain, name = seen.path.strip("/").split("/")
        data = dict(seen.body)
        wanted = data.pop("entity_id")
        chosen = [self.things[entity] for entity in wanted if entity in self.things]
        if any(domain not in ("homeassistant", thing.id.partition(".")[0]) for thing in chosen):
            return Said(400, {"message": "400: Bad Request"})
        for thing in chosen:
            if not thing.stuck:
                _apply(thing, name, data)
        return Said(200, [self._row(thing) for thing in chosen if not thing.stuck])


def _apply(thing: Thing, name: str, data: Mapping[str, Any]) -> None:
    """What the service does to the entity, as Home Assistant would report it."""
    if name in ("turn_on", "turn_off"):
        thing.state = name.removeprefix("turn_")
    if name == "turn_on" and thing.id.startswith("climate."):
        thing.state = "heat"
    if name == "turn_off":
        thing.attributes["brightness"] = None
    elif thing.id.startswith("light."):
        thing.attributes.setdefault("brightness", 255)
        if "brightness_pct" in data:
            thing.attributes["brightness"] = round(data["brightness_pct"] * 2.55)
        if "hs_color" in data:
            thing.attributes |= {"color_mode": "hs", "hs_color": data["hs_color"]}
        if "color_temp_kelvin" in data:
            thing.attributes |= {"color_mode": "color_temp", "color_temp_kelvin": data["color_temp_kelvin"]}
    if name == "set_temperature":
        thing.attributes["temperature"] = data["temperature"]


class ChatServer(Service):
    """An OpenAI-compatible server: /v1/models and /v1/chat/completions, answering with `reply`."""

    def __init__(self, reply: str = "Ulaanbaatar.", key: str = "") -> None:
        super().__init__()
        self.reply = reply
        self.key = key

    def answer(self, seen: Seen) -> Said:
        if self.key and seen.headers.get("Authorization") != f"Bearer {self.key}":
            return Said(401, {"error": {"message": "Incorrect API key provided", "type": "invalid_request_error"}})
        if seen.path == "/v1/models":
            return Said(200, {"object": "list", "data": [{"id": "stand-in", "object": "model", "owned_by": "tests"}]})
        if seen.path != "/v1/chat/completions" or not seen.body.get("messages"):
            return Said(404, {"error": {"message": "Not found", "type": "invalid_request_error"}})
        message = {"role": "assistant", "content": self.reply}
        choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
        usage = {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12}
        return Said(200, {
            "id": "chatcmpl-1", "object": "chat.completion", "created": 1772449200, "model": seen.body.get("model", ""),
            "choices": [choice], "usage": usage,
        })  # fmt: skip
