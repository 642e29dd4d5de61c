"""From a recipe to a dataset: every source's rows, through the gate, onto their sides."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from assistant.assemble import open_database, open_skills, open_transcriber
from assistant.commands.frame import progress
from assistant.config import Settings
from assistant.skill import Skill, SkillError
from assistant.trace import Trace
from evals.cases import Case
from finetune.data import recipe as recipes
from finetune.data.dataset import Caps, Dataset, Facts, Plan, compose, is_dataset, load, rows_of
from finetune.data.diary import LICENCE, diary_rows
from finetune.data.gate import Gate, measured
from finetune.data.growth import Wish, chosen, grown
from finetune.data.hear import Booth, some
from finetune.data.paraphrase import open_writer, paraphrases, questions
from finetune.data.remembered import Remembered
from finetune.data.templates import Sentence
from finetune.rows import choices

OURS = "grown by rules and word lists of this project (Apache-2.0) from the skills' signed examples"
PUBLIC_LICENCES = {
    "clinc150": "CC BY 3.0",
    "hwu64": "CC BY 4.0",
    "snips": "CC0 1.0",
    "thingpedia": "BSD-3-Clause",
    "ha_intents": "CC BY 4.0",
    "bfcl": "Apache-2.0",
}
"""Of the public sets that may be trained on; the README holds the links."""


def gate_of(settings: Settings, skills: tuple[Skill, ...]) -> Gate:
    """The gate of this house, with every evaluation set of ours behind it."""
    return Gate(skills, settings.now(), settings.household, measured())


@dataclass
class Build:
    """One build of a folder."""

    settings: Settings
    recipe: recipes.Recipe
    folder: Path
    command: str = ""
    """What was typed, for the card."""
    dropped: Counter[str] = field(default_factory=Counter)
    licences: dict[str, str] = field(default_factory=dict)
    validation: tuple[str, ...] = ()
    """Groups that stand on the dev side of a dataset that is taken in."""

    def run(self) -> Dataset:
        """Make the rows and write the folder; a dataset that is there already grows.

        Raises:
            BadCase: a malformed row; the message names file and line, and nothing is written.
            ConfigError, MissingPiece, SkillError: a source cannot be had.
        """
        house = open_skills(self.settings).skills
        earlier = load(self.folder) if is_dataset(self.folder) else None
        rows = [pair for source in self.recipe.source for pair in self._rows(source, house)]
        private = any(isinstance(source, recipes.Diary) for source in self.recipe.source)
        private = private or any(case.source.startswith("diary") for _, case in rows)
        facts = Facts(
            name=self.recipe.name,
            commands=(self.command,) if self.command else (),
            seeds=(self.recipe.seed,),
            licences=self.licences,
            dropped=dict(self.dropped),
            private=private,
            validation=self.validation,
        )
        caps = Caps(**self.recipe.caps.model_dump())
        total = len(rows) + (len(earlier.rows) if earlier else 0)
        with progress("checking", total) as told:
            plan = Plan(gate_of(self.settings, house), earlier, caps, told)
            return compose(rows, facts, plan).write(self.folder)

    def _rows(self, source: recipes.Source, house: tuple[Skill, ...]) -> Iterator[tuple[str, Case]]:
        if isinstance(source, recipes.Grow):
            yield from self._grown(source, house)
        elif isinstance(source, recipes.Rows):
            name = str(source.path.name)
            self.licences[name] = source.licence or "not said"
            if is_dataset(source.path):
                facts = load(source.path).facts
                self.licences |= facts.licences
                self.validation += facts.validation
            yield from rows_of(source.path)
        elif isinstance(source, recipes.Public):
            yield from self._public(source)
        else:
            self.licences["diary"] = LICENCE
            yield from diary_rows(Trace(open_database(self.settings)), {skill.name for skill in house})

    def _public(self, source: recipes.Public) -> Iterator[tuple[str, Case]]:
        from finetune.rows import agree
        from finetune.sources.read import human_cases

        try:
            cases = agree(human_cases(source.path))
        except FileNotFoundError as error:
            raise SkillError(f"{error.filename} is not there; {source.path} must hold the public sets") from None
        for case in cases:
            self.licences[case.source] = PUBLIC_LICENCES.get(case.source, "not said")
            yield case.source, case

    # --- growing -----------------------------------------------------------------------------------------------------

    def _grown(self, source: recipes.Grow, house: tuple[Skill, ...]) -> Iterator[tuple[str, Case]]:
        skills = chosen(house, source.skills)
        self.licences["grown"] = OURS
        said = self._paraphrased(source, skills) if source.paraphrase else {}
        wish = Wish(skills, source.count, self.recipe.seed, said, house)
        with progress("growing", source.count) as told:
            rows = list(grown(wish, told))
        heard = self._heard(rows, source.heard, house) if source.heard else iter(())
        yield from ((case.source, case) for case in itertools.chain(rows, heard))

    def _paraphrased(self, source: recipes.Grow, skills: tuple[Skill, ...]) -> dict[str, list[Sentence]]:
        with (
            closing(open_writer(source.paraphrase, self.settings.models)) as writer,
            progress("paraphrasing", questions(skills)) as told,
        ):
            kept = Remembered(self.folder / "paraphrased.jsonl.kept")
            found, dropped = paraphrases(skills, writer, kept, told)
        self.dropped += Counter({f"paraphrase: {reason}": count for reason, count in dropped.items()})
        self.licences["grown-paraphrase"] = f"written by {writer.name}, whose own licence applies"
        return found

    def _heard(self, rows: list[Case], share: float, house: tuple[Skill, ...]) -> Iterator[Case]:
        picked = some(rows, share, self.recipe.seed)
        from assistant.models import checksums

        ears, closed = checksums(self.settings).get("listening", ""), choices(house)
        booth = Booth(open_transcriber(self.settings), Remembered(self.folder / "heard.jsonl.kept"), closed, ears)
        with progress("hearing", len(picked)) as told:
            yield from booth.heard(picked, self.recipe.seed, told)
        self.dropped += Counter({f"heard: {reason}": count for reason, count in booth.dropped.items()})
