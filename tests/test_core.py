"""The assistant's steps, and that no skill can do more harm than losing its own answer."""

from __future__ import annotations

import datetime as dt
import logging
import sys
import threading
import time
from pathlib import Path

import pytest
from fakes import House, call, make_house, silence

from assistant import act, core, dialogue, hands
from assistant.core import DECLINED, NOTHING_SAID, UNSURE, Announced, Response
from assistant.turn import Decision, Transcript
from assistant.worker import WorkerFailed

SKILLS = '''
"""Skills that behave, and skills that do not."""
import sys
import threading
from assistant.skill import Announcement, Ask, Context, Duration, SkillError, due, on_stop, skill

EVENT = threading.Event()
LOG: list[str] = []
FALLEN_DUE: list[str] = []


@skill(examples=["brew [five minutes](time)"])
def brew(context: Context, *, time: Duration) -> str:
    """Brew."""
    with context.database() as db:
        db.execute("CREATE TABLE IF NOT EXISTS pots (seconds REAL)")
        db.execute("INSERT INTO pots VALUES (?)", (time.total_seconds(),))
    return f"Brewing for {time.total_seconds():g} seconds."


@skill(examples=["x"], deadline_s=0.3)
def sleeps(context: Context) -> str:
    """Sleep."""
    with context.database() as db:
        db.execute("CREATE TABLE IF NOT EXISTS late (n INTEGER)")
        EVENT.wait(20)
    LOG.append("late effect")
    return "too late"


@skill(examples=["x"], deadline_s=0.3)
def spins(context: Context) -> str:
    """Spin."""
    while True:
        pass


@skill(examples=["x"])
def raises(context: Context) -> str:
    """Raise."""
    raise ValueError("what the person said")


@skill(examples=["x"])
def leaves(context: Context) -> str:
    """Leave."""
    sys.exit(7)


@skill(examples=["x"])
def interrupts(context: Context) -> str:
    """Pretend to be Ctrl-C."""
    raise KeyboardInterrupt


@skill(examples=["x"])
def prints(context: Context) -> str:
    """Print."""
    print("PRINTED")
    return "Printed."


@skill(examples=["x"])
def says_nothing(context: Context) -> None:
    """Return nothing."""


@skill(examples=["x"])
def floods(context: Context) -> str:
    """Return a megabyte."""
    return "This is one sentence of very many. " * 30_000


@skill(examples=["x"])
def floods_without_end(context: Context) -> str:
    """Return a megabyte in one word."""
    return "a" * 1_000_000


@skill(examples=["x"])
def answers_a_dict(context: Context) -> str:
    """Return what cannot be said."""
    return {"a": 1}


@skill(examples=["x"])
def answers_a_number(context: Context) -> str:
    """Return a number."""
    return 42.0


@skill(examples=["x"])
def answers_with_controls(context: Context) -> str:
    """Return control characters."""
    return "one\\x1b[2Jtwo\\x00 three\\nfour"


@skill(examples=["x"])
def refuses(context: Context) -> str:
    """Refuse."""
    raise SkillError("There is no milk.")


@skill(examples=["x"])
def asks(context: Context) -> str:
    """Ask."""
    raise Ask("Which milk?")


@skill(examples=["pour [tea](what)"])
def pour(context: Context, *, what: str, long: Duration | None = None) -> str:
    """Pour something."""
    if long is None:
        raise Ask("How long shall it draw?", "long")
    return f"{what} draws for {long.total_seconds():g} seconds."


@skill(examples=["x"])
def breaks_the_table(context: Context) -> str:
    """Use a table that is not there."""
    with context.database() as db:
        db.execute("SELECT * FROM nowhere")


@skill(examples=["sell [the car](what)"], confirm=True)
def sell(context: Context, *, what: str) -> str:
    """Sell something."""
    LOG.append(what)
    return f"Sold {what}."


@skill(examples=["x"])
def hushes(context: Context) -> str:
    """Stop everything."""
    context.stop()
    return "Hushed."


@skill(examples=["x"])
def says_again(context: Context) -> str:
    """Say it again."""
    return context.last_reply


@due
def due_now(context: Context) -> list[Announcement]:
    return [Announcement(FALLEN_DUE.pop(0))] if FALLEN_DUE else []


@due
def due_never(context: Context) -> list[Announcement]:
    raise RuntimeError("broken hook")


@on_stop
def fails_to_stop(context: Context) -> None:
    raise RuntimeError("broken hook")


@on_stop
def stops(context: Context) -> None:
    LOG.append("stopped")
'''
NAMES = (
    "sleeps", "spins", "raises", "leaves", "interrupts", "prints", "says_nothing", "floods", "floods_without_end",
    "answers_a_dict", "answers_a_number", "answers_with_controls", "refuses", "asks", "breaks_the_table", "hushes",
    "says_again",
)  # fmt: skip
SCRIPT = {
    **{name: call(name) for name in NAMES},
    "brew five minutes": call("brew", time="five minutes"),
    "brew some minutes": call("brew", time="some"),
    "pour tea": call("pour", what="tea"),
    "sell the car": call("sell", what="the car"),
    "Sell Eggs, the  car, and tea, please.": call("sell", what="eggs the car and tea"),
    "sell 1,200 eggs": call("sell", what="1,200 eggs"),
    "sell two cars, sell cars": call("sell", what="two cars sell"),
    "something unsure": Decision(skill="brew", confidence=0.4, tier="ask", question="For how long?"),
    "perhaps printing": Decision(skill="prints", tier="ask", confidence=0.3, question="Did you mean prints?"),
    "perhaps selling": Decision(
        skill="sell", words={"what": "the car"}, args={"what": "the car"}, tier="ask", question="Did you mean sell?"
    ),
    "mumbled": Decision(skill="sell", words={"what": "mumbled"}, confidence=0.2, tier="decline"),
    "a skill that is gone": call("no_such_skill"),
}


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house with all these skills."""
    return make_house(tmp_path, SKILLS, SCRIPT)


def module_of(house: House) -> object:
    """The loaded module, for what its skills did."""
    run = house.assistant.skills.by_name["brew"].run
    return sys.modules[run.__module__]


def ask(house: House, text: str, confirmed: bool = False) -> Response:
    return house.assistant.respond(Transcript(text=text), confirmed=confirmed)


def test_deciding_does_nothing(house: House) -> None:
    """decide() names the call and runs no skill, keeps no row, says nothing."""
    assert house.assistant.decide(Transcript(text="brew five minutes")).skill == "brew"
    assert house.trace.turns() == []
    assert house.speaker.said == []


def test_acting_does_the_thing_and_no_more(house: House) -> None:
    """act() runs the skill on read values, but keeps and says nothing."""
    turn = house.assistant.act(Transcript(text="brew five minutes"))
    assert turn.reply.text == "Brewing for 300 seconds."
    with house.assistant.database.open() as db:
        assert db.execute("SELECT seconds FROM pots").fetchall() == [(300.0,)]
    assert house.trace.turns() == []
    assert house.speaker.said == []


def test_responding_keeps_and_says_the_turn(house: House) -> None:
    """respond() keeps the whole turn with each stage's time, and plays the answer."""
    response = ask(house, "brew five minutes")
    assert house.trace.turns() == [response.turn]
    assert house.speaker.said == ["Brewing for 300 seconds."]
    assert len(house.played) == 1
    assert set(response.turn.ms) == {"decide", "act", "speak"}
    assert all(ms >= 0 for ms in response.turn.ms.values())
    assert response.turn.models == {"skill": "0" * 64}
    assert response.turn.skills_hash == house.assistant.skills.hash
    assert len(response.turn.prompt_hash) == 12


def test_hearing_writes_down_what_was_said(tmp_path: Path) -> None:
    """hear() puts the transcriber's words, its confidence and its time into the turn."""
    house = make_house(tmp_path, SKILLS, SCRIPT, "brew five minutes")
    response = house.assistant.hear(silence(0.5))
    assert response.turn.transcript == Transcript(text="brew five minutes", confidence=0.8, seconds=0.5)
    assert set(response.turn.ms) == {"hear", "decide", "act", "speak"}
    assert house.trace.sound(response.turn.id) == ""


def test_sound_is_kept_only_if_the_household_says_so(tmp_path: Path) -> None:
    """With keep_sound, the recording lies beside the diary and the row says where."""
    house = make_house(tmp_path, SKILLS, SCRIPT, "refuses", flags=("trace.keep_sound=true",))
    response = house.assistant.hear(silence(0.5))
    kept = Path(house.trace.sound(response.turn.id))
    assert kept.is_file()
    assert kept.is_relative_to(house.settings.paths.data)


@pytest.mark.parametrize("text", ["", "   ", "\x00\x07", "\u200b"])
def test_nothing_said_asks_no_model(house: House, text: str) -> None:
    """Empty text is answered with "nothing was said"; no decider is asked."""
    turn = ask(house, text).turn
    assert (turn.reply.text, turn.reply.ok, turn.decision.skill) == (NOTHING_SAID, False, "none")
    assert house.decider.asked == []


def test_what_no_skill_serves_is_declined(house: House) -> None:
    """none(), and a skill that is not there, are declined aloud."""
    for text in ("the weather was lovely", "a skill that is gone"):
        turn = ask(house, text).turn
        assert (turn.reply.text, turn.reply.ok) == (DECLINED, False)


def test_an_unsure_decision_is_asked_back(house: House) -> None:
    """A decision with a question runs nothing and asks."""
    turn = ask(house, "something unsure").turn
    assert (turn.reply.text, turn.reply.question, turn.reply.ok) == ("For how long?", True, True)


def test_an_unsure_call_is_not_made(house: House) -> None:
    """A call that was declined for its low confidence does nothing, whatever skill it names."""
    turn = ask(house, "mumbled").turn
    assert (turn.reply.text, turn.reply.ok) == (UNSURE, False)
    assert module_of(house).LOG == []


def test_a_value_that_cannot_be_read_is_asked_back(house: House) -> None:
    """Words that are no duration become a question, never a guess."""
    turn = ask(house, "brew some minutes").turn
    assert turn.reply.question
    assert "some" in turn.reply.text


def test_a_model_that_dies_costs_this_turn(house: House) -> None:
    """When the model's process dies over some words, they are declined and the next turn works."""

    class Dying:
        def decide(self, transcript: Transcript, *, now: dt.datetime) -> Decision:
            if transcript.text == "deadly":
                raise WorkerFailed("the model's process died twice")
            return call("prints")

    parts = core.Parts(decider=Dying(), trace=house.trace)
    assistant = core.Assistant(house.settings, house.assistant.skills, house.assistant.database, parts)
    turns = [assistant.respond(Transcript(text=text)).turn for text in ("deadly", "fine")]
    assert [turn.reply.text for turn in turns] == [DECLINED, "Printed."]


# --- skills that do harm ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["sleeps", "spins"])
def test_a_skill_that_does_not_end_is_cut_off(house: House, name: str) -> None:
    """After its deadline the turn ends with a sentence, and the next turn works and writes at once."""
    started = time.monotonic()
    turn = ask(house, name).turn
    assert time.monotonic() - started < 2
    assert (turn.reply.text, turn.reply.ok) == ("That took too long, so I stopped waiting.", False)
    started = time.monotonic()
    assert ask(house, "brew five minutes").turn.reply.ok
    assert time.monotonic() - started < 2


def test_a_cut_off_skill_has_no_late_effect(house: House) -> None:
    """What a hung skill had written is undone, and it does not go on once it wakes."""
    before = set(threading.enumerate())
    ask(house, "sleeps")
    module = module_of(house)
    hung = [thread for thread in set(threading.enumerate()) - before if thread.name == "skill sleeps"]
    module.EVENT.set()
    for thread in hung:
        thread.join(5)
    assert hung
    assert not any(thread.is_alive() for thread in hung)
    assert module.LOG == []
    with house.assistant.database.open() as db:
        assert db.execute("SELECT count(*) FROM sqlite_master WHERE name = 'late'").fetchone() == (0,)


def test_an_endless_loop_stops_eating_the_processor(house: House) -> None:
    """The thread of a cut-off loop ends."""
    ask(house, "spins")
    spinning = [thread for thread in threading.enumerate() if thread.name == "skill spins"]
    for thread in spinning:
        thread.join(5)
    assert not any(thread.is_alive() for thread in spinning)


@pytest.mark.parametrize("name", ["raises", "leaves", "interrupts"])
def test_a_skill_that_raises_costs_its_answer(house: House, name: str, caplog: pytest.LogCaptureFixture) -> None:
    """Any exception, SystemExit too, is a sentence; the log says where and not what was said."""
    with caplog.at_level(logging.INFO):
        turn = ask(house, name).turn
    assert (turn.reply.text, turn.reply.ok) == (f"Something went wrong in the skill {name}.", False)
    assert "home_made.py" in caplog.text or name != "raises"
    assert "what the person said" not in caplog.text
    assert house.trace.turns() == [turn]


def test_what_a_skill_prints_is_no_answer(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    """print() inside a skill goes to standard error."""
    assert ask(house, "prints").turn.reply.text == "Printed."
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "PRINTED" in captured.err


@pytest.mark.parametrize(
    ("name", "text", "ok"),
    [
        ("says_nothing", "Done.", True),
        ("answers_a_number", "42", True),
        ("answers_a_dict", "The skill answers a dict gave an answer that cannot be said.", False),
        ("answers_with_controls", "one [2Jtwo three four", True),
        ("refuses", "There is no milk.", False),
        ("breaks_the_table", "I cannot use my memory just now; the disk may be full or not writable.", False),
    ],
)
def test_every_answer_becomes_a_sentence(house: House, name: str, text: str, ok: bool) -> None:
    """Nothing, numbers, structures, control characters and failures are all said plainly."""
    reply = ask(house, name).turn.reply
    assert (reply.text, reply.ok) == (text, ok)


@pytest.mark.parametrize(
    ("value", "text"), [(7, "7"), (2.5, "2.5"), (1234567, "1,234,567"), (12345678.5, "12,345,678.5")]
)
def test_a_number_is_said_whole(value: float, text: str) -> None:
    """However large, and not as "1.23457e+06"."""
    assert act.shape(value, "x").text == text


def test_a_damaged_memory_is_named_as_such(tmp_path: Path) -> None:
    """Nobody is sent to look for a full disk where the file is no database; it is left as it is."""
    house = make_house(tmp_path, SKILLS, SCRIPT)
    house.assistant.database.path.parent.mkdir(parents=True, exist_ok=True)
    house.assistant.database.path.write_bytes(b"my holiday diary " * 100)
    reply = ask(house, "breaks_the_table").turn.reply
    assert reply.text == "My memory, the file hark.db, is damaged; hark doctor says what to do."
    assert house.assistant.database.path.read_bytes() == b"my holiday diary " * 100


def test_a_skills_question_awaits_an_answer(house: House) -> None:
    """Ask is no failure: it is a question."""
    reply = ask(house, "asks").turn.reply
    assert (reply.text, reply.question, reply.ok) == ("Which milk?", True, True)


def test_the_answer_to_a_skills_question_calls_it_again(house: House) -> None:
    """A skill that asks for one of its arguments is called again with the next words, and with what was said before."""
    assert ask(house, "pour tea").turn.reply.text == "How long shall it draw?"
    turn = ask(house, "five minutes").turn
    assert (turn.decision.skill, turn.reply.text) == ("pour", "tea draws for 300 seconds.")
    assert turn.decision.words == {"what": "tea", "long": "five minutes"}


@pytest.mark.parametrize(
    ("text", "sold"),
    [
        ("Sell Eggs, the  car, and tea, please.", "eggs, the car, and tea"),
        ("sell 1,200 eggs", "1,200 eggs"),
        ("sell the car", "the car"),
        ("sell two cars, sell cars", "two cars, sell"),
    ],
)
def test_a_skill_is_given_the_commas(house: House, text: str, sold: str) -> None:
    """Between words of free text the commas of what was written down are kept, though no model reads them."""
    turn = ask(house, text, confirmed=True).turn
    assert turn.reply.text == f"Sold {sold}."
    assert "," not in turn.decision.words["what"].replace("1,200", "")


@pytest.mark.parametrize("name", ["floods", "floods_without_end"])
def test_a_megabyte_is_cut(house: House, name: str) -> None:
    """A flood is cut, at a sentence where there is one, with a note."""
    text = ask(house, name).turn.reply.text
    assert len(text) < act.MAX_ANSWER + 50
    assert text.endswith("There is more, but I stop here.")
    if name == "floods":
        assert text.removesuffix(" There is more, but I stop here.").endswith("very many.")


def test_an_unwritable_diary_costs_no_turn(tmp_path: Path) -> None:
    """With no place for the database the answer is given all the same."""
    (tmp_path / "file").write_text("")
    house = make_house(tmp_path, SKILLS, SCRIPT, flags=(f"paths.data={tmp_path / 'file' / 'x'}",))
    assert ask(house, "prints").turn.reply.text == "Printed."
    assert "memory" in ask(house, "brew five minutes").turn.reply.text


# --- shall I? --------------------------------------------------------------------------------------------------------


def test_a_skill_that_wants_a_yes_waits_for_it(house: House) -> None:
    """The first turn asks and does nothing; yes does it, once."""
    module = module_of(house)
    reply = ask(house, "sell the car").turn.reply
    assert (reply.text, reply.question) == ("Shall I sell something: the car?", True)
    assert module.LOG == []
    assert ask(house, "yes is a word").turn.reply.text == DECLINED
    assert module.LOG == []
    ask(house, "sell the car")
    turn = ask(house, "Yes, please!").turn
    assert (turn.reply.text, turn.decision.skill) == ("Sold the car.", "sell")
    assert module.LOG == ["the car"]
    assert ask(house, "yes").turn.reply.text == DECLINED
    assert module.LOG == ["the car"]


def test_no_drops_what_was_asked(house: House) -> None:
    """After no, a yes does nothing."""
    ask(house, "sell the car")
    turn = ask(house, "No.").turn
    assert (turn.reply.text, turn.reply.ok) == ("Okay, I will not.", True)
    ask(house, "yes")
    assert module_of(house).LOG == []


def test_another_request_drops_what_was_asked(house: House) -> None:
    """A new request is answered, and a later yes does not reach back over it."""
    ask(house, "sell the car")
    assert ask(house, "prints").turn.reply.text == "Printed."
    ask(house, "yes")
    assert module_of(house).LOG == []


def test_a_question_lives_half_a_minute(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A yes that comes too late does nothing."""
    monkeypatch.setattr(dialogue, "WAIT_S", 0.0)
    ask(house, "sell the car")
    ask(house, "yes")
    assert module_of(house).LOG == []


def test_a_yes_to_what_was_meant_makes_the_call(house: House) -> None:
    """Yes to "Did you mean ...?" makes the call; a dangerous one still asks "Shall I?" first."""
    assert ask(house, "perhaps printing").turn.reply.question
    assert ask(house, "yes").turn.reply.text == "Printed."
    assert ask(house, "perhaps selling").turn.reply.text == "Did you mean sell?"
    assert ask(house, "yes").turn.reply.text == "Shall I sell something: the car?"
    assert module_of(house).LOG == []
    assert ask(house, "yes").turn.reply.text == "Sold the car."


def test_a_yes_is_no_answer_to_a_missing_value(house: House) -> None:
    """After "For how long?" a yes makes no call."""
    ask(house, "something unsure")
    assert ask(house, "yes").turn.reply.text == DECLINED


def test_a_yes_beforehand_asks_nothing(house: House) -> None:
    """confirmed=True does it at once."""
    assert ask(house, "sell the car", confirmed=True).turn.reply.text == "Sold the car."


# --- hooks and the loop ----------------------------------------------------------------------------------------------


def test_stop_reaches_every_module_in_spite_of_a_broken_one(house: House) -> None:
    """context.stop() runs all @on_stop functions; one that raises keeps no other from its turn."""
    assert ask(house, "hushes").turn.reply.text == "Hushed."
    assert module_of(house).LOG == ["stopped"]


def test_what_was_said_last_can_be_said_again_after_a_restart(tmp_path: Path) -> None:
    """last_reply is the reply before, from the diary when the program is new."""
    first = make_house(tmp_path, SKILLS, SCRIPT)
    ask(first, "prints")
    assert ask(make_house(tmp_path, SKILLS, SCRIPT), "says_again").turn.reply.text == "Printed."


def test_what_falls_due_is_said_at_the_start_and_in_between(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """run() announces before the first utterance, goes on polling while nobody speaks, and answers what is said."""
    monkeypatch.setattr(core, "POLL_S", 0.02)
    module = module_of(house)
    module.FALLEN_DUE.append("The tea is ready.")
    heard_second = threading.Event()

    def utterances():
        yield Transcript(text="brew five minutes")
        module.FALLEN_DUE.append("The cake is ready.")
        heard_second.wait(5)
        yield Transcript(text="some television")

    said = []
    for event in house.assistant.run(utterances()):
        said.append(event.announcement.text if isinstance(event, Announced) else event.turn.reply.text)
        if said[-1] == "The cake is ready.":
            heard_second.set()
    assert said == ["The tea is ready.", "Brewing for 300 seconds.", "The cake is ready.", DECLINED]
    assert heard_second.is_set()
    assert house.speaker.said == said[:3]  # what was not for us is answered by silence


def test_a_broken_hook_is_reported_once(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """A @due function that raises each second fills no log."""
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            house.assistant.announce()
    assert caplog.text.count("due_never") == 1


def test_a_disk_that_refuses_is_one_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The hooks that cannot use the database leave the warning to the diary."""
    (tmp_path / "file").write_text("")
    hook = """
@due
def fallen(context: Context) -> list[Announcement]:
    with context.database():
        return []
"""
    house = make_house(tmp_path, SKILLS + hook, SCRIPT, flags=(f"paths.data={tmp_path / 'file' / 'x'}",))
    with caplog.at_level(logging.WARNING):
        house.assistant.announce()
        ask(house, "prints")
    assert "fallen" not in caplog.text
    assert caplog.text.count("is not in the diary") == 1


def test_a_hook_that_hangs_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A @due function that never returns costs one deadline, not one each second."""
    monkeypatch.setattr(hands, "HOOK_S", 0.2)
    text = '''
        """Hangs."""
        import threading
        from assistant.skill import Announcement, Context, due
        @due
        def forever(context: Context) -> list[Announcement]:
            threading.Event().wait(20)
            return []
    '''
    house = make_house(tmp_path, text, {})
    started = time.monotonic()
    for _ in range(10):
        assert house.assistant.announce() == []
    assert time.monotonic() - started < 1.5


def test_what_the_microphone_raises_is_raised_by_run(house: House) -> None:
    """An error of the source ends the loop with that error."""

    def broken():
        yield Transcript(text="prints")
        raise OSError("the microphone was pulled out")

    events = house.assistant.run(broken())
    assert next(events).turn.reply.text == "Printed."
    with pytest.raises(OSError, match="pulled out"):
        list(events)


def test_a_voice_that_fails_costs_the_sound_only(house: House) -> None:
    """Without a voice the answer is there as text, and the turn is kept."""

    class Hoarse:
        def speak(self, text: str) -> None:
            raise RuntimeError("no voice")

    parts = core.Parts(decider=house.decider, trace=house.trace, speaker=Hoarse())
    assistant = core.Assistant(house.settings, house.assistant.skills, house.assistant.database, parts)
    response = assistant.respond(Transcript(text="prints"))
    assert (response.audio, response.turn.reply.text) == (None, "Printed.")
    assert house.trace.turns() == [response.turn]
