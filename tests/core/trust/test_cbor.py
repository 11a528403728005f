"""Deterministic CBOR: one value, one encoding. Values of RFC 8949 appendix A; refused bytes by the rule they break."""

import time

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracelib.trust import cbor
from tracelib.trust.errors import CborError

APPENDIX_A: list[tuple[object, str]] = [
    (0, "00"),
    (23, "17"),
    (24, "1818"),
    (100, "1864"),
    (1000, "1903e8"),
    (1000000, "1a000f4240"),
    (1000000000000, "1b000000e8d4a51000"),
    (18446744073709551615, "1bffffffffffffffff"),
    (-18446744073709551616, "3bffffffffffffffff"),
    (-1, "20"),
    (-10, "29"),
    (-1000, "3903e7"),
    (None, "f6"),
    (b"", "40"),
    (b"\x01\x02\x03\x04", "4401020304"),
    ("", "60"),
    ("IETF", "6449455446"),
    ("水", "63e6b0b4"),
    ([], "80"),
    ([1, [2, 3], [4, 5]], "8301820203820405"),
    (list(range(1, 26)), "98190102030405060708090a0b0c0d0e0f101112131415161718181819"),
    ({}, "a0"),
    ({1: 2, 3: 4}, "a201020304"),
    ({"a": 1, "b": [2, 3]}, "a26161016162820203"),
]


@pytest.mark.parametrize(("value", "encoded"), APPENDIX_A, ids=lambda item: str(item)[:20])
def test_appendix_a(value: object, encoded: str) -> None:
    assert cbor.encode(value).hex() == encoded
    assert cbor.decode(bytes.fromhex(encoded)) == value


def test_keys_in_the_order_of_their_bytes_not_of_their_length() -> None:
    """RFC 8949, 4.2.1: 10, 100, -1, "z", "aa" (its own example); 4.2.3 (length first) would put -1 before 100."""
    value = {"aa": 5, -1: 3, 100: 2, "z": 4, 10: 1}
    assert cbor.encode(value).hex() == "a5" + "0a01" + "186402" + "2003" + "617a04" + "62616105"
    assert list(cbor.decode(cbor.encode(value))) == [10, 100, -1, "z", "aa"]  # type: ignore[call-overload]


REFUSED = {
    "nothing": "",
    "cut off in a head": "19",
    "cut off in a text": "6449",
    "a byte after the end": "0000",
    "23 in two bytes": "1817",
    "255 in three bytes": "1900ff",
    "65535 in five bytes": "1a0000ffff",
    "4294967295 in nine bytes": "1b00000000ffffffff",
    "length of a text in two bytes": "78026161",
    "array of indefinite length": "9f01ff",
    "map of indefinite length": "bf0102ff",
    "bytes of indefinite length": "5f4101ff",
    "text of indefinite length": "7f6161ff",
    "map keys out of order": "a203010102",
    "map keys in order of length": "a2200118640a",
    "one key twice": "a201010102",
    "text that is no UTF-8": "61ff",
    "text with half a surrogate": "63eda080",
    "half float": "f90000",
    "float": "fa47c35000",
    "double": "fb3ff199999999999a",
    "NaN": "f97e00",
    "false": "f4",
    "true": "f5",
    "undefined": "f7",
    "simple value": "f0",
    "simple value in two bytes": "f8ff",
    "reserved simple value": "f818",
    "break alone": "ff",
    "reserved additional information": "1c",
    "tag of a COSE_Sign1": "d28440a04040",
    "bignum": "c249010000000000000000",
    "negative bignum": "c349010000000000000000",
    "date": "c074323031332d30332d32315432303a30343a30305a",
    "decimal fraction": "c48221196ab3",
    "bigfloat with a huge exponent": "c5821bffffffffffffffff01",
    "regular expression": "d8236128",
    "shared value": "d81c80",
    "reference to a shared value": "d81d00",
    "set": "d9010280",
    "self-described": "d9d9f700",
    "array as a map key": "a1800",
    "true as a map key": "a1f501",
    "null as a map key": "a1f601",
    "array that says it has 2^64-1 items": "9bffffffffffffffff",
    "map that says it has 2^64-1 items": "bbffffffffffffffff",
    "bytes that say they have 2^63-1 bytes": "5b7fffffffffffffff",
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    text = REFUSED[name]
    data = bytes.fromhex(text if len(text) % 2 == 0 else text + "0")
    with pytest.raises(CborError):
        cbor.decode(data)


@pytest.mark.parametrize("head", [b"\x81", b"\xa1\x01", b"\xd8\x1c"], ids=["arrays", "maps", "tags"])
def test_a_hundred_thousand_levels(head: bytes) -> None:
    with pytest.raises(CborError):
        cbor.decode(head * 100_000 + b"\x00")


def test_as_deep_as_allowed_and_one_deeper() -> None:
    assert cbor.decode(b"\x81" * cbor.DEEPEST + b"\x00") is not None
    with pytest.raises(CborError):
        cbor.decode(b"\x81" * (cbor.DEEPEST + 1) + b"\x00")


def test_size_is_looked_at_first() -> None:
    assert cbor.decode(cbor.encode(bytes(10)), largest=11) == bytes(10)
    started = time.perf_counter()
    with pytest.raises(CborError):
        cbor.decode(bytes(30_000_000), largest=11)
    assert time.perf_counter() - started < 0.5


NEVER_WRITTEN = [True, 1.5, 2**64, -(2**64) - 1, {True: 1}, {None: 1}, {(1, 2): 1}, {1, 2}, bytearray(b"x"), object()]


@pytest.mark.parametrize("value", NEVER_WRITTEN, ids=lambda value: type(value).__name__)
def test_what_is_never_written_either(value: object) -> None:
    with pytest.raises(TypeError):
        cbor.encode([value])


def test_shared_references_that_double_at_each_level() -> None:
    """Each level holds the one below twice: a few bytes that a general reader makes into millions of values."""
    data = b"\xd8\x1c\x80"
    for _ in range(10):
        data = b"\xd8\x1c\x82" + data + b"\xd8\x1d\x00"
    started = time.perf_counter()
    with pytest.raises(CborError):
        cbor.decode(data)
    assert time.perf_counter() - started < 0.5


VALUES = st.recursive(
    st.none()
    | st.integers(-(2**64), 2**64 - 1)
    | st.binary(max_size=40)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
    lambda inner: (
        st.lists(inner, max_size=30)
        | st.dictionaries(st.integers(-70000, 70000) | st.text(max_size=4), inner, max_size=30)
    ),
    max_leaves=40,
)


@given(VALUES)
@settings(max_examples=150, deadline=None)
def test_every_value_comes_back_and_another_library_reads_it(value: object) -> None:
    encoded = cbor.encode(value)
    assert cbor.decode(encoded) == value
    assert cbor2.loads(encoded) == value


@given(st.binary(max_size=60))
@settings(max_examples=400, deadline=None)
def test_any_bytes_are_refused_or_are_the_one_encoding(data: bytes) -> None:
    try:
        value = cbor.decode(data)
    except CborError:
        return
    assert cbor.encode(value) == data


@given(VALUES, st.data())
@settings(max_examples=150, deadline=None)
def test_a_turned_bit_is_refused_or_another_value(value: object, data: st.DataObject) -> None:
    encoded = bytearray(cbor.encode(value))
    bit = data.draw(st.integers(0, len(encoded) * 8 - 1))
    encoded[bit // 8] ^= 1 << bit % 8
    try:
        other = cbor.decode(bytes(encoded))
    except CborError:
        return
    assert cbor.encode(other) != cbor.encode(value)
