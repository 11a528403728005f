"""A folder of pictures as a camera: what another program, a phone or an inspection system puts there is read once."""

from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import sleep

from tracelib.clock import Clock
from tracelib_scanner.decoders import cascade, opencv, zxing
from tracelib_scanner.decoders.symbol import FORMATS
from tracelib_scanner.errors import DeviceLostError, DeviceUnavailableError
from tracelib_scanner.fields import Table
from tracelib_scanner.reasons import NO_FOLDER, reason_of
from tracelib_scanner.scan import Scan, ScanKind

SUFFIXES = frozenset({".bmp", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp"})
POLL_S = 0.05
SETTLE_S = 0.15
"""A file counts as whole when size and time stood still this long. One that was moved in is whole at once: renaming
changes the status time (st_ctime) alone, writing sets it together with the time of change (st_mtime)."""


@dataclass(frozen=True, slots=True)
class CameraSettings:
    """A folder and what to look for in its pictures. ``codes`` is how many a picture holds, 0: as many as there are."""

    folder: Path
    formats: tuple[str, ...] = cascade.DEFAULT_FORMATS
    budget_ms: float = cascade.DEFAULT_BUDGET_MS
    codes: int = 1


@dataclass(frozen=True, slots=True)
class Picture:
    """A file of the folder as it was seen: its identity is name, size and time of change. ``moved``: moved in."""

    name: str
    size: int
    changed_ns: int
    moved: bool = False

    @property
    def source(self) -> str:
        """How the journal names it."""
        return f"{self.name}|{self.size}|{self.changed_ns}"


class FolderCamera:
    """Pictures of a folder, oldest first; see :class:`tracelib_scanner.driver.ScanDriver`.

    Every picture gives at least one scan: its codes, or one of kind ``UNREADABLE``. Pictures stay where they are; what
    was read is known from the journal, also after a restart.
    """

    exhausted = False

    trouble = ""

    def __init__(self, name: str, settings: CameraSettings, clock: Clock) -> None:
        self._name = name
        self._settings = settings
        self._clock = clock
        self._cascade = cascade.Cascade(settings.formats)
        self._done: set[str] = set()
        self._seen_s: dict[Picture, float] = {}
        self._whole: deque[Picture] = deque()

    @property
    def name(self) -> str:
        """The device's name in the line's configuration."""
        return self._name

    def is_present(self) -> bool:
        """Whether the folder is there."""
        return self._settings.folder.is_dir()

    def resume(self, sources: Collection[str]) -> None:
        """Skip pictures that the journal holds."""
        self._done.update(sources)

    def open(self) -> None:
        """Look whether the folder is there."""
        if not self._settings.folder.is_dir():
            raise DeviceUnavailableError(device=self._name, place=self._settings.folder, detail=NO_FOLDER)

    def read(self, timeout_s: float) -> Sequence[Scan]:
        """The codes of the next whole picture, waiting for one."""
        deadline = self._clock.monotonic() + timeout_s
        while (picture := self._next()) is None:
            if self._clock.monotonic() >= deadline:
                return []
            sleep(min(POLL_S, timeout_s))
        self._done.add(picture.source)
        return self._scans(picture)

    def acknowledge(self, scans: Sequence[Scan]) -> None:
        """A folder waits for no answer."""

    def close(self) -> None:
        """Nothing to give back."""

    def _next(self) -> Picture | None:
        """The oldest picture that is whole and was not read; the folder is listed again when all of those are read."""
        if not self._whole:
            now_s = self._clock.monotonic()
            new = [picture for picture in self._listed() if picture.source not in self._done]
            self._seen_s = {picture: self._seen_s.get(picture, now_s) for picture in new}
            whole = [picture for picture in new if picture.moved or now_s - self._seen_s[picture] >= SETTLE_S]
            self._whole.extend(sorted(whole, key=lambda picture: (picture.changed_ns, picture.name)))
        return self._whole.popleft() if self._whole else None

    def _listed(self) -> list[Picture]:
        try:
            files = [file for file in self._settings.folder.iterdir() if _is_picture(file)]
        except OSError as error:
            reason = reason_of(error, missing=NO_FOLDER)
            raise DeviceLostError(device=self._name, place=self._settings.folder, detail=reason) from error
        pictures = []
        for file in files:
            try:
                status = file.stat()
            except OSError:  # moved away since it was listed
                continue
            moved = status.st_ctime_ns > status.st_mtime_ns
            pictures.append(Picture(file.name, status.st_size, status.st_mtime_ns, moved))
        return pictures

    def _scans(self, picture: Picture) -> list[Scan]:
        settings = self._settings
        image = opencv.read_image(settings.folder / picture.name)
        found = [] if image is None else self._cascade.decode(image, settings.budget_ms, settings.codes)
        now, now_s = self._clock.now(), self._clock.monotonic()
        if not found:
            return [Scan(b"", self._name, now, now_s, ScanKind.UNREADABLE, picture.source)]
        return [Scan(symbol.data, self._name, now, now_s, ScanKind.READ, picture.source) for symbol in found]


def _is_picture(file: Path) -> bool:
    return file.suffix.lower() in SUFFIXES and not file.name.startswith(".")


def options(table: Table) -> CameraSettings:
    """Settings from a ``[[device]]`` table: folder, formats, budget_ms, codes."""
    folder = table.path("folder", "the path of a folder")
    formats = table.texts("formats", cascade.DEFAULT_FORMATS, " | ".join(FORMATS))
    if not formats or not set(formats) <= set(FORMATS):
        table.fault("formats", ", ".join(formats), " | ".join(FORMATS))
        formats = cascade.DEFAULT_FORMATS
    budget_ms = table.number("budget_ms", cascade.DEFAULT_BUDGET_MS, 1, 10_000, "ms")
    return CameraSettings(folder, formats, budget_ms, table.integer("codes", 1, 0, 1000))


def make(name: str, settings: object, clock: Clock) -> FolderCamera:
    """The driver, not yet open; raises ``MissingExtraError``."""
    if not isinstance(settings, CameraSettings):
        raise TypeError(settings)
    opencv.load()
    zxing.load()
    return FolderCamera(name, settings, clock)
