"""The loudness of the system: PipeWire, PulseAudio or ALSA, whichever is there."""

from __future__ import annotations

from typing import Literal

from assistant.skill import Context, Number, SkillError, skill


@skill(
    examples=[
        "set the volume to [fifty percent](level)",
        "volume to [eleven](level)",
        "volume [30](level)",
        "set volume at [seventy](level)",
        "please put the volume on [twenty five](level)",
        "change the volume to [80 percent](level)",
        "i want the volume at [40%](level)",
        "make the volume [sixty](level)",
        "could you set the speaker volume to [5](level)",
        "turn the volume up to [ninety percent](level)",
        "turn it down to [ten percent](level)",
        "lower the volume to [15](level)",
        "volume level [three](level)",
        "adjust the sound to [35 percent](level)",
        "raise the volume to [a hundred](level)",
        "bring the volume down to [zero](level)",
        "my volume should be at [four](level)",
    ]
)
def set_volume(context: Context, *, level: Number) -> str:
    """Set the loudness to a level from 0 to 100."""
    raise SkillError("The volume is not ready yet.")


@skill(
    examples=[
        "[louder](direction=up)",
        "turn it [up](direction=up)",
        "turn the volume [up](direction=up) please",
        "[increase](direction=up) the volume",
        "could you speak a little [louder](direction=up)",
        "i can't [hear](direction=up) you",
        "[raise](direction=up) the sound a bit",
        "make it [louder](direction=up)",
        "pump [up](direction=up) the volume",
        "[quieter](direction=down)",
        "turn it [down](direction=down)",
        "volume [down](direction=down)",
        "[lower](direction=down) the volume",
        "that's [too loud](direction=down)",
        "please [decrease](direction=down) the speaker volume",
        "can you turn the music [down](direction=down) a notch",
        "make the sound [softer](direction=down)",
        "[mute](direction=mute)",
        "[mute](direction=mute) the speakers",
        "turn [off the sound](direction=mute)",
        "[silence](direction=mute) the speaker please",
        "go into [silent](direction=mute) mode",
        "[unmute](direction=unmute)",
        "turn the sound [back on](direction=unmute)",
        "please [unmute](direction=unmute) yourself",
        "take the speakers [off mute](direction=unmute)",
    ]
)
def change_volume(context: Context, *, direction: Literal["up", "down", "mute", "unmute"]) -> str:
    """Make the sound louder or quieter, or switch it off and on again."""
    raise SkillError("The volume is not ready yet.")
