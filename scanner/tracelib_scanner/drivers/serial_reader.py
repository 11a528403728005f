"""Text readers on a serial port, USB-CDC included; a pseudo-terminal counts as one.

The port should be named by ``/dev/serial/by-id`` or ``by-path``: ``ttyUSB`` numbers change. Library: pyserial, whose
``read(n)`` waits for n bytes or the time-out, so what is there is read and no more.
"""

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tracelib.clock import Clock
from tracelib.errors import MissingExtraError
from tracelib_scanner.errors import DeviceLostError, DeviceUnavailableError
from tracelib_scanner.fields import Table
from tracelib_scanner.framing import (
    MAX_LENGTH,
    Frame,
    FramerState,
    Framing,
    feed,
    is_waiting,
    lost,
    silence,
    with_no_reads,
)
from tracelib_scanner.reasons import GONE, NO_PORT, NOT_OPEN, reason_of
from tracelib_scanner.scan import Scan

if TYPE_CHECKING:
    import serial

TICK_S = 0.05
WRITE_TIMEOUT_S = 1.0
PARITIES = {"none": "N", "even": "E", "odd": "O"}


@dataclass(frozen=True, slots=True)
class SerialSettings:
    """A port and how its reader frames. ``no_reads`` are the texts by which the reader says that it read nothing."""

    port: str
    baud: int = 9600
    bits: int = 8
    parity: str = "none"
    framing: Framing = field(default_factory=Framing)
    no_reads: tuple[bytes, ...] = ()


class SerialReader:
    """A reader on a serial port; see :class:`tracelib_scanner.driver.ScanDriver`."""

    exhausted = False

    def __init__(self, name: str, settings: SerialSettings, clock: Clock) -> None:
        self._name = name
        self._settings = settings
        self._clock = clock
        self._port: serial.Serial | None = None
        self._state = FramerState()
        self._last_byte_s = 0.0
        self._lost: DeviceLostError | None = None

    @property
    def name(self) -> str:
        """The device's name in the line's configuration."""
        return self._name

    def resume(self, sources: Collection[str]) -> None:
        """A reader's codes have no source."""

    def open(self) -> None:
        """Take the port for this process alone."""
        import serial

        settings = self._settings
        self._state, self._lost = FramerState(), None
        try:
            self._port = serial.Serial(
                settings.port,
                settings.baud,
                bytesize=settings.bits,
                parity=PARITIES[settings.parity],
                timeout=min(TICK_S, settings.framing.idle_s or TICK_S),
                write_timeout=WRITE_TIMEOUT_S,
                exclusive=True,
            )
            _forbid_others(self._port)
        except _port_errors() as error:
            reason = reason_of(error, missing=NO_PORT)
            raise DeviceUnavailableError(device=self._name, place=settings.port, detail=reason) from error

    def read(self, timeout_s: float) -> Sequence[Scan]:
        """Wait for bytes and return the frames they finish."""
        if self._lost is not None:
            raise self._lost
        deadline = self._clock.monotonic() + timeout_s
        while True:
            frames = self._read_once()
            if frames or self._clock.monotonic() >= deadline:
                return [self._scan(frame) for frame in frames]

    def acknowledge(self, scans: Sequence[Scan]) -> None:
        """Text readers wait for no answer."""

    def close(self) -> None:
        """Give the port back at once, so that a reader plugged in anew finds its name free."""
        port, self._port = self._port, None
        if port is not None:
            with suppress(*_port_errors()):
                port.close()

    def _read_once(self) -> list[Frame]:
        port, framing = self._port, self._settings.framing
        if port is None:
            raise DeviceLostError(device=self._name, place=self._settings.port, detail=NOT_OPEN)
        try:
            data = port.read(max(1, min(port.in_waiting, MAX_LENGTH)))
        except _port_errors():  # whatever it is called, an open port that cannot be read is gone
            self._lost = DeviceLostError(device=self._name, place=self._settings.port, detail=GONE)
            self._state, frames = lost(self._state)
            if not frames:
                raise self._lost from None
            return frames
        now_s = self._clock.monotonic()
        if data:
            self._last_byte_s = now_s
            self._state, frames = feed(framing, self._state, data)
        elif is_waiting(self._state):
            self._state, frames = silence(framing, self._state, now_s - self._last_byte_s)
        else:
            frames = []
        return frames

    def _scan(self, frame: Frame) -> Scan:
        frame = with_no_reads(frame, self._settings.no_reads)
        return Scan(frame.data, self._name, self._clock.now(), self._clock.monotonic(), frame.kind)


def options(table: Table) -> SerialSettings:
    """Settings from a ``[[device]]`` table: port, baud, bits, parity, prefix, suffix, idle_ms, max_length, no_read."""
    port = table.text("port", expected="a port such as /dev/serial/by-id/…", required=True)
    baud = table.integer("baud", 9600, 50, 4_000_000)
    bits = table.integer("bits", 8, 5, 8)
    parity = table.choice("parity", "none", tuple(PARITIES))
    idle_ms = table.number("idle_ms", 0, 0, 2000, "ms")
    suffixes = table.texts("suffix", () if idle_ms else ("\r", "\n"), "a text or a list of texts")
    if not idle_ms and not all(suffixes or ("",)):
        table.fault("suffix", "", "a suffix, or idle_ms for a reader that sends none")
    framing = Framing(
        prefix=table.text("prefix").encode(),
        suffixes=tuple(text.encode() for text in suffixes if text),
        idle_s=idle_ms / 1000 if idle_ms else None,
        max_length=table.integer("max_length", MAX_LENGTH, 16, 65536),
    )
    no_reads = tuple(text.encode() for text in table.texts("no_read", ()))
    return SerialSettings(port, baud, bits, parity, framing, no_reads)


def make(name: str, settings: object, clock: Clock) -> SerialReader:
    """The driver, not yet open."""
    try:
        import serial  # noqa: F401 - only to know that it is there
    except ModuleNotFoundError:
        raise MissingExtraError(what=f"device «{name}» (serial)", extra="scanner") from None
    if not isinstance(settings, SerialSettings):
        raise TypeError(settings)
    return SerialReader(name, settings, clock)


def _port_errors() -> tuple[type[Exception], ...]:
    """What pyserial lets through: its own error is an OSError, ``termios.error`` is not; TypeError: a closed port."""
    errors: list[type[Exception]] = [OSError, TypeError, ValueError]
    with suppress(ModuleNotFoundError):
        import termios

        errors.append(termios.error)
    return tuple(errors)


def _forbid_others(port: "serial.Serial") -> None:
    """``exclusive=True`` is an advisory lock: forbid a second opener in the kernel too, where there is such a thing."""
    with suppress(ModuleNotFoundError, AttributeError, OSError):
        import fcntl
        import termios

        fcntl.ioctl(port.fileno(), termios.TIOCEXCL)
