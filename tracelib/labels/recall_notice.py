"""A recall notice as PDF, for one party: what it has received, what to do at once, and a reply to send back.

Chinese with the English words small beneath. A drill says so in large letters on every page. The same recall gives the
same bytes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reportlab.lib import colors
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, KeepTogether, LongTable, Paragraph, Spacer, Table

from tracelib.batches.batch import kilograms
from tracelib.clock import CHINA
from tracelib.labels.fonts import LabelFont
from tracelib.labels.paper import (
    CELL,
    FONT,
    LINE,
    SHADE,
    SMALL,
    WIDTH,
    Style,
    escaped,
    heading,
    make_paper,
    particulars,
    signatures,
    two,
    use_font,
)

SERIALS_SHOWN = 150
"""With more units the serial numbers stand in the list that comes with the notice, not on paper."""
RED = colors.HexColor("#b3261e")
_BANNER = ParagraphStyle("banner", fontName=FONT, fontSize=13, leading=18, textColor=colors.white, alignment=1)
_BANNER_SMALL = ParagraphStyle("banner-small", parent=_BANNER, fontSize=8.5, leading=11)
_SERIAL = ParagraphStyle("serial", fontName=FONT, fontSize=8, leading=11.5)
_SIDES = (("召回方（签章）", "Called back by"), ("收件方（签章）", "Received by"), ("经手人", "Handled by"))
_COLUMNS = (
    ("批次", "Batch", 62),
    ("物流单元", "Logistic unit (SSCC)", 42),
    ("件数", "Units", 16),
    ("公斤", "kg", 20),
    ("最近事件", "Last event", 34),
)
"""Chinese and English heads, width in mm; together as wide as the page allows."""


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """So many units of a batch on one logistic unit (empty: on none), or goods without units (``units`` 0)."""

    batch: str
    container: str
    units: int
    weight_g: int
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class NoticeFacts:
    """What stands on a notice. ``own``: it is for the warehouse of the party that calls back. ``serials`` are printed
    for people; ``list_name`` is the file that has them all.
    """

    number: str
    drill: bool
    reason: str
    opened_at: datetime
    sender: str
    sender_uscc: str
    sender_contact: str
    recipient: str
    recipient_contact: str
    product: str
    own: bool
    lines: Sequence[NoticeLine]
    serials: Sequence[str]
    list_name: str

    @property
    def units(self) -> int:
        """Units on all lines."""
        return sum(line.units for line in self.lines)

    @property
    def weight_g(self) -> int:
        """Grams on all lines."""
        return sum(line.weight_g for line in self.lines)


def recall_notice(facts: NoticeFacts, font: LabelFont) -> bytes:
    """The notice as a PDF file of A4 pages. Raises GlyphMissingError for a text that the font cannot draw."""
    use_font(font, (facts.product, facts.sender, facts.recipient, facts.reason, facts.recipient_contact))
    title = ("召回演练通知", "Recall drill: notice") if facts.drill else ("召回通知", "Recall notice")
    story: list[Flowable] = [
        heading(*title, facts.number, "召回编号 Recall number"),
        Spacer(1, 3 * mm),
        _banner(facts.drill),
        Spacer(1, 4 * mm),
        _particulars(facts),
        Spacer(1, 5 * mm),
        *_what_to_do(facts),
        Spacer(1, 5 * mm),
        _goods(facts),
        *_serials(facts),
        Spacer(1, 6 * mm),
        KeepTogether(
            [*_reply(facts.own, "件 units" if facts.units else "公斤 kg"), Spacer(1, 9 * mm), signatures(_SIDES)]
        ),
    ]
    foot = f"{'演练 DRILL · ' if facts.drill else ''}{title[0]} {facts.number}"
    return make_paper(story, title=f"{title[0]} {facts.number}", author=facts.sender, foot=foot)


def _banner(drill: bool) -> Table:
    words = ("立即停止销售", "Stop selling these goods at once") if not drill else (
        "演练：不召回任何货物，请勿下架", "DRILL: nothing is called back. Leave the goods on the shelf"
    )  # fmt: skip
    style: Style = [
        ("BACKGROUND", (0, 0), (-1, -1), colors.HexColor("#3d5a80") if drill else RED),
        ("TOPPADDING", (0, 0), (-1, -1), 5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 6),
    ]
    cell = [Paragraph(words[0], _BANNER), Paragraph(words[1], _BANNER_SMALL)]
    return Table([[cell]], colWidths=[WIDTH], style=style)


def _particulars(facts: NoticeFacts) -> Table:
    def small(text: str) -> str:
        """A second line in small type, where there is one."""
        return f"<br/><font size=7.5 color='#5a5a5a'>{escaped(text)}</font>" if text else ""

    sender = escaped(facts.sender) + small(facts.sender_uscc) + small(facts.sender_contact)
    recipient = escaped(facts.recipient) + small(facts.recipient_contact)
    kg = f"{kilograms(facts.weight_g)} 公斤"
    weight = f"{facts.units:,} 件，{kg}" if facts.units else kg
    rows = [
        (("召回方", "Called back by"), sender, ("收件方", "To"), recipient),
        (("产品", "Product"), escaped(facts.product), ("数量", "Quantity"), weight),
        (
            ("发起时间", "Opened"),
            f"{facts.opened_at.astimezone(CHINA):%Y-%m-%d %H:%M}",
            ("编号", "Number"),
            facts.number,
        ),
    ]
    cells = [[two(*a), Paragraph(b, CELL), two(*c), Paragraph(d, CELL)] for a, b, c, d in rows]
    cells.append([two("召回原因", "Reason"), Paragraph(escaped(facts.reason), CELL), "", ""])
    table = particulars(cells, (0.13, 0.40, 0.13, 0.34))
    table.setStyle([("SPAN", (1, 3), (3, 3))])
    return table


_STEPS = (
    (
        "停止销售，把下列货物全部下架；已装车的扣下不发。",
        "Stop selling. Take all these goods off sale; hold what is loaded.",
    ),
    (
        "单独存放，贴上“召回”字样，不得退换、转卖、赠送。",
        "Keep them apart, marked «recalled»; do not swap, resell or give away.",
    ),
    (
        "按所附清单逐件清点，扫码会显示“已召回”。",
        "Count them against the list that comes with this; a scan says «recalled».",
    ),
    (
        "当天填好下面的回执寄回；已转卖的，把去向写在背面，并立即通知对方。",
        "Send the reply below the same day; what was sold on: say to whom overleaf, and tell them at once.",
    ),
    (
        "等候召回方安排收回或销毁，不要自行处理。",
        "Wait to be told about return or destruction; do not dispose of them yourself.",
    ),
)
_DRILL_STEPS = (
    (
        "照常销售，不要下架。",
        "Go on selling; take nothing off the shelf.",
    ),
    (
        "按所附清单核对：这些货还有多少在你处。",
        "Compare with the list: how many of these goods are still with you.",
    ),
    (
        "填好回执，注明收到通知的时间，当天寄回。",
        "Fill in the reply with the time at which this reached you; send it the same day.",
    ),
)


def _what_to_do(facts: NoticeFacts) -> list[Flowable]:
    steps = _DRILL_STEPS if facts.drill else _STEPS
    numbered: list[Flowable] = [Paragraph("请立即这样做 <font size=7.5 color='#5a5a5a'>What to do now</font>", CELL)]
    for number, (chinese, english) in enumerate(steps, 1):
        text = f"{number}. {chinese}<br/><font size=7.5 color='#5a5a5a'>{english}</font>"
        numbered += [Spacer(1, 1.2 * mm), Paragraph(text, CELL)]
    return numbered


def _goods(facts: NoticeFacts) -> LongTable:
    cells: list[list[Any]] = [[two(chinese, english) for chinese, english, _ in _COLUMNS]]
    for line in facts.lines:
        last = f"{line.last_at.astimezone(CHINA):%Y-%m-%d %H:%M}" if line.last_at else ""
        units = f"{line.units:,}" if line.units else "散货"
        container = Paragraph(escaped(line.container or "–"), CELL)
        cells.append([Paragraph(escaped(line.batch), CELL), container, units, kilograms(line.weight_g), last])
    cells.append(["合计 Total", "", f"{facts.units:,}", kilograms(facts.weight_g), ""])
    style: Style = [
        ("FONT", (0, 0), (-1, -1), FONT, 9),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("BACKGROUND", (0, 0), (-1, 0), SHADE),
        ("GRID", (0, 0), (-1, -1), 0.3, LINE),
        ("LINEABOVE", (0, -1), (-1, -1), 0.9, colors.black),
        ("ALIGN", (2, 1), (3, -1), "RIGHT"),
        ("LEFTPADDING", (0, 0), (-1, -1), 3),
        ("RIGHTPADDING", (0, 0), (-1, -1), 3),
        ("TOPPADDING", (0, 1), (-1, -1), 2.5),
        ("BOTTOMPADDING", (0, 1), (-1, -1), 3.5),
    ]
    return LongTable(cells, colWidths=[width * mm for _, _, width in _COLUMNS], repeatRows=1, style=style)


def _serials(facts: NoticeFacts) -> list[Flowable]:
    if not facts.units:
        return []
    words = f"每一件的序列号见所附清单 {facts.list_name}（Excel、WPS 可以打开）。"
    english = f"The serial number of every unit stands in the list that comes with this: {facts.list_name}"
    found: list[Flowable] = [Spacer(1, 3 * mm), Paragraph(escaped(words), CELL), Paragraph(escaped(english), SMALL)]
    if len(facts.serials) <= SERIALS_SHOWN:
        rows = [list(facts.serials[start : start + 4]) for start in range(0, len(facts.serials), 4)]
        rows = [row + [""] * (4 - len(row)) for row in rows]
        style: Style = [("FONT", (0, 0), (-1, -1), FONT, 8), ("TOPPADDING", (0, 0), (-1, -1), 1)]
        style += [("BOTTOMPADDING", (0, 0), (-1, -1), 1.5), ("LEFTPADDING", (0, 0), (-1, -1), 6)]
        found += [Spacer(1, 2 * mm), LongTable(rows, colWidths=[WIDTH / 4] * 4, style=style)]
    return found


_COUNTS = (
    ("在库封存", "Held here"),
    ("已售出", "Sold"),
    ("已转给他人", "Passed on"),
    ("已退回", "Sent back"),
    ("找不到", "Not found"),
)
_OWN_COUNTS = (
    ("封存", "Held"),
    ("已出库", "Gone out"),
    ("报损", "Spoiled"),
    ("已销毁", "Destroyed"),
    ("找不到", "Not found"),
)


def _reply(own: bool, unit: str) -> list[Flowable]:
    names = _OWN_COUNTS if own else _COUNTS
    cells: list[list[Any]] = [[two(*name) for name in names], [unit] * len(names)]
    style: Style = [
        ("FONT", (0, 1), (-1, 1), FONT, 7.5),
        ("TEXTCOLOR", (0, 1), (-1, 1), colors.HexColor("#5a5a5a")),
        ("GRID", (0, 0), (-1, -1), 0.3, LINE),
        ("BACKGROUND", (0, 0), (-1, 0), SHADE),
        ("ALIGN", (0, 1), (-1, 1), "RIGHT"),
        ("VALIGN", (0, 1), (-1, 1), "BOTTOM"),
    ]
    head = "回执（当天寄回召回方） <font size=7.5 color='#5a5a5a'>Reply, to be sent back the same day</font>"
    table = Table(cells, colWidths=[WIDTH / len(names)] * len(names), rowHeights=[None, 11 * mm], style=style)
    return [Paragraph(head, CELL), Spacer(1, 2 * mm), table]
