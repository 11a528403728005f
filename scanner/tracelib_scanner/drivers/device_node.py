"""A device node of the kernel as a transport: ``/dev/hidraw…`` and ``/dev/input/…``. Linux only, no library needed."""

import os
import select
from contextlib import suppress
from pathlib import Path

from tracelib_scanner.reasons import GONE, NO_NODE, NOT_OPEN, NOT_SUCH_A_DEVICE, reason_of
from tracelib_scanner.transport import TransportError

PIECE = 4096
EVIOCGRAB = 0x40044590
"""``_IOW('E', 0x90, int)`` of Linux ``input.h``: the device's events go to this process alone."""


class DeviceNode:
    """A node; see :class:`tracelib_scanner.transport.Transport`. ``grab``: nobody else gets its key events."""

    trouble = ""

    def __init__(self, path: str, *, grab: bool = False) -> None:
        self._path = path
        self._grab = grab
        self._fd = -1

    @property
    def place(self) -> str:
        """The node's path."""
        return self._path

    def open(self) -> None:
        """Open the node for reading."""
        try:
            if not _is_device(self._path):
                raise TransportError(NOT_SUCH_A_DEVICE)
            self._fd = os.open(self._path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            if self._grab:
                self._take_alone()
        except TransportError:
            raise
        except OSError as error:
            self.close()
            raise TransportError(reason_of(error, missing=NO_NODE)) from error

    def _take_alone(self) -> None:
        import fcntl

        try:
            fcntl.ioctl(self._fd, EVIOCGRAB, 1)
        except OSError as error:
            self.close()
            reason = reason_of(error, missing=NO_NODE)
            raise TransportError(NOT_SUCH_A_DEVICE if error.errno in (22, 25) else reason) from error

    def read_some(self, timeout_s: float) -> bytes:
        """One report, or the events that wait."""
        if self._fd < 0:
            raise TransportError(NOT_OPEN)
        try:
            poll = select.poll()
            poll.register(self._fd, select.POLLIN)
            if not poll.poll(timeout_s * 1000):
                return b""
            data = os.read(self._fd, PIECE)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise TransportError(GONE) from error
        if not data:
            raise TransportError(GONE)
        return data

    def write(self, data: bytes) -> None:
        """These devices are only listened to."""
        raise TransportError(NOT_SUCH_A_DEVICE)

    def close(self) -> None:
        """Give the node back, and with it the grab."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            with suppress(OSError):
                os.close(fd)

    def is_present(self) -> bool:
        """Whether the node is there."""
        return Path(self._path).exists()


def _is_device(path: str) -> bool:
    """Whether a path is a character device, or a pipe standing for one; raises OSError where nothing is."""
    import stat

    mode = os.stat(path).st_mode
    return stat.S_ISCHR(mode) or stat.S_ISFIFO(mode)
