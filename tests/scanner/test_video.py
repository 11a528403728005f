"""Running cameras: a video file, an HTTP stream, what a picture that is black, frozen or gone means."""

import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from tracelib.clock import SystemClock
from tracelib_scanner.decoders.cascade import Cascade
from tracelib_scanner.decoders.watch import TRIES, Watcher
from tracelib_scanner.driver import readings
from tracelib_scanner.drivers.video import Video, VideoSettings, options
from tracelib_scanner.errors import DeviceLostError, DeviceUnavailableError
from tracelib_scanner.fields import Table
from tracelib_scanner.scan import Scan

Pictures = Callable[..., Any]
EMPTY = np.full((720, 960), 165, np.uint8)


def noisy(frame: Any, seed: int) -> Any:  # noqa: ANN401
    """The frame with a sensor's noise."""
    return np.clip(frame + np.random.default_rng(seed).normal(0, 2.0, frame.shape), 0, 255).astype(np.uint8)


def film(file: Path, frames: list[Any]) -> Path:
    """A Motion-JPEG file of 10 frames a second."""
    writer = cv2.VideoWriter(str(file), cv2.VideoWriter.fourcc(*"MJPG"), 10, (960, 720))
    for number, frame in enumerate(frames):
        writer.write(cv2.cvtColor(noisy(frame, number), cv2.COLOR_GRAY2BGR))
    writer.release()
    return file


@pytest.fixture
def watcher() -> Watcher:
    return Watcher(lambda grey: Cascade().decode(grey, 200))


def test_a_code_is_read_once_for_each_time_that_it_comes_into_view(watcher: Watcher, picture: Pictures) -> None:
    a, b = picture("CARTON-A"), picture("CARTON-B")
    belt = [EMPTY] * 3 + [a] * 5 + [EMPTY] * 10 + [b] * 5 + [EMPTY] * 10 + [a] * 3
    seen = [(n, one.data) for n, frame in enumerate(belt) for one in watcher.look(noisy(frame, n), n / 10)]
    assert seen == [(3, b"CARTON-A"), (18, b"CARTON-B"), (33, b"CARTON-A")]


def test_a_flicker_is_no_second_carton(watcher: Watcher, picture: Pictures) -> None:
    a = picture("CARTON-A")
    belt = [a, EMPTY, a, EMPTY, a]
    assert [len(watcher.look(noisy(frame, n), n / 10)) for n, frame in enumerate(belt)] == [1, 0, 0, 0, 0]


def test_what_stands_still_is_not_decoded_again_and_again(picture: Pictures) -> None:
    decoded = []
    watcher = Watcher(lambda grey: decoded.append(grey) or Cascade().decode(grey, 100))  # type: ignore[func-returns-value]
    for n in range(30):
        watcher.look(noisy(EMPTY, n), n / 10)
    assert len(decoded) == TRIES
    for n in range(30, 60):
        watcher.look(noisy(picture("CARTON-A"), n), n / 10)
    assert len(decoded) == 2 * TRIES


def test_a_code_needs_its_votes(picture: Pictures) -> None:
    watcher = Watcher(lambda grey: Cascade().decode(grey, 200), votes=3)
    belt = [picture("ONCE"), EMPTY, *[picture("CARTON-A")] * 4]
    seen = [(n, one.data) for n, frame in enumerate(belt) for one in watcher.look(noisy(frame, n), n / 10)]
    assert seen == [(4, b"CARTON-A")]


def test_black_and_frozen_pictures_are_noticed(watcher: Watcher) -> None:
    for n in range(5):
        watcher.look(EMPTY, n)
    assert (watcher.still_s(4), watcher.is_black) == (3, False)
    watcher.look(noisy(EMPTY, 1), 5)
    assert watcher.still_s(5) == 0
    watcher.look(np.full((720, 960), 3, np.uint8), 6)
    assert watcher.is_black


def read_all(driver: Video, patience_s: float = 30) -> list[Scan]:
    """Everything until the driver is exhausted."""
    stop = threading.Event()
    guard = threading.Timer(patience_s, stop.set)
    guard.daemon = True
    guard.start()
    scans = [scan for some in readings(driver, stop, SystemClock().monotonic) for scan in some]
    guard.cancel()
    return scans


def test_a_film_is_looked_at_to_its_end_and_once(tmp_path: Path, picture: Pictures) -> None:
    a, b = picture("CARTON-A"), picture("CARTON-B")
    file = film(tmp_path / "belt.avi", [EMPTY, *[a] * 4, *[EMPTY] * 9, *[b] * 4, EMPTY])
    scans = read_all(Video("cam", VideoSettings(str(file)), SystemClock()))
    assert [(scan.text, scan.source) for scan in scans] == [("CARTON-A", "belt.avi|2"), ("CARTON-B", "belt.avi|15")]
    again = Video("cam", VideoSettings(str(file)), SystemClock())
    again.resume({"belt.avi|2"})
    assert [scan.text for scan in read_all(again)] == ["CARTON-A", "CARTON-B"], "the carton was in view longer"
    again = Video("cam", VideoSettings(str(file)), SystemClock())
    again.resume({"belt.avi|2", "belt.avi|19"})
    assert read_all(again) == []


def test_what_is_no_film_and_no_camera(tmp_path: Path) -> None:
    (tmp_path / "junk.avi").write_bytes(b"RIFF" + bytes(5000))
    for source in ("/dev/video-none", str(tmp_path / "none.avi"), str(tmp_path / "junk.avi"), "http://127.0.0.1:9/x"):
        driver = Video("cam", VideoSettings(source), SystemClock())
        with pytest.raises(DeviceUnavailableError):
            driver.open()
    with pytest.raises(DeviceLostError):
        driver.read(0.1)


class Stream:
    """A camera on the network: Motion JPEG over HTTP, as such cameras send it."""

    def __init__(self) -> None:
        self.frame = EMPTY
        self.silent = threading.Event()
        self.gone = threading.Event()
        stream = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
                self.end_headers()
                number = 0
                while not stream.gone.is_set():
                    if not stream.silent.is_set():
                        number += 1
                        data = cv2.imencode(".jpg", noisy(stream.frame, number))[1].tobytes()
                        head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(data)}\r\n\r\n"
                        try:
                            self.wfile.write(head.encode() + data + b"\r\n")
                        except OSError:
                            return
                    time.sleep(0.05)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://clerk:s3cret@127.0.0.1:{self.server.server_port}/video"

    def close(self) -> None:
        self.gone.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def stream() -> Iterator[Stream]:
    made = Stream()
    yield made
    made.close()


def looked_at(driver: Video, seconds: float, until: int = 1) -> list[Scan]:
    """What the open camera reads meanwhile."""
    scans: list[Scan] = []
    deadline = time.monotonic() + seconds
    while len(scans) < until and time.monotonic() < deadline:
        scans += driver.read(0.2)
    return scans


def test_a_camera_on_the_network(stream: Stream, picture: Pictures) -> None:
    driver = Video("cam", VideoSettings(stream.url), SystemClock())
    driver.open()
    assert looked_at(driver, 1) == []
    stream.frame = picture("CARTON-A")
    (scan,) = looked_at(driver, 15)
    assert (scan.text, scan.source) == ("CARTON-A", "")
    stream.silent.set()
    with pytest.raises(DeviceLostError) as lost:
        looked_at(driver, 20, until=99)
    assert "s3cret" not in str(lost.value)
    driver.close()


def test_fields_of_a_camera(tmp_path: Path) -> None:
    table = Table({"source": "/dev/v4l/by-id/usb-CAM", "votes": 2, "formats": ["QRCode", "Code128"]}, "", [], tmp_path)
    settings = options(table)
    table.finish()
    assert (table.faults, settings.is_live, settings.votes) == ([], True, 2)
    faulty = Table({"source": "", "votes": 0, "formats": ["Q"]}, "", [], tmp_path)
    options(faulty)
    assert len(faulty.faults) == 3
