"""Delegate (授权委托): a parent grants, a holder accepts."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from tracelib.errors import RuleError
from tracelib.trust.delegation import FULL_PREFIX, Delegation, SignedDelegation, sign_delegation
from tracelib.trust.enrolment import Grant, Request, make_grant
from tracelib.trust.errors import ChainError
from tracelib.trust.keyring import KeyRing
from tracelib.trust.keystore import OpenKey
from tracelib.trust.narrowing import check_narrows, check_sum
from tracelib.trust.serial_key import CTI_BYTES, derive_serial_key, k_hash

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import UnitOfWork

SERIAL_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
BRAND_PREFIX = 2
BRAND_LEVELS = 2
DAY_S = 86400


class KeyTakenError(RuleError):
    """The key stands in a delegation already, or another key has its id."""

    code = "delegate.key_taken"
    template = "The key {key} stands in a delegation already (of {holder}): make a new key for a new delegation."


class WrongParentError(RuleError):
    """A request that was made for another parent key."""

    code = "delegate.wrong_parent"
    template = "The request was made for the parent key {given}, and the key here is {expected}."


class PrefixSpaceError(RuleError):
    """No serial prefix is left below the parent's."""

    code = "delegate.prefix_space"
    template = "Below the prefix «{parent}» none is free any more: grant a new leading part, or name a prefix."


class CounterPassedError(RuleError):
    """A line key would get counters that the issuer has used."""

    code = "delegate.counter_passed"
    template = "Counters up to {used} are used already: the window must begin at {next} or later, it begins at {given}."


class SerialKeyMissingError(RuleError):
    """The serial key that belongs to the delegation is not here."""

    code = "delegate.serial_key"
    template = "The serial key of the delegation is missing or another one: ask for the grant file once more."


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a grant allows; None leaves a limit as the parent has it, or open below the root. Times in UTC."""

    not_before: datetime
    not_after: datetime
    products: tuple[str, ...] = ()
    region: str | None = None
    season: str | None = None
    max_units: int | None = None
    max_kg: int | None = None
    max_batch_units: int | None = None
    may_delegate: int | None = None
    prefix: str | None = None
    sscc_prefixes: tuple[str, ...] = ()
    home: str | None = None
    counter_window: tuple[int, int] | None = None


def grant(
    uow: "UnitOfWork",
    ring: KeyRing,
    parent: OpenKey,
    request: Request,
    limits: Limits,
    *,
    now: datetime,
    one_time_passphrase: bytes,
) -> Grant:
    """Sign a delegation for the key in ``request`` and keep it in the store.

    Raises WrongParentError, KeyTakenError, ChainError (the parent itself is not trusted), WidenedError (more than the
    parent may give), PrefixSpaceError, CounterPassedError.
    """
    own_hash = parent.signer.public.hash
    if request.parent != own_hash:
        raise WrongParentError(given=request.parent.hex(), expected=own_hash.hex())
    above = ring.key(own_hash)
    if above is None and own_hash not in {key.hash for key in ring.root_set.keys}:
        raise ChainError(what="parent key", reason="no delegation of this root names it")
    _refuse_known(ring, request)
    parent_claims = above.delegation if above else None
    siblings = [item.claims for item in uow.trust.delegations() if item.claims.issuer_hash == own_hash]
    giver = _Giver(parent, ring.root_set.root_id, parent_claims, siblings)
    claims, serial_key = _claims(giver, request, limits, now)
    if parent_claims is not None:
        check_narrows(claims, parent_claims)
        _check_counters(uow, parent_claims, claims)
    check_sum([*siblings, claims], parent_claims)
    signed = sign_delegation(parent.signer, claims)
    uow.trust.add_delegation(signed, now)
    return make_grant(
        signed, _above(uow, above.delegations if above else ()), ring.root_set, serial_key, one_time_passphrase
    )


def accept(uow: "UnitOfWork", granted: Grant, pinned: str, ring: KeyRing | None, now: datetime) -> Delegation:
    """Keep a grant whose chain leads to the pinned root. ForeignRootError, ChainError or what the chain broke on."""
    chain = (*granted.above, granted.delegation)
    bundle = ring.bundle if ring else None
    tried = KeyRing.build(bundle, pinned, chain, root_set=granted.root_set)
    claims = granted.delegation.claims
    key = tried.key(claims.key.hash)
    if key is None or key.delegation != claims:
        raise tried.faults[-1] if tried.faults else ChainError(what="delegation", reason="it is not below this root")
    uow.trust.add_root(granted.root_set, now)
    for item in chain:
        uow.trust.add_delegation(item, now)
    return claims


def checked_serial_key(claims: Delegation, k: bytes | None) -> bytes | None:
    """``k`` if it is the delegation's serial key, None where it needs none; SerialKeyMissingError otherwise."""
    if claims.k_hash is None:
        return None
    if k is None or k_hash(k) != claims.k_hash:
        raise SerialKeyMissingError()
    return k


def _refuse_known(ring: KeyRing, request: Request) -> None:
    for known in (*ring.candidates(request.key.key_id), ring.key(request.key.hash)):
        if known is not None:
            raise KeyTakenError(key=request.key.key_id.hex(), holder=known.delegation.subject)


@dataclass(frozen=True, slots=True)
class _Giver:
    """The parent key, its own delegation (None for a root key), and what it has granted before."""

    key: OpenKey
    root_id: bytes
    above: Delegation | None
    siblings: Sequence[Delegation]


def _claims(giver: _Giver, request: Request, limits: Limits, now: datetime) -> tuple[Delegation, bytes | None]:
    parent, above = giver.key, giver.above
    cti = secrets.token_bytes(CTI_BYTES)
    levels = BRAND_LEVELS if above is None else max(above.may_delegate - 1, 0)
    levels = levels if limits.may_delegate is None else limits.may_delegate
    prefix = limits.prefix or _free_prefix(above.prefix if above else "", levels, giver.siblings)
    serial_key = None
    if prefix is not None and len(prefix) == FULL_PREFIX:
        serial_key = derive_serial_key(parent.serial_secret, cti)
        if above is not None and above.prefix == prefix and above.k_hash is not None:
            serial_key = parent.serial_keys.get(above.k_hash)
            if serial_key is None:
                raise SerialKeyMissingError()
    claims = Delegation(
        issuer_hash=parent.signer.public.hash,
        subject=request.party_id,
        key=request.key,
        cti=cti,
        not_before=int(limits.not_before.timestamp()),
        not_after=int(limits.not_after.timestamp()),
        issued_at=int(now.timestamp()),
        root=giver.root_id,
        party=request.party,
        may_delegate=levels,
        products=limits.products or (above.products if above else ()),
        region=limits.region or (above.region if above else None),
        season=limits.season or (above.season if above else None),
        max_units=_limit(limits.max_units, above.max_units if above else None),
        max_kg=_limit(limits.max_kg, above.max_kg if above else None),
        max_batch_units=_limit(limits.max_batch_units, above.max_batch_units if above else None),
        prefix=prefix,
        sscc_prefixes=limits.sscc_prefixes,
        k_hash=k_hash(serial_key) if serial_key else None,
        home=limits.home or (above.home if above else None),
        counter_window=limits.counter_window,
    )
    return claims, serial_key


def _limit(given: int | None, inherited: int | None) -> int | None:
    return inherited if given is None else given


def _free_prefix(parent: str | None, levels: int, siblings: Sequence[Delegation]) -> str | None:
    """A prefix of our own choice: 2 characters for a brand, 4 for who signs; the parent's own for a line key."""
    if parent is None:
        return None
    if len(parent) == FULL_PREFIX:
        return parent
    length = max(BRAND_PREFIX, len(parent) + 1) if levels >= BRAND_LEVELS else FULL_PREFIX
    taken = [s.prefix for s in siblings if s.prefix is not None]
    for _ in range(10_000):
        tried = parent + "".join(secrets.choice(SERIAL_ALPHABET) for _ in range(length - len(parent)))
        if not any(tried.startswith(other) or other.startswith(tried) for other in taken):
            return tried
    raise PrefixSpaceError(parent=parent)


def _check_counters(uow: "UnitOfWork", above: Delegation, claims: Delegation) -> None:
    """A line key's window must lie behind every counter that the issuer has reserved."""
    if claims.counter_window is None or claims.prefix != above.prefix or claims.prefix is None:
        return
    used = max(uow.codes.counters_of(above.subject, [claims.prefix]).values(), default=0)
    if claims.counter_window[0] < used:
        raise CounterPassedError(used=used - 1, next=used, given=claims.counter_window[0])


def _above(uow: "UnitOfWork", chain: Sequence[Delegation]) -> list[SignedDelegation]:
    known = {item.claims: item for item in uow.trust.delegations() if item.claims in chain}
    return [known[claims] for claims in chain if claims in known]
