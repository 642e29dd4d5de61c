"""Where a base model comes from: a folder in Hugging Face's form, or a hub, whose files are kept in the hub's cache."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.hub import sha256
from assistant.skill import ConfigError, MissingPiece
from finetune.larger.recipe import Base

WANTED = ("*.json", "*.safetensors", "tokenizer.model", "*.txt", "*.jinja", "LICENSE*", "USE_POLICY*", "NOTICE*")
LEFT = ("original/*", "consolidated*", "*.gguf", "onnx/*")
"""The same weights in other forms, which some repositories carry."""
TOKENIZER_FILES = (
    "tokenizer.model", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
    "vocab.json", "merges.txt", "chat_template.jinja",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Source:
    """A base model that is here."""

    folder: Path
    fingerprint: str
    """Tells this model from another without reading gigabytes: its small files whole, of weights name and size."""
    bytes: int
    """Of all weights."""


def fetch_base(base: Base, say: Callable[[str], None] = lambda _sentence: None) -> Source:
    """The base model, fetched where it is not here yet.

    Args:
        say: is told what a hub is asked for, before it is.
    Raises:
        ConfigError: the folder is no model, or its architecture is none that writes text.
        MissingPiece: there is no such folder or repository, it is behind a licence, or the hub cannot be reached or
            broke off.
    """
    path = Path(base.model).expanduser()
    if path.is_dir():
        return look_at(path)
    if is_folder(base):
        raise MissingPiece(f"there is no model folder {base.model}; name one, or a repository of the hub as OWNER/NAME")
    say(f"base model {base.model}: what of it is not here yet is fetched from {_hub()}, once")
    return look_at(_from_hub(base))


def is_folder(base: Base) -> bool:
    """Whether the base model is a folder of this machine, there or not, and no repository of a hub."""
    path = Path(base.model).expanduser()
    looks_like_one = path.is_absolute() or base.model.startswith(("~", ".")) or base.model.count("/") != 1
    return looks_like_one or path.is_dir()


def _hub() -> str:
    return os.environ.get("HF_ENDPOINT") or "the hub"


def _from_hub(base: Base) -> Path:
    from huggingface_hub import errors as hub
    from huggingface_hub import snapshot_download

    endpoint = os.environ.get("HF_ENDPOINT") or None
    where = _hub()
    try:
        found = snapshot_download(
            base.model, revision=base.revision, endpoint=endpoint, allow_patterns=WANTED, ignore_patterns=LEFT
        )
    except hub.LocalEntryNotFoundError:
        raise MissingPiece(
            f"{where} cannot be reached and {base.model} is not here; try again, or name a folder"
        ) from None
    except (hub.HfHubHTTPError, hub.HFValidationError) as error:
        raise MissingPiece(_refusal(error, base, where)) from None
    except (hub.HTTPError, ValueError) as error:  # of its HTTP client, whichever it is; an answer that is no JSON
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise MissingPiece(
            f"fetching {base.model} from {where} broke off ({reason}); the same command goes on"
        ) from None
    return Path(found)


def _refusal(error: Exception, base: Base, where: str) -> str:
    """What to do about a hub's no."""
    from huggingface_hub import errors as hub

    status = getattr(getattr(error, "response", None), "status_code", 0)
    if isinstance(error, hub.RevisionNotFoundError):
        return f"{base.model} has no revision {base.revision}"
    if isinstance(error, hub.GatedRepoError):
        return f"{base.model} is behind a licence: accept it on the model's page, then say who you are: hf auth login"
    if isinstance(error, hub.RepositoryNotFoundError) or status in (401, 403):
        return (
            f"{where} does not give {base.model}: there is none, or it is behind a licence (accept it on the model's "
            "page, then say who you are: hf auth login)"
        )
    return f"{where} did not deliver {base.model}: {str(error).splitlines()[0]}"


def look_at(folder: Path) -> Source:
    """Check a model folder. Raises ConfigError."""
    try:
        config: Any = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        config = None
    if not isinstance(config, dict):
        raise ConfigError(f"{folder} is no model folder: its config.json is missing or cannot be read")
    named = config.get("architectures")
    architecture = named[0] if isinstance(named, list) and named else ""
    if not isinstance(architecture, str) or not architecture.endswith("ForCausalLM"):
        raise ConfigError(f"{folder} is no causal language model (its architecture is {architecture or 'not named'})")
    weights = sorted(folder.glob("*.safetensors"))
    if not weights:
        raise ConfigError(f"{folder} has no weights (*.safetensors)")
    if not any((folder / name).is_file() for name in ("tokenizer.model", "tokenizer.json")):
        raise ConfigError(f"{folder} has no tokenizer (tokenizer.json or tokenizer.model)")
    small = ["config.json", *TOKENIZER_FILES]
    parts = [f"{name}:{sha256(folder / name)}" for name in small if (folder / name).is_file()]
    sizes = [(file.name, file.stat().st_size) for file in weights]
    parts += [f"{name}:{size}" for name, size in sizes]
    fingerprint = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    return Source(folder, fingerprint, sum(size for _, size in sizes))
