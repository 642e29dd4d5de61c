"""Music from the household's own folder or its MPD, and what it likes to hear."""

from __future__ import annotations

from typing import Literal

from assistant.skill import Context, SkillError, skill


@skill(
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
    ]
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
    raise SkillError("Music is not ready yet.")


@skill(
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
    ]
)
def play_favorite(context: Context) -> str:
    """Play what this household has played and liked most."""
    raise SkillError("Music is not ready yet.")


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
    raise SkillError("Music is not ready yet.")


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
    raise SkillError("Music is not ready yet.")


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
    ]
)
def like_song(context: Context) -> str:
    """Remember that the speaker likes the song that is playing."""
    raise SkillError("Music is not ready yet.")


@skill(
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
    ]
)
def add_to_playlist(context: Context, *, playlist: str, title: str | None = None, artist: str | None = None) -> str:
    """Put a song, an artist, or what is playing, on a playlist."""
    raise SkillError("Music is not ready yet.")
