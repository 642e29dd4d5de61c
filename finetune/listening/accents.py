"""Accents that nobody drew up: each speaker says some sounds as neighbouring ones, the same all through a sentence.

A synthesiser has a handful of accents, and a model that heard only these writes an unknown one as other words. What is
drawn here works on espeak-ng's phoneme mnemonics, as `espeak_TextToPhonemes` writes them with `|` between sounds.
"""

from __future__ import annotations

import random

STRESS = "',%="
SOUNDS = "|"
VOWELS = {
    "I": ("i:", "E", "@"), "I2": ("i", "@", "E"), "i": ("I", "eI"), "i:": ("I", "eI", "i@"), "E": ("a", "I", "eI"),
    "a": ("E", "A:", "V"), "aa": ("a", "A:"), "A:": ("a", "O:", "0"), "0": ("O:", "A:", "V"), "O2": ("O:", "A:"),
    "O:": ("0", "oU", "U"), "V": ("U", "a", "@"), "U": ("u:", "V"), "u:": ("U", "oU", "i:"), "3:": ("E", "O:", "e@"),
    "@": ("V", "I", "E"), "3": ("@", "a", "E"), "a#": ("@", "a", "E"), "eI": ("aI", "E", "e@"), "aI": ("OI", "A:"),
    "oU": ("aU", "O:", "0"), "aU": ("a", "oU", "E"), "OI": ("aI", "oU"), "e@": ("E", "3:"), "O@": ("O:", "oU"),
    "A@": ("A:", "a"), "o@": ("O:", "oU"), "i@": ("i:", "E"),
}  # fmt: skip
CONSONANTS = {
    "T": ("t", "f", "s"), "D": ("d", "v", "z"), "N": ("n",), "t#": ("t", "d"), "w": ("v",), "v": ("w", "f"),
    "z": ("s",), "dZ": ("tS", "Z"), "S": ("s",), "tS": ("S",), "b": ("p",), "d": ("t",), "g": ("k",), "h": ("",),
}  # fmt: skip


def accent(r: random.Random, strength: float) -> dict[str, str]:
    """Draw one: each vowel is another with probability `strength` (0..1), each consonant with a third of it."""
    drawn = {sound: r.choice(near) for sound, near in VOWELS.items() if r.random() < strength}
    return drawn | {sound: r.choice(near) for sound, near in CONSONANTS.items() if r.random() < strength / 3}


def spoken_with(accent: dict[str, str], mnemonics: str) -> str:
    """The mnemonics, words apart by blanks and sounds by `|`, with each sound of the accent replaced."""
    return " ".join(SOUNDS.join(_one(accent, sound) for sound in word.split(SOUNDS)) for word in mnemonics.split())


def _one(accent: dict[str, str], sound: str) -> str:
    bare = sound.lstrip(STRESS)
    return sound[: len(sound) - len(bare)] + accent.get(bare, bare)
