"""The cascade: the cheap engine first, dearer retries only while something is missing and time is left.

What it returns is **text, not truth**: only ``tracelib.codes.verify`` makes a verdict of it.
"""

import logging
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tracelib_scanner.decoders import opencv, zbar, zxing
from tracelib_scanner.decoders.symbol import Image, Symbol, check_formats

logger = logging.getLogger(__name__)
DEFAULT_BUDGET_MS = 300.0
DEFAULT_FORMATS = ("QRCode",)

Try = Callable[[], list[Symbol]]


@dataclass
class Cascade:
    """The engines that are there. Make one for each camera; it says once that zbar is missing and goes on."""

    formats: tuple[str, ...] = DEFAULT_FORMATS

    def __post_init__(self) -> None:
        check_formats(self.formats)

    @cached_property
    def pyzbar(self) -> Any | None:  # noqa: ANN401 - a module without types
        """The second engine, or None."""
        found = zbar.load()
        if found is None:
            logger.warning("zbar is not installed (system library libzbar0): codes are read with zxing-cpp alone")
        return found

    def decode(self, image: Image, budget_ms: float = DEFAULT_BUDGET_MS, expected: int = 1) -> list[Symbol]:
        """Symbols in a picture, each text once, in the order they were found.

        Ends when ``expected`` different ones are found (0: as many as there are) or ``budget_ms`` is used up; the
        first try is always made. A try that began is not cut off.
        """
        deadline = time.monotonic() + budget_ms / 1000
        found: dict[bytes, Symbol] = {}
        for attempt in self._tries(opencv.as_grey(image)):
            for symbol in attempt():
                found.setdefault(symbol.data, symbol)
            if (expected and len(found) >= expected) or time.monotonic() >= deadline:
                break
        return list(found.values())

    def _tries(self, grey: Image) -> Iterator[Try]:
        """The ladder: after the plain picture each step is the one that read most of what was left on synthetic
        carton frames (tilt, grain, defocus, dark and uneven light); steps that read nothing new were left out.
        """
        formats = self.formats
        yield lambda: zxing.read(grey, formats)
        double = opencv.enlarged(grey, 2)
        yield lambda: _scaled(zxing.read(double, formats), 2)
        yield lambda: _scaled(zxing.read(opencv.cleared(double), formats), 2)
        yield lambda: zxing.read(opencv.despeckled(grey), formats)
        bright = opencv.brightened(double)
        yield lambda: _scaled(zxing.read(opencv.smoothed(bright, 1.5), formats), 2)
        yield lambda: _scaled(zxing.read(opencv.sharpened(double), formats), 2)
        yield lambda: _scaled(zxing.read(opencv.smoothed(opencv.enlarged(grey, 3), 2.2), formats), 3)
        if "QRCode" in formats:
            yield lambda: self._straight(grey)
        if self.pyzbar is not None:
            yield lambda: _scaled(zbar.read(self.pyzbar, double, formats), 2)

    def _straight(self, grey: Image) -> list[Symbol]:
        """Symbols seen aslant. Their corners are those of the straight view, so they are left out."""
        found = [symbol for view in opencv.straightened(grey) for symbol in zxing.read(view, ("QRCode",))]
        return [Symbol(symbol.data, symbol.format, "zxing+straight", ()) for symbol in found]


def decode(
    image: Image, formats: Collection[str] = DEFAULT_FORMATS, budget_ms: float = DEFAULT_BUDGET_MS, expected: int = 1
) -> list[Symbol]:
    """Symbols in one picture; see :meth:`Cascade.decode`. Raises ``UnknownFormatError``, ``MissingExtraError``."""
    return Cascade(tuple(formats)).decode(image, budget_ms, expected)


def _scaled(symbols: list[Symbol], factor: int) -> list[Symbol]:
    """Corners found in an enlarged picture, in pixels of the one that was given."""
    return [
        Symbol(s.data, s.format, s.engine, tuple((x // factor, y // factor) for x, y in s.corners)) for s in symbols
    ]
