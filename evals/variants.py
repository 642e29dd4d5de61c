"""The variants of a ladder: one household's sentences, decided in ways that are weaker on purpose.

Each is composed of the rooms that answer people (the worker, the grammar, the examples, the readers) with something
left out, so that what the left-out part is worth can be measured. `house = true` leaves nothing out.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from assistant import models
from assistant.config import Settings
from assistant.core import Decides
from assistant.decide import Decider
from assistant.gguf_file import check_gguf
from assistant.nearest import Examples
from assistant.prompt import plain, read_call, write_call
from assistant.readers import Unreadable, read_arguments
from assistant.registry import SkillSet
from assistant.skill import Call, ConfigError, MissingPiece, Skill
from assistant.turn import Candidate, Decision, Tier, Transcript, args_to_json
from assistant.worker import Job, Worker, Written
from evals.answers import UNPARSABLE
from evals.random_weights import is_skill_model, random_weights

EXAMPLES, LINEAR, SHIPPED, RANDOM = "examples", "linear", "shipped", "random"


class Variant(BaseModel):
    """One step of a ladder, as its file says it."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    name: str = Field(min_length=1)
    model: str = SHIPPED
    """shipped; random (the shipped model's shape and words with random weights); examples (the likest signed example,
    no model); linear (a support vector machine on letters and words of the signed examples); or a GGUF file."""
    house: bool = False
    """Through all of `decide`: calibrated thresholds, questions, words read to their end, examples of unseen skills."""
    constrained: bool = True
    """Under the grammar; without it, whatever the model writes is read as a call, or is unparsable."""
    examples: int = Field(default=0, ge=0, le=32)
    """So many of the likest signed examples at the end of a larger model's prompt."""
    prompt: Literal["hark", "plain"] = "hark"
    """hark: the prompt that answers people; plain: one sentence and the names of the calls, for larger models."""

    @property
    def has_model(self) -> bool:
        """Whether a language model decides."""
        return self.model not in (EXAMPLES, LINEAR)

    def identity(self) -> dict[str, Any]:
        """All but its name: what decides the outcome, beside the checksums that a run keeps anyway."""
        model = Path(self.model).name if self.model not in (SHIPPED, RANDOM, EXAMPLES, LINEAR) else self.model
        return {**self.model_dump(exclude={"name"}), "model": model}


def settings_for(variant: Variant, settings: Settings, folder: Path) -> Settings:
    """The household's settings with the variant's model in its role, so that a run keeps its checksum.

    Args:
        folder: that the path of a model starts from.
    Raises:
        ConfigError: the model is missing or no GGUF, or what is asked of it cannot be.
    """
    chosen = {"skill": "", "larger": "", "server_url": ""}
    if variant.model == RANDOM:
        chosen["skill"] = str(random_weights(_shipped(settings), settings.paths.cache / "ladder"))
    elif variant.has_model and variant.model != SHIPPED:
        path = check_gguf(folder / Path(variant.model).expanduser(), f'the variant "{variant.name}"')
        chosen["skill" if is_skill_model(path) else "larger"] = str(path.resolve())
    _check(variant, is_larger=bool(chosen["larger"]))
    return settings.model_copy(update={"models": settings.models.model_copy(update=chosen)})


def _shipped(settings: Settings) -> Path:
    return models.skill_model(settings.model_copy(update={"models": settings.models.model_copy(update={"skill": ""})}))


def _check(variant: Variant, is_larger: bool) -> None:
    """Raises ConfigError for a switch that would do nothing."""
    where = f'the variant "{variant.name}"'
    if (variant.examples or variant.prompt == "plain") and not is_larger:
        raise ConfigError(f"{where}: examples and prompt are for a larger model; others read the sentence alone")
    if variant.prompt == "plain" and variant.constrained:
        raise ConfigError(f"{where}: the plain prompt has no grammar; write constrained = false")
    if variant.house and not (variant.constrained and variant.prompt == "hark" and variant.has_model):
        raise ConfigError(f"{where}: house = true is the whole of decide; leave constrained and prompt as they are")
    if not variant.has_model and not variant.constrained:
        raise ConfigError(f"{where}: no model writes here, so there is nothing to constrain")


@contextlib.contextmanager
def opened(variant: Variant, settings: Settings, skills: SkillSet) -> Iterator[Decides]:
    """The variant, ready to decide.

    Args:
        settings: as `settings_for` gives them.
    Raises:
        MissingPiece: a model or a library is not here.
    """
    if variant.house:
        with Decider(skills, settings) as whole:
            yield whole
        return
    with contextlib.ExitStack() as stack:
        answer: Callable[[str], Said]
        if variant.model == EXAMPLES:
            answer = partial(_by_examples, Examples(skills.skills))
        elif variant.model == LINEAR:
            answer = Linear(skills.skills).answer
        else:
            writing = _Writing(variant, settings, skills)
            stack.callback(writing.close)
            answer = writing.answer
        yield Alone(skills, settings, answer)


@dataclass(frozen=True, slots=True)
class Said:
    """What a variant makes of a sentence, before the words are read."""

    call: Call
    confidence: float
    tier: Tier
    others: tuple[Candidate, ...] = ()


class Alone:
    """Takes what it is told as the call: no threshold, no question, nothing mended."""

    def __init__(self, skills: SkillSet, settings: Settings, answer: Callable[[str], Said]) -> None:
        self._skills, self._household, self._answer = skills.by_name, settings.household, answer

    def decide(self, transcript: Transcript, *, now: dt.datetime) -> Decision:
        """What was meant. Raises MissingPiece, WorkerFailed."""
        started = time.perf_counter()
        said = self._answer(plain(transcript.text))
        values: Mapping[str, Any] = {}
        skill = self._skills.get(said.call.skill)
        if skill is not None and said.call.words.keys() <= {argument.name for argument in skill.arguments}:
            with contextlib.suppress(Unreadable):
                values = read_arguments(skill, said.call.words, now=now, household=self._household)
        return Decision(
            skill=said.call.skill,
            words=dict(said.call.words),
            args=args_to_json(values),
            confidence=said.confidence,
            runner_ups=said.others,
            tier=said.tier,
            ms=(time.perf_counter() - started) * 1000,
        )


NOTHING_LIKE_IT = Said(Call("none"), 0.0, "examples")


def _by_examples(examples: Examples, text: str) -> Said:
    """The call of the likest signed example, however unlike it is."""
    matches = examples.best(text)
    if not matches:
        return NOTHING_LIKE_IT
    others = tuple(Candidate(call=str(match.call), probability=match.score) for match in matches[1:4])
    return Said(matches[0].call, matches[0].score, "examples", others)


class Linear:
    """A linear support vector machine picks the skill; that skill's likest example points at the words.

    What a careful person would try first: words and runs of letters, weighted by how telling they are, trained on the
    signed examples alone. Its confidence is the softmax of its margins, which nobody calibrated.

    Raises:
        MissingPiece: scikit-learn is not installed.
    """

    def __init__(self, skills: tuple[Skill, ...]) -> None:
        try:
            from sklearn.feature_extraction.text import TfidfVectorizer
            from sklearn.pipeline import make_pipeline, make_union
            from sklearn.svm import LinearSVC
        except ImportError:
            raise MissingPiece("the linear baseline needs scikit-learn; run `pip install 'hark[eval]'`") from None
        rows = [(plain(example.text), skill.name) for skill in skills for example in skill.examples]
        letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)
        words = TfidfVectorizer(analyzer="word", ngram_range=(1, 2), tokenizer=str.split, token_pattern=None)
        self._machine = make_pipeline(make_union(words, letters), LinearSVC(random_state=0))
        self._machine.fit([text for text, _ in rows], [name for _, name in rows])
        self._examples = Examples(skills)

    def answer(self, text: str) -> Said:
        """The call for a plain text."""
        import numpy as np

        margins = np.atleast_1d(self._machine.decision_function([text])[0])
        if len(margins) == 1:  # two skills have one margin between them
            margins = np.array([-margins[0], margins[0]])
        shares = np.exp(margins - margins.max())
        shares /= shares.sum()
        names = [str(name) for name in self._machine.classes_]
        order = np.argsort(-shares)[:4]
        picked = names[order[0]]
        matches = self._examples.best(text, skills=frozenset({picked}), most=1)
        others = tuple(Candidate(call=f"{names[at]}()", probability=float(shares[at])) for at in order[1:])
        return Said(matches[0].call if matches else Call(picked), float(shares[order[0]]), "examples", others)


class _Writing:
    """A model that writes the call, with or without the grammar, the examples and our prompt."""

    def __init__(self, variant: Variant, settings: Settings, skills: SkillSet) -> None:
        larger = models.larger_model(settings)
        path = larger or models.skill_model(settings)
        cache = settings.paths.cache / "prefix" if larger else None
        self._variant, self._skills = variant, skills.by_name
        self._tier: Tier = "larger" if larger else "shipped"
        self._examples = Examples(skills.skills)
        self._worker = Worker(Job(path, skills.skills, larger is None, settings.models.threads, cache))

    def close(self) -> None:
        """End the model's process."""
        self._worker.close()

    def answer(self, text: str) -> Said:
        """The call for a plain text. Raises MissingPiece, WorkerFailed."""
        if self._variant.prompt == "plain":
            return self._parsed(self._worker.complete(plain_prompt(self._skills, text), MOST_TOKENS))
        nearest = nearest_written(self._examples, self._skills, text, self._variant.examples)
        if not self._variant.constrained:
            return self._parsed(self._worker.write_freely(text, nearest))
        best, *others = self._worker.write(text, nearest)
        return Said(read_call(best.call), best.probability, self._tier, tuple(map(_candidate, others)))

    def _parsed(self, written: str) -> Said:
        try:
            return Said(read_call(first_line(written)), 1.0, self._tier)
        except ValueError:
            return Said(Call(UNPARSABLE), 0.0, "decline")


def nearest_written(examples: Examples, skills: Mapping[str, Skill], text: str, most: int) -> list[tuple[str, str]]:
    """The likest signed examples, (sentence, call as the model would write it), the likest last."""
    found = []
    for match in examples.best(text, most=most) if most else ():
        skill = skills[match.call.skill]
        own = next(example.call for example in skill.examples if plain(example.text) == match.said)
        found.append((match.said, write_call(own, skill, match.said)))
    return found[::-1]


MOST_TOKENS = 96
"""Room for any call, and an end to what is none."""


_QUOTED = re.compile(r"""=\s*(["'])(.*?)\1(?=\s*[,)])""")


def first_line(written: str) -> str:
    """What a model wrote, as kindly as a careful reader takes it: its first line, without "Call:" and quotes."""
    line = next((line.strip() for line in written.splitlines() if line.strip()), "")
    return _QUOTED.sub(r"=\2", line.removeprefix("Call:").strip())


def plain_prompt(skills: Mapping[str, Skill], text: str) -> str:
    """What one asks a model at first: the names of the calls, and the sentence."""
    lines = (f"{one.name}({', '.join(argument.name for argument in one.arguments)})" for one in skills.values())
    calls = "\n".join(lines)
    return f'Turn the sentence into one of these calls and write nothing else.\n\n{calls}\n\nSentence: "{text}"\nCall:'


def _candidate(written: Written) -> Candidate:
    return Candidate(call=str(read_call(written.call)), probability=written.skill_probability)
