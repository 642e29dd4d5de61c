"""Moments that have gone by, and the arguments that mean them."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from assistant.assemble import open_skills
from assistant.config import load_settings
from assistant.readers import Unreadable, Unsettled, read, read_arguments
from assistant.skill import Argument, Context, Household, Skill, When, skill

BERLIN = ZoneInfo("Europe/Berlin")
EVENING = dt.datetime(2026, 3, 4, 19, 15, tzinfo=BERLIN)
"""A wednesday."""
MORNING = EVENING.replace(hour=8)

SAID = [
    ("just now", "2026-03-04 19:15"),
    ("today", "2026-03-04 19:15"),
    ("earlier today", "2026-03-04 19:15"),
    ("an hour ago", "2026-03-04 18:15"),
    ("about half an hour ago", "2026-03-04 18:45"),
    ("two days ago", "2026-03-02 19:15"),
    ("this morning", "2026-03-04 09:00"),
    ("in the morning", "2026-03-04 09:00"),
    ("this evening", "2026-03-04 19:00"),
    ("at eight this morning", "2026-03-04 08:00"),
    ("eight", "2026-03-04 08:00"),
    ("half past seven", "2026-03-04 07:30"),
    ("six", "2026-03-04 18:00"),
    ("noon", "2026-03-04 12:00"),
    ("yesterday", "2026-03-03 12:00"),
    ("yesterday evening", "2026-03-03 19:00"),
    ("yesterday at four", "2026-03-03 16:00"),
    ("ten past nine yesterday", "2026-03-03 09:10"),
    ("last night", "2026-03-03 20:00"),
    ("last night at one", "2026-03-04 01:00"),
    ("last night at eleven", "2026-03-03 23:00"),
    ("the day before yesterday", "2026-03-02 12:00"),
    ("monday", "2026-03-02 12:00"),
    ("on monday morning", "2026-03-02 09:00"),
    ("on friday at half past six pm", "2026-02-27 18:30"),
    ("wednesday", "2026-02-25 12:00"),
    ("last tuesday", "2026-03-03 12:00"),
    ("the second of march", "2026-03-02 12:00"),
    ("the fifth of may", "2025-05-05 12:00"),
]
TO_COME = ("tomorrow", "tonight at eleven", "tomorrow at nine", "in two hours", "next friday")


@pytest.mark.parametrize(("words", "value"), SAID)
def test_a_moment_that_has_gone_by(words: str, value: str) -> None:
    """Said on a wednesday at a quarter past seven in the evening; in the zone of the household."""
    found = read("past", words, now=EVENING, household=Household())
    assert found == dt.datetime.fromisoformat(value).replace(tzinfo=BERLIN)
    assert found.tzinfo is BERLIN


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("this morning", "2026-03-04 08:15"),  # not over yet: it is now
        ("noon", "2026-03-03 12:00"),
        ("nine", "2026-03-03 21:00"),
        ("ten to eight", "2026-03-04 07:50"),
    ],
)
def test_what_is_not_over_is_now_or_was_yesterday(words: str, value: str) -> None:
    """The same words in the morning."""
    assert read("past", words, now=MORNING, household=Household()) == dt.datetime.fromisoformat(value).replace(
        tzinfo=BERLIN
    )


@pytest.mark.parametrize("words", TO_COME)
def test_what_is_to_come_is_no_moment_that_has_gone_by(words: str) -> None:
    """It is refused in a sentence."""
    with pytest.raises(Unreadable):
        read("past", words, now=EVENING, household=Household())


@pytest.mark.parametrize("words", ["this afternoon", "tonight", "half past ten this evening"])
def test_a_part_of_today_that_has_not_begun_is_asked_about(words: str) -> None:
    """The words are understood, only they cannot be meant."""
    with pytest.raises(Unsettled, match=r"has not come yet\. When was it\?"):
        read("past", words, now=MORNING, household=Household())


@pytest.mark.parametrize("hour", range(24))
def test_no_moment_that_has_gone_by_lies_ahead(hour: int) -> None:
    """Whatever the hour, what is read is not after now."""
    now = EVENING.replace(hour=hour)
    for words, _ in SAID:
        try:
            assert read("past", words, now=now, household=Household()) <= now, words
        except Unsettled:
            assert any(one in words for one in ("this", "morning", "evening")), words


def test_an_hour_ago_is_counted_in_real_time() -> None:
    """On the morning in march on which a clock skips an hour."""
    now = dt.datetime(2026, 3, 29, 3, 30, tzinfo=BERLIN)
    assert read("past", "an hour ago", now=now, household=Household()) == dt.datetime(2026, 3, 29, 1, 30, tzinfo=BERLIN)


def logging_skill(*examples: str) -> Skill:
    @skill(examples=examples)
    def log_pill(_context: Context, *, taken: When | None = None) -> str:
        """Write down that a pill was taken."""
        return f"{taken}"

    return log_pill.__skill__  # type: ignore[attr-defined, no-any-return]


@pytest.mark.parametrize(
    "said", ["last night", "yesterday at six", "an hour ago", "Yesterday", "last tuesday", "just now"]
)
def test_an_example_tells_that_a_skill_writes_down_what_was(said: str) -> None:
    """One that has gone by is enough; then "friday" is the last one, and "six" the last six."""
    found = logging_skill("i took a pill", f"i took a pill [{said}](taken)", "a pill at [six](taken)")
    assert found.argument("taken") == Argument("taken", "when", False, past=True)
    values = read_arguments(found, {"taken": "friday"}, now=EVENING, household=Household())
    assert values["taken"].date() == dt.date(2026, 2, 27)


@pytest.mark.parametrize("said", ["tomorrow", "six", "the last friday of may", "last thing tonight", "this morning"])
def test_a_skill_without_such_an_example_sets_what_is_to_come(said: str) -> None:
    """ "Friday" is the next one."""
    found = logging_skill("take a pill", f"take a pill [{said}](taken)")
    assert found.argument("taken").reader == "when"
    values = read_arguments(found, {"taken": "friday"}, now=EVENING, household=Household())
    assert values["taken"].date() == dt.date(2026, 3, 6)


def test_no_skill_of_ours_writes_down_what_was() -> None:
    """What they set is to come: reminders and alarms refuse what has gone by."""
    skills = open_skills(load_settings()).skills
    assert len(skills) > 30
    assert not [one.name for one in skills if any(argument.past for argument in one.arguments)]
