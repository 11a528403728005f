"""统一社会信用代码, the number of every registered firm, co-operative and household business (GB 32100-2015)."""

from dataclasses import dataclass
from typing import Self

from tracelib.identifiers.digits import require_ascii, require_digits
from tracelib.identifiers.errors import AlphabetError, CheckDigitError, LengthError

WHAT = "统一社会信用代码"
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""Digits and capital letters without I, O, S, V and Z; the place of a character is its value."""

WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_VALUES = {character: value for value, character in enumerate(ALPHABET)}


def uscc_check_character(first17: str) -> str:
    """The check character for 17 characters of the alphabet: (31 − Σ valueᵢ·weightᵢ mod 31) mod 31."""
    total = sum(_VALUES[c] * weight for c, weight in zip(first17, WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


@dataclass(frozen=True, slots=True, order=True)
class Uscc:
    """Eighteen characters: authority, kind, division (6 digits), organisation (9), check character."""

    value: str

    def __post_init__(self) -> None:
        text = require_ascii(self.value, WHAT)
        if len(text) != 18:
            raise LengthError(what=WHAT, given=text, found=len(text), expected=18)
        for position, found in enumerate(text, 1):
            if found not in _VALUES:
                expected = ALPHABET
                raise AlphabetError(what=WHAT, given=text, found=found, position=position, expected=expected)
        require_digits(text[2:8], WHAT)
        expected = uscc_check_character(text[:17])
        if text[17] != expected:
            raise CheckDigitError(what=WHAT, given=text, found=text[17], expected=expected)

    @classmethod
    def parse(cls, text: str) -> Self:
        """A 统一社会信用代码 as it is printed on the licence, letters in capitals.

        Raises an :class:`~tracelib.identifiers.errors.IdentifierError`. The organisation part's own check character
        (GB 11714) is not judged: the number as a whole already has one.
        """
        return cls(text)

    @property
    def division6(self) -> str:
        """Characters 3 to 8: the division code of the authority that registered the party."""
        return self.value[2:8]

    def __str__(self) -> str:
        return self.value
