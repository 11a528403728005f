"""Devices at the far end: what a reader of each kind does, over real sockets, pipes, pseudo-terminals and files.

Each harness knows how its reader sends a code; the bytes are written out here by hand, not by the code under test.
"""

import os
import select
import socket
import struct
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

import pytest

from tracelib.clock import SystemClock
from tracelib_scanner.driver import ScanDriver
from tracelib_scanner.fake_reader import FakeReader
from tracelib_scanner.fields import Table
from tracelib_scanner.registry import driver_module


def driver_from(type_name: str, folder: Path, **fields: object) -> ScanDriver:
    """A driver by the way that a line takes: its type's fields, checked, without a fault."""
    module = driver_module(type_name)
    table = Table(fields, "device 1: ", [], folder)
    settings = module.options(table)
    table.finish()
    assert table.faults == []
    return module.make("belt", settings, SystemClock())


class Harness(Protocol):
    """A reader that can be made to send, and the driver that should hear it."""

    driver: ScanDriver
    listens: bool

    def plug(self) -> None: ...
    def connect(self) -> None: ...
    def send(self, codes: Sequence[str]) -> None: ...
    def half(self, text: str) -> None: ...
    def unplug(self) -> None: ...
    def noise(self, data: bytes) -> None: ...
    def heard(self) -> bytes: ...


class SerialHarness:
    """A text reader on a pseudo-terminal behind a link, as udev makes it."""

    listens = False

    def __init__(self, folder: Path, protocol: str = "text") -> None:
        self.link = folder / "by-id"
        self.driver = driver_from("serial", folder, port=str(self.link), protocol=protocol)
        self.reader: FakeReader | None = None

    def plug(self) -> None:
        self.reader = FakeReader()
        self.link.unlink(missing_ok=True)
        self.link.symlink_to(self.reader.port)

    def connect(self) -> None:
        pass

    def send(self, codes: Sequence[str]) -> None:
        for code in codes:
            self.noise(code.encode() + b"\r\n")

    def half(self, text: str) -> None:
        self.noise(text.encode())

    def noise(self, data: bytes) -> None:
        assert self.reader
        self.reader.send(data)

    def unplug(self) -> None:
        assert self.reader
        self.reader.unplug()
        self.link.unlink()

    def heard(self) -> bytes:
        assert self.reader
        return os.read(self.reader._reader, 4096) if select.select([self.reader._reader], [], [], 2)[0] else b""


class SsiHarness(SerialHarness):
    """The same with SSI packets; a packet goes out again after 0.3 s without an answer, as readers do."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "ssi")

    def send(self, codes: Sequence[str]) -> None:
        for code in codes:
            self.noise(ssi(code.encode()))
            assert self.heard() == bytes.fromhex("04d00400ff28"), "CMD_ACK of the host"

    def half(self, text: str) -> None:
        self.noise(ssi(text.encode())[:-3])


def ssi(text: bytes, status: int = 0) -> bytes:
    """DECODE_DATA of a QR code (type 0x1C) by the SE 923 guide: the sum of all bytes is 0 modulo 65536."""
    body = bytes([5 + len(text), 0xF3, 0x00, status, 0x1C]) + text
    return body + struct.pack(">H", 0x10000 - sum(body))


class TcpHarness:
    """A reader that is a server, and the line connects to it."""

    listens = False

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.driver = driver_from("tcp", folder, connect=f"127.0.0.1:{self.port}")
        self.listener: socket.socket | None = None
        self.peer: socket.socket | None = None

    def plug(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", self.port))
        self.listener.settimeout(5)

    def connect(self) -> None:
        assert self.listener
        self.peer = self.listener.accept()[0]

    def send(self, codes: Sequence[str]) -> None:
        for code in codes:
            self.noise(code.encode() + b"\r\n")

    def half(self, text: str) -> None:
        self.noise(text.encode())

    def noise(self, data: bytes) -> None:
        assert self.peer
        self.peer.sendall(data)

    def unplug(self) -> None:
        for one in (self.peer, self.listener):
            if one is not None:
                one.close()

    def heard(self) -> bytes:
        assert self.peer
        self.peer.settimeout(2)
        return self.peer.recv(4096)


class ListenHarness(TcpHarness):
    """A reader that connects to the line."""

    listens = True

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.driver = driver_from("tcp", folder, listen=f"127.0.0.1:{self.port}")

    def plug(self) -> None:
        pass

    def connect(self) -> None:
        self.peer = socket.create_connection(("127.0.0.1", self.port), 5)


class PipeHarness:
    """A pipe in the place of a device node: like one, it gives what is there and ends when the other side closes."""

    listens = False

    def __init__(self, folder: Path, type_name: str, **fields: object) -> None:
        self.node = folder / "node"
        self.driver = driver_from(type_name, folder, port=str(self.node), **fields)
        self.fd = -1

    def plug(self) -> None:
        os.mkfifo(self.node)

    def connect(self) -> None:
        self.fd = os.open(self.node, os.O_WRONLY)

    def noise(self, data: bytes) -> None:
        os.write(self.fd, data)

    def unplug(self) -> None:
        os.close(self.fd)
        self.node.unlink()

    def heard(self) -> bytes:
        raise NotImplementedError


class HidHarness(PipeHarness):
    """64-byte reports of the HID POS usage page; written one by one, as the kernel hands them out."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "hid")

    def send(self, codes: Sequence[str]) -> None:
        for code in codes:
            data = code.encode()
            parts = [data[at : at + 56] for at in range(0, len(data), 56)]
            for number, part in enumerate(parts, 1):
                self.report(part, more=number < len(parts))

    def report(self, part: bytes, *, more: bool) -> None:
        self.noise(bytes([2, len(part)]) + b"]Q1" + part.ljust(56, b"\0") + b"\0\0" + bytes([more]))
        time.sleep(0.005)  # a device sends a report every millisecond or slower; a pipe would run them together

    def half(self, text: str) -> None:
        self.report(text.encode(), more=True)


class WedgeHarness(PipeHarness):
    """Key events of a US keyboard."""

    ROWS = ("`1234567890-=", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./")
    FIRST = (41, 16, 30, 44)
    UPPER = str.maketrans('~!@#$%^&*()_+{}:"<>?', "`1234567890-=[];',./")

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "wedge", grab=False)
        self.codes = {
            key: first + n for row, first in zip(self.ROWS, self.FIRST, strict=True) for n, key in enumerate(row)
        }
        self.codes.update({key: 2 + n for n, key in enumerate("1234567890-=")}, **{" ": 57, "\\": 43})

    def send(self, codes: Sequence[str]) -> None:
        for code in codes:
            self.half(code)
            self.key(28)

    def half(self, text: str) -> None:
        for character in text:
            if character == "\x1d":
                self.key(66)  # F8
                continue
            plain = character.lower().translate(self.UPPER)
            self.key(self.codes[plain], shift=plain != character)

    def key(self, code: int, *, shift: bool = False) -> None:
        presses = [(42, 1), (code, 1), (code, 0), (42, 0)] if shift else [(code, 1), (code, 0)]
        self.noise(b"".join(event(1, key, value) + event(0, 0, 0) for key, value in presses))


def event(kind: int, code: int, value: int) -> bytes:
    """``struct input_event`` of this machine."""
    return struct.pack("@llHHi", 1_700_000_000, 5, kind, code, value)


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


KINDS: dict[str, Callable[[Path], Harness]] = {
    "serial": SerialHarness,
    "ssi": SsiHarness,
    "tcp connect": TcpHarness,
    "tcp listen": ListenHarness,
    "hid": HidHarness,
    "wedge": WedgeHarness,
}


@pytest.fixture(params=KINDS)
def harness(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Harness]:
    made = KINDS[request.param](tmp_path)
    yield made
    made.driver.close()
