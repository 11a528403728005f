"""Reading and writing profile A: the worked values, the rules of parsing, and every change of one character."""

import re
import time
from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracelib.codes import url as url_module
from tracelib.codes.blob import Blob, decode_blob
from tracelib.codes.errors import (
    CodeFieldError,
    CodeFormatError,
    CodeTooLongError,
    MalformedCodeError,
    NotOurCodeError,
    UnknownCodeFormatError,
)
from tracelib.codes.record import CodeRecord
from tracelib.codes.serial import ALPHABET, check_character
from tracelib.codes.sticker import UnverifiedSticker
from tracelib.codes.url import UnverifiedCode, as_url, read_code

BLOB = (
    "CFLEOWVHKQE4UAPUCJABEC45IF3H5257HGT5IDP5HBU2CPAEH57VGITCPLHC"
    "KVIW27AGJ3YI6NPBNQJGBGSSC3M7OB5HH4ZCVKQ2IQSYZPY6SOELIJ4FLVYH"
)
TAIL = "01/06901234567892/10/26A0137/21/7KQX9Y93Q6MJ608"
URL = f"https://q.example.com/{BLOB}/{TAIL}"
UNKNOWN = "E" + BLOB[1:]

own_numbers = st.from_regex(r"\A[0-9A-Z]([0-9A-Z.-]{0,18}[0-9A-Z])?\Z")
serials = st.text(ALPHABET, min_size=14, max_size=14).map(lambda body: body + check_character(body))
numbers = st.tuples(st.integers(0, 65535), st.integers(0, 65535), st.integers(0, 15), st.integers(0, 3))
named = st.one_of(
    st.builds(lambda lot, s: {"gtin": "06901234567892", "lot": lot, "serial": s}, own_numbers, serials),
    st.builds(lambda p, lot, s: {"product": p, "lot": lot, "serial": s}, own_numbers, own_numbers, serials),
    st.just({"sscc": "069012340000000016"}),
    st.builds(lambda s: {"serial": s}, serials),
)
paths = st.sampled_from(["", "T", "T/A26", "ABCDEFGHIJK-/9A"])


def verdict_of(text: str) -> str:
    try:
        read_code(text)
    except NotOurCodeError:
        return "not_ours"
    except MalformedCodeError:
        return "malformed"
    except UnknownCodeFormatError:
        return "unknown_format"
    return "read"


def test_worked_codes_are_read_and_written(vectors: dict[str, Any]) -> None:
    for case in vectors["codes"]:
        code = UnverifiedCode.parse(case["url"])
        assert code.suite == case["suite"]
        assert code.signature.hex() == case["signature"]
        assert (code.record.day, code.record.weight_10g) == (case["day"], case["weight_10g"])
        assert (code.record.grade, code.record.level) == (case["grade"], case["level"])
        assert code.record.path == case["path"]
        assert code.record.payload().hex() == case["payload_cbor"]
        blob = decode_blob(case["blob"])
        assert blob is not None
        assert blob.as_text() == case["blob"]
        if case["level"] <= 3:
            assert as_url(code.record, blob, "q.example.com") == case["url"]


def test_worked_variants_are_the_same_code(vectors: dict[str, Any]) -> None:
    for case in vectors["accepted"]:
        assert read_code(case["url"]) == read_code(vectors["codes"][case["same_as"]]["url"]), case["comment"]


def test_worked_refusals_of_the_text(vectors: dict[str, Any]) -> None:
    textual = {"malformed", "unknown_format", "not_ours"}
    seen = 0
    for case in vectors["refused"]:
        expected = case["verdict"] if case["verdict"] in textual else "read"
        assert verdict_of(case["url"]) == expected, case["because"]
        seen += case["verdict"] in textual
    assert seen == 14


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        (f"  {URL}\t\r\n", "read"),
        (f"{URL}/?a=/x", "read"),
        (f"{URL} #x", "read"),
        (f"weixin://dl.example/{BLOB}/{TAIL}", "read"),
        (f"https://user@h:1/a b/{BLOB}/{TAIL}", "read"),
        (f"https://h/P/U/00/1/2/3/{BLOB}/{TAIL}", "read"),
        (f"https://h/{BLOB}/{TAIL}?{BLOB}", "read"),
        (f"https://h/{BLOB}/{TAIL}//", "malformed"),
        (f"https:///{BLOB}/{TAIL}", "malformed"),
        (f"https://h//{BLOB}/{TAIL}", "malformed"),
        (f"{BLOB}/{TAIL}", "malformed"),
        (f"q.example.com/{BLOB}/{TAIL}", "malformed"),
        (f"https://h%20/{BLOB}/{TAIL}", "malformed"),
        (f"https://q.例.cn/{BLOB}/{TAIL}", "malformed"),
        (f"https://h/{BLOB}/X/{BLOB}/{TAIL}", "malformed"),
        (f"https://h/{BLOB}", "malformed"),
        (f"https://h/{BLOB}/", "malformed"),
        (f"https://h/{BLOB}/{TAIL}/{BLOB}", "malformed"),
        (f"https://h/{BLOB}/00/069012340000000017", "malformed"),
        (f"https://h/{BLOB}/00/06901234000000016", "malformed"),
        (f"https://h/{BLOB}/U/7KQX9Y93Q6MJ600", "malformed"),
        (f"https://h/{BLOB}/U/7KQX9Y93Q6MJ6O8", "malformed"),
        (f"https://h/{BLOB}/01/6901234567892/10/A/21/7KQX9Y93Q6MJ608", "malformed"),
        (f"https://h/{BLOB}/01/06901234567892/10/A/21/7KQX9-Y93Q6-MJ608", "malformed"),
        (f"https://h/{BLOB}/01/06901234567892/10/{'A' * 21}/21/7KQX9Y93Q6MJ608", "malformed"),
        (f"https://h/{BLOB}/01/06901234567892/10/26A0137\n/21/7KQX9Y93Q6MJ608", "malformed"),
        (f"https://h/{BLOB}/01/٠٦٩٠١٢٣٤٥٦٧٨٩٢/10/A/21/7KQX9Y93Q6MJ608", "malformed"),
        (f"https://h/{BLOB}/{TAIL}\x1d", "malformed"),
        (f"https://h/{BLOB}/{TAIL}\udcff", "malformed"),
        (f"\u3000https://h/{BLOB}/{TAIL}", "malformed"),
        (f"https://h/{UNKNOWN}/{TAIL}", "unknown_format"),
        (f"https://h/{UNKNOWN}", "unknown_format"),
        (f"https://h/{UNKNOWN}/26%/Ａ//whatever", "unknown_format"),
        (f"https://h/{UNKNOWN.lower()}/x", "unknown_format"),
        (f"https://h/{BLOB[:119]}1/{TAIL}", "not_ours"),
        (f"https://h/{BLOB}A/{TAIL}", "not_ours"),
        (f"https://{BLOB}/{TAIL}", "not_ours"),
        (f"https://h/?{BLOB}/{TAIL}", "not_ours"),
        (f"https://h/{BLOB[:60]}\u212a{BLOB[61:]}/{TAIL}", "not_ours"),  # the Kelvin sign is no K
        ("", "not_ours"),
        ("https://h", "not_ours"),
        ("06901234567892", "not_ours"),
    ],
)
def test_rules_of_parsing(text: str, verdict: str) -> None:
    assert verdict_of(text) == verdict


def test_a_sticker_is_no_code_of_profile_a() -> None:
    text = "https://q.example.com/7KQXV58MQ1EQ9TAZCMQUMRZCD4LY"
    assert read_code(text) == UnverifiedSticker("7KQXV58MQ1EQ9TA", "ZCMQUMRZCD4LY")
    with pytest.raises(NotOurCodeError):
        UnverifiedCode.parse(text)


@given(
    named,
    numbers,
    st.binary(min_size=5, max_size=5),
    st.binary(min_size=64, max_size=64),
    st.sampled_from([1, 2]),
    paths,
)
def test_parse_and_as_url_are_inverse(
    fields: dict[str, str], four: tuple[int, int, int, int], kid: bytes, signature: bytes, suite: int, path: str
) -> None:
    day, weight, grade, level = four
    record = CodeRecord(**fields, day=day, weight_10g=weight, grade=grade, level=level)
    blob = Blob(suite, kid, day, weight, grade, level, signature)
    if len(f"https://q.cn/{path}//{record.path}") + 120 - (not path) > 210:
        with pytest.raises(CodeTooLongError):
            as_url(record, blob, "q.cn", path)
        return
    text = as_url(record, blob, "q.cn", path)
    assert UnverifiedCode.parse(text) == UnverifiedCode(record, suite, kid, signature)
    assert len(text) <= 210


@given(st.integers(0, len(BLOB) + len(TAIL)), st.characters())
def test_every_change_of_one_character_is_refused_or_another_code(position: int, character: str) -> None:
    """The signature judges what still reads as a code (test_verify); here: it never reads as the same code."""
    original = f"{BLOB}/{TAIL}"
    changed = original[:position] + character + original[position + 1 :]
    if changed.upper() == original and character.isascii():
        return  # the folding of ASCII letters
    if character in "?#" or (position == len(original) and character in "/ \r\n\t"):
        return
    try:
        code = read_code(f"https://q.example.com/{changed}")
    except CodeFormatError:
        return
    assert code != read_code(URL)


@settings(max_examples=200)
@given(
    st.one_of(
        st.text(),
        st.text("/0127PUABCXYZ%?#. ", max_size=300),
        st.binary().map(lambda b: b.decode("utf-8", "surrogateescape")),
    )
)
def test_any_text_gets_an_answer(text: str) -> None:
    for candidate in (text, f"https://h/{text}", f"https://h/{BLOB}/{text}", f"https://h/{text}/{BLOB}/{TAIL}"):
        assert verdict_of(candidate) in ("read", "not_ours", "malformed", "unknown_format")


@given(
    st.sampled_from(["https://h/", "http://a.b:80/T/", "https://q.example.com/T/A26/", "https://q.example.com/A-B/"]),
    st.data(),
)
def test_the_short_cut_answers_as_the_careful_way(head: str, data: st.DataObject) -> None:
    tail = f"{BLOB}/{TAIL}"
    position = data.draw(st.integers(0, len(tail) - 1))
    text = head + tail[:position] + data.draw(st.characters(codec="ascii")) + tail[position + 1 :]
    with mock.patch.object(url_module, "_AS_PRINTED", re.compile("(?!)")):  # never matches
        careful = outcome(text)
    assert outcome(text) == careful


def outcome(text: str) -> object:
    try:
        return read_code(text)
    except CodeFormatError as error:
        return type(error), error.params


@pytest.mark.parametrize(
    "text",
    [
        "A" * 1_000_000,
        "https://h/" + "/" * 1_000_000,
        "https://h/" + "A/" * 500_000 + f"{BLOB}/{TAIL}",
        "https://h/" + f"{BLOB}/" * 8_000 + TAIL,
        f"{URL}?" + "x" * 1_000_000,
        " " * 1_000_000,
        "https://h/" + "?#" * 500_000,
        "a" * 500_000 + "://" + "b" * 500_000,
    ],
)
def test_a_megabyte_is_answered_at_once(text: str) -> None:
    start = time.perf_counter()
    assert verdict_of(text) in ("read", "not_ours", "malformed")
    assert time.perf_counter() - start < 2


@pytest.mark.parametrize(
    "host", ["", "Q.example.com", "https://q", "q.example.com:80", "q_x", "-q", "q..x", "例.cn", "q\n"]
)
def test_hosts_that_are_not_printed(host: str) -> None:
    code = UnverifiedCode.parse(URL)
    blob = decode_blob(BLOB)
    assert blob is not None
    with pytest.raises(CodeFieldError):
        as_url(code.record, blob, host)


@pytest.mark.parametrize("path", ["/", "a", "A/B/C", "123", "P", "U", "T/U", "T/12", "A" * 13, "T/", "A\n", "Ａ"])
def test_paths_that_are_not_printed(path: str) -> None:
    code = UnverifiedCode.parse(URL)
    blob = decode_blob(BLOB)
    assert blob is not None
    with pytest.raises(CodeFieldError):
        as_url(code.record, blob, "q.example.com", path)


def test_long_codes_and_reserved_levels_are_not_printed() -> None:
    blob = decode_blob(BLOB)
    assert blob is not None
    record = CodeRecord(product="A" * 20, lot="B" * 20, serial="7KQX9Y93Q6MJ608")
    fits = "q" * (210 - len(as_url(record, blob, "q")) + 1)
    assert len(as_url(record, blob, fits)) == 210
    with pytest.raises(CodeTooLongError):
        as_url(record, blob, fits + "q")
    with pytest.raises(CodeFieldError):
        as_url(CodeRecord(serial="7KQX9Y93Q6MJ608", level=4), blob, "q.example.com")
