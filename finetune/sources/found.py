"""The shapes of a rule live with the rules, in evals.adapters: sets are read for measuring and for training alike."""

from evals.adapters.found import Found, Rule, Slots, call, word_set

__all__ = ["Found", "Rule", "Slots", "call", "word_set"]
