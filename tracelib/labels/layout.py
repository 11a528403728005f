"""Text on a label: how it shrinks, where it wraps, and when it is refused.

Each kind of line has steps: one line from its largest size down, then two lines, then three, never under
``SMALLEST`` points. If the lines together are too high, every size is lowered by 5 % and they are set again. What does
not fit at the smallest sizes is refused; nothing is ever cut off.

Everything here is in points, from the label's top left corner downwards.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace

from tracelib.labels.content import LabelContent, grouped_unit_id
from tracelib.labels.errors import LabelTextTooLongError
from tracelib.labels.fonts import LabelFont
from tracelib.labels.template import POINTS_PER_MM, Area, FieldName, Line, Template
from tracelib.labels.wording import unit_caption, wordings

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
_SCALES = tuple(0.95**n for n in range(16))
_CLOSING = "）》」』】〕，。、；：！？)]},.;:!?％%"
_OPENING = "（《「『【〔([{"
_PIECE = re.compile(r"[^\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f\s]+|\s+|.", re.DOTALL)

Step = tuple[int, float, float]
"""Most lines, largest size, smallest size."""
_NAME: tuple[Step, ...] = ((1, 8, SMALLEST), (2, 7.5, SMALLEST), (3, 7, SMALLEST))
_SMALL: tuple[Step, ...] = ((1, 8, SMALLEST), (2, 7, SMALLEST))
_STEPS: dict[FieldName, tuple[Step, ...]] = {
    "test": ((1, 9, 7),),
    "brand": ((1, 9, SMALLEST), (2, 8, SMALLEST)),
    "product": ((1, 12, 9), (2, 10.5, 7.5), (3, 9, SMALLEST)),
    "grade_weight": ((1, 9, SMALLEST), (2, 8, SMALLEST)),
    "grade": ((1, 9, SMALLEST), (2, 8, SMALLEST)),
    "weight": ((1, 9, SMALLEST),),
    "unit_id": ((1, 11, SMALLEST),),
    "number": ((1, 11, SMALLEST),),
    "issuer": _NAME,
    "text": _NAME,
}
"""For each kind of line the steps that are tried in order; those that are not here are set small."""
TRANSLATION = 0.7
"""Size of a name in the second language, in sizes of the first."""
UNIT_FIELDS: frozenset[FieldName] = frozenset({"unit_id", "number"})
"""Lines that differ from label to label of a batch."""


@dataclass(frozen=True, slots=True)
class Run:
    """One line of text: left end of its baseline, size, and its width when drawn. ``inverse``: white on black.

    ``centred`` is for lines whose text comes later: it then stands in the middle of ``width``.
    """

    text: str
    left: float
    baseline: float
    size: float
    width: float
    inverse: bool = False
    centred: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """A black rectangle."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Layout:
    """Everything on a label but its symbol and its bar code. The labels of a batch share ``runs`` and ``bars``.

    ``units`` is the room for the lines with the serial or SSCC: caption, left end, baseline, largest size and width.
    """

    runs: tuple[Run, ...]
    bars: tuple[Bar, ...]
    units: tuple[Run, ...]

    def unit_runs(self, content: LabelContent, font: LabelFont) -> tuple[Run, ...]:
        """The lines with the unit's id, a little smaller where its letters are wide."""
        return tuple(_unit_run(unit, content, font) for unit in self.units)

    def all_runs(self, content: LabelContent, font: LabelFont) -> tuple[Run, ...]:
        """Every line of text of one label."""
        return (*self.runs, *self.unit_runs(content, font))


def _unit_run(unit: Run, content: LabelContent, font: LabelFont) -> Run:
    text = unit.text + grouped_unit_id(content.unit_id)
    width = font.width(text, unit.size)
    size = unit.size if width <= unit.width else unit.size * unit.width / width
    drawn = min(width, unit.width)
    left = unit.left + (unit.width - drawn) / 2 if unit.centred else unit.left
    return replace(unit, text=text, left=left, size=size, width=drawn)


@dataclass(frozen=True, slots=True)
class _Text:
    """A text that is to be set, and the steps that it may take."""

    line: Line
    text: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class _Set:
    """The lines of one text, set in one size."""

    line: Line
    lines: tuple[str, ...]
    size: float

    @property
    def height(self) -> float:
        """Points from the first line to the last, leading included."""
        return len(self.lines) * self.size * (BAR + BELOW_BAR if self.line.field == "test" else LEADING)


_KEY_FIELDS = tuple(field.name for field in fields(LabelContent) if field.name not in {"url", "unit_id"})


def shared_key(content: LabelContent) -> tuple[object, ...]:
    """Labels with the same key have the same :class:`Layout`."""
    return (len(content.unit_id), *[getattr(content, name) for name in _KEY_FIELDS])


def lay_out(content: LabelContent, template: Template, font: LabelFont) -> Layout:
    """Fit the text of ``content`` on a label. The unit's id is fitted as if it had digits only.

    Raises:
        GlyphMissingError: a character that the font lacks.
        LabelTextTooLongError: text that does not fit at the smallest size.
    """
    typical = replace(content, unit_id="0" * len(content.unit_id))
    placed: list[tuple[FieldName, Run]] = []
    bars: list[Bar] = []
    for area in template.areas:
        fitted = _fit(list(_texts(area, typical, template)), area, template, font)
        _place(fitted, area, font, placed, bars)
    caption = unit_caption(content, template.languages)
    units = tuple(
        replace(run, text=f"{caption} " if field == "unit_id" else "") for field, run in placed if field in UNIT_FIELDS
    )
    return Layout(tuple(run for field, run in placed if field not in UNIT_FIELDS), tuple(bars), units)


def _texts(area: Area, content: LabelContent, template: Template) -> Iterator[_Text]:
    for line in area.lines:
        for n, words in enumerate(wordings(line, content, template.languages)):
            text = " ".join(words.split())
            if text:
                yield _Text(line, text, _steps(line, TRANSLATION if n else 1))


def _steps(line: Line, factor: float) -> tuple[Step, ...]:
    """The steps of a line: the usual ones, or one step for each number of lines up to what the template says."""
    usual = _STEPS.get(line.field, _SMALL)
    if line.size is None and line.smallest is None and line.lines is None:
        return tuple((most, max(SMALLEST, largest * factor), min(smallest, max(SMALLEST, largest * factor)))
                     for most, largest, smallest in usual)  # fmt: skip
    most = line.lines or usual[-1][0]
    largest = (line.size or usual[0][1]) * factor
    smallest = min(largest, max(SMALLEST if line.smallest is None else line.smallest * factor, SMALLEST))
    # A template that asks for less than is readable gets what is readable; one line is tried first, down to two
    # thirds of its size, before the next.
    return tuple((n, largest, smallest if n == most else max(smallest, largest * 0.66)) for n in range(1, most + 1))


def _fit(texts: list[_Text], area: Area, template: Template, font: LabelFont) -> list[_Set]:
    width, height = area.place.width * POINTS_PER_MM, area.place.height * POINTS_PER_MM
    longest = max((text.text for text in texts), key=len, default="")
    for scale in _SCALES:
        fitted = []
        for text in texts:
            one = _fit_text(text, width, scale, font)
            if one is None:
                raise LabelTextTooLongError(template=template.name, size=text.steps[-1][2], text=text.text)
            fitted.append(one)
        if sum(one.height for one in fitted) <= height:
            return fitted
    raise LabelTextTooLongError(template=template.name, size=SMALLEST, text=longest)


def _fit_text(text: _Text, width: float, scale: float, font: LabelFont) -> _Set | None:
    for most, largest, smallest in text.steps:
        size = max(smallest, round(largest * scale / STEP) * STEP)
        while size >= smallest:
            lines = _wrap(text.text, width, size, font)
            if lines is not None and len(lines) <= most:
                return _Set(text.line, tuple(_balanced(text.text, width, size, font, lines)), size)
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


def _place(
    fitted: list[_Set], area: Area, font: LabelFont, placed: list[tuple[FieldName, Run]], bars: list[Bar]
) -> None:
    """Lines from the top of the area down; what height is left goes between them, but at most half a line."""
    box = area.place
    left, top = box.left * POINTS_PER_MM, box.top * POINTS_PER_MM
    width, height = box.width * POINTS_PER_MM, box.height * POINTS_PER_MM
    spare = height - sum(one.height for one in fitted)
    gap = min(spare / max(1, len(fitted) - 1), 3.0) if fitted else 0
    top += max(0.0, (spare - gap * (len(fitted) - 1)) / 2)
    for one in fitted:
        field, inverse, centred = one.line.field, one.line.field == "test", one.line.align == "center"
        if inverse:
            bars.append(Bar(left, top, width, one.size * BAR))
        for n, line in enumerate(one.lines):
            drawn = font.width(line, one.size)
            indent = (width - drawn) / 2 if inverse or centred else 0.0
            baseline = top + (BASELINE + LEADING * n + (0.1 if inverse else 0)) * one.size
            if field in UNIT_FIELDS:
                placed.append((field, Run(line, left, baseline, one.size, width, centred=centred)))
            else:
                placed.append((field, Run(line, left + indent, baseline, one.size, drawn, inverse)))
        top += one.height + gap
