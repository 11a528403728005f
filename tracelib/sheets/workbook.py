"""The parts of an XLSX workbook around its sheets (ECMA-376 part 1): list of sheets, shared texts, date formats."""

import posixpath
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from xml.parsers import expat

from tracelib.sheets.container import damage_named
from tracelib.sheets.errors import DamagedSheetError, EntitiesError

_CHUNK = 1 << 16
_CONTENT_TYPE_ROOT = "_rels/.rels"
_BUILT_IN_DATES = frozenset({14, 15, 16, 17, 22, *range(27, 37), *range(50, 59)})
"""Number formats that need no definition (ECMA-376 part 1, 18.8.30); 27 to 36 and 50 to 58 are the Chinese dates,
which Excel and WPS write for 2026年11月3日 and which openpyxl takes for numbers."""
_NOT_CODE = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")

Attributes = dict[str, str]


def local(name: str) -> str:
    """A tag or attribute without its prefix."""
    return name.rpartition(":")[2] if ":" in name else name


def whole(text: str | None) -> int:
    """An attribute as a whole number; 0 where it is missing or is none."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0


def parse_part(
    archive: zipfile.ZipFile,
    part: str,
    start: Callable[[str, Attributes], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Stream one XML part through handlers that get local names."""
    with archive.open(part) as stream:
        parser = safe_parser(Path(archive.filename or part).name, part)
        parser.StartElementHandler = lambda name, attributes: start(local(name), attributes)
        if end:
            parser.EndElementHandler = lambda name: end(local(name))
        parser.CharacterDataHandler = text
        while chunk := stream.read(_CHUNK):
            parser.Parse(chunk, False)
        parser.Parse(b"", True)


def safe_parser(file: str, part: str) -> expat.XMLParserType:
    """An expat parser that refuses a document type, and with it every entity but the five of XML itself."""

    def refuse(*_: object) -> None:
        """Whatever belongs to a document type ends the reading."""
        raise EntitiesError(file=file, part=part)

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse
    return parser


@dataclass(frozen=True, slots=True)
class SheetPart:
    """One sheet of a workbook: its name, whether a person sees it, and the archive part that holds it."""

    name: str
    visible: bool
    part: str


@dataclass(frozen=True, slots=True)
class Workbook:
    """What is needed to read the cells of any sheet.

    ``stale``: whoever wrote the file says that the results of its formulas are still to be calculated.
    """

    sheets: tuple[SheetPart, ...]
    texts: tuple[str, ...]
    date_styles: frozenset[int]
    epoch: date
    stale: bool = False


def read_workbook(archive: zipfile.ZipFile, file: str) -> Workbook:
    """Read everything but the sheets; broken bytes raise DamagedSheetError."""
    with damage_named(file):
        return _read_workbook(archive, file)


def _read_workbook(archive: zipfile.ZipFile, file: str) -> Workbook:
    root = _relations(archive, _CONTENT_TYPE_ROOT, "")
    book = next((target for kind, target in root.values() if kind == "officeDocument"), None)
    if book is None or book not in archive.NameToInfo:
        raise DamagedSheetError(file=file, detail="no workbook in it")
    folder, name = posixpath.split(book)
    relations = _relations(archive, posixpath.join(folder, "_rels", f"{name}.rels"), folder)
    by_kind = dict(relations.values())
    sheets: list[SheetPart] = []
    epochs, stale = [date(1899, 12, 30)], [False]

    def start(tag: str, attributes: Attributes) -> None:
        """Note the epoch and each worksheet in its order."""
        if tag == "workbookPr" and attributes.get("date1904") in ("1", "true"):
            epochs.append(date(1904, 1, 1))
        elif tag == "calcPr":
            stale.append(_is_stale(attributes))
        elif tag == "sheet":
            relation = next((value for key, value in attributes.items() if ":" in key and local(key) == "id"), "")
            kind, part = relations.get(relation, ("", ""))
            if kind == "worksheet" and part in archive.NameToInfo:
                visible = attributes.get("state", "visible") == "visible"
                sheets.append(SheetPart(attributes.get("name", ""), visible, part))

    parse_part(archive, book, start)
    return Workbook(
        tuple(sheets),
        _shared_texts(archive, by_kind.get("sharedStrings")),
        _date_styles(archive, by_kind.get("styles")),
        epochs[-1],
        stale[-1],
    )


def _is_stale(calculation: Attributes) -> bool:
    """Whether formulas were not calculated when the file was saved (``calcPr``: ECMA-376 part 1, 18.2.2).

    Libraries that write formulas put nothing or a zero for their results, and ask for it to be calculated on opening.
    """
    by_hand = calculation.get("calcMode") == "manual" and calculation.get("calcOnSave") in ("0", "false")
    asked = calculation.get("fullCalcOnLoad") in ("1", "true")
    return asked or by_hand or calculation.get("calcCompleted") in ("0", "false")


def _relations(archive: zipfile.ZipFile, part: str, folder: str) -> dict[str, tuple[str, str]]:
    """Relation id to (kind, part)."""
    relations: dict[str, tuple[str, str]] = {}

    def start(tag: str, attributes: Attributes) -> None:
        """Note each part inside the archive that is pointed to."""
        if tag == "Relationship" and attributes.get("TargetMode") != "External":
            kind = attributes.get("Type", "").rpartition("/")[2]
            target = posixpath.normpath(posixpath.join("/", folder, attributes.get("Target", ""))).lstrip("/")
            relations[attributes.get("Id", "")] = (kind, target)

    if part in archive.NameToInfo:
        parse_part(archive, part, start)
    return relations


def _shared_texts(archive: zipfile.ZipFile, part: str | None) -> tuple[str, ...]:
    texts: list[str] = []
    builder = TextBuilder()

    def start(tag: str, _: Attributes) -> None:
        """A text begins, or a run of one."""
        if tag == "si":
            builder.clear()
        builder.start(tag)

    def end(tag: str) -> None:
        """A text is whole."""
        builder.end(tag)
        if tag == "si":
            texts.append(builder.text())

    if part in archive.NameToInfo:
        parse_part(archive, str(part), start, end, builder.add)
    return tuple(texts)


class TextBuilder:
    """Joins the runs (``t``) of one rich text; readings in ``rPh`` (pinyin above the text) are no part of it."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._in_text = False
        self._in_reading = False

    def clear(self) -> None:
        """Begin a new text."""
        self._pieces.clear()
        self._in_text = self._in_reading = False

    def start(self, tag: str) -> None:
        """An element begins."""
        if tag == "t":
            self._in_text = True
        elif tag == "rPh":
            self._in_reading = True

    def end(self, tag: str) -> None:
        """An element ends."""
        if tag == "t":
            self._in_text = False
        elif tag == "rPh":
            self._in_reading = False

    def add(self, data: str) -> None:
        """Character data."""
        if self._in_text and not self._in_reading:
            self._pieces.append(data)

    def text(self) -> str:
        """What was collected, with ``_xHHHH_`` escapes (ECMA-376 part 1, 22.9.2.19) resolved."""
        text = "".join(self._pieces)
        return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


def _date_styles(archive: zipfile.ZipFile, part: str | None) -> frozenset[int]:
    """Indexes of the cell styles that show a number as a day."""
    date_formats = set(_BUILT_IN_DATES)
    styles: list[int] = []
    inside = [""]

    def start(tag: str, attributes: Attributes) -> None:
        """Note formats that show days, and which format each cell style has."""
        if tag == "numFmt" and inside[-1] == "numFmts":
            number = whole(attributes.get("numFmtId"))
            (date_formats.add if is_date_format(attributes.get("formatCode", "")) else date_formats.discard)(number)
        elif tag == "xf" and inside[-1] == "cellXfs":
            styles.append(whole(attributes.get("numFmtId")))
        inside.append(tag)

    def end(_: str) -> None:
        """Leave the element."""
        inside.pop()

    if part in archive.NameToInfo:
        parse_part(archive, str(part), start, end)
    return frozenset(index for index, number in enumerate(styles) if number in date_formats)


def is_date_format(code: str) -> bool:
    """Whether a number format shows a day: it has ``y`` or ``d`` outside quotes, escapes and brackets."""
    plain = _NOT_CODE.sub("", code.split(";", maxsplit=1)[0]).lower()
    return plain not in ("general", "standard") and ("y" in plain or "d" in plain)
