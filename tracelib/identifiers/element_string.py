"""GS1 element strings as readers send them (FNC1 as GS, AIM identifiers), read strictly.

GS1 General Specifications, section 7.8. Formats come from ``biip``; what it lets through and GS1's engine does not is
refused: wrong check digits, a missing separator, repeated identifiers, pairs that do not go together, blanks at the
ends.
"""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracelib.errors import shown
from tracelib.identifiers.application_identifier import (
    CSET_82,
    Element,
    RepeatedAiError,
    check_pairs,
    check_value,
    definition_at,
)
from tracelib.identifiers.digits import require_ascii
from tracelib.identifiers.errors import IdentifierError
from tracelib.identifiers.gln import Gln
from tracelib.identifiers.gtin import Gtin
from tracelib.identifiers.sscc import Sscc
from tracelib.identifiers.symbology import GS1_ELEMENT_STRING_SYMBOLS, split_aim

if TYPE_CHECKING:
    from biip.gs1_application_identifiers import GS1ApplicationIdentifier

WHAT = "GS1 element string"
GS = "\x1d"
LONGEST = 1_000
_LENGTH_WITHOUT_SEPARATOR = {"00": 18, "01": 14, "02": 14, "03": 14, "20": 2}
_LENGTH_WITHOUT_SEPARATOR |= dict.fromkeys(("11", "12", "13", "15", "16", "17"), 6)
_LENGTH_WITHOUT_SEPARATOR |= dict.fromkeys(("31", "32", "33", "34", "35", "36"), 6) | {"41": 13}


class SeparatorError(IdentifierError):
    """A variable-length value that runs on: the reader dropped the separator."""

    code = "gs1.separator"
    template = (
        "{what}: application identifier ({ai}) takes {expected}, but «{given}» follows without a separator; "
        "set the reader to send FNC1 as GS (0x1D)."
    )


class NoElementError(IdentifierError):
    """No element where one must stand: nothing at all, or two separators in a row."""

    code = "gs1.no_element"
    template = "{what}: «{given}» has no element at position {position}."


class NotElementStringsError(IdentifierError):
    """The symbol is of a kind that holds something else."""

    code = "gs1.symbol"
    template = "{what}: the symbol {symbology} does not hold element strings of GS1; expected {expected}."


@dataclass(frozen=True, slots=True)
class ElementStrings:
    """The elements of one symbol in the order read; ``symbology`` is the AIM identifier, empty where none was sent."""

    elements: tuple[Element, ...]
    symbology: str = ""

    def get(self, ai: str) -> str | None:
        """The value of an application identifier, or None."""
        return next((element.value for element in self.elements if element.ai == ai), None)

    @property
    def gtin(self) -> Gtin | None:
        """AI 01."""
        value = self.get("01")
        return None if value is None else Gtin(value)

    @property
    def sscc(self) -> Sscc | None:
        """AI 00."""
        value = self.get("00")
        return None if value is None else Sscc(value)

    @property
    def gln(self) -> Gln | None:
        """AI 414, the place."""
        value = self.get("414")
        return None if value is None else Gln(value)

    @property
    def lot(self) -> str | None:
        """AI 10."""
        return self.get("10")

    @property
    def serial(self) -> str | None:
        """AI 21."""
        return self.get("21")

    def as_hri(self) -> str:
        """Human-readable: ``(01)06901234567892(10)26A0137``."""
        return "".join(f"({element.ai}){element.value}" for element in self.elements)


def parse_element_string(text: str, *, whole_item: bool = True) -> ElementStrings:
    """Read what a reader sent for one GS1 symbol, with or without AIM identifier; GS (0x1D) stands for FNC1.

    One GS at the start (the first FNC1, which some readers send) and one after each element are allowed. An identifier
    that is repeated with the same value counts once. ``whole_item=False`` leaves out the pairing rules: for one of
    several symbols on an item. Raises an :class:`~tracelib.identifiers.errors.IdentifierError`.

    >>> parse_element_string("]C1010690123456789210A1\\x1d21B2").as_hri()
    '(01)06901234567892(10)A1(21)B2'
    """
    require_ascii(text, WHAT)
    if len(text) > LONGEST:
        raise NoElementError(what=WHAT, given=shown(text), position=LONGEST)
    symbology, data = split_aim(text)
    if symbology and symbology not in GS1_ELEMENT_STRING_SYMBOLS:
        raise NotElementStringsError(
            what=WHAT, given=text, symbology=symbology, expected=" ".join(GS1_ELEMENT_STRING_SYMBOLS)
        )
    elements: dict[str, Element] = {}
    rest = data.removeprefix(GS)
    if not rest:
        raise NoElementError(what=WHAT, given=text, position=len(text) - len(rest) + 1)
    while rest:
        if rest.startswith(GS):
            raise NoElementError(what=WHAT, given=text, position=len(text) - len(rest) + 1)
        element, rest = _first(rest)
        known = elements.setdefault(element.ai, element)
        if known.value != element.value:
            raise RepeatedAiError(what=WHAT, ai=element.ai, given=known.value, other=element.value)
    if whole_item:
        check_pairs(elements.values(), WHAT)
    return ElementStrings(tuple(elements.values()), symbology)


def _first(rest: str) -> tuple[Element, str]:
    """The element that ``rest`` begins with, and what follows it and its separator."""
    definition = definition_at(rest, WHAT)
    ai = definition.ai
    data, _, after = rest[len(ai) :].partition(GS)
    length = _LENGTH_WITHOUT_SEPARATOR.get(ai[:2])
    if length is not None and len(data) > length:
        return check_value(ai, data[:length], WHAT), rest[len(ai) + length :]
    _refuse_run_on(definition, data)
    return check_value(ai, data, WHAT), after


def _refuse_run_on(definition: "GS1ApplicationIdentifier", data: str) -> None:
    """Name a lost separator as such: the value's beginning fits, its end is too much."""
    matched = re.match(definition.pattern.removesuffix("$"), definition.ai + data)
    if CSET_82.fullmatch(data) and matched and matched.end() < len(definition.ai) + len(data):
        expected = definition.format.partition("+")[2]
        raise SeparatorError(
            what=WHAT, ai=definition.ai, given=data[matched.end() - len(definition.ai) :], expected=expected
        )
