"""PNG and SVG: each turned into dots by a small reader of its own and read back."""

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
from tracelib.labels.raster import as_png, label_bitmap, symbol_bitmap
from tracelib.labels.svg import label_svg, symbol_svg
from tracelib.labels.symbol import encode_symbol
from tracelib.labels.template import Template
from tracelib.labels.template_files import find_template

A4_24 = find_template("a4-24")
ROLL_60X40 = find_template("roll-60x40")
Labels = Callable[..., Iterator[LabelContent]]
SVG = "{http://www.w3.org/2000/svg}"
BOTH = pytest.mark.parametrize("template", [A4_24, ROLL_60X40], ids=["a4-24", "roll-60x40"])


def png_pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(data)).convert("L"))


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
@pytest.mark.parametrize("dpi", [203, 300, 600])
def test_label_png_reads(template: Template, dpi: int, some_labels: Labels, label_font: LabelFont) -> None:
    for label in some_labels(3):
        image = png_pixels(as_png(label_bitmap(label, template.at(dpi), label_font)))
        dots_per_mm = {203: 8, 300: 12, 600: 24}[dpi] if template.printer == "thermal" else dpi / 25.4
        assert image.shape == (round(template.label[1] * dots_per_mm), round(template.label[0] * dots_per_mm))
        assert read(image) == [label.url]
        assert cv2.QRCodeDetector().detectAndDecode(image)[0] == label.url
        edge = round(dots_per_mm)  # nothing within a millimetre of the edge
        inside = image[edge:-edge, edge:-edge]
        assert (image < 128).sum() == (inside < 128).sum()


def test_label_png_knows_its_true_size(some_labels: Labels, label_font: LabelFont) -> None:
    data = as_png(label_bitmap(next(some_labels(1)), ROLL_60X40, label_font))
    assert Image.open(BytesIO(data)).info["dpi"] == pytest.approx((203.2, 203.2), abs=0.1)


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
