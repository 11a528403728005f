"""Answers: one JSON value with ``--json``, else words, tables and pictures for people."""

import json
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import click

from tracelib.errors import harmless

if TYPE_CHECKING:
    from rich.console import Console

    from tracelib_cli.table import Columns

BLANKS = "\u00a0\u3000"
"""Blanks that people type and Python does not count as printable."""


def as_json(value: object) -> str:
    """One line of JSON; dates as ISO 8601, bytes as lower-case hex, never translated.

    What could steer a terminal (JSON itself escapes only some of it), and a lone surrogate, stand as their escapes.
    """
    text = json.dumps(value, ensure_ascii=False, default=_plain)
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in BLANKS else json.dumps(c)[1:-1] for c in text)


def on_one_line(text: str) -> str:
    """A text from outside as it may stand within a line: nothing in it steers the terminal or begins a new line."""
    return harmless(text, BLANKS)


def echo(text: str, *, err: bool = False, fg: str | None = None, bold: bool | None = None) -> None:
    """Print a text, its own line ends kept and nothing else that steers a terminal; in colour where one is named."""
    click.secho(harmless(text, f"{BLANKS}\n"), err=err, fg=fg, bold=bold)


def quoted(word: object) -> str:
    """A file or name as it is typed in a command: in quotation marks where it holds spaces."""
    text = str(word)
    return f'"{text}"' if " " in text else text


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
        """Print a line, its own line ends kept; nothing else in it steers the terminal."""
        self.drawn(harmless(text, f"{BLANKS}\n"))

    def drawn(self, text: str) -> None:
        """Print a line of our own making that may hold colours."""
        sys.stdout.write(text + "\n")

    def table(self, headers: Sequence[str], rows: Iterable[Sequence[object]], title: str | None = None) -> None:
        """Print a table for people, as wide as the terminal; where that is too narrow, a block for each row."""
        from tracelib_cli.table import blocks, lay_out

        given = [list(row) for row in rows]
        texts = [["" if cell is None else harmless(str(cell), f"{BLANKS}\n") for cell in row] for row in given]
        room = self.console().width
        laid = lay_out([list(headers), *texts], room)
        if laid is None:
            for line in ([title] if title else []) + blocks(headers, texts, room):
                self.line(line)
            return
        numbers = [bool(given) and all(isinstance(row[i], int) for row in given) for i in range(len(headers))]
        self._framed(laid, numbers, title and on_one_line(title))

    def _framed(self, laid: "Columns", numbers: Sequence[bool], title: str | None) -> None:
        """The table as rich draws it, its cells broken into lines already."""
        from rich.table import Table

        table = Table(title=title, title_justify="left", header_style="bold")
        head, *body = (["\n".join(lines) for lines in row] for row in laid.rows)
        for header, width, number in zip(head, laid.widths, numbers, strict=True):
            table.add_column(header, width=width, no_wrap=True, justify="right" if number else "left")
        for row in body:
            table.add_row(*row)
        self.console().print(table)

    def console(self) -> "Console":
        """A rich console on standard output, for what tables do not cover."""
        from rich.console import Console

        return Console(highlight=False, markup=False)
