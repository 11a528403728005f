"""The delivery note of a print order as PDF: what a print house brings, roll by roll, for both sides to sign.

Chinese with the English words small beneath. The same order gives the same bytes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, KeepTogether, LongTable, Paragraph, SimpleDocTemplate, Spacer, Table

from tracelib.batches.pieces import places_of
from tracelib.batches.print_account import RollAccount
from tracelib.batches.print_order import PrintOrder, PrintRoll
from tracelib.clock import CHINA
from tracelib.codes.serial import grouped
from tracelib.labels.fonts import LabelFont

FONT = "DeliveryNote"
Style = list[tuple[Any, ...]]
"""Commands of a table's style, as reportlab takes them."""
MARGIN = 18 * mm
WIDTH = A4[0] - 2 * MARGIN
GREY, LINE, SHADE = colors.HexColor("#5a5a5a"), colors.HexColor("#9a9a9a"), colors.HexColor("#f0f0f0")
_TITLE = ParagraphStyle("title", fontName=FONT, fontSize=17, leading=21)
_SMALL = ParagraphStyle("small", fontName=FONT, fontSize=7.5, leading=10, textColor=GREY, wordWrap="CJK")
_CELL = ParagraphStyle("cell", fontName=FONT, fontSize=9.5, leading=12.5, wordWrap="CJK")
_RIGHT = ParagraphStyle("right", parent=_TITLE, alignment=2)
_COLUMNS = (
    ("卷", "Roll", 13),
    ("位置", "Positions", 27),
    ("首枚序列号", "First serial", 36),
    ("末枚序列号", "Last serial", 36),
    ("枚数", "Labels", 17),
    ("校验码", "SHA-256, first 8", 25),
    ("实收", "Received", 20),
)
"""Chinese and English heads, width in mm; together as wide as the page allows."""


@dataclass(frozen=True, slots=True)
class NoteFacts:
    """What stands on a delivery note. ``accounts`` are the rolls' numbers; a roll that was received shows how many."""

    order: PrintOrder
    rolls: Sequence[PrintRoll]
    accounts: Sequence[RollAccount]
    product: str
    party: str
    uscc: str


def delivery_note(facts: NoteFacts, font: LabelFont) -> bytes:
    """The note as a PDF file of A4 pages.

    Raises GlyphMissingError for a name that the font cannot draw.
    """
    for text in (facts.product, facts.party, facts.order.house, facts.order.lot):
        font.width(text, 1)
    if FONT not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(TTFont(FONT, str(font.path)))
    stream = BytesIO()
    document = SimpleDocTemplate(
        stream,
        pagesize=A4,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=15 * mm,
        bottomMargin=17 * mm,
        title=f"标签交货单 {facts.order.number}",
        author=facts.party,
        invariant=1,
    )
    story: list[Flowable] = [
        _head(facts),
        Spacer(1, 4 * mm),
        _particulars(facts),
        Spacer(1, 5 * mm),
        _rolls(facts),
        Spacer(1, 5 * mm),
    ]
    story.append(KeepTogether([*_promises(bool(facts.order.reason)), Spacer(1, 7 * mm), _signatures()]))
    document.build(story, canvasmaker=_numbered(facts.order.number))
    return stream.getvalue()


def _two(chinese: str, english: str) -> list[Paragraph]:
    return [Paragraph(chinese, _CELL), Paragraph(english, _SMALL)]


def _head(facts: NoteFacts) -> Table:
    left = [Paragraph("标签交货单", _TITLE), Paragraph("Delivery note for printed labels", _SMALL)]
    small = ParagraphStyle("r", parent=_SMALL, alignment=2)
    right = [Paragraph(f"№ {facts.order.number}", _RIGHT), Paragraph("订单号 Order number", small)]
    return Table(
        [[left, right]], colWidths=[WIDTH * 0.6, WIDTH * 0.4], style=[("LINEBELOW", (0, 0), (-1, 0), 1.2, colors.black)]
    )


def _particulars(facts: NoteFacts) -> Table:
    order = facts.order
    party = facts.party + (f"<br/><font size=7.5 color='#5a5a5a'>{facts.uscc}</font>" if facts.uscc else "")
    left_out = f"（另有 {order.left_out} 个作废码不印）" if order.left_out else ""
    rows = [
        (("委托方", "Customer"), party, ("承印方", "Print house"), _escaped(order.house)),
        (("产品", "Product"), _escaped(facts.product), ("批号", "Lot"), order.lot),
        (
            ("数量", "Quantity"),
            f"{order.count:,} 枚{left_out}",
            ("卷数", "Rolls"),
            f"{order.rolls} 卷，每卷 {order.roll_size:,} 枚",
        ),
        (
            ("下单日期", "Ordered on"),
            f"{order.at.astimezone(CHINA):%Y-%m-%d}",
            ("经手人", "Ordered by"),
            _escaped(order.operator),
        ),
    ]
    if order.reason:
        rows.append((("重印原因", "Reprinted because"), _escaped(order.reason), ("", ""), ""))
    cells = [[_two(*a), Paragraph(b, _CELL), _two(*c) if c[0] else "", Paragraph(d, _CELL)] for a, b, c, d in rows]
    style: Style = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, -1), 0.3, LINE),
        ("LEFTPADDING", (0, 0), (-1, -1), 2),
        ("TOPPADDING", (0, 0), (-1, -1), 3),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
    ]
    return Table(cells, colWidths=[WIDTH * part for part in (0.13, 0.40, 0.13, 0.34)], style=style)


def _rolls(facts: NoteFacts) -> LongTable:
    cells: list[list[Any]] = [[_two(chinese, english) for chinese, english, _ in _COLUMNS]]
    for roll, account in zip(facts.rolls, facts.accounts, strict=True):
        received = f"{account.delivered:,}" if account.delivered or account.missing else ""
        ends = (grouped(roll.first_serial), grouped(roll.last_serial))
        places = places_of(roll.pieces, most=1)
        cells.append([str(roll.roll), places, *ends, f"{roll.count:,}", account.sha256[:8] or "–", received])
    arrived = sum(account.delivered for account in facts.accounts)
    cells.append(["合计", "", "", "", f"{facts.order.count:,}", "", f"{arrived:,}" if arrived else ""])
    style: Style = [
        ("FONT", (0, 0), (-1, -1), FONT, 8.5),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("BACKGROUND", (0, 0), (-1, 0), SHADE),
        ("GRID", (0, 0), (-1, -1), 0.3, LINE),
        ("LINEABOVE", (0, -1), (-1, -1), 0.9, colors.black),
        ("ALIGN", (0, 1), (0, -1), "CENTER"),
        ("ALIGN", (4, 1), (4, -1), "RIGHT"),
        ("ALIGN", (6, 1), (6, -1), "RIGHT"),
        ("LEFTPADDING", (0, 0), (-1, -1), 3),
        ("RIGHTPADDING", (0, 0), (-1, -1), 3),
        ("TOPPADDING", (0, 1), (-1, -1), 2.5),
        ("BOTTOMPADDING", (0, 1), (-1, -1), 3.5),
    ]
    return LongTable(cells, colWidths=[width * mm for _, _, width in _COLUMNS], repeatRows=1, style=style)


def _promises(reprint: bool) -> list[Flowable]:
    zh, en = "每个码只印一次。", "Every code is printed once."
    if reprint:
        zh = "本单为重印：码以前印过，本次每个码再印一次。"
        en = "A reprint: these codes were printed before, and each is printed once more."
    chinese = zh + (
        "多印、漏印、断卷、重印的，在“实收”栏旁写明并双方签字；废品不得流出，须交回或当面销毁。"
        "校验栏为各卷文件 SHA-256 的前 8 位，完整的值见随附的 SHA256SUMS。"
    )
    english = en + (
        " What was printed twice, left out, spliced or printed again is written beside the roll and signed by both; "
        "waste is handed back or destroyed in presence of both. Checksums are the first 8 digits of each file's "
        "SHA-256; SHA256SUMS has them whole."
    )
    return [Paragraph(chinese, _CELL), Spacer(1, 1 * mm), Paragraph(english, _SMALL)]


def _signatures() -> Table:
    """Three places to sign, with a line each and room for a seal above it."""
    sides = (("承印方（签章）", "Print house"), ("送货人", "Delivered by"), ("收货人（签章）", "Received by"))
    blank = [""] * 5
    cells: list[list[Any]] = [blank.copy(), blank.copy(), blank.copy()]
    for column, side in zip((0, 2, 4), sides, strict=True):
        cells[0][column], cells[2][column] = _two(*side), _two("日期", "Date")
    style: Style = [("LINEABOVE", (column, 2), (column, 2), 0.6, colors.black) for column in (0, 2, 4)]
    style += [("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0)]
    gap = 8 * mm
    width = (WIDTH - 2 * gap) / 3
    return Table(cells, colWidths=[width, gap, width, gap, width], rowHeights=[11 * mm, 14 * mm, 11 * mm], style=style)


def _numbered(number: str) -> type[Canvas]:
    """A canvas that writes «第 1 页 / 共 3 页» once it knows how many pages there are."""

    class Numbered(Canvas):
        """Keeps every page until all are there, then numbers them."""

        def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as reportlab calls it
            super().__init__(*args, **kwargs)
            self._kept: list[dict[str, Any]] = []

        def showPage(self) -> None:
            self._kept.append(dict(self.__dict__))
            self._startPage()  # type: ignore[attr-defined]  # as reportlab's own recipe does

        def save(self) -> None:
            for page, state in enumerate(self._kept, 1):
                self.__dict__.update(state)
                self.setFont(FONT, 8)
                self.setFillColor(GREY)
                self.drawString(MARGIN, 10 * mm, f"标签交货单 {number}")
                self.drawRightString(
                    A4[0] - MARGIN,
                    10 * mm,
                    f"第 {page} 页 / 共 {len(self._kept)} 页   Page {page} of {len(self._kept)}",
                )
                super().showPage()
            super().save()

    return Numbered


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
