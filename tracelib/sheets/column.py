"""Columns of a table: what each is called, what its cells hold."""

import unicodedata
from dataclasses import dataclass

from tracelib.sheets.cells import Kind
from tracelib.text import LocalizedText


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its key, its header in both languages and other spellings, what its cells hold.

    ``explanation``, ``example`` and ``width`` (characters) serve the template.
    """

    key: str
    header: LocalizedText
    spellings: tuple[str, ...]
    kind: Kind
    explanation: LocalizedText
    example: LocalizedText
    required: bool = True
    width: int = 16


def letters(index: int) -> str:
    """Column letters of a spreadsheet for a zero-based index: 0 is A, 26 is AA."""
    text = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def fold(header: str) -> str:
    """A header without case, spaces, hyphens, underscores, asterisks and full-width forms."""
    plain = unicodedata.normalize("NFKC", header).casefold()
    return "".join(c for c in plain if not c.isspace() and c not in "-_*")
