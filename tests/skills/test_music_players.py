"""The players of the music skills: mpv started, lost and broken, and MPD."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import players
import pytest
from music_files import plays
from players import MpdServer, MpvSocket

from assistant.skill import ConfigError, Context, MissingPiece, SkillError
from skills import _players
from skills.music import (
    add_to_playlist,
    control_music,
    like_song,
    play_favorite,
    play_music,
    silence,
    what_is_playing,
)

pytest_plugins = ["music_house"]


@pytest.mark.parametrize("fault", ["garbage", "slow"])
def test_player_faults(house: Callable[..., Context], mpv: MpvSocket, fault: str, monkeypatch: Any) -> None:
    """A player that speaks nonsense or says nothing is reported in time."""
    monkeypatch.setattr(_players, "ANSWER_S", 0.3)
    mpv.fault = fault
    with pytest.raises(SkillError, match="The player does not answer"):
        play_music(house(), title="africa")


def test_player_that_is_just_ending(house: Callable[..., Context], mpv: MpvSocket) -> None:
    """A player that hangs up at once is ending: nothing plays, and new music starts another one."""
    mpv.fault = "drop"
    with pytest.raises(SkillError, match="Nothing is playing"):
        what_is_playing(house())
    with pytest.raises(SkillError, match="does not start"):
        play_music(house(mpv="false"), title="africa")


def test_no_loudspeaker(house: Callable[..., Context], mpv: MpvSocket) -> None:
    """A player without a sound card is not called playing, though it begins and gives up only a moment later."""
    mpv.properties["current-ao"] = None
    with pytest.raises(SkillError, match="no loudspeaker"):
        play_music(house(), title="africa")


def test_file_that_cannot_be_played(
    house: Callable[..., Context], mpv: MpvSocket, folder: Path, monkeypatch: Any
) -> None:
    """A song is not called playing when the player cannot open it, and it is no play of the household."""
    monkeypatch.setattr(_players, "START_S", 0.3)
    monkeypatch.setattr(players.Path, "exists", lambda self: False)
    with pytest.raises(SkillError, match="cannot play that: loading failed"):
        play_music(house(), title="africa")
    monkeypatch.undo()
    with house().database() as db:
        assert not db.execute("SELECT * FROM sqlite_master WHERE name = 'plays'").fetchall()


def test_player_is_started(house: Callable[..., Context], tmp_path: Path) -> None:
    """Without a running mpv one is started; the next command, of whatever process, reaches that same one."""
    program = tmp_path / "mpv"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{players.__file__}" "$@"\n')
    program.chmod(0o755)
    play_music(house(mpv=str(program)), title="africa")
    assert what_is_playing(house(mpv=str(program))) == "This is Africa (Remastered 2015) by Toto."
    control_music(house(mpv=str(program)), action="stop")


def test_stale_socket(house: Callable[..., Context], tmp_path: Path) -> None:
    """The socket of a player that was killed means that nothing plays."""
    MpvSocket(tmp_path / "mpv.sock").close()
    assert (tmp_path / "mpv.sock").exists()
    with pytest.raises(SkillError, match="Nothing is playing"):
        what_is_playing(house())


def test_foreign_file_at_the_socket(house: Callable[..., Context], tmp_path: Path) -> None:
    """What is no socket of ours is not talked to."""
    (tmp_path / "mpv.sock").write_text("x")
    with pytest.raises(SkillError, match="is not a socket of ours"):
        what_is_playing(house())


def test_no_player(house: Callable[..., Context]) -> None:
    """Without a player the sentence holds the command that installs one."""
    with pytest.raises(MissingPiece, match="sudo apt install mpv"):
        play_music(house(mpv="hark-no-such-player"), title="africa")


def test_player_that_does_not_start(house: Callable[..., Context]) -> None:
    """A player that ends at once is said not to start."""
    with pytest.raises(SkillError, match="does not start"):
        play_music(house(mpv="false"), title="africa")


# --- MPD -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def mpd() -> Iterator[MpdServer]:
    songs = [
        {"file": "a/aces.ogg", "Title": "Aces High", "Artist": "Iron Maiden", "Genre": "Metal", "Track": "1/8"},
        {"file": "b/so what.ogg", "Title": "So What", "Artist": "Miles Davis", "Genre": "Jazz"},
        {"file": "b/blue.ogg", "Title": "Blue in Green", "Artist": "Miles Davis", "Genre": "Jazz"},
        {"file": "c/untagged.ogg"},
    ]
    with MpdServer(songs) as running:
        yield running


def test_mpd_first(house: Callable[..., Context], mpd: MpdServer) -> None:
    """Where an MPD answers, its library is searched and its queue is played."""
    house_ = house(mpd=mpd.address)
    assert play_music(house_, title="aces high") == "Playing Aces High by Iron Maiden."
    assert (mpd.queue, mpd.state) == (["a/aces.ogg"], "play")
    assert play_music(house_, title="untagged") == "Playing untagged."
    assert play_music(house_, genre="jazz") == "Playing Jazz."
    assert sorted(mpd.queue) == ["b/blue.ogg", "b/so what.ogg"]


def test_mpd_control(house: Callable[..., Context], mpd: MpdServer) -> None:
    """Every action reaches MPD, and the history is the same household's."""
    house_ = house(mpd=mpd.address)
    play_music(house_, artist="miles davis")
    assert what_is_playing(house_).endswith("by Miles Davis.")
    assert control_music(house_, action="pause") == "Paused." and mpd.state == "pause"
    assert control_music(house_, action="resume") == "Going on." and mpd.state == "play"
    assert control_music(house_, action="next") == "Next song." and mpd.place == 1
    assert plays(house_)[0][1] == 1
    with pytest.raises(SkillError, match="no next song"):
        control_music(house_, action="next")
    control_music(house_, action="previous")
    control_music(house_, action="shuffle")
    control_music(house_, action="repeat")
    assert mpd.place == 0 and mpd.modes["single"] == "1"
    silence(house_)
    assert mpd.state == "pause"
    like_song(house_)
    control_music(house_, action="stop")
    assert mpd.state == "stop"


def test_mpd_playlists(house: Callable[..., Context], mpd: MpdServer) -> None:
    """MPD's stored playlists are played and added to."""
    house_ = house(mpd=mpd.address)
    mpd.playlists = {"Evening Jazz": ["b/blue.ogg"]}
    assert (
        add_to_playlist(house_, playlist="evening jazz", title="so what")
        == "I added So What by Miles Davis to Evening Jazz."
    )
    assert mpd.playlists["Evening Jazz"] == ["b/blue.ogg", "b/so what.ogg"]
    assert play_music(house_, playlist="evening jazz") == "Playing your playlist Evening Jazz."
    assert mpd.queue == ["b/blue.ogg", "b/so what.ogg"]
    add_to_playlist(house_, playlist="party", title="aces high")
    assert mpd.playlists["party"] == ["a/aces.ogg"]


def test_favorites_are_shared(house: Callable[..., Context], mpd: MpdServer, mpv: MpvSocket) -> None:
    """What was played from the folder is known when the same song is in MPD."""
    for _ in range(3):
        play_music(house(), title="so what")
    assert "So What" in play_favorite(house(mpd=mpd.address))
    assert mpd.queue == ["b/so what.ogg"]


@pytest.mark.parametrize("fault", ["drop", "garbage", "slow"])
def test_mpd_that_is_broken(house: Callable[..., Context], mpd: MpdServer, mpv: MpvSocket, fault: str) -> None:
    """An MPD that hangs, hangs up or speaks something else gives way to the folder."""
    mpd.fault = fault
    assert play_music(house(mpd=mpd.address), title="africa").startswith("Playing Africa")
    assert mpv.playlist


def test_mpd_password(house: Callable[..., Context], mpd: MpdServer) -> None:
    """A password is written before the address; without it, that is what is said."""
    mpd.password = "secret"
    with pytest.raises(SkillError, match="wants a password"):
        play_music(house(mpd=mpd.address), title="aces high")
    assert play_music(house(mpd=f"secret@{mpd.address}"), title="aces high").startswith("Playing")


@pytest.mark.parametrize("address", ["localhost:port", "a b", ":6600", "localhost:999999"])
def test_wrong_mpd_setting(house: Callable[..., Context], address: str) -> None:
    """An address that cannot be one is a setting to fix."""
    with pytest.raises(ConfigError, match=r"skills\.music\.mpd"):
        play_music(house(mpd=address))
