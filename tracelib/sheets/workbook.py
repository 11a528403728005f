"""The parts of an XLSX workbook around its sheets (ECMA-376 part 1): list of sheets, shared texts, styles."""

import posixpath
import re
import zipfile
from dataclasses import dataclass
from datetime import date

from tracelib.sheets.container import damage_named
from tracelib.sheets.errors import DamagedSheetError
from tracelib.sheets.styles import Styles, read_styles
from tracelib.sheets.xml_parts import Attributes, local, parse_part

_CONTENT_TYPE_ROOT = "_rels/.rels"
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


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
    styles: Styles
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
        read_styles(archive, by_kind.get("styles")),
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
