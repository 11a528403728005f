"""GTIN, SSCC and GLN. Values from GS1's specifications and the tests of its syntax engine."""

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracelib.errors import FormatError
from tracelib.identifiers.errors import CheckDigitError, FullWidthError, LengthError
from tracelib.identifiers.gln import Gln
from tracelib.identifiers.gtin import Gtin
from tracelib.identifiers.sscc import Sscc


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("96385074", "00000096385074"),
        ("614141007349", "00614141007349"),
        ("416000336108", "00416000336108"),
        ("6901234567892", "06901234567892"),
        ("9520123456788", "09520123456788"),
        ("24012345678905", "24012345678905"),
        ("12312312312326", "12312312312326"),
    ],
)
def test_gtin_of_every_length_has_one_spelling(text: str, value: str) -> None:
    assert Gtin.parse(text).value == value
    assert Gtin.parse(text) == Gtin.parse(value) == Gtin(value)
    assert str(Gtin.parse(text)) == value


@pytest.mark.parametrize("text", ["6901234567890", "96385079", "416000336107", "24012345678909"])
def test_gtin_with_a_wrong_check_digit(text: str) -> None:
    with pytest.raises(CheckDigitError):
        Gtin.parse(text)


def test_check_digit_message_says_what_is_wrong_and_what_to_do() -> None:
    with pytest.raises(CheckDigitError) as error:
        Gtin.parse("6901234567890")
    assert str(error.value) == (
        "GTIN: the check digit of «06901234567890» is 0, but 2 follows from the others; compare it with the original."
    )


@pytest.mark.parametrize("text", ["", "1", "123456789", "69012345678920", "690123456789200", " 6901234567892"])
def test_gtin_that_is_none(text: str) -> None:
    with pytest.raises(FormatError):
        Gtin.parse(text)


def test_gtin_in_full_width_digits() -> None:
    with pytest.raises(FullWidthError):
        Gtin.parse("６９０１２３４５６７８９２")


@pytest.mark.parametrize(
    ("text", "restricted"),
    [
        ("2001234567893", True),  # EAN prefix 200, as a shop's scale prints it
        ("02001234567893", True),
        ("2912345678906", True),
        ("0212345678909", True),
        ("0412345678903", True),
        ("20123451", True),  # RCN-8
        ("02345680", True),  # RCN-8
        ("6901234567892", False),
        ("3012345678902", False),
        ("1912345678907", False),
        ("0312345678906", False),
        ("96385074", False),
        ("24012345678905", False),  # indicator 2, prefix 401
    ],
)
def test_restricted_circulation(text: str, restricted: bool) -> None:
    assert Gtin.parse(text).is_restricted is restricted


def test_values_are_immutable_and_check_themselves() -> None:
    gtin = Gtin.parse("6901234567892")
    with pytest.raises(dataclasses.FrozenInstanceError):
        gtin.value = "0"  # type: ignore[misc]
    with pytest.raises(LengthError):
        Gtin("6901234567892")
    with pytest.raises(CheckDigitError):
        Sscc("006141411234567891")


@pytest.mark.parametrize(
    "text", ["006141411234567890", "106141412345678908", "952012345678912345", "123456789012345675"]
)
def test_sscc(text: str) -> None:
    assert Sscc.parse(text).value == text
    assert Sscc.compose(text[:17]).value == text
    assert Sscc.parse(text).extension_digit == text[0]


@pytest.mark.parametrize(
    "text", ["00614141123456789", "0061414112345678900", "00614141123456789A", "00 6141411234567890"]
)
def test_sscc_that_is_none(text: str) -> None:
    with pytest.raises(FormatError):
        Sscc.parse(text)
    with pytest.raises(FormatError):
        Sscc.compose(text[:16])


@pytest.mark.parametrize("text", ["9520123456788", "5412345000150"])
def test_gln(text: str) -> None:
    assert Gln.parse(text).value == text == str(Gln.parse(text))
    with pytest.raises(CheckDigitError):
        Gln.parse(text[:-1] + str((int(text[-1]) + 1) % 10))
    with pytest.raises(LengthError):
        Gln.parse("0" + text)


@settings(max_examples=100)
@given(st.text(alphabet="0123456789", min_size=17, max_size=17))
def test_composed_sscc_parses(first17: str) -> None:
    sscc = Sscc.compose(first17)
    assert Sscc.parse(sscc.value) == sscc
    assert sscc.value.startswith(first17)


@settings(max_examples=200)
@given(st.text(max_size=20) | st.text(alphabet="0123456789", max_size=20))
def test_whatever_parses_is_digits_and_parses_again(text: str) -> None:
    for kind, length in ((Gtin, 14), (Sscc, 18), (Gln, 13)):
        try:
            value = kind.parse(text).value
        except FormatError:
            continue
        assert len(value) == length
        assert value.isascii()
        assert value.isdigit()
        assert kind.parse(value).value == value
