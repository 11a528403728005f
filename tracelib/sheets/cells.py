"""What a cell holds, and how it becomes a value: own numbers, days, weights, division codes, texts.

Never a float, never a guess.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tracelib.batches.batch import EARLIEST, HEAVIEST_G, LATEST, LONGEST_TEXT
from tracelib.errors import FormatError
from tracelib.identifiers.digits import require_ascii
from tracelib.identifiers.division import DivisionCode
from tracelib.identifiers.errors import FullWidthError
from tracelib.identifiers.own_number import parse_own_number

CellValue = str | date
"""What a reader delivers: text (numbers as a person sees them) or a day, where the spreadsheet knows it for one."""
FAULTY = object()
"""Stands for a cell whose fault was noted already."""
Cells = dict[int, CellValue | object]
"""The cells of one row by zero-based column, empty ones left out."""

OWN_NUMBER = "1 to 20 characters of 0-9, A-Z, full stop and hyphen, beginning and ending with a digit or capital letter"
NOT_A_DATE = "text: the spreadsheet made a date of it; format the column as text and type it again"
DAY = "a day such as 2026-11-03, 2026/11/3, 20261103, 2026年11月3日 or an Excel date, without a time"
EXISTING_DAY = "a day that is in the calendar"
KILOGRAMS = "kilograms as a plain number above 0 with at most three decimals, such as 1200 or 350.5, without a unit"
DIVISION = "a division code of 6, 9 or 12 digits, such as 360726"
LINE = "one line of at most 200 characters, without control characters"
PLAUSIBLE_DAY = "a day from 2000-01-01 to 2099-12-31"
PLAUSIBLE_WEIGHT = "at most 10000000 kilograms (10000 tonnes) for one batch"

GRAMS_IN_KILOGRAM = 1000
_DAY_FORMS = tuple(
    re.compile(form)
    for form in (
        r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})",
        r"([0-9]{4})/([0-9]{1,2})/([0-9]{1,2})",
        r"([0-9]{4})([0-9]{2})([0-9]{2})",
        r"([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})日",
    )
)
_KILOGRAMS = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,15})?")


class Expectation(ValueError):
    """A cell is not what was expected; the text is an English phrase that translations know."""


def clean(text: str) -> str:
    """Text without spaces at its ends (also full-width and no-break ones), its line breaks and tabs made spaces."""
    for found in ("\r\n", "\n", "\r", "\t"):
        text = text.replace(found, " ")
    return text.strip(" \u3000\u00a0\ufeff")


def half_width(cell: CellValue) -> str | None:
    """The cell with its full-width characters made plain, or None where it has none."""
    try:
        require_ascii(str(cell), "lot")
    except FullWidthError as error:
        return str(error.params["half_width"])
    except FormatError:
        pass
    return None


def own_number(cell: CellValue) -> str:
    """A party, product or lot number; case is not folded."""
    if isinstance(cell, date):
        raise Expectation(NOT_A_DATE)
    try:
        return parse_own_number(cell, "lot")
    except FormatError:
        raise Expectation(OWN_NUMBER) from None


def day(cell: CellValue) -> date:
    """A day, from an Excel date or from one of four forms of text."""
    if isinstance(cell, date):
        return _plausible(cell)
    match = next((match for form in _DAY_FORMS if (match := form.fullmatch(cell))), None)
    if match is None:
        raise Expectation(DAY)
    try:
        found = date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        raise Expectation(EXISTING_DAY) from None
    return _plausible(found)


def _plausible(found: date) -> date:
    if not EARLIEST <= found <= LATEST:
        raise Expectation(PLAUSIBLE_DAY)
    return found


def grams(cell: CellValue) -> int:
    """Kilograms with at most three decimals, as whole grams."""
    if isinstance(cell, date) or not _KILOGRAMS.fullmatch(cell):
        raise Expectation(KILOGRAMS)
    weight = Decimal(cell) * GRAMS_IN_KILOGRAM
    if weight != int(weight) or weight == 0:
        raise Expectation(KILOGRAMS)
    if weight > HEAVIEST_G:
        raise Expectation(PLAUSIBLE_WEIGHT)
    return int(weight)


def division(cell: CellValue) -> str:
    """A division code."""
    if isinstance(cell, date):
        raise Expectation(DIVISION)
    try:
        return DivisionCode.parse(cell).value
    except FormatError:
        raise Expectation(DIVISION) from None


def line(cell: CellValue) -> str:
    """Free text on one line."""
    text = cell.isoformat() if isinstance(cell, date) else cell
    if len(text) > LONGEST_TEXT or not text.isprintable():
        raise Expectation(LINE)
    return text


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of column: how a cell becomes a value, what is expected, how a spreadsheet formats it.

    ``plain`` cells hold no full-width character; ``parse`` raises ``Expectation``.
    """

    parse: Callable[[CellValue], object]
    expected: str
    number_format: str = "@"
    plain: bool = True


NUMBER_KIND = Kind(own_number, OWN_NUMBER)
DAY_KIND = Kind(day, DAY, number_format="yyyy-mm-dd")
WEIGHT_KIND = Kind(grams, KILOGRAMS, number_format="General")
DIVISION_KIND = Kind(division, DIVISION)
LINE_KIND = Kind(line, LINE, plain=False)
