"""What the household calls its things, gathered from the skills beside the turns: no turn waits for a slow one."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, runtime_checkable

from assistant import act
from assistant.registry import Module
from assistant.skill import Context
from assistant.trace import Lease

log = logging.getLogger(__name__)

ANEW_S = 60.0
"""How old names may be when somebody speaks."""
HOOK_S = 6.0
"""How long one module may look; Home Assistant on a slow network needs about four."""
FIRST_S = 0.2
"""The first utterance waits so long for the first names; what lies in the database is there in a tenth of it."""
LONGEST = 60
"""Letters of a name that somebody would say."""
MOST = 4_000

Opened = Callable[[Module], tuple[Context, Lease]]


@runtime_checkable
class Expects(Protocol):
    """A recognizer that can listen for names."""

    def expect(self, names: Sequence[str]) -> None: ...


class Gathering:
    """Gathers what the modules call their things, beside whatever else is done."""

    def __init__(self, modules: Iterable[Module], opened: Opened, left_out: set[str] | None = None) -> None:
        """`opened` gives a module's context; a module that hangs is added to `left_out`, and not asked again."""
        self._modules = tuple(module for module in modules if module.names)
        self._opened = opened
        self._left_out = left_out if left_out is not None else set()
        self._found: tuple[str, ...] = ()
        self._thread: threading.Thread | None = None
        self._looked = float("-inf")

    def found(self) -> tuple[str, ...]:
        """What was found last; looks again beside where that is long ago. The first time it only begins to look."""
        waits = self._thread is not None and not self._found
        self._look_again()
        if waits and self._thread is not None:
            self._thread.join(FIRST_S)
        return self._found

    def _look_again(self) -> None:
        busy = self._thread is not None and self._thread.is_alive()
        if not self._modules or busy or time.monotonic() - self._looked < ANEW_S:
            return
        self._looked = time.monotonic()
        self._thread = threading.Thread(target=self._look, name="names", daemon=True)
        self._thread.start()

    def _look(self) -> None:
        found = dict.fromkeys(name for module in self._modules for name in self._offered(module))
        self._found = tuple(found)[:MOST]

    def _offered(self, module: Module) -> list[str]:
        """What one module calls its things, as long as somebody would say; [] for one that fails."""
        if f"{module.name} names" in self._left_out:
            return []
        context, lease = self._opened(module)

        def ask() -> list[str]:
            return [name for hook in module.names for name in hook(context)]

        try:
            offered = act.guarded(ask, HOOK_S, f"{module.name} names")
            return [name for name in offered if isinstance(name, str) and 2 < len(name) <= LONGEST]
        except act.CutOffError:
            self._left_out.add(f"{module.name} names")
            log.debug("%s did not say its names within %g s", module.name, HOOK_S)
        except Exception as error:  # noqa: BLE001 - around a skill: a house without a network costs its names only
            log.debug("%s did not say its names: %s", module.name, error)
        finally:
            lease.revoke()
        return []


class Names:
    """Keeps a recognizer told of the household's names."""

    def __init__(self, found: Callable[[], tuple[str, ...]], recognizer: object) -> None:
        """`found` gives the names; of a recognizer that takes none, or None, nobody asks for them."""
        self._found = found
        self._recognizer = recognizer if isinstance(recognizer, Expects) else None
        self._told: tuple[str, ...] = ()
        if self._recognizer is not None:
            found()

    def tell(self) -> None:
        """Tell the recognizer what was found last."""
        found = self._found() if self._recognizer is not None else ()
        if self._recognizer is not None and found != self._told:
            self._recognizer.expect(found)
            self._told = found
