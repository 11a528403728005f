"""A serial reader without a reader: a pseudo-terminal that a line opens like any port. For demonstrations and tests.

What a pseudo-terminal cannot do: modem lines, baud rates, parity. Bytes that the line has not read when it is closed
are gone, as on a real cable, so wait for the answers before unplugging; bytes sent before the line has opened the port
are gone too, so wait until it says that the device is up.
"""

import os
from types import TracebackType
from typing import Self

PIECE = 512
"""The terminal's buffer takes a few kilobytes; what a reader sends is cut into pieces anyway."""


class FakeReader:
    """The reader's end. ``port`` is what the line's configuration names."""

    def __init__(self) -> None:
        import tty

        self._reader, self._line = os.openpty()
        tty.setraw(self._reader)
        tty.setraw(self._line)
        self.port = os.ttyname(self._line)

    def send(self, data: bytes) -> None:
        """Send bytes as the reader would; waits while nobody reads and the terminal is full."""
        view = memoryview(data)
        while view:
            view = view[os.write(self._reader, view[:PIECE]) :]

    def scan(self, text: str, suffix: bytes = b"\r\n") -> None:
        """Send one code."""
        self.send(text.encode() + suffix)

    def unplug(self) -> None:
        """Pull the cable: the line sees a hang-up. Harmless when it is pulled already."""
        if self._reader >= 0:
            os.close(self._reader)
            os.close(self._line)
            self._reader = self._line = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.unplug()
