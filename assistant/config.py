"""One TOML file into typed, frozen settings.

Later layers win: the defaults, the file, the environment (`HARK_MODELS__THREADS=4`), the command's `--set`.
An unknown key is an error that names the nearest known one. What a skill's own table may hold is known only once
the skill is loaded, and is checked by `assistant.registry`.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
import zoneinfo
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from assistant.layers import (
    FILE_VARIABLE,
    Layer,
    default_file,
    exists,
    expanded,
    merge,
    read_environment,
    read_file,
    read_flags,
    suggest,
    suggest_key,
    user_folder,
)
from assistant.skill import ConfigError, Household

__all__ = [
    "Decide",
    "Diary",
    "Group",
    "House",
    "Listen",
    "Models",
    "Paths",
    "Settings",
    "Skills",
    "Speech",
    "Tracking",
    "default_file",
    "known_keys",
    "load_settings",
    "suggest_key",
]


class Group(BaseModel):
    """A table of the file."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _listed(value: Any) -> Any:
    """A list written in one string, as environment and flags must: `a,b`."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


Folders = Annotated[tuple[Path, ...], BeforeValidator(_listed)]
Names = Annotated[tuple[str, ...], BeforeValidator(_listed)]


@dataclasses.dataclass(frozen=True)
class House(Household):
    """`[household]`: what the whole house shares; a skill is given it as a plain Household."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    time_zone: str = ""
    """An IANA name ("Europe/Paris"); "" for the machine's own."""


class Models(Group):
    """`[models]`: which models hear and decide."""

    listening: str = ""
    """"" for the one that ships; the name of a pulled model; or the folder of a converted Whisper."""
    skill: str = ""
    """"" for the one that ships, or a GGUF file in its call language."""
    learned: str = ""
    """"" for what `hark learn` took into use, "none" for none of it, or the path of such a GGUF file."""
    larger: str = ""
    """Any instruction-following GGUF file, asked when the skill model is unsure; "" for none."""
    server_url: str = ""
    """An OpenAI-compatible server on the local network, instead of `larger`; "" for none."""
    server_model: str = ""
    server_key_variable: str = ""
    """The environment variable that holds the server's key, so that no key stands in a file."""
    threads: int = Field(default=2, ge=1, le=256)


class Decide(Group):
    """`[decide]`: confidences, 0..1."""

    threshold: float = Field(default=0.4, ge=0, le=1)
    """Of the skill: below it nothing is done."""
    sure: float = Field(default=0.6, ge=0, le=1)
    """Of the skill: below it "Did you mean ...?" comes first."""
    ask_threshold: float = Field(default=0.35, ge=0, le=1)
    """Of the whole call, words included: below it "Did you mean ...?" comes first."""
    larger_threshold: float = Field(default=0.8, ge=0, le=1)
    """Below it the larger model is asked, where there is one."""
    second_look: float = Field(default=0.8, ge=0, le=1)
    """Where what was heard makes no call, a runner-up transcript that makes one so surely is believed; 0 for never."""


class Speech(Group):
    """`[speech]`: how answers sound."""

    voice: str = ""
    """An espeak-ng voice ("en-us", "en+f3", "de"); "" for the household's language."""
    rate: int = Field(default=165, ge=80, le=450)
    """Words per minute."""
    piper: str = ""
    """A Piper voice (an .onnx file, its .onnx.json beside it); "" for espeak-ng."""
    piper_program: str = "piper"


class Listen(Group):
    """`[listen]`: the always-on loop."""

    microphone: str = ""
    """A device's number or a part of its name; "" for the system's own."""
    loudspeaker: str = ""
    wake_word: str = "alexa"
    """alexa, okay_nabu, hey_mycroft, hey_jarvis; the file of an openWakeWord (.onnx) or microWakeWord (.json) model;
    "key" for the Enter key; "none" to be always on."""
    sensitivity: float = Field(default=0.5, ge=0, le=1)
    """Of the wake word: 0.5 is the model's own threshold, more wakes more easily."""
    refractory_ms: int = Field(default=1500, ge=0, le=60_000)
    """So long after the wake word it is not heard again."""
    wake_sound: bool = True
    hook: Names = ()
    """A program and its arguments, started with one more: awake, asleep (for a light)."""
    wait: Literal["quick", "normal", "patient"] = "normal"
    """How long a silence ends an utterance."""
    silence_ms: int = Field(default=0, ge=0, le=10_000)
    """Instead of the preset's usual silence; 0 for the preset's."""
    early: bool = True
    """Whether work begins at the first short pause."""
    speech_threshold: float = Field(default=0.5, gt=0, lt=1)
    """Probability of speech above which somebody speaks."""
    least_confidence: float = Field(default=0.2, ge=0, le=1)
    """The recognizer's own; what it heard with less is no text."""
    unasked_heard: float = Field(default=0.5, ge=0, le=1)
    """The same for a call that follows no wake word and no question of ours, in a house that needs none."""
    unasked_sure: float = Field(default=0.9, ge=0, le=1)
    """Confidence of the skill that such a call needs."""
    amid_talk_sure: float = Field(default=0.97, ge=0, le=1)
    """The same a moment after other talk, when people are more likely to be talking to one another."""
    names: bool = True
    """Whether the household's own names (rooms, devices, artists, lists, timers) help the recognizer."""
    follow_up: Literal["question", "always", "never"] = "question"
    """After which answers no wake word is needed."""
    follow_up_s: float = Field(default=6.0, ge=1, le=60)


class Diary(Group):
    """`[trace]`: what is remembered of a turn."""

    keep_sound: bool = False
    keep_days: int = Field(default=0, ge=0)
    """Turns older than this are forgotten, unless a person labelled them; 0 keeps all."""


class Tracking(Group):
    """`[tracking]`: where evaluations and trainings are kept."""

    to: Literal["mlflow", "wandb", "files", "off"] = "mlflow"
    """A local MLflow store; Weights & Biases; plain files, which the other two are kept beside; or nowhere."""
    folder: str = ""
    """"" for `tracking` in the data folder."""
    project: str = "hark"
    """What the runs are filed under in MLflow and Weights & Biases."""


class Paths(Group):
    """`[paths]`: where Hark writes. Always absolute; "" is the user's own folder."""

    data: Path
    cache: Path


class Skills(Group):
    """`[skills]`: where skills come from, and `[skills.<module>]`, their own settings."""

    folders: Folders = ()
    """Folders of skill files; with none given, `skills` in the data folder."""
    disabled: Names = ()
    """Modules or skills left out."""
    tables: Mapping[str, Mapping[str, Any]] = Field(default_factory=dict)


class Settings(Group):
    """All settings. `file` is the TOML file they came from, None where there is none."""

    household: House = House()
    models: Models = Models()
    decide: Decide = Decide()
    speech: Speech = Speech()
    listen: Listen = Listen()
    trace: Diary = Diary()
    tracking: Tracking = Tracking()
    paths: Paths
    skills: Skills = Skills()
    file: Path | None = None

    @field_validator("household")
    @classmethod
    def _time_zone_exists(cls, household: House) -> House:
        if household.time_zone:
            try:
                zoneinfo.ZoneInfo(household.time_zone)
            except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
                names = zoneinfo.available_timezones()
                hint = suggest(household.time_zone, names)
                raise ValueError(
                    f'household.time_zone "{household.time_zone}" is not a known time zone{hint}'
                ) from None
        return household

    def now(self) -> dt.datetime:
        """The household's wall clock, with its time zone."""
        if self.household.time_zone:
            return dt.datetime.now(zoneinfo.ZoneInfo(self.household.time_zone))
        import tzlocal

        try:
            return dt.datetime.now(tzlocal.get_localzone())
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            return dt.datetime.now().astimezone()


_TABLES: Mapping[str, type[Group]] = {
    "models": Models,
    "decide": Decide,
    "speech": Speech,
    "listen": Listen,
    "trace": Diary,
    "tracking": Tracking,
    "paths": Paths,
}
_GROUPS: Mapping[str, tuple[str, ...]] = {
    "household": tuple(field.name for field in dataclasses.fields(House)),
    **{name: tuple(table.model_fields) for name, table in _TABLES.items()},
    "skills": ("folders", "disabled"),
}
_FILES = {("models", "skill"), ("models", "larger"), ("speech", "piper"), ("tracking", "folder"), ("paths", "data"),
          ("paths", "cache")}  # fmt: skip


_LISTS = (("skills", "folders"), ("skills", "disabled"))


def known_keys() -> tuple[str, ...]:
    """Every setting but the skills' own, dotted: `models.threads`."""
    return tuple(f"{group}.{key}" for group, keys in _GROUPS.items() for key in keys)


def _check_keys(layer: Layer, where: str) -> None:
    """Raises ConfigError for a key no table knows; tables inside [skills] belong to the skills."""
    for group, table in layer.items():
        if group not in _GROUPS:
            raise ConfigError(f"{where}: there is no table [{group}]{suggest(group, _GROUPS)}")
        for key, value in table.items():
            if key not in _GROUPS[group] and not (group == "skills" and isinstance(value, dict)):
                dotted = f"{group}.{key}"
                raise ConfigError(f"{where}: {dotted} is not a setting{suggest_key(dotted, known_keys())}")


def _absolute(layer: Layer, base: Path) -> None:
    """Paths are meant from the place that names them: a file's from its folder, the others from here."""
    for group, key in _FILES:
        value = layer.get(group, {}).get(key)
        if isinstance(value, str) and value:
            layer[group][key] = str(base / expanded(value))
    for key in ("listening", "learned"):  # a name, or a path
        value = layer.get("models", {}).get(key)
        if isinstance(value, str) and ("/" in value or os.sep in value or value.startswith((".", "~"))):
            layer["models"][key] = str(base / expanded(value))
    folders = _listed(layer.get("skills", {}).get("folders"))
    if isinstance(folders, list):
        layer["skills"]["folders"] = [str(base / expanded(name)) if isinstance(name, str) else name for name in folders]


def _sentence(error: ValidationError, layers: Iterable[tuple[str, Layer]]) -> str:
    """The first fault as one sentence that names the place, the setting and what was written."""
    first = error.errors(include_url=False)[0]
    group, key = [*(str(part) for part in first["loc"]), ""][:2]
    places = [where for where, layer in layers if group in layer and (not key or key in layer[group])]
    where = places[-1] if places else "the settings"
    if first["type"] == "value_error":
        return f"{where}: {first['ctx']['error']}"
    if first["loc"][:2] in _LISTS:
        given = [layer[group][key] for _, layer in layers if key in layer.get(group, {})][-1]
        return f'{where}: {group}.{key} must be a list of texts, each in quotes (["one", "two"]); it is {given!r}'
    dotted = ".".join(str(part) for part in first["loc"])
    if first["type"] == "path_type":
        return f"{where}: {dotted} must be a path in quotes; it is {first['input']!r}"
    message = first["msg"].removeprefix("Input ").partition(", unable")[0]
    return f"{where}: {dotted} {message}; it is {first['input']!r}"


def load_settings(
    path: Path | None = None, environ: Mapping[str, str] = os.environ, flags: Iterable[str] = ()
) -> Settings:
    """All layers, checked.

    Args:
        path: the file that `--config` names; it must exist. None looks at `$HARK_CONFIG` (must exist), then at the
            user's own settings folder (may be missing).
        flags: `section.key=value`, as `--set` gives them.
    Raises:
        ConfigError: a key is unknown, a value does not fit, or the file cannot be read.
    """
    file: Path | None = path.expanduser() if path else default_file(environ)
    required = path is not None or bool(environ.get(FILE_VARIABLE))
    if file is not None and not required and not exists(file):
        file = None
    base, known = Path.cwd(), known_keys()
    layers = [
        (
            "hark.toml" if file is None else str(file),
            read_file(file, known) if file else {},
            file.parent if file else base,
        ),
        ("the environment", read_environment(environ, known), base),
        ("the command line", read_flags(flags, known), base),
    ]
    for where, layer, folder in layers:
        _check_keys(layer, where)
        _absolute(layer, base / folder)
    try:
        return _build(merge(layer for _, layer, _ in layers), file)
    except ValidationError as error:
        raise ConfigError(_sentence(error, [(where, layer) for where, layer, _ in layers])) from None


def own_folder(data: Path) -> Path:
    """Where a household's skills lie unless the settings name folders."""
    return data / "skills"


def _build(merged: Layer, file: Path | None) -> Settings:
    """Raises ValidationError."""
    skills = merged.pop("skills", {})
    tables = {name: table for name, table in skills.items() if isinstance(table, dict)}
    named = {name: path for name, path in merged.pop("paths", {}).items() if path != ""}
    paths = {"data": str(user_folder("data")), "cache": str(user_folder("cache")), **named}
    known = {name: value for name, value in skills.items() if name not in tables}
    known.setdefault("folders", [str(own_folder(Path(str(paths["data"]))))])
    return Settings.model_validate(
        {**merged, "paths": paths, "skills": {**known, "tables": tables}, "file": file and file.absolute()}
    )
