"""The contract of what makes frames of a device's bytes, and the one for readers that send text.

A framer does no input or output and knows no clock: it is fed bytes and told of silence. So every framer is tested
byte by byte, and the same bytes cut in other places give the same frames.
"""

from typing import Protocol

from tracelib_scanner.framing import Frame, FramerState, Framing, feed, is_waiting, lost, silence


class Framer(Protocol):
    """Bytes to frames, remembering what is unfinished. Never raises for what a device sends; memory is bounded."""

    @property
    def idle_s(self) -> float | None:
        """Silence that ends a frame, in seconds; None where silence ends none."""
        ...

    @property
    def is_waiting(self) -> bool:
        """Whether a frame has begun whose end has not come."""
        ...

    def feed(self, data: bytes) -> list[Frame]:
        """The next bytes, in pieces of any size."""
        ...

    def silence(self, seconds: float) -> list[Frame]:
        """Nothing came for ``seconds`` while a frame was unfinished."""
        ...

    def lost(self) -> list[Frame]:
        """The device is gone: what was begun is torn. Afterwards the framer is as new."""
        ...

    def replies(self) -> bytes:
        """What the device must be told at once, before anything is on disk (send it again); mostly empty."""
        ...

    def acknowledgement(self) -> bytes:
        """What the device waits for once its frame is on disk; empty for devices that wait for nothing."""
        ...


class TextFramer:
    """Text between a prefix and a suffix, or ended by silence; see :class:`tracelib_scanner.framing.Framing`."""

    def __init__(self, framing: Framing) -> None:
        self._framing = framing
        self._state = FramerState()

    @property
    def idle_s(self) -> float | None:
        """Silence that ends a frame, in seconds; None where silence ends none."""
        return self._framing.idle_s

    @property
    def is_waiting(self) -> bool:
        """Whether a frame has begun whose end has not come."""
        return is_waiting(self._state)

    def feed(self, data: bytes) -> list[Frame]:
        """The next bytes, in pieces of any size."""
        self._state, frames = feed(self._framing, self._state, data)
        return frames

    def silence(self, seconds: float) -> list[Frame]:
        """The end of a frame where silence ends frames, else of a torn one after a while."""
        self._state, frames = silence(self._framing, self._state, seconds)
        return frames

    def lost(self) -> list[Frame]:
        """What was begun is torn."""
        self._state, frames = lost(self._state)
        return frames

    def replies(self) -> bytes:
        """Text readers wait for no answer."""
        return b""

    def acknowledgement(self) -> bytes:
        """Text readers wait for no answer."""
        return b""
