"""Zebra's Simple Serial Interface: packets with checksum, which the reader repeats until it is answered.

Source: SE 923 integration guide, chapter 6 (DECODE_DATA, CMD_ACK, CMD_NAK), and Zebra's SSI programmer's guide
72E-40451. A packet is ``length, opcode, source, status, data…, checksum (2)``; the length counts itself but not the
checksum, which is the two's complement of the sum of all bytes before it. Status bit 0: sent again.

The interface numbers nothing: after a lost answer the host cannot tell a repetition from a second carton but by that
bit. A packet with it that equals the last one taken is answered and gives no frame.
"""

from tracelib_scanner.framing import STALE_S, Frame
from tracelib_scanner.scan import ScanKind

ACK, NAK, DECODE_DATA = 0xD0, 0xD1, 0xF3
HOST = 0x04
NAK_RESEND = 0x01
RETRANSMIT, CONTINUES = 0x01, 0x02
HEADER = 4
SHORTEST = HEADER
SYMBOLOGIES = {
    0x01: b"]A0",
    0x03: b"]C0",
    0x06: b"]I0",
    0x0A: b"]E4",
    0x0B: b"]E0",
    0x0F: b"]C1",
    0x1B: b"]d1",
    0x1C: b"]Q1",
}
"""Zebra's code type to AIM identifier (ISO/IEC 15424), for readers that send none themselves. From memory of the
guide's table, not verified on a device; a type that is not here gets none."""


def packet(opcode: int, data: bytes = b"", source: int = HOST, status: int = 0) -> bytes:
    """A packet with its checksum; at most 251 bytes of data."""
    body = bytes([HEADER + len(data), opcode, source, status]) + data
    return body + (-sum(body) & 0xFFFF).to_bytes(2, "big")


class SsiFramer:
    """SSI packets to frames; see :class:`tracelib_scanner.framer.Framer`.

    A decoded code is a frame whose data begins with its AIM identifier. Damaged packets are asked for again; a code
    that goes over several packets (more than 250 bytes) is reported as too long.
    """

    idle_s: float | None = None

    def __init__(self) -> None:
        self._buffer = b""
        self._last = b""
        self._replies = b""

    @property
    def is_waiting(self) -> bool:
        """Whether a packet has begun whose end has not come."""
        return bool(self._buffer)

    def feed(self, data: bytes) -> list[Frame]:
        """The next bytes, in pieces of any size."""
        frames: list[Frame] = []
        self._buffer += data
        while len(self._buffer) > 1:
            length = self._buffer[0]
            if length < SHORTEST or self._buffer[1] in (0, 0xFF):
                self._buffer = self._buffer[1:]  # noise between packets: no packet begins so
                continue
            end = length + 2
            if len(self._buffer) < end:
                break
            whole, self._buffer = self._buffer[:end], self._buffer[end:]
            frames += self._packet(whole)
        return frames

    def silence(self, seconds: float) -> list[Frame]:
        """The rest of a packet will not come: forget it and ask for it again."""
        if seconds < STALE_S / 10:
            return []
        self._buffer = b""
        self._replies += packet(NAK, bytes([NAK_RESEND]))
        return []

    def lost(self) -> list[Frame]:
        """What was begun is forgotten: the reader sends an unanswered packet again, whole."""
        self._buffer = self._last = self._replies = b""
        return []

    def replies(self) -> bytes:
        """Answers to packets that hold no code, or none that can be read."""
        due, self._replies = self._replies, b""
        return due

    def acknowledgement(self) -> bytes:
        """The code is on disk."""
        return packet(ACK)

    def _packet(self, whole: bytes) -> list[Frame]:
        body, check = whole[:-2], int.from_bytes(whole[-2:], "big")
        if -sum(body) & 0xFFFF != check:
            self._buffer = b""  # where the next packet begins is not known either
            self._replies += packet(NAK, bytes([NAK_RESEND]))
            return []
        opcode, status, data = body[1], body[3], body[HEADER:]
        if opcode in (ACK, NAK):
            return []
        if opcode != DECODE_DATA or not data:
            self._replies += packet(ACK)
            return []
        if status & RETRANSMIT and data == self._last:
            self._replies += packet(ACK)
            return []
        self._last = data
        if status & CONTINUES:
            return [Frame(data[1:], ScanKind.TOO_LONG)]
        text = data[1:]
        aim = b"" if text.startswith(b"]") else SYMBOLOGIES.get(data[0], b"")
        return [Frame(aim + text)]
