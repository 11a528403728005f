from datetime import date
from pathlib import Path

import pytest

from tracelib.errors import FormatError
from tracelib.identifiers.division import (
    DivisionCode,
    DivisionColumnsError,
    DivisionOverlapError,
    DivisionRowError,
    DivisionTable,
    DivisionTableError,
)

HEADER = "code,name,valid_from,valid_to,note\n"
TABLE = (
    HEADER
    + """360000,江西省,,,
360700,赣州市,,,
360721,赣县,,2016-10-17,
360704,赣县区,2016-10-18,,
360726,安远县,,,
# a comment

360726100,示例镇,,,
"""
)


def test_levels_above() -> None:
    def above(code: str) -> list[str]:
        return [ancestor.value for ancestor in DivisionCode.parse(code).ancestors]

    assert above("360000") == []
    assert above("360700") == ["360000"]
    assert above("360726") == ["360000", "360700"]
    assert above("360726100") == ["360000", "360700", "360726"]
    assert above("360726100201") == ["360000", "360700", "360726", "360726100"]


@pytest.mark.parametrize(
    "text", ["", "36", "3607", "36072", "3607261", "3607261002", "000000", "360026", "36072A", "３６０７２６"]
)
def test_not_codes(text: str) -> None:
    with pytest.raises(FormatError):
        DivisionCode.parse(text)


def test_names_of_a_day() -> None:
    table = DivisionTable.parse(TABLE)
    assert len(table) == 6
    today = date(2026, 11, 1)
    assert table.full_name(DivisionCode("360726"), today) == "江西省赣州市安远县"
    assert table.full_name(DivisionCode("360726100"), today) == "江西省赣州市安远县示例镇"
    assert table.full_name(DivisionCode("360721"), date(2016, 10, 17)) == "江西省赣州市赣县"
    assert table.full_name(DivisionCode("360721"), date(2016, 10, 18)) is None
    assert table.full_name(DivisionCode("360704"), date(2016, 10, 18)) == "江西省赣州市赣县区"
    assert table.find(DivisionCode("360704"), date(2016, 10, 17)) is None
    assert table.full_name(DivisionCode("350000"), today) is None


def test_bom_and_crlf_are_read() -> None:
    assert len(DivisionTable.parse("\ufeff" + TABLE.replace("\n", "\r\n"))) == 6


def test_wrong_columns() -> None:
    with pytest.raises(DivisionColumnsError):
        DivisionTable.parse("360000,江西省,,,\n")
    with pytest.raises(DivisionColumnsError):
        DivisionTable.parse("")


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("36072,安远县,,,", "code"),
        ("３６０７２６,安远县,,,", "code"),
        ("360726,,,,", "name"),
        ("360726,安远县,2016/10/18,,", "valid_from"),
        ("360726,安远县,20161018,,", "valid_from"),
        ("360726,安远县,2016-02-30,,", "valid_from"),
        ("360726,安远县,2016-10-18,2016-10-17,", "valid_to"),
        ("360726,安远县", 2),
    ],
)
def test_faulty_rows_are_named(row: str, column: object) -> None:
    with pytest.raises(DivisionTableError) as error:
        DivisionTable.parse(HEADER + "360000,江西省,,,\n" + row + "\n", "my.csv")
    (fault,) = error.value.faults
    assert isinstance(fault, DivisionRowError)
    assert (fault.params["line"], fault.params["column"], fault.params["source"]) == (3, column, "my.csv")


def test_every_fault_is_reported_at_once() -> None:
    with pytest.raises(DivisionTableError) as error:
        DivisionTable.parse(HEADER + "1,x,,,\n2,y,,,\n3,z,,,\n")
    assert [fault.params["line"] for fault in error.value.faults] == [2, 3, 4]


def test_one_code_has_one_name_a_day() -> None:
    rows = "360721,赣县,,2016-10-18,\n360721,赣县区,2016-10-18,,\n"
    with pytest.raises(DivisionTableError) as error:
        DivisionTable.parse(HEADER + rows)
    assert isinstance(error.value.faults[0], DivisionOverlapError)
    assert len(DivisionTable.parse(HEADER + rows.replace(",2016-10-18,\n", ",2016-10-17,\n", 1))) == 2


def test_the_table_of_the_examples() -> None:
    path = Path(__file__).parents[3] / "examples" / "divisions.csv"
    table = DivisionTable.parse(path.read_text(encoding="utf-8-sig"))
    today = date(2026, 11, 1)
    assert table.full_name(DivisionCode("360922"), today) == "江西省宜春市万载县"
    assert table.full_name(DivisionCode("360704"), today) == "江西省赣州市赣县区"
    assert table.full_name(DivisionCode("360726"), today) == "江西省赣州市安远县"
