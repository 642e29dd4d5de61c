"""What a change must pass: nothing of must-pass breaks, and quick does not get measurably worse than its baseline.

The baseline is committed beside the sets: which cases of quick the shipped model gets right. A change is held against
it case by case. The house is the one that ships: of the household's settings only where runs are kept counts.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from assistant.commands.frame import UsageError, written_whole
from assistant.config import Models, Settings
from assistant.files import read_json
from assistant.models import NOTHING_LEARNED
from assistant.skill import SkillError
from evals.answers import Answer
from evals.sets import DATA, WRITTEN

BASELINE = DATA / "quick_baseline.json"
ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class Made:
    """What answers were made with; "" for what is not known."""

    models: Mapping[str, str] = field(default_factory=dict)
    """Role -> SHA-256 of the model file."""
    prompt_hash: str = ""
    skills_hash: str = ""

    def others(self, now: Made) -> list[str]:
        """What `now` has otherwise, a phrase for each; a prompt or skill set that is not known is not told."""
        found = []
        for role in sorted(self.models.keys() | now.models.keys()):
            before, after = self.models.get(role, "")[:12], now.models.get(role, "")[:12]
            if before != after:
                was = f"the {role} model {before}" if before else f"no {role} model that it names"
                found.append(f"{was}, now {after or 'none'}")
        for what, before, after in (
            ("prompt", self.prompt_hash, now.prompt_hash),
            ("skill set", self.skills_hash, now.skills_hash),
        ):
            if before and after and before != after:
                found.append(f"the {what} {before}, now {after}")
        return found


@dataclass(frozen=True, slots=True)
class Baseline:
    """How the shipped model did on quick."""

    right: Mapping[str, bool]
    """Key of a case -> whether the call was right."""
    made: Made = field(default_factory=Made)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of the gate."""

    broken: Sequence[Answer]
    """Cases of must-pass that are not right."""
    must_pass: int
    """How many cases must-pass has."""
    lost: Sequence[Answer]
    """Cases of quick that the baseline has right."""
    gained: Sequence[Answer]
    paired: int
    """Cases of quick that the baseline has, too; lost and gained are among them."""
    unpaired: int
    """New or changed cases, which the baseline says nothing of."""
    right: int
    """Of the paired ones, now."""
    others: Sequence[str] = ()
    """What the baseline was made with and these answers were not; it fails nothing."""

    @property
    def p(self) -> float:
        """See `worse_by_chance`."""
        return worse_by_chance(len(self.lost), len(self.gained))

    @property
    def worse(self) -> bool:
        """Whether quick is measurably worse."""
        return self.p < ALPHA

    @property
    def passed(self) -> bool:
        """Whether the change may go in."""
        return not self.broken and not self.worse

    def to_json(self) -> dict[str, Any]:
        """The verdict as one object."""
        return {
            "passed": self.passed,
            "must_pass": {
                "n": self.must_pass,
                "broken": [_told(one) for one in self.broken],
            },
            "quick": {
                "n": self.paired,
                "right": self.right,
                "unpaired": self.unpaired,
                "lost": [_told(one) for one in self.lost],
                "gained": [_told(one) for one in self.gained],
                "p": self.p,
                "worse": self.worse,
                "baseline_made_with": list(self.others),
            },
        }


def worse_by_chance(lost: int, gained: int) -> float:
    """The one-sided p of the exact paired test: so many lost, or more, if each change were as likely to be a gain.

    Cases stand for themselves here, though paraphrases go together: the gate rather asks once too often.

    Source: McNemar 1947, in its exact form; 1.0 where nothing changed.
    """
    changed = lost + gained
    if not changed:
        return 1.0
    return float(sum(math.comb(changed, k) for k in range(lost, changed + 1)) / 2**changed)


def judge(
    must_pass: Sequence[Answer], quick: Iterable[Answer], baseline: Baseline, made: Made | None = None
) -> Verdict:
    """Hold the answers to both sets against what is demanded of them; `made`: what they were made with."""
    known, unpaired = [], 0
    for answer in quick:
        if answer.case.key in baseline.right:
            known.append(answer)
        else:
            unpaired += 1
    return Verdict(
        broken=[answer for answer in must_pass if not answer.right],
        must_pass=len(must_pass),
        lost=[one for one in known if baseline.right[one.case.key] and not one.right],
        gained=[one for one in known if one.right and not baseline.right[one.case.key]],
        paired=len(known),
        unpaired=unpaired,
        right=sum(one.right for one in known),
        others=baseline.made.others(made) if made is not None else (),
    )


def read_baseline(path: Path = BASELINE) -> Baseline:
    """The committed baseline. Raises UsageError where there is none, SkillError where it is spoilt."""
    try:
        found = read_json(path.read_text(encoding="utf-8"))
        right = dict.fromkeys(found["right"], True) | dict.fromkeys(found["wrong"], False)
        made = Made(found["models"], found.get("prompt_hash", ""), found.get("skills_hash", ""))
        return Baseline(right, made)
    except FileNotFoundError:
        raise UsageError(f"there is no baseline {path}; `hark eval gate --accept` writes it") from None
    except (ValueError, KeyError, TypeError) as fault:
        raise SkillError(f"{path} is no baseline ({fault}); `hark eval gate --accept` writes it anew") from None


def write_baseline(quick: Iterable[Answer], made: Made, path: Path = BASELINE) -> None:
    """Make these answers what later changes are held against. Raises OSError."""
    sides: dict[bool, list[str]] = {True: [], False: []}
    for answer in quick:
        sides[answer.right].append(answer.case.key)
    record = {**asdict(made), "right": sorted(sides[True]), "wrong": sorted(sides[False])}
    with written_whole(path) as out:
        json.dump(record, out, indent=0)
        out.write("\n")


def as_shipped(settings: Settings) -> Settings:
    """The settings that Hark ships with; runs are kept and tracked where this household keeps its own."""
    # The data folder also holds what this household learned, which does not ship.
    alone = Models(learned=NOTHING_LEARNED)
    return Settings(models=alone, paths=settings.paths, tracking=settings.tracking)


@dataclass(frozen=True, slots=True)
class Measured:
    """The answers to both sets."""

    must_pass: Sequence[Answer]
    quick: Sequence[Answer]
    made: Made


def measure(settings: Settings, told: Callable[[int], None] | None = None) -> Measured:
    """Run both sets, each kept as a run.

    Args:
        told: is told how many cases of both are done.
    Raises:
        MissingPiece, ConfigError, OSError: the model cannot be had.
    """
    from evals import running

    shipped, done = as_shipped(settings), 0
    answers: dict[str, Sequence[Answer]] = {}
    made = Made()
    for name in WRITTEN:
        prepared = running.prepare(shipped, running.Order(name))
        found = running.measure(prepared, _after(done, told))
        answers[name] = found.evidence()
        models = {role: sha for role, sha in found.meta["models"].items() if role != "listening"}
        made = Made(models, found.meta["prompt_hash"], found.meta["skills_hash"])
        done += len(answers[name])
    return Measured(answers["must-pass"], answers["quick"], made)


def _after(done: int, told: Callable[[int], None] | None) -> Callable[[int], None] | None:
    """Tells of one set's cases after those of the sets before it."""
    return None if told is None else lambda so_far: told(done + so_far)


def sentences(verdict: Verdict) -> list[str]:
    """The verdict in words, the last line says whether it passed."""
    lines = [f"must-pass: {verdict.must_pass - len(verdict.broken)} of {verdict.must_pass}"]
    lines += [f"  broken: {_line(one)}" for one in verdict.broken]
    share = f"{verdict.right / verdict.paired:.1%}" if verdict.paired else "nothing"
    lines.append(
        f"quick: {share} of {verdict.paired} right; {len(verdict.lost)} lost and {len(verdict.gained)} gained "
        f"against the baseline, p={verdict.p:.3f}" + (f"; {verdict.unpaired} are new" if verdict.unpaired else "")
    )
    lines += [f"  lost: {_line(one)}" for one in verdict.lost]
    if verdict.others:
        lines.append(
            f"note: the baseline was made with {' and '.join(verdict.others)}; `hark eval gate --accept` makes it anew"
        )
    lines.append(_ending(verdict))
    return lines


def _ending(verdict: Verdict) -> str:
    if verdict.passed:
        return "passed"
    faults = ["must-pass is broken"] * bool(verdict.broken) + ["quick is measurably worse"] * verdict.worse
    return f"not passed: {' and '.join(faults)}"


def _line(answer: Answer) -> str:
    wanted = " or ".join(_call(call["skill"], call["words"]) for call in answer.calls)
    got = answer.failed or _call(answer.skill, answer.words)
    return f"{answer.case.text!r} wants {wanted}, got {got}"


def _call(skill: str, words: Mapping[str, str]) -> str:
    return f"{skill}({', '.join(f'{name}={said!r}' for name, said in words.items())})"


def _told(answer: Answer) -> dict[str, Any]:
    return {
        "text": answer.case.text,
        "wanted": [{"skill": call["skill"], "words": dict(call["words"])} for call in answer.calls],
        "skill": answer.skill,
        "words": dict(answer.words),
        "failed": answer.failed,
    }
