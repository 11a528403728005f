"""Readers that are set up wrong, each as such readers do it, and the advice that must come."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tracelib.text import phrases
from tracelib_scanner.found import Found, find_devices
from tracelib_scanner.reader_check import CHECKS, CHINESE, PLAIN, PUNCTUATION, WITH_GS, Finding, check, visible
from tracelib_scanner.scan import Scan, ScanKind


def scan(data: bytes, kind: ScanKind = ScanKind.READ) -> Scan:
    return Scan(data, "belt", datetime(2026, 11, 23, tzinfo=UTC), 0.0, kind)


@pytest.mark.parametrize("text", CHECKS)
def test_a_reader_that_is_right(text: str) -> None:
    found = check(text, scan(b"]Q1" + text.encode()))
    assert (found.fits, found.findings) == (True, ())


@pytest.mark.parametrize(
    ("expected", "data", "findings"),
    [
        (PLAIN, PLAIN.encode(), [Finding.NO_AIM]),
        (PLAIN, b"]Q1>" + PLAIN.encode(), [Finding.PREFIX]),
        (PLAIN, b"]Q1" + PLAIN.encode() + b";", [Finding.SUFFIX]),
        (PLAIN, b"]Q1<" + PLAIN.encode() + b">", [Finding.PREFIX, Finding.SUFFIX]),
        (PLAIN, b"]Q1" + PLAIN.upper().encode(), [Finding.CASE]),
        (PLAIN, b"]Q1" + PLAIN.swapcase().encode(), [Finding.CASE]),
        (WITH_GS, b"]Q1(TEST)10LOT-721ABC", [Finding.GS_LOST]),
        (WITH_GS, b"]Q1(TEST)|10LOT-7|21ABC", [Finding.GS_REPLACED]),
        (WITH_GS, b"]Q1(TEST)029" + b"10LOT-7" + b"02921ABC", [Finding.GS_REPLACED]),
        (CHINESE, "]Q1测试：万载龙牙百合".encode("gb18030"), [Finding.CHINESE_LOST]),
        (CHINESE, b"]Q1????????", [Finding.CHINESE_LOST]),
        (PLAIN, b"]Q1" + PLAIN.replace("/", "-").replace(":", "Z").encode(), [Finding.LAYOUT]),
        (PLAIN, b"]Q1" + PUNCTUATION.encode(), [Finding.OTHER]),
        (CHINESE, b"]Q1" + PLAIN.encode(), [Finding.OTHER]),
    ],
)
def test_what_is_wrong_is_named(expected: str, data: bytes, findings: list[Finding]) -> None:
    found = check(expected, scan(data))
    assert list(found.findings) == findings
    assert found.fits == (findings == [Finding.NO_AIM])


@pytest.mark.parametrize(
    ("kind", "finding"),
    [(ScanKind.NO_READ, Finding.NOTHING), (ScanKind.TORN, Finding.DAMAGED), (ScanKind.TOO_LONG, Finding.DAMAGED)],
)
def test_what_is_no_code(kind: ScanKind, finding: Finding) -> None:
    assert check(PLAIN, scan(b"NR", kind)).findings == (finding,)


@pytest.mark.parametrize("finding", Finding)
def test_every_advice_is_said_in_chinese(finding: Finding) -> None:
    assert phrases("zh")(finding.value) != finding.value


def test_bytes_are_shown_as_people_can_read_them() -> None:
    assert visible(b"]C1\x1d01\x7f\xff\r\x1b[31m") == "]C1␝01␡\\xff␍␛[31m"


def test_devices_are_listed_by_the_names_that_stay(tmp_path: Path) -> None:
    """Folders as Linux and udev make them: two adapters without a serial number share one by-id name."""
    dev, tty = tmp_path / "dev", tmp_path / "sys/class/tty"
    for folder in ("serial/by-id", "serial/by-path", "input/by-id"):
        (dev / folder).mkdir(parents=True)
    for name in ("ttyUSB0", "ttyUSB1", "ttyUSB2", "ttyACM0"):
        (dev / name).touch()
        (tty / name / "device/driver").mkdir(parents=True)
    (dev / "ttyS9").touch()  # a port that the kernel has a name for and the machine has not
    (dev / "serial/by-id/usb-Zebra_DS3608_S-7-if00").symlink_to(dev / "ttyACM0")
    (dev / "serial/by-id/usb-1a86_USB_Serial-if00-port0").symlink_to(dev / "ttyUSB1")
    (dev / "serial/by-path/pci-0:1-port0").symlink_to(dev / "ttyUSB0")
    (dev / "serial/by-path/pci-0:2-port0").symlink_to(dev / "ttyUSB1")
    (dev / "input/event3").touch()
    (dev / "input/by-id/usb-Wedge_Scanner-event-kbd").symlink_to(dev / "input/event3")
    for name, descriptor in (("hidraw0", "058c0902a1010912"), ("hidraw1", "05010906a101")):
        device = tmp_path / "sys/class/hidraw" / name / "device"
        device.mkdir(parents=True)
        (device / "report_descriptor").write_bytes(bytes.fromhex(descriptor))
        (device / "uevent").write_text("DRIVER=hid-generic\nHID_NAME=Fake POS Scanner\n")
    assert find_devices(tmp_path) == [
        Found("serial", f"{dev}/serial/by-id/usb-1a86_USB_Serial-if00-port0", "ttyUSB1", "1a86 USB Serial", True),
        Found("serial", f"{dev}/serial/by-id/usb-Zebra_DS3608_S-7-if00", "ttyACM0", "Zebra DS3608 S-7", True),
        Found("serial", f"{dev}/serial/by-path/pci-0:1-port0", "ttyUSB0", "pci-0:1-port0", True),
        Found("serial", f"{dev}/ttyUSB2", "ttyUSB2", "", False),
        Found("hid", f"{dev}/hidraw0", "hidraw0", "Fake POS Scanner", False),
        Found("wedge", f"{dev}/input/by-id/usb-Wedge_Scanner-event-kbd", "event3", "Wedge Scanner", True),
    ]
    assert find_devices(tmp_path / "empty") == []
