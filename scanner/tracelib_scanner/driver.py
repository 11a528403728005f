"""The contract of every device, and the loop above it.

A driver reads **once**; looping, reconnecting and back-off live here, time-outs run on monotonic time. Order of one
reading: ``read`` → the caller makes it durable → ``acknowledge``.
"""

import random
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Protocol

from tracelib.errors import DeviceError
from tracelib_scanner.health import DeviceHealth
from tracelib_scanner.scan import Scan

POLL_S = 0.2
FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 10.0
LOOK_S = 0.1
STEADY_S = 30.0
"""A device that stayed up this long starts again with the shortest pause."""


class ScanDriver(Protocol):
    """A device that delivers scans. Every method is called from one thread only."""

    @property
    def name(self) -> str:
        """The device's name in the line's configuration."""
        ...

    @property
    def exhausted(self) -> bool:
        """Whether nothing will ever come again (a replay at its end); a device that is away is not exhausted."""
        ...

    @property
    def trouble(self) -> str:
        """What is wrong with an open device, one of ``tracelib_scanner.reasons``; empty when nothing is known to be."""
        ...

    def is_present(self) -> bool:
        """Whether an attempt to open makes sense now: cheap, asked ten times a second while the device is down."""
        ...

    def resume(self, sources: Collection[str]) -> None:
        """Before the first ``open``: the sources (images, lines of a file) that the journal holds of this device."""
        ...

    def open(self) -> None:
        """Take the device; raises ``DeviceUnavailableError`` where that may work later, other errors where never."""
        ...

    def read(self, timeout_s: float) -> Sequence[Scan]:
        """Wait up to ``timeout_s`` and return what is complete, perhaps nothing; raises ``DeviceLostError``.

        Scans returned together belong together (the codes of one image) and are journalled in one transaction.
        """
        ...

    def acknowledge(self, scans: Sequence[Scan]) -> None:
        """Tell the device that these scans are on disk."""
        ...

    def close(self) -> None:
        """Give the device back; harmless when it is not open."""
        ...


def pause_s(failures: int, jitter: float = 0.0) -> float:
    """Seconds to wait after the n-th failure in a row: 0.1 s, doubling, at most 10 s, plus ``jitter`` (0–1) fifths."""
    base = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(failures - 1, 16))
    return base * (1 + 0.2 * jitter)


def readings(
    driver: ScanDriver,
    stop: threading.Event,
    monotonic: Callable[[], float],
    health: DeviceHealth | None = None,
    poll_s: float = POLL_S,
) -> Iterator[Sequence[Scan]]:
    """Read until ``stop`` is set or the driver is exhausted; a device that goes away is opened again and again.

    Yields only what is not empty, and keeps ``health``. A :class:`~tracelib.errors.DeviceError` is retried, every other
    error ends the loop.
    """
    health = health or DeviceHealth(driver.name)
    health.probing()
    failures = 0
    while not stop.is_set() and not driver.exhausted:
        opened_s = monotonic()
        try:
            driver.open()
            health.opened()
            opened_s = monotonic()
            while not stop.is_set() and not driver.exhausted:
                scans = driver.read(poll_s)
                health.took(scans)
                health.settle(monotonic(), driver.trouble)
                if scans:
                    yield scans
        except DeviceError as error:
            failures = 1 if monotonic() - opened_s > STEADY_S else failures + 1
            health.failed(error, monotonic())
        finally:
            driver.close()
        if failures and not driver.exhausted:
            _pause(driver, stop, monotonic, pause_s(failures, random.random()))  # noqa: S311 - spreads retries, no secret
    health.ended()


def _pause(driver: ScanDriver, stop: threading.Event, monotonic: Callable[[], float], pause: float) -> None:
    """Wait before the next attempt, but no longer than until a device that was away is plugged in."""
    deadline = monotonic() + pause
    was_present = driver.is_present()
    while (left := deadline - monotonic()) > 0 and not stop.wait(min(LOOK_S, left)):
        if driver.is_present() and not was_present:
            return
        was_present = driver.is_present()
