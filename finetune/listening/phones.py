"""One phone set for every engine: flite's names (CMU's), to which espeak-ng's mnemonics are mapped."""

from __future__ import annotations

PHONES = (  # noqa: SIM905
    "pau aa ae ah ao aw ax ay b ch d dh eh er ey f g hh ih iy jh k l m n ng ow oy p r s sh t th uh uw v w y z zh"
).split()
SILENCE = 0
_INDEX = {name: index for index, name in enumerate(PHONES)}
_ESPEAK = {
    "_": "pau", "_:": "pau", "_!": "pau", "_|": "pau",
    "a": "ae", "aa": "ae", "a#": "ax", "A:": "aa", "A@": "aa", "0": "aa", "E": "eh", "e@": "eh", "3": "er", "3:": "er",
    "VR": "er", "IR": "er", "V": "ah", "@": "ax", "@2": "ax", "@5": "ax", "@-": "ax", "@L": "l", "I": "ih", "I2": "ih",
    "I#": "ih", "i": "iy", "i:": "iy", "i@": "ih", "i@3": "ih", "O": "ao", "O:": "ao", "O2": "ao", "O@": "ao",
    "o@": "ao", "OI": "oy", "oU": "ow", "U": "uh", "U@": "uh", "u:": "uw", "aI": "ay", "aI2": "ay", "aI3": "ay",
    "aI@": "ay", "aU": "aw", "eI": "ey",
    "D": "dh", "T": "th", "S": "sh", "Z": "zh", "tS": "ch", "dZ": "jh", "N": "ng", "j": "y", ";": "y", "h": "hh",
    "r-": "r", "n-": "n", "t#": "t", "t2": "t", "t[": "t", "?": "t", "w#": "w", "x": "k",
}  # fmt: skip


def phone_of(name: str) -> int:
    """Return the class of an engine's phone; what is not known (rare marks) counts as silence."""
    name = name.lstrip("',%=")
    return _INDEX.get(_ESPEAK.get(name, name), SILENCE)
