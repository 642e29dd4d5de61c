"""A dataset's card: DATASET.md, and the counts that a build prints."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from assistant.commands.frame import written_whole
from evals.cases import Case
from finetune.data.dataset import DEV_SHARE, ENOUGH, NONE, SIDES, TEST_SHARE, Dataset
from finetune.data.review import State

CARD = "DATASET.md"
SHOWN = ("train", "dev", "test")
"""The sides in the order in which people read them."""
FEW = 20
"""A skill with fewer training rows is named among the weaknesses."""


def counts(dataset: Dataset) -> str:
    """A table for each of skill, argument and source: rows on each side, and of a skill how many groups stand there."""
    return "\n\n".join(
        "\n".join(_table(title, dataset, keys))
        for title, keys in (("skill", _skills), ("argument", _arguments), ("source", _sources))
    )


def _skills(case: Case) -> Sequence[str]:
    return (case.skill,)


def _arguments(case: Case) -> Sequence[str]:
    return tuple(f"{case.skill}.{name}" for name in case.words)


def _sources(case: Case) -> Sequence[str]:
    return (case.source or "not said",)


def _table(title: str, dataset: Dataset, keys: Callable[[Case], Sequence[str]]) -> Iterator[str]:
    by_side = {side: Counter(key for case in dataset.sides[side] for key in keys(case)) for side in SIDES}
    names = sorted({name for found in by_side.values() for name in found}, key=lambda n: (-by_side["train"][n], n))
    grouped = title == "skill"
    yield f"| {title} | train | dev | test |{' groups |' if grouped else ''}"
    yield f"|---|--:|--:|--:|{'--:|' if grouped else ''}"
    for name in names:
        groups = f" {_groups(dataset, name)} |" if grouped else ""
        yield f"| {name} | {by_side['train'][name]} | {by_side['dev'][name]} | {by_side['test'][name]} |{groups}"
    if grouped:
        sums = [str(len(dataset.sides[side])) for side in SHOWN]
        yield f"| all | {' | '.join(sums)} | {_groups(dataset)} |"


def _groups(dataset: Dataset, skill: str = "") -> str:
    """How many paraphrase groups of a skill, or of all, stand on each side: 9 + 1 + 0."""
    sides = (dataset.sides[side] for side in SHOWN)
    return " + ".join(str(len({case.group for case in side if skill in ("", case.skill)})) for side in sides)


def sizes(dataset: Dataset) -> str:
    """1,652 train, 154 dev and 49 test rows of 57 + 6 + 5 paraphrase groups."""
    train, dev, test = (f"{len(dataset.sides[side]):,} {side}" for side in SHOWN)
    return f"{train}, {dev} and {test} rows of {_groups(dataset)} paraphrase groups"


def weaknesses(dataset: Dataset) -> list[str]:
    """What is known to be weak, a sentence each."""
    train, test = dataset.sides["train"], dataset.sides["test"]
    found = []
    by_skill = Counter(case.skill for case in train)
    tested = {case.skill for case in test}
    everywhere = {case.skill for case in dataset.rows}
    few = sorted(skill for skill in everywhere if by_skill[skill] < FEW)
    if few:
        found.append(f"Fewer than {FEW} training rows: {', '.join(few)}.")
    untested = sorted(everywhere - tested)
    if untested:
        found.append(
            f"No test row, because none of their groups fell on that side: {', '.join(untested)}. "
            "Their figures must come from elsewhere."
        )
    unstopped = sorted(everywhere - {case.skill for case in dataset.sides["dev"]})
    if unstopped:
        found.append(
            f"No dev row to say when to stop, for fewer than {ENOUGH} groups came when their skill did, or their dev rows "
            f"nearly repeat others: {', '.join(unstopped)}."
        )
    made = sum(case.source.startswith(("grown", "near-miss", "heard")) for case in dataset.rows)
    if dataset.rows and made:
        found.append(
            f"{made / len(dataset.rows):.0%} of the rows were made by rules, word lists or a model, so they are less "
            "various than people; a figure on the test side says how well the making was learned, not how well people "
            "are understood."
        )
    if any(case.source.startswith("heard") for case in dataset.rows):
        found.append("What was heard was spoken by espeak-ng's voices and heard by one model: other errors are absent.")
    groups = defaultdict(set)
    for case in train:
        groups[case.skill].add(case.group)
    thin = sorted(skill for skill, names in groups.items() if len(names) < 4)
    if thin:
        found.append(f"Fewer than four different examples to learn from: {', '.join(thin)}.")
    return found


def write_card(folder: Path, dataset: Dataset, state: State) -> None:
    """Write DATASET.md. Raises OSError."""
    with written_whole(folder / CARD) as out:
        out.write("\n".join(_lines(folder, dataset, state)) + "\n")


def _lines(folder: Path, dataset: Dataset, state: State) -> Iterator[str]:
    facts = dataset.facts
    yield f"# {facts.name or folder.name}"
    yield ""
    groups = len({case.group for case in dataset.rows})
    yield f"Version `{dataset.version}`: {len(dataset.rows)} rows in {groups} paraphrase groups. "
    yield "The version is a checksum of all rows and their sides; the order of rows does not count."
    if facts.private:
        yield ""
        yield "**This dataset holds what a household said. It stays on this device.**"
    yield ""
    yield "## How it was made"
    yield ""
    yield "```sh"
    yield from facts.commands or ("# the command is not known",)
    yield "```"
    yield ""
    yield f"Seeds: {', '.join(map(str, facts.seeds)) or 'none'}."
    yield ""
    yield "## Sources and licences"
    yield ""
    yield "| source | licence |"
    yield "|---|---|"
    yield from (f"| {name} | {licence} |" for name, licence in sorted(facts.licences.items()))
    yield ""
    yield "## Split"
    yield ""
    yield (
        f"By paraphrase group, by a hash of the group's name: of many groups {TEST_SHARE:.0%} come to test, "
        f"{DEV_SHARE:.0%} to dev, the rest to train; of the ten or so that one skill's examples are, more or fewer, and "
        f"groups differ in size, so a skill's shares are its own. A skill of {ENOUGH} groups and more, none of them dev, gives one of train to dev when it comes. A row "
        "never changes sides, also when the dataset grows; a training row that nearly repeats a kept-back one is left out."
    )
    yield ""
    yield "## Counts"
    yield ""
    yield counts(dataset)
    yield from _left_out(facts.refused, facts.capped, facts.dropped)
    yield from _reviewed(state)
    yield ""
    yield "## Known weaknesses"
    yield ""
    yield from (f"- {sentence}" for sentence in weaknesses(dataset) or ["None that counting can find."])


def _left_out(refused: Mapping[str, int], capped: Mapping[str, int], dropped: Mapping[str, int]) -> Iterator[str]:
    yield ""
    yield "## Made and left out"
    yield ""
    yield "| reason | rows |"
    yield "|---|--:|"
    for reason, count in sorted({**refused, **dropped}.items()):
        yield f"| {reason} | {count} |"
    for skill, count in sorted(capped.items()):
        share = "its share" if skill == NONE else "so many times the median skill's"
        yield f"| {skill}: more than {share} | {count} |"


def _reviewed(state: State) -> Iterator[str]:
    yield ""
    yield "## Looked at by a person"
    yield ""
    if not state.decisions:
        yield "Nothing yet: `hark data review` does that."
        return
    yield "| source | good as it was |"
    yield "|---|---|"
    yield from (f"| {source} | {share} |" for source, share in state.shares().items())
