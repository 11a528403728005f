"""What a decoder finds in a picture."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, TypeAlias

from tracelib_scanner.errors import UnknownFormatError

Image: TypeAlias = Any
"""A numpy array of ``uint8``: (height, width) grey, or (height, width, 3) in OpenCV's order blue, green, red."""

FORMATS = ("QRCode", "DataMatrix", "Code128", "ITF", "EAN13", "DataBar")
"""The symbologies that packing lines meet. Ask for what the station expects: time follows the list."""

ZBAR_FORMATS = {"QRCode": "QRCODE", "Code128": "CODE128", "ITF": "I25", "EAN13": "EAN13", "DataBar": "DATABAR"}
"""Names that zbar gives to the formats that it reads."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """One symbol in a picture: its bytes as read, unverified, its format and which engine read it.

    ``corners`` are four (x, y) points in pixels of the picture that was given, clockwise from the symbol's top left.
    """

    data: bytes
    format: str
    engine: str
    corners: tuple[tuple[int, int], ...]


def check_formats(formats: Collection[str]) -> tuple[str, ...]:
    """The formats, each known; raises ``UnknownFormatError``."""
    for name in formats:
        if name not in FORMATS:
            raise UnknownFormatError(given=name, known=", ".join(FORMATS))
    return tuple(formats)
