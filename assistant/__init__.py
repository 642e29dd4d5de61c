"""What runs on the board: microphone to transcript to call to answer, and the `hark` command."""

import os

# onnxruntime (voice activity) keeps a device id and queues events for its maker unless this is set before its import.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
# numpy's products are small here: a second thread of OpenBLAS spins longer than it works. Comparing a sentence with
# three new skills took 16.9 ms with two and 9.8 ms with one, and a third of the processor's time.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

__version__ = "0.1.0"
