"""The folder camera, the decoders and the replay: pictures drawn here, written by one library and read by others."""

import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tracelib.clock import SystemClock
from tracelib.errors import MissingExtraError
from tracelib_scanner.decoders import zbar, zxing
from tracelib_scanner.decoders.cascade import Cascade, decode
from tracelib_scanner.driver import ScanDriver, readings
from tracelib_scanner.drivers import camera
from tracelib_scanner.drivers.camera import CameraSettings, FolderCamera
from tracelib_scanner.drivers.replay import Replay, ReplaySettings, parse_readings
from tracelib_scanner.errors import DeviceUnavailableError, ReplayFormatError, UnknownFormatError
from tracelib_scanner.scan import Scan, ScanKind

TEXT = "https://q.example.com/" + "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567" * 3 + "/P/ORANGE/10/GN-1/21/7KQX9Y93Q6MJ608"

Pictures = Callable[..., Any]
Save = Callable[[Path, Any], None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    return tmp_path / "in"


def read_all(driver: ScanDriver, count: int) -> list[Scan]:
    stop, scans = threading.Event(), list[Scan]()
    guard = threading.Timer(30, stop.set)  # a test that waits in vain fails instead of hanging
    guard.daemon = True
    guard.start()
    for some in readings(driver, stop, SystemClock().monotonic):
        scans += some
        if len(scans) >= count:
            stop.set()
    guard.cancel()
    return scans


def test_each_picture_once_and_unreadable_is_a_value(folder: Path, picture: Pictures, save: Save) -> None:
    import numpy as np

    save(folder / "a.png", picture(TEXT))
    save(folder / "b.jpg", np.full((300, 300), 200, np.uint8))
    (folder / "c.png").write_bytes(b"\x89PNG\r\n\x1a\n torn")
    (folder / "d.png").write_bytes((folder / "a.png").read_bytes()[:600])
    (folder / "notes.txt").write_text("not a picture")
    (folder / ".hidden.png").write_bytes((folder / "a.png").read_bytes())
    driver = FolderCamera("cam", CameraSettings(folder), SystemClock())
    scans = read_all(driver, 4)
    assert {scan.source.split("|")[0]: scan.kind.value for scan in scans} == {
        "a.png": "read",
        "b.jpg": "unreadable",
        "c.png": "unreadable",
        "d.png": "unreadable",
    }
    assert [scan.text for scan in scans if scan.kind is ScanKind.READ] == [TEXT]
    assert driver.read(0.4) == []


def test_moved_in_later_is_noticed_and_journalled_ones_are_skipped(folder: Path, picture: Pictures, save: Save) -> None:
    save(folder / "a.png", picture("FIRST"))
    first = FolderCamera("cam", CameraSettings(folder), SystemClock())
    sources = {scan.source for scan in read_all(first, 1)}
    again = FolderCamera("cam", CameraSettings(folder), SystemClock())
    again.resume(sources)
    again.open()
    assert again.read(0.4) == []
    save(folder / "b.png", picture("SECOND"))
    assert [scan.text for scan in read_all(again, 1)] == ["SECOND"]


def test_picture_that_is_still_being_written_waits(folder: Path, picture: Pictures, save: Save, tmp_path: Path) -> None:
    save(tmp_path / "whole.png", picture("SLOWLY"))
    data = (tmp_path / "whole.png").read_bytes()
    driver = FolderCamera("cam", CameraSettings(folder), SystemClock())
    driver.open()
    target = folder / "slow.png"
    for end in range(0, len(data), len(data) // 5):
        target.write_bytes(data[:end])
        assert driver.read(0.06) == [], end
    target.write_bytes(data)
    assert [scan.text for scan in read_all(driver, 1)] == ["SLOWLY"]


def test_moved_in_picture_is_read_at_once(folder: Path, picture: Pictures, save: Save, tmp_path: Path) -> None:
    save(tmp_path / "a.png", picture("AT ONCE"))
    driver = FolderCamera("cam", CameraSettings(folder), SystemClock())
    driver.open()
    time.sleep(0.05)  # longer than a tick of the file system's clock
    (tmp_path / "a.png").rename(folder / "a.png")
    assert [scan.text for scan in driver.read(0)] == ["AT ONCE"]


def test_missing_folder_is_a_device_that_may_come(tmp_path: Path) -> None:
    with pytest.raises(DeviceUnavailableError, match="cam"):
        FolderCamera("cam", CameraSettings(tmp_path / "none"), SystemClock()).open()


@pytest.mark.parametrize(
    "faults",
    [
        {"px": 1.7},
        {"tilt": 0.35, "px": 5.0},
        {"noise": 35.0, "px": 3.0},
        {"light": 0.12, "noise": 2.0},
        {"light": 0.25, "noise": 8.0, "blur": 1.4, "tilt": 0.2},
    ],
    ids=str,
)
def test_bad_pictures_are_read_in_the_end(picture: Pictures, faults: dict[str, float]) -> None:
    symbols = decode(picture(TEXT, **faults), ("QRCode",), 5000)
    assert [symbol.data.decode() for symbol in symbols] == [TEXT]


def test_retries_read_what_one_engine_alone_does_not(picture: Pictures) -> None:
    image = picture(TEXT, light=0.25, noise=8.0, blur=1.4, tilt=0.2)
    assert zxing.read(image, ("QRCode",)) == []
    assert len(decode(image, budget_ms=5000)) == 1


def test_budget_bounds_the_retries(picture: Pictures) -> None:
    import numpy as np

    noise = np.random.default_rng(1).integers(0, 255, (720, 1280)).astype(np.uint8)
    cascade = Cascade()
    cascade.decode(noise, 1)
    start = time.monotonic()
    assert cascade.decode(noise, 1) == []
    first = time.monotonic() - start
    start = time.monotonic()
    assert cascade.decode(noise, 10_000) == []
    assert time.monotonic() - start > 2 * first


def test_several_codes_each_with_its_place(picture: Pictures) -> None:
    import numpy as np

    image = np.hstack([picture("LEFT"), picture("RIGHT")])
    symbols = {symbol.data: symbol for symbol in decode(image, budget_ms=5000, expected=0)}
    assert set(symbols) == {b"LEFT", b"RIGHT"}
    centre = {data: sum(x for x, _ in symbol.corners) / 4 for data, symbol in symbols.items()}
    assert centre[b"LEFT"] == pytest.approx(480, abs=15)
    assert centre[b"RIGHT"] == pytest.approx(960 + 480, abs=15)


def test_without_zbar_the_line_goes_on_and_says_so_once(
    picture: Pictures, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "pyzbar", None)
    monkeypatch.setitem(sys.modules, "pyzbar.pyzbar", None)
    cascade = Cascade()
    import numpy as np

    blank = np.full((200, 200), 255, np.uint8)
    assert cascade.decode(blank, 5000) == []
    assert cascade.decode(blank, 5000) == []
    assert [symbol.data.decode() for symbol in cascade.decode(picture(TEXT), 5000)] == [TEXT]
    assert caplog.text.count("libzbar0") == 1


def test_second_engine_reads_qr(picture: Pictures) -> None:
    module = zbar.load()
    if module is None:
        pytest.skip("zbar is not installed (system library libzbar0)")
    assert [symbol.data for symbol in zbar.read(module, picture("ZBAR"), ("QRCode", "DataMatrix"))] == [b"ZBAR"]


def test_unknown_format_is_named() -> None:
    with pytest.raises(UnknownFormatError, match=r"«Qr».*QRCode"):
        Cascade(("Qr",))


def test_missing_libraries_name_the_extra(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    for library in ("cv2", "zxingcpp"):
        with monkeypatch.context() as patch:
            patch.setitem(sys.modules, library, None)
            with pytest.raises(MissingExtraError, match=r"pip install .*scanner"):
                camera.make("cam", CameraSettings(folder), SystemClock())


def test_replay_plays_once_and_goes_on_where_the_journal_stopped(tmp_path: Path) -> None:
    file = tmp_path / "day.txt"
    file.write_bytes(
        b'# a bad day\nONE\r\n\n{"hex": "5d5131ff", "kind": "torn"}\n{"text": "\\u6c49", "after_ms": 20}\n'
    )
    scans = read_all(Replay("replay", ReplaySettings(file), SystemClock()), 99)
    assert [(scan.data, scan.kind.value, scan.source) for scan in scans] == [
        (b"ONE", "read", "day.txt:2"),
        (b"]Q1\xff", "torn", "day.txt:4"),
        ("汉".encode(), "read", "day.txt:5"),
    ]
    again = Replay("replay", ReplaySettings(file), SystemClock())
    again.resume({"day.txt:2", "day.txt:4"})
    assert [scan.source for scan in read_all(again, 99)] == ["day.txt:5"]


@pytest.mark.parametrize("line", ["{", "{}", '{"hex": "0g"}', '{"text": "x", "kind": "funny"}', '{"hex": 5}'])
def test_faulty_replay_line_is_named(line: str) -> None:
    with pytest.raises(ReplayFormatError, match=r"day\.txt, line 2"):
        parse_readings(f"good\n{line}\n", "day.txt")
