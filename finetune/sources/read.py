"""The public sets that may be trained on. Reading them is measuring's business: evals.adapters.

Licences: CLINC150 CC BY 3.0, HWU64 CC BY 4.0, Snips CC0, Thingpedia BSD-3-Clause, Home Assistant intents CC BY 4.0,
BFCL Apache-2.0. xSID is CC BY-SA 4.0 and serves measuring only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from evals.adapters.sentences import (
    RULES,
    bfcl,
    clinc,
    home_assistant,
    hwu,
    make_case,
    snips,
    thingpedia,
    xsid,
)
from evals.cases import Case
from evals.sets.kept import group_key

__all__ = ["READERS", "RULES", "group_key", "human_cases", "make_case", "xsid"]

READERS: dict[str, tuple[str, Callable[[Path], Iterator[Case | None]]]] = {
    "clinc150": ("clinc150", clinc),
    "hwu64": ("hwu64", hwu),
    "snips": ("snips", snips),
    "thingpedia": ("thingpedia", thingpedia),
    "ha_intents": ("ha_intents", home_assistant),
    "bfcl": ("bfcl", bfcl),
}
"""Sources that may be trained on: name -> (folder, reader)."""


def human_cases(data: Path) -> Iterator[Case]:
    """Every sentence of every set that may be trained on. Raises FileNotFoundError where a folder is missing."""
    for folder, reader in READERS.values():
        for case in reader(data / folder):
            if case is not None:
                yield case
