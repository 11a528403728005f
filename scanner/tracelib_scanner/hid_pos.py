"""HID point-of-sale readers: reports of 64 bytes, without keyboard layout or input method in between.

Source: USB-IF, HID Point of Sale Usage Tables (usage page 0x8C, bar code scanner 0x02). Report 2 is
``id, length, AIM identifier (3), data (56), symbology, reserved, continued``; bit 0 of the last byte says that the data
goes on in the next report.
"""

from tracelib_scanner.framing import MAX_LENGTH, STALE_S, Frame
from tracelib_scanner.scan import ScanKind

REPORT_ID, REPORT_SIZE = 2, 64
DATA_AT, DATA_SIZE = 5, 56
SHORTEST_REPORT = DATA_AT + DATA_SIZE + 1
"""Readers leave out the bytes between data and the last one."""


class HidPosFramer:
    """Reports to frames; see :class:`tracelib_scanner.framer.Framer`. Each :meth:`feed` is one report.

    A frame's data begins with the AIM identifier that the report carries. Reports of other kinds are passed over.
    """

    idle_s: float | None = None

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    @property
    def is_waiting(self) -> bool:
        """Whether a code has begun whose last report has not come."""
        return bool(self._parts)

    def feed(self, data: bytes) -> list[Frame]:
        """One report."""
        if not SHORTEST_REPORT <= len(data) <= REPORT_SIZE or data[0] != REPORT_ID or data[1] > DATA_SIZE:
            return []
        if not self._parts:
            aim = data[2:DATA_AT]
            self._parts.append(aim if aim.startswith(b"]") else b"")
        self._parts.append(data[DATA_AT : DATA_AT + data[1]])
        whole = b"".join(self._parts)
        if len(whole) > MAX_LENGTH:
            self._parts = []
            return [Frame(whole[:MAX_LENGTH], ScanKind.TOO_LONG)]
        if data[-1] & 1:
            return []
        self._parts = []
        return [Frame(whole)] if len(whole) > len(whole[:3] if whole.startswith(b"]") else b"") else []

    def silence(self, seconds: float) -> list[Frame]:
        """The rest will not come."""
        return self.lost() if seconds >= STALE_S else []

    def lost(self) -> list[Frame]:
        """What was begun is torn."""
        torn, self._parts = b"".join(self._parts), []
        return [Frame(torn, ScanKind.TORN)] if torn else []

    def replies(self) -> bytes:
        """These readers wait for no answer."""
        return b""

    def acknowledgement(self) -> bytes:
        """These readers wait for no answer."""
        return b""
