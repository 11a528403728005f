"""A running camera: V4L2 device, video file, or any address that OpenCV opens (RTSP, HTTP).

A live picture is drained by a thread of its own, so that the newest frame is looked at and never an old one; a camera
that falls silent is opened anew. A file is looked at frame by frame, to its end.
"""

import contextlib
import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tracelib.clock import Clock
from tracelib_scanner.decoders import cascade, opencv, zxing
from tracelib_scanner.decoders.symbol import FORMATS, Image
from tracelib_scanner.decoders.watch import Watcher
from tracelib_scanner.errors import DeviceLostError, DeviceUnavailableError
from tracelib_scanner.fields import Table
from tracelib_scanner.reasons import GONE, NO_ANSWER, NO_CAMERA, NO_FILE, NOT_OPEN, PICTURE_BLACK, PICTURE_STILL, SILENT
from tracelib_scanner.scan import Scan

SILENT_S = 3.0
"""A live camera that gives no frame for so long is opened anew."""
STILL_S = 10.0
"""A picture that is the same to the last bit for so long is no camera's any more."""
OPEN_MS, READ_MS = 5_000, 3_000
STALE_S = 0.5
"""An older frame is not looked at: the carton is gone."""
SCHEMES = frozenset({"rtsp", "rtsps", "http", "https", "udp", "tcp"})


@dataclass(frozen=True, slots=True)
class VideoSettings:
    """``source``: device node, file or address. ``fps``: so many frames a second are looked at, of a file all.

    ``width``, ``height`` in pixels, 0 as the camera likes. ``votes``: frames that must show a code before it counts.
    """

    source: str
    formats: tuple[str, ...] = cascade.DEFAULT_FORMATS
    budget_ms: float = 60.0
    codes: int = 1
    votes: int = 1
    fps: float = 10.0
    width: int = 0
    height: int = 0

    @property
    def is_live(self) -> bool:
        """Whether it goes on by itself: an address or a device node, not a file."""
        return self.is_address or self.source.startswith("/dev/")

    @property
    def is_address(self) -> bool:
        """Whether it is somewhere on the network."""
        return urlsplit(self.source).scheme in SCHEMES

    @property
    def place(self) -> str:
        """The source as messages name it: without a user's name and password."""
        parts = urlsplit(self.source)
        return f"{parts.scheme}://{parts.hostname}{parts.path}" if self.is_address else self.source


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture and when it was taken, on the monotonic clock."""

    image: Image
    at_s: float


class _Grabber:
    """Takes every frame of a live picture and keeps the newest. A read that hangs for ever is left behind with it."""

    def __init__(self, capture: Any, clock: Clock) -> None:  # noqa: ANN401 - OpenCV has no types
        self._capture = capture
        self._clock = clock
        self._new = threading.Condition()
        self._frame: Frame | None = None
        self._ended = False
        threading.Thread(target=self._drain, daemon=True, name="camera").start()

    def newest(self, timeout_s: float) -> Frame | None:
        """The newest frame that was not given out yet, waiting for one. Raises EOFError when no more will come."""
        with self._new:
            self._new.wait_for(lambda: self._frame is not None or self._ended, timeout_s)
            frame, self._frame = self._frame, None
            if frame is None and self._ended:
                raise EOFError
            return frame

    def stop(self) -> None:
        """Ask the thread to give the camera back."""
        self._ended = True

    def _drain(self) -> None:
        while not self._ended:
            good, image = self._capture.read()
            with self._new:
                if good:
                    self._frame = Frame(image, self._clock.monotonic())
                else:
                    self._ended = True
                self._new.notify()
        self._capture.release()


class Video:
    """Codes that come into view; see :class:`tracelib_scanner.driver.ScanDriver`."""

    def __init__(self, name: str, settings: VideoSettings, clock: Clock) -> None:
        self._name = name
        self._settings = settings
        self._clock = clock
        self._cascade = cascade.Cascade(settings.formats)
        self._watcher = self._fresh()
        self._capture: Any = None
        self._grabber: _Grabber | None = None
        self._last_s = 0.0
        self._number = 0
        self.exhausted = False

    @property
    def name(self) -> str:
        """The device's name in the line's configuration."""
        return self._name

    @property
    def trouble(self) -> str:
        """A picture that is black, or that stands still to the last bit."""
        if self._watcher.is_black:
            return PICTURE_BLACK
        return PICTURE_STILL if self._watcher.still_s(self._last_s) > STILL_S and self._settings.is_live else ""

    def is_present(self) -> bool:
        """Whether the node or file is there; who is on the network answers when it is opened."""
        return self._settings.is_address or Path(self._settings.source).exists()

    def resume(self, sources: Collection[str]) -> None:
        """A file is read once; its frames that the journal holds are passed over. A live picture has no past."""
        numbers = [int(source.rpartition("|")[2]) for source in sources if source.rpartition("|")[2].isdigit()]
        self._number = 0 if self._settings.is_live else max(numbers, default=0)

    def open(self) -> None:
        """Take the camera."""
        settings, cv2 = self._settings, opencv.load()
        if not self.is_present():
            missing = NO_CAMERA if settings.is_live else NO_FILE
            raise DeviceUnavailableError(device=self._name, place=settings.place, detail=missing)
        capture = cv2.VideoCapture()
        limits = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, OPEN_MS, cv2.CAP_PROP_READ_TIMEOUT_MSEC, READ_MS]
        if settings.is_live and not settings.is_address:
            capture.open(str(Path(settings.source).resolve()), cv2.CAP_V4L2)
        else:
            capture.open(settings.source, cv2.CAP_FFMPEG, limits)
        if not capture.isOpened():
            reason = NO_ANSWER if settings.is_address else NO_CAMERA
            raise DeviceUnavailableError(device=self._name, place=settings.place, detail=reason)
        self._watcher, self._last_s = self._fresh(), self._clock.monotonic()
        if settings.is_live:
            wishes = ((cv2.CAP_PROP_BUFFERSIZE, 1), (cv2.CAP_PROP_FRAME_WIDTH, settings.width))
            for what, value in (*wishes, (cv2.CAP_PROP_FRAME_HEIGHT, settings.height)):
                if value:
                    capture.set(what, value)
            self._grabber = _Grabber(capture, self._clock)
        else:
            for _ in range(self._number):
                capture.grab()
            self._capture = capture

    def read(self, timeout_s: float) -> Sequence[Scan]:
        """The codes that came into view, looking for at most ``timeout_s``."""
        deadline = self._clock.monotonic() + timeout_s
        while (left_s := deadline - self._clock.monotonic()) > 0 and not self.exhausted:
            frame = self._next(left_s)
            if frame is not None and (symbols := self._watcher.look(frame.image, frame.at_s)):
                now, source = self._clock.now(), "" if self._settings.is_live else f"{self._file}|{self._number}"
                return [Scan(one.data, self._name, now, frame.at_s, source=source) for one in symbols]
        return []

    def acknowledge(self, scans: Sequence[Scan]) -> None:
        """A camera waits for no answer."""

    def close(self) -> None:
        """Give the camera back."""
        if self._grabber is not None:
            self._grabber.stop()
        if self._capture is not None:
            self._capture.release()
        self._grabber = self._capture = None

    @property
    def _file(self) -> str:
        return Path(self._settings.source).name

    def _fresh(self) -> Watcher:
        settings = self._settings
        return Watcher(
            lambda grey: self._cascade.decode(grey, settings.budget_ms, settings.codes), votes=settings.votes
        )

    def _next(self, timeout_s: float) -> Frame | None:
        """The next frame to look at, None for none yet."""
        if self._grabber is not None:
            return self._next_live(self._grabber, timeout_s)
        if self._capture is None:
            raise DeviceLostError(device=self._name, place=self._settings.place, detail=NOT_OPEN)
        good, image = self._capture.read()
        if not good:
            self.exhausted = True
            return None
        self._number += 1
        self._last_s = self._clock.monotonic()
        rate = self._capture.get(opencv.load().CAP_PROP_FPS) or self._settings.fps
        return Frame(image, self._number / rate)

    def _next_live(self, grabber: _Grabber, timeout_s: float) -> Frame | None:
        due_s = self._last_s + 1 / self._settings.fps - self._clock.monotonic()
        if due_s > 0:
            threading.Event().wait(min(due_s, timeout_s))
            if due_s > timeout_s:
                return None
        try:
            frame = grabber.newest(timeout_s)
        except EOFError:
            raise DeviceLostError(device=self._name, place=self._settings.place, detail=GONE) from None
        now_s = self._clock.monotonic()
        if frame is None:
            if now_s - self._last_s > SILENT_S:
                raise DeviceLostError(device=self._name, place=self._settings.place, detail=SILENT)
            return None
        self._last_s = now_s
        return frame if now_s - frame.at_s <= STALE_S else None


def options(table: Table) -> VideoSettings:
    """Settings from a ``[[device]]`` table: source, formats, budget_ms, codes, votes, fps, width, height."""
    source = table.text("source", expected="a device node, a file or an address such as rtsp://…", required=True)
    if source and urlsplit(source).scheme not in SCHEMES:
        source = str(table.folder / source)
    formats = table.texts("formats", cascade.DEFAULT_FORMATS, " | ".join(FORMATS))
    if not formats or not set(formats) <= set(FORMATS):
        table.fault("formats", ", ".join(formats), " | ".join(FORMATS))
        formats = cascade.DEFAULT_FORMATS
    return VideoSettings(
        source,
        formats,
        table.number("budget_ms", 60.0, 1, 10_000, "ms"),
        table.integer("codes", 1, 0, 1000),
        table.integer("votes", 1, 1, 20),
        table.number("fps", 10.0, 0.1, 120),
        table.integer("width", 0, 0, 10_000),
        table.integer("height", 0, 0, 10_000),
    )


def make(name: str, settings: object, clock: Clock) -> Video:
    """The driver, not yet open; raises ``MissingExtraError``."""
    if not isinstance(settings, VideoSettings):
        raise TypeError(settings)
    with contextlib.suppress(AttributeError):  # FFmpeg's own words are for nobody at a line
        opencv.load().setLogLevel(0)
    zxing.load()
    return Video(name, settings, clock)
