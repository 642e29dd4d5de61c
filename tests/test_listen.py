"""The state machine, fed with scripted frames: `#` is speech, `.` is quiet, `W` ends the wake word."""

from __future__ import annotations

import pytest

from assistant.listen import FRAME_MS, PATIENCE, Do, Finish, Frame, Listener, Rules, Span, State, with_silence

SOFT = {"#": Frame(0.9), ".": Frame(0.05), "W": Frame(0.9, woken=True), "~": Frame(0.4)}
COMPLETE_MS = PATIENCE["normal"].complete_ms
QUIET_MS = {name: one.usual_ms for name, one in PATIENCE.items()}


def play(listener: Listener, script: str) -> list[Do]:
    """Everything ordered while the script is heard."""
    return [order.do for mark in script for order in listener.hear(SOFT[mark])]


def quiet(ms: int) -> str:
    """The frames that are silent throughout, in so much silence."""
    return "." * (ms // FRAME_MS)


def speech(ms: int) -> str:
    """So much speech."""
    return "#" * -(-ms // FRAME_MS)


def awake() -> Listener:
    """One that has just heard the wake word."""
    listener = Listener(Rules())
    play(listener, "...W")
    return listener


def working() -> Listener:
    """One that is told something and works on it."""
    listener = awake()
    play(listener, speech(640) + quiet(200))
    listener.considered(Finish.COMPLETE)
    play(listener, quiet(400))
    assert listener.state is State.WORKING
    return listener


def speaking() -> Listener:
    """One whose answer is being said."""
    listener = working()
    listener.answered()
    return listener


def test_asleep_it_hears_nothing() -> None:
    """Without the wake word no talk leads to anything."""
    listener = Listener(Rules())
    assert play(listener, (speech(2000) + quiet(2000)) * 5) == []
    assert listener.state is State.ASLEEP


def test_a_whole_turn() -> None:
    """Wake word, speech, early work at the first pause, and the act only when the silence has held."""
    listener = awake()
    assert play(listener, speech(960) + quiet(160)) == [Do.CONSIDER]
    listener.considered(Finish.COMPLETE)
    assert play(listener, quiet(COMPLETE_MS - 160 - FRAME_MS)) == []
    assert play(listener, ".") == [Do.ACT]
    listener.answered()
    assert listener.state is State.SPEAKING
    assert [order.do for order in listener.finished()] == [Do.SLEEP]
    assert listener.state is State.ASLEEP


def test_whoever_goes_on_is_heard_on() -> None:
    """A pause inside throws the early work away; the next pause considers the utterance from its beginning."""
    listener = awake()
    orders = [order for mark in speech(640) + quiet(192) for order in listener.hear(SOFT[mark])]
    first = orders[0].span
    assert [order.do for order in orders] == [Do.CONSIDER]
    listener.considered(Finish.COMPLETE)
    orders = [order for mark in speech(640) + quiet(128) for order in listener.hear(SOFT[mark])]
    assert [order.do for order in orders] == [Do.FORGET, Do.CONSIDER]
    assert first is not None and orders[1].span == Span(first.first, listener.now)


@pytest.mark.parametrize("preset", ["normal", "patient"])
@pytest.mark.parametrize("finish", list(Finish))
@pytest.mark.parametrize("pause_ms", [96, 200, 300, 384, 400])
def test_no_pause_of_400_ms_ends_an_utterance(preset: str, finish: Finish, pause_ms: int) -> None:
    """At a pause of up to 400 ms nothing is done before the speaker has gone on, however finished the words sound."""
    listener = Listener(Rules(patience=PATIENCE[preset]))
    play(listener, "W")
    heard = play(listener, speech(640))
    for mark in quiet(pause_ms):
        heard += play(listener, mark)
        listener.considered(finish)
    heard += play(listener, speech(640))
    assert Do.ACT not in heard and listener.state is State.HEARING


@pytest.mark.parametrize("preset", list(PATIENCE))
@pytest.mark.parametrize(
    ("finish", "field"),
    [
        (Finish.OVER, "over_ms"),
        (Finish.COMPLETE, "complete_ms"),
        (Finish.OPEN, "usual_ms"),
        (Finish.UNFINISHED, "unfinished_ms"),
    ],
)
def test_what_was_said_decides_how_long_the_wait_is(preset: str, finish: Finish, field: str) -> None:
    """A complete call is over soon, a plainly unfinished one late, anything else in between."""
    listener = Listener(Rules(patience=PATIENCE[preset]))
    play(listener, "W" + speech(640))
    waited = 0
    while Do.ACT not in play(listener, "."):
        waited += FRAME_MS
        listener.considered(finish)
    wanted = getattr(PATIENCE[preset], field)
    assert wanted - FRAME_MS <= waited < wanted + FRAME_MS


SURE, HARDLY, NONE = 0.9, 0.4, 0.05
"""Speech; what goes on as speech and would not begin it; none."""


def hear(listener: Listener, *heard: tuple[float, int]) -> list[Do]:
    """Everything ordered while (probability of speech, milliseconds of stillness) are heard."""
    orders = []
    for speech, still_ms in heard:
        orders += [order.do for order in listener.hear(Frame(speech, still_ms=still_ms))]
        listener.considered(Finish.OVER)
    return orders


def waited_ms(*after: tuple[float, int]) -> int:
    """From the last sure frame of an utterance to the act on it; `after` comes first, then a room that is still."""
    listener = Listener(Rules(always_on=True))
    hear(listener, *[(SURE, 0)] * 20)
    frames = list(after)
    still_ms = frames[-1][1] if frames else 0
    while Do.ACT not in hear(listener, *frames):
        still_ms += FRAME_MS
        frames = [(NONE, still_ms)]
        assert listener.now < 200
    return (listener.now - 20) * FRAME_MS


def test_a_silence_begins_when_the_room_falls_still() -> None:
    """Frames that voice activity still takes for speech, in a room that is still, belong to the silence."""
    over_ms = PATIENCE["normal"].over_ms
    lingers = [(HARDLY, FRAME_MS * (at + 1)) for at in range(4)]
    assert over_ms <= waited_ms() < over_ms + FRAME_MS
    assert waited_ms(*lingers) == waited_ms()


def test_no_silence_began_long_before_speech_was_sure() -> None:
    """Speech too soft to stand out of the room, in which voice activity is sure, is no silence."""
    soft = [(SURE, FRAME_MS * (at + 1)) for at in range(8)]
    assert waited_ms(*soft) >= 8 * FRAME_MS + PATIENCE["normal"].over_ms - 2 * FRAME_MS


def test_a_soft_beginning_holds_the_end_back() -> None:
    """What sounds when the wait is over may be somebody who goes on; sound without speech is not waited for long."""
    over_ms = PATIENCE["normal"].over_ms
    quiet_frames = over_ms // FRAME_MS
    held = [(NONE, FRAME_MS * (at + 1)) for at in range(quiet_frames)] + [(NONE, 0)]
    listener = Listener(Rules(always_on=True))
    assert Do.ACT not in hear(listener, *[(SURE, 0)] * 20, *held, *[(SURE, 0)] * 10)
    assert listener.state is State.HEARING
    listener = Listener(Rules(always_on=True))
    orders = hear(listener, *[(SURE, 0)] * 20, *[(NONE, 0)] * 40)
    assert Do.ACT in orders
    assert waited_ms(*[(NONE, 0)] * quiet_frames) <= over_ms + 2 * Rules().later_ms


def test_the_presets_are_in_order() -> None:
    """Quick waits less than normal, normal less than patient; each waits longer, the less is known."""
    rows = [(p.pause_ms, p.over_ms, p.complete_ms, p.usual_ms, p.unfinished_ms) for p in PATIENCE.values()]
    assert all(list(row) == sorted(set(row)) for row in rows)
    assert all(column == sorted(set(column)) for column in map(list, zip(*rows, strict=True)))


def test_a_noise_is_dropped() -> None:
    """What early work finds no words in leads to no act, and there is still time to speak."""
    listener = awake()
    play(listener, speech(320) + quiet(200))
    listener.considered(Finish.NOTHING)
    assert play(listener, quiet(704)) == [Do.FORGET]
    assert listener.state is State.AWAKE
    assert play(listener, speech(640) + quiet(200)) == [Do.CONSIDER]


@pytest.mark.parametrize("noise", ["#", "##", "###", "#.#.#.#.#.#.#.#", "~~~~~~~~~~~~"])
def test_clicks_are_no_speech(noise: str) -> None:
    """Less than 128 ms of speech, and sounds that are hardly speech, are not even considered."""
    listener = Listener(Rules(always_on=True))
    assert play(listener, noise + quiet(3000)) == []


def test_a_soft_ending_belongs_to_the_speech() -> None:
    """A frame that would not begin speech goes on with it."""
    listener = Listener(Rules(always_on=True))
    assert play(listener, "####" + "~" * 40) == []
    assert listener.state is State.HEARING


def test_a_click_does_not_end_a_silence() -> None:
    """One loud frame in the silence after a command delays nothing."""
    listener = awake()
    assert play(listener, speech(640) + "......#" + quiet(300)) == [Do.CONSIDER]
    listener.considered(Finish.COMPLETE)
    assert play(listener, "..") == [Do.ACT]


def test_nobody_speaks_after_the_wake_word() -> None:
    """After the time of attention it sleeps again."""
    listener = awake()
    assert play(listener, quiet(6_100)) == [Do.SLEEP]


def test_the_wake_words_own_end_is_no_utterance() -> None:
    """Speech that is still heard for some frames after the wake word is dropped; the command after it begins later."""
    listener = awake()
    assert play(listener, "###" + quiet(1000)) == []
    began = listener.now
    (order,) = [order for mark in speech(640) + quiet(180) for order in listener.hear(SOFT[mark])]
    assert order.span is not None and began - 10 <= order.span.first <= began


def test_a_command_in_one_breath_begins_at_the_wake_word() -> None:
    """When the speaker does not pause after the wake word, no more than its last tenth of a second is heard again."""
    listener = Listener(Rules())
    play(listener, speech(800) + "W")
    woken = listener.now
    (order,) = [order for mark in speech(640) + quiet(180) for order in listener.hear(SOFT[mark])]
    assert order.span is not None and order.span.first == woken - 3


def test_the_wake_word_is_not_heard_twice() -> None:
    """Within the refractory time the same word counts once."""
    listener = Listener(Rules(refractory_ms=960))
    assert play(listener, "WWWW" + "." * 10 + "W") == [Do.WAKE]
    assert play(listener, "." * 20 + "W") == [Do.WAKE]


def test_the_wake_word_cuts_an_answer_off_at_once() -> None:
    """In the very frame of the wake word the answer ends, and the next words are heard."""
    listener = speaking()
    play(listener, quiet(1500))
    assert play(listener, "W") == [Do.CUT, Do.WAKE]
    assert listener.state is State.AWAKE


def test_the_wake_word_gives_up_work() -> None:
    """A turn that still runs has lost its answer when the wake word comes."""
    listener = working()
    assert play(listener, quiet(1500) + "W") == [Do.CUT, Do.WAKE]


def test_speech_halts_an_answer_within_200_ms() -> None:
    """After 96 ms of speech the answer is held."""
    listener = speaking()
    assert play(listener, speech(96)) == [Do.HALT]
    assert listener.state is State.INTERRUPTED


def test_stop_cuts_the_answer_off_and_listens() -> None:
    """ "Stop" needs no wake word, and none is needed for what follows."""
    listener = speaking()
    assert play(listener, speech(320) + quiet(160)) == [Do.HALT, Do.CONSIDER]
    listener.considered(Finish.STOP)
    assert play(listener, ".") == [Do.CUT, Do.ATTEND]
    assert play(listener, speech(640) + quiet(160)) == [Do.CONSIDER]


@pytest.mark.parametrize("finish", [Finish.NOTHING, Finish.OPEN, Finish.COMPLETE, Finish.UNFINISHED])
def test_a_false_interruption_resumes_the_answer(finish: Finish) -> None:
    """A cough or talk among the people in the room holds the answer, which then goes on."""
    listener = speaking()
    play(listener, speech(320) + quiet(160))
    listener.considered(finish)
    assert play(listener, ".") == [Do.RESUME]
    assert listener.state is State.SPEAKING


def test_talk_that_goes_on_is_spoken_over() -> None:
    """After three seconds of talk the answer goes on, and is not held again before that talk has ended."""
    listener = speaking()
    assert play(listener, speech(8000)) == [Do.HALT, Do.RESUME]
    assert play(listener, quiet(800) + speech(200)) == [Do.HALT]


def test_an_answer_that_comes_during_an_interruption_waits() -> None:
    """When somebody speaks while the turn is still running, its answer is said only after they were heard."""
    listener = working()
    assert play(listener, speech(320) + quiet(160)) == [Do.HALT, Do.CONSIDER]
    listener.answered()
    assert listener.state is State.INTERRUPTED
    listener.considered(Finish.NOTHING)
    assert play(listener, ".") == [Do.RESUME]
    assert listener.state is State.SPEAKING


def test_an_interruption_before_the_answer_resumes_the_work() -> None:
    """A noise while the turn runs leaves it running."""
    listener = working()
    play(listener, speech(320) + quiet(160))
    listener.considered(Finish.NOTHING)
    assert play(listener, ".") == [Do.RESUME]
    assert listener.state is State.WORKING


def test_always_on_a_new_call_cuts_the_answer_off() -> None:
    """Without a wake word a sure call spoken over the answer is done instead."""
    listener = Listener(Rules(always_on=True))
    play(listener, speech(640) + quiet(200))
    listener.considered(Finish.COMPLETE)
    play(listener, quiet(400))
    listener.answered()
    play(listener, speech(640) + quiet(160))
    listener.considered(Finish.COMPLETE)
    assert play(listener, quiet(300)) == [Do.CUT, Do.ACT]
    assert listener.state is State.WORKING


def test_a_question_is_answered_without_the_wake_word() -> None:
    """After a question the next words are for us for some seconds; then it sleeps."""
    listener = speaking()
    assert [order.do for order in listener.finished(follow_up_ms=5000)] == [Do.ATTEND]
    assert play(listener, quiet(2000) + speech(320) + quiet(160)) == [Do.CONSIDER]
    listener = speaking()
    listener.finished(follow_up_ms=5000)
    assert play(listener, quiet(5_100)) == [Do.SLEEP]


def test_whoever_answers_before_the_question_ends_is_heard() -> None:
    """Speech that began over the end of a question is part of the answer to it."""
    listener = speaking()
    play(listener, speech(200))
    listener.finished(follow_up_ms=5000)
    assert play(listener, speech(320) + quiet(160)) == [Do.CONSIDER]


def test_an_announcement_is_an_answer_nobody_asked_for() -> None:
    """A timer that rings while it sleeps can be stopped by voice."""
    listener = Listener(Rules())
    listener.answered()
    play(listener, speech(320) + quiet(160))
    listener.considered(Finish.STOP)
    assert play(listener, ".") == [Do.CUT, Do.ATTEND]


def test_talk_without_end_is_cut() -> None:
    """After thirty seconds an utterance is over, and the next one begins."""
    listener = Listener(Rules(always_on=True))
    assert play(listener, speech(30_100)) == [Do.ACT]


def test_without_early_work_the_usual_silence_decides() -> None:
    """With early work switched off nothing is considered, and the act comes after the usual silence."""
    listener = Listener(Rules(always_on=True, early=False))
    assert play(listener, speech(640) + quiet(QUIET_MS["normal"] - FRAME_MS)) == []
    assert play(listener, ".") == [Do.ACT]


def test_a_silence_of_ones_own_keeps_its_order() -> None:
    """Whatever the household sets, the shorter wait is not longer and the longer one not shorter."""
    for silence_ms in (64, 300, 704, 3000):
        patience = with_silence(Rules(), silence_ms).patience
        assert patience.pause_ms <= patience.over_ms <= patience.complete_ms <= patience.usual_ms
        assert patience.usual_ms == silence_ms < patience.unfinished_ms


def test_early_work_that_comes_too_late_changes_nothing() -> None:
    """What is told about an utterance that was given up does not touch the next one."""
    listener = awake()
    play(listener, speech(640) + quiet(200))
    play(listener, speech(320))
    listener.considered(Finish.COMPLETE)
    assert play(listener, quiet(448)) == [Do.CONSIDER]
