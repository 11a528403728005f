"""Revoke (吊销): a key, a batch or a range of serials no longer counts; a recall calls the goods back."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from tracelib.clock import day_number
from tracelib.errors import NotFoundError
from tracelib.trust.errors import ChainError
from tracelib.trust.keyring import KeyRing
from tracelib.trust.keystore import OpenKey
from tracelib.trust.revocation import Reason, Revocation, SignedRevocation, sign_revocation

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import UnitOfWork


class UnknownKeyError(NotFoundError):
    """A revocation of a key that nobody knows: a slip of the pen would revoke nothing."""

    code = "revoke.unknown_key"
    template = "No delegation known here names the key {key}: nothing was revoked. See: tracelib delegate list"


@dataclass(frozen=True, slots=True)
class Target:
    """What is revoked: the key with this full hash, or of its codes only a ``batch`` (product key, lot) or the range of
    ``serials`` (first, last).
    """

    key_hash: bytes
    batch: tuple[str, str] | None = None
    serials: tuple[str, str] | None = None


def revoke(
    uow: "UnitOfWork",
    ring: KeyRing,
    signer: OpenKey,
    target: Target,
    reason: Reason,
    *,
    now: datetime,
    day: int | None = None,
) -> SignedRevocation:
    """Sign a revocation and keep it in the store; the next bundle carries it.

    ``day`` counts as in codes, None for today. Raises UnknownKeyError; ChainError where ``signer`` is neither the key
    nor one above it; RevocationFormatError; KeyOfOtherRootError.
    """
    signer.info.require_root(ring.fingerprint)
    key = ring.key(target.key_hash)
    if key is None and target.key_hash not in {item.claims.key.hash for item in uow.trust.delegations()}:
        raise UnknownKeyError(key=target.key_hash.hex())
    own = signer.signer.public.hash
    above = {d.key.hash for d in key.delegations} if key else set()
    if own not in above | {root.hash for root in ring.root_set.keys}:
        raise ChainError(what="revocation", reason="only the key itself or one above it may sign it")
    product, lot = target.batch or (None, None)
    first, last = target.serials or (None, None)
    claims = Revocation(
        root=ring.root_set.root_id,
        key_hash=target.key_hash,
        day=day_number(now) if day is None else day,
        reason=reason,
        issued_at=int(now.timestamp()),
        product=product,
        lot=lot,
        first=first,
        last=last,
    )
    signed = sign_revocation(signer.signer, claims)
    uow.trust.add_revocation(signed, now)
    part = {name: value for name in ("product", "lot", "first", "last") if (value := getattr(claims, name)) is not None}
    party_id = key.delegation.subject if key else ""
    uow.changes.add("key.revoke", target.key_hash.hex(), now, party_id=party_id, reason=str(reason), detail=part)
    return signed
