"""Templates: what the program writes, it reads, once it is filled in."""

import csv
import errno
from collections.abc import Callable
from datetime import date, datetime
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from tracelib.sheets.batch_sheet import COLUMNS, SHEET_NAME, read_batches
from tracelib.sheets.errors import EmptySheetError, TemplateExistsError, TemplateNameError
from tracelib.sheets.template import write_template
from tracelib.text import Language

DAY = date(2026, 11, 3)
FILLED: tuple[str | date | float, ...] = (
    *("GNQC", "NAVEL-5KG", "26A0137", DAY, 3500.5, "360726"),
    *("三号果园", "示例种植户", ""),
)
REPOSITORY = Path(__file__).parents[3]


@pytest.fixture(params=["zh", "en"])
def language(request: pytest.FixtureRequest) -> Language:
    chosen: Language = request.param
    return chosen


def test_an_untouched_template_registers_nothing(tmp_path: Path, language: Language) -> None:
    for name in ("t.xlsx", "t.csv"):
        write_template(tmp_path / name, COLUMNS, SHEET_NAME, language)
        with pytest.raises(EmptySheetError):
            read_batches(tmp_path / name)


@pytest.mark.parametrize("row", [2, 3])
def test_a_filled_workbook_is_read_whether_the_example_stays_or_not(
    tmp_path: Path, language: Language, row: int
) -> None:
    path = tmp_path / "t.xlsx"
    write_template(path, COLUMNS, SHEET_NAME, language)
    book = openpyxl.load_workbook(path)
    for cell, value in zip(next(book.worksheets[0].iter_rows(row, row, 1, len(FILLED))), FILLED, strict=True):
        cell.value = value
    book.save(path)
    (batch,) = read_batches(path).batches
    assert (batch.lot, batch.weight_g, batch.produced_on) == ("26A0137", 3_500_500, date(2026, 11, 3))


def test_a_filled_csv_is_read(tmp_path: Path, language: Language) -> None:
    path = tmp_path / "t.csv"
    write_template(path, COLUMNS, SHEET_NAME, language)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")  # without it Excel takes UTF-8 for the code page
    with path.open("a", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerow(FILLED)
    assert len(read_batches(path).batches) == 1


def test_the_workbook_explains_and_validates(tmp_path: Path, language: Language) -> None:
    path = tmp_path / "t.xlsx"
    write_template(path, COLUMNS, SHEET_NAME, language)
    book = openpyxl.load_workbook(path)
    table, guide = book.worksheets
    assert [cell.value for cell in table[1]] == [column.header.pick(language) for column in COLUMNS]
    assert table["D2"].value == datetime(2026, 11, 3)  # noqa: DTZ001 - Excel has no zones
    assert table.column_dimensions["C"].number_format == "@"  # lots stay text
    rules = {str(rule.sqref): rule for rule in table.data_validations.dataValidation}
    assert [rules[f"{letter}2:{letter}20001"].type for letter in "ABCDEFGHI"] == [
        *("textLength", "textLength", "textLength", "date", "decimal", "custom"),
        *("textLength", "textLength", "textLength"),
    ]
    assert all(rule.showErrorMessage and len(rule.prompt) <= 255 for rule in rules.values())
    assert [row[0].value for row in guide.iter_rows(min_row=2, max_row=len(COLUMNS) + 1)] == [
        column.header.pick(language) for column in COLUMNS
    ]


@pytest.mark.parametrize("name", ["t.xls", "t", "t.txt"])
def test_other_endings_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(TemplateNameError):
        write_template(tmp_path / name, COLUMNS, SHEET_NAME, "zh")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["t.xlsx", "t.csv"])
def test_what_is_there_is_not_overwritten(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")
    with pytest.raises(TemplateExistsError):
        write_template(tmp_path / name, COLUMNS, SHEET_NAME, "zh")
    assert (tmp_path / name).read_text() == "mine"


@pytest.mark.parametrize("name", ["t.xlsx", "t.csv"])
def test_a_full_disk_leaves_no_half_template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    class FullDisk(BytesIO):
        def write(self, _: object) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    def open_full(path: Path, mode: str) -> BytesIO:
        with open(path, mode):
            return FullDisk()

    monkeypatch.setattr(Path, "open", open_full)
    with pytest.raises(OSError, match="No space"):
        write_template(tmp_path / name, COLUMNS, SHEET_NAME, "zh")
    assert list(tmp_path.iterdir()) == []


def test_every_spelling_of_a_header_means_one_column() -> None:
    from tracelib.sheets.column import fold

    seen: dict[str, str] = {}
    for column in COLUMNS:
        for text in (column.header.zh, column.header.en, *column.spellings):
            assert seen.setdefault(fold(text), column.key) == column.key


def test_the_sample_has_enough_for_the_demo_and_is_what_its_script_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(REPOSITORY / "examples"))
    write: Callable[[Path], None] = __import__("make_batches").write
    write(tmp_path / "batches.xlsx")
    sample = read_batches(REPOSITORY / "examples" / "batches.xlsx").batches
    assert sample == read_batches(tmp_path / "batches.xlsx").batches
    assert {batch.key[:2] for batch in sample} == {("GNQC", "NAVEL-5KG"), ("WZBH", "LILY-250G")}
    unit_g = {"NAVEL-5KG": 5000, "LILY-250G": 250}
    assert sum(batch.weight_g // unit_g[batch.product_id] for batch in sample) >= 1200
