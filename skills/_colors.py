"""From the name of a color to what a lamp is sent, and whether it shows it. No skill lives here."""

from __future__ import annotations

import colorsys
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

_COLORED = frozenset(("hs", "rgb", "xy", "rgbw", "rgbww"))
_HUES = {
    "red": (0, 100), "orange": (30, 100), "amber": (45, 100), "gold": (51, 100), "golden": (51, 100),
    "yellow": (60, 100), "lime": (90, 100), "green": (120, 100), "mint": (150, 60), "turquoise": (174, 80),
    "teal": (180, 100), "cyan": (180, 100), "aqua": (180, 100), "sky blue": (197, 60), "azure": (210, 100),
    "blue": (240, 100), "navy": (240, 100), "indigo": (265, 100), "violet": (275, 90), "purple": (280, 100),
    "lavender": (270, 35), "lilac": (285, 40), "magenta": (300, 100), "pink": (330, 60), "rose": (340, 70),
    "crimson": (348, 90), "salmon": (10, 55), "coral": (16, 70), "peach": (28, 45), "brown": (25, 80),
}  # fmt: skip
"""Hue in degrees, saturation in percent, as they look on a lamp rather than on a screen."""
_WHITES = {
    "white": 4000, "warm white": 2700, "warm": 2700, "soft white": 3000, "candle light": 2200, "cool white": 5000,
    "neutral white": 4000, "cold white": 6000, "cool": 5000, "cold": 6000, "bright white": 5000, "daylight": 5500,
    "ivory": 3000,
}  # fmt: skip
"""In kelvin."""
_PALE = {"light": 0.55, "pale": 0.45, "soft": 0.6, "pastel": 0.4}
_DEEP = ("dark", "deep", "bright", "strong")


@dataclass(frozen=True, slots=True)
class Color:
    """A hue in degrees and a saturation in percent, or a white in kelvin."""

    hue: float = 0.0
    saturation: float = 0.0
    kelvin: int = 0

    def suits(self, modes: Collection[str]) -> bool:
        """Whether a lamp of these modes can show it."""
        return not _COLORED.isdisjoint(modes) or (bool(self.kelvin) and "color_temp" in modes)

    def data(self, modes: Collection[str]) -> dict[str, Any]:
        """What `light.turn_on` is sent."""
        if self.kelvin and "color_temp" in modes:
            return {"color_temp_kelvin": self.kelvin}
        if self.kelvin:
            return {"hs_color": [30, max(0, round((5000 - self.kelvin) / 60))]}
        return {"hs_color": [self.hue, self.saturation]}

    def is_shown(self, attributes: Mapping[str, Any]) -> bool:
        """Whether a lamp reports it, within what lamps round to."""
        if attributes.get("color_mode") == "color_temp":
            return bool(self.kelvin) and abs(float(attributes.get("color_temp_kelvin") or 0) - self.kelvin) <= 400
        reported = attributes.get("hs_color") or _to_hs(attributes.get("rgb_color"))
        if not reported:
            return False
        hue, saturation = float(reported[0]), float(reported[1])
        if self.kelvin:
            return saturation <= 50
        return abs((hue - self.hue + 180) % 360 - 180) <= 15 and abs(saturation - self.saturation) <= 25


def _to_hs(rgb: Any) -> tuple[float, float] | None:
    if not rgb:
        return None
    hue, saturation, _ = colorsys.rgb_to_hsv(*(float(part) / 255 for part in rgb))
    return hue * 360, saturation * 100


def read(words: str) -> Color | None:
    """The color of that name; None for an unknown one."""
    name = " ".join(words.casefold().replace("-", " ").split())
    if name in _WHITES:
        return Color(kelvin=_WHITES[name])
    if name in _HUES:
        return Color(*_HUES[name])
    modifier, _, base = name.partition(" ")
    if base in _HUES and modifier in _PALE:
        hue, saturation = _HUES[base]
        return Color(hue, round(saturation * _PALE[modifier]))
    if base in _HUES and modifier in _DEEP:
        return Color(*_HUES[base])
    return None
