"""ZPL and TSPL: what a printer would draw, by small interpreters of their own, and read back."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import zxingcpp

from tracelib.labels.content import LabelContent
from tracelib.labels.fonts import LabelFont
from tracelib.labels.raster import Bitmap, Painter, label_bitmap
from tracelib.labels.symbol import split_code
from tracelib.labels.template import Template
from tracelib.labels.template_files import builtin_names, find_template
from tracelib.labels.tspl import TsplLabels, as_tspl
from tracelib.labels.zpl import ZplLabels, as_zpl

Labels = Callable[..., Iterator[LabelContent]]
Run = Callable[..., list[Any]]
EVERY = pytest.mark.parametrize("template", [find_template(name) for name in builtin_names()], ids=builtin_names())
EVERY_DPI = pytest.mark.parametrize("dpi", [203, 300, 600])
SSCC = "069012340000000016"


def long_code(label: LabelContent) -> str:
    """A code that needs version 9: 210 characters, as long as one may be (code format, profile A)."""
    start = label.url[: label.url.index("/01/")]
    return start + "/P/" + "N" * (210 - len(start) - 3)


def texts(pixels: np.ndarray) -> set[str]:
    return {code.text for code in zxingcpp.read_barcodes(pixels)}


def as_pixels(bitmap: Bitmap) -> np.ndarray:
    rows = np.frombuffer(bitmap.rows, np.uint8).reshape(bitmap.height, bitmap.row_bytes)
    return np.where(np.unpackbits(rows, axis=1, count=bitmap.width), 0, 255).astype(np.uint8)


@EVERY
@EVERY_DPI
def test_both_languages_draw_the_same_label(
    template: Template, dpi: int, some_labels: Labels, label_font: LabelFont, run_zpl: Run, run_tspl: Run
) -> None:
    paper = template.at(dpi)
    painter = Painter(paper, label_font)
    zpl, tspl = ZplLabels(painter), TsplLabels(painter)
    first, second, third = some_labels(3)
    labels = [first, replace(second, url=long_code(second)), replace(third, unit_id=SSCC)]
    from_zpl = run_zpl(b"".join(zpl.label(label, 2) for label in labels))
    from_tspl = run_tspl(b"".join(tspl.label(label, 2) for label in labels), paper.dots_per_mm)
    for label, one, other in zip(labels, from_zpl, from_tspl, strict=True):
        assert (one.copies, other.copies) == (2, 2)
        expected = as_pixels(label_bitmap(label, paper, label_font))
        assert np.array_equal(one.pixels, expected)
        assert np.array_equal(other.pixels, expected)
        assert label.url in texts(expected)


@EVERY
@EVERY_DPI
@pytest.mark.parametrize(("version", "modules"), [(8, 49), (9, 53)])
def test_every_module_is_whole_dots(
    template: Template, dpi: int, version: int, modules: int, some_labels: Labels, label_font: LabelFont, run_zpl: Run
) -> None:
    """The square of the symbol, cut out where it stands, falls apart into equal squares of one colour."""
    paper = template.at(dpi)
    label = next(some_labels(1))
    if version == 9:
        label = replace(label, url=long_code(label))
    (drawn,) = run_zpl(ZplLabels(Painter(paper, label_font)).label(label))
    assert label.url in texts(drawn.pixels)
    box, grid = paper.symbol_box, paper.dots_per_mm
    left, top = round(box.left * grid), round(box.top * grid)
    right, bottom = round((box.left + box.width) * grid), round((box.top + box.height) * grid)
    dark = drawn.pixels[top:bottom, left:right] == 0
    rows, columns = np.flatnonzero(dark.any(axis=1)), np.flatnonzero(dark.any(axis=0))
    square = dark[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    dots = square.shape[0] // modules
    assert square.shape == (modules * dots, modules * dots)
    assert dots >= 2
    assert dots / grid >= 0.33
    blocks = square.reshape(modules, dots, modules, dots)
    assert np.array_equal(blocks.all(axis=(1, 3)), blocks.any(axis=(1, 3)))
    quiet = 4 * dots  # the square of the template leaves four modules white all around
    assert rows[0] >= quiet - 1
    assert columns[0] >= quiet - 1
    assert dark.shape[0] - 1 - rows[-1] >= quiet - 1
    assert dark.shape[1] - 1 - columns[-1] >= quiet - 1


def test_zpl_runs_of_every_length(run_zpl: Run) -> None:
    rows = b"".join(
        bytes([0xFF] * n + [0x12] + [0x00] * (300 - n)) + bytes([0x0F] * 150 + [0xFF] * 151) for n in range(0, 300, 7)
    )
    (drawn,) = run_zpl(as_zpl(Bitmap(301 * 8, len(rows) // 301, 8, rows)))
    assert np.packbits(drawn.pixels < 128, axis=1).tobytes() == rows


def test_zpl_is_smaller_than_plain_hexadecimal(some_labels: Labels, label_font: LabelFont) -> None:
    paper = find_template("roll-100x50")
    zpl = ZplLabels(Painter(paper, label_font)).label(next(some_labels(1)))
    plain = 2 * (100 * 8) // 8 * (50 * 8)
    assert len(zpl) < plain / 3


def test_tspl_bytes_exactly(run_tspl: Run) -> None:
    # Ten dots by two: 11 0000 0000 and 00 0000 0001; the six dots of padding stay white, which is 1 in TSPL.
    bitmap = Bitmap(10, 2, 8, bytes([0b11000000, 0, 0, 0b01000000]))
    assert as_tspl(bitmap, 3) == (
        b"SIZE 1.25 mm,0.25 mm\r\nREFERENCE 0,0\r\nCLS\r\nBITMAP 0,0,2,2,0,\x3f\xff\xff\xbf\r\nPRINT 1,3\r\n"
    )
    (drawn,) = run_tspl(as_tspl(bitmap, 3), 8)
    assert np.array_equal(drawn.pixels, as_pixels(bitmap))


def test_tspl_bitmap_may_hold_line_ends(run_tspl: Run) -> None:
    rows = bytes(byte ^ 0xFF for byte in b"\r\nPRINT 1,1\r\n...")
    (drawn,) = run_tspl(as_tspl(Bitmap(16 * 8, 1, 8, rows)), 8)
    assert np.packbits(drawn.pixels < 128, axis=1).tobytes() == rows


@EVERY
@EVERY_DPI
def test_native_symbol_of_tspl(
    template: Template, dpi: int, some_labels: Labels, label_font: LabelFont, run_tspl: Run
) -> None:
    """The bitmaps have everything but the symbol; the command says place, level, cell and both segments.

    The job is smaller than that of the whole bitmap by what the dots of the symbol take, less the commands.
    """
    label = next(some_labels(1))
    template = template.at(dpi)
    painter = Painter(template, label_font)
    job = TsplLabels(painter, native=True).label(label)
    (drawn,) = run_tspl(job, template.dots_per_mm)
    assert label.url not in texts(drawn.pixels)
    (command,) = drawn.native
    x, y, level, cell, mode, rotation, model, mask, text = command.split(",", 8)
    assert (level, mode, rotation, model, mask) == ("M", "M", "0", "M2", "S7")
    head, rest = split_code(label.url)
    assert text == f'"B{len(head):04d}{head}!A{rest}"'
    left, top, dots = painter.symbol_place(49)
    shift = (dots - int(cell)) * 49 // 2
    assert (int(x), int(y), int(cell)) == (left + shift, top + shift, min(dots, 10))
    whole = as_pixels(label_bitmap(label, template, label_font))
    whole[top : top + 49 * dots, left : left + 49 * dots] = 255
    assert np.array_equal(drawn.pixels, whole)
    assert len(job) < len(TsplLabels(painter).label(label)) - 0.9 * (49 * dots) ** 2 / 8 + 100


@pytest.mark.parametrize(
    ("unit_id", "text", "symbology"),
    [(SSCC, f"(00){SSCC}", "GS1-128"), ("7KQX9Y93Q6MJ608", "7KQX9Y93Q6MJ608", "Code 128")],
)
@EVERY_DPI
def test_bar_code_of_a_carton(
    dpi: int, unit_id: str, text: str, symbology: str, some_labels: Labels, label_font: LabelFont, run_zpl: Run
) -> None:
    paper = find_template("carton-100x150").at(dpi)
    label = replace(next(some_labels(1)), unit_id=unit_id)
    (drawn,) = run_zpl(ZplLabels(Painter(paper, label_font)).label(label))
    bars = [c for c in zxingcpp.read_barcodes(drawn.pixels) if c.format == zxingcpp.BarcodeFormat.Code128]
    assert [code.text for code in bars] == [text]
    gs1 = bars[0].symbology_identifier == "]C1"  # ISO/IEC 15424: Code 128 that begins with FNC1
    assert gs1 == (symbology == "GS1-128")
    grid = paper.dots_per_mm
    middle = drawn.pixels[round(120 * grid)] == 0
    edges = np.flatnonzero(np.diff(middle.astype(int)))
    narrowest = np.diff(edges).min()
    assert np.all(np.diff(edges) % narrowest == 0)
    if gs1:
        # GS1 General Specifications, general distribution: 0.495 to 1.016 mm, 31.75 mm high, ten modules of quiet zone
        assert 0.495 <= narrowest / grid <= 1.016
        column = drawn.pixels[:, edges[0] + 1] == 0
        high = column[round(105 * grid) :].sum()
        assert high / grid >= 31.75
    assert edges[0] >= 10 * narrowest
    assert len(middle) - edges[-1] >= 10 * narrowest
