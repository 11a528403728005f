"""Text readers on a serial port, USB-CDC included; a pseudo-terminal counts as one.

The port should be named by ``/dev/serial/by-id`` or ``by-path``: ``ttyUSB`` numbers change. Library: pyserial, whose
``read(n)`` waits for n bytes or the time-out, so what is there is read and no more.
"""

from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tracelib.clock import Clock
from tracelib.errors import MissingExtraError
from tracelib_scanner.drivers.framed_reader import FramedReader, framing_from, no_reads_from
from tracelib_scanner.fields import Table
from tracelib_scanner.framer import Framer, TextFramer
from tracelib_scanner.framing import MAX_LENGTH, Framing
from tracelib_scanner.reasons import GONE, NO_PORT, NOT_OPEN, reason_of
from tracelib_scanner.ssi import SsiFramer
from tracelib_scanner.transport import TransportError

if TYPE_CHECKING:
    import serial

WRITE_TIMEOUT_S = 1.0
PARITIES = {"none": "N", "even": "E", "odd": "O"}
TEXT, SSI = "text", "ssi"


@dataclass(frozen=True, slots=True)
class SerialSettings:
    """A port and what its reader speaks: text (framed as ``framing`` says) or Zebra SSI packets.

    ``no_reads`` are the texts by which the reader says that it read nothing, ``start`` what it is sent after opening.
    """

    port: str
    baud: int = 9600
    bits: int = 8
    parity: str = "none"
    framing: Framing = field(default_factory=Framing)
    no_reads: tuple[bytes, ...] = ()
    protocol: str = TEXT
    start: bytes = b""


class SerialPort:
    """A serial port; see :class:`tracelib_scanner.transport.Transport`."""

    trouble = ""

    def __init__(self, settings: SerialSettings) -> None:
        self._settings = settings
        self._port: serial.Serial | None = None
        self._timeout_s = 0.0

    @property
    def place(self) -> str:
        """The port's name."""
        return self._settings.port

    def open(self) -> None:
        """Take the port for this process alone."""
        import serial

        settings = self._settings
        try:
            self._port = serial.Serial(
                settings.port,
                settings.baud,
                bytesize=settings.bits,
                parity=PARITIES[settings.parity],
                timeout=self._timeout_s,
                write_timeout=WRITE_TIMEOUT_S,
                exclusive=True,
            )
            _forbid_others(self._port)
        except _port_errors() as error:
            raise TransportError(reason_of(error, missing=NO_PORT)) from error

    def read_some(self, timeout_s: float) -> bytes:
        """What is there, as soon as something is."""
        port = self._port
        if port is None:
            raise TransportError(NOT_OPEN)
        try:
            if timeout_s != self._timeout_s:  # setting it costs a system call for every reading
                self._timeout_s = port.timeout = timeout_s
            return bytes(port.read(max(1, min(port.in_waiting, MAX_LENGTH))))
        except _port_errors() as error:  # whatever it is called, an open port that cannot be read is gone
            raise TransportError(GONE) from error

    def write(self, data: bytes) -> None:
        """Send bytes within a second."""
        if self._port is None:
            raise TransportError(NOT_OPEN)
        try:
            self._port.write(data)
        except _port_errors() as error:
            raise TransportError(GONE) from error

    def close(self) -> None:
        """Give the port back."""
        port, self._port = self._port, None
        if port is not None:
            with suppress(*_port_errors()):
                port.close()

    def is_present(self) -> bool:
        """Whether the port's node is there; names that are no paths (``COM3``, ``socket://``) always count as there."""
        return not self.place.startswith("/") or Path(self.place).exists()


def options(table: Table) -> SerialSettings:
    """Settings from a ``[[device]]`` table: port, baud, bits, parity, protocol, start, no_read and a framing."""
    return SerialSettings(
        port=table.text("port", expected="a port such as /dev/serial/by-id/…", required=True),
        baud=table.integer("baud", 9600, 50, 4_000_000),
        bits=table.integer("bits", 8, 5, 8),
        parity=table.choice("parity", "none", tuple(PARITIES)),
        protocol=table.choice("protocol", TEXT, (TEXT, SSI)),
        start=table.text("start").encode(),
        framing=framing_from(table),
        no_reads=no_reads_from(table),
    )


def make(name: str, settings: object, clock: Clock) -> FramedReader:
    """The driver, not yet open."""
    try:
        import serial  # noqa: F401 - only to know that it is there
    except ModuleNotFoundError:
        raise MissingExtraError(what=f"device «{name}» (serial)", extra="scanner") from None
    if not isinstance(settings, SerialSettings):
        raise TypeError(settings)
    framer: Framer = SsiFramer() if settings.protocol == SSI else TextFramer(settings.framing)
    return FramedReader(name, SerialPort(settings), framer, clock, settings.no_reads, settings.start)


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
