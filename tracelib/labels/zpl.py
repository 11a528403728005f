"""Labels as ZPL II: graphic fields in compressed hexadecimal (``^GFA``, ZPL II Programming Guide).

A bit of 1 is a black dot: the guide says of ``^GF`` that a comma fills a row with 00, «white space», and Zebra's KR403
guide that «1= Black and 0=White».

A label is one format: the picture that its batch shares, then its own symbol and number, each a field of its own that
the printer lays over the others. Bitmaps are right on every printer. The printer's own QR command is not used: in ZPL
only ``^BQ``'s mixed mode takes two segments, and it marks the symbol as one of a series of 2 to 16 (docs/labels.md).
"""

import re
from functools import lru_cache

from tracelib.labels.content import LabelContent
from tracelib.labels.raster import MOST_KEPT, Bitmap, Painter, Shared, as_bitmap

_UNITS = "GHIJKLMNOPQRSTUVWXY"
"""One letter for 1 to 19 repeats of the digit that follows."""
_TWENTIES = "ghijklmnopqrstuvwxyz"
"""One letter for 20, 40 … 400 repeats."""
_MOST = 419
_RUN = re.compile(r"(.)\1+")


class ZplLabels:
    """Labels of one template as a stream of formats; what they share is encoded once."""

    def __init__(self, painter: Painter) -> None:
        self._painter = painter
        self._heads: dict[Shared, str] = {}

    def label(self, content: LabelContent, copies: int = 1) -> bytes:
        """One label as one format, to be printed ``copies`` times. Raises as ``Painter.whole``."""
        painter = self._painter
        shared = painter.shared(content)
        head = self._heads.get(shared)
        if head is None:
            if len(self._heads) >= MOST_KEPT:
                self._heads.clear()
            head = _start(painter.width, painter.height) + _field(0, 0, as_bitmap(shared.image))
            self._heads[shared] = head
        fields = "".join(_field(piece.left, piece.top, piece.bitmap) for piece in painter.pieces(content, shared))
        return f"{head}{fields}{_end(copies)}".encode("ascii")


def as_zpl(bitmap: Bitmap, copies: int = 1) -> bytes:
    """A bitmap as one format, ready to be sent to a printer of the bitmap's resolution."""
    return f"{_start(bitmap.width, bitmap.height)}{_field(0, 0, bitmap)}{_end(copies)}".encode("ascii")


def _start(width: int, height: int) -> str:
    return f"^XA\n^PW{width}\n^LL{height}\n^LH0,0\n"


def _field(left: int, top: int, bitmap: Bitmap) -> str:
    width = bitmap.row_bytes
    rows = [bitmap.rows[i : i + width] for i in range(0, len(bitmap.rows), width)]
    data = "".join(":" if n and row == rows[n - 1] else _packed(row.hex().upper()) for n, row in enumerate(rows))
    return f"^FO{left},{top}^GFA,{len(bitmap.rows)},{len(bitmap.rows)},{width},{data}^FS\n"


def _end(copies: int) -> str:
    return f"^PQ{copies}\n^XZ\n"


def _packed(row: str) -> str:
    """One row of digits: ``,`` and ``!`` fill up with 0 and F."""
    for digit, filler in (("0", ","), ("F", "!")):
        stripped = row.rstrip(digit)
        if len(row) - len(stripped) > 1:
            return _counted(stripped) + filler
    return _counted(row)


def _counted(digits: str) -> str:
    """Runs of the same digit as counts and the digit; single digits as they are."""
    return _RUN.sub(_as_count, digits)


def _as_count(run: re.Match[str]) -> str:
    return _count_of(run[1], len(run[0]))


@lru_cache(maxsize=4096)
def _count_of(digit: str, count: int) -> str:
    out = []
    while count > 0:
        part = min(count, _MOST)
        count -= part
        twenties, units = divmod(part, 20)
        if part == 1:
            out.append(digit)
        else:
            out.append((_TWENTIES[twenties - 1] if twenties else "") + (_UNITS[units - 1] if units else "") + digit)
    return "".join(out)
