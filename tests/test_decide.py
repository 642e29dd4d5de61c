from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from kitchen import KITCHEN, kitchen_set

from assistant.config import Settings, load_settings
from assistant.decide import Decider, DecidingModels
from assistant.notes import Calibration
from assistant.prompt import plain
from assistant.skill import Call, Context, Date, Expression, Number, Time, skill
from assistant.turn import Decision, Transcript
from assistant.unseen import ALL, Unseen
from assistant.worker import WorkerFailed, Written

NOW = dt.datetime(2026, 3, 2, 18, 0, tzinfo=dt.UTC)


@dataclass
class ScriptedModel:
    """Writes what its script says for a text, `none()` for anything else, and remembers what it was asked."""

    script: dict[str, Sequence[Written] | Exception] = field(default_factory=dict)
    trained: str = '["set_timer", "switch", "set_volume", "play_music", "none"]'
    seen: list[tuple[str, Sequence[tuple[str, str]]]] = field(default_factory=list)
    drafts: list[tuple[str, ...]] = field(default_factory=list)
    closed: bool = False

    def notes(self) -> dict[str, str]:
        return {
            "hark.skills": self.trained,
            "hark.calibration": '{"skill": [1, 0], "call": [1, 0]}',
            "hark.version": "scripted",
        }

    def write(
        self, plain_text: str, nearest: Sequence[tuple[str, str]] = (), drafts: Sequence[str] = ()
    ) -> tuple[Written, ...]:
        self.seen.append((plain_text, nearest))
        self.drafts.append(tuple(drafts))
        found = self.script.get(plain_text, (Written("none()", 0.97, 0.97),))
        if isinstance(found, Exception):
            raise found
        return tuple(found)

    def complete(self, prompt: str, most_tokens: int = 160) -> str:
        return f"about {prompt}"

    def close(self) -> None:
        self.closed = True


@skill(examples=["[six](amount) [feet](unit)", "measure [two](amount) [miles](unit)"])
def measure(context: Context, *, amount: Number, unit: str) -> str:
    """Measure."""
    return f"{amount} {unit}"


@skill(examples=["reckon [two plus two](sum)"])
def reckon(context: Context, *, sum: Expression) -> str:
    """Reckon."""
    return sum


@skill(examples=["[ten](degrees) degrees here"])
def warm(context: Context, *, degrees: Number) -> str:
    """Warm."""
    return f"{degrees:g}"


@skill(examples=["wake me at [seven](at)"])
def wake(context: Context, *, at: Time, day: Date | None = None) -> str:
    """Wake."""
    return f"{at} {day}"


def house(tmp_path: Path) -> Settings:
    return load_settings(None, {}, [f"paths.data={tmp_path}"])


def decide(
    tmp_path: Path, text: str, shipped: ScriptedModel, larger: ScriptedModel | None = None, taught: Call | None = None
) -> Decision:
    models = DecidingModels(shipped, larger)
    with Decider(kitchen_set(), house(tmp_path), parts=models, taught=lambda _: taught) as decider:
        return decider.decide(Transcript(text=text), now=NOW)


def test_words_become_values(tmp_path: Path) -> None:
    """The call keeps the words pointed at, and the values read from them."""
    written = (
        Written("set_timer(duration= ten minutes, name= pasta)", 0.99, 0.95),
        Written("play_music(genre= soul)", 0.01, 0.01),
    )
    made = decide(tmp_path, "A ten minutes pasta timer!", ScriptedModel({"a ten minutes pasta timer": written}))
    assert (made.skill, made.words) == ("set_timer", {"duration": "ten minutes", "name": "pasta"})
    assert made.args == {"duration": 600, "name": "pasta"}
    assert made.tier == "shipped" and made.confidence == pytest.approx(0.95)
    assert made.runner_ups[0].call == 'play_music(genre="soul")'


def test_nothing_said_asks_no_model(tmp_path: Path) -> None:
    """Silence, signs and control characters are declined without a model."""
    model = ScriptedModel()
    for text in ("", "   ", "?!", "\x00\x07", '"""'):
        assert decide(tmp_path, text, model).skill == "none"
    assert not model.seen


def test_a_taught_phrase_is_answered_from_memory(tmp_path: Path) -> None:
    """What the household has corrected is exact, and no model is asked."""
    model = ScriptedModel()
    made = decide(tmp_path, "Bedtime!", model, taught=Call("switch", {"device": "lights", "state": "off"}))
    assert (made.tier, made.confidence, made.skill) == ("taught", 1.0, "switch")
    assert not model.seen


def test_an_unsure_call_is_declined(tmp_path: Path) -> None:
    """A skill below the threshold is not called, and the guess stays visible."""
    model = ScriptedModel({"x": (Written("play_music(title= x)", 0.3, 0.2),)})
    made = decide(tmp_path, "x", model)
    assert (made.tier, made.skill, made.words) == ("decline", "none", {})
    assert made.runner_ups[0].call == 'play_music(title="x")'


def test_a_skill_that_is_not_sure_is_asked_about(tmp_path: Path) -> None:
    """Between declining and doing lies a question: the call is told, and not made."""
    model = ScriptedModel({"x": (Written("play_music(title= x)", 0.5, 0.5),)})
    made = decide(tmp_path, "x", model)
    assert (made.tier, made.skill, made.question) == ("ask", "play_music", "Did you mean play music: x?")


def test_unsure_words_are_asked_about(tmp_path: Path) -> None:
    """When the skill is sure and the words are not, the call is asked about before it is made."""
    model = ScriptedModel({"play x y": (Written("play_music(title= x y)", 0.99, 0.2),)})
    made = decide(tmp_path, "play x y", model)
    assert (made.tier, made.skill, made.args) == ("ask", "play_music", {"title": "x y"})
    assert made.question == "Did you mean play music: x y?"


def test_words_that_cannot_be_read_become_a_question(tmp_path: Path) -> None:
    """A value no reader understands is asked back, never guessed."""
    model = ScriptedModel({"set a timer for a bit": (Written("set_timer(duration= a bit)", 0.99, 0.98),)})
    made = decide(tmp_path, "set a timer for a bit", model)
    assert made.tier == "ask" and made.question and made.args == {}


@pytest.mark.parametrize(
    ("text", "written", "words"),
    [
        ("how tall is six foot two", "amount= six foot two, unit= foot two", {"amount": "six", "unit": "foot two"}),
        (
            "thirteen stone four",
            "amount= thirteen stone four, unit= stone",
            {"amount": "thirteen", "unit": "stone four"},
        ),
        ("the foot of six", "amount= foot of six, unit= foot", {}),
    ],
)
def test_the_unit_in_a_number(tmp_path: Path, text: str, written: str, words: dict[str, str]) -> None:
    """A unit pointed at as a part of its number goes to the unit; where no number is before it, it is asked about."""
    skills = kitchen_set((*KITCHEN, measure.__skill__))
    model = ScriptedModel({text: (Written(f"measure({written})", 0.99, 0.98),)}, trained='["measure", "none"]')
    with Decider(skills, house(tmp_path), parts=DecidingModels(model, None)) as decider:
        made = decider.decide(Transcript(text=text), now=NOW)
    assert (made.words if made.tier == "shipped" else {}) == words


def test_a_name_inside_a_value(tmp_path: Path) -> None:
    """A name that is a part of the length of a timer is no name."""
    text = "set a timer for 1,000 seconds"
    model = ScriptedModel({text: (Written("set_timer(duration= 1,000 seconds, name= 1,000)", 0.99, 0.98),)})
    made = decide(tmp_path, text, model)
    assert (made.tier, made.args) == ("shipped", {"duration": 1000})


@pytest.mark.parametrize(
    ("text", "pointed", "read"),
    [
        ("what's 12 plus seven minus three please", "12 plus seven", "12 plus seven minus three"),
        ("two plus two", "two plus two", "two plus two"),
        ("two plus two is not five", "two plus two", "two plus two"),
        ("what is two", "two", "two"),
        ("what is 1/3 plus 1/6", "3 plus 1/6", "1/3 plus 1/6"),
        ("x3 plus two", "3 plus two", "3 plus two"),
    ],
)
def test_a_sum_is_read_to_its_end(tmp_path: Path, text: str, pointed: str, read: str) -> None:
    """What the model left out of a sum would make its answer wrong; words that change nothing stay out."""
    skills = kitchen_set((*KITCHEN, reckon.__skill__))
    model = ScriptedModel({plain(text): (Written(f"reckon(sum= {pointed})", 0.99, 0.98),)})
    model.trained = '["reckon", "none"]'
    with Decider(skills, house(tmp_path), parts=DecidingModels(model, None)) as decider:
        assert decider.decide(Transcript(text=text), now=NOW).words == {"sum": read}


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("make it minus ten degrees", -10.0),
        ("it's negative ten here", -10.0),
        ("not ten and not minus ten", 10.0),
        ("what is twenty minus ten degrees", 10.0),
        ("ten degrees please", 10.0),
        ("ten minus ten", 10.0),
    ],
)
def test_a_sign_is_not_lost(tmp_path: Path, text: str, read: float) -> None:
    """A number said with a "minus" before it is negative, though the model pointed at the number alone."""
    skills = kitchen_set((*KITCHEN, warm.__skill__))
    model = ScriptedModel({plain(text): (Written("warm(degrees= ten)", 0.99, 0.98),)}, trained='["warm", "none"]')
    with Decider(skills, house(tmp_path), parts=DecidingModels(model, None)) as decider:
        assert decider.decide(Transcript(text=text), now=NOW).args == {"degrees": read}


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("wake me at seven every weekday", "every weekday"),
        ("every monday and friday wake me at seven please", "every monday and friday"),
        ("wake me at seven", ""),
        ("wake me at seven on monday", ""),
        ("wake me at seven every now and then", ""),
    ],
)
def test_days_that_repeat_are_not_lost(tmp_path: Path, text: str, day: str) -> None:
    """An alarm for "every weekday" is not set for tomorrow only, which may be a saturday."""
    skills = kitchen_set((*KITCHEN, wake.__skill__))
    model = ScriptedModel({text: (Written("wake(at= seven)", 0.99, 0.98),)}, trained='["wake", "none"]')
    with Decider(skills, house(tmp_path), parts=DecidingModels(model, None)) as decider:
        words = decider.decide(Transcript(text=text), now=NOW).words
    assert words == {"at": "seven", **({"day": day} if day else {})}


@pytest.mark.parametrize(
    ("text", "pointed", "day"),
    [
        ("wake me at seven every tuesday and thursday", "every tuesday", "every tuesday and thursday"),
        ("wake me a week on friday at seven", "friday", "a week on friday"),
        ("wake me at seven tomorrow please", "tomorrow", "tomorrow"),
        ("on friday the train goes wake me at seven friday", "friday", "friday"),
    ],
)
def test_a_day_is_read_as_wide_as_it_goes(tmp_path: Path, text: str, pointed: str, day: str) -> None:
    """A day that was begun too late or left too early would be another day; what changes nothing stays out."""
    skills = kitchen_set((*KITCHEN, wake.__skill__))
    written = (Written(f"wake(at= seven, day= {pointed})", 0.99, 0.98),)
    model = ScriptedModel({text: written}, trained='["wake", "none"]')
    with Decider(skills, house(tmp_path), parts=DecidingModels(model, None)) as decider:
        assert decider.decide(Transcript(text=text), now=NOW).words == {"at": "seven", "day": day}


@pytest.mark.parametrize(
    ("text", "call", "tier"),
    [
        ("set a timer for five minutes", "set_timer(duration= five minutes, name= minutes)", "ask"),
        ("five minutes for the minutes", "set_timer(duration= five minutes, name= minutes)", "shipped"),
    ],
)
def test_two_arguments_do_not_share_words(tmp_path: Path, text: str, call: str, tier: str) -> None:
    """A call whose arguments both point at the same words is not made; said twice, they may be meant twice."""
    made = decide(tmp_path, text, ScriptedModel({text: (Written(call, 0.99, 0.98),)}))
    assert (made.tier, made.args == {}) == (tier, tier == "ask")


def test_a_skill_without_training_is_usable_from_its_examples(tmp_path: Path) -> None:
    """Where the skill model sees nothing for it, a new skill's own examples decide."""
    made = decide(tmp_path, "brew a small mocha", ScriptedModel())
    assert (made.skill, made.tier, made.words) == ("brew", "examples", {"drink": "a small mocha"})


def test_a_sure_skill_model_outweighs_a_loose_likeness(tmp_path: Path) -> None:
    """A new skill does not take over sentences that the trained skills serve."""
    model = ScriptedModel({"i need the lamp on": (Written("switch(device= lamp, state= on)", 0.99, 0.99),)})
    assert decide(tmp_path, "i need the lamp on", model).skill == "switch"


def test_chatter_stays_none(tmp_path: Path) -> None:
    """What no example is like stays what the skill model said: nothing for us."""
    made = decide(tmp_path, "did you watch the match last night", ScriptedModel())
    assert (made.skill, made.confidence) == ("none", pytest.approx(0.97))


def test_a_larger_model_is_asked_when_the_first_is_unsure(tmp_path: Path) -> None:
    """The larger model decides what the skill model is unsure of, and is shown the nearest examples, likest last."""
    small = ScriptedModel({"lamp please": (Written("switch(device= lamp, state= off)", 0.6, 0.55),)})
    large = ScriptedModel({"lamp please": (Written("switch(device= lamp, state= on)", 0.95, 0.93),)})
    made = decide(tmp_path, "lamp please", small, large)
    assert (made.tier, made.words["state"]) == ("larger", "on")
    (_, nearest), *_ = large.seen
    assert nearest and nearest[-1][0] == "switch off the lamp"


def test_what_the_others_thought_is_the_larger_models_draft(tmp_path: Path) -> None:
    """The larger model gets the unsure call first and then those of the examples, each in its own form."""
    small = ScriptedModel({"switch off our lamp": (Written("switch(device= lamp, state= off)", 0.6, 0.55),)})
    large = ScriptedModel()
    decide(tmp_path, "switch off our lamp", small, large)
    (drafts,) = large.drafts
    assert drafts[0] == "switch(device= lamp, state= off)"
    assert "switch(device= our lamp, state= off)" in drafts[1:]


def test_a_larger_model_is_not_asked_when_the_first_is_sure(tmp_path: Path) -> None:
    """A sure answer is not paid for twice."""
    small = ScriptedModel({"volume five": (Written("set_volume(level= five)", 0.99, 0.98),)})
    large = ScriptedModel()
    assert decide(tmp_path, "volume five", small, large).tier == "shipped"
    assert not large.seen


def test_a_larger_model_that_fails_is_done_without(tmp_path: Path) -> None:
    """A server that is away costs its answer, not the turn."""
    small = ScriptedModel({"volume five": (Written("set_volume(level= five)", 0.7, 0.7),)})
    large = ScriptedModel({"volume five": WorkerFailed("the model server did not answer")})
    assert decide(tmp_path, "volume five", small, large).skill == "set_volume"


def test_closing_ends_every_model(tmp_path: Path) -> None:
    """The models end with the decider."""
    small, large = ScriptedModel(), ScriptedModel()
    with Decider(kitchen_set(), house(tmp_path), parts=DecidingModels(small, large)) as decider:
        assert decider.answer is not None
        assert decider.answer("trees") == "about trees"
    assert small.closed and large.closed


def test_calibration_rises_and_stays_a_share() -> None:
    """The curve from probability to confidence keeps the order and the bounds."""
    curve = Calibration(0.7, -0.4)
    values = [curve(at / 100) for at in range(101)]
    assert values == sorted(values)
    assert 0 <= values[0] < 0.01 and 0.99 < values[-1] <= 1


@pytest.mark.parametrize("one", KITCHEN, ids=lambda one: one.name)
def test_every_example_can_be_shown_to_a_larger_model(tmp_path: Path, one) -> None:  # type: ignore[no-untyped-def]
    """Looking for examples like any signed sentence works for every skill."""
    small, large = ScriptedModel({e.text: (Written("none()", 0.5, 0.5),) for e in one.examples}), ScriptedModel()
    for example in one.examples:
        decide(tmp_path, example.text, small, large)


HEARD = {
    "set a ten minit timer": (Written("set_timer(duration= ten minit)", 0.7, 0.3),),
    "set a ten minute timer": (Written("set_timer(duration= ten minute)", 0.99, 0.97),),
    "turn of the limp": (Written("switch(state= off, device= limp)", 0.99, 0.95),),
}


@pytest.mark.parametrize(
    ("text", "others", "believed"),
    [
        ("set a ten minit timer", ("sat a ten minit timer", "set a ten minute timer"), "set a ten minute timer"),
        ("turn of the limp", ("set a ten minute timer",), ""),
        ("what a day", ("set a ten minute timer",), ""),
        ("set a ten minute timer", (), ""),
    ],
)
def test_a_second_look_at_what_may_have_been_heard(
    tmp_path: Path, text: str, others: tuple[str, ...], believed: str
) -> None:
    """Where the first transcript makes no call, a sure one of the recognizer's runner-ups is believed."""
    with Decider(kitchen_set(), house(tmp_path), parts=DecidingModels(ScriptedModel(dict(HEARD)), None)) as decider:
        made = decider.decide(Transcript(text=text, others=others), now=NOW)
        assert made.heard == believed
        if believed:
            assert made.args == {"duration": 600}


def test_the_second_look_can_be_switched_off(tmp_path: Path) -> None:
    """With second_look = 0 no runner-up is ever decided."""
    settings = load_settings(None, {}, [f"paths.data={tmp_path}", "decide.second_look=0"])
    model = ScriptedModel(dict(HEARD))
    with Decider(kitchen_set(), settings, parts=DecidingModels(model, None)) as decider:
        decider.decide(Transcript(text="set a ten minit timer", others=("set a ten minute timer",)), now=NOW)
    assert len(model.seen) == 1


@pytest.mark.parametrize(("chance", "asked"), [(0.97, False), (0.7, True)])
def test_many_new_skills_are_read_only_where_the_model_doubts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chance: float, asked: bool
) -> None:
    """In a house of many new skills what the skill model is certain of costs no time with their examples."""
    first = reckon.__skill__
    many = [replace(first, name=f"reckon_{at}") for at in range(ALL + 1)]
    seen: list[str] = []
    monkeypatch.setattr(Unseen, "best", lambda _self, text, *_: seen.append(text))
    model = ScriptedModel({"reckon it": (Written("play_music()", chance, chance),)})
    with Decider(kitchen_set((*KITCHEN, *many)), house(tmp_path), parts=DecidingModels(model, None)) as decider:
        decider.decide(Transcript(text="reckon it"), now=NOW)
    assert bool(seen) is asked
