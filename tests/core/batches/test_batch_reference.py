"""How a batch is named: one to three own numbers between slashes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracelib.batches.errors import BatchReferenceError
from tracelib.batches.reference import BatchReference
from tracelib.errors import TraceError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("26A0137", (None, None, "26A0137")),
        ("NAVEL-5KG/26A0137", (None, "NAVEL-5KG", "26A0137")),
        ("GNQC/NAVEL-5KG/26A0137", ("GNQC", "NAVEL-5KG", "26A0137")),
    ],
)
def test_parts_are_read_from_the_right(text: str, expected: tuple[str | None, str | None, str]) -> None:
    reference = BatchReference.parse(text)
    assert (reference.party_id, reference.product_id, reference.lot) == expected
    assert str(reference) == text


@pytest.mark.parametrize("text", ["", "/", "a", "A/", "/A", "A//B", "A/B/C/D", " A", "A\n", "..", "Ａ", "A%2FB"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(BatchReferenceError):
        BatchReference.parse(text)


@settings(max_examples=200)
@given(st.text(max_size=70))
def test_no_text_brings_another_error(text: str) -> None:
    try:
        reference = BatchReference.parse(text)
    except TraceError:
        return
    assert str(reference) == text
