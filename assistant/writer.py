"""Transcript -> calls: prompt, grammar and model put together. Runs in the model's process."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant import overheard
from assistant.grammar import head_grammar, tail_grammar
from assistant.model import Model
from assistant.prompt import MARKS, OPENING, chunks, in_words, larger_prefix, larger_suffix
from assistant.skill import MissingPiece
from assistant.walk import Guess, Walk
from assistant.worker import SMALL_BYTES, Job, Written

NOTES = ("hark.skills", "hark.calibration", "hark.version", "hark.learned", "hark.second")
RUNNER_UP = 0.02
"""A skill less probable than this is not worth writing out."""


WORDS_AHEAD = 2
"""So many words are guessed where no draft goes on: a right guess saves a pass, a wrong one costs a few tokens."""


def guessing(drafts: Sequence[str], said: str) -> Guess:
    """What may follow: the rest of the first draft that agrees so far; else the words after those just copied.

    Args:
        drafts: calls as a larger model writes them, the likeliest first.
        said: the transcript's chunks in one.
    """

    def guess(written: str) -> str:
        rest = next((draft[len(written) :] for draft in drafts if draft.startswith(written)), "")
        value = written.rpartition("=")[2]
        if rest or not value.strip() or value not in said:
            return rest
        return " ".join(said.partition(value)[2].split(" ")[: 1 + WORDS_AHEAD])

    return guess


class Writer:
    """One model, one set of skills. Raises MissingPiece when the file is not there or foreign."""

    def __init__(self, job: Job) -> None:
        threads = 1 if job.path.is_file() and job.path.stat().st_size < SMALL_BYTES else job.threads
        self._model = Model(job.path, threads=threads)
        self._job = job
        known = json.loads(self._model.note("hark.skills") or "[]") if job.shipped else [s.name for s in job.skills]
        self._skills = {skill.name: skill for skill in job.skills if skill.name in known}
        if not self._skills:
            raise MissingPiece(f"{job.path.name} was not trained on any skill that is installed; it is no skill model")
        self._head = self._model.matcher(head_grammar(self._skills))
        self._marks = self._mark_tokens() if job.shipped else ()
        note = self._model.note(f"hark.{overheard.NOTE}") if job.shipped else ""
        self._doubt = overheard.Doubt(job.path, note) if note else None
        self._around = self._model.tokenize("<s><call>", special=True)
        self._prefix: list[int] = []

    def _mark_tokens(self) -> tuple[int, ...]:
        """The token of each mark. Raises MissingPiece where the model has none."""
        found = [self._model.tokenize(mark) for mark in MARKS]
        if any(len(ids) != 1 for ids in found):
            raise MissingPiece(f"{self._job.path.name} is not a skill model of this version of Hark; see: hark models")
        return tuple(ids[0] for ids in found)

    def answer(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """Do what a line asks for. Raises ValueError or RuntimeError."""
        if message["do"] == "notes":
            return {"notes": {name: self._model.note(name) for name in NOTES}}
        if message["do"] == "read":
            self._read_list()
            return {}
        if message["do"] == "complete":
            return {"text": self.complete(message["prompt"], message["most"])}
        if message["do"] == "free":
            return {"text": self.write_freely(message["text"], message["nearest"])}
        written = self.write(message["text"], message["nearest"], message.get("drafts", ()))
        return {"written": [asdict(one) for one in written]}

    def write(self, plain_text: str, nearest: Sequence[tuple[str, str]], drafts: Sequence[str] = ()) -> list[Written]:
        """The most probable call, then the runner-ups' skills; see `Worker.write`."""
        model, parts = self._model, chunks(plain_text)
        ready = self._read_doubting(plain_text) if self._marks else model.hold_prompt(self._prompt(plain_text, nearest))

        def tail(head: str) -> Any:
            skill = self._skills[head.removesuffix("(")]
            return model.matcher(tail_grammar(skill, parts, marks=MARKS if self._marks else ()))

        guess = None if self._marks else guessing(drafts, "".join(parts))
        walk = model.write(ready, self._head.deep_copy(), tail, guess)
        if not walk.finished:
            raise RuntimeError("the call had no end")
        call = in_words(walk.text, plain_text) if self._marks else walk.text
        return [Written(call, walk.head_probability, walk.probability), *self._runner_ups(walk)]

    def _read_doubting(self, plain_text: str) -> NDArray[np.float32]:
        """The logits of the first token; what sounds like talk is the likelier none()."""
        logits = self._read(chunks(plain_text))
        if self._doubt is not None:
            logits[self._model.tokenize("none(")[0]] += self._doubt(plain_text)
        return logits

    def _read(self, parts: Sequence[str]) -> NDArray[np.float32]:
        """Read a transcript as a skill model does: its chunks alone, each token together with its chunk's mark."""
        model, room = self._model, self._model.room - 2
        ids: list[int] = []
        marks: list[int] = []
        for part, mark in zip(parts, self._marks, strict=False):
            of_part = model.tokenize(part)
            ids += of_part
            marks += [mark] * len(of_part)
        start, call = self._around
        return model.read_marked([start, *ids[:room], call], [-1, *marks[:room], -1])

    def write_freely(self, plain_text: str, nearest: Sequence[tuple[str, str]]) -> str:
        """What the model writes after the same prompt without the grammar, for measuring what the grammar is worth."""
        if not self._marks:
            return self._model.write_freely(self._model.read_prompt(self._prompt(plain_text, nearest)))
        return in_words(self._model.write_freely(self._read(chunks(plain_text))), plain_text)

    def _prompt(self, plain_text: str, nearest: Sequence[tuple[str, str]]) -> list[int]:
        self._read_list()
        return self._model.tokenize(larger_suffix(plain_text, nearest).removeprefix(OPENING))

    def _read_list(self) -> None:
        """Have the part of the prompt that stays evaluated."""
        if not self._prefix:
            self._prefix = self._model.tokenize(larger_prefix(self._job.skills) + OPENING, start=True)
        self._model.keep_prefix(self._prefix, self._job.cache)

    def _runner_ups(self, walk: Walk) -> list[Written]:
        """Other skills the first choice might have been, where one token names a skill whole."""
        if not walk.choices:
            return []
        found = []
        for token, share in walk.choices[0].others:
            name = self._model.text([token]).removesuffix("(")
            if share >= RUNNER_UP and name in self._skills:
                found.append(Written(f"{name}()", share, share))
        return found

    def complete(self, prompt: str, most_tokens: int) -> str:
        """A free answer to the prompt, greedily, up to the end of the model's turn."""
        return self._model.complete(prompt, most_tokens)
