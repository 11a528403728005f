"""A reader made of two parts: a transport that carries its bytes and a framer that makes frames of them.

Serial ports, TCP readers, HID point-of-sale readers and keyboards differ in these parts only.
"""

from collections.abc import Collection, Sequence
from contextlib import suppress

from tracelib.clock import Clock
from tracelib_scanner.errors import DeviceLostError, DeviceUnavailableError
from tracelib_scanner.fields import Table
from tracelib_scanner.framer import Framer
from tracelib_scanner.framing import MAX_LENGTH, Frame, Framing, with_no_reads
from tracelib_scanner.scan import Scan
from tracelib_scanner.transport import Transport, TransportError, TransportInterruptedError

TICK_S = 0.05
"""Longest wait within one look at the transport, so that silence is noticed in time."""


class FramedReader:
    """Transport and framer as one device; see :class:`tracelib_scanner.driver.ScanDriver`.

    ``greeting`` is sent after every opening (a vendor's command that switches the reader on); ``no_reads`` are the
    texts by which the reader says that it read nothing.
    """

    exhausted = False

    def __init__(
        self,
        name: str,
        transport: Transport,
        framer: Framer,
        clock: Clock,
        no_reads: tuple[bytes, ...] = (),
        greeting: bytes = b"",
    ) -> None:
        self._name = name
        self._transport = transport
        self._framer = framer
        self._clock = clock
        self._no_reads = no_reads
        self._greeting = greeting
        self._tick_s = min(TICK_S, framer.idle_s or TICK_S)
        self._last_byte_s = 0.0
        self._lost: DeviceLostError | None = None

    @property
    def name(self) -> str:
        """The device's name in the line's configuration."""
        return self._name

    def resume(self, sources: Collection[str]) -> None:
        """A reader's codes have no source."""

    @property
    def trouble(self) -> str:
        """What is wrong although the device is open."""
        return self._transport.trouble

    def is_present(self) -> bool:
        """Whether an attempt to open makes sense now."""
        return self._transport.is_present()

    def open(self) -> None:
        """Take the device for this process alone and greet it."""
        self._framer.lost()
        self._lost = None
        try:
            self._transport.open()
            if self._greeting:
                self._transport.write(self._greeting)
        except TransportError as error:
            place = self._transport.place
            raise DeviceUnavailableError(device=self._name, place=place, detail=error.reason) from error

    def read(self, timeout_s: float) -> Sequence[Scan]:
        """Wait for bytes and return the frames they finish. What was begun when the device goes is returned as torn."""
        if self._lost is not None:
            raise self._lost
        deadline = self._clock.monotonic() + timeout_s
        while True:
            frames = self._read_once()
            now_s = self._clock.monotonic()
            if frames or now_s >= deadline:
                now = self._clock.now()
                kinds = [with_no_reads(frame, self._no_reads) for frame in frames]
                return [Scan(frame.data, self._name, now, now_s, frame.kind) for frame in kinds]

    def acknowledge(self, scans: Sequence[Scan]) -> None:
        """Tell readers that wait for it. One that is gone meanwhile will be noticed by the next reading."""
        self._send(self._framer.acknowledgement())

    def send(self, data: bytes) -> None:
        """A command to the reader; raises ``DeviceLostError``."""
        try:
            self._transport.write(data)
        except TransportError as error:
            raise self._gone(error) from error

    def close(self) -> None:
        """Give the device back at once, so that one plugged in anew finds its name free."""
        self._transport.close()

    def _read_once(self) -> list[Frame]:
        try:
            data = self._transport.read_some(self._tick_s)
        except TransportInterruptedError:
            return self._framer.lost()
        except TransportError as error:
            self._lost = self._gone(error)
            frames = self._framer.lost()
            if not frames:
                raise self._lost from error
            return frames
        now_s = self._clock.monotonic()
        if data:
            self._last_byte_s = now_s
            frames = self._framer.feed(data)
            self._send(self._framer.replies())
            return frames
        return self._framer.silence(now_s - self._last_byte_s) if self._framer.is_waiting else []

    def _send(self, data: bytes) -> None:
        if data:
            with suppress(TransportError):
                self._transport.write(data)

    def _gone(self, error: TransportError) -> DeviceLostError:
        return DeviceLostError(device=self._name, place=self._transport.place, detail=error.reason)


def framing_from(table: Table) -> Framing:
    """Framing from a ``[[device]]`` table: prefix, suffix, idle_ms, max_length."""
    idle_ms = table.number("idle_ms", 0, 0, 2000, "ms")
    suffixes = table.texts("suffix", () if idle_ms else ("\r", "\n"), "a text or a list of texts")
    if not idle_ms and not all(suffixes or ("",)):
        table.fault("suffix", "", "a suffix, or idle_ms for a reader that sends none")
    return Framing(
        prefix=table.text("prefix").encode(),
        suffixes=tuple(text.encode() for text in suffixes if text),
        idle_s=idle_ms / 1000 if idle_ms else None,
        max_length=table.integer("max_length", MAX_LENGTH, 16, 65536),
    )


def no_reads_from(table: Table) -> tuple[bytes, ...]:
    """The reader's no-read texts from a ``[[device]]`` table: no_read."""
    return tuple(text.encode() for text in table.texts("no_read", ()))
