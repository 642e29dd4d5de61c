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


@pytest.mark.parametrize(
    ("now", "words", "value"),
    [
        ("2026-10-14 10:30", "the third", "2026-10-03 12:00"),
        ("2026-10-14 10:30", "on monday october fifth", "2026-10-05 12:00"),
        ("2026-10-14 10:30", "the last friday of march", "2026-03-27 12:00"),
        ("2026-10-14 10:30", "last sunday in october", "2025-10-26 12:00"),
        ("2026-10-14 10:30", "this monday", "2026-10-12 12:00"),
        ("2026-10-14 10:30", "christmas", "2025-12-25 12:00"),
        ("2026-10-14 10:30", "in the night", "2026-10-13 20:00"),
        ("2026-10-14 18:30", "tonight", "2026-10-14 18:30"),
        ("2026-10-14 10:30", "last evening", "2026-10-13 19:00"),
        ("2026-10-14 10:30", "earlier this morning", "2026-10-14 09:00"),
        ("2027-01-01 00:30", "new year's eve", "2026-12-31 12:00"),
        ("2027-01-01 00:30", "the thirty first", "2026-12-31 12:00"),
        ("2027-02-02 09:00", "the first", "2027-02-01 12:00"),
        ("2026-03-30 00:30", "a day ago", "2026-03-29 00:30"),
    ],
)
def test_the_last_of_days_that_come_again(now: str, words: str, value: str) -> None:
    """Of months, weeks, holidays and nights, seen from other days."""
    at, wanted = (dt.datetime.fromisoformat(one).replace(tzinfo=BERLIN) for one in (now, value))
    assert read("past", words, now=at, household=Household()) == wanted


@pytest.mark.parametrize(
    "words", ["december 5th 2026", "tuesday october fifth", "march 3rd next year", "friday week", "a week on friday"]
)
def test_a_day_that_is_said_to_be_ahead_is_none_of_another_year(words: str) -> None:
    """Asked about, and not moved until it is over."""
    with pytest.raises(Unsettled, match="has not come yet"):
        read("past", words, now=dt.datetime(2026, 10, 14, 10, 30, tzinfo=BERLIN), household=Household())


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


@pytest.mark.parametrize(
    "said",
    ["tomorrow", "six", "the last friday of may", "last friday in november", "ten minutes earlier", "this morning"],
)
def test_a_skill_without_such_an_example_sets_what_is_to_come(said: str) -> None:
    """ "Friday" is the next one."""
    found = logging_skill("take a pill", f"take a pill [{said}](taken)")
    assert found.argument("taken").reader == "when"
    values = read_arguments(found, {"taken": "friday"}, now=EVENING, household=Household())
    assert values["taken"].date() == dt.date(2026, 3, 6)


def test_an_example_of_both_sets_what_is_to_come() -> None:
    """A diary of what was and what will be: "friday" is the next one, as for every other skill."""
    both = logging_skill("put down a run [yesterday](taken)", "put down a swim for [tomorrow](taken)")
    assert both.argument("taken").reader == "when"


def test_no_skill_of_ours_writes_down_what_was() -> None:
    """What they set is to come: reminders and alarms refuse what has gone by."""
    skills = open_skills(load_settings()).skills
    assert len(skills) > 30
    assert not [one.name for one in skills if any(argument.past for argument in one.arguments)]
