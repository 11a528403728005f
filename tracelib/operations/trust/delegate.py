"""Delegate (授权委托): a parent grants, a holder accepts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from tracelib.errors import NotFoundError, RuleError
from tracelib.operations.trust.delegate_rules import Giver, Limits, SerialKeyMissingError, choose_claims
from tracelib.trust.bundle import Bundle
from tracelib.trust.chain import Chain, check_link
from tracelib.trust.delegation import Delegation, PartyName, SignedDelegation, sign_delegation
from tracelib.trust.enrolment import Grant, Request, make_grant
from tracelib.trust.errors import ChainError
from tracelib.trust.keyring import KeyRing
from tracelib.trust.keystore import OpenKey
from tracelib.trust.narrowing import check_sum
from tracelib.trust.root import RootSet
from tracelib.trust.serial_key import derive_serial_key, k_hash

if TYPE_CHECKING:
    from tracelib.store.counter_guard import CounterGuard
    from tracelib.store.unit_of_work import UnitOfWork


class KeyTakenError(RuleError):
    """The key stands in a delegation already, or another key has its id."""

    code = "delegate.key_taken"
    template = "The key {key} stands in a delegation already (of {holder}): make a new key for a new delegation."


class WrongParentError(RuleError):
    """A request that was made for another parent key."""

    code = "delegate.wrong_parent"
    template = "The request was made for the parent key {given}, and the key here is {expected}."


class DelegationUnknownError(NotFoundError):
    """The granting key has delegated no such key."""

    code = "delegate.unknown"
    template = "There is no delegation of the key {key} by this key here: tracelib delegate list"


class HolderDiffersError(RuleError):
    """The request names its party otherwise than the catalogue here."""

    code = "delegate.holder_differs"
    template = (
        "The request says that party {party} is «{given}», the catalogue here says «{expected}»: "
        "ask them by another way, and correct one of the two."
    )


@dataclass(frozen=True, slots=True)
class Granted:
    """What was granted: the delegation, those above it, the root set, and the serial key K where there is one.

    ``giver`` is the granting key's own delegation, None for a root key.
    """

    delegation: SignedDelegation
    above: tuple[SignedDelegation, ...]
    root_set: RootSet
    serial_key: bytes | None = field(repr=False)
    giver: Delegation | None = None

    def for_holder(self, one_time_passphrase: bytes) -> Grant:
        """The file for whoever holds the key: K sealed under a passphrase that is told by another way."""
        return make_grant(self.delegation, self.above, self.root_set, self.serial_key, one_time_passphrase)

    def for_others(self) -> Grant:
        """The file for everyone else, who verifies: without K."""
        return Grant(self.delegation, self.above, self.root_set)


def grant(
    uow: "UnitOfWork",
    ring: KeyRing,
    parent: OpenKey,
    request: Request,
    limits: Limits,
    *,
    guard: "CounterGuard",
    now: datetime,
) -> Granted:
    """Sign a delegation for the key in ``request`` and keep it in the store.

    Everything that a verifier would hold against it is tried before it is kept, but for this: below a root that needs
    several signatures it counts from the next bundle on. ``guard`` is held around the whole transaction; when it has
    committed, the caller calls ``record_grant``, and only then tells the one-time passphrase.

    Raises WrongParentError, KeyTakenError, HolderDiffersError, NothingToSignError, ChainError (the parent itself is not
    trusted, or too many levels or days), WidenedError (more than the parent may give), KeyOfOtherRootError, the guard's
    RestoredDatabaseError, GuardMissingError, KeyClosedError and GrantsLostError, and what ``choose_claims`` raises.
    """
    own_hash = parent.signer.public.hash
    parent.info.require_root(ring.fingerprint)
    if request.parent != own_hash:
        raise WrongParentError(given=request.parent.hex(), expected=own_hash.hex())
    guard.require_open(own_hash)
    known = uow.trust.delegations()
    chain = _chain_of(ring, own_hash, known)
    _refuse_known(ring, known, request)
    _compare_holder(uow, request)
    givers = {key.hash for key in ring.root_set.keys} if not chain else {own_hash}
    everyone = (*(item.claims for item in known), *(key.delegation for key in ring.keys().values()))
    siblings = [claims for claims in dict.fromkeys(everyone) if claims.issuer_hash in givers]
    giver = Giver(parent, ring.root_set.root_id, chain, siblings, _used_counters(uow, guard, chain, siblings))
    in_bundle = ring.bundle.delegations if ring.bundle else ()
    guard.check_children(own_hash, {item.hash for item in (*known, *in_bundle)})
    claims, serial_key = choose_claims(giver, request, limits, now)
    signed = sign_delegation(parent.signer, claims)
    check_link(signed, parent.signer.public, chain, ring.root_set)
    check_sum([*siblings, claims], chain[-1] if chain else None)
    uow.trust.add_delegation(signed, now)
    _note(uow, "delegate.grant", claims, now)
    above = {item.claims: item for item in known}
    known_above = tuple(above[one] for one in chain if one in above)
    return Granted(signed, known_above, ring.root_set, serial_key, giver.above)


def record_grant(guard: "CounterGuard", granted: Granted) -> None:
    """Note in the guard what the key granted, counters for a line key included; call it when the grant has committed.

    A database that comes back from before it is noticed then.
    """
    claims = granted.delegation.claims
    guard.record_child(claims.issuer_hash, granted.delegation.hash)
    giver = granted.giver
    if claims.counter_window is not None and giver is not None and giver.prefix == claims.prefix:
        guard.record_windows(*counter_of(giver), {claims.counter_window})


def counter_of(claims: Delegation) -> tuple[str, str, int]:
    """How the guard names the counters of a delegation: party, prefix, first counter of its window."""
    return claims.subject, claims.prefix or "", (claims.counter_window or (0, 0))[0]


def accept(uow: "UnitOfWork", granted: Grant, pinned: str, bundle: Bundle | None, now: datetime) -> Delegation:
    """Keep a grant whose chain leads to the pinned root, with what is there already: the bundle and the store's own.

    ForeignRootError, ChainError or whatever else the chain broke on.
    """
    claims = granted.delegation.claims
    chain = (*granted.above, granted.delegation)
    ring = KeyRing.build(bundle, pinned, (*uow.trust.delegations(), *chain), root_set=granted.root_set)
    key = ring.key(claims.key.hash)
    if key is None or key.delegation != claims:
        alone = KeyRing.build(bundle, pinned, chain, root_set=granted.root_set)
        faults = alone.faults or ring.faults
        raise faults[0] if faults else ChainError(what="delegation", reason="nobody above it is trusted")
    uow.trust.add_root(granted.root_set, now)
    for item in chain:
        uow.trust.add_delegation(item, now)
    _note(uow, "delegate.accept", claims, now)
    return claims


def grant_again(uow: "UnitOfWork", ring: KeyRing, parent: OpenKey, key_hash: bytes) -> Granted:
    """The grant for a key that ``parent`` delegated before, its serial key K made anew; nothing is signed.

    For whoever lost the key but must go on judging its codes. DelegationUnknownError, SerialKeyMissingError.
    """
    known = uow.trust.delegations()
    own_hash = parent.signer.public.hash
    found = [item for item in known if item.claims.issuer_hash == own_hash and item.claims.key.hash == key_hash]
    if not found:
        raise DelegationUnknownError(key=key_hash.hex())
    signed, claims = found[-1], found[-1].claims
    held = (derive_serial_key(parent.serial_secret, claims.cti), *parent.serial_keys.values())
    k = next((one for one in held if k_hash(one) == claims.k_hash), None)
    above = {item.claims: item for item in known}
    chain = _chain_of(ring, own_hash, known)
    known_above = tuple(above[one] for one in chain if one in above)
    return Granted(signed, known_above, ring.root_set, checked_serial_key(claims, k), chain[-1] if chain else None)


def checked_serial_key(claims: Delegation, k: bytes | None) -> bytes | None:
    """``k`` if it is the delegation's serial key, None where it needs none; SerialKeyMissingError otherwise."""
    if claims.k_hash is None:
        return None
    if k is None or k_hash(k) != claims.k_hash:
        raise SerialKeyMissingError()
    return k


def _note(uow: "UnitOfWork", verb: str, claims: Delegation, now: datetime) -> None:
    """Who gave, or took over, which delegation, and how much it allows."""
    detail = {"products": list(claims.products), "max_units": claims.max_units, "max_kg": claims.max_kg}
    uow.changes.add(verb, claims.key.hash.hex(), now, party_id=claims.subject, detail=detail)


def _chain_of(ring: KeyRing, key_hash: bytes, known: Sequence[SignedDelegation]) -> Chain:
    """The chain down to the granting key, empty for a root key. ChainError where it is not trusted."""
    if key_hash in {key.hash for key in ring.root_set.keys}:
        return ()
    trusted = ring.key(key_hash)
    if trusted is not None:
        if any(one.whole_key and not one.is_recall for one in trusted.revocations):
            raise ChainError(what="parent key", reason="it is revoked, or a key above it")
        return trusted.delegations
    if any(item.claims.key.hash == key_hash for item in known):
        raise ChainError(what="parent key", reason="its delegation counts only in a bundle: export or import one first")
    raise ChainError(what="parent key", reason="no delegation of this root names it")


def _refuse_known(ring: KeyRing, known: Sequence[SignedDelegation], request: Request) -> None:
    """KeyTakenError for a key, or a key id, that stands in a delegation already, whether that counts yet or not."""
    kept = [item.claims for item in known if item.claims.key.key_id == request.key.key_id]
    for claims in (*kept, *(key.delegation for key in ring.candidates(request.key.key_id))):
        raise KeyTakenError(key=request.key.key_id.hex(), holder=claims.subject)


def _compare_holder(uow: "UnitOfWork", request: Request) -> None:
    """HolderDiffersError where the catalogue here knows the party by another name or number.

    The proof of possession covers the key alone: who it is said to belong to may have been changed on the way.
    """
    party = uow.catalog.party(request.party_id)
    if party is None:
        return
    expected = PartyName(party.name_zh, party.name_en, party.uscc)
    if request.party != expected:
        given, wanted = (f"{name.name_zh} {name.uscc or ''}".strip() for name in (request.party, expected))
        raise HolderDiffersError(party=request.party_id, given=given, expected=wanted)


def _used_counters(uow: "UnitOfWork", guard: "CounterGuard", chain: Chain, siblings: Sequence[Delegation]) -> int:
    """The first counter under the granting key's prefix that its own codes have not used, agreed with the guard."""
    if not chain or chain[-1].prefix is None or not chain[-1].signs_serials:
        guard.establish()
        return 0
    name = counter_of(chain[-1])
    database_next = uow.codes.counters_of(name[0], [name[1]]).get(name[1:])
    windows = {child.counter_window for child in siblings if child.counter_window and child.prefix == name[1]}
    guard.check_windows(*name, windows)
    guard.check(*name, database_next)
    return database_next or 0
