"""A temperature log in an event: its extremes, its mean, and the hash of the file that has every reading."""

import base64
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from tracelib.trace.elements import SensorElement, time_text


@dataclass(frozen=True, slots=True)
class TemperatureLog:
    """What a logger measured, in degrees Celsius. ``sha256`` is that of the file as it is (32 bytes).

    ``start`` and ``end`` are the aware times of the first and last reading. ``mean`` is the plain mean of the readings,
    to a hundredth. ``gaps`` counts lines where the sensor gave no value.
    """

    start: datetime
    end: datetime
    lowest: Decimal
    highest: Decimal
    mean: Decimal
    count: int
    gaps: int
    sha256: bytes

    def as_element(self) -> SensorElement:
        """The log as a sensor element: aggregated values over a time (EPCIS 2.0 section 7.3.7, CBV 2.0 section 7.6).

        The file is named by its hash, so whoever has it can show that it is the one.
        """
        return SensorElement(
            (
                {
                    "type": "Temperature",
                    "minValue": _number(self.lowest),
                    "maxValue": _number(self.highest),
                    "meanValue": _number(self.mean),
                    "uom": "CEL",
                },
            ),
            {"startTime": time_text(self.start), "endTime": time_text(self.end), "rawData": ni_uri(self.sha256)},
        )


def ni_uri(sha256: bytes) -> str:
    """A file by its hash (RFC 6920): the 32 bytes in base64url without padding.

    >>> ni_uri(bytes.fromhex("7f83b1657ff1fc53b92dc18148a1d65dfc2d4b1fa3d677284addd200126d9069"))
    'ni:///sha-256;f4OxZX_x_FO5LcGBSKHWXfwtSx-j1ncoSt3SABJtkGk'
    """
    return "ni:///sha-256;" + base64.urlsafe_b64encode(sha256).decode().rstrip("=")


def _number(value: Decimal) -> int | float:
    return int(value) if value == int(value) else float(value)
