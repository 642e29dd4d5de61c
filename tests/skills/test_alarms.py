"""Alarms and reminders: at the right moment of the household's clock, once, and told of when late."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest

from assistant.readers import Unreadable
from assistant.skill import Announcement, Ask, Context, Household, SkillError
from skills.alarms import cancel_alarm, list_alarms, remind, ring_alarms, set_alarm, silence_alarms

Say = Callable[..., str]
Make = Callable[..., Context]
PARIS = ZoneInfo("Europe/Paris")


def at(moment: str) -> dt.datetime:
    """A moment in Paris; the tests' context stands at monday 2026-03-02, noon."""
    return dt.datetime.fromisoformat(moment).replace(tzinfo=PARIS)


@pytest.mark.parametrize(
    ("words", "label", "rings"),
    [
        ({"time": "seven"}, "7 AM tomorrow", "2026-03-03T07:00"),
        ({"time": "seven pm"}, "7 PM today", "2026-03-02T19:00"),
        ({"time": "noon"}, "noon tomorrow", "2026-03-03T12:00"),
        ({"time": "half past six", "day": "friday"}, "6:30 AM Friday", "2026-03-06T06:30"),
        ({"time": "seven", "day": "tomorrow evening"}, "7 PM tomorrow", "2026-03-03T19:00"),
        ({"time": "9 am", "day": "monday"}, "9 AM Monday, March 9", "2026-03-09T09:00"),
        ({"time": "one", "day": "tonight"}, "1 AM tomorrow", "2026-03-03T01:00"),
        ({"time": "midnight", "day": "today"}, "midnight tomorrow", "2026-03-03T00:00"),
        ({"time": "1 am", "day": "friday night"}, "1 AM Saturday", "2026-03-07T01:00"),
        ({"time": "8", "day": "december third"}, "8 AM Thursday, December 3", "2026-12-03T08:00"),
        ({"time": "in twenty minutes"}, "12:20 PM today", "2026-03-02T12:20"),
    ],
)
def test_set(context: Context, make_context: Make, say: Say, words: dict[str, str], label: str, rings: str) -> None:
    """An alarm says its time and day, and rings then and not a second before."""
    assert say(set_alarm, context, **words) == f"Your alarm is set for {label}."
    assert ring_alarms(make_context(now=at(rings) - dt.timedelta(seconds=1))) == []
    (told,) = ring_alarms(make_context(now=at(rings)))
    assert told.ring
    assert ring_alarms(make_context(now=at(rings))) == []


def test_past(context: Context, say: Say) -> None:
    """An alarm for a moment that has gone by is refused."""
    with pytest.raises(SkillError, match="9 AM today has gone by already"):
        say(set_alarm, context, time="nine", day="today")


def test_twice(context: Context, say: Say) -> None:
    """The same alarm set twice is one alarm."""
    say(set_alarm, context, time="seven")
    assert say(set_alarm, context, time="7 am") == "Your alarm is already set for 7 AM tomorrow."
    assert say(list_alarms, context) == "You have 1 alarm: 7 AM tomorrow."


def test_every_weekday(context: Context, make_context: Make, say: Say) -> None:
    """An alarm for every weekday rings from day to day, not at the weekend, until it is cancelled."""
    assert say(set_alarm, context, time="seven", day="every weekday") == "Your alarm is set for 7 AM every weekday."
    rung = []
    for hour in range(24 * 8):
        house = make_context(now=context.now + dt.timedelta(hours=hour))
        rung += [house.now.strftime("%a") for _ in ring_alarms(house)]
        silence_alarms(house)
    assert rung == ["Tue", "Wed", "Thu", "Fri", "Mon", "Tue"]
    assert say(cancel_alarm, context) == "The alarm for 7 AM every weekday is cancelled."
    assert ring_alarms(make_context(now=at("2026-04-01T07:00"))) == []


def test_every_day_through_summer_time(make_context: Make, say: Say) -> None:
    """A daily alarm stays at the same wall clock time when the clocks change."""
    say(set_alarm, make_context(now=at("2026-03-27T12:00")), time="seven", day="every day")
    for day in (28, 29, 30):
        assert ring_alarms(make_context(now=at(f"2026-03-{day}T06:59"))) == []
        assert len(ring_alarms(make_context(now=at(f"2026-03-{day}T07:00")))) == 1


def test_late(context: Context, make_context: Make, say: Say) -> None:
    """What fell due while the program was off is told once on return, with its day, and does not ring."""
    say(set_alarm, context, time="seven")
    say(remind, context, what="call mum", when="tomorrow at eight am")
    back = make_context(now=at("2026-03-04T10:00"))
    assert ring_alarms(back) == [
        Announcement("While I was off, your alarm was due yesterday at 7 AM."),
        Announcement("While I was off, this reminder was due yesterday at 8 AM: call mum."),
    ]
    assert ring_alarms(back) == []


def test_late_repeating(context: Context, make_context: Make, say: Say) -> None:
    """A daily alarm missed for a week is told once, and the next one still rings."""
    say(set_alarm, context, time="seven", day="every day")
    (told,) = ring_alarms(make_context(now=at("2026-03-09T12:00")))
    assert not told.ring
    (next_one,) = ring_alarms(make_context(now=at("2026-03-10T07:00")))
    assert next_one == Announcement("It is 7 AM. This is your alarm.", ring=True)


def test_cancel(context: Context, say: Say) -> None:
    """The alarm meant is found by its time, in either half of the day; several without a time are asked about."""
    with pytest.raises(SkillError, match="No alarm is set"):
        say(cancel_alarm, context)
    say(set_alarm, context, time="six thirty")
    say(set_alarm, context, time="eight pm")
    with pytest.raises(Ask, match=re.escape("Which alarm: 8 PM today or 6:30 AM tomorrow?")):
        say(cancel_alarm, context)
    with pytest.raises(SkillError, match="There is no such alarm; there is 8 PM today"):
        say(cancel_alarm, context, time="five")
    assert say(cancel_alarm, context, time="eight") == "The alarm for 8 PM today is cancelled."
    assert say(cancel_alarm, context) == "The alarm for 6:30 AM tomorrow is cancelled."


def test_stop(context: Context, make_context: Make, say: Say) -> None:
    """ "Turn off the alarm" while it rings silences it, and leaves tomorrow's alone."""
    stopped = []
    say(set_alarm, context, time="one pm")
    say(set_alarm, context, time="seven")
    ringing = make_context(now=at("2026-03-02T13:00"), stop=lambda: stopped.append(True))
    assert len(ring_alarms(ringing)) == 1
    assert say(cancel_alarm, ringing) == "The alarm is off."
    assert stopped == [True]
    assert say(list_alarms, ringing) == "You have 1 alarm: 7 AM tomorrow."


def test_list(context: Context, make_context: Make, say: Say) -> None:
    """Alarms and reminders are told in the order they come, on the clock of the house."""
    assert say(list_alarms, context) == "No alarm is set, and no reminder."
    house = make_context(household=Household(twelve_hour=False))
    say(set_alarm, house, time="seven")
    say(set_alarm, house, time="seven pm")
    say(remind, house, what="water the plants", when="friday evening")
    assert say(list_alarms, house) == (
        "You have 2 alarms: 19:00 today and 7:00 tomorrow. You have 1 reminder: water the plants Friday at 19:00."
    )


@pytest.mark.parametrize(
    ("what", "when", "said", "told"),
    [
        ("call mum", "six", "today at 6 PM: call mum", "call mum"),
        ("take my pills", "in twenty minutes", "today at 12:20 PM: take your pills", "take your pills"),
        ("I'm out of milk", "tomorrow", "tomorrow at 9 AM: you're out of milk", "you're out of milk"),
        ("catch the train at 7 am", "at six", "today at 6 PM: catch the train at 7 am", "catch the train at 7 am"),
        ("ask what I am to buy", "at six", "today at 6 PM: ask what you are to buy", "ask what you are to buy"),
        ("the dentist", "next friday at noon", "Friday, March 13 at noon: the dentist", "the dentist"),
    ],
)
def test_remind(context: Context, make_context: Make, say: Say, what: str, when: str, said: str, told: str) -> None:
    """A reminder says back when and what, turned round to the one who is reminded, and comes once."""
    assert say(remind, context, what=what, when=when) == f"I will remind you {said}."
    later = make_context(now=context.now + dt.timedelta(days=30))
    (announced,) = ring_alarms(later)
    assert announced.text.endswith(f": {told}.")
    assert not announced.ring
    assert ring_alarms(later) == []


def test_reminder_on_time(context: Context, make_context: Make, say: Say) -> None:
    """A reminder comes at its minute."""
    say(remind, context, what="call mum", when="at six")
    assert ring_alarms(make_context(now=at("2026-03-02T17:59:59"))) == []
    assert ring_alarms(make_context(now=at("2026-03-02T18:00:01"))) == [Announcement("A reminder: call mum.")]


def test_reminder_without_time(context: Context, say: Say) -> None:
    """A reminder needs a moment to come: none, today alone, one gone by and every day are asked back about."""
    with pytest.raises(Ask, match="When shall I remind you: call your mum"):
        say(remind, context, what="call my mum")
    for when in ("today", "this morning", "every day at nine"):
        with pytest.raises(Unreadable):
            say(remind, context, what="call mum", when=when)
    assert say(list_alarms, context) == "No alarm is set, and no reminder."


@pytest.fixture
def full(make_context: Make, say: Say) -> Callable[[str], Context]:
    """A house with alarms and reminders; gives a context in which a sentence was said."""
    context = make_context()
    say(set_alarm, context, time="seven", day="every weekday")
    say(set_alarm, context, time="seven", day="saturday")
    say(set_alarm, context, time="eight pm")
    say(remind, context, what="call the vet", when="tomorrow at noon")
    say(remind, context, what="water the plants", when="friday at six pm")
    return lambda said: make_context(said=said)


def told(context: Context) -> str:
    return list_alarms(context)


def test_cancel_all(full: Callable[[str], Context], say: Say) -> None:
    """ "All alarms" are all of them, the reminders stay; all but one is not tried."""
    with pytest.raises(SkillError, match="all but some"):
        say(cancel_alarm, full("cancel all alarms except the one at eight"), time="eight")
    labels = "8 PM today, 7 AM every weekday and 7 AM Saturday"
    assert say(cancel_alarm, full("Cancel all my alarms.")) == f"I cancelled 3 alarms: {labels}."
    assert told(full("")).startswith("You have 2 reminders")


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("don't wake me on saturday", "The alarm for 7 AM Saturday is cancelled."),
        ("cancel today's alarm", "The alarm for 8 PM today is cancelled."),
        ("cancel my weekday alarm", "The alarm for 7 AM every weekday is cancelled."),
        ("cancel all weekend alarms", "The alarm for 7 AM Saturday is cancelled."),
        ("no alarm tomorrow please", "The alarm for 7 AM every weekday cannot be left out once"),
        ("cancel my alarm for sunday", "There is no such alarm; there is 8 PM today"),
    ],
)
def test_cancel_of_a_day(full: Callable[[str], Context], say: Say, said: str, answer: str) -> None:
    """The day that was said tells the alarms apart; one that comes again is never lost for the sake of one day."""
    try:
        heard = say(cancel_alarm, full(said))
    except SkillError as refused:
        heard = str(refused)
    assert heard.startswith(answer)


def test_both_are_two(full: Callable[[str], Context], say: Say) -> None:
    """ "Both" of three alarms takes none off, but asks which; of two that are left it takes off both."""
    both = full("cancel both alarms")
    with pytest.raises(Ask, match="Which alarm: 8 PM today, 7 AM every weekday or 7 AM Saturday"):
        say(cancel_alarm, both)
    say(cancel_alarm, full("cancel today's alarm"))
    assert say(cancel_alarm, both) == "I cancelled 2 alarms: 7 AM every weekday and 7 AM Saturday."


def test_cancel_same_time(full: Callable[[str], Context], say: Say) -> None:
    """Two alarms at one time cannot be told apart by it: what tells them apart is said, and no question goes round."""
    with pytest.raises(SkillError, match=r"There are 2 of them: .*Say the day, too"):
        say(cancel_alarm, full("cancel the seven am alarm"), time="seven am")
    assert say(cancel_alarm, full("cancel the seven am alarm on saturday"), time="seven am").startswith(
        "The alarm for 7"
    )


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("cancel my reminder about the vet", "The reminder is cancelled: call the vet tomorrow at noon."),
        ("delete the reminder to water the plants", "The reminder is cancelled: water the plants Friday at 6 PM."),
        ("cancel tomorrow's reminder", "The reminder is cancelled: call the vet tomorrow at noon."),
        ("cancel the reminder about my taxes", "There is no such reminder; there is call the vet"),
        ("cancel my reminder", "There are 2 reminders: call the vet"),
        ("delete all reminders", "I cancelled 2 reminders: call the vet"),
    ],
)
def test_cancel_reminder(full: Callable[[str], Context], say: Say, said: str, answer: str) -> None:
    """Who cancels a reminder loses that one, and no alarm."""
    try:
        heard = say(cancel_alarm, full(said))
    except SkillError as refused:
        heard = str(refused)
    assert heard.startswith(answer)
    assert "You have 3 alarms" in told(full(""))


@pytest.mark.parametrize("topic", ["pick me up", "pick you up", "i am late for my train", "my train"])
def test_cancel_reminder_of_oneself(make_context: Make, say: Say, topic: str) -> None:
    """A reminder is found by the words it was set with, and by those it is told with."""
    say(remind, make_context(), what="pick me up", when="at six")
    say(remind, make_context(), what="i am late for my train", when="at seven")
    answer = say(cancel_alarm, make_context(said=f"cancel the reminder about {topic}"))
    assert answer.startswith("The reminder is cancelled: " + ("pick you up" if "pick" in topic else "you are late"))


def test_cancel_reminder_of_an_older_store(make_context: Make, say: Say) -> None:
    """Reminders that were stored turned round, as they once were, are found by the words they were set with."""
    say(remind, make_context(), what="pick you up", when="at six")
    answer = say(cancel_alarm, make_context(said="cancel the reminder to pick me up"))
    assert answer == "The reminder is cancelled: pick you up today at 6 PM."


def test_no_reminder(make_context: Make, say: Say) -> None:
    """Where no reminder is set, none is cancelled."""
    with pytest.raises(SkillError, match="No reminder is set"):
        say(cancel_alarm, make_context(said="cancel my reminder"))


def test_move(make_context: Make, say: Say) -> None:
    """An alarm that is moved rings at the new time alone, on the days it rang before."""
    say(set_alarm, make_context(), time="seven", day="every weekday")
    moving = make_context(said="move my alarm to eight")
    moved = "Your alarm is moved from 7 AM every weekday to 8 AM every weekday."
    assert say(set_alarm, moving, time="eight") == moved
    assert told(moving) == "You have 1 alarm: 8 AM every weekday."
    assert say(set_alarm, moving, time="eight") == "Your alarm is already set for 8 AM every weekday."
    say(set_alarm, make_context(), time="noon")
    with pytest.raises(SkillError, match="You have 2 alarms"):
        say(set_alarm, moving, time="nine")


def test_cancel_all_that_ring(context: Context, make_context: Make, say: Say) -> None:
    """ "Cancel all alarms" while one rings silences it and takes off the waiting ones."""
    say(set_alarm, context, time="one pm")
    say(set_alarm, context, time="seven")
    stopped: list[bool] = []
    ringing = make_context(now=at("2026-03-02T13:00"), stop=lambda: stopped.append(True), said="cancel all alarms")
    assert len(ring_alarms(ringing)) == 1
    assert say(cancel_alarm, ringing) == "The alarm for 7 AM tomorrow is cancelled."
    assert stopped == [True]
    assert told(ringing) == "No alarm is set, and no reminder."
