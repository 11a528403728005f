"""Where things stand on a label: sheets and rolls as data. Lengths in millimetres, type sizes in points.

A module of the symbol is a whole number of printer dots, as many as the symbol's square allows: with a bigger version
the dots get fewer, never broken.
"""

from dataclasses import dataclass
from typing import Literal

from tracelib.labels.errors import UnknownTemplateError
from tracelib.labels.symbol import QUIET_ZONE

Field = Literal["test", "product", "grade", "lot", "unit_id", "uscc", "issuer"]
MM_PER_INCH = 25.4
POINTS_PER_MM = 72 / MM_PER_INCH


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on the label: left and top edge from the label's top left corner, width, height."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Area:
    """A column of text lines in ``box``, in this order."""

    box: Box
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """A kind of paper with one or more labels on it.

    ``first_left`` and ``first_top`` are the first label's corner on the page; labels follow each other without a gap,
    row by row. ``dots_per_mm`` is the printer's grid. ``symbol`` is the square that symbol and quiet zone keep within.
    """

    name: str
    page_width: float
    page_height: float
    label_width: float
    label_height: float
    columns: int
    rows: int
    first_left: float
    first_top: float
    dots_per_mm: float
    symbol: Box
    areas: tuple[Area, ...]

    @property
    def per_page(self) -> int:
        """Labels on one page."""
        return self.columns * self.rows

    def corner(self, slot: int) -> tuple[float, float]:
        """Left and top edge on the page of the label in ``slot`` (0 is the top left one)."""
        row, column = divmod(slot, self.columns)
        return self.first_left + column * self.label_width, self.first_top + row * self.label_height

    def module_dots(self, modules: int, dots_per_mm: float | None = None) -> int:
        """Printer dots for one module of a symbol of ``modules`` a side, so that it keeps within its square."""
        grid = dots_per_mm or self.dots_per_mm
        return int(self.symbol.width * grid + 1e-6) // (modules + 2 * QUIET_ZONE)


A4_24 = Template(
    name="a4-24",
    page_width=210,
    page_height=297,
    label_width=70,
    label_height=37,
    columns=3,
    rows=8,
    first_left=0,
    first_top=0.5,
    dots_per_mm=600 / MM_PER_INCH,
    # The outer labels touch the paper's edge, where printers leave 4.2 mm white: only quiet zone stands there.
    symbol=Box(left=2.6, top=4, width=29, height=29),
    areas=(Area(Box(32.2, 3.9, 33, 29), ("test", "product", "grade", "lot", "unit_id", "uscc", "issuer")),),
)
"""Sheet of 24, 3 across and 8 down, 70 x 37 mm without gaps; laser printers, 600 dots an inch."""

ROLL_60X40 = Template(
    name="roll-60x40",
    page_width=60,
    page_height=40,
    label_width=60,
    label_height=40,
    columns=1,
    rows=1,
    first_left=0,
    first_top=0,
    dots_per_mm=8,
    symbol=Box(left=0, top=0, width=30.5, height=30.5),
    areas=(
        Area(Box(31, 1.8, 27.2, 28.2), ("test", "product", "grade", "lot", "issuer")),
        Area(Box(2.2, 30.7, 55.6, 7.9), ("unit_id", "uscc")),
    ),
)
"""One label of 60 x 40 mm a page; thermal printers of 203 dots an inch, that is 8 dots a millimetre."""

TEMPLATES = {template.name: template for template in (A4_24, ROLL_60X40)}


def find_template(name: str) -> Template:
    """The template called ``name``.

    Raises:
        UnknownTemplateError: there is none; the message lists those there are.
    """
    if name not in TEMPLATES:
        raise UnknownTemplateError(name=name, known=", ".join(TEMPLATES))
    return TEMPLATES[name]
