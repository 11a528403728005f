"""Codes from a file that was exported: CSV with a column ``code``, JSON Lines with a field ``code``, or one a line."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

from tracelib.labels.errors import CodeFileError, CodeListError

COLUMN = "code"
LONGEST_LINE = 4096


def read_code_list(path: Path) -> Iterator[str]:
    """The codes of ``path`` in their order, read as they are needed; empty lines are passed over.

    Raises:
        CodeFileError: the file is not there or cannot be read.
        CodeListError: it is no text, or a line has no code.
    """
    number = 0
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            lines = _csv_codes(stream, path) if path.suffix.lower() == ".csv" else _line_codes(stream, path)
            for number, code in enumerate(lines, 1):
                if len(code) > LONGEST_LINE:
                    raise CodeListError(path=path, row=number, detail="the line is longer than any code")
                if code:
                    yield code
    except OSError as error:
        raise CodeFileError(path=path, detail=error.strerror or error) from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise CodeListError(path=path, row=number + 1, detail=error) from None


def _csv_codes(stream: Iterator[str], path: Path) -> Iterator[str]:
    reader = csv.DictReader(stream)
    if COLUMN not in (reader.fieldnames or ()):
        raise CodeListError(path=path, row=1, detail=f"the header has no column «{COLUMN}»")
    for row in reader:
        yield (row[COLUMN] or "").strip()


def _line_codes(stream: Iterator[str], path: Path) -> Iterator[str]:
    for number, raw in enumerate(stream, 1):
        line = raw.strip("\r\n\t ")
        if not line.startswith("{"):
            yield line
            continue
        try:
            code = json.loads(line)[COLUMN]
        except (json.JSONDecodeError, KeyError, RecursionError):
            code = None
        if not isinstance(code, str):
            raise CodeListError(path=path, row=number, detail=f"it is no JSON object with a field «{COLUMN}»")
        yield code
