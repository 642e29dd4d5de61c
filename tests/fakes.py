"""Scripted parts that stand behind the one-method protocols: they say what the test tells them to."""

from __future__ import annotations

import datetime as dt
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from assistant.audio import Audio
from assistant.config import Settings, load_settings
from assistant.core import Assistant, Parts
from assistant.registry import load_file
from assistant.trace import FILE, Database, Trace
from assistant.transcribe import Heard
from assistant.turn import Decision, Transcript


@dataclass
class ScriptedDecider:
    """Decides what its script says for a text; anything else is none()."""

    script: Mapping[str, Decision] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def decide(self, transcript: Transcript, *, now: dt.datetime) -> Decision:
        self.asked.append(transcript.text)
        return self.script.get(transcript.text, Decision(skill="none", tier="decline", confidence=0.9))


@dataclass
class ScriptedTranscriber:
    """Hears the next of its texts, whatever the sound."""

    texts: list[str]

    def transcribe(self, audio: Audio) -> Heard:
        return Heard(text=self.texts.pop(0), language="en", confidence=0.8, seconds=audio.seconds)


@dataclass
class ScriptedSpeaker:
    """Speaks a tenth of a second of silence for anything, and remembers it."""

    said: list[str] = field(default_factory=list)

    def speak(self, text: str) -> Audio:
        self.said.append(text)
        return silence(0.1)


def silence(seconds: float = 0.5) -> Audio:
    """Nothing, at 16 kHz."""
    return Audio(np.zeros(int(16000 * seconds), dtype=np.float32), 16000)


def call(skill: str, **words: str) -> Decision:
    """A sure decision by the shipped model."""
    return Decision(skill=skill, words=words, confidence=0.95, tier="shipped")


@dataclass
class House:
    """An assistant on scripted parts, with skills from source text."""

    assistant: Assistant
    decider: ScriptedDecider
    speaker: ScriptedSpeaker
    trace: Trace
    settings: Settings
    played: list[Audio]


def make_house(
    folder: Path, skills: str, script: Mapping[str, Decision], *texts: str, flags: tuple[str, ...] = ()
) -> House:
    """Build a house in `folder`.

    Args:
        skills: the source of one skill module, `home_made`.
        script: text -> decision.
        texts: what the transcriber hears, one after another.
    """
    (folder / "home_made.py").write_text(textwrap.dedent(skills), encoding="utf-8")
    settings = load_settings(None, {}, [f"paths.data={folder / 'data'}", *flags])
    found = load_file(folder / "home_made.py")
    assert found.faults == (), [str(fault) for fault in found.faults]
    database = Database(settings.paths.data / FILE)
    decider, speaker, trace, played = ScriptedDecider(script), ScriptedSpeaker(), Trace(database), []
    parts = Parts(
        decider=decider,
        trace=trace,
        transcriber=ScriptedTranscriber(list(texts)),
        speaker=speaker,
        play=played.append,
        models={"skill": "0" * 64},
    )
    return House(Assistant(settings, found, database, parts), decider, speaker, trace, settings, played)
