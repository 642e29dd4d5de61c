"""The television."""

from __future__ import annotations

from assistant.skill import Context, skill


@skill(
    examples=[
        "switch to [channel four](channel)",
        "put on [sky sports](channel)",
        "change the tv to [bbc two](channel)",
        "i want to watch [eurosport](channel)",
        "turn the television over to [discovery](channel)",
        "can we have the [history channel](channel) on the tv",
        "[film four](channel) please on the television",
        "show me [cnn](channel)",
        "go to [channel twenty one](channel) on the telly",
        "flip over to [cartoon network](channel)",
    ]
)
def switch_channel(_context: Context, *, channel: str) -> str:
    """Switch the television to a channel."""
    return f"This is {channel}."
