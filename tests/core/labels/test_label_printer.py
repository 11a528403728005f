"""Jobs over real sockets to a printer that behaves: slow, closing in the middle, never answering, resetting."""

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from tracelib.labels.errors import (
    DestinationError,
    JobBrokenError,
    JobStoppedError,
    LabelTextTooLongError,
    PrinterAwayError,
    PrinterNotReadyError,
    PrinterSilentError,
)
from tracelib.labels.printer import Delivered, Printer, parse_host_status, parse_printer, send_job

READY = (
    b"\x02030,0,0,0320,000,0,0,0,000,0,0,0\x03\r\n"
    b"\x02001,0,0,0,1,2,4,0,00000000,1,000\x03\r\n"
    b"\x021234,0\x03\r\n"
)  # fmt: skip
"""As in the ZPL II Programming Guide, ~HS: nothing wrong, nothing waiting."""
PAUSED_NO_PAPER = READY.replace(b"030,0,0,", b"030,1,1,")
HEAD_OPEN = READY.replace(b"001,0,0,0,", b"001,0,1,0,")


@dataclass
class FakePrinter:
    """Listens on a port of its own; what it reads is in ``received``. It behaves as ``behave`` says."""

    behave: Callable[[socket.socket, "FakePrinter"], object]
    received: bytearray = field(default_factory=bytearray)
    connections: int = 0
    _server: socket.socket = field(default_factory=socket.socket)

    def start(self) -> Printer:
        self._server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._server.bind(("127.0.0.1", 0))
        self._server.listen(5)
        threading.Thread(target=self._serve, daemon=True).start()
        return Printer(
            "127.0.0.1", self._server.getsockname()[1], connect_s=2, timeout_s=2, closing_s=2, tries=2, pause_s=0.01
        )

    def close(self) -> None:
        self._server.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            self.connections += 1
            with connection:
                self.behave(connection, self)

    def read(self, connection: socket.socket, most: int | None = None, pause_s: float = 0) -> bytes:
        """Read up to ``most`` bytes, or until the other side ends; what was read now."""
        before = len(self.received)
        while most is None or len(self.received) - before < most:
            part = connection.recv(4096 if most is None else min(4096, most - (len(self.received) - before)))
            if not part:
                break
            self.received += part
            time.sleep(pause_s)
        return bytes(self.received[before:])


Behave = Callable[[socket.socket, FakePrinter], object]
Start = Callable[[Behave], tuple[FakePrinter, Printer]]


@pytest.fixture
def start() -> Iterator[Start]:
    started: list[FakePrinter] = []

    def begin(behave: Behave) -> tuple[FakePrinter, Printer]:
        fake = FakePrinter(behave)
        started.append(fake)
        return fake, fake.start()

    yield begin
    for fake in started:
        fake.close()


def labels(count: int, size: int = 5000, first: int = 1) -> Iterator[tuple[int, bytes]]:
    for number in range(first, first + count):
        yield number, b"^XA%08d" % number + b"." * (size - 14) + b"^XZ"


def whole_labels(received: bytes | bytearray, size: int = 5000) -> int:
    return len(received) // size


def sure(error: JobBrokenError) -> int:
    return int(str(error.params["sure"]))


def reset(connection: socket.socket) -> None:
    """Close so that the other side gets a reset instead of an end."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def test_printer_that_reads_everything_confirms(start: Start) -> None:
    fake, printer = start(lambda connection, me: me.read(connection))
    seen: list[int] = []
    done = send_job(printer, labels(40), seen.append)
    assert done == Delivered(40, len(fake.received), confirmed=True)
    assert bytes(fake.received) == b"".join(label for _, label in labels(40))
    assert seen == list(range(1, 41))


def test_slow_printer_gets_everything(start: Start) -> None:
    fake, printer = start(lambda connection, me: me.read(connection, pause_s=0.002))
    done = send_job(printer, labels(200))
    assert (done.labels, done.confirmed) == (200, True)
    assert len(fake.received) == done.size


def test_printer_that_never_closes_confirms_nothing(start: Start) -> None:
    release = threading.Event()

    def behave(connection: socket.socket, me: FakePrinter) -> None:
        me.read(connection)
        release.wait(10)

    fake, printer = start(behave)
    try:
        done = send_job(Printer(printer.host, printer.port, closing_s=0.3), labels(3))
    finally:
        release.set()
    assert (done.labels, done.confirmed) == (3, False)
    assert len(fake.received) == done.size


@pytest.mark.parametrize("read", [1, 30_000, 400_000])
def test_closed_in_the_middle(start: Start, read: int) -> None:
    """However much the printer read: what is called sure had arrived, and what is missing was not called sure."""

    def behave(connection: socket.socket, me: FakePrinter) -> None:
        me.read(connection, read)
        reset(connection)

    fake, printer = start(behave)
    with pytest.raises(JobBrokenError) as broken:
        send_job(printer, labels(2000, first=201))
    error = broken.value
    assert len(fake.received) == read
    # What lay unread in the fake's buffer had arrived, though it threw it away: 8 KB, which is what it asked for.
    assert sure(error) <= whole_labels(fake.received + bytes(8192)) + 1
    assert sure(error) <= int(str(error.params["maybe"])) < 2000
    assert error.params["next"] == 201 + sure(error)
    assert f"those from {201 + sure(error)} on may not have arrived" in str(error)
    assert fake.connections == 1  # never sent again by itself


def test_printer_that_takes_nothing_more(start: Start) -> None:
    """Paused: the buffers fill up, then silence. No label that stayed in our buffer is called sure."""
    release = threading.Event()

    def behave(connection: socket.socket, me: FakePrinter) -> None:
        me.read(connection, 50_000)
        release.wait(20)
        me.read(connection)

    fake, printer = start(behave)
    try:
        with pytest.raises(JobBrokenError, match="it took nothing more") as broken:
            send_job(Printer(printer.host, printer.port, timeout_s=0.4), labels(5000))
    finally:
        release.set()
    deadline = time.monotonic() + 5
    arrived = -1
    while time.monotonic() < deadline and arrived != len(fake.received):
        arrived = len(fake.received)
        time.sleep(0.2)
    assert sure(broken.value) <= whole_labels(fake.received)
    assert sure(broken.value) < int(str(broken.value.params["maybe"]))


def test_nobody_listens() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(PrinterAwayError) as away:
        send_job(Printer("127.0.0.1", port, tries=3, pause_s=0.01), labels(1))
    assert away.value.params["tries"] == 3
    assert away.value.retryable


def test_printer_that_comes_a_little_later(start: Start) -> None:
    """The first attempt finds nobody, the second one does."""
    with socket.socket() as later:
        later.bind(("127.0.0.1", 0))
        port = later.getsockname()[1]
    fake = FakePrinter(lambda connection, me: me.read(connection))

    def switch_on() -> None:
        time.sleep(0.3)
        fake._server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        fake._server.bind(("127.0.0.1", port))
        fake._server.listen(1)
        fake._serve()

    threading.Thread(target=switch_on, daemon=True).start()
    done = send_job(Printer("127.0.0.1", port, tries=6, pause_s=0.1), labels(2))
    fake.close()
    assert done.labels == 2


def test_name_that_no_network_knows() -> None:
    with pytest.raises(PrinterAwayError):
        send_job(Printer("printer.invalid", tries=1), labels(1))


def test_status_is_asked_first(start: Start) -> None:
    def behave(connection: socket.socket, me: FakePrinter) -> None:
        assert me.read(connection, 5) == b"~HS\r\n"
        connection.sendall(READY[:20])
        time.sleep(0.05)
        connection.sendall(READY[20:])
        me.read(connection)

    fake, printer = start(behave)
    asked = Printer(printer.host, printer.port, connect_s=2, closing_s=2, status=True)
    assert send_job(asked, labels(2)).confirmed
    assert bytes(fake.received[5:]) == b"".join(label for _, label in labels(2))


@pytest.mark.parametrize(("answer", "words"), [(PAUSED_NO_PAPER, "paper out, paused"), (HEAD_OPEN, "head open")])
def test_printer_that_is_not_ready_gets_nothing(start: Start, answer: bytes, words: str) -> None:
    def behave(connection: socket.socket, me: FakePrinter) -> None:
        me.read(connection, 5)
        connection.sendall(answer)
        me.read(connection)

    fake, printer = start(behave)
    with pytest.raises(PrinterNotReadyError, match=words):
        send_job(Printer(printer.host, printer.port, status=True), labels(2))
    assert bytes(fake.received) == b"~HS\r\n"


@pytest.mark.parametrize("answer", [b"", b"hello\r\n", b"\x02\x03\x02\x03\x02\x03", b"\x02" + b"x," * 40 + b"\x03" * 3])
def test_printer_that_does_not_know_the_question(start: Start, answer: bytes) -> None:
    def behave(connection: socket.socket, me: FakePrinter) -> None:
        me.read(connection, 5)
        connection.sendall(answer)
        me.read(connection)

    _, printer = start(behave)
    with pytest.raises(PrinterSilentError):
        send_job(Printer(printer.host, printer.port, connect_s=0.3, status=True), labels(1))


def test_host_status_counts_what_waits() -> None:
    answer = READY.replace(b"0320,000,", b"0320,002,").replace(b"00000000,1", b"00000007,1")
    assert parse_host_status(answer).waiting == 9
    assert parse_host_status(READY).faults == ()


def test_label_that_cannot_be_made_says_how_many_are_out(start: Start) -> None:
    def some() -> Iterator[tuple[int, bytes]]:
        yield from labels(5)
        raise LabelTextTooLongError(template="roll-60x40", size=6, text="橙" * 90)

    _, printer = start(lambda connection, me: me.read(connection))
    with pytest.raises(JobStoppedError, match="5 labels were sent") as stopped:
        send_job(printer, some())
    assert [fault.code for fault in stopped.value.faults] == ["label.text_too_long"]


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("tcp://192.168.1.50", "192.168.1.50", 9100),
        ("tcp://printer.local:6101/", "printer.local", 6101),
        ("tcp://[fe80::1]:9100", "fe80::1", 9100),
    ],
)
def test_addresses(text: str, host: str, port: int) -> None:
    printer = parse_printer(text)
    assert (printer.host, printer.port) == (host, port)


@pytest.mark.parametrize(
    "text", ["tcp://", "tcp://:9100", "tcp://p:0", "tcp://p:70000", "tcp://p/queue", "udp://p", "tcp://[fe80", "tcp:p"]
)
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(DestinationError):
        parse_printer(text)
