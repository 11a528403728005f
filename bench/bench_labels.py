"""Payload to PDF sheet: our labels against ``qrcode`` and one reportlab image a label, with the same Chinese text.

Both sides make A4 sheets of 3 x 8 labels from ready code URLs: symbol at level M, five lines of text and the serial.
Theirs is measured on fewer labels, as it takes the same time for each. Rounds alternate; the medians are compared.
"""

import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import qrcode
from qrcode.image.pil import PilImage
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from tracelib.labels.content import LabelContent, grouped_unit_id
from tracelib.labels.fonts import LabelFont, find_font
from tracelib.labels.pdf import write_pdf
from tracelib.labels.template_files import find_template

SHEET = find_template("a4-24")
LABELS = 10_000
THEIR_LABELS = 192
QUICK_LABELS, QUICK_THEIRS = 1_200, 48
ROUNDS = 3
WANTED_RATIO = 25.0
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
        lines = ("测试 TEST", label.product, f"{label.grade} 净重 5 kg", f"批号 {label.lot}", label.issuer, label.uscc)
        for row, line in enumerate((*lines, f"序列号 {grouped_unit_id(label.unit_id)}")):
            canvas.setFont("label", 7)
            canvas.drawString(left + 32 * mm, A4[1] - top - (8 + 4 * row) * mm, line)
    canvas.save()


def run(quick: bool) -> list[dict[str, object]]:
    """Measure; rows with ``work``, ``ours``, ``theirs``, ``unit``, ``ratio``, ``wanted``.

    ``ratio`` must reach ``wanted`` in every row: for the size of the file it is the most a label may take, 700 bytes,
    over what it takes.
    """
    count, their_count = (QUICK_LABELS, QUICK_THEIRS) if quick else (LABELS, THEIR_LABELS)
    font = find_font()
    labels = list(contents(count))
    with tempfile.TemporaryDirectory() as folder:
        file, their_file = Path(folder) / "ours.pdf", Path(folder) / "theirs.pdf"
        ours(labels[:24], font, file)
        our_rates, their_rates = [], []
        for _ in range(1 if quick else ROUNDS):
            our_rates.append(_rate(ours, labels, font, file))
            their_rates.append(_rate(theirs, labels[:their_count], font, their_file))
        size = file.stat().st_size / count
        their_size = their_file.stat().st_size / their_count
    rate, their_rate = statistics.median(our_rates), statistics.median(their_rates)
    return [
        {
            "work": f"payload to PDF sheet, {count:,} labels",
            "ours": rate,
            "theirs": their_rate,
            "unit": "labels/s",
            "ratio": rate / their_rate,
            "wanted": WANTED_RATIO,
        },
        {
            "work": f"bytes a label in the PDF, under {MOST_BYTES:.0f}",
            "ours": size,
            "theirs": their_size,
            "unit": "bytes",
            "ratio": MOST_BYTES / size,
            "wanted": 1.0,
        },
    ]


def _rate(
    work: Callable[[list[LabelContent], LabelFont, Path], None], labels: list[LabelContent], font: LabelFont, out: Path
) -> float:
    start = time.perf_counter()
    work(labels, font, out)
    return len(labels) / (time.perf_counter() - start)


if __name__ == "__main__":
    for row in run(quick=False):
        print(row)
