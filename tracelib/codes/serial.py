"""Serial numbers: prefix (4) ‖ FF1(counter) (10) ‖ check character (1), in Crockford base32.

docs/code-format.md, "Serial, 15 characters". The tweak of FF1 is the prefix in ASCII; the counter is ten numerals of
radix 32, most significant first.
"""

import re
import unicodedata
from dataclasses import dataclass, field

from tracelib.codes import reasons
from tracelib.codes.errors import CodeFieldError, SerialError
from tracelib.codes.ff1 import Ff1
from tracelib.identifiers.digits import require_ascii

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SERIAL_LENGTH = 15
PREFIX_LENGTH = 4
COUNTER_NUMERALS = 10
COUNTERS = 32**COUNTER_NUMERALS
"""How many serials one prefix has: 2 ** 50."""
SERIAL_PATTERN = "[0-9A-HJKMNP-TV-Z]{15}"

_VALUE = {character: value for value, character in enumerate(ALPHABET)}
_PREFIX = re.compile("[0-9A-HJKMNP-TV-Z]{4}")
_SERIAL = re.compile(SERIAL_PATTERN)
_TYPED = str.maketrans("ILO", "110")
_START = 32
_GOOD = 2
"""The state after a right check character: (p + c) mod 32 = 1, and 2 · 1 mod 33 = 2."""


def _next(p: int, value: int) -> int:
    """One step of the check: ISO 7064's recursion with modulus 33, 32."""
    return 2 * ((p + value) % 32 or 32) % 33


CHECK_STEPS: tuple[bytes, ...] = tuple(
    bytes(_next(p, _VALUE[chr(c)]) for p in range(33)) if chr(c) in _VALUE else b"" for c in range(128)
)
"""For each ASCII character: the state after it, by the state before it. Other characters have an empty row."""


def check_character(first14: str) -> str:
    """The check character for the 14 characters before it, which must be of the alphabet.

    >>> check_character("7KQX9Y93Q6MJ60")
    '8'
    """
    p = _START
    for character in first14:
        p = _next(p, _VALUE[character])
    return ALPHABET[(1 - p) % 32]


def is_serial(text: str) -> bool:
    """Whether ``text`` is a serial in its one spelling: 15 characters of the alphabet, the last one right."""
    if len(text) != SERIAL_LENGTH or not text.isascii():
        return False
    t = CHECK_STEPS
    a, b, c, d, e, f, g, h, i, j, k, m, n, o, q = text.encode()
    try:  # the recursion of check_character, written out: this runs for every code that a line reads
        p = t[h][t[g][t[f][t[e][t[d][t[c][t[b][t[a][_START]]]]]]]]
        return t[q][t[o][t[n][t[m][t[k][t[j][t[i][p]]]]]]] == _GOOD
    except IndexError:  # the empty row of a character outside the alphabet
        return False


def require_serial(text: str) -> str:
    """``text`` if it is a serial as it is printed. Raises SerialError; nothing is folded or mapped."""
    if len(text) != SERIAL_LENGTH:
        raise SerialError(given=text, reason=reasons.LENGTH)
    if not _SERIAL.fullmatch(text):
        raise SerialError(given=text, reason=reasons.ALPHABET)
    if not is_serial(text):
        raise SerialError(given=text, reason=reasons.SERIAL_CHECK)
    return text


def parse_typed_serial(text: str) -> str:
    """A serial typed by hand: I and L read as 1, O as 0, spaces and all dashes dropped, case folded.

    Only for hands: what comes from a symbol is never mapped. Raises SerialError, and FullWidthError for full-width
    characters. The result identifies; it verifies nothing.
    """
    kept = "".join(c for c in text if not _is_filler(c))
    return require_serial(require_ascii(kept, "serial number").upper().translate(_TYPED))


def _is_filler(character: str) -> bool:
    """Spaces of any kind, line ends, every dash (category Pd) and the minus sign."""
    return character in "\t\r\n\u2212" or unicodedata.category(character) in ("Zs", "Pd")


def grouped(serial: str) -> str:
    """The serial as it is printed for people: three groups of five.

    >>> grouped("7KQX9Y93Q6MJ608")
    '7KQX9-Y93Q6-MJ608'
    """
    return "-".join(serial[i : i + 5] for i in range(0, SERIAL_LENGTH, 5))


@dataclass(frozen=True, slots=True)
class SerialCipher:
    """The serials of one delegation: the key K (32 bytes) and the prefix that belong together."""

    k: bytes = field(repr=False)
    prefix: str

    def __post_init__(self) -> None:
        if not _PREFIX.fullmatch(self.prefix):
            raise CodeFieldError(field="prefix", given=self.prefix, reason=reasons.PREFIX_SHAPE)
        if len(self.k) != 32:
            raise CodeFieldError(field="serial key", given=f"{len(self.k)} bytes", reason=reasons.LENGTH)

    def serial_of(self, counter: int) -> str:
        """The serial for a counter from 0 to 2 ** 50 - 1."""
        if not 0 <= counter < COUNTERS:
            raise CodeFieldError(field="counter", given=counter, reason=reasons.OUT_OF_RANGE)
        plain = [counter >> shift & 31 for shift in range(45, -1, -5)]
        body = self.prefix + "".join(ALPHABET[n] for n in self._ff1().encrypt(plain))
        return body + check_character(body)

    def counter_of(self, serial: str) -> int:
        """The counter behind a serial with this prefix. Raises SerialError for another prefix or a wrong serial.

        Every well-formed serial has a counter: whether it was ever issued is a matter of quota and registration.
        """
        require_serial(serial)
        if not serial.startswith(self.prefix):
            raise SerialError(given=serial, reason=reasons.PREFIX)
        counter = 0
        for numeral in self._ff1().decrypt([_VALUE[c] for c in serial[PREFIX_LENGTH:-1]]):
            counter = counter << 5 | numeral
        return counter

    def serials(self, first: int, count: int) -> list[str]:
        """The serials of ``count`` counters from ``first``, computed together."""
        from tracelib.codes.ff1_bulk import serial_rows

        rows = serial_rows(self, first, count).tobytes().decode("ascii")
        return [rows[i : i + SERIAL_LENGTH] for i in range(0, len(rows), SERIAL_LENGTH)]

    def _ff1(self) -> Ff1:
        return Ff1(self.k, 32, self.prefix.encode("ascii"))
