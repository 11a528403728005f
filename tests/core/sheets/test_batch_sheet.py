"""A table of batches as a whole: what is read, and every fault with sheet, row, column, value and expectation."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from tracelib.batches.batch import Batch
from tracelib.errors import TraceError
from tracelib.sheets import cells
from tracelib.sheets.batch_sheet import COLUMNS, BatchSheet, read_batches
from tracelib.sheets.errors import (
    EmptySheetError,
    HiddenSheetError,
    ManyFaultsError,
    NoHeaderError,
    NoSuchSheetError,
    SeveralSheetsError,
    SheetError,
    TooLargeError,
)
from tracelib.sheets.heading import Vocabulary
from tracelib.sheets.limits import Limits
from tracelib.sheets.mapping import SheetMapping, field_named, look_at

SaveXlsx = Callable[..., Path]

ROW = ("GNQC", "NAVEL-5KG", "26A0137", date(2026, 11, 3), 3500.5, "360726", "三号果园", "示例种植户", "")
BATCH = Batch(
    party_id="GNQC",
    product_id="NAVEL-5KG",
    lot="26A0137",
    produced_on=date(2026, 11, 3),
    weight_g=3_500_500,
    origin="360726",
    plot="三号果园",
    grower="示例种植户",
)
ENGLISH = (
    "Party",
    "Product",
    "Lot",
    "Production date",
    "Weight (kg)",
    "Origin division code",
    "Plot",
    "Grower",
    "Note",
)


def row(**changes: object) -> tuple[object, ...]:
    """``ROW`` with some columns changed."""
    keys = ("party", "product", "lot", "day", "kg", "origin", "plot", "grower", "note")
    return tuple(changes.get(key, value) for key, value in zip(keys, ROW, strict=True))


def faults_of(path: Path) -> list[TraceError]:
    with pytest.raises(SheetError) as caught:
        read_batches(path)
    assert caught.value.params["count"] == len(caught.value.faults)
    return list(caught.value.faults)


def where(fault: TraceError) -> tuple[str, object, object]:
    return fault.code, fault.params.get("row"), fault.params.get("column")


def test_a_row_becomes_a_batch_with_its_place(save_xlsx: SaveXlsx) -> None:
    found = read_batches(save_xlsx(ROW, row(lot="26A0138")))
    assert found.batches == (BATCH, BATCH.model_copy(update={"lot": "26A0138"}))
    assert found.sheet == "批次"
    assert found.place(3, "weight_g") == {"sheet": "批次", "row": 3, "column": "E (重量(kg))"}


@pytest.mark.parametrize(
    "header",
    [
        ENGLISH,
        tuple(f"  {text.upper()} " for text in ENGLISH),
        (
            "party_id",
            "PRODUCT ID",
            "batch no.",
            "harvest-date",
            "net weight kg",
            "origin",
            "orchard",
            "farmer",
            "remarks",
        ),
        ("主体", "产品代码", "批次号", "采收日期", "净重（公斤）", "产地代码", "基地", "农户", "备 注"),
        ("主体编号*", "产品编号*", "批号*", "生产日期*", "重量（KG）*", "产地区划代码", "地块", "种植户", "备注"),
    ],
)
def test_headers_have_several_spellings(save_xlsx: SaveXlsx, header: Sequence[str]) -> None:
    assert read_batches(save_xlsx(ROW, header=header)).batches == (BATCH,)


def test_columns_may_stand_in_any_order_and_optional_ones_may_be_missing(save_xlsx: SaveXlsx) -> None:
    found = read_batches(
        save_xlsx(
            (1, 12, "2026年11月3日", "L1", "P1", "A"),
            header=("序号", "重量(kg)", "生产日期", "批号", "产品编号", "主体编号"),
        )
    )
    expected = Batch(party_id="A", product_id="P1", lot="L1", produced_on=date(2026, 11, 3), weight_g=12_000)
    assert found.batches == (expected,)


def test_blank_rows_are_skipped_and_rows_keep_their_numbers(save_xlsx: SaveXlsx) -> None:
    found = read_batches(
        save_xlsx((), (None, " ", "\u3000"), ROW, header=None, change=lambda book: _header_at(book, 1))
    )
    assert found.rows == (3,)


def _header_at(book: Workbook, number: int) -> None:
    for column, text in enumerate(ENGLISH, 1):
        book.worksheets[0].cell(number, column, text)


@pytest.mark.parametrize("number", [3500.5, "3500.5", "3500.500", " 3500.5 "])
def test_numbers_are_read_as_the_spreadsheet_shows_them(save_xlsx: SaveXlsx, number: object) -> None:
    assert read_batches(save_xlsx(row(kg=number))).batches[0].weight_g == 3_500_500


def test_a_sum_of_binary_fractions_is_what_excel_shows(save_xlsx: SaveXlsx) -> None:
    assert read_batches(save_xlsx(row(kg=0.1 + 0.2))).batches[0].weight_g == 300


def test_a_lot_typed_as_a_number_keeps_its_digits(save_xlsx: SaveXlsx) -> None:
    assert read_batches(save_xlsx(row(lot=20261103001))).batches[0].lot == "20261103001"


@pytest.mark.parametrize(
    ("changes", "column", "expected"),
    [
        ({"party": "gn qc"}, "A (主体编号)", cells.OWN_NUMBER),
        ({"product": "脐橙"}, "B (产品编号)", cells.NAME_FOR_NUMBER),
        ({"lot": "A" * 21}, "C (批号)", cells.OWN_NUMBER),
        ({"lot": date(2026, 11, 3)}, "C (批号)", cells.NOT_A_DATE),
        ({"day": "11月3日"}, "D (生产日期)", cells.DAY_WITH_YEAR),
        ({"day": 46329}, "D (生产日期)", cells.DAY_NOT_SERIAL),
        ({"day": datetime(2026, 11, 3, 8, 30)}, "D (生产日期)", cells.DAY),  # noqa: DTZ001 - Excel has no zones
        ({"day": "2026-02-30"}, "D (生产日期)", cells.EXISTING_DAY),
        ({"kg": "3500斤"}, "E (重量(kg))", cells.HEADER_UNIT),
        ({"kg": "350箱"}, "E (重量(kg))", cells.OWN_UNIT),
        ({"kg": 0.0005}, "E (重量(kg))", cells.FINER),
        ({"kg": True}, "E (重量(kg))", cells.WEIGHT),
        ({"kg": 1e12}, "E (重量(kg))", cells.PLAUSIBLE_WEIGHT),
        ({"origin": 36072}, "F (产地区划代码)", cells.DIVISION),
        ({"note": "x" * 201}, "I (备注)", cells.LINE),
    ],
)
def test_a_wrong_cell_is_named_with_place_value_and_expectation(
    save_xlsx: SaveXlsx, changes: dict[str, object], column: str, expected: str
) -> None:
    (fault,) = faults_of(save_xlsx(row(lot="OK-1"), row(**changes)))
    assert where(fault) == ("sheet.cell", 3, column)
    assert fault.params["sheet"] == "批次"
    assert fault.params["expected"] == expected


def test_the_message_of_a_fault_reads_whole(save_xlsx: SaveXlsx) -> None:
    (fault,) = faults_of(save_xlsx(row(kg="-12")))
    assert fault.message() == (
        "批次, row 2, column E (重量(kg)): «-12», expected a weight above 0, exact to the gram: a plain number such as "
        "1200 or 350.5, or with its unit, such as 700斤."
    )


@pytest.mark.parametrize(
    ("changes", "half_width"),
    [
        ({"lot": "２６Ａ"}, "26A"),
        ({"kg": "３５００．５"}, "3500.5"),
        ({"day": "２０２６年１１月３日"}, "2026年11月3日"),
    ],
)
def test_full_width_digits_are_refused_by_name(
    save_xlsx: SaveXlsx, changes: dict[str, object], half_width: str
) -> None:
    (fault,) = faults_of(save_xlsx(row(**changes)))
    assert fault.code == "sheet.full_width"
    assert fault.params["half_width"] == half_width


def test_empty_required_cells_are_named_one_by_one(save_xlsx: SaveXlsx) -> None:
    faults = faults_of(save_xlsx((None, "P", " ", date(2026, 11, 3), None)))
    assert [where(fault) for fault in faults] == [
        ("sheet.missing_cell", 2, "A (主体编号)"),
        ("sheet.missing_cell", 2, "C (批号)"),
        ("sheet.missing_cell", 2, "E (重量(kg))"),
    ]


def test_formulas_and_error_values_are_named_and_count_once(save_xlsx: SaveXlsx) -> None:
    faults = faults_of(save_xlsx(row(kg="=1000+E3", note="#REF!"), row(lot="L2", day="=TODAY()")))
    assert [where(fault) for fault in faults] == [
        ("sheet.formula", 2, "E"),
        ("sheet.error_value", 2, "I"),
        ("sheet.changing_formula", 3, "D"),
    ]
    assert faults[0].params["value"] == "=1000+E3"


def test_merged_cells_are_named(save_xlsx: SaveXlsx) -> None:
    def merge(book: Workbook) -> None:
        book.worksheets[0].merge_cells("A2:A3")

    faults = faults_of(save_xlsx(ROW, row(lot="L2"), change=merge))
    assert [where(fault) for fault in faults] == [("sheet.merged", 2, None)]
    assert faults[0].params["value"] == "A2:A3"


def test_two_rows_for_one_batch_are_refused_even_when_they_are_equal(save_xlsx: SaveXlsx) -> None:
    faults = faults_of(save_xlsx(ROW, row(lot="L2"), ROW, row(kg=1)))
    assert [(fault.code, fault.params["row"], fault.params["first"]) for fault in faults] == [
        ("sheet.duplicate_row", 4, 2),
        ("sheet.duplicate_row", 5, 2),
    ]


def test_a_cell_beside_the_table_is_named(save_xlsx: SaveXlsx) -> None:
    (fault,) = faults_of(save_xlsx((*ROW, "", "合计")))
    assert where(fault) == ("sheet.no_column", 2, "K")


@pytest.mark.parametrize(
    ("header", "found", "nearest"),
    [("毛重", "毛重", "重量(kg)"), ("重量(箱)", "重量(箱)", "重量(kg)"), ("Wieght (kg)", "Wieght (kg)", "Weight (kg)")],
)
def test_an_unknown_header_is_named_with_the_nearest(
    save_xlsx: SaveXlsx, header: str, found: str, nearest: str
) -> None:
    names = ("主体编号", "产品编号", "批号", "生产日期", header)
    faults = faults_of(save_xlsx(ROW[:5], header=names))
    assert [where(fault)[:2] for fault in faults] == [("sheet.missing_header", 1), ("sheet.unknown_header", 1)]
    assert (faults[1].params["value"], faults[1].params["nearest"]) == (found, nearest)


@pytest.mark.parametrize("header", ["生产日起", "地快"])
def test_an_unknown_header_hides_no_fault_of_the_other_columns(save_xlsx: SaveXlsx, header: str) -> None:
    """Whether the column that it stands for is required or not."""
    names = ("主体编号", "产品编号", "批号", "生产日期", "重量(kg)", header)
    if header == "生产日起":
        names = ("主体编号", "产品编号", "批号", header, "重量(kg)", "地块")
    faults = faults_of(save_xlsx(row(kg="x")[:6], row(lot="L_3")[:6], header=names))
    assert [where(fault)[:2] for fault in faults if fault.params["row"] != 1] == [("sheet.cell", 2), ("sheet.cell", 3)]
    assert ("sheet.unknown_header", 1) in [where(fault)[:2] for fault in faults]


def test_a_double_is_seen_although_another_cell_is_faulty(save_xlsx: SaveXlsx) -> None:
    faults = faults_of(save_xlsx(row(kg="x"), row()))
    assert [where(fault)[:2] for fault in faults] == [("sheet.cell", 2), ("sheet.duplicate_row", 3)]


def test_a_header_that_stands_twice_is_named(save_xlsx: SaveXlsx) -> None:
    (fault,) = faults_of(save_xlsx((*ROW[:5], "L9"), header=("主体", "产品", "批号", "生产日期", "重量(kg)", "Lot")))
    assert where(fault) == ("sheet.repeated_header", 1, "F")
    assert fault.params["first"] == "C"


def test_no_header_says_what_was_expected(save_xlsx: SaveXlsx) -> None:
    with pytest.raises(NoHeaderError) as caught:
        read_batches(save_xlsx(ROW, header=None))
    assert caught.value.params["row"] == 1
    assert "批号/Lot" in str(caught.value)


def test_a_title_above_the_header_is_passed_over(save_xlsx: SaveXlsx) -> None:
    found = read_batches(save_xlsx(ENGLISH, ROW, header=("2026 年批次登记表",)))
    assert (found.rows, found.batches) == ((3,), (BATCH,))


def test_a_table_without_a_header_is_refused(save_xlsx: SaveXlsx) -> None:
    with pytest.raises(NoHeaderError, match="2026 年批次登记表"):
        read_batches(save_xlsx(ROW, header=("2026 年批次登记表",)))


def test_empty_tables_are_refused(save_xlsx: SaveXlsx) -> None:
    for path in (save_xlsx(header=None), save_xlsx()):
        with pytest.raises(EmptySheetError):
            read_batches(path)


def test_all_faults_of_a_file_come_at_once_in_the_order_of_rows(save_xlsx: SaveXlsx) -> None:
    faults = faults_of(save_xlsx(row(kg="x", day="y"), row(lot="L2"), row(lot="l3"), row(lot="L4", origin="1")))
    assert [fault.params["row"] for fault in faults] == [2, 2, 4, 5]


def test_only_200_faults_are_listed_and_the_rest_are_counted(save_xlsx: SaveXlsx) -> None:
    with pytest.raises(ManyFaultsError) as caught:
        read_batches(save_xlsx(*(row(lot=f"L{number}", kg="?") for number in range(250))))
    assert len(caught.value.faults) == 200
    assert caught.value.params == {"file": "file.xlsx", "count": 250, "listed": 200, "rest": 50}


def second_sheet(book: Workbook, name: str, *rows: Sequence[object], state: str = "visible") -> None:
    sheet = book.create_sheet(name)
    sheet.sheet_state = state
    for values in rows:
        sheet.append(list(values))


def test_hidden_sheets_are_left_out_and_named(save_xlsx: SaveXlsx) -> None:
    for state in ("hidden", "veryHidden"):
        path = save_xlsx(ROW, change=lambda book, state=state: second_sheet(book, "旧", ENGLISH, ROW, state=state))
        found = read_batches(path)
        assert found.unread.sheets == ("旧",)
        assert len(found.batches) == 1
        with pytest.raises(HiddenSheetError):
            read_batches(path, sheet="旧")


def test_a_table_on_a_hidden_sheet_alone_is_refused(save_xlsx: SaveXlsx) -> None:
    def hide(book: Workbook) -> None:
        book.worksheets[0].sheet_state = "hidden"
        book.create_sheet("空")

    with pytest.raises(HiddenSheetError):
        read_batches(save_xlsx(ROW, change=hide))


def test_sheets_without_the_header_are_left_aside(save_xlsx: SaveXlsx) -> None:
    path = save_xlsx(ROW, change=lambda book: second_sheet(book, "说明", ("怎么填",), ("第一步",)))
    assert read_batches(path).sheet == "批次"


def test_faults_on_sheets_that_are_not_read_do_not_count(save_xlsx: SaveXlsx) -> None:
    path = save_xlsx(ROW, change=lambda book: second_sheet(book, "统计", ("合计",), ("=1+1",)))
    assert len(read_batches(path).batches) == 1


def test_several_tables_ask_which_one(save_xlsx: SaveXlsx) -> None:
    path = save_xlsx(ROW, change=lambda book: second_sheet(book, "十月", ENGLISH, row(lot="L2")))
    with pytest.raises(SeveralSheetsError, match="«批次», «十月»"):
        read_batches(path)
    assert read_batches(path, sheet="十月").batches[0].lot == "L2"
    with pytest.raises(NoSuchSheetError, match="«十一月»"):
        read_batches(path, sheet="十一月")


def test_rows_columns_and_cells_are_limited(save_xlsx: SaveXlsx) -> None:
    rows = [row(lot=f"L{number}") for number in range(4)]
    assert len(read_batches(save_xlsx(*rows), limits=Limits(rows=4)).batches) == 4
    with pytest.raises(TooLargeError):
        read_batches(save_xlsx(*rows), limits=Limits(rows=3))
    with pytest.raises(TooLargeError):
        read_batches(save_xlsx(ROW), limits=Limits(columns=8))
    with pytest.raises(TooLargeError):
        read_batches(save_xlsx(row(note="x" * 51)), limits=Limits(cell_characters=50))


def test_progress_is_told_every_thousand_rows(save_xlsx: SaveXlsx) -> None:
    told: list[int] = []
    found: BatchSheet = read_batches(
        save_xlsx(*(row(lot=f"L{number}") for number in range(2500))), progress=told.append
    )
    assert told == [1000, 2000]
    assert len(found.batches) == 2500


@pytest.mark.parametrize(("unit_g", "codes"), [(1000, ["sheet.unread_unit"]), (None, ["sheet.no_unit"])])
def test_a_column_of_units_is_never_ignored_where_the_weight_is_read_in_another(
    save_xlsx: SaveXlsx, unit_g: int | None, codes: list[str]
) -> None:
    """As after ``batch map --set 单位=ignore --unit kg``: 10 斤 must not become 10 kg. Told once for the column."""
    rows = [(*ROW[:2], f"26A{n}", ROW[3], 10, unit) for n, unit in enumerate(("斤", "kg", "斤"), 1)]
    path = save_xlsx(*rows, header=("主体编号", "产品编号", "批号", "生产日期", "重量", "单位"))
    vocabulary = Vocabulary(COLUMNS, {"单位": ""}, unit_g=unit_g)
    with pytest.raises(SheetError) as caught:
        read_batches(path, vocabulary=vocabulary)
    assert [fault.code for fault in caught.value.faults] == codes


def test_a_mapping_names_the_column_of_units(save_xlsx: SaveXlsx) -> None:
    rows = [(*ROW[:2], f"26A{n}", ROW[3], 10, unit) for n, unit in enumerate(("大斤", "kg"), 1)]
    path = save_xlsx(*rows, header=("主体编号", "产品编号", "批号", "生产日期", "重量", "计法"))
    said = SheetMapping(words={"计法": field_named("unit")}, values={field_named("单位"): {"大斤": "斤"}})
    assert [batch.weight_g for batch in read_batches(path, vocabulary=said.vocabulary()).batches] == [5000, 10000]
    assert not look_at(path, said.vocabulary()).needs_unit
