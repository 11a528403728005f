"""A sheet to try a printer with: the same symbol in several sizes, lines one dot wide and more, a ruler.

The codes are those of no product: format 0, which no verifier knows, so none is ever taken for a real one. Each says
which sheet it is of and which size it has, so that a photograph of the sheet tells what is missing on it.
"""

import hashlib
import re
from base64 import b32encode
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from tracelib.labels.fonts import LabelFont
from tracelib.labels.output import Destination, Kind, PrintedFile, put_out_jobs
from tracelib.labels.pdf_pages import write_pages
from tracelib.labels.raster import Bitmap, as_bitmap, symbol_image
from tracelib.labels.symbol import QUIET_ZONE, encode_symbol, modules_of
from tracelib.labels.template import (
    LEAST_DOTS,
    LEAST_MODULE_MM,
    MM_PER_INCH,
    POINTS_PER_MM,
    THERMAL_DOTS_PER_MM,
    Template,
)
from tracelib.labels.tspl import as_tspl
from tracelib.labels.zpl import as_zpl

MODULES = modules_of(8)
"""All test codes have version 8."""
LONGEST = 10_000
"""Tenths of a millimetre: the longest page of a template."""
MOST_SIZES = 8
SMALLER = 2
"""Sizes below what labels use, to see where the printer's limit is."""
TEXT_PT, CAPTION_PT = 8.0, 6.5
LINES = (1, 2, 3, 4, 6)
"""Widths in dots of the lines of the grid."""
CAPTION_MM, CAPTION_LINE_MM = 25.0, 3.0
"""Room for the words under a symbol."""
HEADER_MM = 11.3
"""Title, ruler and lines."""
_CODE = re.compile(
    r"https://[^/]+/A[A-Z2-7]{119}/P/TESTPRINT/10/([0-9]{3})([LT])\.([0-9]{1,2})\.([0-9]{2,5})\.([0-9]{2,5})/21/([0-9]{15})"
)


@dataclass(frozen=True, slots=True)
class TrialSheet:
    """Which sheet: dots an inch, letter of the printer, dots of the largest module, tenths of a millimetre of the page.

    It fixes all codes of the sheet and where they stand (:func:`places`), and travels in each of them.
    """

    dpi: int
    printer: str
    largest: int
    width: int
    height: int

    @property
    def lot(self) -> str:
        """The sheet as its codes say it."""
        return f"{self.dpi}{self.printer}.{self.largest}.{self.width}.{self.height}"

    @property
    def dots_per_mm(self) -> float:
        """The printer's grid."""
        return THERMAL_DOTS_PER_MM[self.dpi] if self.printer == "T" else self.dpi / MM_PER_INCH

    @property
    def sizes(self) -> tuple[int, ...]:
        """Dots of a module, from the largest down: those that labels use, at most eight, and two smaller ones."""
        used = [dots for dots in range(self.largest, LEAST_DOTS - 1, -1) if self.is_used(dots)]
        step = -(-len(used) // MOST_SIZES)
        smaller = [dots for dots in range(used[-1] - 1, 0, -1)][:SMALLER]
        return (*used[::step], *([] if used[-1] in used[::step] else [used[-1]]), *smaller)

    def is_used(self, dots: int) -> bool:
        """Whether labels are ever printed with modules of so many dots; a smaller one need not be read."""
        return dots >= LEAST_DOTS and dots / self.dots_per_mm >= LEAST_MODULE_MM

    def url(self, number: int, host: str) -> str:
        """The code number ``number`` of the sheet, from 0."""
        digest = hashlib.shake_256(f"test print {self.lot} {number}".encode()).digest(74)
        blob = b32encode(b"\x00" + digest).decode("ascii")
        return f"https://{host}/{blob}/P/TESTPRINT/10/{self.lot}/21/{number:015d}"

    def name(self, number: int) -> str:
        """What people call a code: the size of its module; with a letter for those over the rest of the page."""
        size = f"{places(self)[number].dots / self.dots_per_mm:.2f} mm"
        return size if number < len(self.sizes) else f"{size} {chr(ord('A') + number - len(self.sizes))}"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a code of a sheet stands: page from 0, left and top edge without quiet zone, dots of a module, its cell."""

    page: int
    left: int
    top: int
    dots: int
    cell: int

    @property
    def side(self) -> int:
        """The symbol's side in dots."""
        return MODULES * self.dots

    @property
    def corners(self) -> tuple[tuple[int, int], ...]:
        """From the top left one clockwise, in dots of the page."""
        right, low = self.left + self.side, self.top + self.side
        return (self.left, self.top), (right, self.top), (right, low), (self.left, low)


@lru_cache(maxsize=32)
def places(sheet: TrialSheet) -> tuple[Place, ...]:
    """Where every code of a sheet stands: the sizes in rows, then the largest again over the rest of a large page.

    The sheet is drawn by this and checked by this.
    """
    flow = _Flow(sheet)
    rows = [flow.place(dots) for dots in sheet.sizes]
    return (*rows, *flow.rest(sheet.sizes[0]))


class _Flow:
    """Cells one after the other, in rows, on as many pages as they need."""

    def __init__(self, sheet: TrialSheet) -> None:
        self._grid = sheet.dots_per_mm
        self._width, self._height = (int(side / 10 * self._grid) for side in (sheet.width, sheet.height))
        self._margin = margin_of(sheet)
        self._page, self._row = 0, 0
        self._x, self._y = self._margin, self._margin // 2 + round(HEADER_MM * self._grid)

    def place(self, dots: int) -> Place:
        """The next symbol where there is room."""
        wide, high = self._cell(dots)
        if self._x + wide > self._width - self._margin:
            self._x, self._y, self._row = self._margin, self._y + self._row, 0
        if self._y + high > self._height:
            self._page, self._x, self._y, self._row = self._page + 1, self._margin, self._margin // 2, 0
        found = self._at(self._x, self._y, dots)
        self._x, self._row = self._x + wide, max(self._row, high)
        return found

    def rest(self, dots: int) -> list[Place]:
        """The same symbol along the bottom and across the middle, as far as one page leaves room for it."""
        (wide, high), inner = self._cell(dots), self._width - 2 * self._margin
        top, bottom = self._y + self._row, self._height - self._margin - high
        across = min(3, inner // wide)
        if self._page or bottom < top or across < 2:
            return []
        levels = [(top + bottom) // 2, bottom] if bottom - top >= 2 * high else [bottom]
        lefts = [self._margin + (inner - wide) * n // (across - 1) for n in range(across)]
        return [self._at(left, level, dots) for level in levels for left in lefts]

    def _cell(self, dots: int) -> tuple[int, int]:
        side = (MODULES + 2 * QUIET_ZONE) * dots
        return max(side, round(CAPTION_MM * self._grid)), side + round(CAPTION_LINE_MM * self._grid)

    def _at(self, x: int, y: int, dots: int) -> Place:
        wide, _ = self._cell(dots)
        return Place(self._page, x + (wide - MODULES * dots) // 2, y + QUIET_ZONE * dots, dots, wide)


def margin_of(sheet: TrialSheet) -> int:
    """White at the sides of the page, in dots."""
    return round(min(10.0, sheet.width / 10 * 0.035) * sheet.dots_per_mm)


def sheet_for(template: Template) -> TrialSheet:
    """The test sheet for a template and its resolution."""
    width, height = (round(side * 10) for side in template.page)
    letter = "L" if template.printer == "laser" else "T"
    return TrialSheet(template.dpi, letter, template.require_module(MODULES), width, height)


def read_trial_code(text: str) -> tuple[TrialSheet, int] | None:
    """Which sheet a code is of, and its number there; None for any other text."""
    match = _CODE.fullmatch(text)
    if match is None or int(match[1]) not in {203, 300, 600}:
        return None
    sheet = TrialSheet(int(match[1]), match[2], *(int(match[n]) for n in (3, 4, 5)))
    known = sheet.is_used(sheet.largest) and max(sheet.width, sheet.height) <= LONGEST
    return (sheet, int(match[6])) if known and int(match[6]) < len(places(sheet)) else None


def draw_trial_pages(template: Template, font: LabelFont, host: str) -> list[Bitmap]:
    """The pages of the test sheet, of the template's page size, at the printer's own dots.

    Raises:
        SymbolTooSmallError, GlyphMissingError.
    """
    sheet = sheet_for(template)
    pages = _Pages(template, sheet, font)
    for number, place in enumerate(places(sheet)):
        small = "" if sheet.is_used(place.dots) else " *"
        caption = f"{place.dots} 点 dots = {sheet.name(number)}{small}"
        pages.symbol(symbol_image(encode_symbol(sheet.url(number, host)), place.dots, 0), place, caption)
    return [as_bitmap(page, template.dots_per_mm) for page in pages.finished()]


class _Pages:
    """The pages that the places of a sheet need, with title, ruler and lines on the first."""

    def __init__(self, template: Template, sheet: TrialSheet, font: LabelFont) -> None:
        self._grid = template.dots_per_mm
        self._size = (int(template.page[0] * self._grid), int(template.page[1] * self._grid))
        self._margin = margin_of(sheet)
        self._font = font
        self._name = f"{template.name} · {template.dpi} dpi"
        self._pages: list[Image.Image] = []
        self._new_page()
        self._header()

    def symbol(self, picture: Image.Image, place: Place, caption: str) -> None:
        """Put one symbol with its caption in its place."""
        while len(self._pages) <= place.page:
            self._new_page()
        self._page.paste(picture, (place.left, place.top))
        low = place.top + place.side + QUIET_ZONE * place.dots + round(CAPTION_LINE_MM / 2 * self._grid)
        self._draw.text((place.left + place.side // 2, low), caption, fill=0, font=self._face(CAPTION_PT), anchor="mm")

    def finished(self) -> list[Image.Image]:
        """All pages."""
        return self._pages

    def _new_page(self) -> None:
        self._page = Image.new("1", self._size, 1)
        self._draw = ImageDraw.Draw(self._page)
        self._draw.fontmode = "1"
        self._pages.append(self._page)

    def _header(self) -> None:
        """Title, ruler and lines, within ``HEADER_MM``."""
        grid, left, top = self._grid, self._margin, self._margin // 2
        size = round(TEXT_PT / POINTS_PER_MM * grid)
        title, points = f"测试打印 TEST PRINT · {self._name}", TEXT_PT
        while self._face(points).getlength(title) > self._size[0] - 2 * left:
            points *= 0.95
        self._draw.text((left, top + size), title, fill=0, font=self._face(points), anchor="ls")
        length = int(min(100, (self._size[0] - 2 * left) / grid - 12) // 10) * 10
        base = top + size + round(4.2 * grid)
        for mm in range(length + 1):
            high = round((2.4 if mm % 10 == 0 else 1.6 if mm % 5 == 0 else 1) * grid)
            x = left + round(mm * grid)
            self._draw.rectangle((x, base - high, x, base), fill=0)
        self._draw.text((left + round((length + 1) * grid), base), f"{length} mm", fill=0, font=self._face(CAPTION_PT),
                        anchor="ls")  # fmt: skip
        x, base = left, base + round(1.2 * grid)
        for wide in LINES:
            for start in range(x, x + 16 * wide, 2 * wide):
                self._draw.rectangle((start, base, start + wide - 1, base + round(2 * grid)), fill=0)
            x += 16 * wide + round(grid)

    def _face(self, points: float) -> ImageFont.FreeTypeFont:
        size = points / POINTS_PER_MM * self._grid
        return ImageFont.truetype(str(self._font.path), size, layout_engine=ImageFont.Layout.BASIC)


def put_out_pages(pages: Sequence[Bitmap], out: Destination, kind: Kind, title: str) -> PrintedFile:
    """Write or send whole pages, as ``print_out`` does with labels.

    Raises:
        LabelFileError; the errors of ``tracelib.labels.printer``.
    """
    if kind == "pdf" and isinstance(out, Path):
        return PrintedFile(len(pages), len(pages), write_pages(pages, out, title), out)
    encode = as_zpl if kind == "zpl" else as_tspl
    return put_out_jobs(((number, encode(page)) for number, page in enumerate(pages, 1)), out, kind)
