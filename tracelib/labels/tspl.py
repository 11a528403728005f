"""Labels as TSPL: one binary bitmap each (``BITMAP``, TSPL/TSPL2 Programming Language).

With ``native`` the printer draws the symbol (``QRCODE`` in manual mode, where ``!`` changes from the byte segment to
the alphanumeric one) and bitmaps bring only what has ink around it: a smaller job, but version and mask are the
printer's choice. The whole bitmap is right on every printer and is the default.
"""

from tracelib.labels.content import LabelContent
from tracelib.labels.raster import Bitmap, Painter
from tracelib.labels.symbol import modules_of, split_code, version_of

_INVERTED = bytes(byte ^ 0xFF for byte in range(256))
MOST_CELL = 10
"""Dots of a module that ``QRCODE`` takes at most."""


class TsplLabels:
    """Labels of one template as a stream of commands."""

    def __init__(self, painter: Painter, *, native: bool = False) -> None:
        self._painter = painter
        self._native = native

    def label(self, content: LabelContent, copies: int = 1) -> bytes:
        """One label, to be printed ``copies`` times. Raises as ``Painter.whole``."""
        template = self._painter.template
        if not self._native:
            return _start(*template.label) + _bitmap(0, 0, self._painter.whole(content)) + _end(copies)
        modules = modules_of(version_of(content.url))
        left, top, dots = self._painter.symbol_place(modules)
        cell = min(dots, MOST_CELL)
        shift = modules * (dots - cell) // 2
        pieces = self._painter.around_symbol(content, (left, top, modules * dots))
        drawn = b"".join(_bitmap(piece.left, piece.top, piece.bitmap) for piece in pieces)
        return _start(*template.label) + drawn + _qrcode(content.url, left + shift, top + shift, cell) + _end(copies)


def as_tspl(bitmap: Bitmap, copies: int = 1) -> bytes:
    """A bitmap as one label of its size."""
    size = (bitmap.width / bitmap.dots_per_mm, bitmap.height / bitmap.dots_per_mm)
    return _start(*size) + _bitmap(0, 0, bitmap) + _end(copies)


def _start(width: float, height: float) -> bytes:
    """Size and a clean page. Gap, darkness and speed stay as the printer was set up for its paper."""
    return f"SIZE {width:g} mm,{height:g} mm\r\nREFERENCE 0,0\r\nCLS\r\n".encode("ascii")


def _bitmap(left: int, top: int, bitmap: Bitmap) -> bytes:
    """``BITMAP``: a bit of 0 is a black dot, 1 leaves the paper white, so the padding of a row is sent as 1.

    So does the open driver LPrint (``lprint-tspl.c``, M. Sweet), which sends rows in which 1 is white. Some clones are
    said to print 1; ``label check`` calls their test print inverted.
    """
    head = f"BITMAP {left},{top},{bitmap.row_bytes},{bitmap.height},0,".encode("ascii")
    return head + bitmap.rows.translate(_INVERTED) + b"\r\n"


def _qrcode(url: str, left: int, top: int, cell: int) -> bytes:
    head, rest = split_code(url)
    return f'QRCODE {left},{top},M,{cell},M,0,M2,S7,"B{len(head):04d}{head}!A{rest}"\r\n'.encode("ascii")


def _end(copies: int) -> bytes:
    return f"PRINT 1,{copies}\r\n".encode("ascii")
