"""The 75 bytes that a code carries before its path, as 120 characters of base32 (RFC 4648, upper case).

========  =====  ==============================================================
offset    bytes  field
========  =====  ==============================================================
0         1      format 1 (high nibble) and suite (low nibble)
1         5      key id
6         2      day, big endian
8         3      weight · 256 + grade · 16 + level, big endian
11        64     signature
========  =====  ==============================================================

75 bytes are exactly 120 characters without spare bits, so one value has one spelling.
"""

import base64
import struct
from typing import NamedTuple

FORMAT = 1
BLOB_LENGTH = 75
BLOB_CHARACTERS = 120
BLOB_PATTERN = "[A-Z2-7]{120}"
KNOWN_SUITES = (1, 2)

BASE32 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_PYTHON_DIGITS = b"0123456789abcdefghijklmnopqrstuv"
_TO_DIGITS = bytes.maketrans(BASE32, _PYTHON_DIGITS)
_KNOWN_FIRST_BYTES = frozenset(FORMAT << 4 | suite for suite in KNOWN_SUITES)
_LAYOUT = struct.Struct(">B5sHHB64s")
assert _LAYOUT.size == BLOB_LENGTH  # noqa: S101 - the layout above


class Blob(NamedTuple):
    """The fields of a blob, named as in :class:`~tracelib.codes.record.CodeRecord`."""

    suite: int
    key_id: bytes
    day: int
    weight_10g: int
    grade: int
    level: int
    signature: bytes

    def encode(self) -> bytes:
        """The 75 bytes."""
        return _LAYOUT.pack(
            FORMAT << 4 | self.suite,
            self.key_id,
            self.day,
            self.weight_10g,
            self.grade << 4 | self.level,
            self.signature,
        )

    def as_text(self) -> str:
        """The 120 characters."""
        return base32_of(self.encode())


def base32_of(blob: bytes) -> str:
    """75 bytes as 120 characters."""
    return base64.b32encode(blob).decode("ascii")


def decode_blob(text: str) -> Blob | None:
    """A blob from its 120 characters (``BLOB_PATTERN``); None for a format or suite that is unknown here."""
    fields = blob_fields(text)
    return None if fields is None else Blob(*fields)


def blob_fields(text: str) -> tuple[int, bytes, int, int, int, int, bytes] | None:
    """The fields of a :class:`Blob` as a bare tuple, for the parser."""
    # int() reads radix 32 in C; base64.b32decode is written in Python and takes ten times as long
    raw = int(text.encode().translate(_TO_DIGITS), 32).to_bytes(BLOB_LENGTH, "big")
    first, key_id, day, weight, grade_level, signature = _LAYOUT.unpack(raw)
    if first not in _KNOWN_FIRST_BYTES:
        return None
    return first & 15, key_id, day, weight, grade_level >> 4, grade_level & 15, signature
