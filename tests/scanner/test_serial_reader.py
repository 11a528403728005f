"""The serial reader on a pseudo-terminal: pyserial and the kernel's terminal code are real, only the wire is not."""

import os
import re
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tracelib.clock import SystemClock
from tracelib.errors import MissingExtraError, TraceError
from tracelib.text import translator
from tracelib_scanner.driver import readings
from tracelib_scanner.drivers import serial_reader
from tracelib_scanner.drivers.framed_reader import FramedReader
from tracelib_scanner.drivers.serial_reader import SerialSettings, make
from tracelib_scanner.errors import DeviceLostError, DeviceUnavailableError
from tracelib_scanner.fake_reader import FakeReader
from tracelib_scanner.framing import Framing
from tracelib_scanner.health import DeviceHealth
from tracelib_scanner.reasons import (
    GONE,
    IN_USE,
    NO_FOLDER,
    NO_PORT,
    NO_RIGHT,
    NO_SERIAL_PORT,
    NO_TEXT,
    OTHER_SETTINGS,
    REASONS,
    UNKNOWN,
    reason_of,
)
from tracelib_scanner.scan import Scan, ScanKind

GS1 = b"]d2010690123456789210LOT-7\x1d21ABC"


@pytest.fixture
def opened(reader: FakeReader) -> Iterator[FramedReader]:
    driver = make("belt", SerialSettings(reader.port, no_reads=(b"NR",)), SystemClock())
    driver.open()
    yield driver
    driver.close()


def collect(driver: FramedReader, count: int) -> list[Scan]:
    scans: list[Scan] = []
    for _ in range(200):
        scans += driver.read(0.2)
        if len(scans) >= count:
            break
    return scans


def test_codes_come_byte_exact_with_gs_and_aim(opened: FramedReader, reader: FakeReader) -> None:
    reader.send(GS1 + b"\r\n" + b"NR\r\n" + b"https://q.example.com/X\r\n")
    scans = collect(opened, 3)
    assert [(scan.data, scan.kind) for scan in scans] == [
        (GS1, ScanKind.READ),
        (b"NR", ScanKind.NO_READ),
        (b"https://q.example.com/X", ScanKind.READ),
    ]
    assert scans[0].text == "010690123456789210LOT-7\x1d21ABC"
    assert scans[0].at.tzinfo is not None


def test_split_at_every_byte(opened: FramedReader, reader: FakeReader) -> None:
    line = b"CODE-17\r\n"
    for cut in range(1, len(line)):
        reader.send(line[:cut])
        threading.Timer(0.005, reader.send, (line[cut:],)).start()
        first = collect(opened, 1)
        assert [scan.data for scan in first] == [b"CODE-17"], cut
    assert opened.read(0.1) == []


def test_two_thousand_in_one_go(opened: FramedReader, reader: FakeReader) -> None:
    sent = [b"]C1\x1d0108712345678906\x1d10LOT%06d" % number for number in range(2000)]
    thread = threading.Thread(target=reader.send, args=(b"".join(data + b"\r\n" for data in sent),))
    thread.start()
    assert [scan.data for scan in collect(opened, 2000)] == sent
    thread.join()


def test_silence_ends_a_code_without_suffix(reader: FakeReader) -> None:
    driver = make("belt", SerialSettings(reader.port, framing=Framing(suffixes=(), idle_s=0.03)), SystemClock())
    driver.open()
    reader.send(b"CODE")
    assert [scan.data for scan in collect(driver, 1)] == [b"CODE"]
    driver.close()


def test_unplugged_in_mid_code_gives_the_torn_piece_then_the_loss(opened: FramedReader, reader: FakeReader) -> None:
    reader.send(b"WHOLE\r\nHALF-A-CO")
    assert [scan.data for scan in collect(opened, 1)] == [b"WHOLE"]
    reader.unplug()
    assert [(scan.data, scan.kind) for scan in opened.read(1)] == [(b"HALF-A-CO", ScanKind.TORN)]
    with pytest.raises(DeviceLostError, match="belt") as caught:
        opened.read(1)
    assert f"went away: {GONE}." in str(caught.value)


def test_nothing_at_the_port_is_one_clear_error() -> None:
    driver = make("belt", SerialSettings("/dev/serial/by-id/usb-none"), SystemClock())
    with pytest.raises(DeviceUnavailableError, match=rf"belt.*by-id/usb-none: {NO_PORT}\.") as caught:
        driver.open()
    assert caught.value.message(translator("zh")) == (
        "设备“belt”现在打不开（/dev/serial/by-id/usb-none）：没有这个端口。请检查线缆、电源和权限。"
    )


def test_what_is_no_serial_port_is_called_so(tmp_path: Path) -> None:
    (tmp_path / "port").write_bytes(b"")
    for place in ("port", "."):
        with pytest.raises(DeviceUnavailableError) as caught:
            make("belt", SerialSettings(str(tmp_path / place)), SystemClock()).open()
        assert caught.value.params["detail"] == NO_SERIAL_PORT


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (FileNotFoundError(2, "No such file or directory"), NO_FOLDER),
        (PermissionError(13, "Permission denied"), NO_RIGHT),
        (OSError(16, "Device or resource busy"), IN_USE),
        (OSError(5, "Input/output error"), GONE),
        (termios.error(22, "Invalid argument"), OTHER_SETTINGS),
        (ValueError("Not a valid baudrate: 7"), OTHER_SETTINGS),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"), NO_TEXT),
        (OSError("something else"), UNKNOWN),
        (TypeError(), UNKNOWN),
    ],
)
def test_reasons_are_words_for_operators(error: BaseException, expected: str) -> None:
    assert reason_of(error, missing=NO_FOLDER) == expected


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_is_said_in_chinese_and_whole(reason: str) -> None:
    error = DeviceLostError(device="belt", place="/dev/ttyUSB0", detail=reason)
    assert f"went away: {reason}. The line" in error.message()
    said = error.message(translator("zh")).partition("断开了：")[2].partition("。")[0]
    assert said
    assert said == translator("zh")("device", reason) != reason


def test_what_the_terminal_refuses_is_a_device_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some kernels refuse 7 bits on a pseudo-terminal with termios.error, which is neither pyserial's nor OSError."""
    import serial

    def refuse(*_: object, **__: object) -> None:
        raise termios.error(22, "Invalid argument")

    monkeypatch.setattr(serial, "Serial", refuse)
    with pytest.raises(DeviceUnavailableError, match=re.escape(OTHER_SETTINGS)):
        make("belt", SerialSettings("/dev/ttyUSB0", bits=7), SystemClock()).open()


def test_port_belongs_to_one_line(opened: FramedReader, reader: FakeReader) -> None:
    with pytest.raises(DeviceUnavailableError, match=IN_USE):
        make("second", SerialSettings(reader.port), SystemClock()).open()


def test_comes_back_after_unplugging(tmp_path: Path) -> None:
    """A by-id link as udev makes it: it points to whatever terminal the reader has now."""
    link, first = tmp_path / "by-id", FakeReader()
    link.symlink_to(first.port)
    driver = make("belt", SerialSettings(str(link)), SystemClock())
    got, stop, here = list[bytes](), threading.Event(), threading.Event()
    up = threading.Semaphore(0)
    health = DeviceHealth("belt", lambda *s: up.release() if s[1] == "up" else None)

    def work() -> None:
        for scans in readings(driver, stop, SystemClock().monotonic, health):
            got.extend(scan.data for scan in scans)
            here.set()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    assert up.acquire(timeout=5)
    first.send(b"ONE\r")
    assert here.wait(5)
    here.clear()
    first.unplug()
    second = FakeReader()
    link.unlink()
    link.symlink_to(second.port)
    assert up.acquire(timeout=5)
    second.send(b"TWO\r")
    assert here.wait(5)
    stop.set()
    thread.join(5)
    second.unplug()
    assert got == [b"ONE", b"TWO"]


def test_garbage_never_raises(opened: FramedReader, reader: FakeReader) -> None:
    thread = threading.Thread(target=reader.send, args=(os.urandom(1 << 16) + b"\rGOOD\r",))
    thread.start()
    scans: list[Scan] = []
    deadline = time.monotonic() + 20
    while (not scans or scans[-1].data != b"GOOD") and time.monotonic() < deadline:
        scans += opened.read(0.5)
    thread.join()
    assert len(scans) > 1
    assert scans[-1].data == b"GOOD"


def test_missing_library_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "serial", None)
    with pytest.raises(MissingExtraError, match=r"belt.*pip install .*scanner") as caught:
        serial_reader.make("belt", SerialSettings("/dev/null"), SystemClock())
    assert isinstance(caught.value, TraceError)


def test_module_loads_without_the_library() -> None:
    code = "import tracelib_scanner.drivers.serial_reader, sys; assert 'serial' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
