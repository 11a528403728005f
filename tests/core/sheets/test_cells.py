"""From cell to value: what is accepted is a short list, everything else is refused with what was expected."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracelib.sheets import cells
from tracelib.sheets.cells import CellValue, Expectation


@pytest.mark.parametrize(
    "cell",
    [
        "2026-11-03",
        "2026-11-3",
        "2026/11/3",
        "2026/11/03",
        "20261103",
        "2026年11月3日",
        "2026年11月03日",
        "2026.11.3",
        "2026年11月3号",
        "2026-11-03 00:00",
        "2026-11-03T00:00:00",
        date(2026, 11, 3),
    ],
)
def test_days_are_read_in_these_forms_and_as_excel_dates(cell: CellValue) -> None:
    assert cells.day(cell) == date(2026, 11, 3)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("3/11/2026", cells.DAY),
        ("11-03-2026", cells.DAY),
        ("26-11-03", cells.FOUR_DIGIT_YEAR),
        ("2026-11", cells.DAY),
        ("2026-11-03 08:30", cells.DAY),
        ("2026-11-03T00:00:01", cells.DAY),
        ("2026 -11-03", cells.DAY),
        ("2026-11/03", cells.DAY),
        ("2026113", cells.DAY),
        ("46329", cells.DAY_NOT_SERIAL),
        ("十一月三日", cells.DAY),
        ("２０２６-11-03", cells.DAY),
        ("٢٠٢٦-11-03", cells.DAY),
        ("2026-02-29", cells.EXISTING_DAY),
        ("20261301", cells.EXISTING_DAY),
        ("2026年4月31日", cells.EXISTING_DAY),
        ("1999-12-31", cells.PLAUSIBLE_DAY),
        (date(2100, 1, 1), cells.PLAUSIBLE_DAY),
    ],
)
def test_other_days_are_refused(cell: CellValue, expected: str) -> None:
    with pytest.raises(Expectation) as caught:
        cells.day(cell)
    assert str(caught.value) == expected


@pytest.mark.parametrize(
    ("cell", "grams"),
    [
        ("1200", 1_200_000),
        ("3500.5", 3_500_500),
        ("0.001", 1),
        ("0.250", 250),
        ("12.5000", 12_500),
        ("007", 7_000),
        ("10000000", 10_000_000_000),
        ("0.3", 300),  # 0.3 * 1000 is 299.99999999999994 in binary fractions
        ("1.005", 1_005),
    ],
)
def test_kilograms_become_whole_grams(cell: str, grams: int) -> None:
    assert cells.grams(cell) == grams


@pytest.mark.parametrize(
    "cell",
    [
        "0",
        "0.000",
        "-5",
        "+5",
        "1,200",
        "1e3",
        "12.",
        ".5",
        "0.0001",
        "NaN",
        "１２",
        "١٢",
        "TRUE",
        date(2026, 1, 1),
    ],
)
def test_other_weights_are_refused(cell: CellValue) -> None:
    with pytest.raises(Expectation, match=r"the gram|commas"):
        cells.grams(cell)


def test_a_weight_beyond_reason_is_a_wrong_unit() -> None:
    with pytest.raises(Expectation) as caught:
        cells.grams("10000000.001")
    assert str(caught.value) == cells.PLAUSIBLE_WEIGHT


@pytest.mark.parametrize("cell", ["26A0137", "A", "A.B-C", "0" * 20])
def test_own_numbers_are_kept_as_they_are(cell: str) -> None:
    assert cells.own_number(cell) == cell


@pytest.mark.parametrize("cell", ["a_", "A B", "A_B", "-A", "A.", "批1", "0" * 21])
def test_other_own_numbers_are_refused(cell: str) -> None:
    with pytest.raises(Expectation) as caught:
        cells.own_number(cell)
    assert str(caught.value) == cells.OWN_NUMBER


def test_a_lot_that_excel_made_a_date_of_is_named() -> None:
    with pytest.raises(Expectation) as caught:
        cells.own_number(date(2026, 11, 3))
    assert str(caught.value) == cells.NOT_A_DATE


@pytest.mark.parametrize("cell", ["360726", "360726101", "360726101203"])
def test_division_codes_have_6_9_or_12_digits(cell: str) -> None:
    assert cells.division(cell) == cell


@pytest.mark.parametrize("cell", ["36072", "3607261", "36072A", "安远县", date(2026, 1, 1)])
def test_other_division_codes_are_refused(cell: CellValue) -> None:
    with pytest.raises(Expectation):
        cells.division(cell)


def test_a_text_is_one_printable_line() -> None:
    assert cells.line("三号果园，东坡") == "三号果园，东坡"
    assert cells.line(date(2026, 11, 3)) == "2026-11-03"
    for bad in ("x" * 201, "a\x1db", "a\u202eb"):
        with pytest.raises(Expectation):
            cells.line(bad)


@pytest.mark.parametrize(
    ("raw", "clean"),
    [("\u3000批号\u00a0 ", "批号"), ("a\r\nb", "a b"), ("a\tb\n", "a b"), ("\ufeffx", "x"), ("\u3000", "")],
)
def test_spaces_around_go_and_line_breaks_become_spaces(raw: str, clean: str) -> None:
    assert cells.clean(raw) == clean


@settings(max_examples=200)
@given(st.text(max_size=40) | st.dates(), st.sampled_from([cells.day, cells.grams, cells.own_number, cells.division]))
def test_whatever_a_cell_holds_the_answer_is_a_value_or_an_expectation(
    cell: CellValue, parse: Callable[[CellValue], object]
) -> None:
    with suppress(Expectation):
        assert parse(cell) is not None


@given(st.integers(1, 10_000_000_000))
def test_every_whole_gram_can_be_written_in_kilograms(grams: int) -> None:
    assert cells.grams(f"{grams // 1000}.{grams % 1000:03}") == grams
