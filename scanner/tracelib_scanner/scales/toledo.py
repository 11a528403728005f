"""Toledo continuous: the scale sends 17 bytes again and again, 18 with a checksum.

::

    STX  SWA  SWB  SWC  weight (6)  tare (6)  CR  [checksum]

Both weights are digits without a point; point, unit, sign, motion and range stand in the three status words. The
checksum is the two's complement of the seven-bit sum of all bytes before it. Source: Mettler-Toledo's manuals of
terminals with «continuous output, standard»; the bits of the status words from memory of them, not verified on a scale.

==== === =======================================================================================
word bit meaning
==== === =======================================================================================
SWA  0-2 place of the point: 0 x00, 1 x0, 2 x, 3 0.x, 4 0.0x, 5 0.00x, 6 0.000x, 7 0.0000x
SWB  1   negative
SWB  2   out of range: over capacity, or under zero
SWB  3   in motion
SWB  4   kg (else lb)
SWB  6   zero not captured since it was switched on
SWC  0-2 unit: 0 as SWB says, 1 g, 2 t; others are not weights that are traded here
==== === =======================================================================================

Bit 5 of every status word is set, bit 6 of SWA is not.
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal

from tracelib_scanner.framing import Frame
from tracelib_scanner.scales.weight import Weight

STX, CR = 0x02, 0x0D
LENGTH = 17
POINT, NEGATIVE, OUT_OF_RANGE, MOTION, KILOGRAMS, NO_ZERO, UNIT = 0x07, 0x02, 0x04, 0x08, 0x10, 0x40, 0x07
ALWAYS = 0x20
_GRAMS = {1: Decimal(1), 2: Decimal(1_000_000)}
_KG, _LB = Decimal(1000), Decimal("453.59237")


class ToledoFramer:
    """Messages of a Toledo scale; see :class:`tracelib_scanner.framer.Framer`. What is damaged gives no frame."""

    idle_s: float | None = None

    def __init__(self, *, checksum: bool = False) -> None:
        self._length = LENGTH + checksum
        self._buffer = b""

    @property
    def is_waiting(self) -> bool:
        """Whether a message has begun whose end has not come."""
        return bool(self._buffer)

    def feed(self, data: bytes) -> list[Frame]:
        """The next bytes, in pieces of any size. The eighth bit, of scales that send parity in it, is dropped."""
        frames: list[Frame] = []
        self._buffer += bytes(byte & 0x7F for byte in data)
        while True:
            start = self._buffer.find(STX)
            if start < 0:
                self._buffer = b""
                return frames
            self._buffer = self._buffer[start:]
            if len(self._buffer) < self._length:
                return frames
            whole = self._buffer[: self._length]
            if self._is_sound(whole):
                frames.append(Frame(whole[:LENGTH]))
                self._buffer = self._buffer[self._length :]
            else:
                self._buffer = self._buffer[1:]  # that was no beginning: look for the next

    def silence(self, seconds: float) -> list[Frame]:
        """Half a message is worth nothing."""
        self._buffer = b""
        return []

    def lost(self) -> list[Frame]:
        """The scale is gone."""
        self._buffer = b""
        return []

    def replies(self) -> bytes:
        """The scale waits for nothing."""
        return b""

    def acknowledgement(self) -> bytes:
        """The scale waits for nothing."""
        return b""

    def _is_sound(self, whole: bytes) -> bool:
        words, digits = whole[1:4], (whole[4:10], whole[10:16])
        if whole[16] != CR or not all(word & ALWAYS for word in words) or words[0] & 0x40:
            return False
        if not all(_is_number(one) for one in digits):
            return False
        return len(whole) == LENGTH or (-sum(whole[:LENGTH]) & 0x7F) == whole[LENGTH]


def weight_of(message: bytes) -> Weight:
    """What a sound message says: grams as displayed, in the nearest whole gram."""
    swa, swb, swc = message[1:4]
    stable = not swb & MOTION
    unit = swc & UNIT
    per_unit = _GRAMS.get(unit) if unit else _KG if swb & KILOGRAMS else _LB
    text = message[4:10].decode("ascii").strip()
    if not text or per_unit is None or swb & (OUT_OF_RANGE | NEGATIVE | NO_ZERO):
        return Weight(None, stable)
    value = Decimal(text).scaleb(2 - (swa & POINT)) * per_unit
    return Weight(int(value.to_integral_value(ROUND_HALF_EVEN)), stable)


def _is_number(field: Sequence[int]) -> bool:
    text = bytes(field)
    return text.lstrip(b" ").isdigit() or not text.strip(b" ")
