"""Where things stand on a label, as data: a TOML file that checks itself. Lengths in millimetres, type sizes in points.

A module of the symbol is a whole number of printer dots, as many as the symbol's square allows: with a bigger version
the dots get fewer, never broken. Where too few dots or too small a module would be left, nothing is printed.
"""

from functools import cached_property
from itertools import combinations
from typing import Annotated, Any, Literal, NamedTuple, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from tracelib.labels.errors import SymbolTooSmallError, TemplateFaultError, TemplateFileError
from tracelib.labels.symbol import LABEL_VERSIONS, QUIET_ZONE, modules_of
from tracelib.text import LANGUAGES, Language, phrase

FieldName = Literal[
    "test", "brand", "product", "grade_weight", "grade", "weight", "lot", "produced_on", "origin", "unit_id", "number",
    "uscc", "issuer", "host", "text",
]  # fmt: skip
"""What a line shows. ``unit_id`` is the serial or SSCC with its caption, ``number`` without; ``text`` is free."""
Dpi = Literal[203, 300, 600]
MM_PER_INCH = 25.4
POINTS_PER_MM = 72 / MM_PER_INCH
THERMAL_DOTS_PER_MM: dict[int, float] = {203: 8, 300: 12, 600: 24}
"""Thermal heads have 8, 12 or 24 dots a millimetre, whatever is rounded on the box."""
LEAST_DOTS = 2
"""A module of one dot does not survive the spread of ink or heat."""
LEAST_MODULE_MM = 0.33
"""Phones read 8-M down to about a third of a millimetre on thermal labels; below, no label of ours is printed."""
MOST_LINES = 40


class Box(NamedTuple):
    """A rectangle on the label: left and top edge from the label's top left corner, width, height."""

    left: float
    top: float
    width: float
    height: float

    @property
    def side(self) -> float:
        """The side of the largest square in it."""
        return min(self.width, self.height)


Millimetres = Annotated[float, Field(ge=0, le=1000)]
Length = Annotated[float, Field(gt=0, le=1000)]
BoxValue = tuple[Millimetres, Millimetres, Length, Length]
Points = Annotated[float, Field(ge=4, le=144)]


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=False, allow_inf_nan=False)


class Title(_Data):
    """What a template is called in lists."""

    zh: Annotated[str, Field(max_length=80)]
    en: Annotated[str, Field(max_length=80)] = ""


class Line(_Data):
    """One kind of text: what it shows, and where it differs from the usual sizes.

    ``size`` is the largest, ``smallest`` the smallest size in points, ``lines`` the most lines it may wrap to; None:
    as usual for the field. ``text`` is the free text of the field ``text``.
    """

    field: FieldName
    text: Annotated[str, Field(max_length=200)] = ""
    size: Points | None = None
    smallest: Points | None = None
    lines: Annotated[int, Field(ge=1, le=5)] | None = None
    align: Literal["left", "center"] = "left"

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.field == "text") != bool(self.text.strip()) or not self.text.isprintable():
            raise ValueError(phrase("one printable line in text if the field is text, else none"))
        if self.size is not None and self.smallest is not None and self.smallest > self.size:
            raise ValueError(phrase("smallest not above size"))
        return self


def _as_line(value: Any) -> Any:  # noqa: ANN401 - whatever the file says
    return {"field": value} if isinstance(value, str) else value


class Area(_Data):
    """A column of lines in ``box``, in this order."""

    box: BoxValue
    lines: Annotated[tuple[Annotated[Line, BeforeValidator(_as_line)], ...], Field(min_length=1, max_length=MOST_LINES)]

    @property
    def place(self) -> Box:
        """``box`` with names."""
        return Box(*self.box)


class Template(_Data):
    """A kind of paper with one or more labels on it.

    ``first`` is the first label's corner on the page; labels follow row by row, ``pitch`` from corner to corner (None:
    without gaps). ``symbol`` is the square that symbol and quiet zone keep within, ``barcode`` a rectangle for a bar
    code with the unit's number. ``font`` is a TrueType file beside the template; empty: the setting ``label.font``.
    ``name`` is the file's.
    """

    name: str = ""
    title: Title
    printer: Literal["laser", "thermal"]
    dpi: Dpi
    languages: Annotated[tuple[Language, ...], Field(min_length=1, max_length=len(LANGUAGES))] = ("zh",)
    font: Annotated[str, Field(max_length=200)] = ""
    page: tuple[Length, Length]
    label: tuple[Length, Length]
    columns: Annotated[int, Field(ge=1, le=20)] = 1
    rows: Annotated[int, Field(ge=1, le=50)] = 1
    first: tuple[Millimetres, Millimetres] = (0, 0)
    pitch: tuple[Length, Length] | None = None
    symbol: BoxValue
    barcode: BoxValue | None = None
    areas: Annotated[tuple[Area, ...], Field(min_length=1, max_length=10)]

    @model_validator(mode="after")
    def _check(self) -> Self:
        faults = [*self._page_faults(), *self._box_faults()]
        if not any(line.field == "test" for area in self.areas for line in area.lines):
            faults.append(self._fault("areas", phrase("a line test somewhere: labels of a test root must say so")))
        if len(set(self.languages)) != len(self.languages):
            faults.append(self._fault("languages", phrase("each language once")))
        dots = self.module_dots(modules_of(LABEL_VERSIONS[-1]))
        if dots < LEAST_DOTS or dots / self.dots_per_mm < LEAST_MODULE_MM:
            expected = phrase(
                "a square of at least {side} mm: at {dpi} dpi a module of version 9 would have {dots} dots; it "
                "needs at least {least} dots and {least_mm} mm"
            )
            side = f"{self._least_side():.1f}"
            sizes = {"dots": dots, "least": LEAST_DOTS, "least_mm": LEAST_MODULE_MM, "side": side, "dpi": self.dpi}
            faults.append(self._fault("symbol", expected, **sizes))
        if faults:
            raise TemplateFileError(file=self.name, count=len(faults), faults=tuple(faults))
        return self

    def _fault(self, key: str, expected: str, **values: object) -> TemplateFaultError:
        return TemplateFaultError(file=self.name, key=key, expected=expected, values=values)

    def _page_faults(self) -> list[TemplateFaultError]:
        (step_x, step_y), (width, height) = self.steps, self.label
        right = self.first[0] + (self.columns - 1) * step_x + width
        bottom = self.first[1] + (self.rows - 1) * step_y + height
        faults = []
        if right > self.page[0] + 1e-6 or bottom > self.page[1] + 1e-6:
            expected = phrase("at least {width} x {height} mm, which the labels need")
            faults.append(self._fault("page", expected, width=f"{right:g}", height=f"{bottom:g}"))
        if step_x < width or step_y < height:
            faults.append(self._fault("pitch", phrase("not less than the label's width and height")))
        return faults

    def _box_faults(self) -> list[TemplateFaultError]:
        boxes = {f"areas[{n}].box": area.place for n, area in enumerate(self.areas)}
        boxes["symbol"] = self.symbol_box
        if self.barcode_box is not None:
            boxes["barcode"] = self.barcode_box
        width, height = self.label
        within = phrase("a place within the label of {width} x {height} mm")
        faults = [
            self._fault(key, within, width=f"{width:g}", height=f"{height:g}")
            for key, box in boxes.items()
            if box.left + box.width > width + 1e-6 or box.top + box.height > height + 1e-6
        ]
        apart = phrase("a place apart from {other}, which it overlaps")
        faults += [
            self._fault(one, apart, other=other)
            for one, other in combinations(boxes, 2)
            if _overlap(boxes[one], boxes[other])
        ]
        return faults

    def _least_side(self) -> float:
        modules = modules_of(LABEL_VERSIONS[-1]) + 2 * QUIET_ZONE
        dots = max(LEAST_DOTS, int(LEAST_MODULE_MM * self.dots_per_mm - 1e-6) + 1)
        return modules * dots / self.dots_per_mm + 0.05

    @cached_property
    def dots_per_mm(self) -> float:
        """The printer's grid."""
        return THERMAL_DOTS_PER_MM[self.dpi] if self.printer == "thermal" else self.dpi / MM_PER_INCH

    @cached_property
    def symbol_box(self) -> Box:
        """``symbol`` with names."""
        return Box(*self.symbol)

    @cached_property
    def barcode_box(self) -> Box | None:
        """``barcode`` with names."""
        return Box(*self.barcode) if self.barcode else None

    @property
    def steps(self) -> tuple[float, float]:
        """From one label's corner to the next, across and down."""
        return self.pitch or self.label

    @property
    def per_page(self) -> int:
        """Labels on one page."""
        return self.columns * self.rows

    def corner(self, slot: int) -> tuple[float, float]:
        """Left and top edge on the page of the label in ``slot`` (0 is the top left one)."""
        row, column = divmod(slot, self.columns)
        return self.first[0] + column * self.steps[0], self.first[1] + row * self.steps[1]

    def at(self, dpi: int | None) -> "Template":
        """The same for a printer of ``dpi`` dots an inch; None: as it is.

        Raises:
            SymbolTooSmallError: a symbol of version 9 would have too small modules there.
        """
        if dpi is None or dpi == self.dpi:
            return self
        # A new value, not a copy: a copy would keep the cached grid.
        changed = Template.model_construct(**{**{n: getattr(self, n) for n in Template.model_fields}, "dpi": dpi})
        changed.require_module(modules_of(LABEL_VERSIONS[-1]))
        return changed

    def module_dots(self, modules: int) -> int:
        """Printer dots for one module of a symbol of ``modules`` a side, so that it keeps within its square."""
        return int(self.symbol_box.side * self.dots_per_mm + 1e-6) // (modules + 2 * QUIET_ZONE)

    def require_module(self, modules: int) -> int:
        """The same, where a label is to be printed.

        Raises:
            SymbolTooSmallError: fewer than two dots, or less than a third of a millimetre.
        """
        dots = self.module_dots(modules)
        if dots < LEAST_DOTS or dots / self.dots_per_mm < LEAST_MODULE_MM:
            raise SymbolTooSmallError(
                template=self.name, dpi=self.dpi, modules=modules, dots=dots, least=LEAST_DOTS,
                least_mm=LEAST_MODULE_MM, side=f"{self._least_side():.1f}",
            )  # fmt: skip
        return dots


def _overlap(one: Box, other: Box) -> bool:
    across = min(one.left + one.width, other.left + other.width) - max(one.left, other.left)
    down = min(one.top + one.height, other.top + other.height) - max(one.top, other.top)
    return across > 1e-6 and down > 1e-6
