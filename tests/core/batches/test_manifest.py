"""Manifest: one encoding, fixed by hand below; signed by the issuer it names; following the one before."""

import hashlib
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from tracelib.batches.errors import ManifestFormatError, ManifestSequenceError, ManifestSignatureError
from tracelib.batches.manifest import (
    LABEL,
    Manifest,
    SignedManifest,
    check_sequence,
    decode_manifest,
    encode_manifest,
    parse_manifest,
    running_totals,
    sign_manifest,
)
from tracelib.trust.cose import sign1
from tracelib.trust.keys import KeyPair

SEED = bytes(range(32))
PUBLIC = Ed25519PrivateKey.from_private_bytes(SEED).public_key().public_bytes_raw()
ISSUER = hashlib.sha256(PUBLIC).digest()
PREVIOUS, GRADES, ROOT = b"\x11" * 32, b"\x22" * 32, b"\x33" * 32

# Assembled by hand from RFC 8949, section 3: the type in the upper three bits, then the value or its length.
PAYLOAD = bytes.fromhex(
    "b0"  # map of 16
    + ("01" + "5820" + ISSUER.hex())  # 1 issuer, 32 bytes
    + ("02" + "03")  # 2 seq 3
    + ("03" + "5820" + PREVIOUS.hex())  # 3 previous
    + ("04" + "64474e5143")  # 4 party "GNQC"
    + ("05" + "6b502f4e4156454c2d354b47")  # 5 product "P/NAVEL-5KG"
    + ("06" + "6732364130313337")  # 6 lot "26A0137"
    + ("07" + "64374b3344")  # 7 prefix "7K3D"
    + ("08" + "1903e8")  # 8 first 1000
    + ("09" + "1904b0")  # 9 count 1200
    + ("0a" + "1909ca")  # 10 day 2506
    + ("0b" + "1a0001f412")  # 11 attrs 500 * 256 + 1 * 16 + 2 = 128018
    + ("0c" + "1a005b8d80")  # 12 weight_g 6,000,000
    + ("0d" + "190898")  # 13 cum_units 2200
    + ("0e" + "1a00a7d8c0")  # 14 cum_weight_g 11,000,000
    + ("0f" + "5820" + GRADES.hex())  # 15 grade_list_hash
    + ("10" + "5820" + ROOT.hex())  # 16 root
)

MANIFEST = Manifest(
    issuer=ISSUER,
    seq=3,
    previous=PREVIOUS,
    party="GNQC",
    product="P/NAVEL-5KG",
    lot="26A0137",
    prefix="7K3D",
    first=1000,
    count=1200,
    day=2506,
    attrs=128018,
    weight_g=6_000_000,
    cum_units=2200,
    cum_weight_g=11_000_000,
    grade_list_hash=GRADES,
    root=ROOT,
)
SIGNER = KeyPair.from_secret(1, SEED)


def test_the_payload_is_the_one_assembled_by_hand() -> None:
    assert encode_manifest(MANIFEST) == PAYLOAD
    assert parse_manifest(PAYLOAD) == MANIFEST


def test_the_signature_is_the_one_assembled_by_hand() -> None:
    protected = bytes.fromhex("a2" + "0132" + "045820" + ISSUER.hex())  # {1: -19, 4: kid}
    to_be_signed = (
        bytes.fromhex("846a") + b"Signature1" + b"\x58\x26" + protected + b"\x53" + b"tracelib/manifest/1"
        + b"\x58" + bytes([len(PAYLOAD)]) + PAYLOAD
    )  # fmt: skip
    signature = Ed25519PrivateKey.from_private_bytes(SEED).sign(to_be_signed)
    raw = b"\x84\x58\x26" + protected + b"\xa0\x58" + bytes([len(PAYLOAD)]) + PAYLOAD + b"\x58\x40" + signature
    signed = sign_manifest(SIGNER, MANIFEST)
    assert len(PAYLOAD) < 256  # one length byte above
    assert signed.raw == raw
    assert signed.hash == hashlib.sha256(raw).digest()
    assert decode_manifest(raw, SIGNER.public) == signed


def test_null_stands_for_what_a_pallet_with_sscc_lacks() -> None:
    units = replace(MANIFEST, product=None, lot=None, grade_list_hash=None, attrs=3, weight_g=0)
    pallets = replace(units, prefix=None, first=10**16, count=10)  # SSCC 01 00000000000000 0 and the nine after it
    payload = encode_manifest(pallets)
    assert bytes.fromhex("05f606f607f6081b002386f26fc10000090a") in payload  # null is f6, 1b has 8 bytes
    assert parse_manifest(payload) == pallets


def test_a_suite_2_key_signs_and_verifies() -> None:
    signer = KeyPair.from_secret(2, (7).to_bytes(32, "big"))
    signed = sign_manifest(signer, replace(MANIFEST, issuer=signer.public.hash))
    assert decode_manifest(signed.raw, signer.public) == signed


@pytest.mark.parametrize(
    "changes",
    [
        {"seq": 0},
        {"seq": True},
        {"seq": 1},  # with a previous one
        {"previous": None},  # without one at seq 3
        {"previous": b"short"},
        {"issuer": ISSUER.hex()},
        {"party": "gnqc"},
        {"party": None},
        {"product": "NAVEL-5KG"},
        {"product": "P/"},
        {"product": "06901234567893"},  # wrong check digit
        {"product": "6901234567892"},  # 13 digits
        {"product": None},  # with a lot
        {"lot": None},
        {"lot": "a"},
        {"prefix": "7K3"},
        {"prefix": "7K3I"},
        {"prefix": None},  # a product without serials
        {"first": -1},
        {"first": 2**50 - 1199},
        {"count": 0},
        {"day": 65536},
        {"attrs": 1 << 24},
        {"weight_g": 6_000_001},
        {"cum_units": 1199},
        {"cum_weight_g": 5_999_999},
        {"grade_list_hash": None},
        {"root": b""},
        {"first": 1000.0},
    ],
)
def test_contradictions_are_neither_written_nor_read(changes: dict[str, object]) -> None:
    with pytest.raises(ManifestFormatError):
        encode_manifest(replace(MANIFEST, **changes))  # type: ignore[arg-type]  # wrong on purpose


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\xa0",
        PAYLOAD[:-1],
        PAYLOAD + b"\x00",
        PAYLOAD.replace(b"\x02\x03", b"\x02\x18\x03", 1),  # seq 3 in two bytes
        b"\xb1" + PAYLOAD[1:] + b"\x11\x00",  # a key more
        b"\xaf" + PAYLOAD[1:-35],  # a key less
        bytes(3000),
    ],
)
def test_only_the_one_encoding_is_read(payload: bytes) -> None:
    with pytest.raises(ManifestFormatError):
        parse_manifest(payload)


def test_a_manifest_is_signed_by_the_key_it_names() -> None:
    other = KeyPair.from_secret(1, bytes(32))
    with pytest.raises(ManifestFormatError):
        sign_manifest(other, MANIFEST)
    for raw in (sign1(other, LABEL, PAYLOAD), sign1(SIGNER, b"tracelib/code/1", PAYLOAD)):
        with pytest.raises(ManifestSignatureError):
            decode_manifest(raw, SIGNER.public)
    with pytest.raises(ManifestSignatureError, match="another issuer"):
        decode_manifest(sign1(other, LABEL, PAYLOAD), other.public)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 255))
def test_every_changed_byte_is_noticed(position: int, change: int) -> None:
    raw = bytearray(sign_manifest(SIGNER, MANIFEST).raw)
    raw[position % len(raw)] ^= change
    with pytest.raises((ManifestFormatError, ManifestSignatureError)):
        decode_manifest(bytes(raw), SIGNER.public)


def first() -> SignedManifest:
    start = replace(MANIFEST, seq=1, previous=None, first=0, count=1000, weight_g=5_000_000)
    return sign_manifest(SIGNER, replace(start, cum_units=1000, cum_weight_g=5_000_000))


def second(**changes: object) -> Manifest:
    following = replace(MANIFEST, seq=2, previous=first().hash)
    return replace(following, **changes)  # type: ignore[arg-type]  # of several types


def test_a_manifest_follows_the_one_before() -> None:
    check_sequence(None, first().manifest)
    check_sequence(first(), second())


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("seq", {"seq": 3}),
        ("seq", {"seq": 1, "previous": None}),
        ("previous", {"previous": b"\x00" * 32}),
        ("issuer", {"issuer": b"\x00" * 32}),
        ("party", {"party": "WZBH"}),
        ("cum_units", {"cum_units": 2199}),
        ("cum_weight_g", {"cum_weight_g": 11_000_001}),
        ("first", {"first": 999}),
    ],
)
def test_a_manifest_that_does_not_follow_is_named(field: str, changes: dict[str, object]) -> None:
    with pytest.raises(ManifestSequenceError) as caught:
        check_sequence(first(), second(**changes))
    assert caught.value.params["field"] == field


def test_counters_may_go_back_to_a_window_that_was_not_used() -> None:
    later = replace(first().manifest, first=5000)
    check_sequence(replace(first(), manifest=later), second(first=3800))
    with pytest.raises(ManifestSequenceError):
        check_sequence(replace(first(), manifest=later), second(first=3801))


def test_running_totals_add_serials_and_leave_sscc_out() -> None:
    assert running_totals(None, "7K3D", 10, 500) == (10, 500)
    assert running_totals(first().manifest, "7K3D", 1200, 6_000_000) == (2200, 11_000_000)
    assert running_totals(first().manifest, None, 7, 0) == (1000, 5_000_000)
