"""What a cell holds, and how it becomes a value: own numbers, days, weights, division codes, texts.

Never a float, never a guess.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tracelib.batches.batch import EARLIEST, HEAVIEST_G, LATEST, LONGEST_TEXT
from tracelib.batches.weight import UNITS, fold_unit, split_weight, whole_grams
from tracelib.errors import FormatError
from tracelib.identifiers.digits import require_ascii
from tracelib.identifiers.division import DivisionCode
from tracelib.identifiers.errors import FullWidthError
from tracelib.identifiers.own_number import parse_own_number

CellValue = str | date
"""What a reader delivers: text (numbers as a person sees them) or a day, where the spreadsheet knows it for one."""
FAULTY = object()
"""Stands for a value that could not be read; its fault was noted."""


class Decimals(str):
    """The text of a cell that the spreadsheet keeps as a number with decimals."""

    __slots__ = ()


class FormattedNumber(str):
    """The text of a number whose format (``code``) shows more than the number; ``shown`` is what is seen: 10吨."""

    shown: str
    code: str

    def __new__(cls, number: str, shown: str, code: str) -> "FormattedNumber":
        """A number, how it is shown, and by which format."""
        made = super().__new__(cls, number)
        made.shown, made.code = shown, code
        return made


def as_seen(cell: CellValue) -> CellValue:
    """A cell as a person sees it, with the words of its number format."""
    return cell.shown if isinstance(cell, FormattedNumber) else cell


@dataclass(frozen=True, slots=True)
class FaultyCell:
    """A cell that holds no value: a formula, an error of the spreadsheet program. Its fault counts where it is read."""

    text: str
    fault: FormatError


Cells = dict[int, CellValue | FaultyCell]
"""The cells of one row by zero-based column, empty ones left out."""

OWN_NUMBER = "1 to 20 characters of 0-9, A-Z, full stop and hyphen, beginning and ending with a digit or capital letter"
NAME_FOR_NUMBER = (
    "its number or code; what a name stands for is said once with: "
    'tracelib batch map FILE --value "HEADER:NAME=NUMBER" --name MAPPING'
)
NOT_A_DATE = "text: the spreadsheet made a date of it; format the column as text and type it again"
NOT_SHORTENED = "the whole number: the spreadsheet shortened it; format the column as text and type it again"
DAY = "a day such as 2026-11-03, 2026/11/3, 2026.11.3, 20261103, 2026年11月3日 or an Excel date, without a time"
EXISTING_DAY = "a day that is in the calendar"
FOUR_DIGIT_YEAR = "a day with a year of four digits, such as 2026-11-03"
DAY_WITH_YEAR = "a day with its year, such as 2026-11-03, or a saved mapping with --year (tracelib batch map)"
DAY_NOT_SERIAL = "a day: spreadsheets keep days as such numbers; format the column as a date, so that it shows the day"
WEIGHT = "a weight above 0, exact to the gram: a plain number such as 1200 or 350.5, or with its unit, such as 700斤"
OWN_UNIT = "a weight in 公斤, 千克, kg, 斤, 吨, t, 克 or g: 担, 箱, 件 and the like are no fixed weights"
HEADER_UNIT = "the unit of the header: this cell names another one"
ROW_UNIT = "the unit of its row: the column of units names another one"
UNIT = "the unit of the weight: 公斤, 千克, kg, 斤, 吨, t, 克 or g; 担, 箱, 件 and the like are no fixed weights"
AS_SHOWN = "text: the number format adds words to the number; format the column as text and type it as it is shown"
DIVISION = "a division code of 6, 9 or 12 digits, such as 360726"
LINE = "one line of at most 200 characters, without control characters"
EXACT_WEIGHT = "the exact weight: a number alone, without words such as 约, 大概 or 左右"
TRUTH = "a number as it stands on the goods: the cell holds a truth value; format the column as text and type it again"
DECIMALS = "text: the cell holds a number with decimals; format the column as text and type it again"
FINER = "a weight exact to the gram: in kg at most three decimals, in 斤 and 吨 as many as make whole grams"
DECIMAL_COMMA = "a comma for the decimal point"
FULL_STOP = "a full stop behind the unit"
WORDS_BEFORE = "words before the number"
COMMAS = "commas between the digits"
TWO_UNITS = "two units in one weight"
TEN_THOUSANDS = "the word 万"
SMALL_LETTERS = "small letters"
PLAUSIBLE_DAY = "a day from 2000-01-01 to 2099-12-31"
PLAUSIBLE_WEIGHT = "at most 10000000 kilograms (10000 tonnes) for one batch"

GRAMS_IN_KILOGRAM = 1000
_DAY_FORMS = tuple(
    re.compile(form + r"(?:[ T]00?:00(?::00(?:\.0+)?)?)?")
    for form in (
        r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})",
        r"([0-9]{4})/([0-9]{1,2})/([0-9]{1,2})",
        r"([0-9]{4})\.([0-9]{1,2})\.([0-9]{1,2})",
        r"([0-9]{4})([0-9]{2})([0-9]{2})",
        r"([0-9]{4}) ?年 ?([0-9]{1,2}) ?月 ?([0-9]{1,2}) ?[日号]",
    )
)
_YEARLESS = re.compile(r"([0-9]{1,2}) ?月 ?([0-9]{1,2}) ?[日号]")
_SHORT_YEAR = re.compile(r"'?[0-9]{2}[-/.年][0-9]{1,2}[-/.月][0-9]{1,2}[日号]?")
_SERIAL = re.compile(r"[3-6][0-9]{4}")
_ABOUT = re.compile(r"(?:大?约|大概|差不多|近|不到|~|≈).*|.*(?:左右|上下|余|多)(?:[^0-9]*)")
_COMMAS = re.compile(r"([0-9]{1,3}(?:[,，][0-9]{3})+(?:\.[0-9]+)?)([^0-9]*)")
_DECIMAL_COMMA = re.compile(r"([0-9]{1,3}(?:\.[0-9]{3})+|[0-9]{1,9})[,，]([0-9]{1,3} *[^0-9,，]*)")
_UNIT_STOP = re.compile(r"([0-9.]+ *([^0-9.]+))\.")
_WORDS_BEFORE = re.compile(r"(?:净重|总净重|重量|net|net weight|weight)[:：]? *([0-9.]+ *[^0-9.]*)", re.IGNORECASE)
_TWO_UNITS = re.compile(r"([0-9.]+) *(吨|公斤|千克|kg|t) *([0-9.]+) *(公斤|千克|kg|斤|克|g)", re.IGNORECASE)
_TEN_THOUSANDS = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,6})?) *万 *([^0-9]*)")
_SHORTENED = re.compile(r"[0-9](?:\.[0-9]+)?[Ee]\+[0-9]+")


class Expectation(ValueError):
    """A cell is not what was expected; the text is an English phrase that translations know."""


class WriteInstead(Expectation):
    """A cell that is understood but not read as it stands: what is in it (a phrase), and what to write instead."""

    def __init__(self, has: str, instead: str) -> None:
        super().__init__(has)
        self.instead = instead


class NoUnit(Expectation):
    """A weight without a unit, under a header without one."""


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
        _want_capitals(cell)
        raise Expectation(NOT_SHORTENED if _SHORTENED.fullmatch(cell) else OWN_NUMBER) from None


def _want_capitals(cell: str) -> None:
    """Raise WriteInstead where capital letters are all that an own number lacks."""
    try:
        parse_own_number(cell.upper(), "lot")
    except FormatError:
        return
    if cell != cell.upper() and not _SHORTENED.fullmatch(cell):
        raise WriteInstead(SMALL_LETTERS, cell.upper())


def lot_number(cell: CellValue) -> str:
    """A lot's number; never what a spreadsheet keeps as a truth value or as a number with decimals."""
    if cell in ("TRUE", "FALSE"):
        raise Expectation(TRUTH)
    if isinstance(cell, FormattedNumber):
        raise Expectation(AS_SHOWN)
    if isinstance(cell, Decimals) and not _SHORTENED.fullmatch(cell):
        raise Expectation(DECIMALS)
    return own_number(cell)


def registered_number(cell: CellValue) -> str:
    """The number of a party or product; for a name, how to say what it stands for."""
    if isinstance(cell, str) and not cell.isascii() and half_width(cell) is None:
        raise Expectation(NAME_FOR_NUMBER)
    return own_number(cell)


def day(cell: CellValue, year: int | None = None) -> date:
    """A day, from an Excel date or from one of the forms of text; ``year`` is for days that are written without one."""
    if isinstance(cell, date):
        return _plausible(cell)
    match = next((match for form in _DAY_FORMS if (match := form.fullmatch(cell))), None)
    numbers = [int(group) for group in match.groups()] if match else []
    if not numbers and year is not None and (yearless := _YEARLESS.fullmatch(cell)):
        numbers = [year, int(yearless[1]), int(yearless[2])]
    if not numbers:
        raise Expectation(_why_no_day(cell))
    try:
        found = date(*numbers)
    except ValueError:
        raise Expectation(EXISTING_DAY) from None
    return _plausible(found)


def _why_no_day(text: str) -> str:
    kinds = ((_YEARLESS, DAY_WITH_YEAR), (_SHORT_YEAR, FOUR_DIGIT_YEAR), (_SERIAL, DAY_NOT_SERIAL))
    return next((expected for form, expected in kinds if form.fullmatch(text)), DAY)


def _plausible(found: date) -> date:
    if not EARLIEST <= found <= LATEST:
        raise Expectation(PLAUSIBLE_DAY)
    return found


def grams(cell: CellValue, unit_g: int | None = GRAMS_IN_KILOGRAM, other: str = HEADER_UNIT) -> int:
    """A weight in whole grams. ``unit_g``: grams in the unit that the header or the row names, None where neither does;
    ``other``: what is expected of a cell that names another one. The words of a number format count as the cell's own.
    """
    cell = as_seen(cell)
    found = None if isinstance(cell, date) else split_weight(cell)
    if found is None or (found[1] and not fold_unit(found[1]).isalpha()):
        raise _why_no_weight("" if isinstance(cell, date) else cell)
    number, unit = found
    named_g = UNITS.get(fold_unit(unit)) if unit else unit_g
    if named_g is None:
        if not unit:
            raise NoUnit(WEIGHT)
        why = _why_no_weight(str(cell))
        raise Expectation(OWN_UNIT) if str(why) == WEIGHT else why
    if unit_g is not None and named_g != unit_g:
        raise Expectation(other)
    weight = whole_grams(number, named_g)
    if weight is None:
        too_much = number * named_g > HEAVIEST_G
        raise Expectation(PLAUSIBLE_WEIGHT if too_much else FINER if number else WEIGHT)
    return weight


def _why_no_weight(text: str) -> Expectation:
    for form, has, rewritten in _REWRITTEN:
        if (match := form.fullmatch(text)) and (instead := rewritten(match)):
            return WriteInstead(has, instead)
    return Expectation(EXACT_WEIGHT if _ABOUT.fullmatch(text) else WEIGHT)


def _together(first: str, unit: str, second: str, smaller: str) -> str:
    """A weight in two units, in kilograms; empty where it is none."""
    try:
        total = Decimal(first) * UNITS[fold_unit(unit)] + Decimal(second) * UNITS[fold_unit(smaller)]
    except ArithmeticError:
        return ""
    return f"{_plain(total / GRAMS_IN_KILOGRAM)}公斤"


def _plain(number: Decimal) -> str:
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def unit_grams(cell: CellValue, header_g: int | None = None) -> int:
    """Grams in the unit that a cell names; ``header_g`` in the one that the header of the weights names, if any."""
    unit_g = unit_named(cell)
    if unit_g is None:
        raise Expectation(UNIT)
    if header_g not in (None, unit_g):
        raise Expectation(HEADER_UNIT)
    return unit_g


def unit_named(cell: object) -> int | None:
    """Grams in the unit that is all a cell says, in brackets or not; None where it says anything else."""
    return UNITS.get(fold_unit(cell).strip("()[]")) if isinstance(cell, str) else None


_REWRITTEN: tuple[tuple[re.Pattern[str], str, Callable[[re.Match[str]], str]], ...] = (
    (_COMMAS, COMMAS, lambda match: re.sub("[,，]", "", match[1]) + match[2]),
    (_DECIMAL_COMMA, DECIMAL_COMMA, lambda match: f"{match[1].replace('.', '')}.{match[2]}"),
    (_TEN_THOUSANDS, TEN_THOUSANDS, lambda match: f"{_plain(Decimal(match[1]) * 10_000)}{match[2]}"),
    (_TWO_UNITS, TWO_UNITS, lambda match: _together(*match.groups())),
    (_UNIT_STOP, FULL_STOP, lambda match: match[1] if fold_unit(match[2]) in UNITS else ""),
    (_WORDS_BEFORE, WORDS_BEFORE, lambda match: match[1]),
)
"""Weights that are understood but not read: the form, what is in it, and what to write instead (empty: nothing)."""


def division(cell: CellValue) -> str:
    """A division code."""
    if isinstance(cell, date):
        raise Expectation(DIVISION)
    try:
        return DivisionCode.parse(cell).value
    except FormatError:
        raise Expectation(DIVISION if cell.isascii() or half_width(cell) else NAME_FOR_NUMBER) from None


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
LOT_KIND = Kind(lot_number, OWN_NUMBER)
REGISTERED_KIND = Kind(registered_number, OWN_NUMBER)
DAY_KIND = Kind(day, DAY, number_format="yyyy-mm-dd")
WEIGHT_KIND = Kind(grams, WEIGHT, number_format="General")
UNIT_KIND = Kind(unit_grams, UNIT, plain=False)
DIVISION_KIND = Kind(division, DIVISION)
LINE_KIND = Kind(line, LINE, plain=False)
