"""Music and volume: labels of public sets -> calls."""

from __future__ import annotations

import re

from evals.adapters.found import NONE, Found, Rule, Slots, call
from evals.adapters.spans import NUMBER, NUMBER_RE

GENRES = (
    r"(?:classic |heavy |death |soft |hard |smooth |indie |alternative |post-|punk |acid |modern |christian |folk )?"
    r"(?:rock|jazz|pop|blues|hip hop|hip-hop|country|classical|metal|rap|reggae|techno|folk|soul|funk|disco|punk|indie"
    r"|electronic|edm|house|r&b|gospel|ska|trance|grunge|bluegrass|k-?pop|ambient|opera|latin|salsa|swing|dance)"
)
_FAVORITE = re.compile(
    r"\bfavou?rites? (?:songs?|tracks?|music|tunes?|ones?|band|artists?|album|singer)\b"
    r"|\bi (?:like|love) (?:the )?(?:most|best)\b|\bmost played\b|\bsongs? i (?:like|love)\b"
)
_MY_PLAYLIST = re.compile(r"\b(?:my|the) ([\w' &-]+?) (?:playlist|play list)\b")
_CALLED = re.compile(r"\bplaylist (?:called|named|titled|entitled|labell?ed) (.+?)(?: please)?$")
_BY = re.compile(r"\b(?:by|from) (?:the (?:artist|band|group) )?([\w' &.-]+?)(?: please| for me| now| next| in here)?$")
_SONG = re.compile(
    r"\b(?:song|track|tune)s? (?:called |named |titled "
    r"|entitled )?([\w' &.-]+?)(?: by ([\w' &.-]+?))?(?: please| for me| now| next| in here)?$"
)
_PLAY_BY = re.compile(
    r"\b(?:play|hear|to|put on|start) (?:me )?([\w' &.-]+?) by ([\w' &.-]+?)(?: please| for me| now| next| in here)?$"
)
_VAGUE = re.compile(
    r"\b(?:starts?|goes|sounds?|like|that|whatever|x's|radio|station|channel|fm|am|something|any"
    r"|new|latest|song|songs|music|album|track|tunes?|a|an|some|me|the|most|best|top|all"
    r"|another)\b"
)
_SLOTS = {
    "track": "title",
    "album": "title",
    "song_name": "title",
    "artist": "artist",
    "artist_name": "artist",
    "genre": "genre",
    "music_genre": "genre",
    "playlist": "playlist",
    "playlist_name": "playlist",
    "search_query": "title",
}
_LOOSE = {
    "year",
    "sort",
    "person",
    "radio_name",
    "app_name",
    "media_type",
    "podcast_name",
    "music_album",
    "music_descriptor",
}


def play(text: str, slots: Slots) -> Found | None:
    """Start some music."""
    marked = {_SLOTS[slot]: words.removesuffix(" playlist") for slot, words in slots.items() if slot in _SLOTS}
    if _FAVORITE.search(text) and not marked:
        return call("play_favorite")
    if re.search(r"^(?:please )?(?:repeat|shuffle|pause|stop|resume|skip|next|continue)\b", text):
        return control(text, slots)
    if slots.keys() & _SLOTS.keys():
        return call("play_music", len(marked) == len([s for s in slots if s in _SLOTS]), **marked)
    if slots.keys() & _LOOSE or re.search(r"\b(?:radio|station|pandora|fm|podcast|channel)\b", text):
        return call("play_music", False)
    return _play_by_pattern(text)


def _play_by_pattern(text: str) -> Found:
    found = _CALLED.search(text) or _MY_PLAYLIST.search(text)
    if found:
        return call("play_music", len(found.group(1).split()) <= 4, playlist=found.group(1))
    genre = re.search(
        rf"\b(?:some|play|hear|to|any|put on|me|of) ({GENRES})(?: music| songs| tunes)?(?: please| for me| now)?$", text
    )
    if genre:
        return call("play_music", genre=genre.group(1))
    both = _PLAY_BY.search(text)
    if both and not _VAGUE.search(both.group(1)):
        return call("play_music", title=both.group(1), artist=both.group(2))
    song = _SONG.search(text)
    if (
        song
        and not song.group(2)
        and not _VAGUE.search(song.group(1))
        and not re.search(r"^(?:by|from) ", song.group(1))
    ):
        return call("play_music", title=song.group(1))
    by = _BY.search(text)
    if by and re.search(r"\b(?:music|songs?|something|album|tunes?) (?:by|from)\b", text):
        return call("play_music", artist=by.group(1))
    nothing = re.search(
        r"\b(?:some music|music please|the music|a song|music|my music|songs?|tunes)(?: for me| please| now| on)?$",
        text,
    )
    bare = nothing and not re.search(r"\bby\b|'s\b|\bof\b|\bnew\b|\bmuch\b", text) and len(text.split()) <= 8
    return call("play_music", bool(bare) and not re.search(rf"\b{GENRES}\b", text))


_PLAYLIST_OF = re.compile(
    r"\b(?:to|on|onto|in|into|of|for) (?:my |the |our |your )?(?!playlist)([\w' &.-]+?) playlist\b"
)
_ADDED = re.compile(
    r"\b(?:add|put|include|insert|place|adding|stick) (.+?)(?: by ([\w' &.-]+?))? (?:to|on|onto"
    r"|in|into) (?:my |the |our )?(?:[\w' &.-]+ )?playlist\b"
)
_THIS = re.compile(r"\b(?:this|it|that|current|the song|what|whatever|song|track|tune|now)\b")


def add_to_playlist(text: str, slots: Slots) -> Found | None:
    """Put a song on a playlist."""
    if slots.get("playlist", "my").removesuffix(" playlist") not in ("my", "the", "a"):
        names = {
            "playlist": slots["playlist"],
            "title": slots.get("entity_name", ""),
            "artist": slots.get("artist", ""),
        }
        return call("add_to_playlist", **names)
    name = _CALLED.search(text) or _PLAYLIST_OF.search(text)
    if not name or len(name.group(1).split()) > 4:
        return call(
            "add_to_playlist",
            not re.search(r"\bby\b|'s\b", text)
            and bool(re.search(r"\b(?:to|on) (?:my |the )?playlist$", text) and _THIS.search(text)),
        )
    added = _ADDED.search(text)
    if added and not _THIS.search(added.group(1)):
        return call("add_to_playlist", title=added.group(1), artist=added.group(2) or "", playlist=name.group(1))
    return call("add_to_playlist", bool(_THIS.search(text)), playlist=name.group(1))


_ACTIONS = (
    ("shuffle", r"\b(?:shuffle|random)\b"),
    ("repeat", r"\b(?:repeat|loop|again)\b"),
    ("next", r"\b(?:next|skip|change)\b"),
    ("previous", r"\b(?:previous|back|last|before)\b"),
    ("resume", r"\b(?:resume|continue|unpause)\b"),
    ("pause", r"\bpause\b"),
    ("stop", r"\b(?:stop|turn off|end)\b"),
)


def control(text: str, _slots: Slots) -> Found | None:
    """Steer what is playing."""
    for action, pattern in _ACTIONS:
        if re.search(pattern, text):
            off = re.search(r"\b(?:disable|don't|off|stop)\b", text) and action in ("shuffle", "repeat")
            return call("control_music", not off, action=action)
    return call("control_music", False)


def action(name: str) -> Rule:
    """The rule of a label that is one thing to do with the music."""
    return lambda _text, _slots: call("control_music", action=name)


def pause(text: str, _slots: Slots) -> Found | None:
    """ThingTalk says pause for stop, too."""
    return call("control_music", action="stop" if re.search(r"\b(?:stop|off|end)\b", text) else "pause")


def like_song(text: str, slots: Slots) -> Found | None:
    """Say that the song is a good one; some of the source's sentences add it to a list instead."""
    if re.search(r"\bplaylist\b|\b(?:add|save) .* to (?:my )?\w+ list\b", text):
        return add_to_playlist(text, {s: w for s, w in slots.items() if s != "playlist"})
    return call("like_song")


def creative_work(text: str, slots: Slots) -> Found | None:
    """Finding a work is not ours; "play X" may be a song or a film, and says nothing."""
    wants = re.search(r"\b(?:play|hear|listen|put on)\b", text)
    kind = slots.get("object_type", "")
    if wants and (not kind or re.search(r"song|album|soundtrack|music|track", kind)):
        return None
    return NONE


def not_music(text: str, _slots: Slots) -> Found | None:
    """Podcasts, books and games are not ours, where the sentence says that it means one."""
    named = re.search(
        r"podcasts?|audio ?books?|\bbooks?\b|\bgames?\b|\bepisode|\bchess\b|\bread\b|\bchapter\b|\bwith me\b", text
    )
    return NONE if named else None


def media_search(_text: str, slots: Slots) -> Found | None:
    """Home Assistant's media search: music only where it says so."""
    kind, query = slots.get("media_class", ""), slots.get("search_query", "")
    names = {"album": "title", "track": "title", "artist": "artist", "playlist": "playlist", "genre": "genre"}
    if kind in ("tv_show", "movie", "podcast", "game") or not query:
        return NONE if kind in ("tv_show", "movie", "podcast", "game") else None
    return call("play_music", **{names[kind]: query}) if kind in names else None


_UP = (
    r"\b(?:up|increase|increased|raise|louder|loud|boost|higher|more|crank|amplify|greater"
    r"|loudest|hear|low|max|maximum|maximize|unmute)\b"
)
_DOWN = r"\b(?:down|decrease|decreased|lower|lowered|quieter|softer|reduce|less|softly|too loud|minimum|turn off)\b"
_LEVEL = re.compile(rf"(?:\b(?:to|at|level|number|is|as|of)(?: be)? |volume )({NUMBER}(?: ?%| percent)?)(?!\w)")


def volume(text: str, _slots: Slots) -> Found | None:
    """Louder, quieter, or a level."""
    level = _LEVEL.findall(text)
    if len(level) == 1 and not re.search(r"\bby \d", text):
        return call("set_volume", level=level[0])
    if level or NUMBER_RE.search(re.sub(r"\bone\b", "", text)):
        return call("set_volume" if level else "change_volume", False)
    if "unmute" in text:
        return call("change_volume", direction="unmute")
    if re.search(r"\bmute\b|\bsilen", text):
        return call("change_volume", direction="mute")
    if re.search(_DOWN, text):
        return call("change_volume", direction="down")
    if re.search(_UP, text):
        return call("change_volume", direction="up")
    return call("change_volume", False)


def volume_toward(direction: str) -> Rule:
    """The rule of a label that says the direction itself."""

    def rule(text: str, _slots: Slots) -> Found | None:
        level = _LEVEL.findall(text)
        if len(level) == 1 and direction != "mute" and " by " not in text:
            return call("set_volume", level=level[0])
        if "unmute" in text:
            return call("change_volume", direction="unmute")
        if direction == "up" and re.search(r"\bsoft|\blower\b|\bdown\b", text):
            return call("change_volume", direction="down")
        return call("change_volume", not NUMBER_RE.search(text) or direction == "mute", direction=direction)

    return rule


RULES: dict[str, Rule] = {
    "play": play,
    "add_to_playlist": add_to_playlist,
    "control": control,
    "like_song": like_song,
    "creative_work": creative_work,
    "not_music": not_music,
    "media_search": media_search,
    "next": action("next"),
    "previous": action("previous"),
    "resume": action("resume"),
    "shuffle": action("shuffle"),
    "repeat_music": action("repeat"),
    "pause": pause,
    "volume": volume,
    "volume_up": volume_toward("up"),
    "volume_down": volume_toward("down"),
    "volume_mute": volume_toward("mute"),
}
