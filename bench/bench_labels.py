"""Payload to PDF sheet: our labels against ``qrcode`` and one reportlab image a label, with the same Chinese text.
Then labels for a label printer: our ZPL and TSPL streams against ``qrcode`` and Pillow with one plain ``^GFA`` a label.

Both sides make A4 sheets of 3 x 8 labels from ready code URLs: symbol at level M, five lines of text and the serial.
Theirs is measured on fewer labels, as it takes the same time for each. Rounds alternate; the medians are compared.
"""

import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import qrcode
from PIL import Image, ImageDraw, ImageFont
from qrcode.image.pil import PilImage
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from tracelib.labels.content import LabelContent, grouped_unit_id
from tracelib.labels.fonts import LabelFont, find_font
from tracelib.labels.output import PrintRun, print_out
from tracelib.labels.pdf import write_pdf
from tracelib.labels.template_files import find_template

SHEET = find_template("a4-24")
ROLL = find_template("roll-60x40")
LABELS = 10_000
THEIR_LABELS = 192
QUICK_LABELS, QUICK_THEIRS = 1_200, 48
ROUNDS = 3
WANTED_RATIO = 25.0
WANTED_ROLL = 5.0
MOST_BYTES = 700.0


def contents(count: int) -> Iterator[LabelContent]:
    """Labels as a batch has them: 190 characters in version 8, each with its own blob and serial."""
    chosen = random.Random(26)
    for _ in range(count):
        blob = "CFLEOWVHKQE4UAPUCJAB" + "".join(chosen.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", k=100))
        serial = "7KQX" + "".join(chosen.choices("0123456789ABCDEFGHJKMNPQRSTVWXYZ", k=11))
        yield LabelContent(
            url=f"https://q.example.com/{blob}/01/06901234567892/10/26A0137/21/{serial}",
            unit_id=serial,
            product="赣南脐橙",
            grade="一级",
            weight_g=5000,
            lot="26A0137",
            uscc="91360722MA35EXAM0X",
            issuer="信丰县示例脐橙专业合作社",
            test=True,
        )


def ours(labels: list[LabelContent], font: LabelFont, out: Path) -> None:
    """The way of this project."""
    write_pdf(labels, SHEET, font, out)


def theirs(labels: list[LabelContent], font: LabelFont, out: Path) -> None:
    """``qrcode`` for the symbol, ``drawImage`` and ``drawString`` for every label."""
    pdfmetrics.registerFont(TTFont("label", str(font.path)))
    canvas = Canvas(str(out), pagesize=A4)
    for n, label in enumerate(labels):
        slot = n % SHEET.per_page
        if n and slot == 0:
            canvas.showPage()
        left, top = (edge * mm for edge in SHEET.corner(slot))
        code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, border=4, box_size=1)
        code.add_data(label.url)
        image = code.make_image(image_factory=PilImage).get_image().convert("1")
        canvas.drawImage(ImageReader(image), left + 2 * mm, A4[1] - top - 33 * mm, 29 * mm, 29 * mm)
        for row, line in enumerate((*_lines(label), f"序列号 {grouped_unit_id(label.unit_id)}")):
            canvas.setFont("label", 7)
            canvas.drawString(left + 32 * mm, A4[1] - top - (8 + 4 * row) * mm, line)
    canvas.save()


def our_zpl(labels: list[LabelContent], font: LabelFont, out: Path) -> None:
    """A roll of labels as ZPL."""
    print_out(enumerate(labels, 1), PrintRun(ROLL, font, out, "zpl"))


def our_tspl(labels: list[LabelContent], font: LabelFont, out: Path) -> None:
    """A roll of labels as TSPL."""
    print_out(enumerate(labels, 1), PrintRun(ROLL, font, out, "tspl"))


def their_zpl(labels: list[LabelContent], font: LabelFont, out: Path) -> None:
    """Pillow draws the whole label, which goes out as hexadecimal."""
    grid = ROLL.dots_per_mm
    face = ImageFont.truetype(str(font.path), round(2.6 * grid))
    width, height = round(ROLL.label[0] * grid), round(ROLL.label[1] * grid)
    with out.open("wb") as stream:
        for label in labels:
            image = Image.new("1", (width, height), 1)
            draw = ImageDraw.Draw(image)
            code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, border=4, box_size=4)
            code.add_data(label.url)
            image.paste(code.make_image(image_factory=PilImage).get_image().convert("1"), (0, 0))
            for row, line in enumerate((*_lines(label), f"序列号 {grouped_unit_id(label.unit_id)}")):
                draw.text((31 * grid, (2 + 4 * row) * grid), line, fill=0, font=face)
            rows = bytes(byte ^ 0xFF for byte in image.tobytes())
            size = len(rows)
            stream.write(b"^XA^FO0,0^GFA,%d,%d,%d,%b^FS^XZ" % (size, size, width // 8, rows.hex().upper().encode()))


def run(quick: bool) -> list[dict[str, object]]:
    """Measure; rows with ``work``, ``ours``, ``theirs``, ``unit``, ``ratio``, ``wanted``.

    ``ratio`` must reach ``wanted`` in every row: for the size of the file it is the most a label may take, 700 bytes,
    over what it takes.
    """
    count, their_count = (QUICK_LABELS, QUICK_THEIRS) if quick else (LABELS, THEIR_LABELS)
    font = find_font()
    labels = list(contents(count))
    sheet = _compare(ours, theirs, labels, their_count, font, 1 if quick else ROUNDS)
    rolls = labels[: count // 10]
    zpl = _compare(our_zpl, their_zpl, rolls, their_count, font, 1 if quick else ROUNDS)
    tspl = _compare(our_tspl, their_zpl, rolls, their_count, font, 1 if quick else ROUNDS)
    return [
        _rates(f"payload to PDF sheet, {count:,} labels", sheet, WANTED_RATIO),
        {
            "work": f"bytes a label in the PDF, under {MOST_BYTES:.0f}",
            "ours": sheet.size,
            "theirs": sheet.their_size,
            "unit": "bytes",
            "ratio": MOST_BYTES / sheet.size,
            "wanted": 1.0,
        },
        _rates(
            f"payload to ZPL for a 60 x 40 roll, {len(rolls):,} labels; theirs: Pillow, plain ^GFA", zpl, WANTED_ROLL
        ),
        _rates(f"payload to TSPL, 60 x 40 roll, {len(rolls):,} labels; theirs: as above", tspl, WANTED_ROLL),
        {
            "work": "bytes a label in ZPL",
            "ours": zpl.size,
            "theirs": zpl.their_size,
            "unit": "bytes",
            "ratio": zpl.their_size / zpl.size,
            "wanted": 1.0,
        },
    ]


@dataclass(frozen=True)
class Compared:
    """Labels a second and bytes a label, ours and theirs; medians of alternating rounds."""

    rate: float
    their_rate: float
    size: float
    their_size: float


Work = Callable[[list[LabelContent], LabelFont, Path], None]


def _compare(
    mine: Work, other: Work, labels: list[LabelContent], their_count: int, font: LabelFont, rounds: int
) -> Compared:
    with tempfile.TemporaryDirectory() as folder:
        file, their_file = Path(folder) / "ours", Path(folder) / "theirs"
        mine(labels[:24], font, file)
        rates, their_rates = [], []
        for _ in range(rounds):
            rates.append(_rate(mine, labels, font, file))
            their_rates.append(_rate(other, labels[:their_count], font, their_file))
        size, their_size = file.stat().st_size / len(labels), their_file.stat().st_size / their_count
    return Compared(statistics.median(rates), statistics.median(their_rates), size, their_size)


def _rates(work: str, compared: Compared, wanted: float) -> dict[str, object]:
    return {
        "work": work,
        "ours": compared.rate,
        "theirs": compared.their_rate,
        "unit": "labels/s",
        "ratio": compared.rate / compared.their_rate,
        "wanted": wanted,
    }


def _lines(label: LabelContent) -> tuple[str, ...]:
    return ("测试 TEST", label.product, f"{label.grade} 净重 5 kg", f"批号 {label.lot}", label.issuer, label.uscc)


def _rate(work: Work, labels: list[LabelContent], font: LabelFont, out: Path) -> float:
    start = time.perf_counter()
    work(labels, font, out)
    return len(labels) / (time.perf_counter() - start)


if __name__ == "__main__":
    for row in run(quick=False):
        print(row)
