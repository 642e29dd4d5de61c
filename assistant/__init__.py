"""What runs on the board: microphone to transcript to call to answer, and the `hark` command."""

import os

# onnxruntime (voice activity) keeps a device id and queues events for its maker unless this is set before its import.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

__version__ = "0.1.0"
