"""The only judge of digits and of ASCII.

``str.isdigit`` and ``\\d`` let full-width and Arabic digits through, and Chinese keyboards produce full-width ones.
Everything that reads a number from text asks here.
"""

from tracelib.errors import shown
from tracelib.identifiers.errors import (
    CheckDigitError,
    FullWidthError,
    LengthError,
    NotAsciiError,
    NotDigitsError,
)

DIGITS = frozenset("0123456789")
LONGEST_NUMBER = 15
_FIRST_FULL_WIDTH, _LAST_FULL_WIDTH = 0xFF01, 0xFF5E
_TO_HALF_WIDTH = {wide: wide - 0xFEE0 for wide in range(_FIRST_FULL_WIDTH, _LAST_FULL_WIDTH + 1)} | {0x3000: 0x20}


def require_ascii(text: str, what: str) -> str:
    """``text`` if all of it is ASCII; full-width characters are refused by name, others with their code point."""
    if text.isascii():
        return text
    if any(_FIRST_FULL_WIDTH <= ord(c) <= _LAST_FULL_WIDTH for c in text):
        raise FullWidthError(what=what, given=text, half_width=text.translate(_TO_HALF_WIDTH))
    position, found = next((i, c) for i, c in enumerate(text, 1) if not c.isascii())
    raise NotAsciiError(what=what, given=text, found=found, codepoint=f"{ord(found):04X}", position=position)


def require_digits(text: str, what: str, *lengths: int) -> str:
    """``text`` if it is ASCII digits only and, where lengths are given, has one of them.

    Raises FullWidthError, NotAsciiError, NotDigitsError or LengthError, in this order.
    """
    require_ascii(text, what)
    if not text.isdigit():  # ASCII is settled, so this means 0 to 9; empty text is no digits
        for position, found in enumerate(text, 1):
            if found not in DIGITS:
                raise NotDigitsError(what=what, given=text, found=shown(found), position=position)
    if not text or (lengths and len(text) not in lengths):
        expected = " / ".join(map(str, lengths)) or "1"
        raise LengthError(what=what, given=text, found=len(text), expected=expected)
    return text


def parse_whole_number(text: str, what: str) -> int:
    """A whole number of 1 to 15 ASCII digits, without sign, space or separator (``int`` takes ``５`` and ``1_0``)."""
    if len(require_digits(text, what)) > LONGEST_NUMBER:
        raise LengthError(what=what, given=text, found=len(text), expected=f"1-{LONGEST_NUMBER}")
    return int(text)


def gs1_check_digit(payload: str) -> str:
    """The check digit that follows ``payload``, which must be ASCII digits.

    GS1 General Specifications, section 7.9.1: from the right, weights 3, 1, 3, 1 …; the digit completes the sum to a
    multiple of ten. The same for every length of GTIN, for SSCC and GLN.
    """
    values = payload.encode("ascii")
    total = 3 * (sum(values[-1::-2]) - 48 * len(values[-1::-2])) + sum(values[-2::-2]) - 48 * len(values[-2::-2])
    return str(-total % 10)


def require_gs1_check_digit(text: str, what: str) -> str:
    """``text``, ASCII digits, if its last digit is the right check digit for those before it."""
    expected = gs1_check_digit(text[:-1])
    if text[-1] != expected:
        raise CheckDigitError(what=what, given=text, found=text[-1], expected=expected)
    return text
