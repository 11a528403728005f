"""The QR symbol of a code (ISO/IEC 18004:2015): two segments, level M, version 8 and then 9.

The format wants byte mode for ``https://host/`` and alphanumeric mode for everything after (code format, profile A).
zint does all the encoding, but it chooses modes itself and would write a GTIN in numeric mode. So the runs of
characters that would tempt it are broken by neutral ones, and the few data bits that are then wrong are put right in
the finished symbol: data, error correction and placement of a QR symbol are linear over GF(2), hence the difference
between two symbols depends only on the bits in which their data differ. That difference is itself made by zint, from
two neutral symbols, and kept: the codes of a batch share it.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import zint

from tracelib.labels.errors import LabelCodeError

QUIET_ZONE = 4
"""Light modules around a symbol (ISO/IEC 18004:2015, 6.3.8)."""
LEVEL_M = 2
"""zint's number for level M. Given every time: some encoders fall back to L."""
CODEWORDS_M = {1: 16, 2: 28, 3: 44, 4: 64, 5: 86, 6: 108, 7: 124, 8: 154, 9: 182}
"""Data codewords by version at level M (ISO/IEC 18004:2015, table 7)."""
BLOB_LENGTH = 120
LABEL_VERSIONS = (8, 9)
SMALL_VERSIONS = tuple(CODEWORDS_M)

_CODE = re.compile(r"(https://[a-z0-9.-]+(?::[0-9]{1,5})?/)([0-9A-Z./-]+)")
# In these lengths another mode starts to pay for its header: 4.67 bits saved a digit against at least 26 bits of
# headers within bytes (ISO/IEC 18004 7.4), 2.17 bits a digit against at least 14 within alphanumeric.
_TEMPTING_IN_HEAD = re.compile(r"[0-9:./-]{6,}")
_TEMPTING_IN_REST = re.compile(r"[0-9]{7,}")
_NEUTRAL_HEAD, _NEUTRAL_REST = "x", "A"
_FAST = zint.InputMode.UNICODE | zint.InputMode.FAST
_ANY_MASK = 1 << 8
_MOST_SIGNIFICANT_FIRST = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


@dataclass(frozen=True, slots=True)
class Symbol:
    """A QR symbol without its quiet zone.

    ``rows``: one bit a module, 1 is dark, rows from the top, each padded with 0 to whole bytes, most significant bit
    first (as in PDF, PNG and ZPL bitmaps).
    """

    url: str
    version: int
    rows: bytes

    @property
    def size(self) -> int:
        """Modules along one side."""
        return modules_of(self.version)

    @property
    def row_bytes(self) -> int:
        """Bytes that one row takes in ``rows``."""
        return (self.size + 7) // 8

    @property
    def modules(self) -> "np.ndarray[tuple[int, int], np.dtype[np.bool_]]":
        """The modules as a square array, True where dark."""
        packed = np.frombuffer(self.rows, np.uint8).reshape(self.size, self.row_bytes)
        return np.unpackbits(packed, axis=1, count=self.size).astype(bool)


def modules_of(version: int) -> int:
    """Modules along one side of a symbol of ``version`` (ISO/IEC 18004:2015, 6.3.2)."""
    return 17 + 4 * version


def split_code(url: str) -> tuple[str, str]:
    """The texts of the two segments: ``https://host/`` and everything after.

    Raises:
        LabelCodeError: not such a URL, or a character after the host that no code has.
    """
    match = _CODE.fullmatch(url)
    if match is None:
        raise LabelCodeError(url=url, detail="it is not of that form", room=_room(len("https://q.example.com/")))
    return match[1], match[2]


def version_of(url: str) -> int:
    """The version for ``url`` at level M: 8 or 9 for codes with a blob, the smallest that holds it for stickers.

    Raises:
        LabelCodeError: not a code, or longer than version 9 holds.
    """
    return _version(*split_code(url))


def encode_symbol(url: str) -> Symbol:
    """Encode a code as the format says. The mask is the best of the four that zint's fast mode compares.

    Raises:
        LabelCodeError: not a code, or longer than version 9 holds.
    """
    head, rest = split_code(url)
    version = _version(head, rest)
    shown_head = _broken(head, _TEMPTING_IN_HEAD, _NEUTRAL_HEAD)
    shown_rest = _broken(rest, _TEMPTING_IN_REST, _NEUTRAL_REST)
    bits = _encode(shown_head, shown_rest, version, mask=0)
    if shown_head != head:
        for i, (true, shown) in enumerate(zip(head, shown_head, strict=True)):
            if true != shown:
                bits ^= _difference(version, len(head), len(rest), i, true, shown)
    if shown_rest != rest:
        for i in range(0, len(rest), 2):
            # Alphanumeric mode writes pairs: a pair's eleven bits change together (ISO/IEC 18004:2015, 7.4.4).
            if rest[i : i + 2] != shown_rest[i : i + 2]:
                bits ^= _difference(
                    version, len(head), len(rest), len(head) + i, rest[i : i + 2], shown_rest[i : i + 2]
                )
    size = modules_of(version)
    rows = bits.to_bytes(size * ((size + 7) // 8), "big")
    return Symbol(url, version, rows)


def _version(head: str, rest: str) -> int:
    bits = 4 + 8 + 8 * len(head) + 4 + 9 + (11 * len(rest) + 1) // 2
    for version in LABEL_VERSIONS if len(rest) > BLOB_LENGTH else SMALL_VERSIONS:
        if bits <= 8 * CODEWORDS_M[version]:
            return version
    raise LabelCodeError(url=head + rest, detail=f"it has {len(rest)} characters after the host", room=_room(len(head)))


def _room(head_length: int) -> int:
    return (8 * CODEWORDS_M[LABEL_VERSIONS[-1]] - 25 - 8 * head_length) * 2 // 11


def _broken(text: str, tempting: re.Pattern[str], neutral: str) -> str:
    """``text`` with one neutral character in every stretch that another mode would save bits on."""
    if tempting.search(text) is None:
        return text
    step = 7 if neutral == _NEUTRAL_REST else 6

    def break_run(match: re.Match[str]) -> str:
        """The stretch with every seventh (sixth) character made neutral."""
        return "".join(neutral if i % step == step - 1 else c for i, c in enumerate(match[0]))

    return tempting.sub(break_run, text)


def _encode(head: str, rest: str, version: int, mask: int) -> int:
    """Symbol as one big number, rows as in :class:`Symbol`. ``mask`` 0 chooses, n takes mask n-1."""
    symbol = zint.Symbol()
    symbol.symbology = zint.Symbology.QRCODE
    symbol.option_1 = LEVEL_M
    symbol.option_2 = version
    symbol.option_3 = mask
    symbol.input_mode = _FAST
    symbol.encode_segs([zint.Seg(head.encode(), 0), zint.Seg(rest.encode(), 0)])
    size = symbol.width
    packed = np.asarray(symbol.encoded_data)[:size, : (size + 7) // 8]
    return int.from_bytes(packed.tobytes().translate(_MOST_SIGNIFICANT_FIRST), "big")


@lru_cache(maxsize=4096)
def _difference(version: int, head_length: int, rest_length: int, at: int, true: str, shown: str) -> int:
    """The modules in which two symbols differ when one has ``true`` and the other ``shown`` at offset ``at``."""
    neutral = _NEUTRAL_HEAD * head_length + _NEUTRAL_REST * rest_length
    difference = 0
    for characters in (true, shown):
        text = neutral[:at] + characters + neutral[at + len(characters) :]
        difference ^= _encode(text[:head_length], text[head_length:], version, _ANY_MASK)
    return difference
