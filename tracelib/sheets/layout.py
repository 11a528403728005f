"""What a person sees of a sheet and what not: hidden rows and columns, widths, formulas behind values; and what of it
was not read.
"""

from bisect import bisect_left
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from tracelib.sheets.limits import LIMITS

SHOWN = 20
"""How many rows of each kind are told one by one."""


@dataclass(slots=True)
class Layout:
    """Hidden rows that have content, hidden columns and widths by zero-based column, cells with formulas,
    cells that are struck out.

    With ``see_hidden``, hidden rows are given to the reader all the same. Widths are in characters.
    """

    see_hidden: bool = False
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: set[int] = field(default_factory=set)
    widths: dict[int, float] = field(default_factory=dict)
    _formulas: dict[int, set[int]] = field(default_factory=dict)
    _struck: dict[int, set[int]] = field(default_factory=dict)

    def add_columns(self, first: int, last: int, width: float | None, hidden: bool) -> None:
        """Note a range of columns, both ends included; beyond the widest table nothing is read anyway."""
        columns = range(max(first, 0), min(last, LIMITS.columns) + 1)
        if hidden:
            self.hidden_columns.update(columns)
        if width is not None:
            self.widths.update(dict.fromkeys(columns, width))

    def add_formula(self, row: int, column: int) -> None:
        """Note that a formula stands in a cell."""
        self._formulas.setdefault(row, set()).add(column)

    def take_formulas(self, row: int) -> AbstractSet[int]:
        """The columns of a row whose cells are formulas. They are forgotten, so that a long sheet costs nothing."""
        return self._formulas.pop(row, frozenset())

    def add_struck(self, row: int, column: int) -> None:
        """Note that what stands in a cell is struck out."""
        self._struck.setdefault(row, set()).add(column)

    def take_struck(self, row: int) -> AbstractSet[int]:
        """The columns of a row whose cells are struck out; forgotten like formulas."""
        return self._struck.pop(row, frozenset())

    def has_row(self, row: int) -> bool:
        """Whether a row was noted as hidden; rows are noted in their order."""
        position = bisect_left(self.hidden_rows, row)
        return position < len(self.hidden_rows) and self.hidden_rows[position] == row

    def has(self, column: int) -> bool:
        """Whether a column is hidden."""
        return column in self.hidden_columns


@dataclass(frozen=True, slots=True)
class Unread:
    """What of a table was not read, to be told to the person.

    ``sheets`` and ``columns`` (letters and header) are hidden, and so are ``hidden_rows``; ``struck_rows`` are struck
    out; ``rows`` are totals, notes
    and repeated headers: (row, its first text), at most ``SHOWN`` of them; ``row_count`` counts them all.
    ``formulas`` counts the formulas that were not calculated: what was read is the result that the file keeps.
    """

    sheets: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    hidden_rows: tuple[int, ...] = ()
    struck_rows: tuple[int, ...] = ()
    rows: tuple[tuple[int, str], ...] = ()
    row_count: int = 0
    formulas: int = 0
