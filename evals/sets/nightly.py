"""Build the nightly set into a folder of the user's: thousands of cases, the same ones for the same seed and data.

It holds must-pass, quick and the overheard talk; human sentences of public sets that training keeps back; a part of
all of these spoken by synthetic voices that the shipped listening model was not trained on, clean and under noise;
and recordings: the public ones in DATA that it was not trained on either, a set of the user's own, and the labelled
turns of the household's diary.
espeak-ng speaks when the set is run, flite when it is built, for its clips are files.
"""

from __future__ import annotations

import random
import shutil
import subprocess
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from assistant.commands.frame import UsageError
from assistant.prompt import plain
from assistant.skill import Call
from evals.adapters import ADAPTERS, open_adapter
from evals.adapters.sounds import TRAINED_ON
from evals.cases import Case, write_cases
from evals.sets.held_out import overheard
from evals.sets.kept import on_held_side
from evals.sets.opened import NIGHTLY, NIGHTLY_FILE, WRITTEN, EvalSet, open_set

ESPEAK_VOICES = ("en-gb-x-gbcwmd", "en-us+Annie", "en+f3", "en-us+m5", "en-us+Michael")
FLITE_VOICES = ("rms",)
"""Voices that no clip of the listening model's training uses: finetune.listening.voices.HELD_OUT."""
NOISE_DB: tuple[float | None, ...] = (None, 20.0, 10.0, 5.0)
"""Speech over noise: none, a quiet room, a kitchen, a kitchen with the tap on."""
NEVER_TRAINED = ("xsid",)
"""Public sets that may not be trained on at all: all of their sentences are for measuring."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is built, and from what."""

    to: Path
    data: Path | None = None
    """The folder of the public sets; None builds from our own sentences alone."""
    recordings: Path | None = None
    """A file of cases with recordings of the user's own."""
    diary: Sequence[tuple[str, Call, Path | None]] = ()
    """The household's labelled turns: what was heard, the right call, the recording where one was kept."""
    spoken: int = 150
    """How many sentences are spoken, each by one voice at every level of noise."""
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Built:
    """What came of it."""

    file: Path
    counts: Mapping[str, int]
    """Part -> cases."""
    missing: Sequence[str] = field(default_factory=tuple)
    """A sentence for each part that could not be had."""


def build_nightly(plan: Plan) -> Built:
    """Build the set; its file appears when everything it names is there.

    Raises:
        UsageError: DATA holds no public set at all, or the user's own set does not open.
        OSError: the folder cannot be written.
    """
    missing: list[str] = []
    parts = {"ours": list(_ours())}
    if plan.data is not None:
        parts |= _public(plan.data, missing)
    plan.to.mkdir(parents=True, exist_ok=True)
    written = [case for name, mine in parts.items() if name not in _RECORDED for case in mine]
    chosen = _even(written, plan.spoken, plan.seed)
    parts["espeak"] = list(_by_espeak(chosen))
    parts["flite"] = list(_by_flite(chosen[: len(chosen) // 3], plan.to, missing))
    parts["yours"] = _yours(plan.recordings)
    parts["diary"] = list(_diary(plan.diary, plan.to))
    _copy_sounds(parts, plan)
    once = _once(parts)
    write_cases(plan.to / NIGHTLY_FILE, (replace(case, tier=NIGHTLY, weight=1.0) for _, case in once))
    return Built(plan.to / NIGHTLY_FILE, Counter(name for name, _ in once), missing)


_RECORDED = frozenset(("picovoice-orders", "picovoice-wake-words", "speech-to-phrase"))


def _once(parts: Mapping[str, Sequence[Case]]) -> list[tuple[str, Case]]:
    """Part and case; of cases that ask the same thing, which sources may answer differently, the first."""
    found: dict[tuple[str, str, tuple[str, ...]], tuple[str, Case]] = {}
    for name, mine in parts.items():
        for case in mine:
            heard = tuple(tag for tag in case.tags if tag.startswith(("voice:", "snr:")))
            found.setdefault((case.text, case.sound, heard), (name, case))
    return list(found.values())


def _ours() -> Iterator[Case]:
    for name in WRITTEN:
        yield from open_set(name).cases
    for case in overheard():
        yield replace(case, tags=("chatter", "overheard"))


def _public(data: Path, missing: list[str]) -> dict[str, list[Case]]:
    """Name of a set -> the cases of it that training keeps back. Raises UsageError where DATA holds none of them."""
    found: dict[str, list[Case]] = {}
    for name in ADAPTERS:
        try:
            cases = open_adapter(name, data).cases
        except UsageError as absent:
            missing.append(str(absent))
            continue
        if name in _RECORDED:
            found[name] = [case for case in cases if TRAINED_ON not in case.tags]
        else:
            found[name] = [case for case in cases if name in NEVER_TRAINED or on_held_side(case.group)]
    if not found:
        raise UsageError(f"there is no public set in {data}; {missing[0]}")
    return found


def _even(cases: Sequence[Case], size: int, seed: int) -> list[Case]:
    """About `size` different sentences, as even over the skills as there are; in an order of their own."""
    chance = random.Random(seed)
    by_skill: dict[str, list[Case]] = defaultdict(list)
    for text, case in sorted({case.text: case for case in cases}.items()):
        if text and case.args_known and len(text.split()) <= 14:
            by_skill[case.skill].append(case)
    for mine in by_skill.values():
        chance.shuffle(mine)
    taken: list[Case] = []
    while len(taken) < size and any(by_skill.values()):
        taken += [mine.pop() for _, mine in sorted(by_skill.items()) if mine]
    chance.shuffle(taken)
    return taken[:size]


def _by_espeak(cases: Sequence[Case]) -> Iterator[Case]:
    for at, case in enumerate(cases):
        voice = ESPEAK_VOICES[at % len(ESPEAK_VOICES)]
        for level in NOISE_DB:
            tags = (f"voice:{voice}", *((f"snr:{level:g}",) if level is not None else ()))
            yield replace(case, tags=(*case.tags, *tags))


def _by_flite(cases: Sequence[Case], to: Path, missing: list[str]) -> Iterator[Case]:
    """Clips of flite, where it is installed: a recorded speaker, unlike espeak-ng's."""
    if shutil.which("flite") is None:
        missing.append("flite is not installed; with it the set holds clips of a recorded speaker, too")
        return
    (to / "flite").mkdir(exist_ok=True)
    for at, case in enumerate(cases):
        voice, name = FLITE_VOICES[at % len(FLITE_VOICES)], f"flite/{at:04}.wav"
        with tempfile.TemporaryDirectory() as folder:
            words = Path(folder) / "words.txt"
            words.write_text(case.text, encoding="utf-8")  # as a file, so that no word is taken for an option
            subprocess.run(
                ["flite", "-voice", voice, "-f", str(words), "-o", str(to / name)], check=True, capture_output=True
            )
        yield replace(case, sound=name, tags=(*case.tags, f"flite:{voice}"))


def _yours(recordings: Path | None) -> list[Case]:
    if recordings is None:
        return []
    found: EvalSet = open_set(recordings)
    lost = next((case for case in found.cases if case.sound and not (found.folder / case.sound).is_file()), None)
    if lost is not None:
        raise UsageError(f"there is no recording {found.folder / lost.sound}, which {recordings} names")
    outside = next((case.sound for case in found.cases if not _is_inside(case.sound)), None)
    if outside is not None:
        raise UsageError(f"the recording {outside} lies outside of the folder of {recordings}; put it inside")
    return [replace(case, group=case.group or f"yours:{case.text or case.sound}") for case in found.cases]


def _is_inside(sound: str) -> bool:
    return not Path(sound).is_absolute() and ".." not in Path(sound).parts


def _diary(turns: Sequence[tuple[str, Call, Path | None]], to: Path) -> Iterator[Case]:
    """A turn that a person has labelled. What was heard may be wrong, so a recording stands without words."""
    for heard, call, sound in turns:
        text = plain(heard)
        known = Case(text, call.skill, dict(call.words), source="diary", group=f"diary:{text}")
        if sound is None or not sound.is_file():
            yield known
            continue
        (to / "diary").mkdir(exist_ok=True)
        shutil.copyfile(sound, to / "diary" / sound.name)
        yield replace(known, text="", sound=f"diary/{sound.name}")


def _copy_sounds(parts: dict[str, list[Case]], plan: Plan) -> None:
    """Recordings that lie elsewhere come into the folder, each part's under its own name."""
    places = {name: open_adapter(name, plan.data).folder for name in parts.keys() & _RECORDED}
    if plan.recordings is not None:
        places["yours"] = plan.recordings.parent
    for name, place in places.items():
        copied = []
        for case in parts[name]:
            if case.sound:
                target = plan.to / name / case.sound
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(place / case.sound, target)
                case = replace(case, sound=f"{name}/{case.sound}")
            copied.append(case)
        parts[name] = copied
