"""The bar code of a unit's number: GS1-128 for an SSCC, plain Code 128 for a serial.

GS1 General Specifications, GS1-128 in general distribution: the narrowest bar is 0.495 to 1.016 mm wide, bars are at
least 31.75 mm high, with ten modules of white on either side.
"""

from dataclasses import dataclass

import numpy as np
import zint

from tracelib.labels.content import is_sscc
from tracelib.labels.errors import BarsTooWideError
from tracelib.labels.template import Box, Template

QUIET_BARS = 10
"""White modules on either side."""
LEAST_GS1_MM = 0.495
LEAST_PLAIN_MM = 0.25
MOST_MM = 1.016


@dataclass(frozen=True, slots=True)
class PlacedBars:
    """A bar code on a label: modules from left to right, True where dark, without the quiet zones.

    ``dots`` are printer dots of one module, ``box`` the bars' rectangle in millimetres.
    """

    modules: tuple[bool, ...]
    dots: int
    box: Box


def place_bars(unit_id: str, template: Template) -> PlacedBars | None:
    """The bar code for an SSCC or a serial in the middle of the template's box; None where there is no box.

    Raises:
        BarsTooWideError: the narrowest bar would be too narrow to be read.
    """
    box, grid = template.barcode_box, template.dots_per_mm
    if box is None or not unit_id:
        return None
    modules = encode_bars(unit_id)
    dots = min(int(box.width * grid + 1e-6) // (len(modules) + 2 * QUIET_BARS), int(MOST_MM * grid))
    least = LEAST_GS1_MM if is_sscc(unit_id) else LEAST_PLAIN_MM
    if dots / grid < least:
        raise BarsTooWideError(unit=unit_id, template=template.name, dpi=template.dpi, dots=dots, least_mm=least)
    width = len(modules) * dots / grid
    return PlacedBars(modules, dots, Box(box.left + (box.width - width) / 2, box.top, width, box.height))


def encode_bars(unit_id: str) -> tuple[bool, ...]:
    """The modules for an SSCC (GS1-128 with AI 00) or a serial (Code 128), True where dark."""
    symbol = zint.Symbol()
    if is_sscc(unit_id):
        symbol.symbology = zint.Symbology.GS1_128
        symbol.input_mode = zint.InputMode.GS1
        symbol.encode(f"[00]{unit_id}")
    else:
        symbol.symbology = zint.Symbology.CODE128
        symbol.encode(unit_id)
    bits = np.unpackbits(np.asarray(symbol.encoded_data)[0], bitorder="little")[: symbol.width]
    return tuple(bool(bit) for bit in bits)
