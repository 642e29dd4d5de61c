"""What the household calls its things is offered to the recognizer, from wherever a skill keeps it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from servers import HomeAssistantServer, Thing

from assistant.skill import Context, SkillError
from skills import _jukebox, home, lists, music, timers

Make = Callable[..., Context]


def test_timers_and_lists_offer_what_they_were_called(context: Context) -> None:
    """A timer's name, a list's name and what stands on it are offered; a timer without a name offers none."""
    assert timers.timer_names(context) == [] and list(lists.list_names(context)) == []
    timers.set_timer(context, duration=dt.timedelta(minutes=3), name="gnocchi")
    timers.set_timer(context, duration=dt.timedelta(minutes=4))
    lists.add_to_list(context, item="kombucha", list="camping")
    assert timers.timer_names(context) == ["gnocchi"]
    assert set(lists.list_names(context)) == {"camping", "kombucha"}


def test_home_offers_rooms_and_what_can_be_switched(make_context: Make) -> None:
    """Names and areas of lamps and plugs are offered, those of locks are not; without a house there are none."""
    things = [Thing("light.a", "Terrarium", "Larder"), Thing("lock.b", "Front Door", "Hall")]
    assert list(home.device_names(make_context(settings=home.SETTINGS))) == []
    with HomeAssistantServer(things) as service:
        settings: dict[str, Any] = {**home.SETTINGS, "address": service.url, "token": service.TOKEN}
        assert list(home.device_names(make_context(settings=settings))) == ["Terrarium", "Larder"]
    with pytest.raises(SkillError):
        home.device_names(make_context(settings=settings))


def test_music_offers_what_its_index_knows(make_context: Make, tmp_path: Path) -> None:
    """Artists, titles and playlists come from the index alone: a file that was not read yet costs no time."""
    folder = tmp_path / "music"
    folder.mkdir()
    context = make_context(settings={**music.SETTINGS, "folder": str(folder), "mpd": ""})
    (folder / "Khruangbin - Maria También.mp3").touch()
    (folder / "Winter.m3u8").write_text("#EXTM3U\n", encoding="utf-8")
    assert list(music.music_names(context)) == ["Winter"]
    _jukebox.folder(context).tracks()
    assert list(music.music_names(context)) == ["Winter", "Khruangbin", "Maria También"]
