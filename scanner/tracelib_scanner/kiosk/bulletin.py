"""The latest facts, handed from the line's thread to everybody who shows them.

The line's thread replaces one reference and never waits; who shows takes the newest and may miss what was between,
because the newest facts are whole.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Mapping
from datetime import datetime

from tracelib_scanner.board import Facts

HANGS_S = 5.0
"""A line that said nothing for so long is not at work: it says something once a second."""


class Bulletin:
    """Where the line's thread puts its facts. :meth:`put` from one thread, everything else from any."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._waiting: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []
        self._put_s = monotonic()
        self.facts: Facts | None = None
        self.at: datetime | None = None
        self.status: Mapping[str, object] | None = None
        """What the status file says (``tracelib_scanner.status``), replaced once a second."""
        self.closed = False

    def put(self, facts: Facts, at: datetime) -> None:
        """Replace the facts; those who wait are woken."""
        changed = self.facts is None or self.facts.number != facts.number or self.facts.waiting != facts.waiting
        self.facts, self.at, self._put_s = facts, at, self._monotonic()
        if changed:
            self._wake()

    def close(self) -> None:
        """The line is over."""
        self.closed = True
        self._wake()

    @property
    def is_alive(self) -> bool:
        """Whether the line has spoken within the last seconds."""
        return not self.closed and self._monotonic() - self._put_s < HANGS_S

    async def wait(self, timeout_s: float) -> None:
        """Return when something changed, or after ``timeout_s``."""
        event = asyncio.Event()
        entry = (asyncio.get_running_loop(), event)
        with self._lock:
            self._waiting.append(entry)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(event.wait(), timeout_s)
        with self._lock, contextlib.suppress(ValueError):
            self._waiting.remove(entry)

    def _wake(self) -> None:
        with self._lock:
            waiting, self._waiting = self._waiting, []
        for loop, event in waiting:
            with contextlib.suppress(RuntimeError):  # the page's loop is closed already
                loop.call_soon_threadsafe(event.set)
