"""A workbook of text cells whose bytes depend on nothing but the cells."""

import re
import zipfile
from collections.abc import Sequence
from io import BytesIO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

_FIRST_MOMENT = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a ZIP archive knows."""
_TIMES = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(</)")


def workbook_bytes(sheet: str, rows: Sequence[Sequence[str]]) -> bytes:
    """One sheet; see :func:`workbook_of`."""
    return workbook_of([(sheet, rows)])


def workbook_of(sheets: Sequence[tuple[str, Sequence[Sequence[str]]]]) -> bytes:
    """Sheets by name, the first row of each in bold and kept in sight; every cell is text, also where it begins with
    ``=``.
    """
    book = Workbook(write_only=True)
    for name, rows in sheets:
        table = book.create_sheet(name)
        table.freeze_panes = "A2"
        for index, row in enumerate(rows):
            cells = [WriteOnlyCell(table, text) for text in row]
            for cell in cells:
                cell.data_type = "s"
                cell.number_format = "@"
                if index == 0:
                    cell.font = Font(bold=True)
            table.append(cells)
    data = BytesIO()
    book.save(data)
    return _without_times(data)


def _without_times(data: BytesIO) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(data) as made, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as plain:
        for item in made.infolist():
            content = made.read(item)
            if item.filename == "docProps/core.xml":
                content = _TIMES.sub(rb"\g<1>1980-01-01T00:00:00Z\g<2>", content)
            plain.writestr(zipfile.ZipInfo(item.filename, _FIRST_MOMENT), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()
