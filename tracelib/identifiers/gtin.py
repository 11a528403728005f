"""GTIN: the number of a trade item (AI 01). GS1 General Specifications, sections 2.1 and 7.9.1."""

from dataclasses import dataclass
from typing import Self

from tracelib.identifiers.digits import require_digits, require_gs1_check_digit

GTIN_LENGTHS = (8, 12, 13, 14)
_RESTRICTED_PREFIXES = ("02", "04", "20", "21", "22", "23", "24", "25", "26", "27", "28", "29")


@dataclass(frozen=True, slots=True, order=True)
class Gtin:
    """A GTIN in its one spelling: 14 digits, shorter ones padded with zeros on the left, check digit right.

    >>> Gtin.parse("6901234567892").value
    '06901234567892'
    """

    value: str

    def __post_init__(self) -> None:
        require_gs1_check_digit(require_digits(self.value, "GTIN", 14), "GTIN")

    @classmethod
    def parse(cls, text: str) -> Self:
        """A GTIN-8, -12, -13 or -14 as text. Nothing is trimmed, nothing but ASCII digits passes.

        Raises an :class:`~tracelib.identifiers.errors.IdentifierError`. Never used to guess what a bare number is.
        """
        return cls(require_digits(text, "GTIN", *GTIN_LENGTHS).zfill(14))

    @property
    def is_restricted(self) -> bool:
        """Whether the number is for restricted circulation: unique in one firm or region only.

        Digits 2 and 3 are 02, 04 or 20 to 29 (docs/code-format.md); also a GTIN-8 that begins with 0 or 2 (RCN-8, GS1
        General Specifications, section 1.4: GS1-8 prefixes 000–099 and 200–299). Such a number never leaves as a
        global GTIN and is refused on production labels.
        """
        return self.value[1:3] in _RESTRICTED_PREFIXES or (self.value[1:6] == "00000" and self.value[6] in "02")

    def __str__(self) -> str:
        return self.value
