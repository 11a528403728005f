"""SSCC: the number of one logistic unit (AI 00). GS1 General Specifications, sections 2.2 and 7.9.1."""

from dataclasses import dataclass
from typing import Self

from tracelib.identifiers.digits import gs1_check_digit, require_digits, require_gs1_check_digit


@dataclass(frozen=True, slots=True, order=True)
class Sscc:
    """Eighteen digits: extension digit, company prefix and serial reference (16 digits together), check digit."""

    value: str

    def __post_init__(self) -> None:
        require_gs1_check_digit(require_digits(self.value, "SSCC", 18), "SSCC")

    @classmethod
    def parse(cls, text: str) -> Self:
        """An SSCC as 18 ASCII digits. Raises an :class:`~tracelib.identifiers.errors.IdentifierError`."""
        return cls(text)

    @classmethod
    def compose(cls, first17: str) -> Self:
        """The SSCC whose first 17 digits are given: adds the check digit.

        >>> Sscc.compose("00614141123456789").value
        '006141411234567890'
        """
        digits = require_digits(first17, "SSCC", 17)
        return cls(digits + gs1_check_digit(digits))

    @property
    def extension_digit(self) -> str:
        """The first digit, free for the party that allots the number."""
        return self.value[0]

    def __str__(self) -> str:
        return self.value
