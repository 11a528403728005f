"""Make ``examples/batches.xlsx``, the harvest that ``tracelib demo`` registers.

Two invented co-operatives (示例合作社) and enough weight for more than 1,200 codes::

    python examples/make_batches.py examples/batches.xlsx
"""

import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Font

HEADER = ("主体编号", "产品编号", "批号", "采收日期", "重量(kg)", "产地区划代码", "地块", "种植户", "备注")
ROWS: tuple[tuple[str | date | Decimal | int, ...], ...] = (
    # 赣南脐橙示例合作社, cartons of 5 kg: 400 + 300 + 500
    ("GNQC", "NAVEL-5KG", "26A0137", date(2026, 11, 3), 2000, "360726", "示例果园一号", "示例种植户甲", "早熟"),
    ("GNQC", "NAVEL-5KG", "26A0138", "2026年11月4日", Decimal("1503.5"), "360726", "示例果园二号", "示例种植户乙", ""),
    ("GNQC", "NAVEL-5KG", "26A0141", "2026/11/6", 2500, "360726", "示例果园三号", "示例种植户甲", ""),
    # 万载龙牙百合示例合作社, bags of 250 g: 250 + 400
    ("WZBH", "LILY-250G", "26B0021", "20261018", Decimal("62.5"), "360922", "示例百合地一号", "示例种植户丙", "干片"),
    ("WZBH", "LILY-250G", "26B0022", date(2026, 10, 20), 100, "360922", "示例百合地二号", "示例种植户丁", "干片"),
)
WIDTHS = (12, 14, 12, 16, 12, 16, 18, 16, 12)


def write(path: Path) -> None:
    """Write the workbook to ``path``."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "批次"
    sheet.append(HEADER)
    for row in ROWS:
        sheet.append(row)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for column, width in zip("ABCDEFGHI", WIDTHS, strict=True):
        sheet.column_dimensions[column].width = width
    sheet.freeze_panes = "A2"
    book.save(path)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
