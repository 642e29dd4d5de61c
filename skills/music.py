"""Music from the household's own folder or its MPD, and what it likes to hear."""

from __future__ import annotations

import logging
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from assistant.skill import Announcement, Ask, Context, SkillError, due, names, on_stop, skill
from skills import _history as history
from skills import _jukebox
from skills._mpd import Mpd
from skills._players import MAX_QUEUE, Jukebox, Status
from skills._tracks import Track, find

SETTINGS: dict[str, Any] = {
    "folder": "~/Music",
    "mpd": "localhost:6600",
    "mpv": "mpv",
    "mpv_options": [],
    "socket": "",
}
"""`mpd`: tried first, "" for never; `mpv_options`: more words for its command line, `--audio-device=...`; `socket`:
where mpv listens, "" for a place of this user's own."""

ENOUGH_PLAYS = 3
FAVORITES = 25
DEADLINE_S = 20.0
"""The first look at a folder of thousands reads names and a slice of the tags, and mpv must start."""

log = logging.getLogger(__name__)


@skill(
    deadline_s=DEADLINE_S,
    examples=[
        "play some music",
        "play [jazz](genre)",
        "play [katy perry](artist)",
        "play [aces high](title) by [iron maiden](artist)",
        "put on [classical](genre) music please",
        "i want to hear [bohemian rhapsody](title)",
        "play my [good tunes](playlist) playlist",
        "music please",
        "play songs by [the rolling stones](artist)",
        "listen to [miles davis](artist)",
        "can you play something by [nina simone](artist)",
        "start the playlist [sunday morning](playlist)",
        "play the song [yesterday](title)",
        "let's hear some [hip hop](genre)",
        "play the [workout](playlist) playlist",
        "put [hey jude](title) on",
        "play a few [eighties](genre) songs",
        "i'm in the mood for [blues](genre)",
        "play the album [kind of blue](title) by [miles davis](artist)",
        "throw on some [reggae](genre)",
        "could you play the latest [adele](artist) track",
        "play me [clair de lune](title) from [debussy](artist)",
        "turn on the music",
        "shuffle my [road trip](playlist) playlist",
        "i would love to listen to [take five](title)",
        "play [smooth operator](title)",
        "[country](genre) music",
        "play [daft punk](artist) radio",
        "[rock](playlist) playlist please",
    ],
)
def play_music(
    context: Context,
    *,
    title: str | None = None,
    artist: str | None = None,
    genre: str | None = None,
    playlist: str | None = None,
) -> str:
    """Play music: a song or album, an artist, a kind of music, a playlist, or anything."""
    jukebox = _jukebox.choose(context)
    tracks = jukebox.tracks()
    if playlist:
        named = _playlist(jukebox, playlist, tracks)
        if named:
            return _play(context, jukebox, named[1], f"your playlist {named[0]}")
    if not tracks:
        raise SkillError("There is no music in the library yet.")
    if not (title or artist or genre or playlist):
        return _play(context, jukebox, random.sample(tracks, min(len(tracks), MAX_QUEUE)), "your music")
    found = find(tracks, title or "", artist or "", genre or playlist or "")
    if found is None and title and not (artist or genre or playlist):
        named = _playlist(jukebox, title, tracks)
        if named:
            return _play(context, jukebox, named[1], f"your playlist {named[0]}")
    if found is None:
        wanted = " by ".join(words for words in (title or genre or playlist, artist) if words)
        raise SkillError(f"I found nothing called {wanted} in your music.")
    queue = list(found.tracks)
    if found.kind == "title":
        return _play(context, jukebox, queue, str(queue[0]))
    if found.kind != "album":
        random.shuffle(queue)
    return _play(context, jukebox, queue, f"the album {found.name}" if found.kind == "album" else found.name)


@skill(
    deadline_s=DEADLINE_S,
    examples=[
        "play my favorite song",
        "play my favourites",
        "put on something i love",
        "play what i like best",
        "play my favorite music",
        "i want to hear my favorite song",
        "play our favourite songs please",
        "play something i always listen to",
        "can you play the songs we like the most",
        "start my most played tracks",
        "play that song i love so much",
        "let's hear my top songs",
        "play my liked songs",
    ],
)
def play_favorite(context: Context) -> str:
    """Play what this household has played and liked most."""
    with context.database() as db:
        history.prepare(db)
        count = history.play_count(db)
    if count < ENOUGH_PLAYS:
        so_far = {0: "nothing", 1: "one song"}.get(count, f"{count} songs")
        raise SkillError(f"I do not know your favorites yet; you have played {so_far} with me so far.")
    jukebox = _jukebox.choose(context)
    tracks = jukebox.tracks()
    with context.database() as db:
        best = history.favorites(db, tracks, context.now)[:FAVORITES]
    if not best:
        raise SkillError("What you played most is no longer in your music.")
    return _play(context, jukebox, best, f"what you like best, {best[0]} first")


@skill(
    examples=[
        "[pause](action=pause)",
        "[pause](action=pause) the music",
        "please [pause](action=pause) this song",
        "[hold](action=pause) the music for a second",
        "[resume](action=resume)",
        "[continue](action=resume) playing",
        "[unpause](action=resume) the music",
        "[keep playing](action=resume)",
        "[skip](action=next)",
        "[skip this song](action=next)",
        "[next](action=next) track please",
        "i don't want to hear this one, [next](action=next)",
        "can you go to the [next](action=next) song",
        "[previous](action=previous) song",
        "[go back](action=previous) one track",
        "play the [last](action=previous) song again",
        "[stop](action=stop) the music",
        "[stop](action=stop) playing music please",
        "[turn off](action=stop) the music",
        "[shuffle](action=shuffle) this playlist",
        "play them in [random order](action=shuffle)",
        "turn on [shuffle](action=shuffle)",
        "[repeat](action=repeat) this song",
        "put this song on [loop](action=repeat)",
        "play it [over and over](action=repeat)",
        "[loop](action=repeat) this track",
    ]
)
def control_music(
    context: Context, *, action: Literal["pause", "resume", "next", "previous", "stop", "shuffle", "repeat"]
) -> str:
    """Control the music that is playing."""
    jukebox, status = _jukebox.playing(context)
    with context.database() as db:
        history.prepare(db)
        history.follow(db, status, context.now)
    jukebox.act(action)
    with context.database() as db:
        if action == "next":
            history.skipped(db, status)
        if action == "shuffle":
            history.shuffled(db)
    return _DONE[action]


@skill(
    examples=[
        "what is playing",
        "what song is this",
        "who sings this",
        "what's this song called",
        "name of this song please",
        "which artist is this",
        "what are we listening to",
        "tell me the title of this track",
        "do you know what this song is",
        "who is this band",
        "what's on right now",
        "what album is this from",
        "can you tell me what's playing at the moment",
    ]
)
def what_is_playing(context: Context) -> str:
    """Say which song is playing."""
    _, status = _jukebox.playing(context)
    track = _follow(context, status)
    return f"This is {track}{', paused' if status.paused else ''}."


@skill(
    examples=[
        "i like this song",
        "i love this one",
        "this is a great song",
        "save this song",
        "remember that i like this song",
        "thumbs up",
        "add this to my favorites",
        "mark this song as a favourite",
        "this is my jam",
        "please note that i really enjoy this track",
        "like this song",
        "give this song a heart",
        "rate this song five stars",
        "i'm really into this music",
    ],
    addressed=True,
)
def like_song(context: Context) -> str:
    """Remember that the speaker likes the song that is playing."""
    _, status = _jukebox.playing(context)
    track = _follow(context, status)
    with context.database() as db:
        history.like(db, track, context.now)
    return f"I will remember that you like {track}."


@skill(
    deadline_s=DEADLINE_S,
    examples=[
        "add this song to my [road trip](playlist) playlist",
        "add [yellow submarine](title) to [sing along](playlist)",
        "put [hurt](title) by [johnny cash](artist) on the [rainy days](playlist) playlist",
        "add this to [party mix](playlist)",
        "add [amy winehouse](artist) to my [soul kitchen](playlist) playlist",
        "save what's playing to [workout](playlist)",
        "please add the song [africa](title) to the playlist called [guilty pleasures](playlist)",
        "i want this track in my [focus](playlist) list of songs",
        "include [fleetwood mac](artist) in [seventies gold](playlist)",
        "can you put this tune on [morning coffee](playlist)",
        "add [so what](title) from [miles davis](artist) to [late night jazz](playlist)",
        "add the current song to the [dance](playlist) playlist",
        "put some [elvis presley](artist) in my playlist [oldies but goldies](playlist)",
        "add another song by [bob marley](artist) to [beach day](playlist)",
        "this belongs on my [summer](playlist) playlist",
    ],
)
def add_to_playlist(context: Context, *, playlist: str, title: str | None = None, artist: str | None = None) -> str:
    """Put a song, an artist, or what is playing, on a playlist."""
    if not title and not artist:
        jukebox, status = _jukebox.playing(context)
        chosen: Sequence[Track] = [_follow(context, status)]
        label = str(chosen[0])
    else:
        jukebox = _jukebox.choose(context)
        found = find(jukebox.tracks(), title or "", artist or "")
        if found is None:
            wanted = " by ".join(words for words in (title, artist) if words)
            raise Ask(f"I found nothing called {wanted} in your music. What shall I add?")
        chosen = found.tracks
        label = str(chosen[0]) if len(chosen) == 1 else f"{len(chosen)} songs of {found.name}"
    name, count = jukebox.append(playlist, chosen)
    if not count:
        return f"{label[0].upper()}{label[1:]} {'is' if len(chosen) == 1 else 'are'} already on {name}."
    return f"I added {label} to {name}."


_DONE = {
    "pause": "Paused.",
    "resume": "Going on.",
    "next": "Next song.",
    "previous": "The one before.",
    "stop": "The music has stopped.",
    "shuffle": "Shuffled.",
    "repeat": "I repeat this song.",
}


@names
def music_names(context: Context) -> Sequence[str]:
    """Artists, albums and titles that the folder's index has, and the names of its playlists; nothing is read anew."""
    return _jukebox.folder(context).library.names()


def _playlist(jukebox: Jukebox, words: str, tracks: Sequence[Track]) -> tuple[str, list[Track]] | None:
    """The name and the tracks of the playlist that is meant. Raises SkillError when its files are gone."""
    found = jukebox.playlist(words)
    if found is None:
        return None
    known = {track.path: track for track in tracks}
    queue = [known.get(path) or Track(path, Path(path).stem) for path in found[1]]
    if not queue:
        raise SkillError(f"The playlist {found[0]} is empty.")
    return found[0], queue


def _play(context: Context, jukebox: Jukebox, queue: Sequence[Track], label: str) -> str:
    jukebox.play([track.path for track in queue[:MAX_QUEUE]])
    _last_seen.update(player=type(jukebox).__name__, path=queue[0].path)
    with context.database() as db:
        history.prepare(db)
        history.begin(db, queue[:MAX_QUEUE], context.now)
    return f"Playing {label.removesuffix('.')}."


def _follow(context: Context, status: Status) -> Track:
    """Bring the history up to this song, and name it."""
    with context.database() as db:
        history.prepare(db)
        history.follow(db, status, context.now)
        return history.current(db, status)


_last_seen: dict[str, str] = {}
"""The song each look found, so that the database is opened only when it changed."""


@due
def notice(context: Context) -> list[Announcement]:
    """Keep what the player has gone on to; says nothing."""
    try:
        status = _jukebox.folder(context).status()
        if status is None and _last_seen.get("player") == Mpd.__name__:
            mpd = _jukebox.server(context)
            status = mpd.status() if mpd else None
        if status and _last_seen.get("path") != status.path:
            _follow(context, status)
            _last_seen["path"] = status.path
    except SkillError as failure:
        log.debug("the player cannot be followed: %s", failure)
    return []


@on_stop
def silence(context: Context) -> None:
    """Pause what plays, so that it can go on."""
    try:
        jukebox, status = _jukebox.playing(context)
        if not status.paused:
            jukebox.act("pause")
    except SkillError as failure:
        log.debug("nothing to pause: %s", failure)
