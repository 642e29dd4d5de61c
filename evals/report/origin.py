"""What was measured on what: the tables that let a figure be traced and made again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from assistant.commands.frame import so_many
from evals.report.figures import Seen
from evals.report.page import Section, Table
from evals.report.text import day, took


def origin(seen: Seen) -> Section:
    """Set, models, prompt, skills, code, machine, settings."""
    meta = seen.run.meta
    kinds = Counter(one.kind for one in seen.evidence)
    rows = [
        ("run", str(meta.get("name", ""))),
        ("status", " ".join(part for part in (str(meta.get("status", "")), _within(took(meta))) if part)),
        ("started", day(meta.get("started"))),
        ("set", f"{meta.get('set', '')}, {so_many(int(meta.get('n') or 0), 'case')}"),
        ("cases run", ", ".join(f"{n:,} {kind}" for kind, n in kinds.most_common())),
        ("set, SHA-256", str(meta.get("set_sha256", ""))),
        *((f"{role} model, SHA-256", str(digest)) for role, digest in _mapping(meta, "models").items()),
        ("prompt", str(meta.get("prompt_hash", ""))),
        ("skills", str(meta.get("skills_hash", ""))),
        ("code", _code(_mapping(meta, "git"))),
        ("seed", str(meta.get("seed", ""))),
        *((f"option {name}", _said(value)) for name, value in _mapping(meta, "options").items()),
    ]
    machine = [(name.replace("_", " "), _said(value)) for name, value in _mapping(meta, "machine").items()]
    settings = [
        (f"{group}.{name}", _said(value))
        for group, values in _mapping(meta, "settings").items()
        if isinstance(values, Mapping)
        for name, value in values.items()
    ]
    return Section(
        "origin",
        "What was measured on what",
        tables=[Table(("", ""), [row for row in rows if row[1]], words=True)],
        details=[
            Table(("", ""), machine, "The machine", words=True),
            Table(("", ""), settings, "The settings", words=True),
        ],
    )


def _mapping(meta: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = meta.get(key)
    return found if isinstance(found, Mapping) else {}


def _within(duration: str) -> str:
    return f"in {duration}" if duration else ""


def _code(git: Mapping[str, Any]) -> str:
    if not git.get("commit"):
        return ""
    return f"commit {git['commit']}{', with changes that are not committed' if git.get('dirty') else ''}"


def _said(value: Any) -> str:
    """A value as words."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_said(inner)}" for name, inner in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_said, value))
    return "" if value is None else str(value)
