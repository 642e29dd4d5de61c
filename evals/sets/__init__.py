"""The sets that are measured on. None of them is trained on.

Three are written or built by this project: must-pass (zero tolerance), quick (every skill, under half a minute) and
nightly (thousands, built into a folder that the user names). A public set is read from the user's copy of it, through
an adapter; any file of cases is a set, too.
"""

from evals.sets.held_out import balanced, chatter, held_out, overheard
from evals.sets.kept import Kept, group_key, kept_from_training, on_held_side
from evals.sets.opened import DATA, WRITTEN, EvalSet, hold_skills, must_exist, open_set, problems

__all__ = [
    "DATA",
    "WRITTEN",
    "EvalSet",
    "Kept",
    "balanced",
    "chatter",
    "group_key",
    "held_out",
    "hold_skills",
    "kept_from_training",
    "must_exist",
    "on_held_side",
    "open_set",
    "overheard",
    "problems",
]
