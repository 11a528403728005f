"""The clerk's own sheet with the faults marked: what it shows, what it hides, what it costs."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from tracelib.sheets.batch_sheet import COLUMNS, read_batches
from tracelib.sheets.errors import Faults
from tracelib.sheets.heading import Vocabulary
from tracelib.sheets.report import write_report

SaveXlsx = Callable[..., Path]
ROW = ("GNQC", "NAVEL-5KG", "26A0137", date(2026, 11, 3), 3500.5)


def marked(path: Path, language: str = "en") -> Workbook:
    faults, words = Faults(path.name, 10_000), Vocabulary(COLUMNS)
    read_batches(path, faults=faults)
    stream = BytesIO()
    write_report(
        path,
        stream,
        faults.sorted(),
        faults.count,
        vocabulary=words,
        sheet=None,
        language=language,  # type: ignore[arg-type]
    )
    return load_workbook(BytesIO(stream.getvalue()))


def test_what_was_hidden_stays_hidden(save_xlsx: SaveXlsx) -> None:
    """Or who registers the copy would register what nobody saw."""

    def hide(book: Workbook) -> None:
        book.worksheets[0].row_dimensions[3].hidden = True
        book.worksheets[0].column_dimensions["G"].hidden = True

    path = save_xlsx(ROW, (*ROW[:2], "L2", *ROW[3:]), (*ROW[:2], "l3", *ROW[3:]), change=hide)
    sheet = marked(path).worksheets[0]
    assert [sheet.row_dimensions[row].hidden for row in (2, 3, 4)] == [False, True, False]
    assert sheet["C3"].value == "L2"
    assert (sheet.column_dimensions["G"].hidden, sheet.column_dimensions["F"].hidden) == (True, False)
    assert sheet["C4"].comment


def test_rows_keep_their_numbers_and_a_fault_without_a_column_marks_the_first_cell(save_xlsx: SaveXlsx) -> None:
    path = save_xlsx((), ROW, (), ROW)
    sheet, summary = marked(path, "zh").worksheets
    assert [row[2].value for row in sheet.iter_rows(max_col=3)] == ["批号", None, "26A0137", None, "26A0137"]
    assert "在第 3 行已有" in sheet["A5"].comment.text
    assert summary["C1"].value == "共 1 处错误，什么也没有登记。"
    assert [summary["A4"].value, summary["B4"].value] == [5, None]


def test_a_header_that_is_missing_is_marked_at_the_header(save_xlsx: SaveXlsx) -> None:
    sheet = marked(save_xlsx(ROW[:4], header=("主体编号", "产品编号", "批号", "生产日期"))).worksheets[0]
    assert "«重量(kg)» is missing" in sheet["A1"].comment.text


def test_it_looks_like_the_clerks_own_sheet(save_xlsx: SaveXlsx) -> None:
    def shape(book: Workbook) -> None:
        sheet = book.worksheets[0]
        sheet.merge_cells("A1:E1")
        sheet.column_dimensions["C"].width = 31

    header = ("主体编号", "产品编号", "批号", "生产日期", "重量(kg)")
    path = save_xlsx(header, (*ROW[:4], "约5"), header=("示例合作社采收登记表",), change=shape)
    sheet = marked(path).worksheets[0]
    assert [str(merged) for merged in sheet.merged_cells.ranges] == ["A1:E1"]
    assert sheet.column_dimensions["C"].width == 31
    assert [sheet[address].font.b for address in ("A1", "A2", "E2", "A3")] == [True, True, True, False]
    assert sheet.freeze_panes == "A3"


def test_every_fault_stands_as_text_beside_its_row(save_xlsx: SaveXlsx) -> None:
    """A phone shows no comments. The column is not read when the sheet is given back, corrected."""
    path = save_xlsx(
        (*ROW[:2], "l2", *ROW[3:]), (*ROW[:4], None), header=("主体编号", "产品编号", "批号", "生产日期", "重量(kg)")
    )
    book = marked(path, "zh")
    sheet = book.worksheets[0]
    assert sheet["F1"].value == "检查说明（登记时不读）"
    assert [sheet["F2"].value, sheet["F3"].value] == [sheet["C2"].comment.text, sheet["E3"].comment.text]
    assert "请写成“L2”" in sheet["F2"].value
    assert (sheet["E3"].fill.fgColor.rgb, sheet["E3"].value) == ("00FFC7CE", None)
    sheet["C2"], sheet["E3"] = "L2", 8
    book.save(path.with_name("corrected.xlsx"))
    table = read_batches(path.with_name("corrected.xlsx"))
    assert [batch.weight_g for batch in table.batches] == [3_500_500, 8_000]
    assert table.unread.columns == ()


def test_a_report_of_a_report_has_one_column_of_messages(save_xlsx: SaveXlsx) -> None:
    path = save_xlsx((*ROW[:2], "l2", *ROW[3:]), header=("主体编号", "产品编号", "批号", "生产日期", "重量(kg)"))
    marked(path, "zh").save(path)
    sheet = marked(path).worksheets[0]
    assert [cell.value for cell in sheet[1]][5:] == ["What is wrong (not read)"]


@pytest.mark.slow
def test_a_long_sheet_of_faults_costs_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    rows = "".join(f"GNQC,NAVEL-5KG,L{number},2026-13-01,{number}\n" for number in range(50_000))
    path.write_text("主体编号,产品编号,批号,生产日期,重量(kg)\n" + rows, encoding="utf-8")
    code = (
        "import sys, json; from pathlib import Path; from tracelib.sheets.batch_sheet import *; "
        "from tracelib.sheets.report import write_report; p = Path(sys.argv[1]); f = Faults(p.name, 10000); "
        "w = Vocabulary(COLUMNS); read_batches(p, faults=f); s = open(sys.argv[1] + '.xlsx', 'wb'); "
        "write_report(p, s, f.sorted(), f.count, vocabulary=w, sheet=None, language='zh'); s.close(); "
        "print([l for l in open('/proc/self/status') if l.startswith('VmHWM')][0].split()[1])"
    )
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) / 1024 < 300
