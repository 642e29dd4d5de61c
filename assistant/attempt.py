"""Do something beside the caller, who waits for it no longer than so long."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def attempt(work: Callable[[], T], most_s: float, name: str) -> T | BaseException:
    """What `work` returns or raises, `sys.exit` too; a TimeoutError without a traceback where it has not ended by then.

    It goes on in its thread, which ends with the process at the latest.
    """
    result: list[T | BaseException] = []

    def run() -> None:
        try:
            result.append(work())
        except BaseException as error:  # noqa: BLE001 - whatever it is, the caller is told
            result.append(error)

    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    thread.join(most_s)
    return result[0] if result else TimeoutError()
