"""Ladders: variants that are weaker on purpose, scored as everything is, kept and continued as runs."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import gguf
import pytest
from kitchen import doll

from assistant.assemble import open_skills
from assistant.cli import main
from assistant.commands.frame import UsageError
from assistant.config import Settings, load_settings
from assistant.gguf_llama import LlamaFile, LlamaShape, byte_vocabulary, random_tensors, write_llama
from assistant.hub import sha256
from assistant.nearest import Examples
from assistant.prompt import plain, read_call
from assistant.skill import ConfigError
from assistant.turn import Transcript
from evals import runs
from evals.answers import UNPARSABLE
from evals.cases import Case, write_cases
from evals.commands.ladder import OURS
from evals.ladder import Ladder, climb, read_ladder, ready
from evals.random_weights import is_skill_model, random_weights
from evals.report.charts import percent
from evals.running import Order, run_set
from evals.variants import (
    EXAMPLES,
    LINEAR,
    Variant,
    first_line,
    nearest_written,
    opened,
    plain_prompt,
    settings_for,
)

OTHERS = "alarms,answers,clock,home,lists,math,music,news,notes,programs,units,weather"
NOW = dt.datetime(2026, 3, 2, 10, tzinfo=dt.UTC)
CASES = (
    Case("set a timer for ten minutes", "set_timer", {"duration": "ten minutes"}),
    Case("volume five", "set_volume", {"level": "five"}),
    Case("what lovely weather that was", "none"),
    Case("set a timer for one hour", "set_timer", {"duration": "one hour"}),
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A small household of timers and volume, with the doll as its skill model."""
    flags = (f"skills.disabled={OTHERS}", f"paths.data={tmp_path / 'data'}", f"paths.cache={tmp_path / 'cache'}")
    return load_settings(None, {}, [*flags, f"models.skill={doll()}", "tracking.to=off"])


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    write_cases(tmp_path / "cases.jsonl", CASES)
    return tmp_path / "cases.jsonl"


def larger_doll(folder: Path, seed: int = 1) -> Path:
    """A few thousand random weights that read any text, byte by byte."""
    shape, words = LlamaShape(width=32, layers=1, heads=2, feed_forward=32, context=8192), byte_vocabulary()
    path = folder / "larger.gguf"
    file = LlamaFile(shape, words, {}, two_way=False)
    write_llama(path, file, random_tensors(shape, len(words.tokens), seed), q8=True)
    return path


def decided(variant: Variant, settings: Settings, *texts: str) -> list[tuple[str, dict[str, str]]]:
    """What the variant makes of each text: skill and words."""
    chosen = settings_for(variant, settings, Path())
    with opened(variant, chosen, open_skills(chosen)) as decider:
        decisions = [decider.decide(Transcript(text=text), now=NOW) for text in texts]
    return [(decision.skill, decision.words) for decision in decisions]


def ladder_of(cases: Path, *variants: Variant) -> Ladder:
    return Ladder(name="little", set=cases.name, variant=list(variants))


# --- the file --------------------------------------------------------------------------------------------------------

GOOD = 'name = "a"\nset = "quick"\n[[variant]]\nname = "b"\n'
WRONG = {
    GOOD + "modle = 'x'\n": "variant 1 modle is no key of a ladder; did you mean variant.model?",
    GOOD + "examples = 99\n": "variant 1 examples: input should be less than or equal to 32",
    GOOD + '[[variant]]\nname = "b"\n': "two variants are called 'b'",
    'name = "a"\nset = "quick"\n': "variant: field required",
    "name = ": "is not valid TOML",
}


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_in_a_ladder_is_named(tmp_path: Path, text: str) -> None:
    """File, variant and key are in the sentence."""
    (tmp_path / "ladder.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as fault:
        read_ladder(tmp_path / "ladder.toml")
    assert "ladder.toml" in str(fault.value)
    assert WRONG[text] in str(fault.value)


def test_a_ladder_that_is_not_there_is_wrong_use(tmp_path: Path) -> None:
    """No file, no traceback."""
    with pytest.raises(UsageError, match="there is no ladder"):
        read_ladder(tmp_path / "gone.toml")


def test_the_ladders_there_are_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever misspells one is told which come with Hark."""
    assert main(["eval", "ladder", "shiped"]) == 2
    assert "no ladder shiped" in (said := capsys.readouterr().err) and "larger, shipped" in said


@pytest.mark.parametrize("path", sorted(OURS.glob("*.toml")), ids=lambda path: path.stem)
def test_every_ladder_that_comes_with_hark_can_be_read(path: Path) -> None:
    """Each has its file's name, and a weaker way before a stronger one."""
    found = read_ladder(path)
    assert found.name == path.stem
    assert len(found.variant) > 1


SWITCHES = {
    "examples and prompt are for a larger model": Variant(name="v", examples=2),
    "the plain prompt has no grammar": Variant(name="v", model="larger.gguf", prompt="plain"),
    "is the whole of decide": Variant(name="v", house=True, constrained=False),
    "nothing to constrain": Variant(name="v", model=EXAMPLES, constrained=False),
    "cannot be read": Variant(name="v", model="gone.gguf"),
    "is not a GGUF model": Variant(name="v", model="notes.gguf"),
}


@pytest.mark.parametrize("complaint", SWITCHES)
def test_a_switch_that_would_do_nothing_is_refused(tmp_path: Path, settings: Settings, complaint: str) -> None:
    """A step that is not what it says would make the staircase a lie."""
    larger_doll(tmp_path)
    (tmp_path / "notes.gguf").write_text("hello", encoding="utf-8")
    with pytest.raises(ConfigError, match=complaint):
        settings_for(SWITCHES[complaint], settings, tmp_path)


# --- the variants ----------------------------------------------------------------------------------------------------

LINES = {
    'set_timer(duration="ten minutes", name="pasta")': {"duration": "ten minutes", "name": "pasta"},
    "\n  Call: set_timer(duration= ten minutes)\nSaid: more": {"duration": "ten minutes"},
    "set_timer(duration='ten minutes', name=boston's)": {"duration": "ten minutes", "name": "boston's"},
}


@pytest.mark.parametrize("written", LINES)
def test_what_a_model_writes_freely_is_read_kindly(written: str) -> None:
    """Quotes around words, a "Call:" before and chatter after cost nothing; an apostrophe inside stays."""
    call = read_call(first_line(written))
    assert call.skill == "set_timer"
    assert dict(call.words) == LINES[written]


def test_the_likest_example_answers_as_it_was_signed(settings: Settings) -> None:
    """Without any model: the words that stand in the example's gap are the argument."""
    found = decided(Variant(name="v", model=EXAMPLES), settings, "set a timer for eleven minutes")
    assert found == [("set_timer", {"duration": "eleven minutes"})]


def test_the_linear_machine_knows_what_it_was_trained_on(settings: Settings) -> None:
    """Every signed example gets its own skill back."""
    skills = open_skills(settings)
    variant = Variant(name="v", model=LINEAR)
    with opened(variant, settings, skills) as decider:
        for skill in skills.skills:
            for example in skill.examples:
                assert decider.decide(Transcript(text=example.text), now=NOW).skill == skill.name, example.text


@pytest.mark.parametrize("reads", ["the sentence alone", "the list of calls"])
def test_the_grammar_leaves_no_call_unparsable(tmp_path: Path, settings: Settings, reads: str) -> None:
    """Random weights under the grammar write calls of this house and no others; freely they write none."""
    model = str(doll() if reads == "the sentence alone" else larger_doll(tmp_path))
    names = {skill.name for skill in open_skills(settings).skills}
    texts = [case.text for case in CASES[:2]]
    bound = decided(Variant(name="v", model=model), settings, *texts)
    assert {skill for skill, _ in bound} <= names
    free = decided(Variant(name="v", model=model, constrained=False), settings, *texts)
    assert {skill for skill, _ in free} == {UNPARSABLE}


def test_the_plain_question_names_every_call(settings: Settings) -> None:
    """What one asks at first: all calls with their arguments, and the sentence at the end."""
    skills = open_skills(settings)
    asked = plain_prompt(skills.by_name, "volume five")
    assert all(f"\n{skill.name}(" in asked for skill in skills.skills)
    assert asked.endswith('Sentence: "volume five"\nCall:')


@pytest.mark.parametrize("most", [0, 2, 8])
def test_so_many_examples_are_shown_the_likest_last(settings: Settings, most: int) -> None:
    """Each is a signed sentence with the call it means, as a model would write it."""
    skills = open_skills(settings)
    shown = nearest_written(Examples(skills.skills), skills.by_name, "set a timer for ten minutes", most)
    assert len(shown) <= most
    assert bool(shown) == bool(most)
    signed = {plain(example.text): skill.name for skill in skills.skills for example in skill.examples}
    assert all(read_call(call).skill == signed[said] for said, call in shown)
    if shown:
        assert "timer" in shown[-1][0]


def test_random_weights_are_the_same_on_every_day(tmp_path: Path) -> None:
    """The untrained double has the model's words and notes, other numbers, and one checksum for ever."""
    one, two = random_weights(doll(), tmp_path / "one"), random_weights(doll(), tmp_path / "two")
    assert sha256(one) == sha256(two)
    assert is_skill_model(one)
    like, made = gguf.GGUFReader(str(doll())), gguf.GGUFReader(str(one))
    for name, field in like.fields.items():
        if not name.startswith("GGUF."):
            assert made.fields[name].contents() == field.contents(), name
    weights = {tensor.name: tensor for tensor in made.tensors}
    assert weights.keys() == {tensor.name for tensor in like.tensors}
    for tensor in like.tensors:
        assert list(weights[tensor.name].shape) == list(tensor.shape)
        assert len(tensor.shape) == 1 or (weights[tensor.name].data != tensor.data).any()


def test_the_untrained_double_stands_alone(tmp_path: Path, settings: Settings) -> None:
    """What was fitted to the trained weights, and what names a file beside them, is left out; it loads and answers."""
    model = doll(talk="lovely weather")
    house = settings.model_copy(update={"models": settings.models.model_copy(update={"skill": str(model)})})
    double = random_weights(model, tmp_path / "alone")
    ours = {name for name in gguf.GGUFReader(str(double)).fields if name.startswith("hark.")}
    assert ours == {"hark.skills", "hark.version", "hark.prompt_two_way", "hark.calibration"}
    names = {skill.name for skill in open_skills(house).skills}
    for whole in (False, True):
        found = decided(Variant(name="v", model=str(double), house=whole), house, CASES[0].text, CASES[2].text)
        assert {skill for skill, _ in found} <= names


@pytest.mark.model
def test_the_shipped_ladder_climbs_from_random_weights(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Every step of the ladder that comes with Hark answers a few cases, and the last beats the first."""
    text = (OURS / "shipped.toml").read_text(encoding="utf-8").replace("limit = 120", "limit = 8")
    (tmp_path / "shipped.toml").write_text(text, encoding="utf-8")
    flags = [f"--set=paths.data={tmp_path / 'data'}", "--set=tracking.to=off"]
    assert main([*flags, "eval", "ladder", str(tmp_path / "shipped.toml"), "--json"]) == 0
    steps = json.loads(capfd.readouterr().out)["steps"]
    assert [step["right"]["n"] for step in steps] == [8] * len(read_ladder(OURS / "shipped.toml").variant)
    assert steps[0]["right"]["value"] < steps[-1]["right"]["value"]


# --- the climb -------------------------------------------------------------------------------------------------------


def test_each_step_is_scored_and_what_is_unparsable_is_wrong(tmp_path: Path, settings: Settings, cases: Path) -> None:
    """A model that asks plainly and gets noise has none right, the sentence for nobody included."""
    larger_doll(tmp_path)
    plainly = Variant(name="noise", model="larger.gguf", constrained=False, prompt="plain")
    ladder = ladder_of(cases, plainly, Variant(name="the likest example", model=EXAMPLES))
    found = climb(ladder, ready(settings, ladder, tmp_path))
    noise, likest = found["steps"]
    assert (found["set"], found["n"]) == ("cases", len(CASES))
    assert (noise["unparsable"], noise["right"]["right"], noise["unscored"]) == (len(CASES), 0, 0)
    assert likest["unparsable"] == 0
    assert likest["right"]["right"] >= 2
    assert noise["models"]["larger"] == sha256(tmp_path / "larger.gguf")
    assert runs.load(likest["run"], settings).meta["options"]["variant"]["model"] == EXAMPLES


def test_a_second_climb_keeps_what_has_not_changed(tmp_path: Path, settings: Settings, cases: Path) -> None:
    """The same models and cases are not run again; another file under the same name is."""
    larger_doll(tmp_path)
    ladder = ladder_of(
        cases, Variant(name="likest", model=EXAMPLES), Variant(name="doll", model="larger.gguf", prompt="hark")
    )
    first = climb(ladder, ready(settings, ladder, tmp_path))
    again = climb(ladder, ready(settings, ladder, tmp_path))
    assert [step["kept"] for step in (*first["steps"], *again["steps"])] == [False, False, True, True]
    assert [step["run"] for step in again["steps"]] == [step["run"] for step in first["steps"]]
    larger_doll(tmp_path, seed=2)
    changed = climb(ladder, ready(settings, ladder, tmp_path))
    assert [step["kept"] for step in changed["steps"]] == [True, False]
    assert changed["steps"][1]["run"] != first["steps"][1]["run"]


def stopping_at(count: int) -> Callable[[str, int], None]:
    """Ctrl-C after so many cases."""

    def told(_name: str, done: int) -> None:
        if done == count:
            raise KeyboardInterrupt

    return told


def test_a_climb_that_was_broken_off_goes_on(tmp_path: Path, settings: Settings, cases: Path) -> None:
    """The cases that were done are not done again, and the step stays the run it was."""
    ladder = ladder_of(cases, Variant(name="likest", model=EXAMPLES))
    steps = ready(settings, ladder, tmp_path)
    with pytest.raises(KeyboardInterrupt):
        climb(ladder, steps, stopping_at(2))
    half = runs.load(steps[0].name, settings)
    assert (half.meta["status"], len(half.evidence())) == ("interrupted", 2)
    done: list[int] = []
    found = climb(ladder, steps, lambda _name, so_far: done.append(so_far))
    assert found["steps"][0]["run"] == half.name
    assert done == [3, 4, 4]
    assert len(runs.load(half.name, settings).evidence()) == len(CASES)


def test_a_step_that_is_resumed_by_itself_is_decided_as_it_began(
    tmp_path: Path, settings: Settings, cases: Path
) -> None:
    """`hark eval run --resume` of a half step goes on with the variant, not with the household's models."""
    ladder = ladder_of(cases, Variant(name="likest", model=EXAMPLES))
    steps = ready(settings, ladder, tmp_path)
    with pytest.raises(KeyboardInterrupt):
        climb(ladder, steps, stopping_at(2))
    run = run_set(steps[0].settings, Order(resume=steps[0].name))
    assert {one.tier for one in run.evidence()} == {"examples"}


def test_the_command_leaves_table_chart_and_result(
    tmp_path: Path, settings: Settings, cases: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """One object on standard output; the chart is a picture of its own, the table is Markdown."""
    text = f'name = "little"\nset = "{cases.name}"\n[[variant]]\nname = "likest"\nmodel = "examples"\n'
    (tmp_path / "ladder.toml").write_text(text, encoding="utf-8")
    flags = [f"--set=skills.disabled={OTHERS}", f"--set=paths.data={settings.paths.data}", "--set=tracking.to=off"]
    assert main([*flags, "eval", "ladder", str(tmp_path / "ladder.toml"), "--json", "--to", str(tmp_path / "out")]) == 0
    found = json.loads(capfd.readouterr().out)
    assert found["steps"][0]["right"]["n"] == len(CASES)
    assert json.loads((tmp_path / "out" / "ladder.json").read_text(encoding="utf-8"))["steps"] == found["steps"]
    svg = ElementTree.fromstring((tmp_path / "out" / "ladder.svg").read_text(encoding="utf-8"))  # noqa: S314 - our own
    assert svg.find("{http://www.w3.org/2000/svg}style") is not None
    (row,) = [
        line for line in (tmp_path / "out" / "ladder.md").read_text("utf-8").splitlines() if "| likest | " in line
    ]
    in_vain = found["steps"][0]["false_calls"]
    assert in_vain["n"] == sum(case.skill == "none" for case in CASES) > 0
    low, high = percent(in_vain["low"]), percent(in_vain["high"])
    assert f" | {percent(in_vain['value'])} | {low} to {high} | {in_vain['n']} | 0 | " in row
    skill = found["steps"][0]["skill_right"]
    assert f" | {percent(skill['value'])} ({percent(skill['low'])} to {percent(skill['high'])}) | " in row
    assert main([*flags, "eval", "ladder", str(tmp_path / "ladder.toml")]) == 0
    printed = capfd.readouterr().out
    assert "likest" in printed
    assert "1 of 1 variants were run before" in printed
