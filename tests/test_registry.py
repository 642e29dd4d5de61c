"""Finding skills: whatever is wrong with a plugin costs that plugin, and is one sentence that says where."""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import sys
import textwrap
from pathlib import Path

import pytest

from assistant import registry
from assistant.config import Settings, load_settings
from assistant.readers import Unreadable, read_arguments
from assistant.registry import GROUP, SkillSet, load_file, load_skills
from assistant.skill import ConfigError, Household

GOOD = '''
"""Good."""
from assistant.skill import Announcement, Context, Number, due, on_stop, skill

SETTINGS = {"cups": 2, "strength": 0.5, "kind": "mocha", "names": ["a"], "hot": True, "open": None}

@skill(examples=["brew [two](count) pots", "brew"])
def brew(context: Context, *, count: Number = 1) -> str:
    """Brew."""
    return "brewed"

@due
def ready(context: Context) -> list[Announcement]:
    return []

@on_stop
def hush(context: Context) -> None:
    pass
'''


def skill_text(name: str, examples: str = '["go"]', arguments: str = "", doc: str = "Does it.") -> str:
    """The source of a file with one skill."""
    return textwrap.dedent(
        f'''
        from assistant.skill import *
        @skill(examples={examples})
        def {name}(context{arguments}):
            """{doc}"""
        '''
    )


def settings_for(folder: Path, *flags: str) -> Settings:
    """Settings with one folder of skills."""
    return load_settings(None, {}, [f"skills.folders={folder}", *flags])


def load(folder: Path, files: dict[str, str], *flags: str) -> SkillSet:
    """Write the files and load them beside the built-in skills."""
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return load_skills(settings_for(folder, *flags))


def test_built_in_and_folder_skills_load_in_a_stable_order(tmp_path: Path) -> None:
    """Built-in modules come first, each by name; a second load gives the same names and hash."""
    first = load(tmp_path / "s", {"zebra.py": skill_text("zig"), "ant.py": skill_text("zag")})
    second = load_skills(settings_for(tmp_path / "s"))
    assert first.faults == ()
    assert [m.name for m in first.modules][-2:] == ["ant", "zebra"]
    built_in = [m.name for m in first.modules][:-2]
    assert built_in == sorted(built_in)
    assert {"timers", "weather", "session"} <= set(built_in)
    assert [s.name for s in first.skills] == [s.name for s in second.skills]
    assert first.hash == second.hash
    assert first.by_name["zag"].source.endswith("ant.py:3")
    assert first.module_of(first.by_name["zag"]).name == "ant"


def test_the_hash_follows_what_a_model_is_told(tmp_path: Path) -> None:
    """Another example changes the hash; another function body does not."""
    base = load_file(_written(tmp_path / "a.py", GOOD)).hash
    assert load_file(_written(tmp_path / "b.py", GOOD.replace('"brewed"', '"poured"'))).hash == base
    assert load_file(_written(tmp_path / "c.py", GOOD.replace('"brew"]', '"brew it"]'))).hash != base


def _written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


FAULTS = {
    "no examples": (skill_text("a1", "[]"), 3, "a1 has no examples"),
    "an example that does not fit": (
        skill_text("a1", '["for [tea](drink)"]'),
        3,
        "marks drink, which is not an argument",
    ),
    "a missing required argument": (
        skill_text("a1", '["go"]', ", *, n: Number"),
        3,
        "does not mark n, which is required",
    ),
    "a choice that is none": (
        skill_text("a1", '["go [up](way=sideways)"]', ', *, way: typing.Literal["up"]').replace(
            "import *", "import *; import typing"
        ),
        3,
        "way=sideways, which is not one of up",
    ),
    "an unsupported type": (skill_text("a1", '["go"]', ", *, n: bytes = b''"), 3, "the type bytes is not supported"),
    "choices that are numbers": (
        skill_text("a1", '["go"]', ", *, n: typing.Literal[1, 2] = 1").replace("import *", "import *; import typing"),
        3,
        "n: the choices of typing.Literal[1, 2] must be texts in quotes; for a number use int",
    ),
    "a choice that ends with a mark": (
        skill_text("a1", '["go"]', ', *, half: typing.Literal["a.m."] = "a.m."').replace(
            "import *", "import *; import typing"
        ),
        3,
        'a1: the choice "a.m." of half holds or ends with a mark',
    ),
    "an argument's bad name": (
        skill_text("a1", '["go"]', ', *, roomName: str = ""'),
        3,
        "a1: roomName is no good name for an argument; use small letters",
    ),
    "a type that is not known": (skill_text("a1", '["go"]', ", *, n: Numbr"), 4, "name 'Numbr' is not defined"),
    "a type that is not known, in quotes": (
        skill_text("a1", '["go"]', ', *, n: "Numbr"'),
        3,
        "a1 has a type that is not known: name 'Numbr' is not defined",
    ),
    "an option that @skill has not": (skill_text("a1").replace("examples=", "exampels="), 3, "'exampels'"),
    "an example that is too long": (
        skill_text("a1", f"['{'go ' * 99}[far](n)']", ", *, n: str"),
        3,
        "has more than 96 words; shorten it",
    ),
    "a positional argument": (skill_text("a1", '["go"]', ", n: str"), 3, "n must come after `*`"),
    "no context": (skill_text("a1").replace("(context)", "()"), 3, "a1 takes no context"),
    "a function to be awaited": (skill_text("a1").replace("def", "async def"), 3, "a1 is an async function"),
    "one example without brackets": (skill_text("a1", '"go"'), 3, "the examples of a1 must be a list"),
    "an example that is no text": (skill_text("a1", "['go', 3]"), 3, "the examples of a1 must be a list"),
    "an empty example": (skill_text("a1", "['go', ' ']"), 3, "a1 has an example without a word"),
    "an example of dots": (skill_text("a1", "['go', '...']"), 3, "a1 has an example without a word"),
    "a deadline before the start": (skill_text("a1", "['go'], deadline_s=-1"), 3, "deadline_s of a1 must be"),
    "a deadline in words": (skill_text("a1", "['go'], deadline_s='soon'"), 3, "deadline_s of a1 must be"),
    "bytes that are no text": ("x = 1\0", None, "is not valid Python"),
    "no docstring": (skill_text("a1", '["go"]', "", ""), 3, "a1 has no docstring"),
    "part of a word": (skill_text("a1", '["a [ten min](n)utes"]', ", *, n: str"), 3, "marks part of a word"),
    "a bad name": (skill_text("BadName"), 3, "BadName is no good name"),
    "a name that is taken": (skill_text("set_timer"), 3, "the name set_timer is taken by "),
    "a missing package": ("import no_such_package_at_all\n", 1, "needs the package no_such_package_at_all"),
    "an import that raises": ("x = 1\ny = x / 0\n", 2, "importing it failed: ZeroDivisionError"),
    "an import that leaves": ("import sys\nsys.exit(3)\n", 2, "leaves the program"),
    "no Python": ("def broken(:\n", 1, "is not valid Python"),
    "settings that are no table": ("SETTINGS = 5\n", None, "SETTINGS must be a dict"),
}


@pytest.mark.parametrize("kind", FAULTS)
def test_a_faulty_plugin_is_one_sentence_and_costs_no_other(tmp_path: Path, kind: str) -> None:
    """The fault names file and line, and its neighbours and the built-in skills load."""
    text, line, sentence = FAULTS[kind]
    found = load(tmp_path / "s", {"broken.py": text, "good.py": GOOD})
    assert len(found.faults) == 1, [str(fault) for fault in found.faults]
    (fault,) = found.faults
    assert sentence in fault.sentence
    assert fault.where == str(tmp_path / "s" / "broken.py") + (f":{line}" if line else "")
    assert "\n" not in str(fault)
    assert {"brew", "set_timer"} <= set(found.by_name)
    assert "a1" not in found.by_name


def test_every_fault_of_a_file_is_named_and_its_good_skills_load(tmp_path: Path) -> None:
    """Two wrong skills in one file are two sentences, and the right one between them works."""
    wrong = skill_text("a1", "[]") + skill_text("zig") + skill_text("a2", '["go"]', ", *, n: bytes = b''")
    found = load(tmp_path / "s", {"mixed.py": wrong})
    assert [fault.where.rpartition(":")[2] for fault in found.faults] == ["3", "13"]
    assert ["a1" in str(found.faults[0]), "bytes" in str(found.faults[1])] == [True, True]
    assert "zig" in found.by_name


@pytest.mark.parametrize("kind", ["a type that is not known", "an option that @skill has not", "a bad name"])
def test_a_wrong_declaration_costs_no_neighbour_in_its_file(tmp_path: Path, kind: str) -> None:
    """Nor what stands below it."""
    text, line, sentence = FAULTS[kind]
    found = load(tmp_path / "s", {"mixed.py": text + skill_text("zig")})
    (fault,) = found.faults
    assert sentence in fault.sentence and fault.where.endswith(f":{line}")
    assert "zig" in found.by_name


def test_a_name_that_is_not_known_elsewhere_costs_the_file(tmp_path: Path) -> None:
    """Only where a skill is declared is it that skill's fault."""
    found = load(tmp_path / "s", {"broken.py": skill_text("a1") + "x = Numbr\n"})
    assert ["importing it failed: NameError" in fault.sentence for fault in found.faults] == [True]
    assert "a1" not in found.by_name


@pytest.mark.parametrize(("said", "count"), [("three", 3), ("twenty", 20), ("two and a half", None)])
def test_an_int_is_a_whole_number(tmp_path: Path, said: str, count: int | None) -> None:
    """`range(count)` works; where no whole number was said the question says so."""
    found = load(tmp_path / "s", {"a.py": skill_text("a1", '["go [two](count)"]', ", *, count: int")}).by_name["a1"]
    now = dt.datetime(2026, 3, 2, 10, tzinfo=dt.UTC)
    if count is None:
        with pytest.raises(Unreadable, match="I need a whole number there"):
            read_arguments(found, {"count": said}, now=now, household=Household())
        return
    value = read_arguments(found, {"count": said}, now=now, household=Household())["count"]
    assert (value, type(value)) == (count, int)


def test_an_argument_whose_name_holds_a_digit_can_be_marked(tmp_path: Path) -> None:
    """As Python and the call language have it."""
    found = load(tmp_path / "s", {"a.py": skill_text("a1", '["go to [two](floor2)"]', ", *, floor2: str")})
    assert not found.faults and found.by_name["a1"].examples[0].call.words == {"floor2": "two"}


def test_every_bad_example_of_a_skill_is_named(tmp_path: Path) -> None:
    """Each is a sentence of its own at the skill's line, in one go; its neighbour loads."""
    examples = [
        "go [up](way)",
        "[a](n) or [b](n)",
        "go to [five](n)",
        "go [ten min](n)utes",
        "go to [seven](N)",
        "go",
        "a [dull](n)ish walk",
    ]
    found = load(tmp_path / "s", {"b.py": skill_text("a1", repr(examples), ", *, n: str"), "good.py": GOOD})
    assert {fault.where for fault in found.faults} == {f"{tmp_path / 's' / 'b.py'}:3"}
    assert [fault.sentence for fault in found.faults] == [
        'the example "go up" marks way, which is not an argument',
        'the example "[a](n) or [b](n)" marks n twice',
        'the example "go to [seven](N)" has a mark that cannot be read; write [words](argument)',
        'the example "go" does not mark n, which is required',
        'the example "go ten minutes" marks part of a word; mark whole words',
        'the example "a dullish walk" marks part of a word; mark whole words',
    ]
    assert "brew" in found.by_name and "a1" not in found.by_name
    two = load_file(_written(tmp_path / "two.py", skill_text("a2", repr([examples[3], examples[6]]), ", *, n: str")))
    assert len(two.faults) == 2 and two.skills == ()


def test_a_folder_called_as_a_skill_file_is_one_sentence(tmp_path: Path) -> None:
    """What is no file is named, with what to do, and not imported."""
    (tmp_path / "s" / "k.py").mkdir(parents=True)
    (tmp_path / "s" / "l.py").symlink_to(tmp_path / "gone.py")
    found = load(tmp_path / "s", {"good.py": GOOD})
    assert [str(fault) for fault in found.faults] == [
        f"{tmp_path / 's' / 'k.py'}: is a folder, so no skills; take .py from its name, or remove it",
        f"{tmp_path / 's' / 'l.py'}: is no file that can be read, so no skills; take .py from its name, or remove it",
    ]
    assert "brew" in found.by_name


def test_a_name_taken_twice_names_both_places(tmp_path: Path) -> None:
    """Of two skills with one name the first stays, and the fault says where both are."""
    found = load(tmp_path / "s", {"one.py": skill_text("zig"), "two.py": skill_text("zig")})
    (fault,) = found.faults
    assert fault.where.endswith("two.py:3")
    assert f"{tmp_path / 's' / 'one.py'}:3" in fault.sentence
    assert found.by_name["zig"].source.endswith("one.py:3")


def test_a_module_name_taken_twice_names_both_places(tmp_path: Path) -> None:
    """A file named as a built-in module would share its settings, so it is refused."""
    found = load(tmp_path / "s", {"timers.py": skill_text("zig")})
    (fault,) = found.faults
    assert fault.where == str(tmp_path / "s" / "timers.py")
    assert str(Path("skills") / "timers.py") in fault.sentence
    assert "zig" not in found.by_name


def test_an_import_that_hangs_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module that never ends its import is a fault after the deadline, and the others load."""
    monkeypatch.setattr(registry, "IMPORT_S", 1.0)
    found = load(tmp_path / "s", {"asleep.py": "import threading\nthreading.Event().wait(90)\n", "good.py": GOOD})
    assert [fault.sentence for fault in found.faults] == ["importing it did not end within 1 seconds; import quickly"]
    assert "brew" in found.by_name


def test_what_an_import_prints_is_no_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A module that prints while it loads writes to standard error."""
    load(tmp_path / "s", {"loud.py": "print('LOUD')\n"})
    captured = capsys.readouterr()
    assert "LOUD" not in captured.out
    assert "LOUD" in captured.err


def test_tests_and_private_files_are_no_skills(tmp_path: Path) -> None:
    """A folder may hold test_*.py, _*.py and conftest.py beside the skills."""
    stop = "raise RuntimeError('imported')\n"
    found = load(tmp_path / "s", {"test_x.py": stop, "_help.py": stop, "conftest.py": stop, "good.py": GOOD})
    assert found.faults == ()
    assert "brew" in found.by_name


def test_hooks_belong_to_their_module(tmp_path: Path) -> None:
    """A module's @due and @on_stop functions are found, and what it imports from another is not its own."""
    good = load_file(_written(tmp_path / "good.py", GOOD + "\nfrom skills.timers import set_timer\n"))
    (module,) = good.modules
    assert ([f.__name__ for f in module.due], [f.__name__ for f in module.stop]) == (["ready"], ["hush"])
    assert [skill.name for skill in module.skills] == ["brew"]


def test_modules_and_skills_can_be_disabled(tmp_path: Path) -> None:
    """A disabled module is gone altogether, a disabled skill alone."""
    found = load(tmp_path / "s", {"good.py": GOOD}, "skills.disabled=timers,brew")
    assert "timers" not in [module.name for module in found.modules]
    assert not {"set_timer", "brew"} & set(found.by_name)
    assert "good" in [module.name for module in found.modules]


def test_a_modules_settings_are_its_defaults_and_the_households_values(tmp_path: Path) -> None:
    """Values of the table replace defaults; text from the environment takes the default's type."""
    flags = ["skills.good.cups=4", "skills.good.strength=1", "skills.good.hot=no", "skills.good.names=x, y"]
    found = load(tmp_path / "s", {"good.py": GOOD}, *flags)
    settings = found.module_of(found.by_name["brew"]).settings
    assert dict(settings) == {
        "cups": 4, "strength": 1.0, "kind": "mocha", "names": ["x", "y"], "hot": False, "open": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("[skills.good]\ncup = 3\n", "skills.good.cup is not a setting; did you mean skills.good.cups?"),
        ("[skills.god]\ncups = 3\n", "[skills.god] names no module of skills; did you mean skills.good?"),
        ('[skills.good]\ncups = "three"\n', "skills.good.cups must be a whole number, as 2 is; it is 'three'"),
        ("[skills.good]\ncups = true\n", "skills.good.cups must be a whole number, as 2 is; it is True"),
        ("[skills.good]\nkind = 3\n", "skills.good.kind must be text in quotes, as 'mocha' is; it is 3"),
        ("[skills.good]\nnames = [1]\n", "skills.good.names must be a list, as ['a'] is; it is [1]"),
        ("[skills.bare]\nx = 1\n", "skills.bare.x is not a setting; bare has no settings"),
    ],
)
def test_a_wrong_skill_setting_is_one_sentence(tmp_path: Path, table: str, expected: str) -> None:
    """An unknown module, an unknown key and a wrong type are named, with the nearest known name."""
    (tmp_path / "good.py").write_text(GOOD, encoding="utf-8")
    (tmp_path / "bare.py").write_text(skill_text("zig"), encoding="utf-8")
    file = _written(tmp_path / "hark.toml", f'[skills]\nfolders = ["{tmp_path}"]\n{table}')
    with pytest.raises(ConfigError) as caught:
        load_skills(load_settings(file, {}))
    assert str(caught.value) == expected


def test_installed_packages_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that names itself in the entry-point group brings its modules; a broken one costs itself."""
    package = tmp_path / "hark_tea"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "tea.py").write_text(skill_text("pour_tea"))
    (tmp_path / "lone_skill.py").write_text(skill_text("lone"))
    real = importlib.metadata.entry_points(group=GROUP)
    added = [importlib.metadata.EntryPoint(value, value, GROUP) for value in ("hark_tea", "lone_skill", "gone_away")]
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: [*added, *real])
    monkeypatch.syspath_prepend(tmp_path)
    found = load(tmp_path / "none", {})
    assert {"pour_tea", "lone", "set_timer"} <= set(found.by_name)
    assert [str(fault) for fault in found.faults] == [
        "package gone_away: needs the package gone_away, which is not installed"
    ]
    assert found.modules[0].path.endswith("skills/alarms.py")
    for name in ("hark_tea", "hark_tea.tea", "lone_skill"):
        sys.modules.pop(name, None)


def test_the_default_folder_need_not_be_there(tmp_path: Path) -> None:
    """A household that has no skills of its own has no fault."""
    assert load_skills(load_settings(None, {}, [f"paths.data={tmp_path / 'none'}"])).faults == ()


def test_a_named_folder_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    """One that the settings name is told, or its skills would vanish without a word."""
    (fault,) = load_skills(settings_for(tmp_path / "none")).faults
    assert fault.where == str(tmp_path / "none")
    assert fault.sentence == "there is no such folder; make it, or correct skills.folders"


def test_a_name_that_disables_nothing_is_a_fault(tmp_path: Path) -> None:
    """The nearest name is told; those of a skill and of a module disable."""
    (fault,) = load(tmp_path, {"good.py": GOOD}, "skills.disabled=brow").faults
    assert fault.where == "skills.disabled"
    assert fault.sentence == "brow names no skill and no module of skills; did you mean brew?"
    for name in ("brew", "good"):
        found = load(tmp_path, {"good.py": GOOD}, f"skills.disabled={name}")
        assert not found.faults
        assert "brew" not in found.by_name
