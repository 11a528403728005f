"""What the cell styles of a workbook say: that a number is a day, which words stand beside it, what is struck out.

Number formats: ECMA-376 part 1, 18.8.30 and 18.8.31.
"""

import re
import zipfile
from dataclasses import dataclass, field
from decimal import Decimal

from tracelib.sheets.xml_parts import Attributes, parse_part, whole

_BUILT_IN_DATES = frozenset({14, 15, 16, 17, 22, *range(27, 37), *range(50, 59)})
"""Number formats that need no definition; 27 to 36 and 50 to 58 are the Chinese dates, which Excel and WPS write for
2026年11月3日 and which openpyxl takes for numbers."""
_BUILT_IN_PERCENT = {9: "0%", 10: "0.00%"}
_NOT_CODE = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
_GENERAL = r"general|standard|g/通用格式"
_TOKEN = re.compile(
    rf'"(?P<quoted>[^"]*)"|[\\!](?P<escaped>.)|[_*].|\[\$(?P<symbol>[^\]-]*)[^\]]*\]|(?P<condition>\[[<>=][^\]]*\])'
    rf"|\[[^\]]*\]|(?P<section>;)|(?P<digit>{_GENERAL}|[0#?@])|(?P<comma>,)|(?P<point>\.)|e[+-]|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """The words that a format shows before and after a number, by how many tens it shifts the number (-3 for one that
    is shown in thousands), and its code.
    """

    code: str = "General"
    before: str = ""
    after: str = ""
    shift: int = 0

    @property
    def tells(self) -> bool:
        """Whether the format shows anything else than the number."""
        return bool(self.before or self.after or self.shift)

    def shown(self, number: str) -> str:
        """The number as a person sees it, to its last digit."""
        shifted = format(Decimal(number).scaleb(self.shift).normalize(), "f") if self.shift else number
        return f"{self.before}{shifted}{self.after}"


@dataclass(frozen=True, slots=True)
class Styles:
    """By index of a cell style: those that show a number as a day, formats that show more than the number, and those
    that strike out what stands in the cell.
    """

    days: frozenset[int] = frozenset()
    formats: dict[int, NumberFormat] = field(default_factory=dict)
    struck: frozenset[int] = frozenset()


def read_styles(archive: zipfile.ZipFile, part: str | None) -> Styles:
    """Read the part that holds the styles; a workbook without one has none."""
    days = set(_BUILT_IN_DATES)
    formats = {number: number_format(code) for number, code in _BUILT_IN_PERCENT.items()}
    styles: list[tuple[int, int]] = []
    fonts: list[bool] = []
    inside = [""]

    def start(tag: str, attributes: Attributes) -> None:
        """Note what formats show, and which format each cell style has."""
        if tag == "numFmt" and inside[-1] == "numFmts":
            number, code = whole(attributes.get("numFmtId")), attributes.get("formatCode", "")
            (days.add if is_date_format(code) else days.discard)(number)
            formats[number] = number_format(code)
        elif tag == "xf" and inside[-1] == "cellXfs":
            styles.append((whole(attributes.get("numFmtId")), whole(attributes.get("fontId"))))
        elif tag == "font" and inside[-1] == "fonts":
            fonts.append(False)
        elif tag == "strike" and inside[-2:] == ["fonts", "font"]:
            fonts[-1] = attributes.get("val", "1") not in ("0", "false")
        inside.append(tag)

    def end(_: str) -> None:
        """Leave the element."""
        inside.pop()

    if part in archive.NameToInfo:
        parse_part(archive, str(part), start, end)
    return Styles(
        frozenset(index for index, (number, _) in enumerate(styles) if number in days),
        {
            index: formats[number]
            for index, (number, _) in enumerate(styles)
            if number in formats and formats[number].tells
        },
        frozenset(index for index, (_, font) in enumerate(styles) if font < len(fonts) and fonts[font]),
    )


def is_date_format(code: str) -> bool:
    """Whether a number format shows a day: it has ``y`` or ``d`` outside quotes, escapes and brackets."""
    plain = _NOT_CODE.sub("", code.split(";", maxsplit=1)[0]).lower()
    return plain not in ("general", "standard") and ("y" in plain or "d" in plain)


def number_format(code: str) -> NumberFormat:
    """What a format shows beside a number above 0. With conditions ([>=1000]0.0,"吨";0"公斤") it is not said which
    section counts: the words of all of them stand there, so that nobody takes them for one unit. Without a place for a
    digit bare letters are codes (``aaaa`` is the day of the week), and no words.
    """
    numeric = any(token.lastgroup == "digit" and token[0] != "@" for token in _TOKEN.finditer(code))
    words, shifts = [["", ""]], [0]
    digits = commas = 0
    conditional = False
    for token in _TOKEN.finditer(f"{code};"):
        kind = token.lastgroup
        conditional = conditional or kind == "condition"
        if kind == "digit":
            digits, commas = digits + 1, 0
        elif kind == "comma":
            commas += 1 if digits else 0
        elif kind in ("point", "section"):  # commas before the point, or behind the last digit, leave thousands out
            shifts[-1], commas = shifts[-1] - 3 * commas, 0
        elif kind in ("quoted", "escaped", "symbol") or (kind == "other" and numeric and _is_word(token[0])):
            words[-1][digits > 0] += token[kind]
            shifts[-1] += 2 if token[0] == "%" else 0
        if kind == "section":
            if not conditional or token.end() > len(code):
                break
            digits = 0
            words.append(["", ""])
            shifts.append(0)
    before, after = ("".join(dict.fromkeys(text.strip() for text in texts)) for texts in zip(*words, strict=True))
    if len(set(shifts)) > 1:
        return NumberFormat(code, before, f"{after}(?)")
    return NumberFormat(code, before, after, shifts[0])


def _is_word(character: str) -> bool:
    """Of what stands bare in a format, signs and strokes of fractions are no words."""
    return character == "%" or character.isalpha() or not character.isascii()
