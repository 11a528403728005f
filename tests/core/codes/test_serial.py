"""Serials: the worked values, the check character's promises, and what hands type."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracelib.codes.errors import CodeFieldError, SerialError
from tracelib.codes.serial import (
    ALPHABET,
    SerialCipher,
    check_character,
    grouped,
    is_serial,
    parse_typed_serial,
    require_serial,
)
from tracelib.identifiers.errors import FullWidthError
from tracelib.trust.serial_key import derive_serial_key, k_hash

serial_bodies = st.text(ALPHABET, min_size=14, max_size=14)


def cipher_of(vectors: dict[str, Any]) -> SerialCipher:
    return SerialCipher(bytes.fromhex(vectors["serials"]["k"]), vectors["serials"]["prefix"])


def test_worked_serials_both_ways_and_in_ranges(vectors: dict[str, Any]) -> None:
    serials = vectors["serials"]
    k = derive_serial_key(bytes.fromhex(serials["parent_secret"]), bytes.fromhex(serials["delegation_cti"]))
    assert k.hex() == serials["k"]
    assert k_hash(k).hex() == serials["k_hash"]
    cipher = cipher_of(vectors)
    for case in serials["cases"]:
        assert cipher.serial_of(case["counter"]) == case["serial"]
        assert cipher.counter_of(case["serial"]) == case["counter"]
        assert cipher.serials(case["counter"], 1) == [case["serial"]]
    assert cipher.serials(0, 3) == [case["serial"] for case in serials["cases"][:3]]
    assert cipher.serials(0, 0) == []


def test_worked_typed_serials(vectors: dict[str, Any]) -> None:
    for case in vectors["typed"]:
        assert parse_typed_serial(case["input"]) == case["serial"]


@pytest.mark.parametrize(
    "typed",
    [
        "7KQX9\u2013Y93Q6\u2014MJ608",  # en and em dash
        "7KQX9\u2010Y93Q6\u2212MJ608",  # hyphen, minus sign
        "\u30007kqx9 y93q6\u00a0mj608\r\n",  # ideographic and no-break space
        "7KQX9\uff0dY93Q6-MJ608",  # full-width hyphen
        "7KQX9Y93Q6MJ6O8",
    ],
)
def test_hands_may_group_and_mistake_letters(typed: str) -> None:
    assert parse_typed_serial(typed) == "7KQX9Y93Q6MJ608"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("7KQX9Y93Q6MJ609", "check character"),
        ("7KQX9Y93Q6MJ60", "15 characters"),
        ("7KQX9Y93Q6MJ60U", "without I, L, O and U"),
        ("", "15 characters"),
    ],
)
def test_wrong_serials_are_refused_with_a_reason(typed: str, said: str) -> None:
    with pytest.raises(SerialError) as caught:
        parse_typed_serial(typed)
    assert said in str(caught.value)


def test_full_width_is_refused_by_name() -> None:
    with pytest.raises(FullWidthError):
        parse_typed_serial("７KQX9Y93Q6MJ608")


def test_only_hands_are_mapped() -> None:
    for printed in ("7kqx9y93q6mj608", "7KQX9Y93Q6MJ6O8", "7KQX9-Y93Q6-MJ608", "7KQX9Y93Q6MJ608 ", "７KQX9Y93Q6MJ608"):
        assert not is_serial(printed)
        with pytest.raises(SerialError):
            require_serial(printed)


def by_hand(first14: str) -> str:
    """The check character from the words of the format, tried out instead of solved."""
    p = 32
    for character in first14:
        s = (p + "0123456789ABCDEFGHJKMNPQRSTVWXYZ".index(character)) % 32 or 32
        p = 2 * s % 33
    return next(c for value, c in enumerate("0123456789ABCDEFGHJKMNPQRSTVWXYZ") if (p + value) % 32 == 1)


@given(serial_bodies)
def test_check_character_follows_the_format(body: str) -> None:
    assert check_character(body) == by_hand(body)
    assert is_serial(body + by_hand(body))
    assert sum(is_serial(body + c) for c in ALPHABET) == 1


@given(serial_bodies, st.integers(0, 14), st.sampled_from(ALPHABET))
def test_every_single_change_is_noticed(body: str, position: int, character: str) -> None:
    serial = body + check_character(body)
    changed = serial[:position] + character + serial[position + 1 :]
    assert is_serial(changed) == (changed == serial)


@settings(max_examples=20, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.text(ALPHABET, min_size=4, max_size=4), st.integers(0, 2**50 - 20))
def test_ranges_equal_single_serials(k: bytes, prefix: str, first: int) -> None:
    cipher = SerialCipher(k, prefix)
    assert cipher.serials(first, 20) == [cipher.serial_of(first + i) for i in range(20)]
    assert cipher.counter_of(cipher.serial_of(first)) == first


def test_limits(vectors: dict[str, Any]) -> None:
    cipher = cipher_of(vectors)
    for counter in (-1, 2**50):
        with pytest.raises(CodeFieldError):
            cipher.serial_of(counter)
    with pytest.raises(CodeFieldError):
        cipher.serials(2**50 - 1, 2)
    with pytest.raises(SerialError):
        SerialCipher(cipher.k, "7KQY").counter_of("7KQX9Y93Q6MJ608")
    for k, prefix in ((b"", "7KQX"), (cipher.k, "7KQ"), (cipher.k, "7KQU"), (cipher.k, "７KQX")):
        with pytest.raises(CodeFieldError):
            SerialCipher(k, prefix)


def test_grouping_and_secrecy(vectors: dict[str, Any]) -> None:
    assert grouped("7KQX9Y93Q6MJ608") == "7KQX9-Y93Q6-MJ608"
    assert vectors["serials"]["k"] not in repr(cipher_of(vectors))
    assert repr(bytes.fromhex(vectors["serials"]["k"])) not in repr(cipher_of(vectors))
