"""Revocations: a key, a batch or a range of codes no longer counts, since when, and why.

COSE_Sign1 (external_aad ``tracelib/revocation/1``) over a deterministic CBOR map, by the key itself or one above it:
1 root (16 bytes), 2 key hash (32 bytes), 3 product key, 4 lot, 5 first serial, 6 last serial, 7 day, 8 reason, 9 time
of issue (seconds since 1970). A whole key: none of 3 to 6. A batch: 3 and 4. A range of serials, both ends included, in
the order of their characters: 5 and 6.
"""

import hashlib
import json
import re
from collections.abc import Set
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from tracelib.identifiers.own_number import OWN_NUMBER_PATTERN
from tracelib.trust import cbor, cose
from tracelib.trust.delegation import PRODUCT_KEY
from tracelib.trust.errors import CborError, RevocationFormatError
from tracelib.trust.keys import PublicKey, Signer
from tracelib.trust.plain_text import LAST_SECOND

T = TypeVar("T")

LABEL = b"tracelib/revocation/1"
FILE_FORMAT = "tracelib-revocation/1"
LARGEST = 4096
LAST_DAY = 0xFFFF


class Reason(StrEnum):
    """Why (docs/code-format.md, "Root, keys, delegations")."""

    STOLEN = "stolen"
    """Only codes in manifests registered before count."""
    QUOTA = "quota"
    """As stolen."""
    SUPERSEDED = "superseded"
    """A newer key or label took its place; acts as stolen."""
    RECALL = "recall"
    """The signature stays good; the goods are called back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revocation:
    """What is revoked. ``day`` counts from 2020-01-01 as in codes; the serials ``first`` and ``last`` are included."""

    root: bytes
    key_hash: bytes
    day: int
    reason: Reason
    issued_at: int
    product: str | None = None
    lot: str | None = None
    first: str | None = None
    last: str | None = None

    def __post_init__(self) -> None:
        if len(self.root) != 16 or len(self.key_hash) != 32:
            raise RevocationFormatError(reason="root has 16 bytes and a key hash 32")
        if not 0 <= self.day <= LAST_DAY or not 0 <= self.issued_at < LAST_SECOND:
            raise RevocationFormatError(reason="the day is out of range")
        if (self.product is None) != (self.lot is None) or (self.first is None) != (self.last is None):
            raise RevocationFormatError(reason="a batch needs product and lot, a range its first and last serial")
        if self.lot is not None and self.first is not None:
            raise RevocationFormatError(reason="a batch and a range at once")
        if self.product is not None and not PRODUCT_KEY.fullmatch(self.product):
            raise RevocationFormatError(reason="a product is a GTIN of 14 digits, or P/ and its own number")
        if self.lot is not None and not re.fullmatch(OWN_NUMBER_PATTERN, self.lot):
            raise RevocationFormatError(reason="the lot is none")
        if self.first is not None and not _is_range(self.first, self.last or ""):
            raise RevocationFormatError(reason="a range is two serials of 15 characters, the first not behind the last")

    @property
    def whole_key(self) -> bool:
        """Whether the key itself is revoked, not one batch or range."""
        return self.lot is None and self.first is None

    @property
    def is_recall(self) -> bool:
        """Whether the goods are called back while the signature stays good."""
        return self.reason is Reason.RECALL

    def concerns(self, chain: Set[bytes], product_key: str | None, lot: str | None, serial: str | None) -> bool:
        """Whether a code is meant: its chain of key hashes holds the key, and batch or serial fit."""
        if self.key_hash not in chain:
            return False
        if self.lot is not None:
            return (product_key, lot) == (self.product, self.lot)
        if self.first is not None and self.last is not None:
            return serial is not None and self.first <= serial <= self.last
        return True


@dataclass(frozen=True, slots=True)
class SignedRevocation:
    """A revocation with the bytes that were signed; ``signer`` is the full hash of the key that signed."""

    claims: Revocation
    signer: bytes
    raw: bytes
    hash: bytes

    def verify(self, signer: PublicKey) -> None:
        """Check the signature by ``signer``; SignatureError where it does not hold."""
        cose.verify1(self.raw, LABEL, signer, "revocation", largest=LARGEST)


def sign_revocation(signer: Signer, claims: Revocation) -> SignedRevocation:
    """Sign a revocation; whether ``signer`` may is judged where the chain is known."""
    raw = cose.sign1(signer, LABEL, cbor.encode(_as_map(claims)))
    return SignedRevocation(claims, signer.public.hash, raw, hashlib.sha256(raw).digest())


def decode_revocation(raw: bytes) -> SignedRevocation:
    """Read a revocation. Raises CborError or RevocationFormatError; verifies nothing."""
    message = cose.read_sign1(raw, largest=LARGEST)
    claims = _from_map(cbor.decode(message.payload, largest=LARGEST))
    return SignedRevocation(claims, message.kid, raw, hashlib.sha256(raw).digest())


def revocation_as_text(signed: SignedRevocation) -> str:
    """A file with one revocation, to be handed on between bundles."""
    return json.dumps({"format": FILE_FORMAT, "revocation": signed.raw.hex()}, indent=1) + "\n"


def parse_revocation(text: str) -> SignedRevocation:
    """Read a file of one revocation; verifies nothing. RevocationFormatError, or what its part raises."""
    try:
        value = json.loads(text)
        if isinstance(value, dict) and value.get("format") == FILE_FORMAT:
            return decode_revocation(bytes.fromhex(str(value.get("revocation"))))
    except (ValueError, RecursionError):
        pass
    raise RevocationFormatError(reason="this is no revocation file of ours")


_OPTIONAL = {3: "product", 4: "lot", 5: "first", 6: "last"}
_SERIAL = re.compile("[0-9A-HJKMNP-TV-Z]{15}")


def _is_range(first: str, last: str) -> bool:
    return all(map(_SERIAL.fullmatch, (first, last))) and first <= last


def _as_map(r: Revocation) -> dict[int, object]:
    required: dict[int, object] = {1: r.root, 2: r.key_hash, 7: r.day, 8: str(r.reason), 9: r.issued_at}
    given = {key: getattr(r, name) for key, name in _OPTIONAL.items()}
    return required | {key: value for key, value in given.items() if value is not None}


def _from_map(value: object) -> Revocation:
    match value:
        case {
            1: bytes() as root,
            2: bytes() as key_hash,
            7: int() as day,
            8: ("stolen" | "quota" | "superseded" | "recall") as reason,
            9: int() as issued_at,
            **rest,
        } if set(rest) <= set(_OPTIONAL) and None not in rest.values():
            return Revocation(
                root=root,
                key_hash=key_hash,
                day=day,
                reason=Reason(reason),
                issued_at=issued_at,
                product=_typed(rest.get(3), str),
                lot=_typed(rest.get(4), str),
                first=_typed(rest.get(5), str),
                last=_typed(rest.get(6), str),
            )
    raise CborError(reason="not a revocation")


def _typed(value: object, kind: type[T]) -> T | None:
    if value is None:
        return None
    if not isinstance(value, kind):
        raise CborError(reason="a field of the revocation has another type")
    return value
