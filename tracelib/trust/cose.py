"""COSE signatures (RFC 9052) with one place for everything.

Protected header ``{1: alg, 4: kid}``, empty unprotected header, and the kind of object in ``external_aad``: a
signature of one kind never passes as another. Codes name their key by the 5-byte key id; every other object by the
full SHA-256. COSE_Sign1 is the untagged array ``[protected, {}, payload, signature]``; COSE_Sign is
``[h'', {}, payload, [[protected, {}, signature], …]]``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tracelib.trust import cbor
from tracelib.trust.errors import CborError, SignatureError
from tracelib.trust.keys import PublicKey, Signer

LARGEST_OBJECT = 1024 * 1024
MOST_SIGNATURES = 16


def protected_header(alg: int, kid: bytes) -> bytes:
    """The protected header: the COSE algorithm and the name of the key."""
    return cbor.encode({1: alg, 4: kid})


def sig_structure(alg: int, kid: bytes, label: bytes, payload: bytes) -> bytes:
    """The bytes that are signed for a single signature (RFC 9052, 4.4). ``label`` in full: ``b"tracelib/code/1"``."""
    return cbor.encode(["Signature1", protected_header(alg, kid), label, payload])


@dataclass(frozen=True, slots=True)
class Sign1:
    """A COSE_Sign1 that was read, not verified. ``kid`` is the full hash of the signing key."""

    alg: int
    kid: bytes
    payload: bytes
    signature: bytes


def sign1(signer: Signer, label: bytes, payload: bytes) -> bytes:
    """A COSE_Sign1 over ``payload``."""
    public = signer.public
    alg = public.suite.cose_alg
    signature = signer.sign(sig_structure(alg, public.hash, label, payload))
    return cbor.encode([protected_header(alg, public.hash), {}, payload, signature])


def read_sign1(raw: bytes, *, largest: int = LARGEST_OBJECT) -> Sign1:
    """Take a COSE_Sign1 apart; CborError where it is not one. Nothing is verified."""
    match cbor.decode(raw, largest=largest):
        case [bytes() as protected, dict() as unprotected, bytes() as payload, bytes() as signature] if not unprotected:
            alg, kid = _read_protected(protected)
            return Sign1(alg, kid, payload, signature)
    raise CborError(reason="not a COSE_Sign1")


def verify1(raw: bytes, label: bytes, public: PublicKey, what: str, *, largest: int = LARGEST_OBJECT) -> bytes:
    """The payload of a COSE_Sign1 by ``public``. SignatureError names ``what``; CborError where it is not one."""
    message = read_sign1(raw, largest=largest)
    if message.kid != public.hash or message.alg != public.suite.cose_alg:
        raise SignatureError(what=what, reason="it names another key")
    if not public.verify(sig_structure(message.alg, message.kid, label, message.payload), message.signature):
        raise SignatureError(what=what, reason="it was changed, or signed for another purpose or by another key")
    return message.payload


def sign(signers: Iterable[Signer], label: bytes, payload: bytes) -> bytes:
    """A COSE_Sign with one signature of each signer, ordered by key hash."""
    parts = [_signed_part(signer, label, payload) for signer in sorted(signers, key=lambda one: one.public.hash)]
    return cbor.encode([b"", {}, payload, [[protected, {}, signature] for protected, signature in parts]])


def add_signature(raw: bytes, label: bytes, signer: Signer, *, largest: int = cbor.LARGEST) -> bytes:
    """The same COSE_Sign with the signature of ``signer`` in place of what it may have held of that key."""
    payload, parts = read_sign(raw, largest=largest)
    by_key = {_read_protected(protected)[1]: (protected, signature) for protected, signature in parts}
    by_key[signer.public.hash] = _signed_part(signer, label, payload)
    ordered = [[protected, {}, signature] for _, (protected, signature) in sorted(by_key.items())]
    return cbor.encode([b"", {}, payload, ordered])


def read_sign(raw: bytes, *, largest: int = cbor.LARGEST) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    """(payload, [(protected, signature), …]) of a COSE_Sign; CborError where it is not one. Nothing is verified."""
    match cbor.decode(raw, largest=largest):
        case [b"", dict() as unprotected, bytes() as payload, list() as parts] if not unprotected:
            if not 0 < len(parts) <= MOST_SIGNATURES:
                raise CborError(reason="it must have 1 to 16 signatures")
            return payload, [_read_part(part) for part in parts]
    raise CborError(reason="not a COSE_Sign")


def count_signatures(raw: bytes, label: bytes, keys: Sequence[PublicKey], *, largest: int = cbor.LARGEST) -> int:
    """How many different keys of ``keys`` signed a COSE_Sign. A key counts once; unknown keys do not count."""
    payload, parts = read_sign(raw, largest=largest)
    by_hash = {key.hash: key for key in keys}
    good = set()
    for protected, signature in parts:
        alg, kid = _read_protected(protected)
        key = by_hash.get(kid)
        if key is None or alg != key.suite.cose_alg or kid in good:
            continue
        if key.verify(_many_structure(protected, label, payload), signature):
            good.add(kid)
    return len(good)


def _signed_part(signer: Signer, label: bytes, payload: bytes) -> tuple[bytes, bytes]:
    protected = protected_header(signer.public.suite.cose_alg, signer.public.hash)
    return protected, signer.sign(_many_structure(protected, label, payload))


def _many_structure(protected: bytes, label: bytes, payload: bytes) -> bytes:
    return cbor.encode(["Signature", b"", protected, label, payload])


def _read_part(part: object) -> tuple[bytes, bytes]:
    match part:
        case [bytes() as protected, dict() as unprotected, bytes() as signature] if not unprotected:
            return protected, signature
    raise CborError(reason="not a COSE_Signature")


def _read_protected(protected: bytes) -> tuple[int, bytes]:
    match cbor.decode(protected, largest=256):
        case {1: int() as alg, 4: bytes() as kid, **rest} if not rest:
            return alg, kid
    raise CborError(reason="the protected header must hold the algorithm and the key, and nothing else")
