"""统一社会信用代码. Numbers that firms publish, and the one that the field notes name."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracelib.errors import FormatError
from tracelib.identifiers.errors import AlphabetError, CheckDigitError, FullWidthError, LengthError, NotDigitsError
from tracelib.identifiers.uscc import ALPHABET, Uscc

KNOWN = ["91110000600037341L", "9144030071526726XG", "914403001922038216", "91330100799655058B", "91110000802100433B"]


@pytest.mark.parametrize("text", KNOWN)
def test_known_numbers(text: str) -> None:
    assert Uscc.parse(text).value == text == str(Uscc.parse(text))


def test_division() -> None:
    assert Uscc.parse("91110000600037341L").division6 == "110000"
    assert Uscc.parse("914403001922038216").division6 == "440300"


@pytest.mark.parametrize("position", range(18))
def test_every_single_wrong_character_is_found(position: int) -> None:
    text = KNOWN[0]
    for other in ALPHABET:
        if other != text[position]:
            with pytest.raises((CheckDigitError, NotDigitsError)):
                Uscc.parse(text[:position] + other + text[position + 1 :])


def test_refusals_say_what_is_wrong() -> None:
    with pytest.raises(LengthError):
        Uscc.parse("91110000600037341")
    with pytest.raises(AlphabetError) as error:
        Uscc.parse("91110000600O37341L")
    assert error.value.params["position"] == 12
    with pytest.raises(AlphabetError):
        Uscc.parse("91110000600037341l")
    with pytest.raises(FullWidthError):
        Uscc.parse("９１１１００００６０００３７３４１Ｌ")
    with pytest.raises(NotDigitsError):
        Uscc.parse("91A10000600037341L")


@settings(max_examples=200)
@given(st.text(max_size=20) | st.text(alphabet=ALPHABET, min_size=18, max_size=18))
def test_anything_else_is_refused_without_a_traceback(text: str) -> None:
    try:
        value = Uscc.parse(text).value
    except FormatError as refused:
        shown = str(refused)
    else:
        shown = value
        assert value == text
    assert shown.isprintable()
