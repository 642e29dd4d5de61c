"""Start programs that the household has allowed by name."""

from __future__ import annotations

from assistant.skill import Context, SkillError, skill


@skill(
    confirm=True,
    examples=[
        "run [backup](name)",
        "open [firefox](name)",
        "start the [photo sync](name) program",
        "launch [steam](name)",
        "execute [the nightly cleanup](name)",
        "please open [the calculator](name)",
        "start [kodi](name) on the board",
        "can you run the [garden watering](name) script",
        "open up [the web browser](name)",
        "i'd like you to launch [the text editor](name)",
        "run program [disk check](name)",
        "fire up [the media center](name)",
        "open the [spreadsheet](name) application",
        "start up [blender](name) for me",
        "run my [report](name) script now",
    ],
)
def run_program(context: Context, *, name: str) -> str:
    """Start a program from the household's list."""
    raise SkillError("Programs are not ready yet.")
