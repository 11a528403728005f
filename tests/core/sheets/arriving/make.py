"""Spreadsheets of the kind that arrive at a co-operative: each with one real-life fault, or an oddity that must pass.

``python make.py FOLDER`` writes them all, to look at. Each maker stands beside its name; what the program must say to
it stands in ``expected.toml`` under that name, in both languages.
"""

import re
import sys
import zipfile
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

HEADER = ("主体编号", "产品编号", "批号", "生产日期", "重量(kg)", "地块", "备注")
DAY = date(2026, 11, 3)
ROWS: tuple[tuple[object, ...], ...] = (
    ("GNQC", "NAVEL-5KG", "26A0137", DAY, 3500.5, "三号果园", None),
    ("GNQC", "NAVEL-5KG", "26A0138", date(2026, 11, 4), 1200, "五号果园", None),
)
OLE2 = bytes.fromhex("d0cf11e0a1b11ae1")
CSV = (
    "主体编号,产品编号,批号,生产日期,重量(kg),备注\r\n"
    "GNQC,NAVEL-5KG,26A0137,2026-11-03,3500.5,\r\n"
    "GNQC,NAVEL-5KG,26A0138,2026-11-04,1200,东坡㐂\r\n"
)

Maker = Callable[[Path], None]
MAKERS: dict[str, Maker] = {}
"""File name to what writes it."""


def makes(name: str) -> Callable[[Maker], Maker]:
    """Put a maker under the name of its file."""

    def put(maker: Maker) -> Maker:
        MAKERS[name] = maker
        return maker

    return put


def save(path: Path, *rows: Sequence[object], change: Callable[[Worksheet], object] | None = None) -> None:
    """A workbook of these rows, with ``change`` made to its sheet."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "采收"
    for row in rows:
        sheet.append(list(row))
    if change:
        change(sheet)
    book.save(path)


def with_row(path: Path, column: int, value: object, header: Sequence[object] = HEADER) -> None:
    """The usual sheet, with another value in one cell of its last row."""
    last = list(ROWS[1])
    last[column] = value
    save(path, header, ROWS[0], last)


def edit(path: Path, part: str, old: str, new: str) -> None:
    """Replace text within one part of a workbook."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    text = parts[part].decode()
    assert old in text
    parts[part] = text.replace(old, new).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)


# Oddities that must pass -----------------------------------------------------------------------------------------


@makes("title.xlsx")
def _title(path: Path) -> None:
    """A title over the whole width, who filled it in, then the header."""
    title = ("示例合作社二〇二六年十一月采收登记表",)
    save(path, title, ("填表人：示例", None, "单位：公斤"), HEADER, *ROWS, change=lambda s: s.merge_cells("A1:G1"))


@makes("two-row-header.xlsx")
def _two_rows(path: Path) -> None:
    upper = ("主体编号", "产品编号", "批号", "生产日期", "数量", None, "备注")
    lower = (None, None, None, None, "净重(斤)", "件数", None)
    rows = [(*row[:4], 2401, 100, None) for row in ROWS]

    def change(sheet: Worksheet) -> None:
        for column in "ABCDG":
            sheet.merge_cells(f"{column}1:{column}2")
        sheet.merge_cells("E1:F1")
        for row in (3, 4):
            sheet[f"F{row}"] = None
        sheet["F2"] = "序号"

    save(path, upper, lower, *rows, change=change)


@makes("unit-row.xlsx")
def _unit_row(path: Path) -> None:
    save(path, (*HEADER[:4], "净重"), (None, None, None, None, "（吨）"), (*ROWS[0][:4], 3.5005), (*ROWS[1][:4], "1.2"))


@makes("trailing-blanks.xlsx")
def _blanks(path: Path) -> None:
    save(path, (*HEADER, None, " "), *ROWS, (), (" ", None, "\u3000"), (None,) * 7, (), change=_styled)


def _styled(sheet: Worksheet) -> None:
    for row in range(8, 300):
        sheet.cell(row, 1).number_format = "@"


@makes("hidden-sheet.xlsx")
def _hidden_sheet(path: Path) -> None:
    def change(sheet: Worksheet) -> None:
        old = sheet.parent.create_sheet("去年")  # type: ignore[union-attr]
        for row in (HEADER, *ROWS):
            old.append(list(row))
        old.sheet_state = "hidden"

    save(path, HEADER, *ROWS, change=change)


@makes("filtered-rows.xlsx")
def _hidden_rows(path: Path) -> None:
    def change(sheet: Worksheet) -> None:
        sheet.append(["GNQC", "NAVEL-5KG", "26A0139", DAY, 5, None, "不发"])
        sheet.row_dimensions[4].hidden = True

    save(path, HEADER, *ROWS, change=change)


@makes("hidden-column.xlsx")
def _hidden_column(path: Path) -> None:
    save(path, HEADER, *ROWS, change=lambda s: setattr(s.column_dimensions["F"], "hidden", True))


@makes("totals.xlsx")
def _totals(path: Path) -> None:
    save(path, HEADER, *ROWS, ("合计", None, None, None, "=SUM(E2:E3)"), change=lambda s: s.merge_cells("A4:D4"))


@makes("totals-in-words.xlsx")
def _totals_in_words(path: Path) -> None:
    save(path, HEADER, *ROWS, (None, None, "合计（2批）", None, 4700.5), (None, "共2批，合计4700.5公斤"))


@makes("notes-below.xlsx")
def _notes(path: Path) -> None:
    notes = ("备注：以上均为净重，一份交仓库。",), ("制表：示例甲", None, None, "审核：示例乙")
    save(path, HEADER, *ROWS, (), *notes, change=lambda s: s.merge_cells("A5:G5"))


@makes("pages-pasted.xlsx")
def _repeated_header(path: Path) -> None:
    save(path, HEADER, ROWS[0], HEADER, ROWS[1])


@makes("numbers-as-text.xlsx")
def _texts(path: Path) -> None:
    save(path, HEADER, ("GNQC", "NAVEL-5KG", "26A0137", "20261103", " 3500.50 "), (*ROWS[1][:4], "1200"))


@makes("gbk.csv")
def _gbk(path: Path) -> None:
    path.write_bytes(CSV.replace("㐂", "").encode("gbk"))


@makes("gb18030.csv")
def _gb18030(path: Path) -> None:
    path.write_bytes(CSV.encode("gb18030"))


@makes("utf8-with-mark.csv")
def _mark(path: Path) -> None:
    path.write_bytes(CSV.encode("utf-8-sig"))


@makes("times-of-midnight.csv")
def _midnights(path: Path) -> None:
    """Excel in Chinese writes a day with a clock this way; another program keeps the lot from becoming a number."""
    text = CSV.replace("2026-11-03", "2026/11/3 0:00").replace("26A0137", '="26A0137"').replace("㐂", "")
    path.write_bytes(text.encode("gbk") + ",,,,,\r\n合计,,,,4700.5,\r\n".encode("gbk"))


@makes("sheet-name.xlsx")
def _sheet_name(path: Path) -> None:
    """Protected, filtered, its rows frozen, its name with spaces."""

    def change(sheet: Worksheet) -> None:
        sheet.title = "采收 2026 三号"
        sheet.protection.set_password("x")
        sheet.protection.enable()
        sheet.auto_filter.ref = "A1:G3"
        sheet.freeze_panes = "A2"

    save(path, HEADER, *ROWS, change=change)


@makes("streamed.xlsx")
def _streamed(path: Path) -> None:
    """As programs that stream write it: texts in runs of several fonts, no addresses, no dimension."""
    save(path, HEADER, *ROWS)
    part = "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(path) as archive:
        text = archive.read(part).decode()
    bare = re.sub(r"<dimension[^>]*>|(?<=<row) r=\"[0-9]+\"|(?<=<c) r=\"[A-Z]+[0-9]+\"", "", text)
    edit(
        path,
        part,
        text,
        re.sub("<is><t>(.)(.+?)</t></is>", r"<is><r><t>\1</t></r><r><rPr><b/></rPr><t>\2</t></r></is>", bare),
    )


@makes("semicolons.csv")
def _semicolons(path: Path) -> None:
    path.write_bytes(CSV.replace(",", ";").encode())


@makes("tabs.txt")
def _tabs(path: Path) -> None:
    path.write_bytes(CSV.replace(",", "\t").encode("gb18030"))


@makes("jin.xlsx")
def _jin(path: Path) -> None:
    save(path, (*HEADER[:4], "净重/斤"), (*ROWS[0][:4], 7001), (*ROWS[1][:4], 2400))


@makes("unit-in-cell.xlsx")
def _unit_in_cell(path: Path) -> None:
    save(path, (*HEADER[:4], "重量"), (*ROWS[0][:4], "7001斤"), (*ROWS[1][:4], "1.2 吨"))


@makes("dates.xlsx")
def _dates(path: Path) -> None:
    days = ("2026-11-03", "2026/11/3", "2026.11.3", "20261103", "2026年11月3日", "2026年11月03号", DAY)
    save(path, HEADER, *((*ROWS[0][:2], f"D{n}", day, 10) for n, day in enumerate(days)))


@makes("midnight.xlsx")
def _midnight(path: Path) -> None:
    save(path, HEADER, (*ROWS[0][:3], datetime(2026, 11, 3), 10), (*ROWS[1][:3], "2026-11-03 00:00:00", 10))  # noqa: DTZ001


@makes("mac-1904.xlsx")
def _mac(path: Path) -> None:
    """Excel for Mac once counted its days from 1904: 2026-11-03 is 44867 there."""
    save(path, HEADER, (*ROWS[0][:3], 44867, 10))
    edit(path, "xl/workbook.xml", "<workbookPr ", '<workbookPr date1904="1" ')
    edit(path, "xl/worksheets/sheet1.xml", '<c r="D2" t="n">', '<c r="D2" s="1" t="n">')
    edit(path, "xl/styles.xml", "</cellXfs>", '<xf numFmtId="14" applyNumberFormat="1"/></cellXfs>')


@makes("chinese-date-format.xlsx")
def _format_31(path: Path) -> None:
    """Format 31 is 2026年11月3日 in Excel and WPS, and no part of the file says so."""
    save(path, HEADER, (*ROWS[0][:3], 46329, 10))
    edit(path, "xl/worksheets/sheet1.xml", '<c r="D2" t="n">', '<c r="D2" s="1" t="n">')
    edit(path, "xl/styles.xml", "</cellXfs>", '<xf numFmtId="31" applyNumberFormat="1"/></cellXfs>')


@makes("other-order.xlsx")
def _order(path: Path) -> None:
    header = ("序号", "净重（ＫＧ）", "采收日期", "批次号", "产品", "主体")
    save(path, header, *((n, r[4], r[3], r[2], r[1], r[0]) for n, r in enumerate(ROWS, 1)))


@makes("own-words.xlsx")
def _own_words(path: Path) -> None:
    """Read by the saved mapping: no party, no unit, no year in the sheet."""
    header = ("园区号", "品种", "采摘时间", "采摘数量", "签收")
    save(path, header, ("26A0137", "NAVEL-5KG", "11月3日", 7001, "甲"), ("26A0138", "NAVEL-5KG", "11月4日", 2400, "乙"))


@makes("second-sheet-of-notes.xlsx")
def _second_sheet(path: Path) -> None:
    save(path, HEADER, *ROWS, change=lambda s: s.parent.create_sheet("说明").append(["本表每周五交"]))  # type: ignore[union-attr]


@makes("lots-as-numbers.xlsx")
def _number_lots(path: Path) -> None:
    save(path, HEADER, (*ROWS[0][:2], 20261103001, DAY, 10), (*ROWS[0][:2], 137, DAY, 10))


@makes("band.xlsx")
def _band(path: Path) -> None:
    """A band over the width between the rows says which orchard follows."""
    save(path, HEADER, ROWS[0], ("五号果园",), ROWS[1], change=lambda s: s.merge_cells("A3:G3"))


_FORMULA = re.compile(r"""<c r="([A-Z]+[0-9]+)"( s="[0-9]+")?[^>]*><f>([^<]*)</f><v ?/?>(?:</v>)?</c>""")


def with_results(path: Path, results: dict[str, str]) -> None:
    """Put the results of formulas into a saved workbook, as Excel keeps them; openpyxl writes formulas without."""

    def put(cell: re.Match[str]) -> str:
        result = results.get(cell[1])
        if result is None:
            return cell[0]
        kind = ' t="e"' if result.startswith("#") else "" if result[:1].isdigit() else ' t="str"'
        return f'<c r="{cell[1]}"{cell[2] or ""}{kind}><f>{cell[3]}</f><v>{result}</v></c>'

    part = "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(path) as archive:
        text = archive.read(part).decode()
    edit(path, part, text, _FORMULA.sub(put, text))
    edit(path, "xl/workbook.xml", ' fullCalcOnLoad="1"', "")


@makes("formulas.xlsx")
def _formulas(path: Path) -> None:
    """Boxes times net weight, as Excel saves it: the formula with its result beside it."""
    header = (*HEADER[:5], "序号")
    save(path, header, (*ROWS[0][:4], "=F2*9.5", 368), (*ROWS[1][:4], "=F3*9.5", 126))
    with_results(path, {"E2": "3496", "E3": "1197"})


@makes("formulas-of-every-kind.xlsx")
def _formulas_of_every_kind(path: Path) -> None:
    """A text, a day, a note that is empty: whatever a formula gives is read as if it had been typed."""
    rows = [("GNQC", "NAVEL-5KG", f'="26A"&{n}', "=DATE(2026,11,3)", 10, '=IF(E2>99,"多","")') for n in (1, 2)]
    save(path, HEADER[:6], *rows, change=_as_days)
    with_results(path, {"C2": "A1", "C3": "A2", "D2": "46329", "D3": "46329", "F2": "", "F3": ""})


def _as_days(sheet: Worksheet) -> None:
    for address in ("D2", "D3"):
        sheet[address].number_format = "yyyy/m/d"


@makes("formulas-filled-down.xlsx")
def _filled_down(path: Path) -> None:
    """Formulas filled down in advance, below the last batch: nought, an error, an empty text."""
    empty = [(None, None, None, None, f"=G{n}*9.5") for n in (4, 5, 6)]
    save(path, HEADER, *ROWS, *empty)
    with_results(path, {"E4": "0", "E5": "#DIV/0!", "E6": ""})


# The file as a whole ---------------------------------------------------------------------------------------------


@makes("password.xlsx")
def _password(path: Path) -> None:
    path.write_bytes(OLE2 + bytes(1000) + "EncryptedPackage".encode("utf-16-le") + bytes(1000))


@makes("old.xls")
def _xls(path: Path) -> None:
    path.write_bytes(OLE2 + bytes(600) + "Workbook".encode("utf-16-le"))


@makes("old-renamed.xlsx")
def _renamed(path: Path) -> None:
    path.write_bytes(OLE2 + bytes(600) + "Workbook".encode("utf-16-le"))


@makes("wps.et")
def _wps(path: Path) -> None:
    path.write_bytes(OLE2 + bytes(600))


@makes("bomb.xlsx")
def _bomb(path: Path) -> None:
    save(path, HEADER, *ROWS)
    edit(path, "xl/worksheets/sheet1.xml", "</worksheet>", "</worksheet>" + " " * (20 << 20))


@makes("empty.xlsx")
def _empty(path: Path) -> None:
    path.write_bytes(b"")


@makes("header-only.xlsx")
def _header_only(path: Path) -> None:
    save(path, HEADER)


@makes("cut-off.xlsx")
def _cut_off(path: Path) -> None:
    save(path, HEADER, *ROWS)
    path.write_bytes(path.read_bytes()[:-300])


@makes("two-tables.xlsx")
def _two_sheets(path: Path) -> None:
    def change(sheet: Worksheet) -> None:
        for row in (HEADER, *ROWS):
            _sheet(sheet, "乙").append(list(row))

    save(path, HEADER, *ROWS, change=change)


def _sheet(sheet: Worksheet, name: str) -> Worksheet:
    book = sheet.parent
    assert book is not None
    found: Worksheet = book[name] if name in book.sheetnames else book.create_sheet(name)
    return found


@makes("only-hidden.xlsx")
def _only_hidden(path: Path) -> None:
    def change(sheet: Worksheet) -> None:
        _sheet(sheet, "封面")
        sheet.sheet_state = "hidden"

    save(path, HEADER, *ROWS, change=change)


@makes("unicode-text.txt")
def _utf16(path: Path) -> None:
    path.write_bytes(CSV.replace(",", "\t").encode("utf-16"))


@makes("unicode-without-mark.csv")
def _utf16_without_mark(path: Path) -> None:
    path.write_bytes(CSV.encode("utf-16-le"))


@makes("web-page.xls")
def _html(path: Path) -> None:
    path.write_bytes("<html><table><tr><td>批号</td></tr></table></html>".encode())


@makes("libreoffice.ods")
def _ods(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("content.xml", "<x/>")


@makes("binary.xlsb")
def _xlsb(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.bin", b"x")


@makes("certificate.xlsx")
def _pdf(path: Path) -> None:
    path.write_bytes(b"%PDF-1.7\n")


@makes("open-quote.csv")
def _quote(path: Path) -> None:
    path.write_bytes(CSV.replace("26A0138", '"26A0138').encode())


@makes("bars.csv")
def _bars(path: Path) -> None:
    path.write_bytes(CSV.replace(",", "|").encode())


@makes("no-header.xlsx")
def _no_header(path: Path) -> None:
    save(path, *ROWS)


# The header ------------------------------------------------------------------------------------------------------


@makes("no-lot-column.xlsx")
def _no_lot(path: Path) -> None:
    save(path, *((*row[:2], *row[3:]) for row in (HEADER, *ROWS)))


@makes("unknown-header.xlsx")
def _unknown(path: Path) -> None:
    save(path, (*HEADER[:6], "车牌号"), *((*row[:6], "赣B·示例") for row in ROWS))


@makes("twice.xlsx")
def _twice(path: Path) -> None:
    save(path, (*HEADER[:6], "采收日期"), *((*row[:6], DAY) for row in ROWS))


@makes("hidden-lots.xlsx")
def _hidden_lots(path: Path) -> None:
    save(path, HEADER, *ROWS, change=lambda s: setattr(s.column_dimensions["C"], "hidden", True))


@makes("dan.xlsx")
def _dan(path: Path) -> None:
    save(path, (*HEADER[:4], "重量(担)"), *(row[:5] for row in ROWS))


@makes("no-unit.xlsx")
def _no_unit(path: Path) -> None:
    save(path, (*HEADER[:4], "净重"), *(row[:5] for row in ROWS))


@makes("numbers-filled-down.xlsx")
def _numbers_down(path: Path) -> None:
    """序号 filled down in advance below the last batch, with the unit beside it."""
    header = ("序号", *HEADER[:4], "重量", "单位")
    rows = [(number, *row[:5], "kg") for number, row in enumerate(ROWS, 1)]
    save(path, header, *rows, (3,), (4, *(None,) * 5, "kg"), (5,))


def _struck(first_weight: object, *cells: str) -> Maker:
    """Cells with a line through them: what a clerk does to a row that no longer counts."""

    def change(sheet: Worksheet) -> None:
        for cell in cells:
            sheet[cell].font = Font(strike=True)

    return lambda path: save(path, HEADER, (*ROWS[0][:4], first_weight), ROWS[1][:6], change=change)


MAKERS |= {
    "struck-out.xlsx": _struck(3500.5, "A3", "B3", "C3", "D3", "E3"),
    "struck-weight.xlsx": _struck(3500.5, "E3"),
    "struck-row-beside-a-fault.xlsx": _struck(0, "A3", "B3", "C3", "D3", "E3"),
}


def _with_units(
    header: str, *rows: tuple[object, object], change: Callable[[Worksheet], object] | None = None
) -> Maker:
    """Weights with their unit in a column beside them."""

    def make(path: Path) -> None:
        body = ((*ROWS[0][:2], f"26A{n}", DAY, *row) for n, row in enumerate(rows, 1))
        save(path, (*HEADER[:3], "采收日期", header, "单位"), *body, change=change)

    return make


MAKERS |= {
    "unit-column.xlsx": _with_units("重量", (10, "斤"), (10, "kg"), ("10", "（吨）"), ("10斤", None)),
    "unit-column-of-boxes.xlsx": _with_units("重量", (10, "斤"), (10, "箱")),
    "unit-column-with-a-gap.xlsx": _with_units("重量", (10, None), (10, "kg"), (10, None)),
    "unit-column-against-header.xlsx": _with_units("重量(kg)", (10, "斤"), (10, "kg")),
    "unit-column-against-cell.xlsx": _with_units("重量", ("10斤", "kg"), ("10kg", "公斤")),
    "unit-column-hidden.xlsx": _with_units(
        "重量(kg)", (10, "kg"), (10, "斤"), change=lambda s: setattr(s.column_dimensions["F"], "hidden", True)
    ),
}


def _formatted(header: str, column: int, *cells: tuple[object, str]) -> Maker:
    """Numbers that a spreadsheet shows with words beside them, though the cells hold none."""

    def make(path: Path) -> None:
        rows = [[*ROWS[0][:2], f"26A{n}", DAY, 10] for n in range(1, len(cells) + 1)]
        for row, (value, _) in zip(rows, cells, strict=True):
            row[column] = value

        def change(sheet: Worksheet) -> None:
            for number, (_, code) in enumerate(cells, 2):
                sheet.cell(number, column + 1).number_format = code

        save(path, (*HEADER[:4], header), *rows, change=change)

    return make


MAKERS |= {
    "format-names-unit.xlsx": _formatted("重量", 4, (10, '0.0"吨"'), (1200, '#,##0"斤";-0"斤"'), (10000, '0.0,"吨"')),
    "format-of-the-header.xlsx": _formatted("重量(kg)", 4, (10, "0.00\\k\\g"), (1200.5, "_ * #,##0.00_ ;[Red]-0")),
    "format-of-tonnes.xlsx": _formatted("重量(kg)", 4, (10, '0.0"吨"'), (1200, '#,##0"斤"'), (0.5, "0%")),
    "format-of-a-lot.xlsx": _formatted("重量(kg)", 2, (137, '"26A"0000')),
}


# Formulas ----------------------------------------------------------------------------------------------------------


def _formula_maker(formula: str, result: str) -> Maker:
    def make(path: Path) -> None:
        with_row(path, 4, formula)
        with_results(path, {"E3": result})

    return make


MAKERS |= {
    "formula-of-an-error.xlsx": _formula_maker("=E2/F3", "#DIV/0!"),
    "formula-of-a-nought.xlsx": _formula_maker("=E2*H3", "0"),
    "formula-of-chance.xlsx": _formula_maker("=RANDBETWEEN(100,200)", "150"),
    "formula-of-a-truth.xlsx": _formula_maker("=E2>100", "TRUE"),
}


@makes("today.xlsx")
def _today(path: Path) -> None:
    with_row(path, 3, "=TODAY()")
    with_results(path, {"D3": "46330"})


@makes("saved-by-a-program.xlsx")
def _by_a_program(path: Path) -> None:
    """Libraries write a nought for the result, and ask Excel to calculate on opening."""
    with_row(path, 4, "=F3*9.5")
    with_results(path, {"E3": "1197"})
    edit(path, "xl/workbook.xml", "<calcPr ", '<calcPr fullCalcOnLoad="1" ')


# Cells -----------------------------------------------------------------------------------------------------------

CELLS: dict[str, tuple[int, object]] = {
    "formula.xlsx": (4, "=E2*2"),
    "ref-error.xlsx": (4, "#REF!"),
    "lot-became-a-date.xlsx": (2, date(2026, 5, 1)),
    "lot-of-18-digits.xlsx": (2, 202611030012345678),
    "full-width.xlsx": (4, "１２００"),
    "boxes.xlsx": (4, "240箱"),
    "other-unit.xlsx": (4, "2400斤"),
    "thousands.xlsx": (4, "1,200"),
    "full-width-comma.xlsx": (4, "1，200"),
    "full-width-comma-and-unit.xlsx": (4, "1，200斤"),
    "full-width-throughout.xlsx": (4, "１，２００"),
    "full-width-boxes.xlsx": (4, "２４０箱"),
    "full-width-small-letters.xlsx": (2, "２６ａ０１３８"),
    "about.xlsx": (4, "约1200"),
    "negative.xlsx": (4, -1200),
    "below-a-gram.xlsx": (4, "1200.0005"),
    "decimal-comma.xlsx": (4, "1,5"),
    "points-and-decimal-comma.xlsx": (4, "1.500,5"),
    "stop-behind-unit.xlsx": (4, "10 Kg."),
    "word-before-weight.xlsx": (4, "净重10kg"),
    "spaced-unit.xlsx": (4, "10 公 斤"),
    "square-kg.xlsx": (4, "500㎏"),
    "jin-as-tonnes.xlsx": (4, 120000000),
    "two-digit-year.xlsx": (3, "26.11.4"),
    "no-year.xlsx": (3, "11月4日"),
    "serial-number.xlsx": (3, 46330),
    "time-of-day.xlsx": (3, datetime(2026, 11, 4, 8, 30)),  # noqa: DTZ001 - Excel has no zones
    "no-such-day.xlsx": (3, "2026-02-30"),
    "american-date.xlsx": (3, "11/4/2026"),
    "future.xlsx": (3, date(2027, 11, 4)),
    "lower-case-lot.xlsx": (2, "26a0138"),
    "lot-over-two-lines.xlsx": (2, "26A\n0138"),
    "chinese-lot.xlsx": (2, "三号园-1"),
    "empty-lot.xlsx": (2, None),
    "same-lot-twice.xlsx": (2, "26A0137"),
    "unknown-product.xlsx": (1, "NAVEL-5K"),
    "unknown-party.xlsx": (0, "GNQD"),
    "changed.xlsx": (2, "OLD"),
}
"""File name to (column, value) of the one cell that is wrong."""


def _cell_maker(column: int, value: object) -> Maker:
    return lambda path: with_row(path, column, value)


MAKERS |= {name: _cell_maker(*cell) for name, cell in CELLS.items()}


@makes("shortened-lot.csv")
def _shortened(path: Path) -> None:
    """Excel saved the long lot number as it showed it."""
    path.write_bytes(CSV.replace("26A0138", "2.6E+05").encode("utf-8-sig"))


@makes("merged-rows.xlsx")
def _merged(path: Path) -> None:
    save(path, HEADER, ROWS[0], (None, *ROWS[1][1:]), change=lambda s: s.merge_cells("A2:A3"))


@makes("beside.xlsx")
def _beside(path: Path) -> None:
    save(path, HEADER, ROWS[0], (*ROWS[1], None, "问一下老王"))


@makes("bad-division.xlsx")
def _division(path: Path) -> None:
    save(path, (*HEADER[:5], "产地区划代码"), (*ROWS[0][:5], "360726"), (*ROWS[1][:5], 36072))


def make_all(folder: Path) -> Iterator[Path]:
    """Write every file; its path."""
    for name, maker in MAKERS.items():
        maker(folder / name)
        yield folder / name


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    print(sum(1 for _ in make_all(target)), "files")  # noqa: T201
