"""The public catalogue, signed: COSE_Sign1 with external_aad ``tracelib/catalogue/1`` over its deterministic JSON."""

import json
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, cast

from tracelib.clock import CHINA
from tracelib.publish.document import FORMAT, as_bytes
from tracelib.publish.errors import CatalogueFormatError, CatalogueKeyError
from tracelib.trust import cose
from tracelib.trust.chain import is_line
from tracelib.trust.errors import CborError
from tracelib.trust.keyring import KeyRing, TrustedKey
from tracelib.trust.keys import Signer

LABEL = b"tracelib/catalogue/1"
LARGEST = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class SignedCatalogue:
    """A catalogue whose signature and chain hold: who signed it, for which day, and what it says."""

    key: TrustedKey
    day: date
    payload: bytes
    content: dict[str, Any]


def sign_catalogue(signer: Signer, payload: bytes) -> bytes:
    """The signed catalogue."""
    return cose.sign1(signer, LABEL, payload)


def open_catalogue(raw: bytes, ring: KeyRing, now: datetime, name: str = "catalogue.cose") -> SignedCatalogue:
    """Check a signed catalogue. Its day must be one on which the key, and every key above it, was valid; a day later
    than tomorrow counts for nothing, nor does the word of a line key or of a key that was revoked.

    Raises:
        CatalogueFormatError: no signed catalogue of this version.
        SignatureError: it was changed, or signed for another purpose.
        CatalogueKeyError: the key is not trusted, or was not on that day.
    """
    try:
        message = cose.read_sign1(raw, largest=LARGEST)
    except CborError:
        raise CatalogueFormatError(file=name, reason="it is no COSE_Sign1") from None
    key = ring.key(message.kid)
    content = _content(message.payload, name)
    day = _day(content, name)
    if key is None:
        raise CatalogueKeyError(day=day, reason="no key that is trusted here signed it; a newer bundle may know it")
    payload = cose.verify1(raw, LABEL, key.public, "catalogue", largest=LARGEST)
    reason = refusal(key, day, now)
    if reason:
        raise CatalogueKeyError(day=day, reason=reason)
    return SignedCatalogue(key, day, payload, content)


def _content(payload: bytes, name: str) -> dict[str, Any]:
    """The JSON of a payload, which must be in its one spelling."""
    try:
        content = json.loads(payload)
        good = isinstance(content, dict) and content.get("format") == FORMAT and as_bytes(content) == payload
    except (ValueError, RecursionError):
        good = False
    if not good:
        raise CatalogueFormatError(file=name, reason="another format, or not in its one spelling")
    return cast(dict[str, Any], content)


def _day(content: dict[str, Any], name: str) -> date:
    try:
        return date.fromisoformat(content["day"])
    except (KeyError, TypeError, ValueError):
        raise CatalogueFormatError(file=name, reason="it has no day") from None


def refusal(key: TrustedKey, day: date, now: datetime) -> str | None:
    """Why a key's word for the catalogue of a day does not count; None where it does."""
    begins = datetime.combine(day, time(), CHINA)
    first_s, last_s = int(begins.timestamp()), int((begins + timedelta(days=1)).timestamp()) - 1
    if day > now.astimezone(CHINA).date() + timedelta(days=1):
        return "its day has not come"
    if is_line(key.delegation, len(key.delegations)):
        return "a line key signed it, which speaks for no catalogue"
    for delegation in key.delegations:
        if last_s < delegation.not_before or first_s > delegation.not_after:
            return "the key, or one above it, was not valid on that day"
    for revocation in key.revocations:
        if revocation.whole_key and not revocation.is_recall:
            return "the key, or one above it, was revoked"
    return None
