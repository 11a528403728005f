"""One reading of a device: bytes, device and both times, before anybody has looked at what the bytes say."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

_AIM_IDENTIFIER = re.compile(rb"\A\][A-Za-z][0-9A-Za-z]")


class ScanKind(StrEnum):
    """What a device delivered. Everything but ``READ`` is an ordinary failure: a value, journalled like any other."""

    READ = "read"
    NO_READ = "no_read"
    """The reader was triggered and says that it read nothing (its configured no-read text)."""
    UNREADABLE = "unreadable"
    """An image without a code that can be read, or a file that is no image."""
    TORN = "torn"
    """The beginning of a code whose rest never came: cable pulled, reader switched off."""
    TOO_LONG = "too_long"
    """More bytes without a terminator than any code has; only the first ones are kept."""


@dataclass(frozen=True, slots=True)
class Scan:
    """A reading as the device framed it.

    ``data`` is what stood between prefix and suffix, AIM identifier included, GS (0x1D) kept. ``at`` is aware wall
    clock time, ``monotonic_s`` seconds of the same moment on a clock that never goes back. ``source`` names the image
    file a camera took it from, else it is empty. ``weight_g``: net grams on the scale at that moment, None for none.
    """

    data: bytes
    device: str
    at: datetime
    monotonic_s: float
    kind: ScanKind = ScanKind.READ
    source: str = ""
    weight_g: int | None = None

    @property
    def aim(self) -> str:
        """AIM symbology identifier (ISO/IEC 15424) such as ``]Q1``, or empty if the reader sent none."""
        found = _AIM_IDENTIFIER.match(self.data)
        return found[0].decode("ascii") if found else ""

    @property
    def text(self) -> str:
        """The data without AIM identifier. Bytes that are not UTF-8 become U+FFFD, which no code contains."""
        return self.data[len(self.aim) :].decode("utf-8", "replace")
