"""Making codes one at a time, and the bytes that are signed.

What is signed is a COSE ``Sig_structure`` (RFC 9052, 4.4) in deterministic CBOR, rebuilt from the URL by the verifier
and never printed: ``["Signature1", {1: alg, 4: kid}, 'tracelib/code/1', payload]``. It is put together by hand, because
a verifier does this for every code; tests hold it equal to ``tracelib.trust.cose.sig_structure``.
"""

import hashlib
import hmac
from functools import lru_cache
from typing import Protocol

from tracelib.codes.blob import Blob
from tracelib.codes.record import CodeRecord, payload_around
from tracelib.codes.serial import SERIAL_LENGTH
from tracelib.codes.url import as_url

CODE_LABEL = b"tracelib/code/1"
LEAF_LABEL = b"tracelib/leaf/1"
_SALT_LENGTH = 16
_ALG = {1: b"\x32", 2: b"\x28"}
"""COSE algorithms in CBOR: suite 1 Ed25519 (-19), suite 2 ESP256 (-9). RFC 9864."""


class PublicHalf(Protocol):
    """What a code needs to know of a public key; ``tracelib.trust.keys.PublicKey`` is one."""

    @property
    def suite(self) -> int:
        """1 Ed25519, 2 P-256."""
        ...

    @property
    def key_id(self) -> bytes:
        """First 5 bytes of SHA-256 of the raw public key."""
        ...


class CodeSigner(Protocol):
    """Who signs codes; ``tracelib.trust.keys.Signer`` is one."""

    @property
    def public(self) -> PublicHalf:
        """The public half."""
        ...

    def sign(self, message: bytes) -> bytes:
        """64 bytes; for suite 2 r ‖ s with a deterministic nonce and a low s."""
        ...


def signed_bytes(suite: int, key_id: bytes, record: CodeRecord) -> bytes:
    """The Sig_structure for a code: what suite 1 or 2 signs with the key of this id."""
    gtin, product, _, lot, serial, day, weight_10g, grade, level = record
    if serial is None:
        payload = record.payload()
        return _head(suite, key_id, len(payload)) + payload
    before, after = _around(suite, key_id, gtin, product, lot, day, weight_10g << 8 | grade << 4 | level)
    return before + serial.encode() + after


@lru_cache(maxsize=4096)
def _around(  # noqa: PLR0917 - what the codes of a batch have in common, as a key of the cache
    suite: int, key_id: bytes, gtin: str | None, product: str | None, lot: str | None, day: int, attrs: int
) -> tuple[bytes, bytes]:
    """What is signed before and after the serial: the same for all codes of a batch."""
    before, after = payload_around(gtin, product, lot, day, attrs)
    return _head(suite, key_id, len(before) + SERIAL_LENGTH + len(after)) + before, after


def _head(suite: int, key_id: bytes, length: int) -> bytes:
    """Everything before a payload of ``length`` bytes, which are fewer than 256."""
    protected = b"\xa2\x01" + _ALG[suite] + b"\x04\x45" + key_id
    size = bytes((0x58, length)) if length > 23 else bytes((0x40 + length,))
    return b"\x84\x6aSignature1\x4a" + protected + b"\x4f" + CODE_LABEL + size


def sign_code(signer: CodeSigner, record: CodeRecord, host: str, path: str = "") -> str:
    """The URL of one signed code. For many codes of one range see :mod:`tracelib.codes.bulk`.

    Raises CodeFieldError for a host, path or level that is never written, CodeTooLongError above 210 characters.
    """
    suite, key_id = signer.public.suite, signer.public.key_id
    signature = signer.sign(signed_bytes(suite, key_id, record))
    blob = Blob(int(suite), key_id, record.day, record.weight_10g, record.grade, record.level, signature)
    return as_url(record, blob, host, path)


def leaf_hash(batch_key: bytes, counter: int, payload: bytes) -> bytes:
    """The leaf of one code in its manifest's Merkle tree (RFC 9162, 2.1.1).

    SHA-256(0x00 ‖ SHA-256(``tracelib/leaf/1`` ‖ salt ‖ payload)); salt = first 16 bytes of HMAC-SHA256(batch key,
    counter as 8 bytes, big endian). For an SSCC the counter is its first 17 digits.
    """
    salt = hmac.digest(batch_key, counter.to_bytes(8, "big"), "sha256")[:_SALT_LENGTH]
    inner = hashlib.sha256(LEAF_LABEL + salt + payload).digest()
    return hashlib.sha256(b"\x00" + inner).digest()
