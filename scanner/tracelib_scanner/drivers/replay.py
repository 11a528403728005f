"""Readings from a file: for tests, for demonstrations, for looking at a bad day again. The fake ships with the product.

One reading a line: plain text, or a JSON object ``{"text": …}`` or ``{"hex": …}``, optionally ``"kind"`` and
``"after_ms"`` (pause before it). Empty lines and lines that begin with ``#`` are skipped.
"""

import json
from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from tracelib.clock import Clock
from tracelib_scanner.errors import DeviceUnavailableError, ReplayFormatError
from tracelib_scanner.fields import Table
from tracelib_scanner.reasons import NO_FILE, reason_of
from tracelib_scanner.scan import Scan, ScanKind

EXPECTED = '{"text": …} or {"hex": …}'


@dataclass(frozen=True, slots=True)
class ReplaySettings:
    """The file, and the pause before each reading that names none."""

    file: Path
    pause_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Reading:
    """One line of a replay file. ``source`` is ``NAME:LINE``; a reading that is journalled is not played again."""

    data: bytes
    kind: ScanKind
    pause_s: float
    source: str


class Replay:
    """A file as a device; see :class:`tracelib_scanner.driver.ScanDriver`."""

    trouble = ""

    def __init__(self, name: str, settings: ReplaySettings, clock: Clock) -> None:
        self._name = name
        self._settings = settings
        self._clock = clock
        self._left: deque[Reading] | None = None
        self._known: frozenset[str] = frozenset()
        self._due_s = 0.0

    @property
    def name(self) -> str:
        """The device's name in the line's configuration."""
        return self._name

    @property
    def exhausted(self) -> bool:
        """Whether the file is at its end."""
        return self._left is not None and not self._left

    def is_present(self) -> bool:
        """Whether the file is there."""
        return self._settings.file.exists()

    def resume(self, sources: Collection[str]) -> None:
        """Skip what the journal already holds."""
        self._known = frozenset(sources)

    def open(self) -> None:
        """Read the file."""
        if self._left is not None:
            return
        try:
            text = self._settings.file.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            reason = reason_of(error, missing=NO_FILE)
            raise DeviceUnavailableError(device=self._name, place=self._settings.file, detail=reason) from error
        readings = parse_readings(text, self._settings.file.name, self._settings.pause_s)
        self._left = deque(reading for reading in readings if reading.source not in self._known)
        self._plan()

    def read(self, timeout_s: float) -> Sequence[Scan]:
        """The next reading once its pause is over."""
        import time

        if not self._left:
            return []
        wait_s = self._due_s - self._clock.monotonic()
        if wait_s > 0:
            time.sleep(min(wait_s, timeout_s))
        if self._clock.monotonic() < self._due_s:
            return []
        reading = self._left.popleft()
        self._plan()
        now, now_s = self._clock.now(), self._clock.monotonic()
        return [Scan(reading.data, self._name, now, now_s, reading.kind, reading.source)]

    def acknowledge(self, scans: Sequence[Scan]) -> None:
        """A file waits for no answer."""

    def close(self) -> None:
        """Nothing to give back."""

    def _plan(self) -> None:
        if self._left:
            self._due_s = self._clock.monotonic() + self._left[0].pause_s


def parse_readings(text: str, name: str, pause_s: float = 0.0) -> list[Reading]:
    """The readings of a replay file; raises ``ReplayFormatError``, which names the line."""
    readings = []
    for number, line in enumerate(text.split("\n"), 1):
        content = line.removesuffix("\r")
        if content and not content.startswith("#"):
            readings.append(_reading(content, name, number, pause_s))
    return readings


def _reading(line: str, name: str, number: int, pause_s: float) -> Reading:
    source = f"{name}:{number}"
    if not line.startswith("{"):
        return Reading(line.encode(), ScanKind.READ, pause_s, source)
    try:
        fields = json.loads(line)
        data = bytes.fromhex(fields["hex"]) if "hex" in fields else str(fields["text"]).encode()
        kind = ScanKind(fields.get("kind", ScanKind.READ))
        return Reading(data, kind, float(fields.get("after_ms", pause_s * 1000)) / 1000, source)
    except (ValueError, TypeError, KeyError):
        raise ReplayFormatError(file=name, line=number, given=line, expected=EXPECTED) from None


def options(table: Table) -> ReplaySettings:
    """Settings from a ``[[device]]`` table: file, pause_ms."""
    file = table.path("file", "the path of a replay file")
    return ReplaySettings(file, table.number("pause_ms", 0, 0, 60_000, "ms") / 1000)


def make(name: str, settings: object, clock: Clock) -> Replay:
    """The driver, not yet open."""
    if not isinstance(settings, ReplaySettings):
        raise TypeError(settings)
    return Replay(name, settings, clock)
