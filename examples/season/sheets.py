"""The spreadsheets that the season brings: as a packing house sends them, not as the template asks for.

The growers are invented. Every sheet weighs what the season needs, in 斤, the unit of the field.
"""

from datetime import date
from pathlib import Path

from openpyxl import Workbook

LOTS = ("26-1103", "26-1104", "26-1106")
HEADER = ("序号", "采摘时间", "批次编码", "果园", "果农", "数量（斤）")
ROWS: tuple[tuple[object, ...], ...] = (
    (1, date(2026, 11, 3), LOTS[0], "示例果园一号", "示例种植户甲"),
    (2, "2026年11月4日", LOTS[1], "示例果园二号", "示例种植户乙"),
    (3, "2026.11.6", LOTS[2], "示例果园三号", "示例种植户甲"),
)
FAULTY_DAY = "2026年11月31日"
"""A day that is in no calendar: what the first version of the sheet says for its last row."""


def write_harvest(path: Path, grams: tuple[int, int, int], *, faulty: bool) -> None:
    """A workbook with a title row, the header under it, three batches and a line of totals.

    ``grams`` are the net weights of the batches; a 斤 is 500 g. ``faulty`` puts a day into it that never was.
    """
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "十一月采摘"
    sheet.append(("示例分拣厂 2026年11月脐橙采摘登记表",))
    sheet.merge_cells("A1:F1")
    sheet.append(HEADER)
    for row, weight in zip(ROWS, grams, strict=True):
        day = FAULTY_DAY if faulty and row[0] == len(ROWS) else row[1]
        sheet.append((row[0], day, *row[2:], weight / 500))
    sheet.append(("合计", None, None, None, None, sum(grams) / 500))
    hidden = book.create_sheet("旧数据")
    hidden.append(("不要用",))
    hidden.sheet_state = "hidden"
    for column, width in zip("ABCDEF", (8, 16, 14, 18, 18, 14), strict=True):
        sheet.column_dimensions[column].width = width
    book.save(path)
