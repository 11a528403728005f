"""What Excel and WPS write and openpyxl does not: shared and rich texts, Chinese date formats, the 1904 calendar."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, to_excel

from tracelib.errors import TraceError
from tracelib.sheets.batch_sheet import read_batches
from tracelib.sheets.column import letters
from tracelib.sheets.container import open_archive
from tracelib.sheets.errors import DamagedSheetError, EntitiesError, SheetError
from tracelib.sheets.styles import is_date_format, number_format
from tracelib.sheets.workbook import read_workbook
from tracelib.sheets.xlsx import as_day, as_shown, read_sheet, serial_of

ExcelWorkbook = Callable[..., Path]
SHEET, STYLES, TEXTS, BOOK = "xl/worksheets/sheet1.xml", "xl/styles.xml", "xl/sharedStrings.xml", "xl/workbook.xml"
EPOCH_1900, EPOCH_1904 = date(1899, 12, 30), date(1904, 1, 1)


def fault_of(path: Path) -> TraceError:
    with pytest.raises(SheetError) as caught:
        read_batches(path)
    (fault,) = caught.value.faults
    return fault


def test_a_workbook_as_excel_writes_it(excel_workbook: ExcelWorkbook) -> None:
    (batch,) = read_batches(excel_workbook()).batches
    assert (batch.reference, batch.produced_on, batch.weight_g) == (
        "GNQC/NAVEL-5KG/26A0137",
        date(2026, 11, 3),
        3_500_500,
    )


def test_rich_text_is_joined_and_readings_are_left_out(excel_workbook: ExcelWorkbook) -> None:
    rich = (
        '<si><r><t>26A</t></r><r><rPr/><t xml:space="preserve">0137 </t></r><rPh sb="0" eb="1"><t>pinyin</t></rPh></si>'
    )
    (batch,) = read_batches(excel_workbook((TEXTS, "<si><t>26A0137</t></si>", rich))).batches
    assert batch.lot == "26A0137"


def test_escaped_characters_are_what_they_stand_for(excel_workbook: ExcelWorkbook) -> None:
    assert read_batches(excel_workbook((TEXTS, "26A0137", "26A_x0030_137_x000D_"))).batches[0].lot == "26A0137"


def test_tags_may_have_a_prefix(excel_workbook: ExcelWorkbook) -> None:
    changes = [
        (SHEET, "<worksheet xmlns=", "<x:worksheet xmlns:x="),
        (SHEET, "</", "</x:"),
        *((SHEET, f"<{tag}", f"<x:{tag}") for tag in ("sheetData", "row", "c r", "v>")),
    ]
    assert len(read_batches(excel_workbook(*changes)).batches) == 1


def test_cells_without_address_follow_each_other(excel_workbook: ExcelWorkbook) -> None:
    changes = [(SHEET, f' r="{letter}{row}"', "") for letter in "ABCDE" for row in (1, 2)]
    path = excel_workbook(*changes, (SHEET, ' r="1"', ""), (SHEET, ' r="2"', ""))
    assert len(read_batches(path).batches) == 1


def test_the_1904_calendar_is_known(excel_workbook: ExcelWorkbook) -> None:
    change = (BOOK, "<workbookPr/>", '<workbookPr date1904="1"/>')
    path = excel_workbook(change, (SHEET, "46329", str(46329 - 1462)))
    assert read_batches(path).batches[0].produced_on == date(2026, 11, 3)


@pytest.mark.parametrize("number", [14, 15, 16, 17, 22, 27, 28, 29, 30, 31, 36, 50, 57, 58])
def test_built_in_formats_of_days(excel_workbook: ExcelWorkbook, number: int) -> None:
    path = excel_workbook((STYLES, 'numFmtId="31"', f'numFmtId="{number}"'))
    assert read_batches(path).batches[0].produced_on == date(2026, 11, 3)


@pytest.mark.parametrize("number", [0, 1, 2, 9, 10, 11, 18, 19, 20, 21, 45, 46, 47, 49, 176])
def test_numbers_and_times_are_no_days(excel_workbook: ExcelWorkbook, number: int) -> None:
    fault = fault_of(excel_workbook((STYLES, 'numFmtId="31"', f'numFmtId="{number}"')))
    shown = "4632900%" if number in (9, 10) else "46329"  # those two are 0% and 0.00%
    assert (fault.code, fault.params["value"]) == ("sheet.cell", shown)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("yyyy-mm-dd", True),
        ('yyyy"年"m"月"d"日";@', True),
        ("[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy", True),
        ("[DBNum1][$-804]yyyy年m月d日", True),
        ("d/m", True),
        ("General", False),
        ("0.00", False),
        ("#,##0", False),
        ("h:mm:ss", False),
        ("[h]:mm", False),
        ('0" days"', False),
        ("[Red]0.0", False),
        ("0\\d", False),
        ("@", False),
        ("", False),
    ],
)
def test_a_format_shows_a_day_when_it_has_year_or_day(code: str, expected: bool) -> None:
    assert is_date_format(code) is expected


@pytest.mark.parametrize(
    ("code", "number", "shown"),
    [
        ('0.0"吨"', "10", "10吨"),
        ("#,##0.00", "1200.5", "1200.5"),
        ("General", "7", "7"),
        ('G/通用格式"斤"', "7", "7斤"),
        ("0\\k\\g", "7", "7kg"),
        ('"净重"0_ "kg"', "7", "净重7kg"),
        ('0.0,"吨"', "10000", "10吨"),
        ("0,.0", "12500", "12.5"),
        ("0%", "0.35", "35%"),
        ("[$¥-804]#,##0.00;[Red]-0", "7", "¥7"),
        ('_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ', "7", "7"),
        ('[>=1000]0.0,"吨";0"公斤"', "500", "500吨公斤(?)"),  # nobody's unit: which section counts is not said
        ('[>=1000]0"kg";0"kg"', "500", "500kg"),
        ("# ?/?", "0.5", "0.5"),
        ("0.00E+00", "7", "7"),
    ],
)
def test_the_words_of_a_format_stand_beside_the_number(code: str, number: str, shown: str) -> None:
    """ECMA-376 part 1, 18.8.31: quoted and escaped text, currency signs, percent, thousands left out by commas."""
    assert number_format(code).shown(number) == shown


def openpyxl_serial(day: date, epoch: datetime = CALENDAR_WINDOWS_1900) -> float:
    serial: float = to_excel(day, epoch)  # type: ignore[no-untyped-call]  # the library has no types
    return serial


@given(st.dates(date(1904, 1, 2), date(2199, 12, 31)))
def test_days_agree_with_openpyxl(day: date) -> None:
    serial = openpyxl_serial(day)
    assert as_day(str(serial), EPOCH_1900) == day
    assert serial_of(day) == serial
    assert as_day(str(openpyxl_serial(day, CALENDAR_MAC_1904)), EPOCH_1904) == day


def test_the_first_two_months_of_1900_and_the_day_that_never_was() -> None:
    assert as_day("1", EPOCH_1900) == date(1900, 1, 1)
    assert as_day("59", EPOCH_1900) == date(1900, 2, 28)
    assert as_day("61", EPOCH_1900) == date(1900, 3, 1)


@pytest.mark.parametrize(
    ("number", "shown"),
    [("46329.5", "2026-11-03 12:00"), ("0", "0"), ("-1", "-1"), ("9999999", "9999999"), ("NaN", "NaN"), ("x", "x")],
)
def test_what_is_no_whole_day_stays_text(number: str, shown: str) -> None:
    assert as_day(number, EPOCH_1900) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("3500.5", "3500.5"),
        ("0.30000000000000004", "0.3"),
        ("1.1000000000000001", "1.1"),
        ("1E3", "1000"),
        ("1e-3", "0.001"),
        ("20261103", "20261103"),
        ("100", "100"),
        ("1E+400", "1E+400"),
        ("1E999999999", "1E999999999"),
        ("Infinity", "Infinity"),
    ],
)
def test_numbers_are_shown_with_15_digits_and_without_exponent(number: str, shown: str) -> None:
    assert as_shown(number) == shown


@pytest.mark.parametrize("index", ["8", "99999", "x", "-1", "1.0"])
def test_a_text_that_is_not_there_is_damage(excel_workbook: ExcelWorkbook, index: str) -> None:
    with pytest.raises(DamagedSheetError):
        read_batches(excel_workbook((SHEET, "<v>7</v>", f"<v>{index}</v>")))


@pytest.mark.parametrize("part", [SHEET, STYLES, TEXTS, BOOK, "_rels/.rels", "xl/_rels/workbook.xml.rels"])
@pytest.mark.parametrize(
    "prolog",
    [
        '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE x SYSTEM "file:///etc/passwd">',
    ],
)
def test_document_types_are_refused_in_every_part(excel_workbook: ExcelWorkbook, part: str, prolog: str) -> None:
    root = {SHEET: "<worksheet", STYLES: "<styleSheet", TEXTS: "<sst", BOOK: "<workbook "}.get(part, "<Relationships")
    with pytest.raises(EntitiesError) as caught:
        read_batches(excel_workbook((part, root, prolog + root)))
    assert caught.value.params == {"file": "excel.xlsx", "part": part}


@pytest.mark.parametrize("target", ["../../../etc/passwd", "worksheets/sheet9.xml", "http://example.com/x.xml", ""])
def test_a_sheet_that_lies_elsewhere_is_not_followed(excel_workbook: ExcelWorkbook, target: str) -> None:
    with pytest.raises(TraceError):
        read_batches(excel_workbook(("xl/_rels/workbook.xml.rels", "worksheets/sheet1.xml", target)))


def test_formulas_in_conditional_formats_are_no_cells(excel_workbook: ExcelWorkbook) -> None:
    extra = (
        '</sheetData><conditionalFormatting sqref="A1"><cfRule><formula>1</formula></cfRule></conditionalFormatting>'
        "<extLst><ext><f>A1</f><c><v>1</v></c></ext></extLst>"
    )
    assert len(read_batches(excel_workbook((SHEET, "</sheetData>", extra))).batches) == 1


@pytest.mark.parametrize(
    ("index", "text"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA"), (16383, "XFD")]
)
def test_columns_have_letters(index: int, text: str) -> None:
    assert letters(index) == text


CELLS = st.none() | st.integers(-(10**9), 10**9) | st.dates(date(1901, 1, 1), date(2100, 1, 1)) | st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Co", "Cn"]), max_size=12
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(CELLS, max_size=6), max_size=5))
def test_cells_agree_with_what_openpyxl_wrote(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[int | date | str | None]]
) -> None:
    path = tmp_path_factory.mktemp("oracle") / "file.xlsx"
    book = Workbook()
    for row in rows:
        book.worksheets[0].append([value.lstrip("=#") if isinstance(value, str) else value for value in row])
    book.save(path)
    with path.open("rb") as stream, open_archive(stream, path.name) as archive:
        parts = read_workbook(archive, path.name)
        found = dict(read_sheet(archive, parts, parts.sheets[0], path.name))
    expected = {
        number: {column: _expected(value) for column, value in enumerate(row) if _expected(value) != ""}
        for number, row in enumerate(rows, 1)
    }
    assert found == {number: row for number, row in expected.items() if row}


def _expected(value: int | date | str | None) -> str | date:
    if value is None or isinstance(value, date):
        return "" if value is None else value
    return str(value).lstrip("=#").strip(" \u3000\u00a0\ufeff") if isinstance(value, str) else str(value)


def test_a_leap_day_is_counted_as_excel_counts_it() -> None:
    assert serial_of(date(1900, 3, 1)) == 61
    assert serial_of(date(2026, 11, 3)) == 46329
    assert date(1899, 12, 30) + timedelta(days=46329) == date(2026, 11, 3)


def _with_weight(cell: str) -> tuple[str, str, str]:
    return ("xl/worksheets/sheet1.xml", '<c r="E2"><v>3500.5</v></c></row>', cell)


FOLLOWER = (
    '<row r="3"><c r="A3" t="s"><v>5</v></c><c r="B3" t="s"><v>6</v></c><c r="C3" t="inlineStr"><is><t>L2</t></is></c>'
    '<c r="D3" s="1"><v>46329</v></c><c r="E3"><f t="shared" si="0"/><v>9</v></c></row>'
)


def test_a_shared_formula_is_read_by_its_results(excel_workbook: ExcelWorkbook) -> None:
    """Excel writes a formula once for a column that was filled down (ECMA-376 part 1, 18.3.1.40)."""
    cell = '<c r="E2"><f t="shared" ref="E2:E3" si="0">F2*9.5</f><v>3500.5</v></c></row>' + FOLLOWER
    table = read_batches(excel_workbook(_with_weight(cell)))
    assert [batch.weight_g for batch in table.batches] == [3_500_500, 9_000]
    assert table.unread.formulas == 2


def test_a_shared_formula_that_changes_is_refused_in_every_cell(excel_workbook: ExcelWorkbook) -> None:
    cell = '<c r="E2"><f t="shared" ref="E2:E3" si="0">RAND()</f><v>1</v></c></row>' + FOLLOWER
    with pytest.raises(SheetError) as caught:
        read_batches(excel_workbook(_with_weight(cell)))
    assert [fault.code for fault in caught.value.faults] == ["sheet.changing_formula"] * 2


def test_a_quoted_name_of_a_function_is_a_text(excel_workbook: ExcelWorkbook) -> None:
    cell = '<c r="E2"><f>IF(F2="NOW(",1,3500.5)</f><v>3500.5</v></c></row>'
    assert read_batches(excel_workbook(_with_weight(cell))).batches[0].weight_g == 3_500_500


@pytest.mark.parametrize(
    "calculation", ['calcCompleted="0"', 'calcMode="manual" calcOnSave="0"', 'fullCalcOnLoad="true"']
)
def test_a_file_that_was_saved_uncalculated_is_not_believed(excel_workbook: ExcelWorkbook, calculation: str) -> None:
    cell = '<c r="E2"><f>F2*9.5</f><v>3500.5</v></c></row>'
    book = ("xl/workbook.xml", "</sheets>", f"</sheets><calcPr {calculation}/>")
    with pytest.raises(SheetError) as caught:
        read_batches(excel_workbook(_with_weight(cell), book))
    assert [fault.code for fault in caught.value.faults] == ["sheet.formula"]
