"""The delivery note of a print order as PDF: what a print house brings, roll by roll, for both sides to sign.

Chinese with the English words small beneath. The same order gives the same bytes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from reportlab.lib import colors
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, KeepTogether, LongTable, Paragraph, Spacer, Table

from tracelib.batches.pieces import places_of
from tracelib.batches.print_account import RollAccount
from tracelib.batches.print_order import PrintOrder, PrintRoll
from tracelib.clock import CHINA
from tracelib.codes.serial import grouped
from tracelib.labels.fonts import LabelFont
from tracelib.labels.paper import (
    CELL,
    FONT,
    LINE,
    SHADE,
    SMALL,
    Style,
    escaped,
    heading,
    make_paper,
    particulars,
    signatures,
    two,
    use_font,
)
from tracelib.labels.wording import TEST_MARK, TEST_WORDS

_SIDES = (("承印方（签章）", "Print house"), ("送货人", "Delivered by"), ("收货人（签章）", "Received by"))
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
    """What stands on a delivery note. ``accounts`` are the rolls' numbers; a roll that was received shows how many.

    ``test`` must be true where the root of the codes is a test root.
    """

    order: PrintOrder
    rolls: Sequence[PrintRoll]
    accounts: Sequence[RollAccount]
    product: str
    party: str
    uscc: str
    test: bool = False


def delivery_note(facts: NoteFacts, font: LabelFont) -> bytes:
    """The note as a PDF file of A4 pages.

    Raises GlyphMissingError for a name that the font cannot draw.
    """
    use_font(font, (facts.product, facts.party, facts.order.house, facts.order.lot))
    story: list[Flowable] = [
        heading("标签交货单", "Delivery note for printed labels", facts.order.number, "订单号 Order number"),
        *(_test_mark() if facts.test else []),
        Spacer(1, 4 * mm),
        _particulars(facts),
        Spacer(1, 5 * mm),
        _rolls(facts),
    ]
    promises = _promises(bool(facts.order.reason))
    story.append(KeepTogether([_total(facts), Spacer(1, 5 * mm), *promises, Spacer(1, 7 * mm), signatures(_SIDES)]))
    name = f"标签交货单 {facts.order.number}"
    return make_paper(story, title=name, author=facts.party, foot=name)


def _particulars(facts: NoteFacts) -> Table:
    order = facts.order
    party = facts.party + (f"<br/><font size=7.5 color='#5a5a5a'>{facts.uscc}</font>" if facts.uscc else "")
    left_out = f"（另有 {order.left_out} 个作废码不印）" if order.left_out else ""
    rows = [
        (("委托方", "Customer"), party, ("承印方", "Print house"), escaped(order.house)),
        (("产品", "Product"), escaped(facts.product), ("批号", "Lot"), order.lot),
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
            escaped(order.operator),
        ),
    ]
    if order.reason:
        rows.append((("重印原因", "Reprinted because"), escaped(order.reason), ("", ""), ""))
    cells = [[two(*a), Paragraph(b, CELL), two(*c) if c[0] else "", Paragraph(d, CELL)] for a, b, c, d in rows]
    return particulars(cells, (0.13, 0.40, 0.13, 0.34))


def _rolls(facts: NoteFacts) -> LongTable:
    cells: list[list[Any]] = [[two(chinese, english) for chinese, english, _ in _COLUMNS]]
    for roll, account in zip(facts.rolls, facts.accounts, strict=True):
        received = f"{account.delivered:,}" if account.delivered or account.missing else ""
        ends = (grouped(roll.first_serial), grouped(roll.last_serial))
        places = places_of(roll.pieces, most=1)
        cells.append([str(roll.roll), places, *ends, f"{roll.count:,}", account.sha256[:8] or "–", received])
    style: Style = [
        ("FONT", (0, 0), (-1, -1), FONT, 8.5),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("BACKGROUND", (0, 0), (-1, 0), SHADE),
        ("GRID", (0, 0), (-1, -1), 0.3, LINE),
        ("ALIGN", (0, 1), (0, -1), "CENTER"),
        ("ALIGN", (4, 1), (4, -1), "RIGHT"),
        ("ALIGN", (6, 1), (6, -1), "RIGHT"),
        ("LEFTPADDING", (0, 0), (-1, -1), 3),
        ("RIGHTPADDING", (0, 0), (-1, -1), 3),
        ("TOPPADDING", (0, 1), (-1, -1), 2.5),
        ("BOTTOMPADDING", (0, 1), (-1, -1), 3.5),
    ]
    return LongTable(cells, colWidths=[width * mm for _, _, width in _COLUMNS], repeatRows=1, style=style)


def _total(facts: NoteFacts) -> Table:
    """The sum under the rolls, on the page that is signed: order, quantity, and room to write what arrived in all."""
    order, arrived = facts.order, sum(account.delivered for account in facts.accounts)
    named = f"订单 Order {order.number} · {order.rolls} 卷 rolls"
    cells = [[two("合计", "Total"), "", named, "", f"{order.count:,}", two("实收合计", "Received in all"), ""]]
    cells[0][6] = f"{arrived:,}" if arrived else ""
    style: Style = [
        ("FONT", (0, 0), (-1, -1), FONT, 9.5),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("GRID", (0, 0), (-1, -1), 0.3, LINE),
        ("LINEABOVE", (0, 0), (-1, 0), 0.9, colors.black),
        ("SPAN", (0, 0), (1, 0)),
        ("SPAN", (2, 0), (3, 0)),
        ("BOX", (6, 0), (6, 0), 0.9, colors.black),
        ("ALIGN", (4, 0), (4, 0), "RIGHT"),
        ("ALIGN", (6, 0), (6, 0), "RIGHT"),
        ("LEFTPADDING", (0, 0), (-1, -1), 3),
        ("RIGHTPADDING", (0, 0), (-1, -1), 3),
    ]
    return Table(cells, colWidths=[width * mm for _, _, width in _COLUMNS], rowHeights=[12 * mm], style=style)


def _test_mark() -> list[Flowable]:
    """That the codes are of a test root, where they are."""
    style = ParagraphStyle(
        "test", parent=CELL, backColor=SHADE, borderWidth=0.9, borderColor=colors.black, borderPadding=4
    )
    return [Spacer(1, 4 * mm), Paragraph(f"{TEST_MARK}　{TEST_WORDS[0]} {TEST_WORDS[1]}", style)]


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
    return [Paragraph(chinese, CELL), Spacer(1, 1 * mm), Paragraph(english, SMALL)]
