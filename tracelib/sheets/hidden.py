"""What of a sheet was not read, because a person does not see it or because it is no row of the table."""

from bisect import bisect_left
from dataclasses import dataclass, field

from tracelib.sheets.limits import LIMITS

SHOWN = 20
"""How many rows of each kind are told one by one."""


@dataclass(slots=True)
class Hidden:
    """Hidden rows that have content, and the zero-based hidden columns.

    With ``shown``, hidden rows are given to the reader all the same.
    """

    shown: bool = False
    rows: list[int] = field(default_factory=list)
    columns: set[int] = field(default_factory=set)

    def add_columns(self, first: int, last: int) -> None:
        """Note a range of hidden columns, both ends included; beyond the widest table nothing is read anyway."""
        self.columns.update(range(max(first, 0), min(last, LIMITS.columns) + 1))

    def has_row(self, row: int) -> bool:
        """Whether a row was noted as hidden; rows are noted in their order."""
        position = bisect_left(self.rows, row)
        return position < len(self.rows) and self.rows[position] == row

    def has(self, column: int) -> bool:
        """Whether a column is hidden."""
        return column in self.columns


@dataclass(frozen=True, slots=True)
class Unread:
    """What of a table was not read, to be told to the person.

    ``sheets`` and ``columns`` (letters and header) are hidden, and so are ``hidden_rows``; ``rows`` are totals, notes
    and repeated headers: (row, its first text), at most ``SHOWN`` of them; ``row_count`` counts them all.
    """

    sheets: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    hidden_rows: tuple[int, ...] = ()
    rows: tuple[tuple[int, str], ...] = ()
    row_count: int = 0
