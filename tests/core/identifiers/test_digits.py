import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracelib.identifiers.digits import gs1_check_digit, require_ascii, require_digits
from tracelib.identifiers.errors import FullWidthError, LengthError, NotAsciiError, NotDigitsError


def test_full_width_digits_are_refused_by_name_and_shown_half_width() -> None:
    with pytest.raises(FullWidthError) as error:
        require_digits("６９0123", "GTIN")
    assert str(error.value) == ("GTIN: «６９0123» holds full-width digits or letters, type them half-width: «690123».")


@pytest.mark.parametrize("text", ["٠١٢", "१२३", "𝟘𝟙", "²", "6901²3", "Ⅷ", "六九"])
def test_digits_of_other_scripts_are_refused(text: str) -> None:
    with pytest.raises(NotAsciiError) as error:
        require_digits(text, "GTIN")
    assert "U+" in str(error.value)


def test_not_ascii_names_position_and_code_point() -> None:
    with pytest.raises(NotAsciiError) as error:
        require_ascii("26А0137", "lot")
    assert (error.value.params["position"], error.value.params["codepoint"]) == (3, "0410")


@pytest.mark.parametrize(("text", "position"), [("69 01", 3), ("-1", 1), ("1\n", 2), ("1\x1d2", 2), ("1_000", 2)])
def test_what_is_no_digit_is_named(text: str, position: int) -> None:
    with pytest.raises(NotDigitsError) as error:
        require_digits(text, "GTIN")
    assert error.value.params["position"] == position
    assert "\n" not in str(error.value)


def test_empty_and_wrong_length() -> None:
    with pytest.raises(LengthError):
        require_digits("", "SSCC")
    with pytest.raises(LengthError, match=r"has 3 characters, expected 8 / 12"):
        require_digits("123", "GTIN", 8, 12)


@pytest.mark.parametrize(
    ("payload", "digit"),
    [
        ("629104150021", "3"),  # the worked example of GS1's check digit page
        ("37610425002123456", "9"),  # and its SSCC
        ("61414100734", "9"),  # 3*(6+4+4+0+7+4) + (1+1+1+0+3) = 81
        ("0", "0"),
        ("1", "7"),
    ],
)
def test_check_digit(payload: str, digit: str) -> None:
    assert gs1_check_digit(payload) == digit


@settings(max_examples=100)
@given(st.text(alphabet="0123456789", min_size=1, max_size=17), st.data())
def test_check_digit_finds_every_single_wrong_digit(payload: str, data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(payload) - 1))
    other = data.draw(st.sampled_from("0123456789"))
    changed = payload[:position] + other + payload[position + 1 :]
    assert (gs1_check_digit(changed) == gs1_check_digit(payload)) == (changed == payload)


@settings(max_examples=200)
@given(st.text(max_size=20))
def test_only_ascii_digits_ever_pass(text: str) -> None:
    try:
        require_digits(text, "GTIN")
    except (FullWidthError, NotAsciiError, NotDigitsError, LengthError) as refused:
        message = str(refused)
    else:
        message = ""
        assert text
        assert all("0" <= c <= "9" for c in text)
    assert message.isprintable()
