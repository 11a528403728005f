"""Labels and symbols as dots: for PNG, and for printers that take a bitmap."""

from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from tracelib.labels.content import LabelContent
from tracelib.labels.fonts import LabelFont
from tracelib.labels.layout import lay_out
from tracelib.labels.symbol import QUIET_ZONE, Symbol, encode_symbol
from tracelib.labels.template import MM_PER_INCH, POINTS_PER_MM, Template

_BLACK, _WHITE = 0, 1


@dataclass(frozen=True, slots=True)
class Bitmap:
    """Dots of a label or symbol: 1 is black, rows from the top, each padded with 0 to whole bytes, MSB first."""

    width: int
    height: int
    dots_per_mm: float
    rows: bytes

    @property
    def row_bytes(self) -> int:
        """Bytes that one row takes in ``rows``."""
        return (self.width + 7) // 8


def label_bitmap(
    content: LabelContent, template: Template, font: LabelFont, dots_per_mm: float | None = None
) -> Bitmap:
    """One label at ``dots_per_mm`` (the template's when None): text without grey, modules of whole dots.

    Raises:
        LabelCodeError, GlyphMissingError, LabelTextTooLongError: a label that cannot be printed as it is.
    """
    grid = dots_per_mm or template.dots_per_mm
    scale = grid / POINTS_PER_MM
    image = Image.new("1", (round(template.label_width * grid), round(template.label_height * grid)), _WHITE)
    draw = ImageDraw.Draw(image)
    draw.fontmode = "1"
    layout = lay_out(content, template, font)
    for bar in layout.bars:
        left, top = round(bar.left * scale), round(bar.top * scale)
        size = (round(bar.width * scale), round(bar.height * scale))
        draw.rectangle((left, top, left + size[0] - 1, top + size[1] - 1), fill=_BLACK)
    for run in layout.all_runs(content, font):
        face = _face(str(font.path), run.size * scale)
        at = (round(run.left * scale), round(run.baseline * scale))
        draw.text(at, run.text, fill=_WHITE if run.inverse else _BLACK, font=face, anchor="ls")
    symbol = encode_symbol(content.url)
    picture = _enlarged(symbol, template.module_dots(symbol.size, grid), quiet=0)
    box = template.symbol
    corner = (
        round((box.left + box.width / 2) * grid - picture.width / 2),
        round((box.top + box.height / 2) * grid - picture.height / 2),
    )
    image.paste(picture, corner)
    return _bitmap(image, grid)


def symbol_bitmap(symbol: Symbol, module_dots: int, dots_per_mm: float) -> Bitmap:
    """A symbol with its quiet zone, ``module_dots`` dots a module."""
    return _bitmap(_enlarged(symbol, module_dots, QUIET_ZONE), dots_per_mm)


def as_png(bitmap: Bitmap) -> bytes:
    """A bitmap as a black and white PNG that knows its true size."""
    image = Image.frombytes("1", (bitmap.width, bitmap.height), bytes(byte ^ 0xFF for byte in bitmap.rows))
    stream = BytesIO()
    dots_per_inch = bitmap.dots_per_mm * MM_PER_INCH
    image.save(stream, "PNG", optimize=True, dpi=(dots_per_inch, dots_per_inch))
    return stream.getvalue()


def _enlarged(symbol: Symbol, module_dots: int, quiet: int) -> Image.Image:
    modules = Image.frombytes("1", (symbol.size, symbol.size), bytes(byte ^ 0xFF for byte in symbol.rows))
    side = symbol.size + 2 * quiet
    whole = Image.new("1", (side, side), _WHITE)
    whole.paste(modules, (quiet, quiet))
    return whole.resize((side * module_dots, side * module_dots), Image.Resampling.NEAREST)


def _bitmap(image: Image.Image, dots_per_mm: float) -> Bitmap:
    """PIL keeps 1 for white; the padding at the end of a row must stay 0."""
    inverted = image.point(lambda value: 0 if value else 255, "1")
    return Bitmap(image.width, image.height, dots_per_mm, inverted.tobytes())


@lru_cache(maxsize=64)
def _face(path: str, size: float) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)
