"""Element strings. Accepted and refused cases follow the tests of GS1's syntax engine and the dictionary's rules."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracelib.errors import FormatError
from tracelib.identifiers.application_identifier import (
    AiValueError,
    ExcludedAiError,
    MissingAiError,
    RepeatedAiError,
    UnknownAiError,
)
from tracelib.identifiers.element_string import (
    NoElementError,
    NotElementStringsError,
    SeparatorError,
    parse_element_string,
)
from tracelib.identifiers.errors import CheckDigitError, FullWidthError, IdentifierError, LengthError
from tracelib.identifiers.symbology import AimIdentifierError, split_aim


def elements(text: str, *, whole_item: bool = False) -> str:
    """What was read, as HRI. ``^`` stands for GS, as in the engine's tests."""
    return parse_element_string(text.replace("^", "\x1d"), whole_item=whole_item).as_hri()


def test_a_carton_label() -> None:
    read = parse_element_string("]C1010690123456789210A1\x1d217KQX9Y93Q6MJ608")
    assert read.gtin is not None
    assert (read.symbology, read.gtin.value, read.lot, read.serial) == (
        "]C1",
        "06901234567892",
        "A1",
        "7KQX9Y93Q6MJ608",
    )
    assert read.sscc is None
    assert read.gln is None
    assert read.as_hri() == "(01)06901234567892(10)A1(21)7KQX9Y93Q6MJ608"


def test_a_pallet_label() -> None:
    read = parse_element_string("]d200952012345678912345" + "0209520123456788" + "3725\x1d10ABC123")
    assert read.sscc is not None
    assert read.sscc.value == "952012345678912345"
    assert read.elements[1:] == (("02", "09520123456788"), ("37", "25"), ("10", "ABC123"))
    assert parse_element_string("4149520123456788254A-1").gln is not None


@pytest.mark.parametrize(
    ("text", "hri"),
    [
        ("^991234", "(99)1234"),
        ("991234", "(99)1234"),
        ("^0112345678901231", "(01)12345678901231"),
        ("^0112345678901231^", "(01)12345678901231"),
        ("^0112345678901231991234", "(01)12345678901231(99)1234"),
        ("^0112345678901231^991234", "(01)12345678901231(99)1234"),
        ("^2421", "(242)1"),
        ("^242123456^10ABC123", "(242)123456(10)ABC123"),
        ("^242123456^", "(242)123456"),
        ("^81111234", "(8111)1234"),
        ("^81111234^10ABC123", "(8111)1234(10)ABC123"),
        ("^800112341234512398^0112345678901231", "(8001)12341234512398(01)12345678901231"),
        ("^7007211225211231", "(7007)211225211231"),
        ("^7007211225", "(7007)211225"),
        ("^800302112345678900ABC", "(8003)02112345678900ABC"),
        ("^800302112345678900^10ABC123", "(8003)02112345678900(10)ABC123"),
        ("^7230123", "(7230)123"),
        ("^01950123456789033103000123", "(01)95012345678903(3103)000123"),
        ("400ABC^99DEF^400ABC", "(400)ABC(99)DEF"),  # repeated with the same value
    ],
)
def test_what_the_engine_takes(text: str, hri: str) -> None:
    assert elements(text) == hri


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", NoElementError),
        ("^", NoElementError),
        ("]C1", NoElementError),
        ("^891234", UnknownAiError),
        ("^99~ABC", AiValueError),
        ("^99ABC~", AiValueError),
        ("^01A2345678901231", IdentifierError),
        ("^011234567890123A", IdentifierError),
        ("^0112345678901234", CheckDigitError),
        ("^011234567890123", LengthError),
        ("^01123456789012312", UnknownAiError),
        ("^011234567890123^", LengthError),
        ("^01123456789012315^", UnknownAiError),
        ("^2421234567", SeparatorError),
        ("^8111123", AiValueError),
        ("^811112345", SeparatorError),
        ("^80011234123451239", AiValueError),
        ("^70072112252", SeparatorError),
        ("^700721122521123", SeparatorError),
        ("^800302112345678901ABC", CheckDigitError),
        ("^800302112345678900ABCDEFGHIJKLMNOPQ", SeparatorError),
        ("^723012", AiValueError),
        ("^0195012345678902" + "3103000123", CheckDigitError),
        ("^0195012345678903" + "11131313", AiValueError),  # month 13
        ("^0195012345678903" + "17260230", AiValueError),  # 30 February
        ("^30", AiValueError),  # biip takes an empty count
        ("^7004", AiValueError),
        ("^400ABC^400AB", RepeatedAiError),
        ("^400ABC^99DEF^400XYZ", RepeatedAiError),
        ("^99A^^98B", NoElementError),
        ("^^99A", NoElementError),
        ("^00006141411234567891", CheckDigitError),
        ("^4149520123456789", CheckDigitError),
        ("^4179520123456789", CheckDigitError),
        ("^8018123456789012345676", CheckDigitError),
        ("^402" + "12345678901234561", CheckDigitError),
        ("^253" + "1231231231233", CheckDigitError),
        (" 0112345678901231", UnknownAiError),
        ("0112345678901231 ", UnknownAiError),
        ("10A B", AiValueError),
        ("10" + "A" * 21, SeparatorError),
    ],
)
def test_what_the_engine_refuses(text: str, kind: type[FormatError]) -> None:
    with pytest.raises(kind) as error:
        elements(text)
    assert str(error.value).isprintable()


def test_a_lost_separator_is_named() -> None:
    with pytest.raises(SeparatorError) as error:
        parse_element_string("0112345678901231" + "10ABCDEFGHIJ2112345678901234")
    assert error.value.params["ai"] == "10"
    assert "FNC1 as GS" in str(error.value)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("0112345678901231^0212345678901231^3725", ExcludedAiError),
        ("0112345678901231^37123", ExcludedAiError),
        ("0112345678901231^2555412345000150", ExcludedAiError),
        ("0112345678901231^21ABC^235XYZ", ExcludedAiError),
        ("0112345678901231^3100123456^3101123456", ExcludedAiError),
        ("0212345678901231", MissingAiError),
        ("0212345678901231^37123", MissingAiError),
        ("21ABC123", MissingAiError),
        ("10ABC123", MissingAiError),
        ("0112345678901231^250ABC123", MissingAiError),
        ("0112345678901231^392512599", MissingAiError),
        ("254ABC", MissingAiError),
        ("0112345678901231^8030ABC", MissingAiError),
    ],
)
def test_pairs_that_do_not_go_together(text: str, kind: type[FormatError]) -> None:
    with pytest.raises(kind):
        elements(text, whole_item=True)
    elements(text, whole_item=False)


@pytest.mark.parametrize(
    "text",
    [
        "0212345678901231^37123^00123456789012345675",
        "91XXX^0212345678901231^37123^93ZZZ^00123456789012345675",
        "21ABC123^0112345678901231",
        "21ABC123^8006123456789012310510",
        "0112345678901231^21XYZ999^250ABC123",
        "0112345678901231^392512599^30123",
        "0112345678901231^392512599^3100654321",
        "0112345678901231^392512599^3695654321",
        "0112345678901231^21A^8030ABC",
        "400ABC",
    ],
)
def test_pairs_that_go_together(text: str) -> None:
    assert elements(text, whole_item=True)


@pytest.mark.parametrize(
    ("text", "split"),
    [
        ("]C101", ("]C1", "01")),
        ("]d2", ("]d2", "")),
        ("]Q3x", ("]Q3", "x")),
        ("]E06901234567892", ("]E0", "6901234567892")),
        ("https://a", ("", "https://a")),
        ("", ("", "")),
    ],
)
def test_aim_identifier(text: str, split: tuple[str, str]) -> None:
    assert split_aim(text) == split


@pytest.mark.parametrize(
    ("symbology", "is_gs1"), [("]C1", True), ("]e0", True), ("]d2", True), ("]Q3", True), ("]J1", True), ("]Q1", False)]
)
def test_which_symbols_hold_element_strings(symbology: str, is_gs1: bool) -> None:
    assert split_aim(symbology + "991").is_gs1 is is_gs1
    if is_gs1:
        assert parse_element_string(symbology + "991").symbology == symbology
    else:
        with pytest.raises(NotElementStringsError):
            parse_element_string(symbology + "991")


@pytest.mark.parametrize("text", ["]", "]C", "]11x", "]  ", "]C\x1d01"])
def test_broken_aim_identifier(text: str) -> None:
    with pytest.raises(AimIdentifierError):
        split_aim(text)


def test_full_width_digits_and_length() -> None:
    with pytest.raises(FullWidthError):
        parse_element_string("０１06901234567892")
    with pytest.raises(FormatError):
        parse_element_string("99" + "A" * 1_000_000)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="0123456789ABab/%\x1d ]Cd", max_size=40) | st.text(max_size=30))
def test_any_text_is_read_whole_or_refused(text: str) -> None:
    try:
        read = parse_element_string(text)
    except FormatError as refused:
        message = str(refused)
    else:
        message = ""
        rest = text[len(read.symbology) :].replace("\x1d", "")
        parts = [element.ai + element.value for element in read.elements]
        assert all(part in rest for part in parts)
        assert len(rest) >= sum(map(len, parts))
    assert message.isprintable()
