"""Every test lives in a home of its own: nothing of the person who runs the tests is read or written."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import hypothesis
import pytest

import assistant  # noqa: F401 - before numpy: it says how many threads that uses, as in the processes that tests start

hypothesis.settings.register_profile("hark", deadline=None)  # a busy machine is no fault
hypothesis.settings.load_profile("hark")


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home folder, no HARK_ variable of the outer shell, and runs tracked in plain files."""
    home = tmp_path_factory.mktemp("home")
    for name in [name for name in os.environ if name.startswith(("HARK_", "XDG_", "HF_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HARK_TRACKING__TO", "files")  # MLflow takes a second or two; the tests about it ask for it
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    return home


@pytest.fixture(scope="session", autouse=True)
def _signals_are_heard() -> None:
    """Under nohup signals are ignored, and would be by every process that a test starts."""
    for number, handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, handler)
