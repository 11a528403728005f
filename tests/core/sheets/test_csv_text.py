"""CSV: the encodings and delimiters of real spreadsheet programs."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracelib.errors import TraceError
from tracelib.sheets.batch_sheet import read_batches
from tracelib.sheets.errors import (
    CsvSyntaxError,
    DelimiterError,
    EmptySheetError,
    EncodingError,
    NoHeaderError,
    NoSuchSheetError,
    OtherFormatError,
    SheetError,
    TooLargeError,
)
from tracelib.sheets.limits import Limits

SaveCsv = Callable[..., Path]

TEXT = "主体编号,产品编号,批号,生产日期,重量(kg),备注\r\nGNQC,NAVEL-5KG,26A0137,2026-11-03,3500.5,东坡㐂\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_three_encodings_are_read(save_csv: SaveCsv, encoding: str) -> None:
    (batch,) = read_batches(save_csv(TEXT, encoding)).batches
    assert (batch.lot, batch.weight_g, batch.note) == ("26A0137", 3_500_500, "东坡㐂")


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_every_line_end_is_read(save_csv: SaveCsv, newline: str) -> None:
    assert len(read_batches(save_csv(TEXT.replace("\r\n", newline))).batches) == 1


def test_a_long_gb18030_file_may_be_cut_anywhere_by_the_buffer(save_csv: SaveCsv) -> None:
    header, row = TEXT.splitlines()
    rows = [row.replace("26A0137", f"L{number}") for number in range(3000)]
    assert len(read_batches(save_csv("\n".join([header, *rows]), "gb18030")).batches) == 3000


@pytest.mark.parametrize("data", [TEXT.encode("utf-8")[:-6] + b"\xff\xff\xff", b"a,b\n\x00\x01", b"\x81"])
def test_what_is_no_text_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(data)
    with pytest.raises(EncodingError):
        read_batches(path)


def test_utf_16_is_named(save_csv: SaveCsv) -> None:
    with pytest.raises(OtherFormatError, match="UTF-16"):
        read_batches(save_csv(TEXT, "utf-16"))


@pytest.mark.parametrize(
    ("delimiter", "name"),
    [
        ("|", "vertical bars"),
        ("，", "full-width commas"),
        ("；", "full-width semicolons"),
        ("、", "enumeration commas"),
    ],
)
def test_a_wrong_delimiter_is_detected_and_said(save_csv: SaveCsv, delimiter: str, name: str) -> None:
    with pytest.raises(DelimiterError, match=name):
        read_batches(save_csv(TEXT.replace(",", delimiter)))


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_semicolons_and_tabs_are_read(save_csv: SaveCsv, delimiter: str) -> None:
    (batch,) = read_batches(save_csv(TEXT.replace(",", delimiter), "utf-8-sig")).batches
    assert (batch.lot, batch.weight_g, batch.note) == ("26A0137", 3_500_500, "东坡㐂")


def test_commas_with_a_semicolon_inside_are_still_commas(save_csv: SaveCsv) -> None:
    assert read_batches(save_csv(TEXT.replace("东坡㐂", "甲；乙;丙"))).batches[0].note == "甲；乙;丙"


@pytest.mark.parametrize(
    ("row", "number"),
    [('GNQC,P,L1,2026-11-03,1,"open', 2), ('GNQC,P,L1,2026-11-03,1,"a"b', 2)],
)
def test_broken_quotes_are_named_with_their_row(save_csv: SaveCsv, row: str, number: int) -> None:
    with pytest.raises(CsvSyntaxError) as caught:
        read_batches(save_csv(TEXT.splitlines()[0] + "\n" + row + "\n"))
    assert caught.value.params["row"] == number


def test_a_cell_over_two_lines_keeps_the_count_of_lines(save_csv: SaveCsv) -> None:
    header = TEXT.splitlines()[0]
    with pytest.raises(SheetError) as caught:
        read_batches(save_csv(f'{header}\nA,P,L1,2026-11-03,1,"two\nlines"\nA,P,L2,2026-11-03,x,\n'))
    (fault,) = caught.value.faults
    assert (fault.params["row"], fault.params["column"]) == (4, "E (重量(kg))")


def test_a_text_written_as_a_formula_is_a_text(save_csv: SaveCsv) -> None:
    """="0137" is how programs keep Excel from making a number of a lot."""
    table = read_batches(save_csv(TEXT.replace("东坡㐂", '"=""0137"""')))
    assert "0137" in {value for batch in table.batches for value in (batch.plot, batch.note, batch.origin)}


def test_formulas_are_named_in_text_too(save_csv: SaveCsv) -> None:
    with pytest.raises(SheetError) as caught:
        read_batches(save_csv(TEXT.replace("东坡㐂", '"=HYPERLINK(""http://x"")"')))
    assert [(fault.code, fault.params["column"]) for fault in caught.value.faults] == [("sheet.formula", "F")]


@pytest.mark.parametrize("text", ["", "\n\n", ",,,\n , \n", TEXT.splitlines()[0]])
def test_empty_files_are_refused(save_csv: SaveCsv, text: str) -> None:
    with pytest.raises(EmptySheetError):
        read_batches(save_csv(text))


def test_a_file_without_header_is_refused(save_csv: SaveCsv) -> None:
    with pytest.raises(NoHeaderError):
        read_batches(save_csv("GNQC,NAVEL-5KG,26A0137\n"))


def test_a_csv_has_no_sheets_to_choose_from(save_csv: SaveCsv) -> None:
    with pytest.raises(NoSuchSheetError):
        read_batches(save_csv(TEXT), sheet="批次")


def test_size_rows_and_columns_are_limited(save_csv: SaveCsv) -> None:
    for limits in (Limits(file=50), Limits(rows=0), Limits(columns=5)):
        with pytest.raises(TooLargeError):
            read_batches(save_csv(TEXT), limits=limits)


@settings(max_examples=150, deadline=None)
@given(data=st.binary(max_size=300))
def test_no_bytes_bring_another_error(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "file.csv"
    path.write_bytes(TEXT.encode() + data)
    try:
        batches = read_batches(path).batches
    except TraceError:
        return
    assert batches[0].lot == "26A0137"
