"""What a key ring answers, and what turns a signed object into another: bits, spellings, files handed round."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracelib.errors import TraceError
from tracelib.trust import cbor, cose
from tracelib.trust.bundle import (
    BrandEntry,
    Bundle,
    ProductEntry,
    add_signature,
    count_signatures,
    decode_bundle,
    grade_list_hash,
    open_bundle,
    same_content,
    sign_bundle,
)
from tracelib.trust.delegation import Delegation, PartyName, SignedDelegation, decode_delegation, sign_delegation
from tracelib.trust.enrolment import Grant, make_grant, make_request, parse_grant, parse_request
from tracelib.trust.errors import (
    BundleFormatError,
    EnrolmentFormatError,
    RevocationFormatError,
    ThresholdError,
)
from tracelib.trust.keyring import BUILD_S, KeyRing
from tracelib.trust.keys import KeyPair
from tracelib.trust.revocation import (
    Reason,
    Revocation,
    decode_revocation,
    parse_revocation,
    revocation_as_text,
    sign_revocation,
)
from tracelib.trust.root import RootSet

T0, DAY_S = 1793491200, 86400
ROOT, ROOT_B, ROOT_C, BRAND, ISSUER, LINE = (KeyPair.from_secret(1 + n % 2, bytes([n + 1]) * 32) for n in range(6))
TEST_ROOT = RootSet("test", (ROOT.public,), 1)
PRODUCTION = RootSet("production", (ROOT.public, ROOT_B.public, ROOT_C.public), 2)
GRADES = ((1, "特级", "Extra"), (2, "一级", ""))


def delegate(parent: KeyPair, child: KeyPair, **changes: object) -> SignedDelegation:
    base: dict[str, Any] = {
        "issuer_hash": parent.public.hash,
        "subject": "COOP1",
        "key": child.public,
        "cti": child.public.hash[:16],
        "not_before": T0,
        "not_after": T0 + 80 * DAY_S,
        "issued_at": T0,
        "root": TEST_ROOT.root_id,
        "party": PartyName("示例合作社", "Sample", "9" * 18),
    }
    return sign_delegation(parent, Delegation(**(base | changes)))


BRAND_FILE = delegate(ROOT, BRAND, subject="ASSOC", may_delegate=2, prefix="7K")
ISSUER_FILE = delegate(BRAND, ISSUER, may_delegate=1, prefix="7KQX", k_hash=b"k" * 16, products=("P/ORANGE",))
LINE_FILE = delegate(
    ISSUER, LINE, prefix="7KQX", k_hash=b"k" * 16, products=("P/ORANGE",), counter_window=(0, 9), max_units=10
)
REVOCATION = sign_revocation(
    BRAND,
    Revocation(
        root=TEST_ROOT.root_id,
        key_hash=ISSUER.public.hash,
        day=2506,
        reason=Reason.RECALL,
        issued_at=T0,
        product="P/ORANGE",
        lot="26A",
    ),
)
BUNDLE = Bundle(
    root_set=TEST_ROOT,
    seq=7,
    issued=T0,
    next_update=T0 + 7 * DAY_S,
    delegations=(BRAND_FILE, ISSUER_FILE, LINE_FILE),
    revocations=(REVOCATION,),
    brands=(BrandEntry("GANNAN", "赣南脐橙", "", ("q.example.com",), "ASSOC"),),
    products=(ProductEntry("COOP1", "P/ORANGE", "脐橙", "", GRADES, grade_list_hash(GRADES), "GANNAN"),),
)


def ring(**changes: object) -> KeyRing:
    raw = sign_bundle([ROOT], replace(BUNDLE, **changes))  # type: ignore[arg-type]
    return KeyRing.build(open_bundle(raw, TEST_ROOT.fingerprint), TEST_ROOT.fingerprint)


def test_who_holds_a_key_under_which_brand() -> None:
    keys = ring()
    assert keys.faults == []
    line = keys.key(LINE.public.hash)
    assert line is not None
    assert [d.key for d in line.delegations] == [BRAND.public, ISSUER.public, LINE.public]
    assert (line.party.name_zh, line.brand and line.brand.id) == ("示例合作社", "GANNAN")
    assert line.issuer_hash == ISSUER.public.hash, "manifests are the issuer's"
    assert [r.lot for r in line.revocations] == ["26A"], "what is said of the issuer holds for the line"
    assert [key.public for key in keys.keys_of_prefix("7KQX")] == [ISSUER.public, LINE.public]
    assert keys.candidates(ISSUER.public.key_id)[0].public == ISSUER.public
    assert keys.candidates(bytes(5)) == ()
    entry = keys.product_entry("COOP1", "P/ORANGE")
    assert entry is not None
    assert entry.grades == GRADES
    assert keys.product_entry("COOP2", "P/ORANGE") is None
    assert keys.hosts == frozenset({"q.example.com"})
    assert (keys.environment, keys.bundle_seq) == ("test", 7)


def test_line_key_with_a_prefix_of_its_own_signs_no_manifest_either() -> None:
    issuer = delegate(BRAND, ISSUER, may_delegate=1, prefix="7KQ", products=("P/ORANGE",))
    line = delegate(ISSUER, LINE, prefix="7KQZ", k_hash=b"z" * 16, products=("P/ORANGE",))
    keys = ring(delegations=(BRAND_FILE, issuer, line))
    trusted = keys.key(LINE.public.hash)
    assert trusted is not None
    assert trusted.issuer_hash == ISSUER.public.hash


def test_line_key_straight_below_a_brand_that_signs() -> None:
    brand = delegate(ROOT, BRAND, may_delegate=1, prefix="7KQX", k_hash=b"k" * 16, products=("P/ORANGE",))
    line = delegate(BRAND, LINE, prefix="7KQX", k_hash=b"k" * 16, products=("P/ORANGE",), counter_window=(0, 9))
    trusted = ring(delegations=(brand, line)).key(LINE.public.hash)
    assert trusted is not None
    assert trusted.issuer_hash == BRAND.public.hash


@pytest.mark.parametrize(
    ("age_s", "state"),
    [
        (-1, "clock_wrong"),
        (0, "fresh"),
        (7 * DAY_S, "fresh"),
        (7 * DAY_S + 1, "stale"),
        (30 * DAY_S, "stale"),
        (30 * DAY_S + 1, "old"),
        (4000 * DAY_S, "old"),
    ],
)
def test_age_is_a_state(age_s: int, state: str) -> None:
    assert ring().state(datetime.fromtimestamp(T0 + age_s, UTC)) == state


def test_no_clock_is_before_the_program_the_bundle_or_the_journal() -> None:
    just_before = datetime.fromtimestamp(BUILD_S, UTC) - timedelta(seconds=1)
    assert ring(issued=0).state(just_before) == "clock_wrong"
    assert ring(issued=0).state(just_before + timedelta(seconds=1)) == "old"
    alone = KeyRing.build(None, None, root_set=TEST_ROOT, floor_s=T0 + 100)
    assert alone.state(datetime.fromtimestamp(T0 + 99, UTC)) == "clock_wrong"
    assert alone.state(datetime.fromtimestamp(T0 + 100, UTC)) == "none"
    assert (alone.bundle_seq, alone.bundle_issued) == (None, None)


def test_three_keys_share_an_id_and_each_is_a_candidate(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shared id costs 2^40 tries; here the keys only say that they share one."""
    pairs = [KeyPair.from_secret(1, bytes([n]) * 32) for n in (50, 51, 52)]
    for pair in pairs:
        object.__setattr__(pair.public, "key_id", b"same!")
    files = [
        sign_delegation(
            BRAND,
            replace(
                ISSUER_FILE.claims, key=pair.public, cti=bytes([n]) * 16, prefix=f"7KR{n}", may_delegate=0, max_units=1
            ),
        )
        for n, pair in enumerate(pairs)
    ]
    keys = KeyRing.build(None, None, [BRAND_FILE, *files], root_set=TEST_ROOT)
    assert {key.public for key in keys.candidates(b"same!")} == {pair.public for pair in pairs}


# --- signed objects that were changed on the way


READERS: dict[str, Callable[[bytes], object]] = {
    "delegation": lambda raw: decode_delegation(raw).verify(BRAND.public),
    "revocation": lambda raw: decode_revocation(raw).verify(BRAND.public),
    "bundle": lambda raw: open_bundle(raw, TEST_ROOT.fingerprint),
}


@given(st.sampled_from(list(READERS)), st.data())
@settings(max_examples=150, deadline=None)
def test_any_turned_bit_of_a_signed_file_is_refused(kind: str, data: st.DataObject) -> None:
    raw = {"delegation": ISSUER_FILE.raw, "revocation": REVOCATION.raw, "bundle": sign_bundle([ROOT], BUNDLE)}[kind]
    bit = data.draw(st.integers(0, len(raw) * 8 - 1))
    turned = bytearray(raw)
    turned[bit // 8] ^= 1 << bit % 8
    with pytest.raises(TraceError):
        READERS[kind](bytes(turned))


@given(st.sampled_from([ISSUER_FILE.raw, REVOCATION.raw, sign_bundle([ROOT], BUNDLE)]), st.data())
@settings(max_examples=100, deadline=None)
def test_cut_off_or_grown_files(raw: bytes, data: st.DataObject) -> None:
    length = data.draw(st.integers(0, len(raw) - 1))
    extra = data.draw(st.binary(min_size=1, max_size=3))
    for changed in (raw[:length], raw + extra):
        for read in (decode_delegation, decode_revocation, open_bundle):
            with pytest.raises(TraceError):
                read(changed)


names = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), min_size=1, max_size=40)


@given(names, names, st.integers(0, 2**53 - 1), st.integers(0, 3), st.sampled_from([None, "2026", "26春"]))
@settings(max_examples=80, deadline=None)
def test_every_delegation_comes_back_as_it_was(zh: str, en: str, limit: int, levels: int, season: str | None) -> None:
    claims = replace(
        ISSUER_FILE.claims, party=PartyName(zh, en), max_units=limit, max_kg=limit, may_delegate=levels, season=season
    )
    signed = sign_delegation(BRAND, claims)
    assert decode_delegation(signed.raw) == signed
    assert decode_delegation(signed.raw).claims == claims


def payload_of(bundle: Bundle) -> dict[int, Any]:
    payload = cbor.decode(cose.read_sign(sign_bundle([ROOT], bundle))[0])
    assert isinstance(payload, dict)
    return payload


GRADE_FIELD = 5
BROKEN_BUNDLES: dict[str, dict[int, object]] = {
    "a field of a later version": {10: 1},
    "number below 0": {2: -1},
    "number beyond what a database counts": {2: 2**53},
    "issued after the year 9999": {3: 253_370_764_800},
    "next update below 0": {4: -1},
    "delegation that is a text": {5: ["text"]},
    "delegation that is noise": {5: [b"noise"]},
    "revocation in place of a delegation": {5: [REVOCATION.raw]},
    "delegation in place of a revocation": {6: [BRAND_FILE.raw]},
    "log key that steers a terminal": {7: ["\x1b[31m"]},
    "brand name that turns the writing round": {8: [{1: "A", 2: "赣南\u202e", 3: "", 4: [], 5: "ASSOC"}]},
    "brand with a field more": {8: [{1: "A", 2: "赣南", 3: "", 4: [], 5: "ASSOC", 6: 1}]},
    "root set that is none": {1: b"noise"},
}


@pytest.mark.parametrize("name", BROKEN_BUNDLES)
def test_bundle_that_the_root_itself_signed_wrongly(name: str) -> None:
    raw = cose.sign([ROOT], b"tracelib/bundle/1", cbor.encode(payload_of(BUNDLE) | BROKEN_BUNDLES[name]))
    with pytest.raises(TraceError):
        open_bundle(raw)


@pytest.mark.parametrize(
    "grades",
    [
        [[2, "一级", ""], [1, "特级", ""]],
        [[1, "特级", ""], [1, "一级", ""]],
        [[0, "无", ""]],
        [[16, "多", ""]],
        [[1, "特级"]],
        [[1, "特\n级", ""]],
    ],
    ids=["not in order", "twice", "number 0", "number 16", "without English", "over two lines"],
)
def test_grade_list_that_is_none(grades: list[object]) -> None:
    payload = payload_of(BUNDLE)
    product = payload[9][0] | {GRADE_FIELD: grades, 6: hashlib.sha256(cbor.encode(grades)).digest()}
    with pytest.raises(BundleFormatError):
        open_bundle(cose.sign([ROOT], b"tracelib/bundle/1", cbor.encode(payload | {9: [product]})))


def test_grade_is_renamed_under_the_old_hash() -> None:
    payload = payload_of(BUNDLE)
    product = payload[9][0] | {GRADE_FIELD: [[1, "特级", "Extra"], [2, "特级", ""]]}
    with pytest.raises(BundleFormatError, match="does not fit its hash"):
        open_bundle(cose.sign([ROOT], b"tracelib/bundle/1", cbor.encode(payload | {9: [product]})))


# --- root keys on several machines

PART = replace(BUNDLE, root_set=PRODUCTION, delegations=(), revocations=())


def test_bundle_is_signed_in_parts() -> None:
    first = sign_bundle([ROOT], PART, at_least=1)
    with pytest.raises(ThresholdError):
        open_bundle(first, PRODUCTION.fingerprint)
    part = decode_bundle(first)
    assert count_signatures(part) == 1
    again = add_signature(part, ROOT)
    assert (count_signatures(again), again.raw) == (1, first), "one key twice is one key"
    whole = add_signature(part, ROOT_C)
    assert open_bundle(whole.raw, PRODUCTION.fingerprint).seq == 7
    assert whole.raw == sign_bundle([ROOT_C, ROOT], PART), "the same file, whoever began"
    assert same_content(first, whole.raw)
    assert not same_content(first, sign_bundle([ROOT, ROOT_B], replace(PART, seq=8)))


def test_part_was_changed_before_the_second_signed() -> None:
    """The first signature no longer holds, so the second alone is not enough."""
    payload, signatures = cose.read_sign(sign_bundle([ROOT], PART, at_least=1))
    body = cbor.decode(payload)
    assert isinstance(body, dict)
    forged = cbor.encode([b"", {}, cbor.encode(body | {2: 9}), [[p, {}, s] for p, s in signatures]])
    whole = add_signature(decode_bundle(forged), ROOT_B)
    assert count_signatures(whole) == 1
    with pytest.raises(ThresholdError):
        open_bundle(whole.raw, PRODUCTION.fingerprint)


def test_nobody_of_the_root_signs() -> None:
    for signers in ([], [BRAND, ISSUER]):
        with pytest.raises(ThresholdError, match="0 of the root's keys"):
            sign_bundle(signers, BUNDLE)


# --- files that people send

NO_REVOCATION: dict[str, dict[str, object]] = {
    "lot without its product": {"lot": "26A"},
    "product without a lot": {"product": "P/ORANGE"},
    "product that nothing is called": {"product": "ORANGE", "lot": "26A"},
    "lot and serials at once": {"product": "P/O", "lot": "26A", "first": "7KQX" + "0" * 11, "last": "7KQX" + "0" * 11},
    "range backwards": {"first": "7KQX" + "0" * 10 + "1", "last": "7KQX" + "0" * 11},
    "open range": {"first": "7KQX" + "0" * 11},
    "serials in lower case": {"first": "7kqx" + "0" * 11, "last": "7kqx" + "0" * 11},
    "serial of 14": {"first": "7KQX" + "0" * 10, "last": "7KQX" + "0" * 10},
    "lot of dots": {"product": "P/O", "lot": ".."},
    "day before 2020": {"day": -1},
    "day that no code carries": {"day": 0x10000},
    "issued in the year 9999": {"issued_at": 253_370_764_800},
    "short key hash": {"key_hash": bytes(5)},
    "root's whole fingerprint": {"root": bytes(32)},
}


@pytest.mark.parametrize("name", NO_REVOCATION)
def test_revocation_that_names_nothing_or_too_much(name: str) -> None:
    whole = replace(REVOCATION.claims, product=None, lot=None)
    with pytest.raises(RevocationFormatError):
        replace(whole, **NO_REVOCATION[name])  # type: ignore[arg-type]


def test_revocation_as_a_file() -> None:
    text = revocation_as_text(REVOCATION)
    assert parse_revocation(text) == REVOCATION
    for wrong in ("", "{}", "[]", "null", text.replace("tracelib-revocation/1", "tracelib-grant/1"), "[" * 99_999):
        with pytest.raises(RevocationFormatError):
            parse_revocation(wrong)
    with pytest.raises(TraceError):
        parse_revocation(json.dumps({"format": "tracelib-revocation/1", "revocation": ISSUER_FILE.raw.hex()}))


def test_grant_as_a_file() -> None:
    granted = make_grant(ISSUER_FILE, [BRAND_FILE], TEST_ROOT, None, b"")
    assert parse_grant(granted.as_text()) == Grant(ISSUER_FILE, (BRAND_FILE,), TEST_ROOT, None)
    assert granted.serial_key(b"whatever") is None
    body = json.loads(granted.as_text())
    changes: list[dict[str, object]] = [
        {"format": "tracelib-grant/2"},
        {"delegation": None},
        {"delegation": "zz"},
        {"delegation": ""},
        {"above": "zz"},
        {"above": [REVOCATION.raw.hex()]},
        {"root_set": "00"},
        {"serial_key": 5},
    ]
    for change in changes:
        with pytest.raises(TraceError):
            parse_grant(json.dumps(body | change))
    number = '{"format": "tracelib-grant/1", "delegation": %s}' % ("9" * 4301)
    for text in ("", "null", "[]", "[" * 99_999, "{" * 2_000_000, number):
        with pytest.raises(EnrolmentFormatError):
            parse_grant(text)
        with pytest.raises(EnrolmentFormatError):
            parse_request(text.replace("grant", "request"))


def test_request_names_another_key_or_suite() -> None:
    body = json.loads(make_request(ISSUER, BRAND.public.hash, "COOP1", PartyName("示例合作社")).as_text())
    assert parse_request(json.dumps(body)).key == ISSUER.public
    changes: list[dict[str, object]] = [
        {"public": LINE.public.raw.hex(), "suite": 2},
        {"suite": 3},
        {"parent": ROOT.public.hash.hex()},
        {"parent": "00"},
        {"possession": ISSUER_FILE.raw.hex()},
        {"possession": ""},
        {"party": None},
    ]
    for change in changes:
        with pytest.raises(TraceError):
            parse_request(json.dumps(body | change))
