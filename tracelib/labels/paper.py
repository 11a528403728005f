"""What the papers of this program share: a page of A4, Chinese with English small beneath, numbered pages.

The same content gives the same bytes.
"""

from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Table

from tracelib.labels.fonts import LabelFont

FONT = "TracelibPaper"
Style = list[tuple[Any, ...]]
"""Commands of a table's style, as reportlab takes them."""
MARGIN = 18 * mm
WIDTH = A4[0] - 2 * MARGIN
GREY, LINE, SHADE = colors.HexColor("#5a5a5a"), colors.HexColor("#9a9a9a"), colors.HexColor("#f0f0f0")
TITLE = ParagraphStyle("title", fontName=FONT, fontSize=17, leading=21)
SMALL = ParagraphStyle("small", fontName=FONT, fontSize=7.5, leading=10, textColor=GREY, wordWrap="CJK")
CELL = ParagraphStyle("cell", fontName=FONT, fontSize=9.5, leading=12.5, wordWrap="CJK")
RIGHT = ParagraphStyle("right", parent=TITLE, alignment=2)


def use_font(font: LabelFont, texts: Iterable[str]) -> None:
    """Take the font for the paper that is made next: before its first paragraph.

    Raises GlyphMissingError where it cannot draw one of the texts.
    """
    for text in texts:
        font.width(text, 1)
    if FONT not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(TTFont(FONT, str(font.path)))


def make_paper(story: Sequence[Flowable], *, title: str, author: str, foot: str) -> bytes:
    """The flowables as a PDF file of A4 pages; ``foot`` stands on every page beside its number."""
    stream = BytesIO()
    document = SimpleDocTemplate(
        stream,
        pagesize=A4,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=15 * mm,
        bottomMargin=17 * mm,
        title=title,
        author=author,
        invariant=1,
    )
    document.build(list(story), canvasmaker=_numbered(foot))
    return stream.getvalue()


def two(chinese: str, english: str) -> list[Paragraph]:
    """A Chinese word with its English one small beneath."""
    return [Paragraph(chinese, CELL), Paragraph(english, SMALL)]


def heading(chinese: str, english: str, number: str, of: str) -> Table:
    """The head of a paper: its title on the left, its number on the right; ``of`` says what the number is."""
    left = [Paragraph(chinese, TITLE), Paragraph(english, SMALL)]
    small = ParagraphStyle("r", parent=SMALL, alignment=2)
    right = [Paragraph(f"№ {number}", RIGHT), Paragraph(of, small)]
    return Table(
        [[left, right]], colWidths=[WIDTH * 0.6, WIDTH * 0.4], style=[("LINEBELOW", (0, 0), (-1, 0), 1.2, colors.black)]
    )


def particulars(rows: Sequence[list[Any]], widths: Sequence[float]) -> Table:
    """Facts beside their names, thin lines between."""
    style: Style = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, -1), 0.3, LINE),
        ("LEFTPADDING", (0, 0), (-1, -1), 2),
        ("TOPPADDING", (0, 0), (-1, -1), 3),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
    ]
    return Table(list(rows), colWidths=[WIDTH * part for part in widths], style=style)


def signatures(sides: Sequence[tuple[str, str]]) -> Table:
    """Three places to sign, with a line each and room for a seal above it."""
    blank = [""] * 5
    cells: list[list[Any]] = [blank.copy(), blank.copy(), blank.copy()]
    for column, side in zip((0, 2, 4), sides, strict=True):
        cells[0][column], cells[2][column] = two(*side), two("日期", "Date")
    style: Style = [("LINEABOVE", (column, 2), (column, 2), 0.6, colors.black) for column in (0, 2, 4)]
    style += [("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0)]
    gap = 8 * mm
    width = (WIDTH - 2 * gap) / 3
    return Table(cells, colWidths=[width, gap, width, gap, width], rowHeights=[11 * mm, 14 * mm, 11 * mm], style=style)


def escaped(text: str) -> str:
    """A text as it may stand in a paragraph."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _numbered(foot: str) -> type[Canvas]:
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
                self.drawString(MARGIN, 10 * mm, foot)
                self.drawRightString(
                    A4[0] - MARGIN,
                    10 * mm,
                    f"第 {page} 页 / 共 {len(self._kept)} 页   Page {page} of {len(self._kept)}",
                )
                super().showPage()
            super().save()

    return Numbered
