"""Weights as people write them: a number and a unit by its name, in whole grams. Never a float, never a guess."""

import re
import unicodedata
from decimal import Decimal

from tracelib.batches.batch import HEAVIEST_G
from tracelib.batches.errors import WeightTextError, WeightUnitError

UNITS = {
    "千克": 1000,
    "公斤": 1000,
    "kg": 1000,
    "kgs": 1000,
    "斤": 500,
    "市斤": 500,
    "克": 1,
    "g": 1,
    "吨": 1_000_000,
    "公吨": 1_000_000,
    "t": 1_000_000,
}
"""Grams in one unit, by the folded name. A 斤 is the market 斤 of mainland China: 500 g."""
_NUMBER = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,15})?)(.*)", re.DOTALL)


def fold_unit(text: str) -> str:
    """A unit's name without case, spaces and compatibility forms (㎏ is kg)."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def split_weight(text: str) -> tuple[Decimal, str] | None:
    """(number, unit as written, maybe empty) of a text such as ``1000 斤``; None where no number stands first."""
    match = _NUMBER.fullmatch(text)
    return (Decimal(match[1]), match[2].strip()) if match else None


def whole_grams(number: Decimal, unit_g: int) -> int | None:
    """The weight in grams where it is above nothing, whole, and no heavier than a batch may be; else None."""
    grams = number * unit_g
    return int(grams) if grams == int(grams) and 0 < grams <= HEAVIEST_G else None


def parse_weight(text: str) -> int:
    """Grams of a text such as ``500kg``, ``1000 斤`` or ``1.5吨``; the unit must be named.

    Raises:
        WeightUnitError: no unit, or one that is no weight.
        WeightTextError: no number, below a gram, or above 10,000 t.
    """
    found = split_weight(text.strip())
    if found is None:
        raise WeightTextError(given=text)
    number, unit = found
    unit_g = UNITS.get(fold_unit(unit))
    if unit_g is None:
        raise WeightUnitError(given=text)
    grams = whole_grams(number, unit_g)
    if grams is None:
        raise WeightTextError(given=text)
    return grams
