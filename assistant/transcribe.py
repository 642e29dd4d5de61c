"""Speech to text: faster-whisper behind one small class.

One way for every Whisper: the voice-activity model finds the speech, the speech is cut at pauses into windows, each
window is decoded on its own. The shipped model is fed windows as long as the speech is; a model of OpenAI's is fed
thirty seconds, padded with silence, as it was trained. Silence and noise never reach the decoder, because Whisper
invents text for them; what it invents all the same is recognised by its repetition, its length, or its doubt.
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from assistant.audio import RATE_HZ
from assistant.files import read_json
from assistant.ngram import WordModel
from assistant.rescore import Rescorer
from assistant.skill import MissingPiece

if TYPE_CHECKING:
    from faster_whisper import WhisperModel
    from faster_whisper.tokenizer import Tokenizer

    from assistant.audio import Audio

FILES = ("model.bin", "config.json", "tokenizer.json")
WORDS = "words.npz"
"""A model of this project's has one beside it: which words people use together."""
NAME_TOKENS = 100
"""Of a Whisper's 224 before the text, so many at most hold the household's names (faster-whisper's "hotwords")."""
PAD_S = 0.3
"""kept before and after the speech; the shipped model was trained with 0 to 0.6 s before and 0.05 to 0.4 s after"""
PAUSE_S = 1.2
"""a longer pause begins a new window"""
BLOCK_S = 60.0
"""how much sound the voice-activity model sees at once: its memory grows with it"""
LETTERS_PER_SECOND = 28
"""faster than any speaker; more text than this was not said"""
GOES_ON = -8.0
"""Log probability of the end of a text after which the model would write on."""
DOUBT = -1.0
"""mean log probability of a token below which Whisper's own "no speech" is believed (Radford et al. 2022, 4.5)"""


@dataclass(frozen=True)
class Heard:
    """What was said."""

    text: str
    """stripped; "" when no speech was found"""
    language: str
    """ISO 639-1 code; "" when no speech was found and none was given"""
    confidence: float
    """mean probability of a word, 0..1; 1.0 for silence"""
    seconds: float
    """how long the recording was"""
    others: tuple[str, ...] = ()
    """the recognizer's runner-ups, the likeliest first; () where it was sure, or the speech longer than one window"""
    over: float | None = None
    """how likely nothing follows these words, 0..1; None where no word model stands beside the listening model"""


@dataclass(frozen=True)
class _Window:
    """A decoded stretch of speech."""

    text: str
    log_probability: float
    """of the whole text"""
    others: tuple[str, ...] = ()


class Transcriber:
    """A Whisper model in CTranslate2's format, ready to listen. Opening takes about half a second."""

    def __init__(self, model_dir: Path, *, threads: int = 2, language: str | None = None) -> None:
        """Open a model.

        Args:
            model_dir: a folder with `model.bin`, `config.json` and `tokenizer.json`.
            threads: processor threads to compute with.
            language: ISO 639-1 code; None lets a multilingual model find out for each recording.
        Raises:
            MissingPiece: the folder lacks a file, or holds one that is cut off or of something else.
        """
        self._model = _open(Path(model_dir), threads)
        self._language = language
        settings = _preprocessor(Path(model_dir))
        # A model of this project's takes windows of any length up to its own; its folder says so.
        self._pads: bool = settings.get("pad_to_window", True)
        self._max_tokens: int = settings.get("max_text_tokens", 224)
        self._beam: int = settings.get("beam_size", 5)
        words = Path(model_dir) / WORDS
        self._rescorer = Rescorer(WordModel(words)) if words.is_file() else None
        self._names: tuple[str, ...] = ()
        self.window_s: float = (
            self._model.feature_extractor.nb_max_frames * self._model.feature_extractor.time_per_frame
        )

    def expect(self, names: Sequence[str]) -> None:
        """Listen for the household's names (rooms, devices, artists, lists) from now on, and for no others."""
        self._names = tuple(names)
        if self._rescorer is not None:
            self._rescorer.expect(names)

    @property
    def listed(self) -> int:
        """How many words the word model beside the listening model knows; 0 where there is none."""
        return self._rescorer.listed if self._rescorer is not None else 0

    def transcribe(self, audio: Audio) -> Heard:
        """Turn a recording of any length into text.

        Args:
            audio: mono, float32 in -1..1, at 16,000 Hz.
        Source:
            Radford et al. 2022, section 4.5, for the guards; windows and pauses are ours.
        """
        language, done = self._language, []
        for start_s, end_s in windows(speech_spans(audio), audio.seconds, self.window_s):
            samples = audio.samples[int(start_s * RATE_HZ) : int(end_s * RATE_HZ)]
            encoded = self._model.model.encode(self._features(samples))
            if language is None:
                language = self._detect(encoded)
            window = self._decode(encoded, self._tokenizer(language), end_s - start_s)
            if window.text:
                done.append(window)
        text = " ".join(window.text for window in done)
        words = sum(max(1, len(window.text.split())) for window in done)
        confidence = math.exp(sum(window.log_probability for window in done) / words) if words else 1.0
        others = done[0].others if len(done) == 1 else ()
        over = round(self._rescorer.over(text), 4) if self._rescorer is not None and text else None
        return Heard(text, language or "", round(confidence, 4), round(audio.seconds, 3), others, over)

    def write_down(self, features: np.ndarray) -> list[str]:
        """The texts of a batch of clips that are features already; for making training rows.

        Args:
            features: (clips, mels, frames) float32 on Whisper's scale, at most one window long.
        """
        import ctranslate2

        if _mistaken(*features.shape[1:]):
            features = np.pad(features, ((0, 0), (0, 0), (0, 2)), mode="edge")
        encoded = self._model.model.encode(ctranslate2.StorageView.from_array(np.ascontiguousarray(features)))
        tokenizer = self._tokenizer(self._language or "en")
        prompts = [[*tokenizer.sot_sequence, tokenizer.no_timestamps]] * len(features)
        found = self._model.model.generate(encoded, prompts, beam_size=2, max_length=2 * self._max_tokens)
        return [tokenizer.decode(one.sequences_ids[0]).strip() for one in found]

    def _features(self, samples: np.ndarray) -> Any:
        """Return log-mel features, (1, mels, frames), for samples of at most one window."""
        import ctranslate2

        extractor = self._model.feature_extractor
        if self._pads:
            samples = np.pad(samples, (0, max(0, extractor.n_samples - len(samples))))[: extractor.n_samples]
        features = self._without_trap(samples)
        return ctranslate2.StorageView.from_array(np.ascontiguousarray(features[None], dtype=np.float32))

    def _without_trap(self, samples: np.ndarray) -> Any:
        """Log-mel features, (mels, frames), of a length that CTranslate2 does not mistake."""
        extractor = self._model.feature_extractor
        padding = 0 if self._pads else extractor.hop_length
        features = extractor(samples, padding=padding)[:, : extractor.nb_max_frames]
        if _mistaken(*features.shape):
            features = extractor(samples, padding=padding + 2 * extractor.hop_length)
        return features

    def _detect(self, encoded: Any) -> str:
        if not self._model.model.is_multilingual:
            return "en"
        best: str = self._model.model.detect_language(encoded)[0][0][0]
        return best[2:-2]

    def _tokenizer(self, language: str) -> Tokenizer:
        from faster_whisper.tokenizer import Tokenizer

        multilingual = self._model.model.is_multilingual
        return Tokenizer(self._model.hf_tokenizer, multilingual, "transcribe", language if multilingual else "en")

    def _decode(self, encoded: Any, tokenizer: Tokenizer, seconds: float) -> _Window:
        """Write down one window; the text is "" when it cannot have been said."""
        result = self._generated(encoded, tokenizer, seconds)
        heard = _hypotheses(result, tokenizer)
        text, chance = heard[0]
        mean = result.scores[0]
        invented = len(text) > LETTERS_PER_SECOND * seconds or (result.no_speech_prob > 0.6 and mean < DOUBT)
        if invented:
            return _Window("", 0.0)
        texts = [text for text, _ in heard]
        if self._rescorer is not None and text:
            found = self._rescorer.order([one for one in heard if one[0]], Again(self._model.model, encoded, tokenizer))
            texts = [one.text for one in found]
        first, *others = dict.fromkeys(one for one in texts if one) or [""]
        # The confidence stays the recognizer's own: a text that was corrected is not heard worse for it.
        return _Window(first, chance, tuple(others))

    def hypotheses(self, samples: np.ndarray) -> tuple[list[tuple[str, float]], Again]:
        """The recognizer's own (text, log probability) of one window, nothing added; and itself, to be asked again."""
        encoded, tokenizer = self._model.model.encode(self._features(samples)), self._tokenizer(self._language or "en")
        result = self._generated(encoded, tokenizer, len(samples) / RATE_HZ)
        heard = [one for one in _hypotheses(result, tokenizer) if one[0]]
        return heard, Again(self._model.model, encoded, tokenizer)

    def _generated(self, encoded: Any, tokenizer: Tokenizer, seconds: float) -> Any:
        return self._model.model.generate(
            encoded,
            [self._prompt(tokenizer)],
            beam_size=self._beam,
            num_hypotheses=self._beam,
            # CTranslate2 writes half as many tokens as it is told, as Whisper keeps one half for what came before.
            max_length=2 * min(self._max_tokens, 12 + int(LETTERS_PER_SECOND * seconds)),
            return_scores=True,
            return_no_speech_prob=True,
        )[0]

    def _prompt(self, tokenizer: Tokenizer) -> list[int]:
        """What the decoder is given; for a model that was trained with text before the text, the household's names."""
        start = [*tokenizer.sot_sequence, tokenizer.no_timestamps]
        if not self._names or not self._pads:
            return start
        names = tokenizer.encode(" " + ", ".join(self._names))[:NAME_TOKENS]
        return [tokenizer.sot_prev, *names, *start]


@dataclass(frozen=True)
class Again:
    """The listening model, asked about texts for a sound that it has encoded (`assistant.rescore.Listens`)."""

    model: Any
    encoded: Any
    tokenizer: Tokenizer

    def sounds(self, texts: Sequence[str]) -> list[float]:
        """The log probability of each text as a beginning."""
        import ctranslate2

        rows = np.repeat(np.array(self.encoded), len(texts), axis=0)
        start, tokens = list(self.tokenizer.sot_sequence), [self.tokenizer.encode(text) for text in texts]
        found = self.model.align(ctranslate2.StorageView.from_array(rows), start, tokens, 2 * rows.shape[1])
        return [float(np.log(np.maximum(one.text_token_probs, 1e-9)).sum()) for one in found]

    def ends(self, text: str) -> float:
        """The log probability that nothing follows this text."""
        tokens = self.tokenizer.encode(text)
        prompt = [*self.tokenizer.sot_sequence, self.tokenizer.no_timestamps, *tokens]
        room = 2 * (len(tokens) + 1)
        found = self.model.generate(self.encoded, [prompt], beam_size=1, max_length=room, return_scores=True)[0]
        # What the text was given counts as written, at no cost; where more is written, the end was not the likeliest.
        return float(found.scores[0] * (len(tokens) + 1)) if len(found.sequences_ids[0]) == len(tokens) else GOES_ON


def _hypotheses(result: Any, tokenizer: Tokenizer) -> list[tuple[str, float]]:
    """The texts of a beam with the log probability of each, its end included."""
    pairs = zip(result.sequences_ids, result.scores, strict=True)
    return [(without_loops(tokenizer.decode(ids).strip()), score * (len(ids) + 1)) for ids, score in pairs]


def _mistaken(mels: int, frames: int) -> bool:
    """Whether the encoding of so many frames would be encoded a second time.

    CTranslate2's `generate` takes what has as many rows as there are mels for features that still have to be encoded;
    an encoding has half as many rows as the sound has frames. For the shipped model that is sound of two and a half
    seconds, for which words were invented that nobody had said.
    """
    return -(-frames // 2) == mels


def speech_spans(audio: Audio, *, threshold: float = 0.4, pause_ms: int = 200) -> list[tuple[float, float]]:
    """Return when somebody speaks, as (start, end) in seconds, by the Silero model that faster-whisper carries.

    Args:
        audio: mono, float32, at 16,000 Hz, of any length: it is read in blocks.
        threshold: probability of speech that begins a span.
        pause_ms: a shorter silence does not end one.
    """
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    if audio.rate_hz != RATE_HZ:
        raise ValueError(f"speech is looked for at {RATE_HZ} Hz, not {audio.rate_hz}")
    options = VadOptions(
        threshold=threshold, min_speech_duration_ms=60, min_silence_duration_ms=pause_ms, speech_pad_ms=0
    )
    spans: list[tuple[float, float]] = []
    block, first, total = int(BLOCK_S * RATE_HZ), 0, len(audio.samples)
    while first < total:
        last = min(first + block, total)
        found = get_speech_timestamps(audio.samples[first:last], options)
        again = last
        if last < total and found and found[-1]["end"] > block - RATE_HZ // 2 and found[-1]["start"] > block // 2:
            again = first + found.pop()["start"]  # speech runs over the block's end: hear it whole in the next one
        spans += [((first + span["start"]) / RATE_HZ, (first + span["end"]) / RATE_HZ) for span in found]
        first = again
    return spans


def windows(spans: list[tuple[float, float]], total_s: float, longest_s: float) -> list[tuple[float, float]]:
    """Join spans of speech to windows of at most `longest_s` seconds, cut at pauses wherever there is one.

    A span that is longer than a window by itself is cut into equal parts: there the cut may fall into a word.
    """
    room_s = longest_s - 2 * PAD_S
    pieces = []
    for start, end in spans:
        parts = max(1, math.ceil((end - start) / room_s))
        pieces += [(start + (end - start) * n / parts, start + (end - start) * (n + 1) / parts) for n in range(parts)]
    joined: list[tuple[float, float]] = []
    for start, end in pieces:
        if joined and end - joined[-1][0] <= room_s and start - joined[-1][1] <= PAUSE_S:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    padded = []
    for number, (start, end) in enumerate(joined):
        before = joined[number - 1][1] if number else 0.0
        after = joined[number + 1][0] if number + 1 < len(joined) else total_s
        padded.append((max(start - PAD_S, (before + start) / 2 if number else 0.0),
                       min(end + PAD_S, (end + after) / 2 if after < total_s else total_s)))  # fmt: skip
    return padded


def without_loops(text: str) -> str:
    """Keep one of a run of four or more equal phrases: Whisper's way of stuttering on sound that is no speech.

    A phrase is any number of words, whatever punctuation they carry; a last one that is cut off goes with the run.
    """
    words = text.split()
    plain = [re.sub(r"\W", "", word).casefold() for word in words]
    kept: list[str] = []
    at = 0
    while at < len(words):
        length, run = _loop(plain, at)
        kept += words[at : at + length]
        at += run
    return " ".join(kept)


def _loop(words: list[str], at: int) -> tuple[int, int]:
    """(words of the phrase that begins here, words of its whole run); (1, 1) where nothing is said four times."""
    for length in range(1, (len(words) - at) // 4 + 1):
        end = at + length
        while end < len(words) and words[end] == words[end - length]:
            end += 1
        if end - at >= 4 * length and any(words[at : at + length]):
            whole = end if end == len(words) else at + (end - at) // length * length
            return length, whole - at
    return 1, 1


def _open(folder: Path, threads: int) -> WhisperModel:
    for name in FILES:
        if not (folder / name).is_file():
            raise MissingPiece(f"The listening model in {folder} lacks {name}; `hark models pull` fetches a whole one.")
    _refuse_foreign(folder / "model.bin")

    import ctranslate2  # noqa: F401  its own import error would be hidden by the one below
    from faster_whisper import WhisperModel

    try:
        return WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=threads, local_files_only=True)
    except Exception as error:
        reason = str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__
        raise MissingPiece(f"The listening model in {folder} is cut off or damaged ({reason}).") from error


def _refuse_foreign(path: Path) -> None:
    """CTranslate2 takes a foreign file's first bytes for sizes; so look for its signature first."""
    start = path.open("rb").read(64)
    version = struct.unpack("<I", start[:4])[0] if len(start) == 64 else 0
    if not 2 <= version <= 99 or b"WhisperSpec\0" not in start:
        raise MissingPiece(f"{path} is not a Whisper model in CTranslate2's format.")


def _preprocessor(folder: Path) -> dict[str, Any]:
    path = folder / "preprocessor_config.json"
    try:
        settings = read_json(path.read_text(encoding="utf-8")) if path.is_file() else {}
    except ValueError as error:
        raise MissingPiece(f"{path} is damaged.") from error
    return settings if isinstance(settings, dict) else {}
