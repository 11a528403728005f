"""zbar through pyzbar: the second engine. Its Python package comes without the system library, which may be missing."""

from collections.abc import Collection
from typing import Any

from tracelib_scanner.decoders.symbol import ZBAR_FORMATS, Image, Symbol

ENGINE = "zbar"
_NAMES = {zbar: name for name, zbar in ZBAR_FORMATS.items()}


def load() -> Any | None:  # noqa: ANN401 - a module without types
    """The module, or None where package or system library is missing: the cascade goes on without it."""
    try:
        from pyzbar import pyzbar
    except (ImportError, OSError):
        return None
    return pyzbar


def read(pyzbar: Any, image: Image, formats: Collection[str]) -> list[Symbol]:  # noqa: ANN401
    """Every symbol of ``formats`` in a grey picture; formats that zbar does not know are left out."""
    wanted = [pyzbar.ZBarSymbol[ZBAR_FORMATS[name]] for name in formats if name in ZBAR_FORMATS]
    if not wanted:
        return []
    found = pyzbar.decode(image, symbols=wanted)
    return [Symbol(bytes(code.data), _NAMES[code.type], ENGINE, _corners(code.polygon)) for code in found]


def _corners(polygon: Any) -> tuple[tuple[int, int], ...]:  # noqa: ANN401
    return tuple((int(x), int(y)) for x, y in polygon)
