"""Answers: one JSON value with ``--json``, else words, tables and pictures for people."""

import json
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


def as_json(value: object) -> str:
    """One line of JSON; dates as ISO 8601, bytes as lower-case hex, never translated."""
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return value.hex()
    isoformat = getattr(value, "isoformat", None)
    return isoformat() if callable(isoformat) else str(value)


class Output:
    """Where a command's answer goes. ``json`` says whether a program is reading."""

    def __init__(self, json: bool) -> None:
        self.json = json

    def value(self, value: object) -> None:
        """Print a value as one line of JSON (used by the ``--json`` branch of a command)."""
        self.line(as_json(value))

    def line(self, text: str) -> None:
        """Print one line as it is."""
        sys.stdout.write(text + "\n")

    def table(self, headers: Sequence[str], rows: Iterable[Sequence[object]], title: str | None = None) -> None:
        """Print a table for people."""
        from rich.table import Table

        table = Table(title=title, title_justify="left", header_style="bold")
        for header in headers:
            table.add_column(header, overflow="fold")
        for row in rows:
            table.add_row(*("" if cell is None else str(cell) for cell in row))
        self.console().print(table)

    def console(self) -> "Console":
        """A rich console on standard output, for what tables do not cover."""
        from rich.console import Console

        return Console(highlight=False, markup=False)
