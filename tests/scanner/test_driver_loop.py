"""Scan, debounce, registry, and the loop above drivers."""

import threading
from collections.abc import Collection, Sequence
from datetime import UTC, datetime

import pytest

from tracelib.clock import SystemClock
from tracelib.errors import DeviceError
from tracelib_scanner.debounce import Debouncer
from tracelib_scanner.driver import pause_s, readings
from tracelib_scanner.errors import DeviceLostError, DeviceUnavailableError, UnknownDriverError
from tracelib_scanner.health import DeviceHealth, DeviceState
from tracelib_scanner.registry import DRIVERS, driver_module
from tracelib_scanner.scan import Scan

NOW = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("data", "aim", "text"),
    [
        (b"]Q1https://q.example.com", "]Q1", "https://q.example.com"),
        (b"]d2\x1d01", "]d2", "\x1d01"),
        (b"https://]Q1", "", "https://]Q1"),
        (b"]?1x", "", "]?1x"),
        (b"\xff\xfe", "", "��"),
        ("汉".encode(), "", "汉"),
    ],
)
def test_aim_identifier_is_taken_off_and_nothing_else(data: bytes, aim: str, text: str) -> None:
    scan = Scan(data, "belt", NOW, 0.0)
    assert (scan.aim, scan.text, scan.data) == (aim, text, data)


def test_debounce_is_for_each_device_and_text_and_extends() -> None:
    debouncer = Debouncer(0.5)
    readings = [
        ("a", b"X", 0.0, False),
        ("a", b"X", 0.4, True),
        ("a", b"X", 0.8, True),  # still held before the reader
        ("b", b"X", 0.9, False),
        ("a", b"Y", 0.9, False),
        ("a", b"X", 1.3, False),
        ("a", b"X", 0.1, False),  # the clock began anew
    ]
    assert [debouncer.is_repeat(device, data, at) for device, data, at, _ in readings] == [r[3] for r in readings]


def test_pauses_double_up_to_ten_seconds() -> None:
    assert [pause_s(n) for n in (1, 2, 3, 7, 8, 1000)] == pytest.approx([0.1, 0.2, 0.4, 6.4, 10.0, 10.0])
    assert pause_s(1, 1.0) == pytest.approx(0.12)


def test_every_registered_driver_loads_and_unknown_is_named() -> None:
    for name in DRIVERS:
        assert callable(driver_module(name).make)
    with pytest.raises(UnknownDriverError, match=r"«modem».*serial, tcp, hid, wedge, camera, video, replay"):
        driver_module("modem")


class Flaky:
    """Opens at the third try, reads, goes away in the middle, comes back, ends."""

    name, trouble = "flaky", ""

    def __init__(self) -> None:
        self.steps: list[str | Scan] = ["refuse", "refuse", scan(b"1"), "lost", scan(b"2")]
        self.open_count = 0
        self.closed = 0

    @property
    def exhausted(self) -> bool:
        return not self.steps

    def is_present(self) -> bool:
        return True

    def resume(self, sources: Collection[str]) -> None: ...

    def open(self) -> None:
        self.open_count += 1
        if self.steps[0] == "refuse":
            self.steps.pop(0)
            raise DeviceUnavailableError(device=self.name, place="here", detail="busy")

    def read(self, timeout_s: float) -> Sequence[Scan]:
        step = self.steps.pop(0)
        if isinstance(step, Scan):
            return [step]
        raise DeviceLostError(device=self.name, place="here", detail="unplugged")

    def acknowledge(self, scans: Sequence[Scan]) -> None: ...

    def close(self) -> None:
        self.closed += 1


def scan(data: bytes) -> Scan:
    return Scan(data, "flaky", NOW, 0.0)


def test_loop_opens_again_until_the_device_is_back() -> None:
    driver, states = Flaky(), list[tuple[DeviceState, str]]()

    def note(_device: str, state: DeviceState, error: DeviceError | None) -> None:
        states.append((state, error.code if error else ""))

    got = list(readings(driver, threading.Event(), SystemClock().monotonic, DeviceHealth("flaky", note)))
    assert [s.data for (s,) in got] == [b"1", b"2"]
    assert states == [
        (DeviceState.PROBING, ""),
        (DeviceState.DOWN, "device.unavailable"),
        (DeviceState.DOWN, "device.unavailable"),
        (DeviceState.UP, ""),
        (DeviceState.DOWN, "device.lost"),
        (DeviceState.UP, ""),
        (DeviceState.ENDED, ""),
    ]
    assert driver.closed == driver.open_count


def test_stop_ends_the_loop_at_once() -> None:
    stop = threading.Event()
    stop.set()
    assert list(readings(Flaky(), stop, SystemClock().monotonic)) == []
