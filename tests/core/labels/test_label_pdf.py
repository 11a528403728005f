"""PDF sheets and rolls, drawn by PDFium and read back."""

import errno
import os
import re
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
import zxingcpp

from tracelib.labels.content import LabelContent, grouped_unit_id
from tracelib.labels.errors import LabelCodeError, LabelFileError, NoLabelsError
from tracelib.labels.fonts import LabelFont
from tracelib.labels.pdf import PdfSize, write_pdf
from tracelib.labels.symbol import encode_symbol
from tracelib.labels.template import Template
from tracelib.labels.template_files import find_template

A4_24 = find_template("a4-24")
ROLL_60X40 = find_template("roll-60x40")
Labels = Callable[..., Iterator[LabelContent]]
INCH = 72


def pages(path: Path, dots_per_inch: float) -> Iterator[np.ndarray]:
    document = pypdfium2.PdfDocument(path)
    try:
        for n in range(len(document)):
            yield np.asarray(document[n].render(scale=dots_per_inch / INCH, grayscale=True).to_pil())
    finally:
        document.close()


def page_texts(path: Path) -> list[str]:
    document = pypdfium2.PdfDocument(path)
    try:
        return [document[n].get_textpage().get_text_range() for n in range(len(document))]
    finally:
        document.close()


def test_sheet_every_code_reads_in_its_place(tmp_path: Path, some_labels: Labels, label_font: LabelFont) -> None:
    labels = list(some_labels(50))
    out = tmp_path / "sheet.pdf"
    printed = write_pdf(labels, A4_24, label_font, out)
    assert printed == PdfSize(50, 3, out.stat().st_size)
    found: dict[str, tuple[int, int, int]] = {}
    for number, image in enumerate(pages(out, 300)):
        height, width = image.shape
        assert (width, height) == pytest.approx((210 / 25.4 * 300, 297 / 25.4 * 300), abs=1)
        for code in zxingcpp.read_barcodes(image):
            assert code.ec_level == "M"
            corner = code.position.top_left
            found[code.text] = (number, corner.y * 8 // height, corner.x * 3 // width)
    expected = {label.url: (n // 24, n % 24 // 3, n % 3) for n, label in enumerate(labels)}
    assert found == expected


def test_sheet_has_its_text(tmp_path: Path, some_labels: Labels, label_font: LabelFont) -> None:
    labels = list(some_labels(30))
    write_pdf(labels, A4_24, label_font, tmp_path / "sheet.pdf")
    first, second = page_texts(tmp_path / "sheet.pdf")
    for text, part in ((first, labels[:24]), (second, labels[24:])):
        shown = set(text.split("\r\n"))
        assert {f"序列号 {grouped_unit_id(label.unit_id)}" for label in part} <= shown
        for line in ("测试 TEST", "赣南脐橙", "一级 净重 5 kg", "批号 26A0137", "91360722MA35EXAM0X"):
            assert text.split("\r\n").count(line) == len(part)
        assert {"统一社会信用代码", "信丰县示例脐橙专业合作社"} <= shown


def test_module_is_twelve_whole_dots_at_600_dpi(tmp_path: Path, some_labels: Labels, label_font: LabelFont) -> None:
    write_pdf(some_labels(24), A4_24, label_font, tmp_path / "sheet.pdf")
    (image,) = pages(tmp_path / "sheet.pdf", 600)
    symbol = 49 * 12
    for code in zxingcpp.read_barcodes(image):
        top, left = code.position.top_left.y, code.position.top_left.x
        dark = image[top - 4 : top + symbol + 4, left - 4 : left + symbol + 4] < 128
        first_row, first_column = np.flatnonzero(dark.any(axis=1))[0], np.flatnonzero(dark.any(axis=0))[0]
        square = dark[first_row : first_row + symbol, first_column : first_column + symbol]
        # PDFium stretches 7015.7 dots of page to 7016: leave one dot around each module out.
        insides = square.reshape(49, 12, 49, 12)[:, 1:-1, :, 1:-1]
        assert np.array_equal(insides.all(axis=(1, 3)), insides.any(axis=(1, 3)))
        quiet = image[top - 46 : top - 2, left - 46 : left + symbol + 44]
        assert (quiet >= 128).all()


def test_symbols_lie_on_the_grid_of_dots(tmp_path: Path, some_labels: Labels, label_font: LabelFont) -> None:
    for template, dots_per_inch, dots in ((A4_24, 600, 12), (ROLL_60X40, 203.2, 4)):
        write_pdf(some_labels(3), template, label_font, tmp_path / "labels.pdf")
        streams = re.findall(rb"stream\n(.*?)\nendstream", (tmp_path / "labels.pdf").read_bytes(), re.DOTALL)
        matrices = [
            [float(n) * dots_per_inch / 72 for n in found]
            for stream in streams
            for found in re.findall(rb"q ([\d.]+) 0 0 ([\d.]+) ([\d.]+) ([\d.]+) cm BI", zlib.decompress(stream))
        ]
        assert len(matrices) == 3
        for width, height, x, y in matrices:
            assert (width, height) == pytest.approx((49 * dots, 49 * dots), abs=0.01)
            assert (x, y) == pytest.approx((round(x), round(y)), abs=0.01)


def test_roll_every_code_reads(tmp_path: Path, some_labels: Labels, label_font: LabelFont) -> None:
    labels = list(some_labels(12))
    printed = write_pdf(labels, ROLL_60X40, label_font, tmp_path / "roll.pdf")
    assert printed.pages == 12
    texts = page_texts(tmp_path / "roll.pdf")
    for image, label, text in zip(pages(tmp_path / "roll.pdf", 8 * 25.4), labels, texts, strict=True):
        assert image.shape == (320, 480)
        codes = zxingcpp.read_barcodes(image)
        assert [code.text for code in codes] == [label.url]
        assert {grouped_unit_id(label.unit_id), label.product, label.lot, label.uscc} <= set(re.split(r"\s+", text))


def test_longer_code_gets_a_bigger_symbol(tmp_path: Path, some_labels: Labels, label_font: LabelFont) -> None:
    long = [LabelContent(f"https://q.example.com/{'A2' * 60}/P/{'9' * 65}", "7KQX9Y93Q6MJ608", "百合")]
    # 53 modules: 11 dots of 600 an inch are 5.5 of 300; 4 dots of 8 a millimetre are 5.9
    for template, dots in ((A4_24, 5.5), (ROLL_60X40, 4 / 8 / 25.4 * 300)):
        write_pdf(long, template, label_font, tmp_path / "long.pdf")
        (image,) = pages(tmp_path / "long.pdf", 300)
        (code,) = zxingcpp.read_barcodes(image)
        assert (code.text, encode_symbol(code.text).version) == (long[0].url, 9)
        assert code.position.top_right.x - code.position.top_left.x == pytest.approx(dots * 53, abs=3)


def test_under_700_bytes_a_label(tmp_path: Path, some_labels: Labels, label_font: LabelFont) -> None:
    printed = write_pdf(some_labels(2400), A4_24, label_font, tmp_path / "sheet.pdf")
    assert printed.size / printed.labels < 700


def test_labels_are_taken_page_by_page(tmp_path: Path, some_labels: Labels, label_font: LabelFont) -> None:
    taken = 0
    steps: list[tuple[int, int]] = []

    def counted() -> Iterator[LabelContent]:
        nonlocal taken
        for label in some_labels(60):
            taken += 1
            yield label

    write_pdf(counted(), A4_24, label_font, tmp_path / "sheet.pdf", progress=lambda done: steps.append((done, taken)))
    assert steps == [(24, 24), (48, 48), (60, 60)]


def test_same_labels_same_bytes(tmp_path: Path, some_labels: Labels, label_font: LabelFont) -> None:
    for name in ("a.pdf", "b.pdf"):
        write_pdf(some_labels(30), A4_24, label_font, tmp_path / name)
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()


def test_cross_reference_table_is_right(tmp_path: Path, some_labels: Labels, label_font: LabelFont) -> None:
    write_pdf(some_labels(30), A4_24, label_font, tmp_path / "sheet.pdf")
    data = (tmp_path / "sheet.pdf").read_bytes()
    start = int(data.rsplit(b"startxref\n", 1)[1].split()[0])
    table = data[start:].split(b"trailer")[0].split(b"\n")
    assert table[0] == b"xref"
    offsets = [int(row[:10]) for row in table[3:] if row]
    assert len(offsets) + 1 == int(table[1].split()[1])
    for number, offset in enumerate(offsets, 1):
        assert data[offset:].startswith(b"%d 0 obj\n" % number)


def test_mixed_products_share_a_sheet(tmp_path: Path, some_labels: Labels, label_font: LabelFont) -> None:
    labels = [*some_labels(2), *some_labels(2, product="万载龙牙百合", grade="", weight_g=500, test=False)]
    write_pdf(labels, A4_24, label_font, tmp_path / "sheet.pdf")
    (text,) = page_texts(tmp_path / "sheet.pdf")
    lines = text.split("\r\n")
    assert [lines.count(name) for name in ("赣南脐橙", "万载龙牙百合", "净重 500 g", "测试 TEST")] == [2, 2, 2, 2]


@pytest.mark.parametrize("template", [A4_24, ROLL_60X40])
def test_failure_leaves_what_was_there(
    tmp_path: Path, some_labels: Labels, label_font: LabelFont, template: Template
) -> None:
    out = tmp_path / "labels.pdf"
    out.write_bytes(b"yesterday's labels")
    broken = [*some_labels(30), LabelContent("ftp://q.example.com/X", "", "")]
    with pytest.raises(LabelCodeError):
        write_pdf(broken, template, label_font, out)
    with pytest.raises(NoLabelsError):
        write_pdf([], template, label_font, out)
    assert out.read_bytes() == b"yesterday's labels"
    assert [path.name for path in tmp_path.iterdir()] == ["labels.pdf"]


def test_folder_that_is_not_there(tmp_path: Path, some_labels: Labels, label_font: LabelFont) -> None:
    with pytest.raises(LabelFileError, match="No such file or directory"):
        write_pdf(some_labels(1), A4_24, label_font, tmp_path / "no" / "labels.pdf")


def test_disk_that_fills_up(
    tmp_path: Path, some_labels: Labels, label_font: LabelFont, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(LabelFileError) as refused:
        write_pdf(some_labels(1), A4_24, label_font, tmp_path / "labels.pdf")
    assert refused.value.message() == (
        f"{tmp_path / 'labels.pdf'} cannot be written: No space left on device. Nothing was left behind; the file that "
        "was there before is as it was."
    )
    assert list(tmp_path.iterdir()) == []
