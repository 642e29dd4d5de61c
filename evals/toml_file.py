"""A TOML file as typed, frozen tables: a ladder, a recipe, a sweep. What is wrong in it is one sentence."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from assistant.files import read_toml as read_toml_text
from assistant.layers import suggest_key
from assistant.skill import ConfigError

T = TypeVar("T", bound=BaseModel)


def read_as(kind: type[T], path: Path, word: str) -> T:
    """The file as one `kind`; `word` is what people call it. Raises ConfigError: file and key are named."""
    return typed(kind, read_toml(path, word), path, word)


def read_toml(path: Path, word: str) -> dict[str, Any]:
    """The tables of a file. Raises ConfigError."""
    try:
        return read_toml_text(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        ours = "; those of this project are in finetune/recipes" if word == "recipe" else ""
        raise ConfigError(f"there is no {word} {path}{ours}") from None
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from None
    except ValueError as fault:
        raise ConfigError(f"{path} cannot be read: {fault}") from None


def typed(kind: type[T], tables: Mapping[str, Any], path: Path, word: str) -> T:
    """The tables as one `kind`. Raises ConfigError: the first unknown key, or value that does not fit, is named."""
    try:
        return kind.model_validate(tables)
    except ValidationError as error:
        raise ConfigError(f"{path}: {_sentence(error, kind, word)}") from None


def no_key(name: str, kind: type[BaseModel], word: str) -> str:
    """`lora.rnk is no key of a recipe; did you mean lora.rank?`"""
    dotted = ".".join(part for part in name.replace(" ", ".").split(".") if not part.isdigit())
    known = list(_keys(kind))
    hint = suggest_key(dotted, known) or f"; there are {', '.join(known)}"
    return f"{name} is no key of a {word}{hint}"


def _sentence(error: ValidationError, kind: type[BaseModel], word: str) -> str:
    first = error.errors(include_url=False)[0]
    where = ""
    for part in first["loc"]:
        where += f" {part + 1} " if isinstance(part, int) else f"{'.' if where[-1:].strip() else ''}{part}"
    if first["type"] == "extra_forbidden":
        return no_key(where, kind, word)
    said = first["msg"].removeprefix("Value error, ")
    return f"{where.strip()}: {said[:1].lower()}{said[1:]}" if where else said


def _keys(kind: type[BaseModel], above: str = "") -> Iterator[str]:
    """Every key, dotted."""
    for name, field in kind.model_fields.items():
        inner = list(dict.fromkeys(_tables(field.annotation)))
        for table in inner:
            yield from _keys(table, f"{above}{name}.")
        if not inner:
            yield f"{above}{name}"


def _tables(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _tables(part)
