"""Records and the bytes that are signed, against cbor2's own canonical encoding."""

import pickle
from typing import Any

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracelib.codes.errors import CodeFieldError
from tracelib.codes.record import CodeRecord, level_name, weight_field
from tracelib.codes.serial import ALPHABET, check_character
from tracelib.codes.signing import CODE_LABEL, signed_bytes
from tracelib.identifiers.gtin import Gtin
from tracelib.trust.cose import sig_structure

GTIN = "06901234567892"
SERIAL = "7KQX9Y93Q6MJ608"

edges = st.from_regex(r"\A[0-9A-Z]([0-9A-Z.-]{0,18}[0-9A-Z])?\Z")
serials = st.text(ALPHABET, min_size=14, max_size=14).map(lambda body: body + check_character(body))


def with_check(digits: str) -> str:
    return next(
        digits + d
        for d in "0123456789"
        if (3 * sum(map(int, digits[::-2])) + sum(map(int, digits[-2::-2])) + int(d)) % 10 == 0
    )


gtins = st.text("0123456789", min_size=13, max_size=13).map(with_check)
ssccs = st.text("0123456789", min_size=17, max_size=17).map(with_check)
numbers = st.fixed_dictionaries(
    {
        "day": st.integers(0, 65535),
        "weight_10g": st.integers(0, 65535),
        "grade": st.integers(0, 15),
        "level": st.integers(0, 15),
    }
)
shapes = st.one_of(
    st.fixed_dictionaries({"gtin": gtins, "lot": edges, "serial": serials}),
    st.fixed_dictionaries({"product": edges, "lot": edges, "serial": serials}),
    st.fixed_dictionaries({"sscc": ssccs}),
    st.fixed_dictionaries({"serial": serials}),
)


def record_of(both: tuple[dict[str, Any], dict[str, Any]]) -> CodeRecord:
    return CodeRecord(**both[0], **both[1])


records = st.tuples(shapes, numbers).map(record_of)


def test_worked_payloads_and_signed_bytes(vectors: dict[str, Any]) -> None:
    kids = {1: vectors["kid"], 2: vectors["suite2"]["kid"]}
    for case in vectors["codes"]:
        parts = case["path"].split("/")
        named = dict(zip(parts[::2], parts[1::2], strict=True))
        record = CodeRecord(
            gtin=named.get("01"),
            product=named.get("P"),
            sscc=named.get("00"),
            lot=named.get("10"),
            serial=named.get("21") or named.get("U"),
            day=case["day"],
            weight_10g=case["weight_10g"],
            grade=case["grade"],
            level=case["level"],
        )
        assert record.payload().hex() == case["payload_cbor"]
        assert record.path == case["path"]
        signed = signed_bytes(case["suite"], bytes.fromhex(kids[case["suite"]]), record)
        assert signed.hex() == case["sig_structure"]


@given(records)
def test_payload_is_the_deterministic_encoding(record: CodeRecord) -> None:
    attrs = record.weight_10g * 256 + record.grade * 16 + record.level
    fields: dict[int, object] = {-1: record.day, -2: attrs}
    if record.gtin:
        fields |= {1: record.gtin, 10: record.lot, 21: record.serial}
    elif record.product:
        fields |= {-3: record.product, 10: record.lot, 21: record.serial}
    elif record.sscc:
        fields |= {0: record.sscc}
    else:
        fields |= {-4: record.serial}
    assert record.payload() == cbor2.dumps(fields, canonical=True)


@given(records, st.sampled_from([(1, -19), (2, -9)]), st.binary(min_size=5, max_size=5))
def test_signed_bytes_are_the_cose_structure(record: CodeRecord, suite: tuple[int, int], kid: bytes) -> None:
    assert signed_bytes(suite[0], kid, record) == sig_structure(suite[1], kid, CODE_LABEL, record.payload())


@given(records)
def test_keys_of_a_record(record: CodeRecord) -> None:
    assert record.unit_id == (record.sscc or record.serial)
    assert record.product_key == (record.gtin or (f"P/{record.product}" if record.product else None))
    assert record.kind in ("gtin", "product", "sscc", "unit")


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"gtin": GTIN, "lot": "A"},
        {"gtin": GTIN, "serial": SERIAL},
        {"gtin": GTIN, "product": "X", "lot": "A", "serial": SERIAL},
        {"gtin": "06901234567893", "lot": "A", "serial": SERIAL},
        {"gtin": "6901234567892", "lot": "A", "serial": SERIAL},
        {"gtin": GTIN, "lot": "..", "serial": SERIAL},
        {"gtin": GTIN, "lot": "A.", "serial": SERIAL},
        {"gtin": GTIN, "lot": "a", "serial": SERIAL},
        {"gtin": GTIN, "lot": "A" * 21, "serial": SERIAL},
        {"gtin": GTIN, "lot": "", "serial": SERIAL},
        {"gtin": GTIN, "lot": "A\n", "serial": SERIAL},
        {"gtin": GTIN, "lot": "26Ａ", "serial": SERIAL},
        {"gtin": GTIN, "lot": "A", "serial": "7KQX9Y93Q6MJ600"},
        {"product": "-", "lot": "A", "serial": SERIAL},
        {"sscc": "069012340000000017"},
        {"sscc": "069012340000000016", "serial": SERIAL},
        {"sscc": "069012340000000016", "lot": "A"},
        {"serial": SERIAL, "lot": "A"},
        {"serial": SERIAL, "day": 65536},
        {"serial": SERIAL, "day": -1},
        {"serial": SERIAL, "weight_10g": 65536},
        {"serial": SERIAL, "grade": 16},
        {"serial": SERIAL, "level": 16},
    ],
)
def test_what_no_code_can_carry(fields: dict[str, Any]) -> None:
    with pytest.raises(CodeFieldError):
        CodeRecord(**fields)


def test_a_changed_copy_is_checked_too() -> None:
    record = CodeRecord(gtin=GTIN, lot="A", serial=SERIAL)
    assert record._replace(lot="B").lot == "B"
    with pytest.raises(CodeFieldError):
        record._replace(lot="..")
    assert pickle.loads(pickle.dumps(record)) == record


@pytest.mark.parametrize(
    ("grams", "field"),
    [(None, 0), (0, 0), (10, 1), (5000, 500), (5005, 0), (655_350, 65535), (655_360, 0), (-10, 0)],
)
def test_weight_in_ten_grams_or_not_stated(grams: int | None, field: int) -> None:
    assert weight_field(grams) == field


def test_names_of_levels() -> None:
    assert [level_name(n) for n in (0, 1, 2, 3, 4, 15)] == ["item", "inner", "carton", "pallet", "unknown", "unknown"]


@given(gtins)
def test_strategy_for_gtins_is_right(gtin: str) -> None:
    assert Gtin.parse(gtin).value == gtin
