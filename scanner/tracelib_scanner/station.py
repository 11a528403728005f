"""A station: devices in, durable answers out.

::

    device thread:  read ─► journal (on disk) ─► acknowledge ─► wake the line
    line:           journal ─► verify, act, store (one transaction) ─► answer

The journal is the queue, so it is never full, nothing is dropped, a reader never waits for the store, and what was
journalled before a crash is done after the next start.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self

from tracelib.clock import Clock
from tracelib.errors import DeviceError, StoreError
from tracelib.operations.capture import Line, capture, last_row_id, resume
from tracelib.operations.line_answer import Captured, LineScan
from tracelib.operations.pack import PackingSession
from tracelib_scanner.debounce import Debouncer
from tracelib_scanner.driver import ScanDriver, readings
from tracelib_scanner.health import DeviceHealth, DeviceState
from tracelib_scanner.journal import Entry, Journal
from tracelib_scanner.scales.weighing import Weighing
from tracelib_scanner.scan import Scan, ScanKind

GROUP = 256
"""At most so many readings share one transaction; under normal load each has its own."""
REMEMBERED = 256
"""Readings before the last one in the store that the debouncer is told of at the start."""
WAIT_S = 0.05
PRUNE_EVERY_S = 3600.0
STORE_TRIES = 5
MEASURED = 1_000
"""Of so many last writes the journal's times are kept."""
TICK_S = 1.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What the operator sees, durable in the store. ``latency_s`` runs from reading to now; None when replayed."""

    captured: Captured
    latency_s: float | None


@dataclass(frozen=True, slots=True)
class DeviceChange:
    """A device came up, works badly or went down (``error`` says why; it is tried again), or ended."""

    device: str
    state: DeviceState
    error: DeviceError | None


class Station:
    """One station at work, as a context manager; :meth:`work` does it.

    Opening it takes the journal (one process for each station) and finds where the store stopped.
    """

    def __init__(
        self,
        line: Line,
        journal: Journal,
        drivers: Sequence[ScanDriver],
        session: PackingSession,
        debouncer: Debouncer,
        clock: Clock,
        *,
        weighing: Weighing | None = None,
    ) -> None:
        self._line = line
        self._journal = journal
        self._drivers = drivers
        self._debouncer = debouncer
        self._clock = clock
        self._changes: deque[DeviceChange] = deque()
        self._driver_health = tuple(DeviceHealth(driver.name, self._note) for driver in drivers)
        self._weighing = weighing
        if weighing is not None:
            weighing.tell(self._note)
        self.journal_s: deque[float] = deque(maxlen=MEASURED)
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._done = last_row_id(line)
        self.journal_was_behind = journal.continue_after(self._done)
        self.session = resume(line, session)
        self._started_row = journal.last_row_id()
        self._pruned_s = clock.monotonic()
        for entry in journal.before(self._done, REMEMBERED):
            self._is_repeat(entry)
        for driver in drivers:
            driver.resume(journal.sources(driver.name))
        self._pool = ThreadPoolExecutor(len(drivers) + 1, thread_name_prefix="device")
        self._readers: list[Future[None]] = []
        self._scale: Future[None] | None = None

    @property
    def health(self) -> tuple[DeviceHealth, ...]:
        """How every device does, the scale last."""
        return self._driver_health + ((self._weighing.health,) if self._weighing is not None else ())

    @property
    def waiting_rows(self) -> int:
        """Journalled readings that are not in the store yet."""
        return self._journal.last_row_id() - self._done

    def work(
        self, until_idle_s: float | None = None, tick: Callable[[], None] = lambda: None
    ) -> Iterator[Answer | DeviceChange]:
        """Answers as they become durable, first for what the journal held at the start, and changes of the devices.

        Ends when every device is exhausted, when nothing was read for ``until_idle_s`` seconds, or after :meth:`stop`;
        readings already journalled are answered before. ``tick`` is called about once a second, and once at the end.
        Raises what stopped a device for good, and ``StoreError``.
        """
        self._journal.prune(self._done, self._clock.now())
        self._readers = [
            self._pool.submit(self._read_device, driver, health)
            for driver, health in zip(self._drivers, self._driver_health, strict=True)
        ]
        if self._weighing is not None:
            self._scale = self._pool.submit(self._weighing.run, self._stop)
        idle_since, ticked_s = self._clock.monotonic(), 0.0
        while True:
            self._wake.clear()
            if self._stop.is_set():
                self._join()
            ended = all(reader.done() for reader in self._readers)
            found = False
            for answer in self._answers():
                found = True
                yield answer
            yield from self._news()
            self._raise_failure()
            now_s = self._clock.monotonic()
            if now_s - ticked_s >= TICK_S:
                ticked_s = now_s
                tick()
            if found:
                idle_since = now_s
            elif ended:
                tick()
                return
            elif until_idle_s is not None and now_s - idle_since >= until_idle_s:
                self.stop()
            else:
                self._prune_now_and_then(now_s)
                self._wake.wait(WAIT_S)

    def stop(self) -> None:
        """Let the devices finish what they are reading; :meth:`work` then ends."""
        self._stop.set()
        self._wake.set()

    def close(self) -> None:
        """Stop the devices and give the journal back. What is journalled and not answered waits for the next start."""
        self.stop()
        self._join()
        self._pool.shutdown()
        self._journal.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _read_device(self, driver: ScanDriver, health: DeviceHealth) -> None:
        for scans in readings(driver, self._stop, self._clock.monotonic, health):
            began_s = self._clock.monotonic()
            self._journal.append(self._weighed(scans))
            self.journal_s.append(self._clock.monotonic() - began_s)
            driver.acknowledge(scans)
            self._wake.set()

    def _weighed(self, scans: Sequence[Scan]) -> Sequence[Scan]:
        """The scans with what lies on the scale at their moment."""
        weighing = self._weighing
        if weighing is None:
            return scans
        return [replace(scan, weight_g=weighing.at(scan.monotonic_s)) for scan in scans]

    def _note(self, device: str, state: DeviceState, error: DeviceError | None) -> None:
        self._changes.append(DeviceChange(device, state, error))
        self._wake.set()

    def _news(self) -> Iterator[DeviceChange]:
        while self._changes:
            yield self._changes.popleft()

    def _answers(self) -> Iterator[Answer]:
        """Everything that the journal holds beyond the store, a group at a time."""
        while entries := self._journal.after(self._done, GROUP):
            scans = [_line_scan(entry, self._is_repeat(entry)) for entry in entries]
            captured, self.session = self._captured(scans)
            self._done = entries[-1].row_id
            now_s = self._clock.monotonic()
            for entry, answer in zip(entries, captured, strict=True):
                fresh = entry.row_id > self._started_row
                yield Answer(answer, now_s - entry.scan.monotonic_s if fresh else None)

    def _captured(self, scans: Sequence[LineScan]) -> tuple[list[Captured], PackingSession]:
        """Another program may hold the database for a moment; the journal keeps everything meanwhile."""
        for _ in range(STORE_TRIES - 1):
            try:
                return capture(self._line, self.session, scans, self._clock.now())
            except StoreError as error:
                if not error.retryable:
                    raise
                self._stop.wait(WAIT_S)
        return capture(self._line, self.session, scans, self._clock.now())

    def _is_repeat(self, entry: Entry) -> bool:
        scan = entry.scan
        return scan.kind is ScanKind.READ and self._debouncer.is_repeat(scan.device, scan.data, scan.monotonic_s)

    def _raise_failure(self) -> None:
        for reader in (*self._readers, *([self._scale] if self._scale is not None else ())):
            if reader.done():
                reader.result()

    def _join(self) -> None:
        for reader in self._readers:
            if not reader.cancel():
                reader.exception()

    def _prune_now_and_then(self, now_s: float) -> None:
        if now_s - self._pruned_s >= PRUNE_EVERY_S:
            self._pruned_s = now_s
            self._journal.prune(self._done, self._clock.now())


def _line_scan(entry: Entry, repeat: bool) -> LineScan:
    scan = entry.scan
    text = scan.text if scan.kind is ScanKind.READ else None
    kind = scan.kind.value
    return LineScan(entry.row_id, scan.device, kind, scan.data, scan.at, text, scan.source, repeat, scan.weight_g)
