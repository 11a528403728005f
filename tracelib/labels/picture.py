"""One label or one symbol as a file: the ending of its name says which kind."""

from pathlib import Path

from tracelib.labels.content import LabelContent
from tracelib.labels.errors import OutputKindError
from tracelib.labels.fonts import LabelFont
from tracelib.labels.raster import Bitmap, as_png, label_bitmap, symbol_bitmap
from tracelib.labels.svg import label_svg, symbol_svg
from tracelib.labels.symbol import encode_symbol
from tracelib.labels.template import Template
from tracelib.labels.tspl import as_tspl
from tracelib.labels.zpl import as_zpl

PICTURES = (".png", ".svg", ".zpl", ".tspl")
MODULE_MM = 0.5
"""Side of a module where a symbol is drawn alone: a whole number of dots at 8, 12 and 24 dots a millimetre."""


def require_ending(path: Path, endings: tuple[str, ...]) -> str:
    """The ending of ``path`` in lower case, which must be one of ``endings``.

    Raises:
        OutputKindError: another one, or none.
    """
    ending = path.suffix.lower()
    if ending not in endings:
        raise OutputKindError(path=path, expected=", ".join(endings))
    return ending


def label_picture(content: LabelContent, template: Template, font: LabelFont, kind: str) -> bytes:
    """One label; ``kind`` is an ending of ``PICTURES``.

    Raises:
        LabelCodeError, GlyphMissingError, LabelTextTooLongError, SymbolTooSmallError, BarsTooWideError: a label that
            cannot be printed as it is.
    """
    if kind == ".svg":
        return label_svg(content, template, font).encode()
    return bitmap_file(label_bitmap(content, template, font), kind)


def symbol_picture(url: str, kind: str, dots_per_mm: float) -> bytes:
    """The symbol of a code alone, with its quiet zone.

    Raises:
        LabelCodeError: not a code, or too long.
    """
    symbol = encode_symbol(url)
    if kind == ".svg":
        return symbol_svg(symbol, MODULE_MM).encode()
    bitmap = symbol_bitmap(symbol, round(MODULE_MM * dots_per_mm), dots_per_mm)
    return bitmap_file(bitmap, kind)


def bitmap_file(bitmap: Bitmap, kind: str) -> bytes:
    """A bitmap as PNG, or as the commands of a printer."""
    return {".png": as_png, ".zpl": as_zpl, ".tspl": as_tspl}[kind](bitmap)
