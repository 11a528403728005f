"""Key pairs and public keys: what verifies, what never may, against Wycheproof, RFC 8032 and RFC 6979."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracelib.trust.errors import KeyFormatError, SuiteError
from tracelib.trust.keys import P256_ORDER, KeyPair, PublicKey, Suite

P25519 = 2**255 - 19


def groups(folder: Path, name: str, expected: int) -> list[dict[str, Any]]:
    data = json.loads((folder / "crypto" / name).read_text(encoding="utf-8"))
    assert data["numberOfTests"] == expected == sum(len(group["tests"]) for group in data["testGroups"])
    found: list[dict[str, Any]] = data["testGroups"]
    return found


def test_wycheproof_ed25519(conformance_data: Path) -> None:
    for group in groups(conformance_data, "ed25519_test.json", 151):
        key = PublicKey.from_raw(1, bytes.fromhex(group["publicKey"]["pk"]))
        for case in group["tests"]:
            holds = key.verify(bytes.fromhex(case["msg"]), bytes.fromhex(case["sig"]))
            assert holds == (case["result"] == "valid"), (case["tcId"], case["comment"])


def test_wycheproof_p256(conformance_data: Path) -> None:
    """Everything invalid is refused. Of what Wycheproof calls valid we refuse exactly the signatures with a high s:
    (r, n - s) is a second spelling of (r, s), and a code must have one spelling. Their number is fixed here so that
    nothing else is lost; with the low s in its place each of them verifies.
    """
    accepted = high = 0
    for group in groups(conformance_data, "ecdsa_secp256r1_sha256_p1363_test.json", 262):
        key = PublicKey.from_raw(2, bytes.fromhex(group["publicKey"]["uncompressed"]))
        for case in group["tests"]:
            message, signature = bytes.fromhex(case["msg"]), bytes.fromhex(case["sig"])
            holds = key.verify(message, signature)
            s = int.from_bytes(signature[32:], "big")
            if case["result"] == "valid" and s > P256_ORDER // 2:
                high += 1
                assert not holds, case["tcId"]
                assert key.verify(message, signature[:32] + (P256_ORDER - s).to_bytes(32, "big")), case["tcId"]
            else:
                accepted += holds
                assert holds == (case["result"] == "valid"), (case["tcId"], case["comment"])
    assert (accepted, high) == (ACCEPTED, HIGH)


ACCEPTED, HIGH = 103, 70


def test_rfc_8032_test_2() -> None:
    secret = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
    pair = KeyPair.from_secret(Suite.ED25519, secret)
    assert pair.public.raw.hex() == "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    assert pair.sign(b"\x72").hex() == (
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )


def test_rfc_6979_a_2_5_sample() -> None:
    """The nonce is that of the RFC, whose s is high: ours is n - s."""
    secret = bytes.fromhex("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721")
    signature = KeyPair.from_secret(Suite.P256, secret).sign(b"sample")
    r = "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
    s = 0xF7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8
    assert signature.hex() == r + f"{P256_ORDER - s:064x}"


SMALL_ORDER = (
    "0100000000000000000000000000000000000000000000000000000000000000",  # order 1
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",  # order 2
    "0000000000000000000000000000000000000000000000000000000000000000",  # order 4
    "0000000000000000000000000000000000000000000000000000000000000080",  # order 4
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",  # order 8
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",  # order 8
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",  # order 8
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",  # order 8
)


@pytest.mark.parametrize("raw", SMALL_ORDER)
def test_small_order_key_for_which_anybody_can_sign(raw: str) -> None:
    with pytest.raises(KeyFormatError, match="small order"):
        PublicKey.from_raw(1, bytes.fromhex(raw))


SECOND_SPELLINGS = [
    *((P25519 + y | sign << 255).to_bytes(32, "little") for y in range(19) for sign in (0, 1)),
    (1 | 1 << 255).to_bytes(32, "little"),  # x is 0 and says it is odd
    (P25519 - 1 | 1 << 255).to_bytes(32, "little"),
]


def test_second_spelling_of_a_key() -> None:
    assert len(SECOND_SPELLINGS) == 40
    for raw in SECOND_SPELLINGS:
        with pytest.raises(KeyFormatError):
            PublicKey.from_raw(1, raw)


def test_half_of_all_y_are_off_the_curve() -> None:
    """y = 2, 5 and 7 have no x (Euler's criterion, computed by hand with pow); y = 3, 4 and 6 have."""
    for y, there in ((2, False), (7, False), (8, False), (3, True), (4, True), (6, True)):
        x_squared = (y * y - 1) * pow(-121665 * pow(121666, -1, P25519) * y * y + 1, -1, P25519) % P25519
        assert (pow(x_squared, (P25519 - 1) // 2, P25519) == 1) is there, y
        raw = y.to_bytes(32, "little")
        if there:
            assert PublicKey.from_raw(1, raw).raw == raw
        else:
            with pytest.raises(KeyFormatError, match="not a point"):
                PublicKey.from_raw(1, raw)


def test_p256_key_off_the_curve_infinite_compressed_or_hybrid() -> None:
    good = KeyPair.from_secret(2, (7).to_bytes(32, "big")).public.raw
    off = good[:-1] + bytes([good[-1] ^ 1])
    hybrid = bytes([6 + (good[-1] & 1)]) + good[1:]
    for raw in (
        off,
        b"\x00",
        bytes([2 + (good[-1] & 1)]) + good[1:33],
        hybrid,
        good + b"\x00",
        b"\x04" + bytes(64),
        b"",
    ):
        with pytest.raises(KeyFormatError):
            PublicKey.from_raw(2, raw)


@pytest.mark.parametrize("suite", [0, 3, 4, 15, -1])
def test_reserved_and_unknown_suites(suite: int) -> None:
    with pytest.raises(SuiteError):
        PublicKey.from_raw(suite, bytes(32))
    with pytest.raises(SuiteError):
        KeyPair.generate(suite)
    with pytest.raises(SuiteError):
        KeyPair.from_secret(suite, b"\x01" * 32)


@pytest.mark.parametrize("secret", [b"", bytes(31), bytes(33), bytes(32), P256_ORDER.to_bytes(32, "big")])
def test_secrets_that_are_none(secret: bytes) -> None:
    with pytest.raises(KeyFormatError):
        KeyPair.from_secret(2, secret)
    if len(secret) != 32:
        with pytest.raises(KeyFormatError):
            KeyPair.from_secret(1, secret)


@given(st.sampled_from([1, 2]), st.binary(min_size=1, max_size=64), st.integers(0, 511), st.data())
@settings(max_examples=40, deadline=None)
def test_no_bit_of_message_or_signature_may_change(suite: int, message: bytes, bit: int, data: st.DataObject) -> None:
    pair = KeyPair.generate(suite)
    signature = pair.sign(message)
    assert len(signature) == 64
    assert signature == KeyPair.from_secret(suite, pair.secret).sign(message)
    assert pair.public.verify(message, signature)
    turned = bytearray(signature)
    turned[bit // 8] ^= 1 << bit % 8
    assert not pair.public.verify(message, bytes(turned))
    index = data.draw(st.integers(0, len(message) * 8 - 1))
    other = bytearray(message)
    other[index // 8] ^= 1 << index % 8
    assert not pair.public.verify(bytes(other), signature)
    for wrong in (b"", signature[:-1], signature + b"\x00", bytes(64)):
        assert not pair.public.verify(message, wrong)


def test_the_high_s_is_the_same_signature_and_refused() -> None:
    pair = KeyPair.from_secret(2, (7).to_bytes(32, "big"))
    for number in range(16):
        message = bytes([number])
        signature = pair.sign(message)
        s = int.from_bytes(signature[32:], "big")
        assert 0 < s <= P256_ORDER // 2
        assert not pair.public.verify(message, signature[:32] + (P256_ORDER - s).to_bytes(32, "big"))


def test_names_of_a_key() -> None:
    key = KeyPair.from_secret(1, bytes(range(32))).public
    assert key.hash == hashlib.sha256(key.raw).digest()
    assert key.key_id.hex() == "56475aa754"  # ../shared/data/codes/vectors.json


def test_a_secret_is_never_shown() -> None:
    for suite in (1, 2):
        pair = KeyPair.generate(suite)
        assert pair.secret.hex() not in repr(pair) + str(pair) + repr(vars(pair))
