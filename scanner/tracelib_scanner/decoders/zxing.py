"""zxing-cpp: the first engine for everything (figures: docs/performance.md)."""

from collections.abc import Collection
from typing import Any

from tracelib.errors import MissingExtraError
from tracelib_scanner.decoders.symbol import Image, Symbol

ENGINE = "zxing"


def load() -> Any:  # noqa: ANN401 - a module without types
    """The library; raises ``MissingExtraError``."""
    try:
        import zxingcpp
    except ModuleNotFoundError:
        raise MissingExtraError(what="reading codes in pictures", extra="scanner") from None
    return zxingcpp


def read(image: Image, formats: Collection[str]) -> list[Symbol]:
    """Every symbol of ``formats`` in the picture."""
    zxingcpp = load()
    wanted = [getattr(zxingcpp.BarcodeFormat, name) for name in formats]
    found = zxingcpp.read_barcodes(image, formats=wanted)
    return [
        Symbol(bytes(code.bytes), _format(str(code.format), formats), ENGINE, _corners(code.position)) for code in found
    ]


def _format(name: str, formats: Collection[str]) -> str:
    """The name that was asked for; the library answers with spaces, hyphens and variants (``DataBar Omni``)."""
    compact = name.replace(" ", "").replace("-", "")
    return next((wanted for wanted in formats if compact.startswith(wanted)), compact)


def _corners(position: object) -> tuple[tuple[int, int], ...]:
    points = [getattr(position, name) for name in ("top_left", "top_right", "bottom_right", "bottom_left")]
    return tuple((int(point.x), int(point.y)) for point in points)
