"""Division codes: province to county (6 digits, GB/T 2260), town (9), village (12).

Names come from the user's own table, because codes and names change: each row has the days between which it held.
"""

from dataclasses import dataclass
from datetime import date
from typing import Self

WHAT = "division code"


@dataclass(frozen=True, slots=True, order=True)
class DivisionCode:
    """A code of 6, 9 or 12 ASCII digits."""

    value: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """A division code. Raises an :class:`~tracelib.identifiers.errors.IdentifierError`."""
        raise NotImplementedError

    @property
    def ancestors(self) -> "tuple[DivisionCode, ...]":
        """Province, prefecture, county, town above this one, highest first, without itself."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Division:
    """One row of the table: a code, its name, and the days (inclusive, None is open) between which both held."""

    code: DivisionCode
    name: str
    valid_from: date | None = None
    valid_to: date | None = None
    note: str = ""


class DivisionTable:
    """Names of divisions by code and day."""

    @classmethod
    def parse(cls, text: str, source: str = "divisions.csv") -> Self:
        """Read the table from CSV text with the columns code, name, valid_from, valid_to, note."""
        raise NotImplementedError

    def find(self, code: DivisionCode, day: date) -> Division | None:
        """The division that had this code on that day."""
        raise NotImplementedError

    def full_name(self, code: DivisionCode, day: date) -> str | None:
        """Names from the province down, joined (江西省赣州市安远县); None where the code itself is not in the table."""
        raise NotImplementedError
