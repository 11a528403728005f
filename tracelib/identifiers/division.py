"""Division codes: province to county (6 digits, GB/T 2260), town (9), village (12).

Names come from the user's own table, because codes and names change: each row has the days between which it held.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self

from tracelib.errors import TraceError
from tracelib.identifiers.digits import require_digits
from tracelib.identifiers.errors import IdentifierError

WHAT = "division code"
DIVISIONS = "divisions.csv"
"""Name of the table, in a workspace and in a catalogue's folder."""
CODE_LENGTHS = (6, 9, 12)
COLUMNS = ("code", "name", "valid_from", "valid_to", "note")
_OPEN_FROM, _OPEN_TO = date.min, date.max


class DivisionCodeError(IdentifierError):
    """Digits that leave out a level: a code below 00, or of no province."""

    code = "identifier.division"
    template = "{what}: «{given}» names no division: {detail}."


class DivisionTableError(IdentifierError):
    """The table has faults; ``faults`` holds one error for each."""

    code = "division.table"
    template = "{source} has {count} faults and was not read."

    def __init__(self, *, source: str, faults: Sequence[TraceError]) -> None:
        self.faults = tuple(faults)
        super().__init__(source=source, count=len(self.faults))


class DivisionColumnsError(IdentifierError):
    """The first line does not name the columns."""

    code = "division.columns"
    template = "{source}: the first line must be «{expected}», found «{found}»."


class DivisionRowError(IdentifierError):
    """One line of the table is wrong."""

    code = "division.row"
    template = "{source}, line {line}, column {column}: «{given}», expected {expected}."


class DivisionOverlapError(IdentifierError):
    """Two lines give one code two names for the same day."""

    code = "division.overlap"
    template = "{source}, line {line}: {division} is already named «{name}» for some of these days by line {other}."


@dataclass(frozen=True, slots=True, order=True)
class DivisionCode:
    """A code of 6, 9 or 12 ASCII digits. Six digits may end in 00 (a prefecture) or 0000 (a province)."""

    value: str

    def __post_init__(self) -> None:
        text = require_digits(self.value, WHAT, *CODE_LENGTHS)
        if text.startswith("00"):
            raise DivisionCodeError(what=WHAT, given=text, detail="the first two digits are the province")
        if text[2:4] == "00" and text[4:6] != "00":
            raise DivisionCodeError(what=WHAT, given=text, detail="a county needs a prefecture in digits 3 and 4")

    @classmethod
    def parse(cls, text: str) -> Self:
        """A division code. Raises an :class:`~tracelib.identifiers.errors.IdentifierError`."""
        return cls(text)

    @property
    def ancestors(self) -> "tuple[DivisionCode, ...]":
        """Province, prefecture, county, town above this one, highest first, without itself.

        >>> [code.value for code in DivisionCode.parse("360726100").ancestors]
        ['360000', '360700', '360726']
        """
        text = self.value
        spelled = [text[:2] + "0000", text[:4] + "00", text[:6], text[:9], text]
        above = dict.fromkeys(code for code in spelled if len(code) < len(text) or code < text)
        return tuple(DivisionCode(code) for code in above)

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class Division:
    """One row of the table: a code, its name, and the days (inclusive, None is open) between which both held."""

    code: DivisionCode
    name: str
    valid_from: date | None = None
    valid_to: date | None = None
    note: str = ""

    def held_on(self, day: date) -> bool:
        """Whether code and name held on ``day``."""
        return (self.valid_from or _OPEN_FROM) <= day <= (self.valid_to or _OPEN_TO)

    def overlaps(self, other: "Division") -> bool:
        """Whether there is a day on which both held."""
        return (self.valid_from or _OPEN_FROM) <= (other.valid_to or _OPEN_TO) and (other.valid_from or _OPEN_FROM) <= (
            self.valid_to or _OPEN_TO
        )


class DivisionTable:
    """Names of divisions by code and day. Built once, then only read."""

    def __init__(self, divisions: Iterable[Division] = (), comments: Iterable[str] = ()) -> None:
        """The divisions must not overlap; :meth:`parse` checks that. ``comments`` are lines that begin with #."""
        self._by_code: dict[DivisionCode, tuple[Division, ...]] = {}
        self.comments = tuple(comments)
        for division in divisions:
            self._by_code[division.code] = (*self._by_code.get(division.code, ()), division)

    @classmethod
    def parse(cls, text: str, source: str = DIVISIONS) -> Self:
        """Read the table from CSV text with the columns code, name, valid_from, valid_to, note.

        Days are written 2016-10-18, empty is open; empty lines and lines that begin with # are passed over.
        ``source`` stands in messages. Raises DivisionTableError with every fault, or DivisionColumnsError.
        """
        rows = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=False)
        header = next(rows, [])
        if tuple(header) != COLUMNS:
            raise DivisionColumnsError(source=source, expected=",".join(COLUMNS), found=",".join(header))
        faults: list[TraceError] = []
        comments: list[str] = []
        read: dict[DivisionCode, list[tuple[int, Division]]] = {}
        for cells in rows:
            if cells and cells[0].startswith("#"):
                comments.append(",".join(cells).rstrip(","))  # Excel fills a comment up to five cells
            elif any(cells):
                try:
                    division = _division(cells, source, rows.line_num)
                    same = read.setdefault(division.code, [])
                    _check_overlap(division, same, source, rows.line_num)
                except TraceError as fault:
                    faults.append(fault)
                else:
                    same.append((rows.line_num, division))
        if faults:
            raise DivisionTableError(source=source, faults=faults)
        return cls((division for same in read.values() for _, division in same), comments)

    def __len__(self) -> int:
        return sum(map(len, self._by_code.values()))

    @property
    def divisions(self) -> frozenset[Division]:
        """Every row."""
        return frozenset(division for same in self._by_code.values() for division in same)

    def with_table(self, other: "DivisionTable") -> "DivisionTable":
        """This table where each code that ``other`` speaks of has the rows of ``other`` and no others."""
        by_code = {**self._by_code, **other._by_code}
        rows = (division for same in by_code.values() for division in same)
        return DivisionTable(rows, dict.fromkeys((*self.comments, *other.comments)))

    def as_csv(self) -> str:
        """The table as :meth:`parse` reads it: comments, then rows by code and day. The same rows, the same text."""
        text = io.StringIO(newline="")
        write = csv.writer(text, lineterminator="\n").writerow
        write(COLUMNS)
        text.writelines(f"{comment}\n" for comment in self.comments)
        for one in sorted(self.divisions, key=lambda row: (row.code, row.valid_from or _OPEN_FROM)):
            write((one.code, one.name, one.valid_from or "", one.valid_to or "", one.note))
        return text.getvalue()

    def find(self, code: DivisionCode, day: date) -> Division | None:
        """The division that had this code on that day."""
        return next((division for division in self._by_code.get(code, ()) if division.held_on(day)), None)

    def full_name(self, code: DivisionCode, day: date) -> str | None:
        """Names from the province down, joined (江西省赣州市安远县); levels that the table lacks are left out.

        None where the code itself is not in the table on that day.
        """
        own = self.find(code, day)
        if own is None:
            return None
        above = (self.find(ancestor, day) for ancestor in code.ancestors)
        return "".join(division.name for division in above if division) + own.name


def _division(cells: list[str], source: str, line: int) -> Division:
    if len(cells) != len(COLUMNS):
        given = ",".join(cells)
        raise DivisionRowError(source=source, line=line, column=len(cells), given=given, expected="five columns")
    code, name, valid_from, valid_to, note = (cell.strip(" ") for cell in cells)
    try:
        parsed = DivisionCode.parse(code)
    except IdentifierError as error:
        raise DivisionRowError(source=source, line=line, column="code", given=code, expected=error) from None
    if not name or not name.isprintable():
        raise DivisionRowError(source=source, line=line, column="name", given=name, expected="a name on one line")
    first = _day(valid_from, "valid_from", source, line)
    last = _day(valid_to, "valid_to", source, line)
    if first and last and last < first:
        expected = "a day not before valid_from"
        raise DivisionRowError(source=source, line=line, column="valid_to", given=valid_to, expected=expected)
    return Division(parsed, name, first, last, note)


def _day(text: str, column: str, source: str, line: int) -> date | None:
    if not text:
        return None
    try:
        # fromisoformat also takes 20161018 and 2016-W42-2: one spelling only
        day = date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:
        raise DivisionRowError(source=source, line=line, column=column, given=text, expected="a day like 2016-10-18")
    return day


def _check_overlap(division: Division, same: Iterable[tuple[int, Division]], source: str, line: int) -> None:
    """Raise DivisionOverlapError where one of the rows of ``same`` code holds on a day of this one."""
    for other_line, other in same:
        if other.overlaps(division):
            raise DivisionOverlapError(
                source=source, line=line, division=division.code, name=other.name, other=other_line
            )
