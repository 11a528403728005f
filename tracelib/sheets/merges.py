"""Merged cells of one sheet, known before its rows are read.

They stand behind the rows in the file, so the part is searched once for them beforehand; that is quick, for nothing is
parsed.
"""

import re
import zipfile
from collections import defaultdict
from dataclasses import dataclass, field
from functools import lru_cache

from tracelib.sheets.container import damage_named
from tracelib.sheets.errors import TooLargeError
from tracelib.sheets.limits import Limits

_CHUNK = 1 << 20
_OVERLAP = 256
_MOST_AT_ONCE = 256
_MERGE = re.compile(
    rb"<(?:\w+:)?mergeCell\b[^>]{0,200}?\bref=[\"']([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})[\"']"
)


@dataclass(frozen=True, slots=True)
class Merge:
    """One merged range: rows and zero-based columns, both ends included."""

    top: int
    bottom: int
    left: int
    right: int
    ref: str


@dataclass(slots=True)
class Merges:
    """The merged ranges of a sheet by the row where they begin; ``tall`` are those over several rows."""

    by_top: dict[int, list[Merge]] = field(default_factory=lambda: defaultdict(list))
    tall: list[Merge] = field(default_factory=list)
    _open: list[Merge] = field(default_factory=list)
    _begun: int = 0

    def __bool__(self) -> bool:
        return bool(self.by_top)

    def add(self, merge: Merge) -> None:
        """Take a range in; all are taken in before :meth:`at` is asked."""
        self.by_top[merge.top].append(merge)
        if merge.bottom > merge.top:
            self.tall.append(merge)

    def at(self, row: int) -> list[Merge]:
        """The ranges that a row takes part in. Rows are asked for in their order, so that each range is met once.

        Of ranges that lie over each other, which no spreadsheet program writes, at most ``_MOST_AT_ONCE`` are told.
        """
        if not self._begun:
            self.tall.sort(key=lambda merge: merge.top)
        while self._begun < len(self.tall) and self.tall[self._begun].top <= row:
            self._open.append(self.tall[self._begun])
            self._begun += 1
        self._open = [merge for merge in self._open if merge.bottom >= row][:_MOST_AT_ONCE]
        flat = [merge for merge in self.by_top.get(row, ()) if merge.bottom == merge.top]
        return self._open + flat[:_MOST_AT_ONCE]

    def rows_tied_to(self, row: int) -> tuple[int, int]:
        """First and last row of a header one row of which is this one."""
        tied = [merge for merge in self.tall if merge.top <= row <= merge.bottom]
        first, last = min((m.top for m in tied), default=row), max((m.bottom for m in tied), default=row)
        return (first, last) if last - first < 4 else (row, row)  # no header is taller; a whole column is no header

    def left_of(self, row: int, column: int) -> int:
        """The column that holds the value of a cell in this row: the first of its merged range, or itself."""
        for merge in self.by_top.get(row, ()):
            if merge.left <= column <= merge.right:
                return merge.left
        return column

    def spans_columns(self, row: int, column: int) -> bool:
        """Whether a range over several columns begins at this cell."""
        return any(m.left == column < m.right for m in self.by_top.get(row, ()))


def read_merges(archive: zipfile.ZipFile, part: str, file: str, limits: Limits) -> Merges:
    """Search a worksheet for its merged ranges. More of them than ``limits.merges`` raise TooLargeError."""
    merges, count, tail = Merges(), 0, b""
    with damage_named(file), archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            if b"mergeCell" not in tail + chunk:
                tail = chunk[-_OVERLAP:]
                continue
            data = tail + chunk
            end = 0
            for match in _MERGE.finditer(data):
                left, top, right, bottom = match.groups()
                ref = f"{left.decode()}{int(top)}:{right.decode()}{int(bottom)}"
                merges.add(Merge(int(top), int(bottom), column_of(left.decode()), column_of(right.decode()), ref))
                count, end = count + 1, match.end()
            if count > limits.merges:
                raise TooLargeError(file=file, found=count, kind="merged cells", limit=limits.merges)
            tail = data[max(end, len(data) - _OVERLAP) :]
    return merges


@lru_cache(maxsize=1024)
def column_of(letters: str) -> int:
    """The zero-based index of column letters."""
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - ord("A") + 1
    return index - 1
