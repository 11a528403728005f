"""A sheet to try a printer with: the same symbol in several sizes, lines one dot wide and more, a ruler.

The codes are those of no product: format 0, which no verifier knows, so none is ever taken for a real one. Each says
which sheet it is of and which size it has, so that a photograph of the sheet tells what is missing on it.
"""

import hashlib
import re
from base64 import b32encode
from collections.abc import Sequence
from dataclasses import dataclass
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
MOST_SIZES = 8
SMALLER = 2
"""Sizes below what labels use, to see where the printer's limit is."""
TEXT_PT, CAPTION_PT = 8.0, 6.5
LINES = (1, 2, 3, 4, 6)
"""Widths in dots of the lines of the grid."""
_CODE = re.compile(r"https://[^/]+/A[A-Z2-7]{119}/P/TESTPRINT/10/([0-9]{3})([LT])\.([0-9]{1,2})/21/([0-9]{15})")


@dataclass(frozen=True, slots=True)
class TrialSheet:
    """Which sheet: dots an inch, letter of the printer, dots of the largest module. It fixes all codes of the sheet."""

    dpi: int
    printer: str
    largest: int

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
        digest = hashlib.shake_256(f"test print {self.dpi}{self.printer}.{self.largest} {number}".encode()).digest(74)
        blob = b32encode(b"\x00" + digest).decode("ascii")
        return f"https://{host}/{blob}/P/TESTPRINT/10/{self.dpi}{self.printer}.{self.largest}/21/{number:015d}"


def sheet_for(template: Template) -> TrialSheet:
    """The test sheet for a template and its resolution."""
    return TrialSheet(template.dpi, "L" if template.printer == "laser" else "T", template.require_module(MODULES))


def read_trial_code(text: str) -> tuple[TrialSheet, int] | None:
    """Which sheet a code is of, and its number there; None for any other text."""
    match = _CODE.fullmatch(text)
    if match is None or int(match[1]) not in {203, 300, 600}:
        return None
    sheet = TrialSheet(int(match[1]), match[2], int(match[3]))
    known = sheet.is_used(sheet.largest) and int(match[4]) < len(sheet.sizes)
    return (sheet, int(match[4])) if known else None


def draw_trial_pages(template: Template, font: LabelFont, host: str) -> list[Bitmap]:
    """The pages of the test sheet, of the template's page size, at the printer's own dots.

    Raises:
        SymbolTooSmallError, GlyphMissingError.
    """
    pages = _Pages(template, font)
    sheet = sheet_for(template)
    for number, dots in enumerate(sheet.sizes):
        small = "" if sheet.is_used(dots) else " *"
        caption = f"{dots} 点 dots = {dots / sheet.dots_per_mm:.2f} mm{small}"
        pages.symbol(symbol_image(encode_symbol(sheet.url(number, host)), dots, QUIET_ZONE), caption)
    return [as_bitmap(page, template.dots_per_mm) for page in pages.finished()]


class _Pages:
    """Symbols set one after the other, in rows, on as many pages as they need."""

    def __init__(self, template: Template, font: LabelFont) -> None:
        self._grid = template.dots_per_mm
        self._size = (int(template.page[0] * self._grid), int(template.page[1] * self._grid))
        self._margin = round(min(10.0, template.page[0] * 0.035) * self._grid)
        self._font = font
        self._name = f"{template.name} · {template.dpi} dpi"
        self._pages: list[Image.Image] = []
        self._x = self._y = self._row = 0
        self._new_page()

    def symbol(self, picture: Image.Image, caption: str) -> None:
        """Put one symbol with its caption where there is room."""
        face = self._face(CAPTION_PT)
        line = round(CAPTION_PT * 1.3 / POINTS_PER_MM * self._grid)
        width = max(picture.width, int(face.getlength(caption)) + line)
        if self._x + width > self._size[0] - self._margin:
            self._x, self._y, self._row = self._margin, self._y + self._row, 0
        if self._y + picture.height + line > self._size[1]:
            self._new_page()
        self._page.paste(picture, (self._x + (width - picture.width) // 2, self._y))
        at = (self._x + width // 2, self._y + picture.height + line // 2)
        self._draw.text(at, caption, fill=0, font=face, anchor="mm")
        self._x += width
        self._row = max(self._row, picture.height + line)

    def finished(self) -> list[Image.Image]:
        """All pages."""
        return self._pages

    def _new_page(self) -> None:
        self._page = Image.new("1", self._size, 1)
        self._draw = ImageDraw.Draw(self._page)
        self._draw.fontmode = "1"
        self._pages.append(self._page)
        self._x, self._y, self._row = self._margin, self._margin // 2, 0
        if len(self._pages) == 1:
            self._y += self._header()

    def _header(self) -> int:
        """Title, ruler and lines; the height that they take."""
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
        return base + round(3 * grid) - top

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
