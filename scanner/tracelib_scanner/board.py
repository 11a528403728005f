"""What a line has done since its start: a fold over its news, from which report, status and screens speak.

::

    Answer, DeviceChange ─► Board.add ─► Board.facts ─► page of the kiosk, terminal view
                                    └──► Board.totals ─► report, status file, /metrics

The board reads no clock and no store: the same news give the same facts. Facts are frozen, so that the line's thread
makes them and any other may show them.
"""

import statistics
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from tracelib.clock import CHINA
from tracelib.errors import DeviceError, TraceError
from tracelib_scanner.health import DeviceState
from tracelib_scanner.station import Answer, DeviceChange

MEASURED = 10_000
"""The times are those of the last readings."""
LAST = 10
DONE = ("activated", "checked", "shipped", "received", "returned", "voided")
"""Outcomes of a good code at a station, by its mode; pallets that were packed are counted beside them."""
COUNTED = (*DONE, "packed", "refused", "nothing")
"""The outcomes that are counted for the day."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading as it is shown. ``times`` counts the same code read again and no-reads in a row.

    ``data`` is what the device sent, unverified: it tells readings apart and is never shown.
    """

    row: int
    at: datetime
    device: str
    data: bytes
    outcome: str
    reason: str = ""
    error: TraceError | None = None
    unit: str = ""
    lot: str = ""
    cartons: int = 0
    times: int = 1


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    """One device: its state, what is wrong with it, and what came of its readings."""

    name: str
    state: DeviceState = DeviceState.PROBING
    error: DeviceError | None = None
    outcomes: Mapping[str, int] = field(default_factory=dict)
    reasons: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that a screen shows of a line at one moment.

    ``number`` grows with every news. ``today`` counts outcomes of the calendar day in UTC+08:00. ``wanted`` is 0 on a
    line that does not pack. ``last`` begins with the newest.
    """

    number: int
    station: str
    day: date
    today: Mapping[str, int]
    waiting: int
    wanted: int
    last_waiting: str
    last: tuple[Reading, ...]
    refused: Reading | None
    devices: tuple[DeviceFacts, ...]


class Board:
    """Counters, times and the last readings of a line. One thread adds."""

    def __init__(self, station: str = "", devices: Sequence[str] = (), wanted: int = 0) -> None:
        self.outcomes: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self._station = station
        self._wanted = wanted
        self._number = 0
        self._day: date | None = None
        self._today: Counter[str] = Counter()
        self._last: deque[Reading] = deque(maxlen=LAST)
        self._refused: Reading | None = None
        self._devices = {name: _Device(name) for name in devices}
        self._replayed = 0
        self._cartons = 0
        self._latencies: deque[float] = deque(maxlen=MEASURED)

    def change(self, station: str, devices: Sequence[str], wanted: int) -> None:
        """The line has another configuration: devices that are gone are forgotten, what was counted stays."""
        self._station, self._wanted = station, wanted
        self._devices = {name: self._devices.get(name, _Device(name)) for name in devices}
        self._number += 1

    def began(self, day: date, counts: Mapping[str, int]) -> None:
        """What the day already held when the line started, by outcome."""
        self._day, self._today = day, Counter(counts)

    def add(self, news: Answer | DeviceChange) -> None:
        """Fold one answer or one change of a device in."""
        self._number += 1
        if isinstance(news, DeviceChange):
            self._device(news.device).changed(news)
        else:
            self._answer(news)

    def facts(self, now: datetime, waiting: Sequence[str]) -> Facts:
        """The facts at ``now`` (aware); ``waiting`` are the units that wait for a pallet, in order."""
        day = now.astimezone(CHINA).date()
        return Facts(
            number=self._number,
            station=self._station,
            day=day,
            today=dict(self._today) if day == self._day else {},
            waiting=len(waiting),
            wanted=self._wanted,
            last_waiting=waiting[-1] if waiting else "",
            last=tuple(self._last),
            refused=self._refused,
            devices=tuple(device.facts() for device in self._devices.values()),
        )

    def totals(self, waiting: int) -> dict[str, object]:
        """Everything counted since the start, times in milliseconds; ``waiting`` are the cartons without a pallet."""
        outcomes = self.outcomes
        p50, p99 = percentiles_ms(self._latencies)
        return {
            "read": outcomes.total(),
            "accepted": sum(outcomes[done] for done in DONE) + outcomes["packed"],
            "activated": outcomes["activated"],
            **{done: outcomes[done] or None for done in DONE[1:]},
            "pallets": outcomes["packed"],
            "packed": self._cartons,
            "waiting": waiting,
            "refused": outcomes["refused"],
            "repeats": outcomes["repeat"],
            "nothing_read": outcomes["nothing"],
            "replayed": self._replayed,
            "reasons": dict(self.reasons),
            "p50_ms": p50,
            "p99_ms": p99,
        }

    def _answer(self, answer: Answer) -> None:
        captured = answer.captured
        outcome = captured.outcome.value
        self.outcomes[outcome] += 1
        self._cartons += captured.cartons
        self._device(captured.scan.device).answered(outcome, captured.reason)
        self._count_today(captured.scan.at, outcome)
        self._show(_reading(answer))
        if captured.reason:
            self.reasons[captured.reason] += 1
        if answer.latency_s is None:
            self._replayed += 1
        else:
            self._latencies.append(answer.latency_s)

    def _count_today(self, at: datetime, outcome: str) -> None:
        """A new day begins with its first reading; one of a day that is over (made up for later) counts nowhere."""
        day = at.astimezone(CHINA).date()
        if self._day is None or day > self._day:
            self._day, self._today = day, Counter()
        if day == self._day and outcome in COUNTED:
            self._today[outcome] += 1

    def _show(self, reading: Reading) -> None:
        """A verdict belongs to a carton, not to a reading: the same code again only makes its line say so."""
        for place, shown in enumerate(self._last):
            same = (shown.device, shown.data) == (reading.device, reading.data)
            if same and (reading.outcome == "repeat" or (place == 0 and _is_nothing_again(shown, reading))):
                self._last[place] = replace(shown, times=shown.times + 1)
                return
        self._last.appendleft(reading)
        if reading.outcome == "refused":
            self._refused = reading

    def _device(self, name: str) -> "_Device":
        return self._devices.setdefault(name, _Device(name))


class _Device:
    """What the board remembers of a device."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._state = DeviceState.PROBING
        self._error: DeviceError | None = None
        self._outcomes: Counter[str] = Counter()
        self._reasons: Counter[str] = Counter()

    def changed(self, change: DeviceChange) -> None:
        self._state, self._error = change.state, change.error

    def answered(self, outcome: str, reason: str) -> None:
        self._outcomes[outcome] += 1
        if reason:
            self._reasons[reason] += 1

    def facts(self) -> DeviceFacts:
        return DeviceFacts(self._name, self._state, self._error, dict(self._outcomes), dict(self._reasons))


def _reading(answer: Answer) -> Reading:
    captured = answer.captured
    return Reading(
        row=captured.scan.row_id,
        at=captured.scan.at,
        device=captured.scan.device,
        data=captured.scan.data,
        outcome=captured.outcome.value,
        reason=captured.reason,
        error=captured.error,
        unit=captured.unit_id or "",
        lot=captured.lot or "",
        cartons=captured.cartons,
    )


def _is_nothing_again(shown: Reading, reading: Reading) -> bool:
    return reading.outcome == "nothing" == shown.outcome and reading.reason == shown.reason


def percentiles_ms(seconds: "deque[float]") -> tuple[float | None, float | None]:
    """Median and 99 of 100 in milliseconds; None where nothing was measured."""
    times = sorted(seconds)
    if not times:
        return None, None
    return round(statistics.median(times) * 1000, 2), round(times[int(len(times) * 0.99)] * 1000, 2)
