"""PNG, SVG and ZPL: each turned into dots by a small reader of its own and read back."""

import re
from collections.abc import Callable, Iterator
from io import BytesIO
from xml.etree import ElementTree

import cv2
import numpy as np
import pytest
import zxingcpp
from PIL import Image

from tracelib.labels.content import LabelContent
from tracelib.labels.fonts import LabelFont
from tracelib.labels.raster import Bitmap, as_png, label_bitmap, symbol_bitmap
from tracelib.labels.svg import label_svg, symbol_svg
from tracelib.labels.symbol import encode_symbol
from tracelib.labels.template import A4_24, ROLL_60X40, Template
from tracelib.labels.zpl import as_zpl

Labels = Callable[..., Iterator[LabelContent]]
SVG = "{http://www.w3.org/2000/svg}"
BOTH = pytest.mark.parametrize("template", [A4_24, ROLL_60X40], ids=["a4-24", "roll-60x40"])


def png_pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(data)).convert("L"))


def zpl_pixels(zpl: str) -> np.ndarray:
    """A reader of ^GFA with compressed hexadecimal (ZPL II Programming Guide, ^GF)."""
    match = re.search(r"\^GFA,(\d+),(\d+),(\d+),([^^]*)\^FS", zpl)
    assert match is not None
    total, row_bytes = int(match[2]), int(match[3])
    assert int(match[1]) == total
    rows: list[str] = []
    row, repeat = "", 0
    for c in match[4]:
        if "G" <= c <= "Y":
            repeat += ord(c) - ord("F")
        elif "g" <= c <= "z":
            repeat += 20 * (ord(c) - ord("f"))
        elif c in ",!":
            row = row.ljust(2 * row_bytes, "0" if c == "," else "F")
        elif c == ":":
            row = rows[-1]
        else:
            row += c * (repeat or 1)
            repeat = 0
        if len(row) == 2 * row_bytes:
            rows.append(row)
            row = ""
    assert row == ""
    assert len(rows) * row_bytes == total
    packed = np.array([list(bytes.fromhex(line)) for line in rows], np.uint8)
    return np.where(np.unpackbits(packed, axis=1), 0, 255).astype(np.uint8)


def svg_pixels(svg: str, scale: float) -> np.ndarray:
    """Rectangles, and paths of the kind ``Mx yhNv1h-Nz`` under translate and scale."""
    root = ElementTree.fromstring(svg)
    width, height = (float(side) for side in root.attrib["viewBox"].split()[2:])
    image = np.full((round(height * scale), round(width * scale)), 255, np.uint8)

    def paint(x: float, y: float, w: float, h: float, value: int) -> None:
        image[round(y * scale) : round((y + h) * scale), round(x * scale) : round((x + w) * scale)] = value

    for rect in root.iter(SVG + "rect"):
        a = {name: float(rect.attrib.get(name, "0")) for name in ("x", "y", "width", "height")}
        paint(a["x"], a["y"], a["width"], a["height"], 255 if rect.attrib.get("fill") == "#fff" else 0)
    for group in (root, *root.iter(SVG + "g")):
        numbers = [float(n) for n in re.findall(r"[\d.]+", group.attrib.get("transform", "0 0 1"))]
        left, top, factor = numbers
        for path in group.findall(SVG + "path"):
            for x, y, run, back in re.findall(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z", path.attrib["d"]):
                assert run == back
                paint(left + int(x) * factor, top + int(y) * factor, int(run) * factor, factor, 0)
    return image


def read(image: np.ndarray) -> list[str]:
    return [code.text for code in zxingcpp.read_barcodes(image)]


@BOTH
@pytest.mark.parametrize("dots_per_mm", [8, 12, 600 / 25.4])
def test_label_png_reads(template: Template, dots_per_mm: float, some_labels: Labels, label_font: LabelFont) -> None:
    for label in some_labels(3):
        image = png_pixels(as_png(label_bitmap(label, template, label_font, dots_per_mm)))
        assert image.shape == (round(template.label_height * dots_per_mm), round(template.label_width * dots_per_mm))
        assert read(image) == [label.url]
        assert cv2.QRCodeDetector().detectAndDecode(image)[0] == label.url
        edge = round(dots_per_mm)  # nothing within a millimetre of the edge
        inside = image[edge:-edge, edge:-edge]
        assert (image < 128).sum() == (inside < 128).sum()


def test_label_png_knows_its_true_size(some_labels: Labels, label_font: LabelFont) -> None:
    data = as_png(label_bitmap(next(some_labels(1)), ROLL_60X40, label_font))
    assert Image.open(BytesIO(data)).info["dpi"] == pytest.approx((203.2, 203.2), abs=0.1)


@BOTH
def test_label_zpl_reads(template: Template, some_labels: Labels, label_font: LabelFont) -> None:
    for label in some_labels(3):
        bitmap = label_bitmap(label, template, label_font, 8)
        zpl = as_zpl(bitmap, copies=2)
        image = zpl_pixels(zpl)
        assert np.array_equal(image[:, : bitmap.width], png_pixels(as_png(bitmap)))
        assert read(image) == [label.url]
        assert zpl.startswith("^XA\n")
        assert zpl.endswith("^PQ2\n^XZ\n")
        assert f"^PW{template.label_width * 8:.0f}\n^LL{template.label_height * 8:.0f}\n" in zpl
        assert len(zpl) < 2 * len(bitmap.rows)  # smaller than plain hexadecimal


def test_zpl_runs_of_every_length() -> None:
    rows = b"".join(
        bytes([0xFF] * n + [0x12] + [0x00] * (300 - n)) + bytes([0x0F] * 150 + [0xFF] * 151) for n in range(0, 300, 7)
    )
    image = zpl_pixels(as_zpl(Bitmap(301 * 8, len(rows) // 301, 8, rows)))
    assert np.packbits(image < 128, axis=1).tobytes() == rows


@BOTH
def test_thermal_module_is_four_whole_dots(template: Template, some_labels: Labels, label_font: LabelFont) -> None:
    image = zpl_pixels(as_zpl(label_bitmap(next(some_labels(1)), template, label_font, 8))) < 128
    (code,) = zxingcpp.read_barcodes(np.where(image, 0, 255).astype(np.uint8))
    top, left = code.position.top_left.y, code.position.top_left.x
    dots = template.module_dots(49, 8)
    assert dots == 4
    around = image[top - 3 : top + 49 * dots + 3, left - 3 : left + 49 * dots + 3]
    rows, columns = np.flatnonzero(around.any(axis=1)), np.flatnonzero(around.any(axis=0))
    square = around[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    assert square.shape == (49 * dots, 49 * dots)
    blocks = square.reshape(49, dots, 49, dots)
    assert np.array_equal(blocks.all(axis=(1, 3)), blocks.any(axis=(1, 3)))


@BOTH
def test_label_svg_reads_and_has_its_text(template: Template, some_labels: Labels, label_font: LabelFont) -> None:
    label = next(some_labels(1, issuer="甲<乙>&丙合作社"))
    svg = label_svg(label, template, label_font)
    assert read(svg_pixels(svg, 20)) == [label.url]
    texts = [node.text for node in ElementTree.fromstring(svg).iter(SVG + "text")]
    assert {"测试 TEST", "赣南脐橙", "一级 净重 5 kg", "批号 26A0137", "甲<乙>&丙合作社"} <= set(texts)


def test_symbols_alone_read(vector_urls: list[str]) -> None:
    for url in vector_urls:
        symbol = encode_symbol(url)
        side = symbol.size + 8
        png = png_pixels(as_png(symbol_bitmap(symbol, 6, 12)))
        assert png.shape == (side * 6, side * 6)
        svg = svg_pixels(symbol_svg(symbol), 5)
        assert svg.shape == (side * 5, side * 5)
        for image, scale in ((png, 6), (svg, 5)):
            assert read(image) == [url]
            dark = np.argwhere(image < 128)
            assert dark.min() == 4 * scale
            assert dark.max() == (side - 4) * scale - 1
