"""A list of codes as people keep it: one on a line of a text file, or a column of a CSV or XLSX file."""

import json
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from tracelib.sheets.cells import LINE_KIND, Cells, CellValue, FaultyCell
from tracelib.sheets.column import Column
from tracelib.sheets.errors import Faults, SheetFault
from tracelib.sheets.heading import Vocabulary
from tracelib.sheets.limits import LIMITS, Limits
from tracelib.sheets.raw import open_raw
from tracelib.text import LocalizedText

COLUMNS: Sequence[Column] = (
    Column(
        "code",
        LocalizedText("一品一码", "code"),
        (
            "codes",
            "serial",
            "serial number",
            "sscc",
            "url",
            "码",
            "编码",
            "序列号",
            "追溯码",
            "二维码",
            "标签",
            "label",
        ),
        LINE_KIND,
        LocalizedText("一品一码，或印在下面的序列号", "the code, or the serial number under it"),
        LocalizedText("7KQX9-Y93Q6-MJ608", "7KQX9-Y93Q6-MJ608"),
    ),
)
WORDS = Vocabulary(COLUMNS)
_SHEETS = (".csv", ".xlsx", ".xlsm")


class NoCodeColumnError(SheetFault):
    """The first row names no column of codes."""

    code = "sheet.no_code_column"
    template = (
        "{file}, row {row}: none of the columns «{found}» is one of codes; write «code» or «一品一码» above the codes."
    )


class ListTextError(SheetFault):
    """A text file that is no list of codes."""

    code = "sheet.code_text"
    template = "{file} is no list of codes: {detail}."


def read_codes(path: Path, limits: Limits = LIMITS) -> Iterator[tuple[int, str]]:
    """(line or row, text) of every entry that is not empty. Other columns of a table are passed over.

    Raises SheetFault leaves and OSError.
    """
    return _sheet(path, limits) if path.suffix.lower() in _SHEETS else _lines(path, limits)


def _sheet(path: Path, limits: Limits) -> Iterator[tuple[int, str]]:
    faults = Faults(path.name)
    with open_raw(path, WORDS, limits=limits) as table:
        number, header = next(table.rows, (1, {}))
        at = _column(header)
        if at is None and len(header) == 1:  # codes from the first row on
            at = next(iter(header))
            yield number, _text(header[at], faults)
        elif at is None:
            raise NoCodeColumnError(file=path.name, row=number, found=", ".join(map(_text, header.values())))
        for number, cells in table.rows:
            text = _text(cells.get(at, ""), faults)
            if text:
                yield number, text
    faults.raise_any()


def _column(header: Cells) -> int | None:
    return next((index for index, cell in header.items() if WORDS.count([_text(cell)])), None)


def _text(cell: CellValue | FaultyCell, faults: Faults | None = None) -> str:
    if isinstance(cell, FaultyCell) and faults is not None:
        faults.add(cell.fault)
    return cell.strip() if isinstance(cell, str) else cell.isoformat() if isinstance(cell, date) else "?"


def _lines(path: Path, limits: Limits) -> Iterator[tuple[int, str]]:
    if path.stat().st_size > limits.file:
        raise ListTextError(file=path.name, detail=f"{path.stat().st_size} > {limits.file} bytes")
    try:
        with path.open(encoding="utf-8-sig") as stream:
            for number, raw in enumerate(stream, 1):
                text = raw.strip()
                if number > limits.rows:
                    raise ListTextError(file=path.name, detail=f"> {limits.rows} lines")
                if text:
                    yield number, _from_json(text) if text.startswith("{") else text
    except UnicodeDecodeError as error:
        raise ListTextError(file=path.name, detail=error.reason) from None


def _from_json(text: str) -> str:
    """The field ``code`` of an exported line; what has none stays as it is and is told as a fault of its line."""
    try:
        code = json.loads(text)["code"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return text
    return code if isinstance(code, str) else text
