"""Fixed readers on the network, both ways round: the line connects to the reader, or the reader to the line.

A connection proves nothing about who is at the other end; a code proves itself. ``from`` names the one address that may
connect, and the line listens where it is told and nowhere else.
"""

import select
import socket
from contextlib import suppress
from dataclasses import dataclass, field

from tracelib.clock import Clock
from tracelib_scanner.drivers.framed_reader import FramedReader, framing_from, no_reads_from
from tracelib_scanner.fields import Table
from tracelib_scanner.framer import TextFramer
from tracelib_scanner.framing import MAX_LENGTH, Framing
from tracelib_scanner.reasons import GONE, NO_ANSWER, NOBODY_CONNECTED, NOT_OPEN, reason_of
from tracelib_scanner.transport import TransportError, TransportInterruptedError

CONNECT_S = 2.0
WRITE_S = 1.0
ACCEPT_S = 0.2
KEEPALIVE = (("TCP_KEEPIDLE", 5), ("TCP_KEEPINTVL", 2), ("TCP_KEEPCNT", 3))
"""A reader whose power went says no goodbye: it is noticed after some eleven seconds of silence."""
Address = tuple[str, int]


@dataclass(frozen=True, slots=True)
class TcpSettings:
    """Where to connect to, or where to listen (then ``only_from`` is the address of the reader, empty: any).

    ``start`` is what the reader is sent after connecting, such as a vendor's trigger command.
    """

    address: Address
    listens: bool = False
    only_from: str = ""
    framing: Framing = field(default_factory=Framing)
    no_reads: tuple[bytes, ...] = ()
    start: bytes = b""


class _Connection:
    """An open socket, or none."""

    trouble = ""

    def __init__(self) -> None:
        self._socket: socket.socket | None = None

    def _take(self, connected: socket.socket) -> None:
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for name, value in KEEPALIVE:
            if hasattr(socket, name):
                connected.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
        connected.settimeout(WRITE_S)
        self._socket = connected

    def read_some(self, timeout_s: float) -> bytes:
        """What is there, as soon as something is."""
        if self._socket is None:
            raise TransportError(NOT_OPEN)
        try:
            if not select.select([self._socket], [], [], timeout_s)[0]:
                return b""
            data = self._socket.recv(MAX_LENGTH)
        except (OSError, ValueError) as error:
            raise TransportError(GONE) from error
        if not data:
            raise TransportError(GONE)
        return data

    def write(self, data: bytes) -> None:
        """Send bytes within a second."""
        if self._socket is None:
            raise TransportError(NOT_OPEN)
        try:
            self._socket.sendall(data)
        except OSError as error:
            raise TransportError(GONE) from error

    def close(self) -> None:
        """Hang up."""
        connected, self._socket = self._socket, None
        if connected is not None:
            with suppress(OSError):
                connected.close()

    def is_present(self) -> bool:
        """Nothing tells but an attempt."""
        return True


class TcpClient(_Connection):
    """The reader is the server; see :class:`tracelib_scanner.transport.Transport`."""

    def __init__(self, address: Address) -> None:
        super().__init__()
        self._address = address

    @property
    def place(self) -> str:
        """Host and port."""
        return _shown(self._address)

    def open(self) -> None:
        """Connect."""
        try:
            self._take(socket.create_connection(self._address, CONNECT_S))
        except OSError as error:
            raise TransportError(reason_of(error, missing=NO_ANSWER)) from error


class TcpServer(_Connection):
    """The reader is the client; see :class:`tracelib_scanner.transport.Transport`.

    One reader at a time. One that connects again from the same address, after a power cut that nobody noticed, takes
    over; another address is turned away while one is connected.
    """

    def __init__(self, address: Address, only_from: str = "") -> None:
        super().__init__()
        self._address = address
        self._only_from = only_from
        self._listener: socket.socket | None = None
        self._peer = ""

    @property
    def place(self) -> str:
        """Where the line listens."""
        return _shown(self._listener.getsockname()[:2] if self._listener else self._address)

    @property
    def trouble(self) -> str:  # type: ignore[override]
        """Nobody may have connected yet."""
        return "" if self._socket else NOBODY_CONNECTED

    def open(self) -> None:
        """Listen; a reader may connect at any time after."""
        try:
            family = socket.AF_INET6 if ":" in self._address[0] else socket.AF_INET
            self._listener = socket.create_server(self._address, family=family, backlog=4)
        except OSError as error:
            raise TransportError(reason_of(error, missing=NO_ANSWER)) from error

    def read_some(self, timeout_s: float) -> bytes:
        """What the reader sent; a reader that connects meanwhile is let in first."""
        if self._listener is None:
            raise TransportError(NOT_OPEN)
        waiting = [one for one in (self._socket, self._listener) if one is not None]
        ready = select.select(waiting, [], [], timeout_s)[0]
        if self._socket in ready:
            try:
                return super().read_some(0)
            except TransportError as error:
                super().close()
                raise TransportInterruptedError(GONE) from error
        if self._listener in ready:
            self._let_in(self._listener)
        return b""

    def write(self, data: bytes) -> None:
        """Send bytes to the reader that is connected, if one is."""
        if self._socket is not None:
            super().write(data)

    def close(self) -> None:
        """Hang up and listen no more."""
        super().close()
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.close()

    def _let_in(self, listener: socket.socket) -> None:
        try:
            connected, (host, *_) = listener.accept()
        except OSError:
            return
        if (self._only_from and host != self._only_from) or (self._socket is not None and host != self._peer):
            connected.close()
            return
        took_over = self._socket is not None
        super().close()
        self._peer = host
        self._take(connected)
        if took_over:
            raise TransportInterruptedError(GONE)


def options(table: Table) -> TcpSettings:
    """Settings from a ``[[device]]`` table: connect or listen (HOST:PORT), from, start, no_read and a framing."""
    expected = "connect or listen, one of them, as HOST:PORT such as 192.168.1.20:9004"
    connect, listen = table.text("connect", expected=expected), table.text("listen", expected=expected)
    address = _address(listen or connect)
    if bool(connect) == bool(listen) or address is None:
        table.fault("connect", connect or listen, expected)
    return TcpSettings(
        address=address or ("", 0),
        listens=bool(listen),
        only_from=table.text("from"),
        framing=framing_from(table),
        no_reads=no_reads_from(table),
        start=table.text("start").encode(),
    )


def make(name: str, settings: object, clock: Clock) -> FramedReader:
    """The driver, not yet open."""
    if not isinstance(settings, TcpSettings):
        raise TypeError(settings)
    server = TcpServer(settings.address, settings.only_from) if settings.listens else TcpClient(settings.address)
    return FramedReader(name, server, TextFramer(settings.framing), clock, settings.no_reads, settings.start)


def _address(text: str) -> Address | None:
    host, colon, port = text.rpartition(":")
    if not colon or not host or not (port.isascii() and port.isdigit() and 0 <= int(port[:6]) <= 65535):
        return None
    return host.strip("[]"), int(port)


def _shown(address: Address) -> str:
    return f"{address[0]}:{address[1]}"
