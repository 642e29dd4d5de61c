"""Where settings come from: the file, the environment and the command's `--set`, each read into plain tables.

What settings there are, and what they may hold, is `assistant.config`'s; those of a module of skills are laid over
the defaults that it declares.
"""

from __future__ import annotations

import contextlib
import difflib
import os
import tempfile
import tomllib
import types
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

import platformdirs

from assistant.files import read_toml
from assistant.skill import ConfigError

PREFIX = "HARK_"
FILE_VARIABLE = "HARK_CONFIG"

Layer = dict[str, dict[str, Any]]


def suggest(wrong: str, known: Iterable[str]) -> str:
    """`; did you mean decide?` for a word that is nearly one of these; "" where none is near."""
    near = difflib.get_close_matches(wrong, list(known), n=1, cutoff=0.5)
    return f"; did you mean {near[0]}?" if near else ""


def suggest_key(wrong: str, known: Iterable[str]) -> str:
    """`; did you mean decide.threshold?` for a dotted key: a near spelling, or the same word in another table."""
    known = tuple(known)
    leaf = wrong.rpartition(".")[2]
    same = [key for key in known if key.rpartition(".")[2] == leaf]
    return f"; did you mean {same[0]}?" if same else suggest(wrong, known)


def default_file(environ: Mapping[str, str]) -> Path:
    """The settings file that is looked at when none is named: $HARK_CONFIG, or the user's own folder."""
    named = environ.get(FILE_VARIABLE, "")
    return Path(named).expanduser() if named else user_folder("config") / "hark.toml"


def user_folder(kind: str) -> Path:
    """The user's folder of this kind; one under the temporary folder for a user who has no home."""
    find = {
        "config": platformdirs.user_config_path,
        "data": platformdirs.user_data_path,
        "cache": platformdirs.user_cache_path,
    }[kind]
    with contextlib.suppress(RuntimeError):
        found = find("hark", appauthor=False)
        if found.is_absolute():
            return found
    owner = os.getuid() if hasattr(os, "getuid") else "user"
    return Path(tempfile.gettempdir()) / f"hark-{owner}" / kind


def read_file(path: Path, known: Collection[str]) -> Layer:
    """The file's tables.

    Args:
        known: every dotted key there is, for the hints.
    Raises:
        ConfigError: the file cannot be read, is not TOML, or has a key outside a table.
    """
    try:
        tables = read_toml(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise ConfigError(f"the settings file {path} does not exist") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is not a text file in UTF-8") from None
    except ValueError as fault:
        raise ConfigError(f"{path} cannot be read: {fault}") from None
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from None
    groups = {key.partition(".")[0] for key in known}
    for name, table in tables.items():
        if not isinstance(table, dict):
            hint = suggest_key(name, known) if name not in groups else f"; write [{name}] above its keys"
            raise ConfigError(f"{path}: {name} stands outside a table{hint}")
    return tables


def _set(layer: Layer, dotted: str, value: str, where: str, known: Collection[str]) -> None:
    group, _, rest = dotted.partition(".")
    key, _, inner = rest.partition(".")
    if not key:
        raise ConfigError(f"{where}: {dotted} is not a setting{suggest_key(dotted, known)}")
    if inner:
        layer.setdefault(group, {}).setdefault(key, {})[inner] = value
    else:
        layer.setdefault(group, {})[key] = value


def read_environment(environ: Mapping[str, str], known: Collection[str]) -> Layer:
    """`HARK_MODELS__THREADS=4`, as strings. Raises ConfigError."""
    layer: Layer = {}
    for variable, value in environ.items():
        if variable.startswith(PREFIX) and "__" in variable:
            _set(layer, variable[len(PREFIX) :].lower().replace("__", "."), value, variable, known)
    return layer


def read_flags(flags: Iterable[str], known: Collection[str]) -> Layer:
    """`models.threads=4`, as `--set` gives them. Raises ConfigError."""
    layer: Layer = {}
    for flag in flags:
        dotted, equals, value = flag.partition("=")
        if not equals:
            raise ConfigError(f"--set {flag} has no value; write --set {flag}=VALUE")
        _set(layer, dotted.strip(), value, f"--set {flag}", known)
    return layer


def expanded(value: str) -> Path:
    """The path with its `~` replaced, or as it stands where there is no such user."""
    try:
        return Path(value).expanduser()
    except RuntimeError:
        return Path(value)


def merge(layers: Iterable[Layer]) -> Layer:
    """One layer of them all, the later ones winning key by key, inside a skill's own table too."""
    merged: Layer = {}
    for layer in layers:
        for group, table in layer.items():
            into = merged.setdefault(group, {})
            for key, value in table.items():
                both = isinstance(value, dict) and isinstance(into.get(key), dict)
                into[key] = {**into[key], **value} if both else value
    return merged


def exists(file: Path) -> bool:
    """Whether the file is there and may be seen."""
    try:
        return file.exists()
    except OSError:
        return False


def overlay(module: str, defaults: Mapping[str, Any], table: Mapping[str, Any]) -> Mapping[str, Any]:
    """The defaults with the household's values over them. Raises ConfigError."""
    merged = dict(defaults)
    for key, value in table.items():
        if key not in defaults:
            known = [f"skills.{module}.{name}" for name in defaults]
            hint = suggest_key(f"skills.{module}.{key}", known) if known else f"; {module} has no settings"
            raise ConfigError(f"skills.{module}.{key} is not a setting{hint}")
        merged[key] = _typed(f"skills.{module}.{key}", defaults[key], value)
    return types.MappingProxyType(merged)


_WORDS = {bool: "true or false", int: "a whole number", float: "a number", str: "text in quotes", list: "a list"}
_FLAGS = {"true": True, "yes": True, "1": True, "on": True, "false": False, "no": False, "0": False, "off": False}


def _typed(name: str, default: Any, value: Any) -> Any:
    """`value` with its default's type; environment and flags give all values as text. Raises ConfigError."""
    kind = list if isinstance(default, tuple) else type(default)
    if kind is type(None) or (kind not in _WORDS and isinstance(value, kind)):
        return value
    with contextlib.suppress(ValueError, KeyError):
        if isinstance(value, str) and kind is not str:
            return _from_text(kind, default, value)
        if kind is float and isinstance(value, int) and not isinstance(value, bool):
            return float(value)
        if type(value) is kind:
            inner = {type(item) for item in default} if kind is list else set()
            if len(inner) != 1 or all(type(item) in inner for item in value):
                return value
    raise ConfigError(f"{name} must be {_WORDS.get(kind, 'a table')}, as {default!r} is; it is {value!r}")


def _from_text(kind: type, default: Any, value: str) -> Any:
    """Raises ValueError or KeyError when the text does not say such a value."""
    if kind is bool:
        return _FLAGS[value.strip().lower()]
    if kind is list:
        inner = type(default[0]) if default else str
        return [inner(part.strip()) for part in value.split(",") if part.strip()]
    if kind in (int, float):
        return kind(value)
    raise ValueError(value)
