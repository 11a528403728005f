"""Batch: its fields, and the states it may pass through."""

from datetime import date

import pytest
from pydantic import ValidationError

from tracelib.batches.batch import TRANSITIONS, Batch, BatchState, kilograms
from tracelib.batches.errors import (
    BatchClosedAlreadyError,
    BatchClosedError,
    BatchDayError,
    BatchStateError,
    BatchWeightError,
)
from tracelib.batches.ledger import Balance, check_issue
from tracelib.errors import FormatError


def a_batch(**changes: object) -> Batch:
    fields: dict[str, object] = {
        "party_id": "GNQC",
        "product_id": "NAVEL-5KG",
        "lot": "26A0137",
        "produced_on": date(2026, 11, 3),
        "weight_g": 3_500_500,
    }
    return Batch.model_validate(fields | changes)


def test_a_batch_has_a_key_a_reference_and_empty_extras() -> None:
    batch = a_batch()
    assert batch.key == ("GNQC", "NAVEL-5KG", "26A0137")
    assert batch.reference == "GNQC/NAVEL-5KG/26A0137"
    assert (batch.origin, batch.plot, batch.grower, batch.note) == (None, "", "", "")
    assert batch.state is BatchState.REGISTERED


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("party_id", "gnqc"),
        ("product_id", "NAVEL 5KG"),
        ("lot", ""),
        ("lot", "2026/11"),
        ("lot", "-1"),
        ("lot", "２６A"),
        ("lot", "A" * 21),
        ("weight_g", 0),
        ("weight_g", -1),
        ("weight_g", 100_000_000_001),
        ("origin", "36072"),
        ("note", "two\nlines"),
        ("grower", "x" * 201),
    ],
)
def test_a_batch_with_a_wrong_field_does_not_exist(field: str, value: object) -> None:
    with pytest.raises(FormatError):
        a_batch(**{field: value})


@pytest.mark.parametrize("day", [date(1999, 12, 31), date(2100, 1, 1)])
def test_days_outside_this_century_are_refused(day: date) -> None:
    with pytest.raises(BatchDayError):
        a_batch(produced_on=day)


@pytest.mark.parametrize("weight", [3500.5, "3500", True])
def test_weights_are_whole_grams_and_nothing_else(weight: object) -> None:
    with pytest.raises(ValidationError):
        a_batch(weight_g=weight)


def test_a_batch_is_frozen() -> None:
    with pytest.raises(ValidationError):
        a_batch().weight_g = 1  # type: ignore[misc]  # what the test is about


def test_differences_name_field_and_both_values_but_not_the_state() -> None:
    held = a_batch(state=BatchState.OPEN)
    assert a_batch().differences(held) == []
    assert a_batch(weight_g=5, note="x").differences(held) == [("weight_g", 5, 3_500_500), ("note", "x", "")]


@pytest.mark.parametrize("before", BatchState)
@pytest.mark.parametrize("after", BatchState)
def test_states_only_move_forward(before: BatchState, after: BatchState) -> None:
    allowed = {("registered", "open"), ("registered", "closed"), ("open", "closed")}
    batch = a_batch(state=before)
    if (before.value, after.value) in allowed:
        assert batch.moved_to(after).state is after
        assert after in TRANSITIONS[before]
    else:
        with pytest.raises((BatchStateError, BatchClosedAlreadyError)):
            batch.moved_to(after)


def test_codes_may_use_up_the_weight_of_a_batch_and_not_a_gram_more() -> None:
    batch = a_batch(weight_g=6_000_000)  # 1,200 cartons of 5 kg
    check_issue(Balance(batch, issued_g=0), weight_10g=500, count=1200)
    check_issue(Balance(batch, issued_g=5_995_000), weight_10g=500, count=1)
    with pytest.raises(BatchWeightError) as caught:
        check_issue(Balance(batch, issued_g=5_990_001), weight_10g=500, count=2)
    assert str(caught.value).startswith(
        "Batch GNQC/NAVEL-5KG/26A0137 weighs 6000 kg, of which 5990.001 kg are on codes already "
        "and 0 kg went into other batches. 2 codes of 5 kg need 10 kg, and 9.999 kg are left: enough for 1. "
    )


@pytest.mark.parametrize(
    ("grams", "text"), [(1, "0.001"), (10, "0.01"), (999, "0.999"), (1000, "1"), (10_000, "10"), (62_500, "62.5")]
)
def test_weights_are_said_in_kilograms(grams: int, text: str) -> None:
    assert kilograms(grams) == text


def test_codes_that_state_no_weight_need_none() -> None:
    check_issue(Balance(a_batch(weight_g=1), 1), weight_10g=0, count=1_000_000)


def test_a_closed_batch_issues_nothing() -> None:
    with pytest.raises(BatchClosedError):
        check_issue(Balance(a_batch(state=BatchState.CLOSED)), weight_10g=1, count=1)
