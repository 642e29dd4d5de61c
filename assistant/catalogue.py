"""The listening models that `hark models pull` knows by name."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.skill import ConfigError

WHISPER_FILES = ("config.json", "model.bin", "tokenizer.json", "vocabulary.txt")


@dataclass(frozen=True, slots=True)
class Listed:
    """A listening model that a hub has."""

    name: str
    megabytes: int
    """To download."""
    memory_mb: int
    """While it runs in int8, with the rest of Hark; estimated from the parameters."""
    languages: str
    files: tuple[str, ...] = WHISPER_FILES

    @property
    def repository(self) -> str:
        """On the hub: OpenAI's Whisper, converted to CTranslate2 by the authors of faster-whisper."""
        return f"Systran/faster-whisper-{self.name}"


CATALOGUE = (
    Listed("tiny.en", 78, 400, "English"),
    Listed("tiny", 78, 400, "99 languages"),
    Listed("base.en", 148, 550, "English"),
    Listed("base", 148, 550, "99 languages"),
    Listed("small.en", 486, 1100, "English"),
    Listed("small", 486, 1100, "99 languages"),
)


def listed(name: str) -> Listed:
    """The catalogue's entry. Raises ConfigError."""
    for entry in CATALOGUE:
        if entry.name == name:
            return entry
    names = ", ".join(entry.name for entry in CATALOGUE)
    raise ConfigError(f"there is no model {name} in the catalogue; it has {names}")
