"""How the cells of one column become values, and what is noted of one that does not."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from tracelib.sheets.cells import (
    DAY_KIND,
    ROW_UNIT,
    WEIGHT_KIND,
    CellValue,
    Expectation,
    NoUnit,
    WriteInstead,
    as_seen,
    day,
    grams,
    half_width,
)
from tracelib.sheets.column import Column
from tracelib.sheets.errors import CellError, FullWidthCellError, NoUnitError, SheetFault, WriteInsteadError
from tracelib.sheets.heading import Heading, Vocabulary


@dataclass(frozen=True, slots=True)
class Reader:
    """How the cells of one column are read; ``parse`` raises ``Expectation``. ``unit_g``: grams in the unit that the
    header names, for a weight.
    """

    column: Column
    parse: Callable[[CellValue], object]
    values: Mapping[str, str]
    unit_g: int | None = None

    def read(self, cell: CellValue) -> object:
        """The value of a cell, or of what a saved mapping says that it stands for. Raises Expectation."""
        return self.parse(self.values.get(cell, cell) if isinstance(cell, str) else cell)

    def in_unit(self, unit_g: int) -> "Reader":
        """The reader of weights for a row that names its unit."""
        return replace(self, parse=partial(grams, unit_g=unit_g, other=ROW_UNIT), unit_g=unit_g)


def make_reader(heading: Heading, vocabulary: Vocabulary) -> Reader | None:
    """How the cells under a heading are read; None for a column that is not read."""
    column = heading.column
    if column is None:
        return None
    parse = column.kind.parse
    if column.kind is WEIGHT_KIND:
        parse = partial(grams, unit_g=heading.unit_g)
    elif column.kind is DAY_KIND and vocabulary.year is not None:
        parse = partial(day, year=vocabulary.year)
    return Reader(column, parse, vocabulary.values.get(column.key, {}), heading.unit_g)


def faults_of(reader: Reader, cell: CellValue, found: Expectation, place: Mapping[str, object]) -> list[SheetFault]:
    """What is wrong with a cell, and with what is to be written instead: all in one go."""
    value = as_seen(cell)
    if isinstance(found, WriteInstead):
        faults: list[SheetFault] = [WriteInsteadError(**place, value=value, kind=str(found), instead=found.instead)]
        later = _problem(reader, found.instead)
        return faults + (faults_of(reader, found.instead, later, place) if later else [])
    narrow = half_width(value) if reader.column.kind.plain else None
    if narrow is None:
        if isinstance(found, NoUnit):
            return [NoUnitError(**place, value=value)]
        return [CellError(**place, value=value, expected=str(found))]
    later, written = _problem(reader, narrow), narrow
    if isinstance(later, WriteInstead):
        written, later = later.instead, _problem(reader, later.instead)
    expected = str(found if later is None or isinstance(later, WriteInstead) else later)
    fault = FullWidthCellError(**place, value=value, half_width=written, expected=expected)
    return [fault, NoUnitError(**place, value=written)] if isinstance(later, NoUnit) else [fault]


def _problem(reader: Reader, text: str) -> Expectation | None:
    """What would be wrong with a cell if it held this text."""
    try:
        reader.read(text)
    except Expectation as found:
        return found
    return None
