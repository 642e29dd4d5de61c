"""Settings: four layers, and every mistake named with what was meant."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from pydantic import ValidationError

from assistant.config import known_keys, load_settings
from assistant.registry import load_skills
from assistant.skill import ConfigError

EXAMPLE = Path(__file__).parents[1] / "hark.example.toml"


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_later_layers_win(tmp_path: Path) -> None:
    """Defaults give way to the file, the file to the environment, the environment to flags."""
    file = write(tmp_path / "a.toml", '[models]\nthreads = 3\n[speech]\nrate = 150\n[household]\nplace = "Lyon"\n')
    environ = {"HARK_MODELS__THREADS": "4", "HARK_SPEECH__RATE": "160"}
    settings = load_settings(file, environ, ["models.threads=5"])
    assert (settings.models.threads, settings.speech.rate, settings.household.place) == (5, 160, "Lyon")
    assert settings.decide.threshold == load_settings(None, {}).decide.threshold


def test_the_example_shows_every_setting_with_its_default(tmp_path: Path) -> None:
    """With every line uncommented the example is valid, names every key there is, and changes no plain default."""
    text = re.sub(r"^# (\w+ = )", r"\1", EXAMPLE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    settings = load_settings(write(tmp_path / "hark.toml", text), {})
    written = tomllib.loads(text)
    keys = {f"{group}.{key}" for group, table in written.items() for key in table if not isinstance(table[key], dict)}
    assert keys >= set(known_keys())
    plain = load_settings(None, {})
    for group in ("models", "decide", "speech", "trace", "household"):
        assert getattr(settings, group) == getattr(plain, group)
    tables = {name: set(table) for name, table in written["skills"].items() if isinstance(table, dict)}
    modules = {module.name: set(module.settings) for module in load_skills(plain).modules if module.settings}
    assert tables == modules
    assert load_skills(settings).hash == load_skills(plain).hash


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[models]\nthread = 2\n", "models.thread is not a setting; did you mean models.threads?"),
        ("[modles]\nthreads = 2\n", "there is no table [modles]; did you mean models?"),
        ("[speech]\nthreads = 2\n", "speech.threads is not a setting; did you mean models.threads?"),
        ("threads = 2\n", "threads stands outside a table; did you mean models.threads?"),
        ('[models]\nthreads = "many"\n', "models.threads should be a valid integer; it is 'many'"),
        ("[decide]\nthreshold = 1.5\n", "decide.threshold should be less than or equal to 1; it is 1.5"),
        ('[household]\nunits = "feet"\n', "household.units should be 'metric' or 'imperial'; it is 'feet'"),
        ('[household]\ntown = "Lyon"\n', "household.town is not a setting"),
        ('[household]\ntime_zone = "Europe/Pariss"\n', "is not a known time zone; did you mean Europe/Paris?"),
        (
            "[skills]\nfolders = [1, 2]\n",
            'skills.folders must be a list of texts, each in quotes (["one", "two"]); it is [',
        ),
        ("[skills]\ndisabled = 3\n", "skills.disabled must be a list of texts"),
        ("[paths]\ndata = 5\n", "paths.data must be a path in quotes; it is 5"),
        (f"[models]\nthreads = {'9' * 6000}\n", "cannot be read: a number in it has more than 4,300 digits"),
        (f"[models]\nthreads = {'[' * 9000}\n", "cannot be read: it is nested too deeply"),
        ("[models]\nthreads = \n", "is not valid TOML: Invalid value (at line 2, column 11)"),
    ],
)
def test_a_mistake_is_one_sentence_that_names_it(tmp_path: Path, text: str, expected: str) -> None:
    """Each wrong file gives one line with the file, the fault and, where there is one, the nearest known name."""
    file = write(tmp_path / "hark.toml", text)
    with pytest.raises(ConfigError) as caught:
        load_settings(file, {})
    assert expected in str(caught.value)
    assert str(file) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not any(word in str(caught.value) for word in ("sys.", "<class", "recursion", "tuple"))


def test_a_mistake_in_the_environment_names_the_environment() -> None:
    """A wrong variable is not blamed on a file."""
    with pytest.raises(ConfigError, match=r"^the environment: models.threads "):
        load_settings(None, {"HARK_MODELS__THREADS": "0"})


def test_a_named_file_must_exist(tmp_path: Path) -> None:
    """A file that is named and missing is an error; the user's own may be missing."""
    with pytest.raises(ConfigError, match="does not exist"):
        load_settings(tmp_path / "none.toml", {})
    with pytest.raises(ConfigError, match="does not exist"):
        load_settings(None, {"HARK_CONFIG": str(tmp_path / "none.toml")})
    assert load_settings(None, {}).file is None


def test_the_users_own_file_is_found(own_home: Path) -> None:
    """Without a flag or variable, hark/hark.toml in the settings folder is read."""
    folder = own_home / "config" / "hark"
    folder.mkdir(parents=True)
    file = write(folder / "hark.toml", "[models]\nthreads = 7\n")
    settings = load_settings(None, {})
    assert (settings.models.threads, settings.file) == (7, file)


def test_bytes_that_are_no_text_are_one_sentence(tmp_path: Path) -> None:
    """A binary file named as settings is refused plainly."""
    file = tmp_path / "hark.toml"
    file.write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(ConfigError, match="not a text file"):
        load_settings(file, {})


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    """Some editors begin a text file in UTF-8 with one."""
    (tmp_path / "hark.toml").write_text("[decide]\nthreshold = 0.4\n", encoding="utf-8-sig")
    assert load_settings(tmp_path / "hark.toml", {}).decide.threshold == 0.4


def test_an_empty_path_is_the_users_own_folder() -> None:
    """Nothing is written into whatever folder the command is called from."""
    assert load_settings(None, {}, ["paths.data="]).paths == load_settings(None, {}).paths


def test_paths_are_meant_from_the_file_that_names_them(tmp_path: Path) -> None:
    """A relative path in the file starts at the file's folder, and every path is absolute in the end."""
    text = (
        '[paths]\ndata = "d"\n[skills]\nfolders = ["mine", "~/theirs"]\n[models]\nskill = "m.gguf"\nlistening = "./w"\n'
    )
    settings = load_settings(write(tmp_path / "hark.toml", text), {})
    assert settings.paths.data == tmp_path / "d"
    assert settings.skills.folders == (tmp_path / "mine", Path(os.environ["HOME"]) / "theirs")
    assert settings.models.skill == str(tmp_path / "m.gguf")
    assert Path(settings.models.listening) == tmp_path / "w"
    assert load_settings(None, {"HARK_MODELS__LISTENING": "tiny.en"}).models.listening == "tiny.en"


def test_lists_and_skill_tables_come_from_the_environment_too() -> None:
    """A list is written with commas, a skill's own setting with one more part."""
    environ = {"HARK_SKILLS__DISABLED": "news, run_program", "HARK_SKILLS__VOLUME__STEP": "5", "HARK_DEVICE": "x"}
    settings = load_settings(None, environ)
    assert settings.skills.disabled == ("news", "run_program")
    assert settings.skills.tables == {"volume": {"step": "5"}}


def test_settings_do_not_change() -> None:
    """Settings are frozen."""
    settings = load_settings(None, {})
    with pytest.raises(ValidationError):
        settings.models.threads = 9


def test_the_wall_clock_is_the_households() -> None:
    """now() carries the time zone of the settings, or the machine's own."""
    tokyo = load_settings(None, {"HARK_HOUSEHOLD__TIME_ZONE": "Asia/Tokyo"}).now()
    assert tokyo.utcoffset() is not None
    assert str(tokyo.tzinfo) == "Asia/Tokyo"
    assert load_settings(None, {}).now().tzinfo is not None


def test_no_home_is_no_hindrance() -> None:
    """Without HOME and for a user that the system does not know, all paths are absolute all the same."""
    code = (
        "import os\n"
        "from assistant.config import load_settings\n"
        "load_settings()\n"  # imports all there is to import, while the files can still be read
        "if os.getuid() == 0: os.setuid(64321)\n"
        "s = load_settings()\n"
        "assert s.paths.data.is_absolute() and s.paths.cache.is_absolute()\n"
        "print(s.paths.data)\n"
    )
    environ = {"PATH": os.environ["PATH"]}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environ, capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()).is_absolute()
