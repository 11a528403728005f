"""CSV as spreadsheet programs write it: UTF-8 with or without a mark, or GB18030. Commas, semicolons or tabs."""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from typing import BinaryIO

from tracelib.sheets.cells import Cells, FaultyCell, clean
from tracelib.sheets.column import letters
from tracelib.sheets.errors import (
    CsvSyntaxError,
    DelimiterError,
    EncodingError,
    FormulaError,
    OtherFormatError,
    TooLargeError,
)
from tracelib.sheets.heading import Vocabulary
from tracelib.sheets.limits import LIMITS, Limits

_READ = ",;\t"
_DELIMITERS = {
    "|": "vertical bars (|)",
    "，": "full-width commas (，)",
    "；": "full-width semicolons (；)",
    "、": "enumeration commas (、)",
}
_CONSTANT = re.compile(r'="([^"]*)"')
"""A text that must not become a number, as programs write it for Excel: ="0137"."""
_CHUNK = 1 << 16
_HEADER = 1 << 14
"""Characters in which the header is looked for."""
_LINES = 30
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def read_csv(
    stream: BinaryIO, vocabulary: Vocabulary, file: str, limits: Limits = LIMITS
) -> Iterator[tuple[int, Cells]]:
    """Rows with content: (number of the line where the row begins, cells by zero-based column).

    The delimiter is the one with which the header makes most sense.

    Raises:
        EncodingError, DelimiterError, CsvSyntaxError, TooLargeError: this is no CSV that can be read.
    """
    text = io.TextIOWrapper(stream, encoding_of(stream, file), newline="")
    delimiter = _delimiter(text.read(_HEADER), vocabulary, file)
    text.seek(0)
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    line, rows = 1, 0
    while True:
        try:
            record = next(reader, None)
        except csv.Error as error:
            raise CsvSyntaxError(file=file, row=line, detail=error) from None
        if record is None:
            return
        cells = _cells(record, line, file, limits)
        if cells:
            rows += 1
            if rows > limits.rows + 1:
                raise TooLargeError(file=file, found=f"> {limits.rows}", kind="rows", limit=limits.rows)
            yield line, cells
        line = reader.line_num + 1


def _cells(record: list[str], line: int, file: str, limits: Limits) -> Cells:
    if len(record) > limits.columns:
        raise TooLargeError(file=file, found=len(record), kind="columns", limit=limits.columns)
    cells: Cells = {}
    for index, cell in enumerate(record):
        text = clean(cell)
        if constant := _CONSTANT.fullmatch(text):
            text = clean(constant[1])
        if text.startswith("="):
            fault = FormulaError(sheet=file, row=line, column=letters(index), value=text)
            cells[index] = FaultyCell(text, fault)
        elif text:
            cells[index] = text
    return cells


def encoding_of(stream: BinaryIO, file: str) -> str:
    """The encoding, by trying what spreadsheet programs in China write: UTF-8, then GB18030. Reads in small pieces."""
    start = stream.read(_HEADER)
    if start[:2] in _UTF_16 or _is_unmarked_utf_16(start):
        raise OtherFormatError(file=file, kind="text in UTF-16 («Unicode text» in Excel)")
    tried = []
    for encoding, name in (("utf-8-sig", "UTF-8"), ("gb18030", "GB18030")):
        problem = _problem(stream, encoding)
        if problem is None:
            return encoding
        tried.append(f"{name}: {problem}")
    raise EncodingError(file=file, detail="; ".join(tried))


def _is_unmarked_utf_16(start: bytes) -> bool:
    """Whether bytes are text in UTF-16 without its mark: lines without a zero character, which other text never has."""
    if b"\x00" not in start:
        return False
    for encoding in ("utf-16-le", "utf-16-be"):
        text = start.decode(encoding, "replace")
        if "\n" in text and "\x00" not in text and "\ufffd" not in text[:-1]:
            return True
    return False


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


def _delimiter(text: str, vocabulary: Vocabulary, file: str) -> str:
    """The delimiter with which one of the first lines has the most header words; one that is not read is refused."""
    lines = text.splitlines()[:_LINES]
    counts = {
        delimiter: max((vocabulary.count(_split(line, delimiter)) for line in lines), default=0)
        for delimiter in (*_READ, *_DELIMITERS)
    }
    best = max(counts, key=lambda delimiter: counts[delimiter])
    if best in _DELIMITERS and counts[best] > 1:
        raise DelimiterError(file=file, kind=_DELIMITERS[best])
    return best if best in _READ else ","


def _split(header: str, delimiter: str) -> list[str]:
    return [cell.strip('" ') for cell in header.split(delimiter)]
