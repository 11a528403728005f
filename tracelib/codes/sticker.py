"""Profile C, for fruit stickers and inner bags: ``https://{host}/{SERIAL}{MAC}``, 15 + 13 characters.

The MAC is base32 of the first 8 bytes of HMAC-SHA256(sticker key, ``tracelib/sticker/1`` 00 ‖ serial). It stops
enumeration, not copying, and only who holds the serial key K can judge it: a sticker is identified, never verified.
"""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass

from tracelib.codes import reasons
from tracelib.codes.errors import NotOurCodeError
from tracelib.codes.serial import SERIAL_LENGTH, SERIAL_PATTERN, is_serial, require_serial

MAC_CHARACTERS = 13
_LABEL = b"tracelib/sticker/1\x00"
_SHAPE = re.compile(f"{SERIAL_PATTERN}(?:[A-Z2-7]{{{MAC_CHARACTERS}}})?")


@dataclass(frozen=True, slots=True)
class UnverifiedSticker:
    """A sticker's serial and MAC as read; ``mac`` is None for a bare serial (typed, or an address without MAC)."""

    serial: str
    mac: str | None = None

    @property
    def fits(self) -> bool:
        """Whether the serial's check character is right."""
        return is_serial(self.serial)


def sticker_mac(key: bytes, serial: str) -> str:
    """The 13 characters after the serial. ``key`` is the sticker key, derived from K."""
    tag = hmac.digest(key, _LABEL + serial.encode("ascii"), hashlib.sha256)[:8]
    return base64.b32encode(tag).rstrip(b"=").decode("ascii")


def sticker_url(key: bytes, serial: str, host: str) -> str:
    """The text of a sticker."""
    return f"https://{host}/{require_serial(serial)}{sticker_mac(key, serial)}"


def mac_fits(key: bytes, sticker: UnverifiedSticker) -> bool:
    """Whether the sticker's MAC is the right one, compared as text in constant time."""
    return sticker.mac is not None and hmac.compare_digest(sticker_mac(key, sticker.serial), sticker.mac)


def split_sticker(segment: str) -> UnverifiedSticker | None:
    """The sticker in a path segment (already folded to capitals), or None where the shape is another."""
    if not _SHAPE.fullmatch(segment):
        return None
    return UnverifiedSticker(segment[:SERIAL_LENGTH], segment[SERIAL_LENGTH:] or None)


def require_sticker(text: str, sticker: UnverifiedSticker) -> UnverifiedSticker:
    """``sticker`` if its serial's check character is right; NotOurCodeError otherwise."""
    if not sticker.fits:
        raise NotOurCodeError(given=text, reason=reasons.STICKER_CHECK)
    return sticker
