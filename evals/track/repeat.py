"""Repeat an evaluation, or say what a training would need for it, and hold what comes out against what came out.

An evaluation is repeated only with what it was made with: the set, the models, the prompt and the skills, each by its
checksum. What has changed or is gone is named instead.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assistant import models
from assistant.assemble import open_skills
from assistant.commands.frame import UsageError
from assistant.config import Settings
from assistant.prompt import prompt_hash
from assistant.skill import SkillError
from evals import machine
from evals.running import CLOCK, MADE_BY, Prepared, order_of, prepare
from evals.runs import Evidence, Run
from evals.sets import open_set
from evals.track.journal import Record, find, flat

MOST_SEARCHED = 50
"""Model files of the household that are held against a checksum."""
CHANGING = ("_s", "_ms", "seconds", "minutes", "per_second", "_mb", "switched")
"""Ends of figures that no two runs have alike: times, memory, and the switch, which a repetition never makes."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A case or figure that came out otherwise."""

    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Compared:
    """An old run held against its repetition."""

    n: int
    """Cases, or figures, that both have."""
    different: Sequence[Difference]
    largest: float
    """The largest difference of a confidence, or of a figure relative to its size (to 1 for a smaller one)."""

    @property
    def same(self) -> bool:
        """Whether nothing came out otherwise, and something came out at all."""
        return self.n > 0 and not self.different


# --- evaluations -----------------------------------------------------------------------------------------------------


def settings_of(settings: Settings, meta: Mapping[str, Any]) -> Settings:
    """The household's settings with those of a run put in; with its skill model, wherever that lies by now."""
    then = meta.get("settings") or {}
    household = {key: value for key, value in (then.get("household") or {}).items() if hasattr(settings.household, key)}
    found = settings.model_copy(
        update={
            "models": settings.models.model_copy(update=_known(then.get("models"), settings.models)),
            "decide": settings.decide.model_copy(update=_known(then.get("decide"), settings.decide)),
            "household": dataclasses.replace(settings.household, **household),
            "skills": settings.skills.model_copy(
                update={"disabled": tuple((then.get("skills") or {}).get("disabled", settings.skills.disabled))}
            ),
        }
    )
    kept = meta.get("models") or {}
    return _with_model(_with_model(found, "skill", str(kept.get("skill", ""))), "learned", str(kept.get("learned", "")))


def _known(values: Mapping[str, Any] | None, table: Any) -> dict[str, Any]:
    """What a newer or older Hark has no setting for is left out."""
    return {key: value for key, value in (values or {}).items() if key in type(table).model_fields}


def _with_model(settings: Settings, role: str, wanted: str) -> Settings:
    """The settings with the model of this checksum in a role, if it lies anywhere in this house; else as they are."""
    if not wanted:
        learned_since = role == "learned" and role in models.checksums(settings)
        return _choosing(settings, role, models.NOTHING_LEARNED) if learned_since else settings
    shipped = sorted((models.BUNDLED / "skill").glob("*.gguf"))
    ours = sorted(settings.paths.data.rglob("*.gguf"))[:MOST_SEARCHED]
    for path in ("", *map(str, (*shipped, *ours))):
        chosen = _choosing(settings, role, path) if path else settings
        if models.checksums(chosen).get(role) == wanted:
            return chosen
    return settings


def _choosing(settings: Settings, role: str, what: str) -> Settings:
    return settings.model_copy(update={"models": settings.models.model_copy(update={role: what})})


def changes(settings: Settings, run: Run) -> list[str]:
    """What a run was made with and is not here any more, a phrase for each.

    Args:
        settings: those of the run, as `settings_of` gives them.
    """
    meta, order = run.meta, order_of(run.meta)
    found = []
    try:
        if open_set(order.set, order.data).sha256 != meta.get("set_sha256"):
            found.append(f"the set {order.set} has changed")
    except (UsageError, SkillError, OSError) as error:
        found.append(f"the set {order.set} is not there ({error})")
    now = models.checksums(settings)
    for role, checksum in sorted((meta.get("models") or {}).items()):
        if role not in now:
            found.append(f"the {role} model {checksum[:12]} is not there")
        elif now[role] != checksum:
            found.append(f"the {role} model has changed: it was {checksum[:12]} and is {now[role][:12]}")
    found += [f"a {role} model was added, {now[role][:12]}" for role in sorted(now.keys() - (meta.get("models") or {}))]
    skills = open_skills(settings)
    if skills.hash != meta.get("skills_hash"):
        found.append("the skills have changed")
    if prompt_hash(skills.skills) != meta.get("prompt_hash"):
        found.append("the prompt has changed")
    if (meta.get("options") or {}).get("clock") not in (None, CLOCK.isoformat()):
        found.append("the clock that dates are read by has changed")
    return found


def remarks(meta: Mapping[str, Any]) -> Iterator[str]:
    """What else is not as it was, and may or may not matter."""
    then, now = meta.get("git") or meta.get("code") or {}, machine.code()
    if then.get("commit") != now.commit:
        before, after = (str(commit or "")[:12] or "no commit" for commit in (then.get("commit"), now.commit))
        yield f"the code was at {before} and is at {after}"
    elif then.get("sources") not in (None, now.sources):
        yield "the code has changes that it did not have"
    here = machine.machine()
    if (meta.get("machine") or {}).get("cpu") != here.get("cpu"):
        yield f"this machine is another one: {here.get('cpu', 'unknown')}"
    if ((meta.get("settings") or {}).get("models") or {}).get("server_model"):
        yield "a model server took part, which no checksum holds"


def prepare_again(settings: Settings, run: Run) -> Prepared:
    """The same run once more, under another name, ready to be measured.

    Raises:
        SkillError: it has no evidence, or something that it was made with is not here; the sentence names it.
    """
    if not run.evidence():
        raise SkillError(f"the run {run.name} has no evidence to hold a repetition against")
    order = order_of(run.meta)
    if made_by := order.variant.get(MADE_BY):
        raise SkillError(f"{run.name} was made by {made_by}, and is repeated by that command alone")
    then = settings_of(settings, run.meta)
    changed = changes(then, run)
    if changed:
        raise SkillError(f"{run.name} cannot be repeated: {'; '.join(changed)}")
    return prepare(then, order)


def hold_against(run: Run, again: Run, tolerance: float, settings: Settings) -> Compared:
    """Compare a run with its repetition, and note the outcome on the repetition where it is tracked."""
    compared = compare_cases(run.evidence(), again.evidence(), tolerance)
    with contextlib.suppress(UsageError, OSError):  # tracking is off, or cannot write: that was said
        tell_outcome(run.name, find(settings, again.name), compared)
    return compared


def compare_cases(before: Sequence[Evidence], after: Sequence[Evidence], tolerance: float) -> Compared:
    """Case by case: the same words heard, the same call with the same values, the same way to it, and as sure within
    `tolerance`.
    """
    repeated: dict[object, list[Evidence]] = defaultdict(list)
    for one in after:
        repeated[one.key].append(one)
    different, n, largest = [], 0, 0.0
    for old in before:
        what = old.case.text or old.case.sound
        if not repeated[old.key]:
            different.append(Difference(what, _outcome(old), "not run"))
            continue
        new = repeated[old.key].pop(0)
        n += 1
        largest = max(largest, abs(old.confidence - new.confidence))
        if _outcome(old) != _outcome(new) or abs(old.confidence - new.confidence) > tolerance:
            different.append(Difference(what, _sure(old), _sure(new)))
    return Compared(n, different, largest)


def _outcome(one: Evidence) -> str:
    words = ", ".join(
        f"{name}={value!r}" + (f" ({one.args[name]})" if name in one.args else "")
        for name, value in sorted(one.words.items())
    )
    heard = f"{one.heard!r} -> " if one.heard is not None else ""
    return f"{heard}{one.failed or f'{one.skill}({words})'} [{one.tier}]"


def _sure(one: Evidence) -> str:
    return f"{_outcome(one)} {one.confidence:.4f}"


# --- trainings -------------------------------------------------------------------------------------------------------


def compare_figures(before: Record, after: Record, tolerance: float) -> Compared:
    """The last of each figure that does not measure time or memory, within `tolerance` of its size.

    A training that broke off is held against its repetition at the step that it came to. What it was made from and
    could not be looked at before, such as its recipe, is compared, too.
    """
    old, new = before.figures(), after.figures()
    at_step = {(line["name"], line.get("step")): line for line in after.metrics()}
    different, n, largest = list(_other_inputs(before, after)), 0, 0.0
    for name in (name for name in old if not name.endswith(CHANGING)):
        value = old[name]["value"]
        if name not in new:
            different.append(Difference(name, f"{value:.6g}", "not there"))
            continue
        n += 1
        again = at_step.get((name, old[name].get("step")), new[name])["value"]
        apart = (
            0.0 if value == again or (value != value and again != again) else abs(value - again) / max(1, abs(value))
        )
        largest = max(largest, apart)
        if not apart <= tolerance:
            different.append(Difference(name, f"{value:.6g}", f"{again:.6g}"))
    return Compared(n, different, largest)


def _other_inputs(before: Record, after: Record) -> Iterator[Difference]:
    """What was said in words and numbers; files were held against their checksums before."""
    old, new = (dict(flat(record.meta.get("inputs") or {})) for record in (before, after))
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name) and not name.endswith((".path", ".bytes", ".sha256")):
            yield Difference(name, old.get(name, "not there"), new.get(name, "not there"))


def tell_outcome(name: str, again: Record, compared: Compared) -> None:
    """Note on a repetition what it repeats, and how it came out. Raises OSError."""
    how = "the same" if compared.same else f"otherwise in {len(compared.different)}"
    again.add_note(f"repeats {name}; came out {how}")
