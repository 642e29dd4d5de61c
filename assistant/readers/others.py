"""What the readers know of languages besides English: units of time, and the "in" before them. Numbers are text2num's.

Read are numbers, lengths of time, what is counted from now ("in zwei Stunden", "dans deux jours"), and a time that is
a number alone ("sieben") or in digits ("7:30"). A length alone is no time: "sept heures" is seven o'clock. The words of
other times, days and arithmetic are read in English only.
"""

from __future__ import annotations

_UNITS = {
    "de": "sekunde sekunden sek|minute minuten min|stunde stunden std|tag tage tagen|woche wochen",
    "fr": "seconde secondes s|minute minutes min|heure heures h|jour jours|semaine semaines",
    "es": "segundo segundos|minuto minutos min|hora horas h|día días dia dias|semana semanas",
    "it": "secondo secondi|minuto minuti min|ora ore h|giorno giorni|settimana settimane",
    "nl": "seconde seconden|minuut minuten min|uur uren|dag dagen|week weken",
    "pt": "segundo segundos|minuto minutos min|hora horas h|dia dias|semana semanas",
}
_LENGTHS = (1, 60, 3600, 86400, 604800)

SECONDS = {
    language: {unit: length for units, length in zip(row.split("|"), _LENGTHS, strict=True) for unit in units.split()}
    for language, row in _UNITS.items()
}
"""Language -> unit -> seconds."""

AND = {"en": "and", "de": "und", "fr": "et", "es": "y", "it": "e", "nl": "en", "pt": "e"}
IN = {
    "fr": ("dans",),
    "es": ("en", "dentro de"),
    "it": ("tra", "fra"),
    "nl": ("over",),
    "pt": ("em", "daqui a", "dentro de"),
}
"""What stands before a length of time counted from now, besides "in"."""
ONE = {
    "en": ("a", "an", "one"),
    "de": ("ein", "eine", "einer", "einen"),
    "fr": ("un", "une"),
    "es": ("un", "una"),
    "it": ("un", "una", "un'"),
    "nl": ("een", "één"),
    "pt": ("um", "uma"),
}
