"""Which models there are, which are here, which are in use, and whether they are whole.

Fetching is `assistant.hub`; loading is the room that runs the model.
"""

from __future__ import annotations

import contextlib
import json
import logging
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from assistant import hub, learned
from assistant.catalogue import CATALOGUE, listed
from assistant.config import Settings
from assistant.files import read_json
from assistant.gguf_file import check_gguf
from assistant.skill import ConfigError, MissingPiece, SkillError

log = logging.getLogger(__name__)
BUNDLED = Path(__file__).parent / "bundled"
FEWSHOT = BUNDLED / "fewshot" / "network.npz"
"""The network that reads the examples of skills which no model was trained on."""
OVERHEARD = "overheard.npz"
"""Beside the skill model whose note says how it is used: what talk among people sounds like."""
SUMS = "SHA256SUMS"
"""In each bundled folder: what `sha256sum *` prints."""
LOCK = "lock.json"
"""In the folder of pulled models: the checksums each was pulled with."""

NOTHING_LEARNED = "none"
"""As `models.learned`: the skill model stands alone."""

Role = Literal["listening", "skill", "larger"]


@dataclass(frozen=True, slots=True)
class Listening:
    """The listening model in use."""

    path: Path
    name: str
    sentence: str
    """Says plainly which one it is."""


def pulled_folder(settings: Settings) -> Path:
    """Where pulled models lie, one folder each."""
    return settings.paths.data / "models"


def is_pulled(settings: Settings, name: str) -> bool:
    """Whether the model of this name is here."""
    return (pulled_folder(settings) / name / "model.bin").is_file()


def shortened(settings: Settings) -> list[str]:
    """The variants with a shorter window that were made here (`assistant.window`)."""
    made = sorted(name for name, lock in _read_json(_lock(settings)).items() if "window_s" in lock)
    return [name for name in made if is_pulled(settings, name)]


def fits(memory_mb: int) -> bool:
    """Whether a model of this size leaves half of this board's memory to everything else."""
    import psutil

    return memory_mb * 2 <= psutil.virtual_memory().total / 1e6


# --- in use ----------------------------------------------------------------------------------------------------------


def listening_model(settings: Settings, what: str = "") -> Listening:
    """The listening model that the settings choose.

    Args:
        what: instead of their choice: "shipped", a model's name, or the path of a folder.
    Raises:
        MissingPiece: it is not on this device.
        ConfigError: the path names something else.
    """
    chosen = str(Path(what).resolve()) if what and Path(what).is_dir() else what or settings.models.listening
    if chosen in ("", "shipped"):
        folder = BUNDLED / "listening"
        if not (folder / "model.bin").is_file():
            raise MissingPiece("no listening model is bundled with this copy; run `hark models pull tiny.en`")
        sentence = "the small one that ships with Hark (English commands); `hark models pull` fetches a real Whisper"
        return Listening(folder, "shipped", sentence)
    if Path(chosen).is_absolute():
        check_whisper(Path(chosen))
        return Listening(Path(chosen), Path(chosen).name, f"your own, from {chosen}")
    folder = pulled_folder(settings) / chosen
    if chosen in shortened(settings):
        check_whisper(folder)
        return Listening(folder, chosen, f"{chosen}, which `hark models window` made")
    entry = listed(chosen)
    if not is_pulled(settings, chosen):
        raise MissingPiece(f"the listening model {chosen} is not on this device; run `hark models pull {chosen}`")
    check_whisper(folder)
    return Listening(folder, chosen, f"Whisper {chosen}, {entry.languages}")


def bundled_skill_model() -> Path:
    """The skill model that ships, whatever was learned or chosen. Raises MissingPiece."""
    found = sorted((BUNDLED / "skill").glob("*.gguf"))
    if not found:
        raise MissingPiece(
            "no skill model is bundled with this copy; name one with `hark models use FILE.gguf --as skill`"
        )
    return found[0]


def skill_model(settings: Settings) -> Path:
    """The skill model: the one that the settings name, else the one that ships. Raises MissingPiece, ConfigError."""
    if settings.models.skill:
        return check_gguf(Path(settings.models.skill), "models.skill")
    return bundled_skill_model()


def learned_model(settings: Settings) -> Path | None:
    """What was learned on this board and stands beside the skill model; None for nothing. Raises ConfigError."""
    chosen = settings.models.learned
    if chosen and chosen != NOTHING_LEARNED:
        return check_gguf(Path(chosen), "models.learned")
    step = learned_step(settings)
    return learned.folder(settings) / step.file if step else None


def learned_step(settings: Settings) -> learned.Step | None:
    """What was learned and is in use, whole; None where the settings or the shipped model say otherwise."""
    chosen = settings.models
    if chosen.skill or chosen.learned or not (learned.folder(settings) / learned.STATE).is_file():
        return None
    with contextlib.suppress(MissingPiece, OSError):
        base = checksum(settings, bundled_skill_model())
        return learned.in_use(settings, base, lambda path: checksum(settings, path))
    return None


def larger_model(settings: Settings) -> Path | None:
    """The larger model that the settings choose; None for none. Raises ConfigError."""
    return check_gguf(Path(settings.models.larger), "models.larger") if settings.models.larger else None


def checksums(settings: Settings) -> dict[str, str]:
    """Role -> SHA-256 of each model that is here and in use, for the diary."""
    found: dict[str, str] = {}
    with contextlib.suppress(MissingPiece, ConfigError, OSError):
        chosen = skill_model(settings)
        found["skill"] = checksum(settings, chosen)
        if (talk := chosen.with_name(OVERHEARD)).is_file():
            found["overheard"] = checksum(settings, talk)
        if beside := learned_model(settings):
            found["learned"] = checksum(settings, beside)
    with contextlib.suppress(OSError):
        found["fewshot"] = checksum(settings, FEWSHOT)
    with contextlib.suppress(MissingPiece, ConfigError, OSError):
        found["listening"] = checksum(settings, listening_model(settings).path / "model.bin")
    with contextlib.suppress(MissingPiece, ConfigError, OSError):
        larger = larger_model(settings)
        if larger:
            found["larger"] = checksum(settings, larger)
    return found


def checksum(settings: Settings, path: Path) -> str:
    """The file's SHA-256: from the list that ships beside it, or computed once and remembered."""
    shipped = _read_sums(path.parent).get(path.name) if path.is_relative_to(BUNDLED) else None
    if shipped:
        return shipped
    state = path.stat()
    stamp = [state.st_size, state.st_mtime_ns]
    cache = settings.paths.cache / "checksums.json"
    known = _read_json(cache)
    entry = known.get(str(path))
    if isinstance(entry, list) and entry[:2] == stamp:
        return str(entry[2])
    digest = hub.sha256(path)
    with contextlib.suppress(OSError):
        hub.write_whole(cache, json.dumps({**known, str(path): [*stamp, digest]}).encode())
    return digest


# --- pulling ---------------------------------------------------------------------------------------------------------


def pull(settings: Settings, name: str, progress: hub.Progress, source: hub.Hub | None = None) -> Path:
    """Fetch a model of the catalogue; one that was broken off goes on where it stopped.

    Returns:
        The model's folder, complete and checked.
    Raises:
        ConfigError: the catalogue has no such model.
        MissingPiece: the hub or the disk did not do; the message says what to do.
    """
    entry = listed(name)
    partial = pulled_folder(settings) / ".partial" / name
    source = source or hub.Hub(entry.repository)
    files = [source.describe(file) for file in entry.files]
    _check_pins(settings, name, files)
    try:
        partial.mkdir(parents=True, exist_ok=True)
        here = sum(file.stat().st_size for file in partial.iterdir())
        hub.check_space(partial, sum(file.bytes for file in files) - here)
        for file in files:
            into = partial / file.name
            if not (into.is_file() and hub.matches(into, file.etag)):
                source.fetch(file, into, progress)
        check_whisper(partial)
        install(settings, partial, name, {"repository": entry.repository, "commit": files[0].commit})
    except OSError as error:
        raise MissingPiece(f"{pulled_folder(settings)} cannot be written: {error.strerror}; then pull again") from None
    return pulled_folder(settings) / name


def install(settings: Settings, new: Path, name: str, origin: Mapping[str, Any]) -> None:
    """Put a finished folder in its place, and write down its checksums; an older one stands until then.

    Args:
        origin: where it came from.
    Raises:
        OSError: it cannot be written.
    """
    pins = {file.name: hub.sha256(file) for file in sorted(new.iterdir())}
    folder = pulled_folder(settings) / name
    old = folder.with_name(f".old-{folder.name}")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    new.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
    locks = {**_read_json(_lock(settings)), name: {**origin, "files": pins}}
    hub.write_whole(_lock(settings), json.dumps(locks, indent=1).encode())


def _lock(settings: Settings) -> Path:
    return pulled_folder(settings) / LOCK


def _check_pins(settings: Settings, name: str, files: list[hub.HubFile]) -> None:
    """A model that was pulled before must come back the same. Raises MissingPiece."""
    pins = _read_json(_lock(settings)).get(name, {}).get("files", {})
    for file in files:
        pinned = pins.get(file.name, "")
        if pinned and len(file.etag) == 64 and file.etag != pinned:
            raise MissingPiece(
                f"{file.name} of {name} has changed on the hub since it was first pulled; if that is meant, "
                f"delete {_lock(settings)} and pull again"
            )


# --- checking --------------------------------------------------------------------------------------------------------


def check_whisper(folder: Path) -> None:
    """Raises ConfigError when `folder` holds no converted Whisper."""
    if not folder.is_dir():
        raise ConfigError(f"{folder} is no folder; a listening model is a folder converted for CTranslate2")
    for name in ("config.json", "model.bin", "tokenizer.json"):
        if not (folder / name).is_file():
            raise ConfigError(f"{folder} is no listening model: it lacks {name}")
    try:
        read_json((folder / "config.json").read_text(encoding="utf-8"))
        with (folder / "model.bin").open("rb") as file:
            head = file.read(64)
    except (OSError, ValueError):
        raise ConfigError(f"{folder} is no listening model: its config.json or model.bin cannot be read") from None
    if b"WhisperSpec" not in head:
        raise ConfigError(f"{folder / 'model.bin'} is no Whisper model converted for CTranslate2")


def verify(settings: Settings) -> list[tuple[str, str]]:
    """Every model that is here with what is wrong with it: `("tiny.en", "")` for a whole one."""
    found = [
        (f"{role} (shipped)", _compare(BUNDLED / role, _read_sums(BUNDLED / role)))
        for role in ("skill", "fewshot", "listening")
    ]
    try:
        for step in learned.read(settings).steps:
            sums = {step.file: step.sha256}
            found.append((f"skill (learned {learned.day_of(step)})", _compare(learned.folder(settings), sums)))
    except SkillError as error:
        found.append(("skill (learned)", str(error)))
    locks = _read_json(_lock(settings))
    for name in (*(entry.name for entry in CATALOGUE), *shortened(settings)):
        if is_pulled(settings, name):
            pins = locks.get(name, {}).get("files", {})
            found.append((name, _compare(pulled_folder(settings) / name, pins)))
    for role in ("skill", "larger"):
        path = getattr(settings.models, role)
        if path:
            found.append((f"{role} {path}", _complaint(Path(path), f"models.{role}")))
    return found


def _complaint(path: Path, setting: str) -> str:
    try:
        check_gguf(path, setting, thorough=True)
    except ConfigError as error:
        return str(error)
    return ""


def _compare(folder: Path, sums: Mapping[str, str]) -> str:
    if not sums:
        return "its checksums are not known" if folder.is_dir() else "it is not in this copy"
    for name, digest in sums.items():
        file = folder / name
        if not file.is_file():
            return f"{name} is missing"
        if hub.sha256(file) != digest:
            return f"{name} has changed or is damaged"
    return ""


def _read_sums(folder: Path) -> dict[str, str]:
    try:
        lines = (folder / SUMS).read_text(encoding="utf-8").splitlines()
    except OSError:
        return {}
    pairs = (line.split(maxsplit=1) for line in lines if line.strip())
    return {pair[1].lstrip("*").strip(): pair[0] for pair in pairs if len(pair) == 2}


def _read_json(path: Path) -> dict[str, Any]:
    try:
        found = read_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


# --- choosing --------------------------------------------------------------------------------------------------------


def use(settings: Settings, file: Path, what: str, role: Role | None = None) -> str:
    """Write the choice into the settings file, leaving all else in it as it stands.

    Args:
        what: a pulled model's name, "shipped", a GGUF file or the folder of a converted Whisper.
        role: for a GGUF file, "larger" unless said otherwise.
    Returns:
        A sentence that says what is in use now.
    Raises:
        ConfigError, MissingPiece: it cannot be used; nothing was changed.
    """
    path = Path(what).expanduser()
    if what == "shipped":
        role, value = role or "listening", ""
    elif path.is_dir():
        if role not in (None, "listening"):
            raise ConfigError(f"{path} is a folder, which can be the listening model alone, not the {role} one")
        check_whisper(path)
        role, value = "listening", str(path.resolve())
    elif path.suffix == ".gguf" or path.is_file():
        check_gguf(path, "the model", thorough=True)
        if role == "listening":
            raise ConfigError(f"{path.name} is a language model; what listens is the folder of a converted Whisper")
        role, value = role or "larger", str(path.resolve())
    else:
        if role not in (None, "listening"):
            raise ConfigError(f"there is no file {what}; the {role} model is a GGUF file")
        if what not in shortened(settings) and not is_pulled(settings, listed(what).name):
            raise MissingPiece(f"the model {what} is not on this device; run `hark models pull {what}` first")
        role, value = "listening", what
    _write_setting(file, role, value)
    return f"{role}: {value or 'the one that ships'} (in {file})"


def _write_setting(file: Path, key: str, value: str) -> None:
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        document = tomlkit.parse(file.read_text(encoding="utf-8")) if file.exists() else tomlkit.document()
        table = document.setdefault("models", tomlkit.table())
        table[key] = value
        hub.write_whole(file, tomlkit.dumps(document).encode())
    except (TOMLKitError, TypeError) as error:
        raise ConfigError(f"{file} is not valid TOML: {error}") from None
    except OSError as error:
        raise ConfigError(f"{file} cannot be written: {error.strerror}") from None
