"""The contract of what carries a device's bytes: a serial port, a TCP connection, a HID or input device node.

A transport knows nothing of codes. What may go wrong comes as one error with a reason an operator can act on.
"""

from typing import Protocol


class TransportError(OSError):
    """A device that cannot be opened, or an open one that is gone; ``reason`` is of ``tracelib_scanner.reasons``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TransportInterruptedError(TransportError):
    """The other end hung up and may call again: what was begun is torn, the transport stays open."""


class Transport(Protocol):
    """Bytes from and to one device. Every method is called from one thread only, except :meth:`is_present`."""

    @property
    def place(self) -> str:
        """Where the device is, as the operator named it: a port, a node, an address."""
        ...

    def open(self) -> None:
        """Take the device; raises ``TransportError``."""
        ...

    def read_some(self, timeout_s: float) -> bytes:
        """What is there, as soon as something is; empty after ``timeout_s``. Raises ``TransportError`` when it is gone
        and ``TransportInterruptedError`` where it may come back by itself.

        A device that sends reports is read report by report.
        """
        ...

    def write(self, data: bytes) -> None:
        """Send bytes, all of them within a second; raises ``TransportError``."""
        ...

    def close(self) -> None:
        """Give the device back at once; harmless when it is not open."""
        ...

    @property
    def trouble(self) -> str:
        """What is wrong although the transport is open, one of ``tracelib_scanner.reasons``; mostly empty."""
        ...

    def is_present(self) -> bool:
        """Whether an attempt to open makes sense now: a pulled cable's node is away. Cheap, asked often."""
        ...
