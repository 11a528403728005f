"""COSE_Sign1 and COSE_Sign: RFC 9052 by hand, and signatures that must not pass for others."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracelib.trust import cose
from tracelib.trust.errors import CborError, SignatureError
from tracelib.trust.keys import KeyPair, PublicKey

LABELS = tuple(
    f"tracelib/{kind}/1".encode()
    for kind in (
        "code",
        "root",
        "delegation",
        "possession",
        "manifest",
        "revocation",
        "bundle",
        "catalogue",
        "event",
        "checkpoint",
    )
)
A, B, C = (KeyPair.from_secret(suite, bytes([suite]) * 31 + bytes([n])) for n, suite in enumerate((1, 2, 1), 1))


def test_sig_structure_by_hand() -> None:
    """The worked value of ../shared/data/codes/vectors.json, its parts written out."""
    payload = bytes.fromhex("a201020304")
    built = cose.sig_structure(-19, bytes.fromhex("56475aa754"), b"tracelib/code/1", payload)
    by_hand = "84" + "6a" + b"Signature1".hex() + "4a" + "a20132044556475aa754" + "4f" + b"tracelib/code/1".hex()
    assert built.hex() == by_hand + "45" + "a201020304"


def test_sig_structure_of_codes(conformance_data: Path) -> None:
    vectors = json.loads((conformance_data / "codes" / "vectors.json").read_text(encoding="utf-8"))
    key_ids = {1: vectors["kid"], 2: vectors["suite2"]["kid"]}
    assert len(vectors["codes"]) == 7
    for case in vectors["codes"]:
        alg = {1: -19, 2: -9}[case["suite"]]
        key_id, payload = bytes.fromhex(key_ids[case["suite"]]), bytes.fromhex(case["payload_cbor"])
        assert cose.sig_structure(alg, key_id, b"tracelib/code/1", payload).hex() == case["sig_structure"]


@pytest.mark.parametrize("signer", [A, B], ids=["suite 1", "suite 2"])
def test_sign1_as_any_cbor_library_sees_it(signer: KeyPair) -> None:
    raw = cose.sign1(signer, LABELS[2], b"payload")
    protected, unprotected, payload, signature = cbor2.loads(raw)
    assert cbor2.loads(protected) == {
        1: -19 if signer is A else -9,
        4: hashlib.sha256(signer.public.raw).digest(),
    }
    assert (unprotected, payload) == ({}, b"payload")
    signed = cbor2.dumps(["Signature1", protected, LABELS[2], b"payload"])
    assert signer.public.verify(signed, signature)
    assert cose.verify1(raw, LABELS[2], signer.public, "delegation") == b"payload"


def test_a_signature_of_one_kind_never_passes_as_another() -> None:
    for made in LABELS:
        raw = cose.sign1(A, made, b"payload")
        for asked in LABELS:
            if asked == made:
                assert cose.verify1(raw, asked, A.public, "object") == b"payload"
            else:
                with pytest.raises(SignatureError):
                    cose.verify1(raw, asked, A.public, "object")


def test_a_signature_of_one_is_none_of_several() -> None:
    """The context text ("Signature1" or "Signature") is signed too."""
    alone = cose.read_sign1(cose.sign1(A, LABELS[6], b"payload"))
    forged = cbor2.dumps([b"", {}, b"payload", [[cose.protected_header(alone.alg, alone.kid), {}, alone.signature]]])
    assert cose.count_signatures(forged, LABELS[6], [A.public]) == 0
    assert cose.count_signatures(cose.sign([A], LABELS[6], b"payload"), LABELS[6], [A.public]) == 1


def test_signed_by_another_key_that_claims_this_name() -> None:
    message = cose.read_sign1(cose.sign1(C, LABELS[2], b"payload"))
    forged = cbor2.dumps([cose.protected_header(-19, A.public.hash), {}, b"payload", message.signature])
    with pytest.raises(SignatureError):
        cose.verify1(forged, LABELS[2], A.public, "delegation")
    with pytest.raises(SignatureError):
        cose.verify1(cose.sign1(C, LABELS[2], b"payload"), LABELS[2], A.public, "delegation")


def test_the_algorithm_is_the_keys_own() -> None:
    """ESP256 said of an Ed25519 key, although the signature fits the structure with it."""
    structure = cose.sig_structure(-9, A.public.hash, LABELS[2], b"payload")
    forged = cbor2.dumps([cose.protected_header(-9, A.public.hash), {}, b"payload", A.sign(structure)])
    with pytest.raises(SignatureError):
        cose.verify1(forged, LABELS[2], A.public, "delegation")


def changed(change: Callable[[list[Any]], object]) -> bytes:
    parts = cbor2.loads(cose.sign1(A, LABELS[2], b"payload"))
    parts = list(parts)
    change(parts)
    return cbor2.dumps(parts)


BROKEN: dict[str, Callable[[list[Any]], object]] = {
    "no signature": lambda parts: parts.pop(),
    "one part more": lambda parts: parts.append(b""),
    "kid in the unprotected header": lambda parts: parts.__setitem__(1, {4: A.public.hash}),
    "critical header": lambda parts: parts.__setitem__(0, cbor2.dumps({1: -19, 2: [4], 4: A.public.hash})),
    "no kid": lambda parts: parts.__setitem__(0, cbor2.dumps({1: -19})),
    "empty protected header": lambda parts: parts.__setitem__(0, b""),
    "protected header not in bytes": lambda parts: parts.__setitem__(0, {1: -19, 4: A.public.hash}),
    "headers out of order": lambda parts: parts.__setitem__(
        0, b"\xa2\x04" + cbor2.dumps(A.public.hash) + b"\x01" + cbor2.dumps(-19)
    ),
    "detached payload": lambda parts: parts.__setitem__(2, None),
    "payload as text": lambda parts: parts.__setitem__(2, "payload"),
    "signature as a list": lambda parts: parts.__setitem__(3, [1]),
}


@pytest.mark.parametrize("name", BROKEN)
def test_not_a_sign1(name: str) -> None:
    with pytest.raises(CborError):
        cose.read_sign1(changed(BROKEN[name]))


def test_threshold_is_not_reached_by_one_key_twice() -> None:
    keys = [A.public, B.public, C.public]
    payload, parts = cbor2.loads(cose.sign([A], LABELS[6], b"payload"))[2:]
    assert cose.count_signatures(cbor2.dumps([b"", {}, payload, [*parts, *parts]]), LABELS[6], keys) == 1
    assert cose.count_signatures(cose.sign([A, A], LABELS[6], b"payload"), LABELS[6], keys) == 1


def test_unknown_and_bad_signatures_neither_count_nor_spoil() -> None:
    raw = cose.sign([A, B], LABELS[6], b"payload")
    assert cose.count_signatures(raw, LABELS[6], [A.public, B.public, C.public]) == 2
    assert cose.count_signatures(raw, LABELS[6], [A.public, C.public]) == 1
    assert cose.count_signatures(raw, LABELS[6], [C.public]) == 0
    array, header, payload, parts = cbor2.loads(raw)
    spoiled = [[parts[0][0], {}, bytes(64)], *parts]
    assert cose.count_signatures(cbor2.dumps([array, header, payload, spoiled]), LABELS[6], [A.public, B.public]) == 2


def test_signatures_do_not_depend_on_the_order_of_signers() -> None:
    assert cose.sign([A, B, C], LABELS[6], b"payload") == cose.sign([C, A, B], LABELS[6], b"payload")


@pytest.mark.parametrize("count", [0, cose.MOST_SIGNATURES + 1])
def test_no_signature_or_a_flood_of_them(count: int) -> None:
    part = cbor2.loads(cose.sign([A], LABELS[6], b"payload"))[3][0]
    with pytest.raises(CborError):
        cose.read_sign(cbor2.dumps([b"", {}, b"payload", [part] * count]))


def test_larger_than_allowed() -> None:
    raw = cose.sign1(A, LABELS[2], bytes(5000))
    with pytest.raises(CborError):
        cose.verify1(raw, LABELS[2], A.public, "revocation", largest=4096)


@given(st.binary(max_size=80), st.data())
@settings(max_examples=60, deadline=None)
def test_no_bit_of_a_signed_object_may_change(payload: bytes, data: st.DataObject) -> None:
    raw = bytearray(cose.sign1(A, LABELS[2], payload))
    bit = data.draw(st.integers(0, len(raw) * 8 - 1))
    raw[bit // 8] ^= 1 << bit % 8
    with pytest.raises((CborError, SignatureError)):
        cose.verify1(bytes(raw), LABELS[2], A.public, "object")


def test_a_key_is_known_by_its_full_hash() -> None:
    """Two keys with one 5-byte id are two keys: the header names the whole hash."""
    message = cose.read_sign1(cose.sign1(A, LABELS[2], b""))
    assert message.kid == A.public.hash
    assert len(message.kid) == 32
    assert PublicKey.from_raw(1, A.public.raw).hash == message.kid
