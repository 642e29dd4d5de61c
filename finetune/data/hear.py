"""Noise as the recognizer makes it: a row is spoken, heard by the listening model, and what was heard is kept.

The argument words are found again in the heard text by aligning the two sentences letter by letter; a row that lost one
is dropped and counted. What was heard exactly as it was said is no new row.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from assistant.audio import RATE_HZ, Audio
from assistant.config import Speech
from assistant.prompt import plain
from evals.cases import Case, stands_in
from finetune.data.remembered import Remembered
from finetune.rows import Closed
from finetune.say import in_words

if TYPE_CHECKING:
    from assistant.speak import Speaker

SHARE = 0.35
"""Of the grown rows that are spoken and heard."""
VOICES = tuple(
    f"{accent}+{variant}"
    for accent in ("en-us", "en", "en-gb-scotland", "en-us-nyc", "en-029")
    for variant in ("m1", "m2", "m3", "m4", "m7", "f1", "f2", "f4", "f5", "Alex", "linda", "belinda", "steph")
)
"""espeak-ng's; none of those that the listening model is measured with (finetune.listening.voices.HELD_OUT)."""
RATES = (130, 200)
"""Words per minute, slowest and fastest."""
NOISE_DB = (6.0, 30.0)
"""Speech above noise; half of the clips have some."""
LIKE_WORDS = 55.0
"""rapidfuzz's ratio of an argument's words and of what was heard for them, 0..100: below it they are lost."""
LIKE_SENTENCE = 60.0
"""The same of the whole sentence: below it nobody could tell what was asked."""

SILENT, SAME, LOST, GARBLED = (
    "nothing was heard",
    "heard as it was said",
    "an argument's words were lost",
    "too little of the sentence was left",
)


class Hears(Protocol):
    """See `assistant.transcribe.Transcriber`."""

    def transcribe(self, audio: Audio) -> Any:
        """The sound's text, as `.text`."""


def reheard(case: Case, heard: str, closed: Closed) -> Case | str:
    """The row as it was heard; the reason it is dropped, where it is.

    Args:
        closed: skill -> argument -> its choices, () for an open one.
    """
    text = plain(plain(heard))
    if not text:
        return SILENT
    if sound_of(text) == sound_of(case.text):
        return SAME
    if fuzz.ratio(sound_of(case.text), sound_of(text)) < LIKE_SENTENCE:
        return GARBLED
    words = dict(case.words)
    for name, said in case.words.items():
        # What says a choice is part of the sentence around: "of" heard for "off" is no choice.
        if closed.get(case.skill, {}).get(name) or not stands_in(said, case.text):
            if _says_other(said, case.text, text):
                return LOST
            continue
        found = find_again(case.text, said, text)
        if found is None:
            return LOST
        words[name] = found
    return replace(case, text=text, words=words, source=f"heard-{case.source}")


def _says_other(choice: str, said: str, heard: str) -> bool:
    """Whether the choice's own word was said and is gone ("off" heard as "on" is another call)."""
    word = rf"\b{re.escape(choice.replace('_', ' '))}\b"
    return bool(re.search(word, said)) and not re.search(word, heard)


def find_again(said: str, words: str, heard: str) -> str | None:
    """The words of `heard` that stand where `words` stood in `said`; None where they cannot be told.

    Both are compared as they sound: "7:30" was heard as "seven thirty".

    Args:
        said, heard: plain texts.
    """
    sounded, words = sound_of(said), sound_of(words)
    match = re.search(rf"(?<!\w){re.escape(words)}(?!\w)", sounded)
    if match is None:
        return None
    tokens = list(re.finditer(r"\S+", heard))
    ends, heard_sound = [], ""
    for token in tokens:
        heard_sound += f" {sound_of(token[0])}" if heard_sound else sound_of(token[0])
        ends.append(len(heard_sound))
    start, end = (_place(sounded, heard_sound, at) for at in match.span())
    inside = [
        at
        for at, stop in enumerate(ends)
        if 2 * (min(end, stop) - max(start, begin := ends[at - 1] + 1 if at else 0)) >= stop - begin
    ]
    if not inside or _number_beside(tokens, inside[0], inside[-1]):
        return None
    found = heard[tokens[inside[0]].start() : tokens[inside[-1]].end()]
    return found if fuzz.ratio(words, sound_of(found)) >= LIKE_WORDS and stands_in(found, heard) else None


def _number_beside(tokens: Sequence[re.Match[str]], first: int, last: int) -> bool:
    """Whether a number goes on beyond the words: "[five minutes]" of "twenty five minutes" is not what was said."""
    before = first > 0 and _is_number(tokens[first - 1][0]) and _is_number(tokens[first][0])
    return before or (last + 1 < len(tokens) and _is_number(tokens[last][0]) and _is_number(tokens[last + 1][0]))


def _is_number(token: str) -> bool:
    return token.isdigit() or token in _NUMBERS


_NUMBERS = frozenset(in_words(number) for number in (*range(20), *range(20, 100, 10)))
_DIGITS = re.compile(r"(\d+)(?:([:.])(\d+))?(?:st|nd|rd|th)?")


def sound_of(text: str) -> str:
    """A plain text with its numbers as they are spoken: `7:30 p.m` -> `seven thirty pm`, `20 %` -> `twenty percent`."""

    def spoken(match: re.Match[str]) -> str:
        whole, mark, part = match.groups()
        if len(whole) > 6 or (part and len(part) > 6):
            return match[0]
        said = f" {in_words(int(whole))} "
        if not mark:
            return said
        digits = " ".join(in_words(int(digit)) for digit in part)
        minutes = in_words(int(part)) if part[0] != "0" else digits
        return f"{said}{minutes} " if mark == ":" else f"{said}point {digits} "

    text = re.sub(r"\b([ap])\.m\b\.?", r"\1m", text).replace("%", " percent ")
    return " ".join(_DIGITS.sub(spoken, text).split())


def _place(said: str, heard: str, at: int) -> int:
    """Where the character before which `at` stands in `said` went in `heard`."""
    for operation in Levenshtein.opcodes(said, heard):
        if operation.src_start <= at <= operation.src_end and (operation.src_end > at or at == len(said)):
            if operation.tag == "equal":
                return operation.dest_start + at - operation.src_start
            width = max(1, operation.src_end - operation.src_start)
            share = (at - operation.src_start) / width
            return operation.dest_start + round(share * (operation.dest_end - operation.dest_start))
    return len(heard)


@dataclass(frozen=True, slots=True)
class _Setting:
    """How one clip is made."""

    voice: str
    rate: int
    noise_db: float | None


class Booth:
    """Speaks sentences in many voices, and hears them."""

    def __init__(self, ears: Hears, kept: Remembered, closed: Closed, ears_name: str = "") -> None:
        """Args:
        kept: where what was heard is written down as it comes.
        closed: as for `reheard`.
        ears_name: names the listening model, so that another one hears for itself.
        """
        self._ears, self._kept, self._closed, self._name = ears, kept, closed, ears_name
        self._speakers: dict[tuple[str, int], Speaker] = {}
        self.dropped: Counter[str] = Counter()

    def hear(self, text: str, seed: int) -> str:
        """What was heard of a sentence, now or in an earlier run."""
        setting = _setting(text, seed)
        key = (self._name, text, json.dumps([setting.voice, setting.rate, setting.noise_db]))
        known = self._kept.get(*key)
        if known is not None:
            return known
        sound = self._spoken(text, setting)
        return self._kept.keep(str(self._ears.transcribe(sound).text), *key)

    def heard(self, cases: Iterable[Case], seed: int, told: Callable[[int], None] = lambda _: None) -> Iterator[Case]:
        """The rows that came through changed and whole; the others are counted in `dropped`."""
        for number, case in enumerate(cases, 1):
            row = reheard(case, self.hear(case.text, seed), self._closed)
            told(number)
            if isinstance(row, str):
                self.dropped[row] += 1
            else:
                yield row

    def _spoken(self, text: str, setting: _Setting) -> Audio:
        spoken = self._speaker(setting).speak(text)
        samples = _at_rate(spoken)
        if setting.noise_db is not None:
            samples = _with_noise(samples, setting.noise_db, text)
        pad = np.zeros(RATE_HZ // 5, dtype=np.float32)
        return Audio(np.concatenate([pad, samples, pad]), RATE_HZ)

    def _speaker(self, setting: _Setting) -> Speaker:
        from assistant.speak import Speaker

        key = (setting.voice, setting.rate)
        if key not in self._speakers:
            self._speakers[key] = Speaker(Speech(voice=setting.voice, rate=setting.rate))
        return self._speakers[key]


def _setting(text: str, seed: int) -> _Setting:
    """Drawn from the sentence itself, so that it is spoken the same way whatever else is spoken."""
    chance = random.Random(hashlib.sha256(f"{seed}:{text}".encode()).digest())
    rate = 10 * round(chance.uniform(*RATES) / 10)
    noise = round(chance.uniform(*NOISE_DB), 1) if chance.random() < 0.5 else None
    return _Setting(chance.choice(VOICES), rate, noise)


def _at_rate(audio: Audio) -> np.ndarray:
    """The samples at 16 kHz, shape (n,)."""
    import av

    frame = av.AudioFrame.from_ndarray(audio.samples[None], format="fltp", layout="mono")
    frame.sample_rate = audio.rate_hz
    resampler = av.AudioResampler("fltp", "mono", RATE_HZ)
    parts = [piece.to_ndarray()[0] for each in (frame, None) for piece in resampler.resample(each)]
    return np.concatenate(parts).astype(np.float32) if parts else np.zeros(0, dtype=np.float32)


def _with_noise(samples: np.ndarray, above_db: float, text: str) -> np.ndarray:
    """Noise whose power falls as that of a room does (pink), `above_db` below the speech."""
    if not len(samples):
        return samples
    source = np.random.default_rng(int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big"))
    spectrum = np.fft.rfft(source.standard_normal(len(samples)))
    spectrum[1:] /= np.sqrt(np.arange(1, len(spectrum)))
    noise = np.fft.irfft(spectrum, len(samples))
    level = np.sqrt((samples**2).mean()) / (np.sqrt((noise**2).mean()) + 1e-9) / 10 ** (above_db / 20)
    mixed: np.ndarray = np.clip(samples + level * noise, -1, 1).astype(np.float32)
    return mixed


def some(cases: Sequence[Case], share: float, seed: int) -> list[Case]:
    """The rows that are spoken: a share of them, the same ones for the same seed."""
    chance = random.Random(seed)
    return [case for case in cases if chance.random() < share]
