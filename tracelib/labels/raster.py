"""Labels and symbols as dots: for PNG, and for printers that take a bitmap.

What the labels of a batch share is drawn once; a label adds its symbol, its bar code and the lines with its number.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFont

from tracelib.labels.bars import PlacedBars, place_bars
from tracelib.labels.content import LabelContent
from tracelib.labels.fonts import LabelFont
from tracelib.labels.layout import Layout, Run, lay_out, shared_key
from tracelib.labels.symbol import QUIET_ZONE, Symbol, encode_symbol
from tracelib.labels.template import MM_PER_INCH, POINTS_PER_MM, Template

_BLACK, _WHITE = 0, 1
MOST_KEPT = 64
"""Shared parts that are kept; the labels of a batch have one for each grade."""


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


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a label: its dots (black is 0, as PIL has it) and where its top left corner stands."""

    left: int
    top: int
    image: Image.Image

    @property
    def bitmap(self) -> Bitmap:
        """The dots as a bitmap."""
        return as_bitmap(self.image)


@dataclass(frozen=True, eq=False)
class Shared:
    """What the labels of a batch share: where their text stands, and its picture (black is 0)."""

    layout: Layout
    image: Image.Image


class Painter:
    """Draws labels of one template and remembers what they share."""

    def __init__(self, template: Template, font: LabelFont) -> None:
        self.template = template
        self.width = round(template.label[0] * template.dots_per_mm)
        self.height = round(template.label[1] * template.dots_per_mm)
        self._font = font
        self._scale = template.dots_per_mm / POINTS_PER_MM
        self._shared: dict[tuple[object, ...], Shared] = {}

    def shared(self, content: LabelContent) -> Shared:
        """What a label shares with those of its batch; the same object for all of them.

        Raises:
            GlyphMissingError, LabelTextTooLongError: text that cannot be printed as it is.
        """
        key = shared_key(content)
        found = self._shared.get(key)
        if found is None:
            if len(self._shared) >= MOST_KEPT:
                self._shared.clear()
            layout = lay_out(content, self.template, self._font)
            found = self._shared[key] = Shared(layout, self._draw_shared(layout))
        return found

    def pieces(self, content: LabelContent, shared: Shared, *, symbol: bool = True) -> Iterator[Piece]:
        """What one label has of its own: symbol (unless the printer draws it), bar code, lines with its number.

        Raises:
            LabelCodeError, SymbolTooSmallError, BarsTooWideError: a code that cannot be printed as it is.
        """
        if symbol:
            yield self._symbol(encode_symbol(content.url))
        bars = place_bars(content.unit_id, self.template)
        if bars is not None:
            yield self._bars(bars)
        for run in shared.layout.unit_runs(content, self._font):
            yield self._line(run)

    def symbol_place(self, modules: int) -> tuple[int, int, int]:
        """Left and top edge of a symbol without quiet zone, and the dots of its modules."""
        box, grid = self.template.symbol_box, self.template.dots_per_mm
        dots = self.template.require_module(modules)
        left = round((box.left + box.width / 2) * grid - modules * dots / 2)
        return left, round((box.top + box.height / 2) * grid - modules * dots / 2), dots

    def whole(self, content: LabelContent) -> Bitmap:
        """One label as a bitmap. Raises as :meth:`shared` and :meth:`pieces`."""
        return as_bitmap(self._whole(content, symbol=True), self.template.dots_per_mm)

    def around_symbol(self, content: LabelContent, symbol: tuple[int, int, int]) -> Iterator[Piece]:
        """What stands above, left, right and below a symbol (its left, top and side), each cut down to its ink.

        The label without its symbol, in less than its whole area. Raises as :meth:`whole`.
        """
        image = self._whole(content, symbol=False)
        left, top, side = symbol
        right, bottom = left + side, top + side
        areas = [
            (0, 0, self.width, top),
            (0, top, left, bottom),
            (right, top, self.width, bottom),
            (0, bottom, self.width, self.height),
        ]
        for area in areas:
            ink = ImageChops.invert(image.crop(area)).getbbox()
            if ink is not None:
                box = (area[0] + ink[0], area[1] + ink[1], area[0] + ink[2], area[1] + ink[3])
                yield Piece(box[0], box[1], image.crop(box))

    def _whole(self, content: LabelContent, *, symbol: bool) -> Image.Image:
        shared = self.shared(content)
        image = shared.image.copy()
        for piece in self.pieces(content, shared, symbol=symbol):
            image.paste(piece.image, (piece.left, piece.top))
        return image

    def _draw_shared(self, layout: Layout) -> Image.Image:
        image = Image.new("1", (self.width, self.height), _WHITE)
        draw = ImageDraw.Draw(image)
        draw.fontmode = "1"
        for bar in layout.bars:
            left, top = round(bar.left * self._scale), round(bar.top * self._scale)
            size = (round(bar.width * self._scale), round(bar.height * self._scale))
            draw.rectangle((left, top, left + size[0] - 1, top + size[1] - 1), fill=_BLACK)
        for run in layout.runs:
            face = _face(str(self._font.path), run.size * self._scale)
            at = (round(run.left * self._scale), round(run.baseline * self._scale))
            draw.text(at, run.text, fill=_WHITE if run.inverse else _BLACK, font=face, anchor="ls")
        return image

    def _symbol(self, symbol: Symbol) -> Piece:
        left, top, dots = self.symbol_place(symbol.size)
        return Piece(left, top, symbol_image(symbol, dots, quiet=0))

    def _bars(self, bars: PlacedBars) -> Piece:
        grid = self.template.dots_per_mm
        row = np.repeat(~np.array(bars.modules), bars.dots)
        picture = Image.fromarray(np.tile(row, (round(bars.box.height * grid), 1)))
        return Piece(round(bars.box.left * grid), round(bars.box.top * grid), picture)

    def _line(self, run: Run) -> Piece:
        """A line of text in a picture just as large as it needs."""
        # Whole quarters of a dot: serials differ in width, and a new face costs more than the line.
        face = _face(str(self._font.path), int(run.size * self._scale * 4) / 4)
        left, baseline = round(run.left * self._scale), round(run.baseline * self._scale)
        x0, y0, x1, y1 = (int(side) for side in face.getbbox(run.text, mode="1", anchor="ls"))
        image = Image.new("1", (max(1, x1 - x0), max(1, y1 - y0)), _WHITE)
        draw = ImageDraw.Draw(image)
        draw.fontmode = "1"
        draw.text((-x0, -y0), run.text, fill=_BLACK, font=face, anchor="ls")
        return Piece(left + x0, baseline + y0, image)


def label_bitmap(content: LabelContent, template: Template, font: LabelFont) -> Bitmap:
    """One label: text without grey, modules of whole dots.

    Raises:
        LabelCodeError, GlyphMissingError, LabelTextTooLongError, SymbolTooSmallError, BarsTooWideError: a label that
            cannot be printed as it is.
    """
    return Painter(template, font).whole(content)


def symbol_bitmap(symbol: Symbol, module_dots: int, dots_per_mm: float) -> Bitmap:
    """A symbol with its quiet zone, ``module_dots`` dots a module."""
    return as_bitmap(symbol_image(symbol, module_dots, QUIET_ZONE), dots_per_mm)


def as_png(bitmap: Bitmap) -> bytes:
    """A bitmap as a black and white PNG that knows its true size."""
    image = Image.frombytes("1", (bitmap.width, bitmap.height), bytes(byte ^ 0xFF for byte in bitmap.rows))
    stream = BytesIO()
    dots_per_inch = bitmap.dots_per_mm * MM_PER_INCH
    image.save(stream, "PNG", optimize=True, dpi=(dots_per_inch, dots_per_inch))
    return stream.getvalue()


def symbol_image(symbol: Symbol, module_dots: int, quiet: int) -> Image.Image:
    """A symbol as a picture (black is 0), with ``quiet`` white modules around it."""
    modules = Image.frombytes("1", (symbol.size, symbol.size), symbol.rows.translate(_INVERTED))
    side = symbol.size + 2 * quiet
    if quiet:
        whole = Image.new("1", (side, side), _WHITE)
        whole.paste(modules, (quiet, quiet))
        modules = whole
    return modules.resize((side * module_dots, side * module_dots), Image.Resampling.NEAREST)


_INVERTED = bytes(byte ^ 0xFF for byte in range(256))


def as_bitmap(image: Image.Image, dots_per_mm: float = 8) -> Bitmap:
    """A picture of two colours as a bitmap: PIL keeps 1 for white, and the padding at the end of a row must stay 0."""
    rows = ~np.frombuffer(image.tobytes(), np.uint8).reshape(image.height, -1)
    rows[:, -1] &= 0xFF << (-image.width % 8) & 0xFF
    return Bitmap(image.width, image.height, dots_per_mm, rows.tobytes())


@lru_cache(maxsize=64)
def _face(path: str, size: float) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)
