"""CSV as spreadsheet programs write it: UTF-8 with or without a mark, or GB18030; separated by commas."""

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from tracelib.sheets.cells import FAULTY, Cells, clean
from tracelib.sheets.column import Column, known_headers, letters
from tracelib.sheets.errors import (
    CsvSyntaxError,
    DelimiterError,
    EncodingError,
    Faults,
    FormulaError,
    OtherFormatError,
    TooLargeError,
)
from tracelib.sheets.limits import LIMITS, Limits

_DELIMITERS = {
    ";": "semicolons (;)",
    "\t": "tabs",
    "|": "vertical bars (|)",
    "，": "full-width commas (，)",
    "；": "full-width semicolons (；)",
    "、": "enumeration commas (、)",
}
_CHUNK = 1 << 16
_HEADER = 1 << 14
"""Characters in which the header is looked for."""
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def read_csv(
    stream: BinaryIO, columns: Sequence[Column], sheet: str, faults: Faults, limits: Limits = LIMITS
) -> Iterator[tuple[int, Cells]]:
    """Rows with content: (number of the line where the row begins, cells by zero-based column).

    Raises:
        EncodingError, DelimiterError, CsvSyntaxError, TooLargeError: this is no CSV that can be read.
    """
    text = io.TextIOWrapper(stream, encoding_of(stream, faults.file), newline="")
    _check_delimiter(text.read(_HEADER), columns, faults.file)
    text.seek(0)
    reader = csv.reader(text, strict=True)
    line, rows = 1, 0
    while True:
        try:
            record = next(reader, None)
        except csv.Error as error:
            raise CsvSyntaxError(file=faults.file, row=line, detail=error) from None
        if record is None:
            return
        cells = _cells(record, line, sheet, faults, limits)
        if cells:
            rows += 1
            if rows > limits.rows + 1:
                raise TooLargeError(file=faults.file, found=f"> {limits.rows}", kind="rows", limit=limits.rows)
            yield line, cells
        line = reader.line_num + 1


def _cells(record: list[str], line: int, sheet: str, faults: Faults, limits: Limits) -> Cells:
    if len(record) > limits.columns:
        raise TooLargeError(file=faults.file, found=len(record), kind="columns", limit=limits.columns)
    cells: Cells = {}
    for index, cell in enumerate(record):
        text = clean(cell)
        if text.startswith("="):
            faults.add(FormulaError(sheet=sheet, row=line, column=letters(index), value=text))
            cells[index] = FAULTY
        elif text:
            cells[index] = text
    return cells


def encoding_of(stream: BinaryIO, file: str) -> str:
    """The encoding, by trying what spreadsheet programs in China write: UTF-8, then GB18030. Reads in small pieces."""
    if stream.read(2) in _UTF_16:
        raise OtherFormatError(file=file, kind="text in UTF-16 («Unicode text» in Excel)")
    tried = []
    for encoding, name in (("utf-8-sig", "UTF-8"), ("gb18030", "GB18030")):
        problem = _problem(stream, encoding)
        if problem is None:
            return encoding
        tried.append(f"{name}: {problem}")
    raise EncodingError(file=file, detail="; ".join(tried))


def _problem(stream: BinaryIO, encoding: str) -> str | None:
    stream.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)()
    position = 0
    try:
        while chunk := stream.read(_CHUNK):
            if "\x00" in decoder.decode(chunk):
                return "zero bytes, as in programs and pictures"
            position += len(chunk)
        decoder.decode(b"", True)
    except UnicodeDecodeError as error:
        return f"{error.reason}, near byte {position}"
    stream.seek(0)
    return None


def _check_delimiter(text: str, columns: Sequence[Column], file: str) -> None:
    """Refuse another delimiter when the header makes more sense with it than with commas."""
    header = next((line for line in text.splitlines() if line.strip(" ,;\t|\u3000")), "")
    with_commas = known_headers(_split(header, ","), columns)
    for delimiter, name in _DELIMITERS.items():
        if known_headers(_split(header, delimiter), columns) > max(with_commas, 1):
            raise DelimiterError(file=file, kind=name)


def _split(header: str, delimiter: str) -> list[str]:
    return [cell.strip('" ') for cell in header.split(delimiter)]
