"""What every driver that hears a reader keeps, each over a real socket, pipe or pseudo-terminal."""

import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from tracelib.clock import SystemClock
from tracelib_scanner.driver import ScanDriver, readings
from tracelib_scanner.errors import DeviceLostError, DeviceUnavailableError
from tracelib_scanner.health import DeviceHealth, DeviceState
from tracelib_scanner.scan import Scan, ScanKind

Harness = Any  # the protocol of conftest.py
CODES = ["https://q.example.com/P/A/10/GN-1/21/0123456789ABCDE", "010690123456789210LOT-7\x1d21ABC", "X" * 200]


def in_background(work: Callable[[], object]) -> threading.Thread:
    """Start a sender that may have to wait for its reader."""
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def opened(harness: Harness) -> ScanDriver:
    harness.plug()
    harness.driver.open()
    harness.connect()
    driver: ScanDriver = harness.driver
    return driver


def collect(driver: ScanDriver, count: int) -> list[Scan]:
    """Readings until there are ``count``, each acknowledged as a line does."""
    scans: list[Scan] = []
    deadline = time.monotonic() + 20
    while len(scans) < count and time.monotonic() < deadline:
        new = driver.read(0.2)
        scans += new
        if new:
            driver.acknowledge(new)
    return scans


def until_lost(driver: ScanDriver) -> list[Scan]:
    scans: list[Scan] = []
    try:
        for _ in range(60):
            scans += driver.read(0.05)
    except DeviceLostError:
        pass
    return scans


def test_codes_come_whole_once_and_in_order(harness: Harness) -> None:
    driver = opened(harness)
    sender = in_background(lambda: harness.send(CODES))
    scans = collect(driver, len(CODES))
    sender.join(5)
    assert [scan.text for scan in scans] == CODES
    assert {(scan.device, scan.kind) for scan in scans} == {("belt", ScanKind.READ)}
    assert all(scan.at.tzinfo is not None for scan in scans)
    assert driver.read(0.1) == []


def test_nothing_comes_of_nothing_and_the_wait_is_kept(harness: Harness) -> None:
    driver = opened(harness)
    start = time.monotonic()
    assert driver.read(0.1) == []
    assert 0.1 <= time.monotonic() - start < 2


def test_before_opening_and_after_closing_nothing_is_read(harness: Harness) -> None:
    harness.driver.close()
    with pytest.raises(DeviceLostError):
        harness.driver.read(0.05)
    driver = opened(harness)
    driver.close()
    driver.close()
    with pytest.raises(DeviceLostError):
        driver.read(0.05)


def test_unplugged_in_mid_code_gives_no_whole_code(harness: Harness) -> None:
    driver = opened(harness)
    harness.half("HALF-A-CODE")
    driver.read(0.1)
    harness.unplug()
    scans = until_lost(driver)
    assert [scan for scan in scans if scan.kind is ScanKind.READ] == []
    assert [scan.text for scan in scans] in ([], ["HALF-A-CODE"])


def test_plugged_in_again_it_goes_on_and_the_torn_piece_is_not_glued_on(harness: Harness) -> None:
    states: list[DeviceState] = []
    got: list[Scan] = []
    stop, up = threading.Event(), threading.Semaphore(0)

    def note(_name: str, state: DeviceState, _error: object) -> None:
        states.append(state)
        if state is DeviceState.UP:
            up.release()

    def work() -> None:
        for scans in readings(harness.driver, stop, SystemClock().monotonic, DeviceHealth("belt", note)):
            harness.driver.acknowledge(scans)
            got.extend(scans)

    harness.plug()
    line = in_background(work)
    assert up.acquire(timeout=5)
    harness.connect()
    harness.send(["FIRST"])
    harness.half("HALF")
    time.sleep(0.2)
    harness.unplug()
    time.sleep(0.3)
    harness.plug()
    if not harness.listens:
        assert up.acquire(timeout=5)
    harness.connect()
    harness.send(["SECOND"])
    deadline = time.monotonic() + 10
    while "SECOND" not in [scan.text for scan in got] and time.monotonic() < deadline:
        time.sleep(0.02)
    stop.set()
    line.join(5)
    assert not line.is_alive()
    assert [scan.text for scan in got if scan.kind is ScanKind.READ] == ["FIRST", "SECOND"]
    assert states[-1] is DeviceState.ENDED


def test_where_nothing_is_opening_is_one_clear_error(harness: Harness) -> None:
    if harness.listens:
        pytest.skip("a line that listens needs nobody at the other end")
    with pytest.raises(DeviceUnavailableError, match=r"belt.*(there is no such|nobody answers)"):
        harness.driver.open()


def test_noise_never_raises_and_a_code_after_it_is_read(harness: Harness) -> None:
    driver = opened(harness)
    noise = os.urandom(1 << 15)

    def work() -> None:
        for at in range(0, len(noise), 64):
            harness.noise(noise[at : at + 64])
        time.sleep(1.2)  # silence, after which every framer begins anew
        harness.noise(b"")
        with suppress(AssertionError):  # the answers to the noise came first
            harness.send(["GOOD"])

    sender = in_background(work)
    scans: list[Scan] = []
    deadline = time.monotonic() + 20
    while (not scans or scans[-1].text != "GOOD") and time.monotonic() < deadline:
        scans += driver.read(0.2)
    sender.join(5)
    assert scans[-1].text == "GOOD"
    assert max(len(scan.data) for scan in scans) <= 4096
