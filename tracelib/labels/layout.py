"""Text on a label: how it shrinks, where it wraps, and when it is refused.

Each kind of line has steps: one line from its largest size down, then two lines, then three, never under
``SMALLEST`` points. If the lines together are too high, every size is lowered by 5 % and they are set again. What does
not fit at the smallest sizes is refused; nothing is ever cut off.

Everything here is in points, from the label's top left corner downwards.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from tracelib.labels.content import SSCC_LENGTH, LabelContent, grouped_unit_id, weight_text
from tracelib.labels.errors import LabelTextTooLongError
from tracelib.labels.fonts import LabelFont
from tracelib.labels.template import POINTS_PER_MM, Area, Box, Field, Template

SMALLEST = 6.0
"""Points. A Chinese character of 6 points is 1.9 mm high; GB 7718-2011, 3.9, asks for 1.8 mm."""
LEADING = 1.2
"""Distance of two baselines, in sizes."""
BASELINE = 0.88
"""Top of a line to its baseline, in sizes."""
STEP = 0.25
"""Points between two sizes that are tried."""
BAR = 1.38
BELOW_BAR = 0.27
"""Height of the black bar behind the test mark, and what stays white under it, in sizes."""
TEST_MARK = "测试 TEST"
_SCALES = tuple(0.95**n for n in range(16))
_CLOSING = "）》」』】〕，。、；：！？)]},.;:!?％%"
_OPENING = "（《「『【〔([{"
_PIECE = re.compile(r"[^\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f\s]+|\s+|.", re.DOTALL)

_STEPS: dict[Field, tuple[tuple[int, float, float], ...]] = {
    "test": ((1, 9, 7),),
    "product": ((1, 12, 9), (2, 10.5, 7.5), (3, 9, SMALLEST)),
    "grade": ((1, 9, SMALLEST), (2, 8, SMALLEST)),
    "lot": ((1, 8, SMALLEST), (2, 7, SMALLEST)),
    "unit_id": ((1, 11, SMALLEST),),
    "uscc": ((1, 8, SMALLEST), (2, 7, SMALLEST)),
    "issuer": ((1, 8, SMALLEST), (2, 7.5, SMALLEST), (3, 7, SMALLEST)),
}
"""For each kind of line: (most lines, largest size, smallest size), tried in order."""


@dataclass(frozen=True, slots=True)
class Run:
    """One line of text: left end of its baseline, size, and its width when drawn. ``inverse``: white on black."""

    text: str
    left: float
    baseline: float
    size: float
    width: float
    inverse: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """A black rectangle."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Layout:
    """Everything on a label but its symbol. The labels of a batch share ``runs`` and ``bars``.

    ``unit`` is the room for the line with the serial or SSCC: its left end, baseline, largest size and width.
    """

    runs: tuple[Run, ...]
    bars: tuple[Bar, ...]
    unit: Run | None

    def unit_run(self, content: LabelContent, font: LabelFont) -> Run | None:
        """The line with the unit's id, a little smaller where its letters are wide."""
        if self.unit is None:
            return None
        text = _unit(content)
        width = font.width(text, self.unit.size)
        size = self.unit.size if width <= self.unit.width else self.unit.size * self.unit.width / width
        return replace(self.unit, text=text, size=size, width=min(width, self.unit.width))

    def all_runs(self, content: LabelContent, font: LabelFont) -> tuple[Run, ...]:
        """Every line of text of one label."""
        unit = self.unit_run(content, font)
        return self.runs if unit is None else (*self.runs, unit)


@dataclass(frozen=True, slots=True)
class _Set:
    """The lines of one field, set in one size."""

    field: Field
    lines: tuple[str, ...]
    size: float

    @property
    def height(self) -> float:
        return len(self.lines) * self.size * (BAR + BELOW_BAR if self.field == "test" else LEADING)


def field_text(field: Field, content: LabelContent) -> str:
    """What stands in a line, with its caption; empty when the label has no such line."""
    return {
        "test": TEST_MARK if content.test else "",
        "product": content.product,
        "grade": "  ".join(part for part in (content.grade, _weight(content)) if part),
        "lot": f"批号 {content.lot}" if content.lot else "",
        "unit_id": _unit(content),
        "uscc": f"统一社会信用代码 {content.uscc}" if content.uscc else "",
        "issuer": content.issuer,
    }[field]


def _weight(content: LabelContent) -> str:
    return f"净重 {weight_text(content.weight_g)}" if content.weight_g else ""


def _unit(content: LabelContent) -> str:
    caption = "SSCC" if len(content.unit_id) == SSCC_LENGTH else "序列号"
    return f"{caption} {grouped_unit_id(content.unit_id)}" if content.unit_id else ""


def shared_key(content: LabelContent) -> tuple[object, ...]:
    """Labels with the same key have the same :class:`Layout`."""
    return (
        content.product, content.grade, content.weight_g, content.lot, content.uscc, content.issuer, content.test,
        len(content.unit_id),
    )  # fmt: skip


def lay_out(content: LabelContent, template: Template, font: LabelFont) -> Layout:
    """Fit the text of ``content`` on a label. The unit's id is fitted as if it had digits only.

    Raises:
        GlyphMissingError: a character that the font lacks.
        LabelTextTooLongError: text that does not fit at the smallest size.
    """
    typical = replace(content, unit_id="0" * len(content.unit_id))
    placed: list[tuple[Field, Run]] = []
    bars: list[Bar] = []
    for area in template.areas:
        texts = [(field, " ".join(field_text(field, typical).split())) for field in area.fields]
        fitted = _fit([(field, text) for field, text in texts if text], area, template, font)
        _place(fitted, area.box, font, placed, bars)
    units = [run for field, run in placed if field == "unit_id"]
    return Layout(tuple(run for field, run in placed if field != "unit_id"), tuple(bars), units[0] if units else None)


def _fit(texts: list[tuple[Field, str]], area: Area, template: Template, font: LabelFont) -> list[_Set]:
    width, height = area.box.width * POINTS_PER_MM, area.box.height * POINTS_PER_MM
    longest = max((text for _, text in texts), key=len, default="")
    for scale in _SCALES:
        fitted = []
        for field, text in texts:
            one = _fit_field(field, text, width, scale, font)
            if one is None:
                raise LabelTextTooLongError(template=template.name, size=_STEPS[field][-1][2], text=text)
            fitted.append(one)
        if sum(one.height for one in fitted) <= height:
            return fitted
    raise LabelTextTooLongError(template=template.name, size=SMALLEST, text=longest)


def _fit_field(field: Field, text: str, width: float, scale: float, font: LabelFont) -> _Set | None:
    for most, largest, smallest in _STEPS[field]:
        size = max(smallest, round(largest * scale / STEP) * STEP)
        while size >= smallest:
            lines = _wrap(text, width, size, font)
            if lines is not None and len(lines) <= most:
                return _Set(field, tuple(_balanced(text, width, size, font, lines)), size)
            size -= STEP
    return None


def _pieces(text: str) -> Iterator[str]:
    """What may not be torn apart: a Chinese character with its punctuation, a word, a number."""
    held = ""
    for piece in _PIECE.findall(text):
        if held and (piece[0] in _CLOSING or held[-1] in _OPENING):
            held += piece
            continue
        if held:
            yield held
        held = piece
    if held:
        yield held


def _wrap(text: str, width: float, size: float, font: LabelFont) -> list[str] | None:
    """``text`` in lines of at most ``width``, or None where one piece alone is wider."""
    lines: list[str] = []
    line = ""
    for piece in _pieces(text):
        if font.width((line + piece).strip(), size) <= width:
            line += piece
            continue
        if font.width(piece.strip(), size) > width:
            return None
        if line.strip():
            lines.append(line.strip())
        line = piece
    return [*lines, line.strip()] if line.strip() else lines


def _balanced(text: str, width: float, size: float, font: LabelFont, lines: list[str]) -> list[str]:
    """The same number of lines, but as even as possible: no last line of one character."""
    best = lines
    if len(lines) > 1:
        narrow = width
        while (narrow := narrow - size / 2) > 0:
            tried = _wrap(text, narrow, size, font)
            if tried is None or len(tried) > len(lines):
                break
            best = tried
    return best


def _place(fitted: list[_Set], box: Box, font: LabelFont, placed: list[tuple[Field, Run]], bars: list[Bar]) -> None:
    """Lines from the top of ``box`` down; what height is left goes between the fields, but at most half a line."""
    left, top = box.left * POINTS_PER_MM, box.top * POINTS_PER_MM
    width, height = box.width * POINTS_PER_MM, box.height * POINTS_PER_MM
    spare = height - sum(one.height for one in fitted)
    gap = min(spare / max(1, len(fitted) - 1), 3.0) if fitted else 0
    top += max(0.0, (spare - gap * (len(fitted) - 1)) / 2)
    for one in fitted:
        inverse = one.field == "test"
        if inverse:
            bars.append(Bar(left, top, width, one.size * BAR))
        for n, line in enumerate(one.lines):
            drawn = font.width(line, one.size)
            indent = (width - drawn) / 2 if inverse else 0.0
            baseline = top + (BASELINE + LEADING * n + (0.1 if inverse else 0)) * one.size
            room = width if one.field == "unit_id" else drawn
            placed.append((one.field, Run(line, left + indent, baseline, one.size, room, inverse)))
        top += one.height + gap
