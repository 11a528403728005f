import pytest

from tracelib.identifiers.errors import FullWidthError, NotAsciiError, OwnNumberError
from tracelib.identifiers.own_number import parse_own_number


@pytest.mark.parametrize("text", ["A", "7", "26A0137", "COOP-1", "A.B", "A..B", "A" * 20, "1-.-2"])
def test_own_numbers(text: str) -> None:
    assert parse_own_number(text, "lot") == text


@pytest.mark.parametrize(
    "text", ["", ".", "..", "-", "A-", ".A", "a", "A b", "A_B", "A/B", "A%", "A" * 21, "A\n", "A\x1d", "\nA"]
)
def test_not_own_numbers(text: str) -> None:
    with pytest.raises(OwnNumberError) as error:
        parse_own_number(text, "lot")
    assert str(error.value).startswith("lot: ")


def test_full_width_and_chinese() -> None:
    with pytest.raises(FullWidthError, match="26A0137"):
        parse_own_number("２６Ａ０１３７", "lot")
    with pytest.raises(NotAsciiError):
        parse_own_number("脐橙1", "product number")
