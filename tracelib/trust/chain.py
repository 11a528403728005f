"""From the root set down: which delegations count. The rules, in the order in which they are tried:

1. the parent's signature, 2. the same root, 3. narrower than the parent, 4. at most three levels below the root,
5. a key stands in one delegation, 6. all children of one key together stay within it (in the order of their issue: the
one that goes beyond is left out). What fails is left out and reported; it never spoils the rest.

Under a root that needs more than one signature, a delegation by a root key counts only out of a bundle, which enough of
the root's keys signed: one root key alone makes nothing.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tracelib.errors import TraceError
from tracelib.trust.delegation import Delegation, SignedDelegation
from tracelib.trust.errors import ChainError, ForeignRootError
from tracelib.trust.keys import PublicKey
from tracelib.trust.narrowing import check_narrows, check_sum
from tracelib.trust.root import RootSet

LEVELS = 3
Chain = tuple[Delegation, ...]


@dataclass
class Chains:
    """What was found: the chain of each key that counts (brand's delegation first), and why others do not."""

    of_key: dict[bytes, Chain] = field(default_factory=dict)
    faults: list[TraceError] = field(default_factory=list)


def verify_chains(root_set: RootSet, bundled: Iterable[SignedDelegation], single: Iterable[SignedDelegation]) -> Chains:
    """Verify every chain once. ``bundled`` came in a verified bundle, ``single`` from anywhere."""
    trusted_alone = root_set.threshold == 1
    by_parent: dict[bytes, dict[bytes, SignedDelegation]] = {}
    root_hashes = {key.hash for key in root_set.keys}
    found = Chains()
    for item in bundled:
        by_parent.setdefault(item.claims.issuer_hash, {})[item.hash] = item
    for item in single:
        if item.claims.issuer_hash in root_hashes and not trusted_alone and not _held(by_parent, item):
            found.faults.append(ChainError(what="delegation", reason="one root key alone signed it, outside a bundle"))
        else:
            by_parent.setdefault(item.claims.issuer_hash, {})[item.hash] = item
    waiting: deque[tuple[PublicKey, Chain]] = deque((key, ()) for key in root_set.keys)
    while waiting:
        parent, chain = waiting.popleft()
        children = by_parent.pop(parent.hash, {}).values()
        for child in _accepted(list(children), parent, chain, root_set, found):
            found.of_key[child.key.hash] = (*chain, child)
            waiting.append((child.key, (*chain, child)))
    for items in by_parent.values():
        found.faults.extend(ChainError(what="delegation", reason="nobody above it is trusted") for _ in items)
    return found


def _held(by_parent: dict[bytes, dict[bytes, SignedDelegation]], item: SignedDelegation) -> bool:
    return item.hash in by_parent.get(item.claims.issuer_hash, {})


def _accepted(
    children: list[SignedDelegation], parent: PublicKey, chain: Chain, root_set: RootSet, found: Chains
) -> Iterable[Delegation]:
    good: list[Delegation] = []
    for item in sorted(children, key=lambda child: (child.claims.issued_at, child.hash)):
        try:
            _check_alone(item, parent, chain, root_set)
            if item.claims.key.hash in found.of_key or any(item.claims.key == other.key for other in good):
                raise ChainError(what="delegation", reason="its key stands in another delegation already")
        except TraceError as fault:
            found.faults.append(fault)
        else:
            good.append(item.claims)
    return _within(good, chain, found)


def _check_alone(item: SignedDelegation, parent: PublicKey, chain: Chain, root_set: RootSet) -> None:
    item.verify(parent)
    if item.claims.root != root_set.root_id:
        raise ForeignRootError(what="delegation", given=item.claims.root.hex(), expected=root_set.root_id.hex())
    if chain:
        check_narrows(item.claims, chain[-1])
    if len(chain) + 1 + item.claims.may_delegate > LEVELS:
        raise ChainError(what="delegation", reason=f"more than {LEVELS} levels below the root")


def _within(children: Sequence[Delegation], chain: Chain, found: Chains) -> Sequence[Delegation]:
    """The children that together stay within the last of the chain; the usual case costs one look at them all."""
    parent = chain[-1] if chain else None
    try:
        check_sum(children, parent)
    except TraceError:
        kept: list[Delegation] = []
        for child in children:
            try:
                check_sum([*kept, child], parent)
            except TraceError as fault:
                found.faults.append(fault)
            else:
                kept.append(child)
        return kept
    return children
