"""A label printer in the network: a job over TCP (port 9100), and what is certain when it breaks.

Bytes that ``send`` took may still wait in this machine, so a label counts as surely arrived once so many more bytes
were taken that it can no longer be in the send buffer, or when the printer closed the connection after ours was
closed, which it does when it has read everything. A label that may have arrived is never sent again by itself: it would
stand on two boxes. Trying again is for connecting alone.
"""

import contextlib
import socket
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from tracelib.errors import TraceError
from tracelib.labels.errors import (
    DestinationError,
    JobBrokenError,
    JobStoppedError,
    PrinterAwayError,
    PrinterNotReadyError,
    PrinterSilentError,
)
from tracelib.text import phrase

PORT = 9100
BUFFER = 64 * 1024
"""Send buffer in bytes that is asked for: the less lies here, the more is certain."""
STX, ETX = b"\x02", b"\x03"
LONGEST_STATUS = 4096

Progress = Callable[[int], None]
"""Called with the number of labels given out so far."""


@dataclass(frozen=True, slots=True)
class Printer:
    """Where a printer listens, and how long it is waited for.

    ``timeout_s`` is the longest silence: no answer to a connection, no byte taken. A printer that is paused takes no
    more bytes, so it is minutes, not seconds. ``tries`` are attempts to connect, ``pause_s`` apart and doubled.
    """

    host: str
    port: int = PORT
    connect_s: float = 10
    timeout_s: float = 300
    closing_s: float = 30
    tries: int = 3
    pause_s: float = 1
    status: bool = False

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Delivered:
    """A finished job: labels, bytes, and whether the printer confirmed that it has everything."""

    labels: int
    size: int
    confirmed: bool


@dataclass(frozen=True, slots=True)
class HostStatus:
    """What ``~HS`` tells (ZPL II Programming Guide, ~HS): faults in words, and formats and labels that still wait."""

    faults: tuple[str, ...]
    waiting: int


def parse_printer(text: str, *, status: bool = False) -> Printer:
    """``tcp://HOST`` or ``tcp://HOST:PORT`` (an IPv6 address in brackets).

    Raises:
        DestinationError: another form, or a port that is none.
    """
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise DestinationError(given=text) from None
    if parts.scheme != "tcp" or not host or parts.path not in {"", "/"} or parts.query or parts.username or port == 0:
        raise DestinationError(given=text)
    return Printer(host, port or PORT, status=status)


def send_job(printer: Printer, labels: Iterable[tuple[int, bytes]], progress: Progress | None = None) -> Delivered:
    """Send labels one after the other over one connection; nothing of the job is kept. Each has the caller's number.

    Raises:
        PrinterAwayError: no connection; nothing was sent.
        PrinterNotReadyError, PrinterSilentError: with ``status``, before anything is sent.
        JobBrokenError: broken in the middle; it says how many labels surely arrived, how many may have, and the number
            of the first that is not sure.
        JobStoppedError: ``labels`` raised after some were sent; ``faults`` has what. Before that it is raised as it is.
    """
    with contextlib.closing(_connect(printer)) as connection:
        if printer.status:
            _require_ready(printer, connection)
        job, confirmed = _Job(connection), False
        try:
            for number, label in _told(labels, printer, job):
                job.send(number, label)
                if progress is not None:
                    progress(job.labels)
            confirmed = _close(printer, connection)
        except OSError as error:
            detail = "it took nothing more" if isinstance(error, TimeoutError) else error.strerror or error
            raise JobBrokenError(
                printer=printer, detail=detail, sure=job.sure, maybe=job.begun, next=job.first_unsure
            ) from None
    return Delivered(job.labels, job.size, confirmed)


def _told(labels: Iterable[tuple[int, bytes]], printer: Printer, job: "_Job") -> Iterator[tuple[int, bytes]]:
    """The labels; a failure to make the next one says how many are out already."""
    remaining = iter(labels)
    while True:
        try:
            label = next(remaining)
        except StopIteration:
            return
        except TraceError as error:
            if not job.labels:
                raise
            raise JobStoppedError(printer=printer, labels=job.labels, faults=(error,)) from None
        yield label


class _Job:
    """What has gone out so far. ``labels`` are those that are wholly given out, ``begun`` also the one under way."""

    def __init__(self, connection: socket.socket) -> None:
        self.labels = self.begun = self.size = self.sure = 0
        self._connection = connection
        self._buffer = connection.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
        self._unsure: deque[tuple[int, int]] = deque()
        self._after = 1

    @property
    def first_unsure(self) -> int:
        """The number of the first label that may not have arrived."""
        return self._unsure[0][1] if self._unsure else self._after

    def send(self, number: int, label: bytes) -> None:
        """Send one label, and count those before it that have surely arrived. Raises OSError."""
        self.begun += 1
        view = memoryview(label)
        self._unsure.append((self.size + len(label), number))
        self._after = number + 1
        while view:
            taken = self._connection.send(view)
            view = view[taken:]
            self.size += taken
            while self._unsure and self._unsure[0][0] <= self.size - self._buffer:
                self._unsure.popleft()
                self.sure += 1
        self.labels += 1


def _connect(printer: Printer) -> socket.socket:
    pause = printer.pause_s
    for attempt in range(1, printer.tries + 1):
        try:
            connection = socket.create_connection((printer.host, printer.port), timeout=printer.connect_s)
        except (OSError, UnicodeError) as error:
            if attempt == printer.tries:
                detail = getattr(error, "strerror", None) or error
                raise PrinterAwayError(printer=printer, tries=attempt, detail=detail) from None
            time.sleep(pause)
            pause *= 2
            continue
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
        connection.settimeout(printer.timeout_s)
        return connection
    raise AssertionError("tries is at least 1")


def _close(printer: Printer, connection: socket.socket) -> bool:
    """Say that nothing more comes and wait for the printer to close: then it has read everything.

    A printer that stays silent keeps the connection open; that is no failure, only nothing certain. One that resets
    the connection has not read everything: an OSError, as in the middle.
    """
    connection.shutdown(socket.SHUT_WR)
    deadline = time.monotonic() + printer.closing_s
    while (left := deadline - time.monotonic()) > 0:
        connection.settimeout(left)
        try:
            if not connection.recv(LONGEST_STATUS):
                return True
        except TimeoutError:
            break
    return False


def _require_ready(printer: Printer, connection: socket.socket) -> None:
    try:
        connection.settimeout(printer.connect_s)
        connection.sendall(b"~HS\r\n")
        answer = b""
        while answer.count(ETX) < 3 and len(answer) < LONGEST_STATUS:
            part = connection.recv(LONGEST_STATUS)
            if not part:
                break
            answer += part
        state = parse_host_status(answer)
    except (OSError, ValueError) as error:
        detail = "no answer" if isinstance(error, TimeoutError) else error
        raise PrinterSilentError(printer=printer, detail=detail) from None
    if state.faults:
        raise PrinterNotReadyError(printer=printer, states=state.faults)
    connection.settimeout(printer.timeout_s)


def parse_host_status(answer: bytes) -> HostStatus:
    """The three lines that a printer answers to ``~HS``, each between STX and ETX.

    Raises:
        ValueError: not such an answer.
    """
    lines = [part.split(ETX)[0].decode("ascii", "replace").split(",") for part in answer.split(STX)[1:]]
    if len(lines) < 2 or len(lines[0]) < 12 or len(lines[1]) < 9:
        raise ValueError("it is no answer to ~HS")
    first, second = lines[0], lines[1]
    flags = (
        (phrase("paper out"), first[1]),
        (phrase("paused"), first[2]),
        (phrase("receive buffer full"), first[5]),
        (phrase("RAM corrupt"), first[9]),
        (phrase("too cold"), first[10]),
        (phrase("too hot"), first[11]),
        (phrase("head open"), second[2]),
        (phrase("ribbon out"), second[3]),
    )
    try:
        waiting = int(first[4]) + int(second[8])
    except ValueError:
        raise ValueError("it is no answer to ~HS") from None
    return HostStatus(tuple(words for words, flag in flags if flag == "1"), waiting)
