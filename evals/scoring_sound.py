"""What hearing costs: the word error of what was written down, and the loss from the words alone to their sound."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from rapidfuzz.distance import Levenshtein

from evals.answers import sound_form
from evals.cases import Case
from evals.difference import Difference
from evals.intervals import Clusters, share_of
from evals.runs import Evidence

Json = dict[str, Any]
SAYS = "says:"
"""A tag of this kind holds words that a recording says whose words are not all known."""


def word_errors(wanted: str, heard: str) -> tuple[int, int]:
    """(words wrong, missing or too many; words wanted), numbers in digits and without punctuation on both sides."""
    reference = sound_form(wanted)
    return Levenshtein.distance(reference, sound_form(heard)), len(reference)


def word_error(evidence: Sequence[Evidence], seed: int = 0) -> Json | None:
    """The word error over everything that was heard and whose words are known; None where nothing was.

    "value" is all errors over all words; "whole" the share of sentences without any error.
    """
    heard = [one for one in evidence if one.heard is not None and one.case.text and not one.failed]
    if not heard:
        return None
    counts = [word_errors(one.case.text, one.heard or "") for one in heard]
    groups = [one.group for one in heard]
    figure = Clusters(groups, seed=seed).ratio([errors for errors, _ in counts], [words for _, words in counts])
    whole = share_of([errors == 0 for errors, _ in counts], groups)
    return {**figure.to_json(), "words": sum(words for _, words in counts), "whole": whole.to_json()}


def details_heard(case: Case, heard: str) -> bool:
    """Whether everything was heard that the case's tags name."""
    words = f" {' '.join(sound_form(heard))} "
    said = (tag.removeprefix(SAYS) for tag in case.tags if tag.startswith(SAYS))
    return all(f" {' '.join(sound_form(detail))} " in words for detail in said)


def details(evidence: Sequence[Evidence]) -> Json | None:
    """The share of recordings of which every named detail was heard, which is what some public sets publish.

    None where no recording names any.
    """
    heard = [one for one in evidence if one.heard is not None and not one.failed]
    named = [one for one in heard if any(tag.startswith(SAYS) for tag in one.case.tags)]
    if not named:
        return None
    return share_of([details_heard(one.case, one.heard or "") for one in named], [one.group for one in named]).to_json()


def loss(text: Sequence[Evidence], heard: Sequence[Evidence], seed: int = 0) -> Json:
    """The same sentences decided from their words and from their sound.

    Returns:
        {"n", "text", "heard", "difference"}: the shares that are right over the sentences that have both, each clip
        held against its own sentence, and heard minus text with its interval; below 0 hearing costs something.
    """
    right: Mapping[tuple[object, ...], bool] = {one.sentence: one.right for one in text if not one.failed}
    pairs: dict[str, list[bool]] = defaultdict(list)
    groups = []
    for one in heard:
        if not one.failed and one.case.skill and one.sentence in right:
            pairs["text"].append(right[one.sentence])
            pairs["heard"].append(one.right)
            groups.append(one.group)
    difference = Difference(pairs["text"], pairs["heard"], groups)
    return {
        "n": len(groups),
        "text": share_of(pairs["text"], groups).to_json(),
        "heard": share_of(pairs["heard"], groups).to_json(),
        "difference": difference.interval(seed).to_json() if groups else None,
    }
