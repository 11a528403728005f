"""A picture of a route: boxes in columns from left to right, arrows with what passed. SVG, for a wall or a report.

Everything is text and shapes of the page's own: no fonts, scripts or links from elsewhere. Texts come in the reader's
language; what does not fit into its box ends in «…» and stands in full in the box's title.
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log10
from xml.sax.saxutils import escape, quoteattr

from tracelib.errors import harmless

BOX_WIDTH, GAP, MARGIN = 236, 148, 40
LINE, PADDING, BETWEEN = 19, 12, 26
HEAD, FOOT = 128, 64
LEAST_WIDTH, MOST_TEXT = 760, 1600
"""Width of a picture; of title and subtitle so much is made room for."""
MOST_ROWS = 12
"""Boxes of one column; the rest are counted below it."""

_FONTS = "'Noto Sans CJK SC','Source Han Sans SC','WenQuanYi Micro Hei','Microsoft YaHei','PingFang SC',sans-serif"
_COLOURS: Mapping[str, tuple[str, str]] = {
    "lot": ("#e9f3e3", "#3f7d2c"),
    "units": ("#fdf1dc", "#b9770e"),
    "logistic_unit": ("#e4eef8", "#2a6099"),
    "place": ("#f3eaf6", "#6d3b82"),
}
_PASSAGE = "passage"
"""Kind of an empty place in a column that an arrow passes through on its way to a later one."""
_INK, _PALE, _WARNING, _HERE = "#222222", "#6b6b6b", "#b3261e", "#c62828"


@dataclass(frozen=True, slots=True)
class DrawnBox:
    """A box as it is drawn. ``kind`` is that of ``tracelib.trace.route``; ``lines`` stand below the title.

    ``pin`` says what is there now, empty for nothing; ``warnings`` stand in red; ``chosen``: what was asked for.
    """

    id: str
    kind: str
    title: str
    lines: Sequence[str] = ()
    warnings: Sequence[str] = ()
    pin: str = ""
    chosen: bool = False
    dashed: bool = False

    @property
    def height(self) -> int:
        """Of the whole box."""
        if self.kind == _PASSAGE:
            return LINE
        return PADDING * 2 + LINE * (1 + len(self.lines) + len(self.warnings)) + (LINE + 8 if self.pin else 0)


@dataclass(frozen=True, slots=True)
class DrawnArrow:
    """An arrow between two boxes, with up to two lines of text; ``weight_g`` makes it thick."""

    source: str
    target: str
    label: str
    below: str = ""
    weight_g: int = 0
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """The whole picture. ``columns`` are boxes from top to bottom; ``headings`` one for each column, two lines each."""

    title: str
    subtitle: str
    columns: Sequence[Sequence[DrawnBox]]
    headings: Sequence[tuple[str, str]]
    arrows: Sequence[DrawnArrow]
    legend: Sequence[tuple[str, str]]
    more: str = "+{count}"


@dataclass(frozen=True, slots=True)
class _Placed:
    box: DrawnBox
    x: int
    y: int


def draw(sheet: Sheet) -> str:
    """The picture as SVG text."""
    shown, ways = _with_passages([list(column[:MOST_ROWS]) for column in sheet.columns], sheet.arrows)
    tallest = max((sum(box.height + BETWEEN for box in column) for column in shown), default=0) + LINE
    columns, texts = len(shown) * BOX_WIDTH + (len(shown) - 1) * GAP, round(_widest(sheet))
    width = max(2 * MARGIN + max(columns, min(texts, MOST_TEXT)), LEAST_WIDTH)
    height = HEAD + tallest + FOOT
    placed = {one.box.id: one for one in _place(shown, tallest)}
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
        f' font-family="{_FONTS}" font-size="14" fill="{_INK}">',
        f"<title>{escape(harmless(sheet.title))}</title>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        _text(MARGIN, 44, _fitted(sheet.title, 24, bold=True, room=width - 2 * MARGIN), size=24, bold=True),
        _text(MARGIN, 70, _fitted(sheet.subtitle, 14, room=width - 2 * MARGIN), colour=_PALE),
        *_headings(sheet.headings, tallest),
        *(_arrow(arrow, _points(way, placed)) for arrow, way in ways),
        *(_box(one) for one in placed.values() if one.box.kind != _PASSAGE),
        *(_label(arrow, _points(way, placed)) for arrow, way in ways),
        *_more(sheet, tallest),
        *_legend(sheet.legend, height),
        "</svg>",
    ]
    return "\n".join(part for part in parts if part) + "\n"


def _place(columns: Sequence[Sequence[DrawnBox]], tallest: int) -> Iterator[_Placed]:
    """Columns side by side, each in the middle of the height."""
    for number, column in enumerate(columns):
        y = HEAD + (tallest - sum(box.height + BETWEEN for box in column) + BETWEEN) // 2
        for box in column:
            yield _Placed(box, MARGIN + number * (BOX_WIDTH + GAP), y)
            y += box.height + BETWEEN


def _headings(headings: Sequence[tuple[str, str]], tallest: int) -> Iterator[str]:
    for number, (stage, days) in enumerate(headings):
        x = MARGIN + number * (BOX_WIDTH + GAP)
        band = f'<rect x="{x - 16}" y="84" width="{BOX_WIDTH + 32}" height="{tallest + 46}" rx="8" fill="#f7f7f5"/>'
        yield (
            band
            + _text(x, 106, stage, bold=True, size=15)
            + _text(x + BOX_WIDTH, 106, days, colour=_PALE, anchor="end")
        )


def _box(one: _Placed) -> str:
    box, (fill, edge) = one.box, _COLOURS[one.box.kind]
    width = 3.5 if box.chosen else 1.4
    dash = ' stroke-dasharray="6 4"' if box.dashed else ""
    full = escape(" / ".join(map(harmless, [box.title, *box.lines, *box.warnings])))
    rows = [_text(one.x + 12, one.y + PADDING + 14, _fitted(box.title, 15, bold=True), size=15, bold=True)]
    y = one.y + PADDING + 14
    for line in box.lines:
        y += LINE
        rows.append(_text(one.x + 12, y, _fitted(line, 13), size=13, colour="#3d3d3d"))
    for line in box.warnings:
        y += LINE
        rows.append(_text(one.x + 12, y, _fitted(f"⚠ {line}", 13), size=13, colour=_WARNING, bold=True))
    if box.pin:
        rows.append(_pin(one.x + 12, y + LINE + 6, box.pin))
    round_ = 14 if box.kind == "place" else 5
    shape = (
        f'<rect x="{one.x}" y="{one.y}" width="{BOX_WIDTH}" height="{box.height}" rx="{round_}"'
        f' fill="{fill}" stroke="{_WARNING if box.warnings else edge}" stroke-width="{width}"{dash}/>'
    )
    return f"<g><title>{full}</title>{shape}{''.join(rows)}</g>"


def _pin(x: int, y: int, text: str) -> str:
    """A map pin and what is there now."""
    shape = f'<path d="M{x + 7} {y + 4}c-6 -8 -7 -10 -7 -13a7 7 0 0 1 14 0c0 3 -1 5 -7 13z" fill="{_HERE}"/>'
    hole = f'<circle cx="{x + 7}" cy="{y - 9}" r="2.6" fill="#ffffff"/>'
    return (
        shape
        + hole
        + _text(x + 20, y, _fitted(text, 13, bold=True, room=BOX_WIDTH - 44), size=13, bold=True, colour=_HERE)
    )


Ways = Sequence[tuple[DrawnArrow, Sequence[str]]]
Points = Sequence[tuple[float, float, float, float]]
"""Pieces of an arrow, each from (x, y) to (x, y)."""


def _with_passages(columns: list[list[DrawnBox]], arrows: Sequence[DrawnArrow]) -> tuple[list[list[DrawnBox]], Ways]:
    """Room in the columns between for arrows that reach further than the next one; each arrow with its boxes."""
    column_of = {box.id: number for number, column in enumerate(columns) for box in column}
    row_of = {box.id: row / len(column) for column in columns for row, box in enumerate(column)}
    ways: list[tuple[DrawnArrow, Sequence[str]]] = []
    for number, arrow in enumerate(arrows):
        if not {arrow.source, arrow.target} <= column_of.keys():
            continue
        between = range(column_of[arrow.source] + 1, column_of[arrow.target])
        passages = [DrawnBox(f"{number} {_PASSAGE} {at}", _PASSAGE, "") for at in between]
        for at, passage in zip(between, passages, strict=True):
            columns[at].insert(len(columns[at]) if row_of[arrow.source] >= 0.5 else 0, passage)
        ways.append((arrow, [arrow.source, *(one.id for one in passages), arrow.target]))
    return columns, ways


def _points(way: Sequence[str], placed: Mapping[str, _Placed]) -> tuple[Points, str]:
    """The pieces of an arrow, and the colour of where it leads."""
    stops = [placed[name] for name in way]
    pieces = []
    for source, target in pairwise(stops):
        forward = target.x > source.x
        last = target.box.kind != _PASSAGE
        x1 = source.x + (BOX_WIDTH if forward else 0)
        x2 = target.x - (9 if last else 0) if forward else target.x + BOX_WIDTH + 9
        pieces.append((x1, source.y + source.box.height / 2, x2, target.y + target.box.height / 2))
    return pieces, _COLOURS[stops[-1].box.kind][1]


def _arrow(arrow: DrawnArrow, drawn: tuple[Points, str]) -> str:
    pieces, colour = drawn
    path = ""
    for x1, y1, x2, y2 in pieces:
        bend = max(abs(x2 - x1) / 2, 40) * (1 if x2 >= x1 else -1)
        path += f"{'L' if path else 'M'}{x1:g} {y1:g}C{x1 + bend:g} {y1:g} {x2 - bend:g} {y2:g} {x2:g} {y2:g}"
    thick = 1.5 + min(max(log10(max(arrow.weight_g, 1)) - 3, 0), 5) * 0.9
    dash = ' stroke-dasharray="7 5"' if arrow.dashed else ""
    x1, _, x2, y2 = pieces[-1]
    way = 1 if x2 >= x1 else -1
    head = f"M{x2 + 9 * way:g} {y2:g}l{-11 * way} -6v12z"
    return (
        f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{thick:.1f}" stroke-opacity="0.75"{dash}/>'
        f'<path d="{head}" fill="{colour}"/>'
    )


def _label(arrow: DrawnArrow, drawn: tuple[Points, str]) -> str:
    """In the gap behind the source, in the middle of the first piece."""
    x1, y1, x2, y2 = drawn[0][0]
    x, y = (x1 + x2) / 2, (y1 + y2) / 2
    halo = ' stroke="#ffffff" stroke-width="4" paint-order="stroke" stroke-linejoin="round"'
    rows = [_text(x, y - 5, arrow.label, size=13, bold=True, anchor="middle", more=halo)] if arrow.label else []
    if arrow.below:
        rows.append(_text(x, y + 13, arrow.below, size=12, colour=_PALE, anchor="middle", more=halo))
    return "".join(rows)


def _more(sheet: Sheet, tallest: int) -> Iterator[str]:
    for number, column in enumerate(sheet.columns):
        if len(column) > MOST_ROWS:
            x = MARGIN + number * (BOX_WIDTH + GAP) + BOX_WIDTH // 2
            text = sheet.more.format(count=len(column) - MOST_ROWS)
            yield _text(x, HEAD + tallest - 8, text, colour=_PALE, anchor="middle")


def _legend(entries: Sequence[tuple[str, str]], height: int) -> Iterator[str]:
    x = MARGIN
    for kind, text in entries:
        y = height - 22
        if kind in _COLOURS:
            fill, edge = _COLOURS[kind]
            yield f'<rect x="{x}" y="{y - 12}" width="18" height="14" rx="3" fill="{fill}" stroke="{edge}"/>'
        elif kind == "here":
            yield f'<circle cx="{x + 9}" cy="{y - 5}" r="6" fill="{_HERE}"/>'
        else:
            yield f'<path d="M{x} {y - 5}h18" stroke="{_PALE}" stroke-width="2" stroke-dasharray="5 3"/>'
        yield _text(x + 26, y, text, size=13, colour=_PALE)
        x += 26 + round(_width(text, 13)) + 30


def _text(
    x: float,
    y: float,
    text: str,
    *,
    size: int = 14,
    bold: bool = False,
    colour: str = _INK,
    anchor: str = "",
    more: str = "",
) -> str:
    style = f' font-size="{size}" fill="{colour}"' + (' font-weight="600"' if bold else "")
    style += f" text-anchor={quoteattr(anchor)}" if anchor else ""
    return f'<text x="{x:g}" y="{y:g}"{style}{more}>{escape(harmless(text))}</text>'


def _widest(sheet: Sheet) -> float:
    """Room that title and subtitle take."""
    return max(_width(sheet.title, 24, bold=True), _width(sheet.subtitle, 14))


def _width(text: str, size: int, *, bold: bool = False) -> float:
    """About how wide a text is: no font is at hand, so rather too much."""
    ems = sum(
        1.0 if unicodedata.east_asian_width(c) in "WFA" else 0.6 if c.isupper() or c.isdigit() else 0.52 for c in text
    )
    return ems * size * (1.05 if bold else 1.0)


def _fitted(text: str, size: int, *, bold: bool = False, room: int = BOX_WIDTH - 24) -> str:
    """The text, or as much of its beginning as fits, with «…»."""
    if _width(text, size, bold=bold) <= room:
        return text
    while text and _width(f"{text}…", size, bold=bold) > room:
        text = text[:-1]
    return f"{text}…"
