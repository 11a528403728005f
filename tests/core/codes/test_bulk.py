"""Streams of codes against codes made one by one, and against the worked values."""

import functools
import hashlib
import multiprocessing
import os
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracelib.codes.bulk import CodeRange, code_stream, leaf_hashes, parallel_code_stream
from tracelib.codes.errors import CodeFieldError, CodeTooLongError, WorkerLostError
from tracelib.codes.serial import SerialCipher
from tracelib.codes.signing import leaf_hash, sign_code
from tracelib.codes.template import CodeTemplate, sscc_of
from tracelib.identifiers.sscc import Sscc
from tracelib.trust.keys import KeyPair, Suite
from tracelib.trust.serial_key import batch_key

SEED = bytes(range(32))
HOST = "q.example.com"
CIPHER = SerialCipher(bytes(range(32)), "7KQX")
TEMPLATES = [
    CodeTemplate(gtin="06901234567892", lot="26A0137", day=2506, weight_10g=500, grade=1),
    CodeTemplate(product="LILY-250G", lot="26B.1", day=0, weight_10g=25, grade=2, level=1),
    # a lot, and a product number, that read like the first serial of the range
    CodeTemplate(product=CIPHER.serial_of(7), lot=CIPHER.serial_of(7), day=65535, level=0),
    CodeTemplate(day=9071, level=3),  # 0x236f: the day's bytes look like the head of the serial
]
own_numbers = st.from_regex(r"\A[0-9A-Z]([0-9A-Z.-]{0,14}[0-9A-Z])?\Z")


def test_worked_codes_from_a_stream(vectors: dict[str, Any]) -> None:
    signer = KeyPair.from_secret(1, bytes.fromhex(vectors["private_seed"]))
    signer2 = KeyPair.from_secret(2, vectors["suite2"]["secret"].to_bytes(32, "big"))
    cipher = SerialCipher(bytes.fromhex(vectors["serials"]["k"]), vectors["serials"]["prefix"])
    for case, counter in zip(vectors["codes"], [1, 0, None, None, 999999, 999999, 1], strict=True):
        if counter is None:
            continue
        parts = case["path"].split("/")
        named = dict(zip(parts[::2], parts[1::2], strict=True))
        template = CodeTemplate(
            gtin=named.get("01"),
            product=named.get("P"),
            lot=named.get("10"),
            day=case["day"],
            weight_10g=case["weight_10g"],
            grade=case["grade"],
            level=case["level"],
        )
        key = signer if case["suite"] == 1 else signer2
        assert b"".join(code_stream(key, cipher, template, counter, 1, HOST)).decode() == case["url"] + "\n"
        assert sign_code(key, template.record(cipher.serial_of(counter)), HOST) == case["url"]


def test_worked_sscc_from_a_stream(vectors: dict[str, Any]) -> None:
    signer = KeyPair.from_secret(1, bytes.fromhex(vectors["private_seed"]))
    case = vectors["codes"][3]
    template = CodeTemplate(day=case["day"], level=3, with_sscc=True)
    made = b"".join(code_stream(signer, None, template, 6901234000000001, 1, HOST)).decode()
    assert made == case["url"] + "\n"


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def test_worked_leaves_and_root(vectors: dict[str, Any]) -> None:
    manifest = vectors["manifest"]
    k = bytes.fromhex(vectors["serials"]["k"])
    key = batch_key(k, manifest["seq"])
    assert key.hex() == manifest["batch_key"]
    first, last = manifest["counters"]
    template = CodeTemplate(gtin="06901234567892", lot="26A0137", day=2506, weight_10g=500, grade=1)
    cipher = SerialCipher(k, vectors["serials"]["prefix"])
    leaves = list(leaf_hashes(cipher, template, key, first, last - first + 1))
    assert [leaf.hex() for leaf in leaves] == manifest["leaves"]
    single = [leaf_hash(key, n, template.record(cipher.serial_of(n)).payload()) for n in range(first, last + 1)]
    assert single == leaves
    a, b, c, d, e = leaves
    assert node(node(node(a, b), node(c, d)), e).hex() == manifest["root"]


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("suite", [Suite.ED25519, Suite.P256])
def test_a_stream_equals_codes_made_one_by_one(template: CodeTemplate, suite: Suite) -> None:
    signer = KeyPair.from_secret(suite, SEED)
    made = b"".join(code_stream(signer, CIPHER, template, 7, 5, HOST, path="T/A26")).decode().splitlines()
    single = [sign_code(signer, template.record(CIPHER.serial_of(n)), HOST, "T/A26") for n in range(7, 12)]
    assert made == single
    leaves = list(leaf_hashes(CIPHER, template, SEED, 7, 5))
    assert leaves == [leaf_hash(SEED, n, template.record(CIPHER.serial_of(n)).payload()) for n in range(7, 12)]


@settings(max_examples=15, deadline=None)
@given(own_numbers, own_numbers, st.integers(0, 65535), st.integers(0, 65535), st.integers(0, 2**50 - 3))
def test_any_template(product: str, lot: str, day: int, weight: int, first: int) -> None:
    template = CodeTemplate(product=product, lot=lot, day=day, weight_10g=weight)
    signer = KeyPair.from_secret(1, SEED)
    made = b"".join(code_stream(signer, CIPHER, template, first, 2, HOST)).decode().splitlines()
    assert made == [sign_code(signer, template.record(CIPHER.serial_of(first + i)), HOST) for i in range(2)]


@given(st.integers(0, 10**17 - 4))
def test_sscc_ranges(first: int) -> None:
    codes = CodeRange(CodeTemplate(level=3, with_sscc=True), None, first, 3)
    made = [row.tobytes().decode() for row in codes.unit_ids()]
    assert made == [sscc_of(first + i) for i in range(3)]
    assert [Sscc.parse(text).value[:17] for text in made] == [f"{first + i:017d}" for i in range(3)]


def test_pieces_are_short_and_in_order() -> None:
    signer = KeyPair.from_secret(1, SEED)
    pieces = list(code_stream(signer, CIPHER, TEMPLATES[0], 0, 9000, HOST))
    assert len(pieces) == 3
    assert all(piece.endswith(b"\n") for piece in pieces)
    serials = [line[-15:].decode() for line in b"".join(pieces).splitlines()]
    assert serials == CIPHER.serials(0, 9000)
    assert list(code_stream(signer, CIPHER, TEMPLATES[0], 0, 0, HOST)) == []


def test_several_processes_give_the_same_bytes() -> None:
    make = functools.partial(KeyPair.from_secret, Suite.ED25519, SEED)
    codes = CodeRange(TEMPLATES[0], CIPHER, 5, 9001)
    alone = b"".join(code_stream(make(), CIPHER, TEMPLATES[0], 5, 9001, HOST))
    assert b"".join(parallel_code_stream(make, codes, HOST, processes=2)) == alone
    assert b"".join(parallel_code_stream(make, codes, HOST, processes=1)) == alone


def dies() -> KeyPair:
    """A signer for the parent process; a worker that asks for it is gone."""
    if multiprocessing.parent_process() is not None:
        os._exit(9)
    return KeyPair.from_secret(1, SEED)


def test_a_worker_that_is_killed_is_told() -> None:
    with pytest.raises(WorkerLostError):
        list(parallel_code_stream(dies, CodeRange(TEMPLATES[0], CIPHER, 0, 9000), HOST, processes=2))


def test_faults_are_known_before_the_first_piece() -> None:
    signer = KeyPair.from_secret(1, SEED)
    with pytest.raises(CodeTooLongError):
        code_stream(signer, CIPHER, TEMPLATES[0], 0, 1, "q" * 40 + ".example.com")
    with pytest.raises(CodeFieldError):
        code_stream(signer, CIPHER, TEMPLATES[0], 0, 1, "Q.example.com")
    with pytest.raises(CodeFieldError):
        parallel_code_stream(lambda: signer, CodeRange(TEMPLATES[0], CIPHER, 0, 9000), "Q.example.com")
    with pytest.raises(CodeFieldError):
        code_stream(signer, None, TEMPLATES[0], 0, 1, HOST)
    with pytest.raises(CodeFieldError):
        code_stream(signer, None, CodeTemplate(with_sscc=True, level=3), 10**17, 1, HOST)
    with pytest.raises(CodeFieldError):
        CodeTemplate(gtin="06901234567892", lot="A", level=4)
    with pytest.raises(CodeFieldError):
        CodeTemplate(gtin="06901234567892", lot="A", with_sscc=True)
