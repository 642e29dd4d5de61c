"""What runs on the board: microphone to transcript to call to answer, and the `hark` command."""

__version__ = "0.1.0"
