"""The music skills: finding, playing, history, favorites and playlists, in a real folder with a stand-in of mpv."""

from __future__ import annotations

import datetime as dt
import os
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from music_files import NOON, SONGS, plays, write_flac
from mutagen.id3 import ID3, TIT2, TPE1
from players import MpvSocket

from assistant.skill import Ask, Context, SkillError
from skills.music import (
    add_to_playlist,
    control_music,
    like_song,
    notice,
    play_favorite,
    play_music,
    silence,
    what_is_playing,
)

pytest_plugins = ["music_house"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"title": "aces high"}, "Playing Aces High by Iron Maiden."),
        ({"title": "aces hi", "artist": "iron maidens"}, "Playing Aces High by Iron Maiden."),
        ({"title": "africa"}, "Playing Africa (Remastered 2015) by Toto."),
        ({"title": "hassliche blumen"}, "Playing Häßliche Blumen by Björk & Co."),
        ({"artist": "beatles"}, "Playing The Beatles."),
        ({"artist": "bjork and co"}, "Playing Björk & Co."),
        ({"genre": "jazz"}, "Playing Jazz."),
        ({"title": "kind of blue"}, "Playing the album Kind of Blue."),
        ({"title": "iron maiden"}, "Playing Iron Maiden."),
        ({"artist": "jazz"}, "Playing Jazz."),
        ({"playlist": "metal"}, "Playing Metal."),
        ({}, "Playing your music."),
    ],
)
def test_finding(house: Callable[..., Context], mpv: MpvSocket, asked: dict[str, str], said: str) -> None:
    """Words are matched as they are heard: small errors, accents, articles, and an argument in the wrong place."""
    assert play_music(house(), **asked) == said
    assert all(Path(path).is_file() for path in mpv.playlist)


def test_album_in_order(house: Callable[..., Context], mpv: MpvSocket) -> None:
    """An album is played by its track numbers."""
    play_music(house(), title="kind of blue", artist="miles davis")
    assert [Path(path).name for path in mpv.playlist] == ["01.flac", "02.flac"]


@pytest.mark.parametrize(
    "asked", [{"title": "smells like"}, {"artist": "toto", "title": "aces high"}, {"genre": "polka"}]
)
def test_nothing_found(house: Callable[..., Context], mpv: MpvSocket, asked: dict[str, str]) -> None:
    """What is not in the library is said to be missing; something else is not played in its place."""
    with pytest.raises(SkillError, match="I found nothing called"):
        play_music(house(), **asked)
    assert not mpv.playlist


def test_playlist(house: Callable[..., Context], mpv: MpvSocket, folder: Path) -> None:
    """An m3u in the folder is played in its order; lines whose file is gone are left out."""
    lines = ["#EXTM3U", "loose/yesterday.flac", "gone.flac", "", str(folder / "loose/africa.flac")]
    (folder / "Good Tunes.m3u").write_text("\n".join(lines))
    assert play_music(house(), playlist="good tune") == "Playing your playlist Good Tunes."
    assert [Path(path).stem for path in mpv.playlist] == ["yesterday", "africa"]
    assert play_music(house(), title="good tunes") == "Playing your playlist Good Tunes."


def test_empty_playlist(house: Callable[..., Context], mpv: MpvSocket, folder: Path) -> None:
    """A playlist whose files are all gone is said to be empty."""
    (folder / "old.m3u8").write_text("gone.flac\n")
    with pytest.raises(SkillError, match="playlist old is empty"):
        play_music(house(), playlist="old")


def test_index_follows_the_folder(house: Callable[..., Context], mpv: MpvSocket, folder: Path) -> None:
    """New, changed and deleted files are noticed; unchanged ones are not read again."""
    play_music(house(), genre="jazz")
    path = write_flac(folder / "new.flac", "Nova", "Nobody")
    write_flac(folder / "loose/africa.flac", "Afrika", "Toto")
    os.utime(folder / "loose/africa.flac", ns=(0, 1))
    (folder / "loose/yesterday.flac").unlink()
    with house().database() as db:
        db.execute("UPDATE music_tracks SET title = 'kept as it was' WHERE title = 'Aces High'")
    assert play_music(house(), title="nova") == "Playing Nova by Nobody."
    assert mpv.playlist == [str(path)]
    assert play_music(house(), title="afrika") == "Playing Afrika by Toto."
    assert play_music(house(), title="kept as it was") == "Playing kept as it was by Iron Maiden."
    with pytest.raises(SkillError):
        play_music(house(), title="yesterday")


def test_other_formats(house: Callable[..., Context], mpv: MpvSocket, folder: Path) -> None:
    """MP3 and WAV tags are read; a file without tags goes by its name, and so does a damaged one."""
    mp3 = folder / "a.mp3"
    mp3.write_bytes((b"\xff\xfb\x90\x64" + bytes(413)) * 8)
    ID3().save(mp3)
    tags = ID3(mp3)
    tags.add(TIT2(encoding=3, text="Tagged Tune"))
    tags.add(TPE1(encoding=3, text="Tagger"))
    tags.save()
    with wave.open(str(folder / "b.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(800))
    (folder / "b.wav").rename(folder / "Some One - Plain Name.wav")
    (folder / "07_broken_thing.ogg").write_bytes(os.urandom(500))
    (folder / "cover.jpg").write_bytes(b"x")
    assert play_music(house(), title="tagged tune") == "Playing Tagged Tune by Tagger."
    assert play_music(house(), title="plain name") == "Playing Plain Name by Some One."
    assert play_music(house(), title="broken thing").startswith("Playing broken thing")


def test_thousands_of_files(house: Callable[..., Context], mpv: MpvSocket, folder: Path, monkeypatch: Any) -> None:
    """A large folder is playable by its names at once, while tags are read a slice at a time."""
    from skills import _library

    for number in range(1500):
        (folder / f"Band {number % 50} - Song {number} Title.mp3").write_bytes(b"")
    monkeypatch.setattr(_library, "READ_S", 0.0)
    assert play_music(house(), title="song 1234 title") == "Playing Song 1234 Title by Band 34."
    monkeypatch.setattr(_library, "READ_S", 5.0)
    assert play_music(house(), title="aces high") == "Playing Aces High by Iron Maiden."


def test_folder_is_missing(house: Callable[..., Context], mpv: MpvSocket, tmp_path: Path) -> None:
    """Without the folder, and with an empty one, the sentence says what to set."""
    with pytest.raises(SkillError, match=r"name yours as folder under \[skills\.music\]"):
        play_music(house(folder=str(tmp_path / "nowhere")))
    (tmp_path / "empty").mkdir()
    with pytest.raises(SkillError, match="no music in the library"):
        play_music(house(folder=str(tmp_path / "empty")))


def test_control(house: Callable[..., Context], mpv: MpvSocket) -> None:
    """Every action reaches the player as its own command; nothing but the player keeps the state."""
    play_music(house(), artist="miles davis")
    assert control_music(house(), action="pause") == "Paused."
    assert mpv.properties["pause"] is True
    assert "paused" in what_is_playing(house())
    assert control_music(house(), action="resume") == "Going on."
    assert control_music(house(), action="repeat") == "I repeat this song."
    assert mpv.properties["loop-file"] == "inf"
    assert control_music(house(), action="next") == "Next song."
    assert mpv.place == 1
    with pytest.raises(SkillError, match="There is no next song"):
        control_music(house(), action="next")
    assert control_music(house(), action="previous") == "The one before."
    with pytest.raises(SkillError, match="There is no previous song"):
        control_music(house(), action="previous")
    assert control_music(house(), action="shuffle") == "Shuffled."
    assert control_music(house(), action="stop") == "The music has stopped."
    with pytest.raises(SkillError, match="Nothing is playing"):
        control_music(house(), action="pause")


def test_new_music_ends_pause_and_repeat(house: Callable[..., Context], mpv: MpvSocket) -> None:
    """What is asked for sounds, even when the player was paused and repeating."""
    mpv.properties |= {"pause": True, "loop-file": "inf"}
    play_music(house(), title="so what")
    assert (mpv.properties["pause"], mpv.properties["loop-file"]) == (False, "no")


def test_what_is_playing(house: Callable[..., Context], mpv: MpvSocket) -> None:
    """The song is named as the library knows it, or, if somebody else queued it, as the player does."""
    play_music(house(), title="africa")
    assert what_is_playing(house()) == "This is Africa (Remastered 2015) by Toto."
    mpv.playlist = ["/elsewhere/Radio Hour.mp3"]
    assert what_is_playing(house()) == "This is Radio Hour."


@pytest.mark.parametrize("ask", [what_is_playing, like_song])
def test_nothing_is_playing(house: Callable[..., Context], ask: Callable[[Context], str]) -> None:
    """Without a player running, nothing is playing."""
    with pytest.raises(SkillError, match="Nothing is playing"):
        ask(house())


def test_history(house: Callable[..., Context], mpv: MpvSocket) -> None:
    """Songs the player went on to by itself are kept too; one left early is kept as skipped."""
    play_music(house(), title="kind of blue")
    mpv.place = 1
    notice(house())
    notice(house())
    assert plays(house()) == [("So What", 0), ("Freddie Freeloader", 0)]
    play_music(house(), title="powerslave", artist="iron maiden")
    control_music(house(), action="next")
    assert plays(house())[2:] == [("Aces High", 1)]
    mpv.elapsed = 190.0
    what_is_playing(house())
    assert plays(house())[2:] == [("Aces High", 1), ("2 Minutes to Midnight", 0)]


def test_songs_between_two_looks(house: Callable[..., Context], mpv: MpvSocket, folder: Path) -> None:
    """When nobody looked for a while, the songs in between are kept as played."""
    (folder / "all.m3u").write_text("\n".join(name for name, *_ in SONGS))
    play_music(house(), playlist="all")
    mpv.place = 3
    notice(house())
    assert [title for title, _ in plays(house())] == [title for _, title, *_ in SONGS[:4]]


def test_too_little_history(house: Callable[..., Context], mpv: MpvSocket) -> None:
    """With fewer than three plays, that is said, and nothing is guessed."""
    with pytest.raises(SkillError, match="played nothing with me so far"):
        play_favorite(house())
    for _ in range(2):
        play_music(house(), title="africa")
        mpv.playlist = []
    with pytest.raises(SkillError, match="played 2 songs"):
        play_favorite(house())
    assert not mpv.playlist


def _play_often(house: Callable[..., Context], counts: dict[str, int], days_ago: float = 0) -> None:
    for title, count in counts.items():
        for _ in range(count):
            play_music(house(now=NOON - dt.timedelta(days=days_ago)), title=title)


def test_favorite_is_what_was_played_most(house: Callable[..., Context], mpv: MpvSocket) -> None:
    """The song played most comes first, then the next."""
    _play_often(house, {"africa": 1, "so what": 3, "yesterday": 2})
    assert play_favorite(house()) == "Playing what you like best, So What by Miles Davis first."
    assert [Path(path).stem for path in mpv.playlist] == ["01", "yesterday", "africa"]


def test_recent_weighs_more(house: Callable[..., Context], mpv: MpvSocket) -> None:
    """Three plays of this week beat four of half a year ago."""
    _play_often(house, {"africa": 4}, days_ago=180)
    _play_often(house, {"so what": 3}, days_ago=2)
    assert "So What" in play_favorite(house())


def test_like_weighs(house: Callable[..., Context], mpv: MpvSocket) -> None:
    """A liked song beats one played a little more often."""
    _play_often(house, {"so what": 3, "africa": 1})
    assert like_song(house()) == "I will remember that you like Africa (Remastered 2015) by Toto."
    assert "Africa" in play_favorite(house())


def test_skips_count_against(house: Callable[..., Context], mpv: MpvSocket) -> None:
    """A song that is always skipped is no favorite, however often it came up."""
    _play_often(house, {"so what": 3})
    for _ in range(5):
        play_music(house(), title="powerslave")
        control_music(house(), action="next")
    play_favorite(house())
    assert [Path(path).stem for path in mpv.playlist] == ["01"]


def test_favorite_that_is_gone(house: Callable[..., Context], mpv: MpvSocket, folder: Path) -> None:
    """Favorites whose files were deleted are said to be gone."""
    _play_often(house, {"africa": 3})
    (folder / "loose/africa.flac").unlink()
    with pytest.raises(SkillError, match="no longer in your music"):
        play_favorite(house())


def test_add_to_playlist(house: Callable[..., Context], mpv: MpvSocket, folder: Path) -> None:
    """Songs are appended to the playlist that is meant, relative to it, once; what was there stays."""
    playlist = folder / "Road Trip.m3u"
    playlist.write_text("#EXTM3U\n# mine\nloose/africa.flac")
    assert (
        add_to_playlist(house(), playlist="road trip", title="aces high")
        == "I added Aces High by Iron Maiden to Road Trip."
    )
    assert playlist.read_text() == (
        "#EXTM3U\n# mine\nloose/africa.flac\n#EXTINF:-1,Iron Maiden - Aces High\n"
        "Iron Maiden/Powerslave/01 - Aces High.flac\n"
    )
    assert add_to_playlist(house(), playlist="road trip", title="africa").endswith("is already on Road Trip.")
    assert (
        add_to_playlist(house(), playlist="road trip", artist="miles davis")
        == "I added 2 songs of Miles Davis to Road Trip."
    )
    assert play_music(house(), playlist="road trip") and len(mpv.playlist) == 4
    assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == []


def test_add_what_is_playing(house: Callable[..., Context], mpv: MpvSocket, folder: Path) -> None:
    """Without a name, what is playing goes to the playlist; a playlist nobody has is made."""
    play_music(house(), title="yesterday")
    assert (
        add_to_playlist(house(), playlist="sunday / morning") == "I added Yesterday by The Beatles to sunday morning."
    )
    assert "loose/yesterday.flac\n" in (folder / "sunday morning.m3u8").read_text()


def test_playlist_name_cannot_leave_the_folder(house: Callable[..., Context], mpv: MpvSocket, folder: Path) -> None:
    """No name that is said makes a file outside the music folder."""
    add_to_playlist(house(), playlist="../../evil", title="yesterday")
    assert [path.parent for path in folder.parent.rglob("*evil*")] == [folder]


def test_add_unknown_song_asks(house: Callable[..., Context], mpv: MpvSocket, folder: Path) -> None:
    """A song nobody has becomes a question, and no playlist is made."""
    with pytest.raises(Ask, match="nothing called waterloo by abba"):
        add_to_playlist(house(), playlist="party", title="waterloo", artist="abba")
    assert not list(folder.glob("*.m3u*"))


def test_stop_pauses(house: Callable[..., Context], mpv: MpvSocket) -> None:
    """When somebody says stop, what plays pauses, so that it can go on; with nothing playing, nothing happens."""
    silence(house())
    play_music(house(), title="africa")
    silence(house())
    assert mpv.properties["pause"] is True
