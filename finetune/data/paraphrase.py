"""Other words for the signed examples, by a model that the user names: a GGUF file or an OpenAI-compatible server.

The model answers under a JSON schema, and every answer must carry the same argument words, marked as the author marked
them; one that does not is dropped and counted. Only skill examples are ever sent, never what a household said.
"""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from assistant.config import Models
from assistant.prompt import plain
from assistant.skill import ConfigError, Example, Skill, SkillError, parse_example
from assistant.worker import WorkerFailed
from finetune.data.remembered import Remembered
from finetune.data.templates import Sentence, group_of, sentence_of

LONGEST = 140
"""Characters of one."""
ROUNDS = 3
"""Questions for each example, each in another style."""
STYLES = (
    "short, as to a machine",
    "polite and complete",
    "as a question",
    "sloppy, as people talk when they are busy",
    "with other verbs",
    "as a wish that begins with i",
    "wordy, as to a person",
)
FREE = "[a-z0-9' -]{0,70}"
"""What may stand between the argument words."""


def schema_of(example: Example, skill: Skill, each: int) -> dict[str, Any]:
    """The JSON schema of an answer: so many sentences, each with every argument's words, marked, in any order."""
    marks = []
    for part in sentence_of(example, skill).parts:
        if part.choice:
            marks.append(rf"\[[a-z0-9' -]{{1,30}}\]\({part.argument}={re.escape(part.choice)}\)")
        elif part.argument:
            marks.append(rf"\[{_quoted(part.text)}\]\({part.argument}\)")
    orders = [FREE + "".join(f"{mark}{FREE}" for mark in order) for order in itertools.permutations(marks[:MOST_MARKS])]
    items = {"type": "string", "pattern": f"^({'|'.join(orders)})$"} if len(marks) <= MOST_MARKS else {"type": "string"}
    several = {"type": "array", "items": items, "minItems": each, "maxItems": each}
    return {
        "type": "object",
        "properties": {"paraphrases": several},
        "required": ["paraphrases"],
        "additionalProperties": False,
    }


def _quoted(words: str) -> str:
    """Words as a pattern that means them; re.escape also escapes what JSON's patterns do not."""
    return re.sub(r"([.^$*+?{}\[\]\\|()/])", r"\\\1", words)


MOST_MARKS = 3
"""Arguments of an example whose order the schema leaves open; with more it leaves the sentence open altogether."""
MOST_FAILURES = 3
"""Questions in a row without an answer, before giving up."""

NO_ANSWER, BAD_MARK, OTHER_WORDS, THE_SAME = (
    "no answer in the form that was asked for",
    "a mark that cannot be read",
    "other argument words than the example's",
    "the example itself",
)

_PROMPT = """Rewrite what somebody says to a voice assistant: {count} other sentences that ask for the same, {style}.
Keep every [words](name) exactly as it is, once in each sentence. Answer with JSON.

Said: wake me up in [ten minutes](duration)
{{"paraphrases": ["alarm in [ten minutes](duration)", "i want to be woken in [ten minutes](duration)", \
"could you wake me [ten minutes](duration) from now", "in [ten minutes](duration) please wake me"]}}

Said: {said}
"""


class Writes(Protocol):
    """A model that answers a question under a JSON schema."""

    name: str
    each: int
    """Paraphrases that one question asks for."""

    def answer(self, prompt: str, schema: dict[str, Any]) -> str:
        """JSON of the schema, or less where the model broke off. Raises WorkerFailed."""


class GgufWriter:
    """A GGUF file in this process. Raises MissingPiece where it cannot be read."""

    each = 2
    """More would not fit the choices that `assistant.model` makes at once."""

    def __init__(self, path: Path, threads: int = 2) -> None:
        from assistant.model import Model

        self.name = path.name
        self._model = Model(path, threads=threads, context_tokens=2048)

    def answer(self, prompt: str, schema: dict[str, Any]) -> str:
        """Greedy, each token under the schema's grammar."""
        ids = self._model.tokenize(prompt, start=True)
        # Left free, a model fills the answer with the blanks that JSON allows.
        exact = {**schema, "x-guidance": {"whitespace_flexible": False}}
        matcher = self._model.matcher(f"start: %json {json.dumps(exact)}")
        return self._model.write(self._model.read_prompt(ids[-self._model.room :]), matcher).text

    def close(self) -> None:
        """Give the memory back."""
        self._model.close()


class ServerWriter:
    """A server. Raises ConfigError for an address that is none, SkillError where no model is there."""

    each = 5

    def __init__(self, url: str, chosen: Models) -> None:
        from assistant.server import Server

        model = chosen.server_model or _first_model(url, chosen)
        self.name = model
        self._server = Server(url, model, chosen.server_key_variable, ())

    def answer(self, prompt: str, schema: dict[str, Any]) -> str:
        """Under the schema, where the server keeps to one."""
        return self._server.complete(prompt, most_tokens=400, schema=schema)

    def close(self) -> None:
        """Nothing is held open."""
        self._server.close()


def _first_model(url: str, chosen: Models) -> str:
    """The first model that the server offers. Raises SkillError."""
    import os

    import requests

    key = os.environ.get(chosen.server_key_variable, "") if chosen.server_key_variable else ""
    try:
        answer = requests.get(
            f"{url.rstrip('/')}/models", headers={"Authorization": f"Bearer {key}"} if key else {}, timeout=(3, 10)
        )
        answer.raise_for_status()
        return str(answer.json()["data"][0]["id"])
    except (requests.RequestException, ValueError, KeyError, IndexError, TypeError) as error:
        raise SkillError(
            f"the server at {url} names no model ({type(error).__name__}); give one: --set models.server_model=NAME"
        ) from None


def open_writer(named: str, chosen: Models) -> GgufWriter | ServerWriter:
    """The model that `--paraphrase` names.

    Raises:
        ConfigError: it is neither an HTTP address nor a file.
        MissingPiece: the file is no model.
    """
    if "://" in named:
        return ServerWriter(named, chosen)
    path = Path(named).expanduser()
    if not path.is_file():
        raise ConfigError(f"--paraphrase {named} is no file and no address; name a GGUF, or write http://HOST:PORT/v1")
    return GgufWriter(path, chosen.threads)


def marked(example: Example, skill: Skill) -> str:
    """An example as its author wrote it: `[ten minutes](duration)`, plain."""
    written = ""
    for part in sentence_of(example, skill).parts:
        choice = f"={part.choice}" if part.choice else ""
        written += f"[{part.text}]({part.argument}{choice})" if part.argument else part.text
    return written


def read_back(line: str, example: Example, skill: Skill) -> Sentence | str:
    """A paraphrase as a sentence of the example's group; the reason it is dropped, where it is."""
    try:
        found = parse_example(line.strip(), skill.name)
    except ValueError:
        return BAD_MARK
    said = {name: plain(words) for name, words in found.call.words.items()}
    if said != {name: plain(words) for name, words in example.call.words.items()}:
        return OTHER_WORDS
    if plain(found.text) in ("", plain(example.text)):
        return THE_SAME
    sentence = sentence_of(found, skill)
    return Sentence(skill, sentence.parts, group_of(example), "paraphrase")


def paraphrases(
    skills: Sequence[Skill], writer: Writes, kept: Remembered, told: Callable[[int], None] = lambda _: None
) -> tuple[dict[str, list[Sentence]], Counter[str]]:
    """Group -> paraphrases of its example, and what was dropped, by reason.

    Raises:
        SkillError: the model did not answer several times in a row; what it has answered is kept.
    """
    found: dict[str, list[Sentence]] = {}
    dropped: Counter[str] = Counter()
    done = failures = 0
    for skill in skills:
        for at, example in enumerate(skill.examples):
            for turn in range(ROUNDS):
                style = STYLES[(at + turn) % len(STYLES)]
                try:
                    lines = _asked(example, skill, style, writer, kept)
                    failures = 0
                except WorkerFailed as error:
                    failures += 1
                    if failures >= MOST_FAILURES:
                        raise SkillError(f"the paraphrasing model {writer.name} stopped answering: {error}") from error
                    lines = None
                _sort(lines, example, skill, (found, dropped))
                done += 1
                told(done)
    return found, dropped


def questions(skills: Sequence[Skill]) -> int:
    """How many questions paraphrasing them takes."""
    return ROUNDS * sum(len(skill.examples) for skill in skills)


def _sort(
    lines: list[str] | None, example: Example, skill: Skill, into: tuple[dict[str, list[Sentence]], Counter[str]]
) -> None:
    found, dropped = into
    if lines is None:
        dropped[NO_ANSWER] += 1
        return
    for line in lines:
        sentence = read_back(line, example, skill)
        if isinstance(sentence, str):
            dropped[sentence] += 1
        else:
            found.setdefault(sentence.group, []).append(sentence)


def _asked(example: Example, skill: Skill, style: str, writer: Writes, kept: Remembered) -> list[str] | None:
    """What the model wrote; None where it is not in the form that was asked for. Raises WorkerFailed."""
    prompt = _PROMPT.format(count=writer.each, style=style, said=marked(example, skill))
    answer = kept.get(writer.name, prompt)
    if answer is None:
        answer = kept.keep(writer.answer(prompt, schema_of(example, skill, writer.each)), writer.name, prompt)
    try:
        lines = json.loads(answer)["paraphrases"]
    except (ValueError, KeyError, TypeError):
        return None
    return (
        [line for line in lines if isinstance(line, str) and len(line) <= LONGEST] if isinstance(lines, list) else None
    )
