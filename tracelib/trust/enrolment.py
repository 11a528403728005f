"""How a key comes under a delegation: request, grant, acceptance. Values and their files; no store, no prompts.

* A **request** proves that the asker holds the private key: COSE_Sign1 (external_aad ``tracelib/possession/1``) over
  deterministic CBOR [SHA-256 of the parent's key, own raw public key], so that it serves under one parent only.
* A **grant** carries the delegation, those above it, the root set, and the serial key K under a one-time passphrase.

Both are JSON files that people can look at and send by any way; what counts in them is signed or sealed.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from tracelib.trust import cbor, cose, envelope
from tracelib.trust.delegation import PartyName, SignedDelegation, decode_delegation
from tracelib.trust.errors import EnrolmentFormatError, SignatureError
from tracelib.trust.keys import PublicKey, Signer
from tracelib.trust.root import RootSet

POSSESSION_LABEL = b"tracelib/possession/1"
REQUEST_FORMAT = "tracelib-request/1"
GRANT_FORMAT = "tracelib-grant/1"
LARGEST = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Request:
    """Who asks for which key to be delegated, by which parent. ``parent`` is the full hash of the parent's key."""

    parent: bytes
    key: PublicKey
    party_id: str
    party: PartyName
    possession: bytes = field(repr=False)

    def verify(self) -> None:
        """Check the proof of possession; SignatureError where it does not hold for this parent and key."""
        payload = cose.verify1(self.possession, POSSESSION_LABEL, self.key, "proof of possession")
        if payload != cbor.encode([self.parent, self.key.raw]):
            raise SignatureError(what="proof of possession", reason="it was made for another parent or key")

    def as_text(self) -> str:
        """The request file."""
        body = {
            "format": REQUEST_FORMAT,
            "parent": self.parent.hex(),
            "suite": int(self.key.suite),
            "public": self.key.raw.hex(),
            "party": {"id": self.party_id, "zh": self.party.name_zh, "en": self.party.name_en, "uscc": self.party.uscc},
            "possession": self.possession.hex(),
        }
        return json.dumps(body, ensure_ascii=False, indent=1) + "\n"


def make_request(signer: Signer, parent: bytes, party_id: str, party: PartyName) -> Request:
    """A request by whoever holds the key, to the holder of the key with the full hash ``parent``."""
    payload = cbor.encode([parent, signer.public.raw])
    return Request(parent, signer.public, party_id, party, cose.sign1(signer, POSSESSION_LABEL, payload))


def parse_request(text: str) -> Request:
    """Read a request file and verify it. EnrolmentFormatError, KeyFormatError or SignatureError."""
    match _object(text, REQUEST_FORMAT):
        case {
            "parent": str() as parent,
            "suite": int() as suite,
            "public": str() as public,
            "party": {"id": str() as party_id, "zh": str() as zh, "en": str() as en, "uscc": (str() | None) as uscc},
            "possession": str() as possession,
        }:
            key = PublicKey.from_raw(suite, _hex(public))
            request = Request(_hex(parent), key, party_id, PartyName(zh, en, uscc), _hex(possession))
            request.verify()
            return request
    raise EnrolmentFormatError(what="request", reason="fields are missing")


@dataclass(frozen=True, slots=True)
class Grant:
    """What a parent gives: the delegation with those above it (the brand's first), the root set, and sealed K."""

    delegation: SignedDelegation
    above: tuple[SignedDelegation, ...]
    root_set: RootSet
    sealed_serial_key: str | None = field(default=None, repr=False)

    def serial_key(self, one_time_passphrase: bytes) -> bytes | None:
        """K, or None where the grant carries none. PassphraseError for a wrong passphrase."""
        if self.sealed_serial_key is None:
            return None
        return envelope.unseal(self.sealed_serial_key, one_time_passphrase, "the serial key in the grant")

    def as_text(self) -> str:
        """The grant file."""
        body = {
            "format": GRANT_FORMAT,
            "delegation": self.delegation.raw.hex(),
            "above": [item.raw.hex() for item in self.above],
            "root_set": self.root_set.encode().hex(),
            "serial_key": self.sealed_serial_key,
        }
        return json.dumps(body, indent=1) + "\n"


def make_grant(
    delegation: SignedDelegation,
    above: Sequence[SignedDelegation],
    root_set: RootSet,
    serial_key: bytes | None,
    one_time_passphrase: bytes,
) -> Grant:
    """A grant; ``serial_key`` is K for a delegation that signs serials."""
    sealed = envelope.seal(serial_key, one_time_passphrase, {"for": "serial key"}) if serial_key else None
    return Grant(delegation, tuple(above), root_set, sealed)


def parse_grant(text: str) -> Grant:
    """Read a grant file; nothing is verified yet. EnrolmentFormatError, or what its parts raise."""
    match _object(text, GRANT_FORMAT):
        case {
            "delegation": str() as raw,
            "above": list() as above,
            "root_set": str() as root_set,
            "serial_key": (str() | None) as sealed,
        }:
            chain = tuple(decode_delegation(_hex(item)) for item in above)
            return Grant(decode_delegation(_hex(raw)), chain, RootSet.decode(_hex(root_set)), sealed)
    raise EnrolmentFormatError(what="grant", reason="fields are missing")


def _object(text: str, expected: str) -> dict[str, object]:
    what = expected.removeprefix("tracelib-").removesuffix("/1")
    try:
        value = json.loads(text) if len(text) <= LARGEST else None
    except (ValueError, RecursionError):  # no JSON, or a number of more digits than Python reads
        value = None
    if not isinstance(value, dict) or value.get("format") != expected:
        raise EnrolmentFormatError(what=what, reason="its format is not {expected}", expected=expected)
    return value


def _hex(text: object) -> bytes:
    try:
        return bytes.fromhex(str(text))
    except ValueError:
        raise EnrolmentFormatError(what="file", reason="a field is not written in hex digits") from None
