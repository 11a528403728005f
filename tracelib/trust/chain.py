"""From the root set down: which delegations count. The rules, in the order in which they are tried:

1. the parent's signature, 2. the same root, 3. narrower than the parent, 4. at most three levels below the root, and a
line key for at most 90 days, 5. a key stands in one delegation, 6. all children of one key together stay within it
(what came in the bundle first, then by time of issue: the one that goes beyond is left out). The root's keys count as
one parent: a prefix has one holder under a root, whichever of its keys signed. What fails is left out and reported; it
never spoils the rest.

Under a root that needs more than one signature, a delegation by a root key counts only out of a bundle, which enough of
the root's keys signed: one root key alone makes nothing.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tracelib.errors import TraceError
from tracelib.trust.delegation import Delegation, SignedDelegation
from tracelib.trust.errors import ChainError, ForeignRootError
from tracelib.trust.keys import PublicKey
from tracelib.trust.narrowing import Allotted, check_narrows
from tracelib.trust.root import RootSet

LEVELS = 3
LONGEST_LINE_S = 90 * 86400
Chain = tuple[Delegation, ...]
_Item = tuple[int, SignedDelegation]
"""(0 out of the bundle, 1 single; delegation)."""


@dataclass
class Chains:
    """What was found: the chain of each key that counts (brand's delegation first), and why others do not."""

    of_key: dict[bytes, Chain] = field(default_factory=dict)
    faults: list[TraceError] = field(default_factory=list)


def verify_chains(root_set: RootSet, bundled: Iterable[SignedDelegation], single: Iterable[SignedDelegation]) -> Chains:
    """Verify every chain once. ``bundled`` came in a verified bundle, ``single`` from anywhere."""
    trusted_alone = root_set.threshold == 1
    root_hashes = {key.hash for key in root_set.keys}
    found = Chains()
    below: dict[bytes, dict[bytes, _Item]] = {}
    for item in bundled:
        below.setdefault(item.claims.issuer_hash, {})[item.hash] = (0, item)
    for item in single:
        group = below.setdefault(item.claims.issuer_hash, {})
        if item.claims.issuer_hash in root_hashes and not trusted_alone and item.hash not in group:
            found.faults.append(ChainError(what="delegation", reason="one root key alone signed it, outside a bundle"))
        else:
            group.setdefault(item.hash, (1, item))
    taken: set[bytes] = set()
    waiting: deque[tuple[tuple[PublicKey, ...], Chain]] = deque([(root_set.keys, ())])
    while waiting:
        parents, chain = waiting.popleft()
        items = [item for parent in parents for item in below.pop(parent.hash, {}).values()]
        for child in _accepted(items, {key.hash: key for key in parents}, chain, root_set, taken, found.faults):
            found.of_key[child.key.hash] = (*chain, child)
            waiting.append(((child.key,), (*chain, child)))
    for left in below.values():
        found.faults.extend(ChainError(what="delegation", reason="nobody above it is trusted") for _ in left)
    return found


def _accepted(
    items: list[_Item],
    parents: Mapping[bytes, PublicKey],
    chain: Chain,
    root_set: RootSet,
    taken: set[bytes],
    faults: list[TraceError],
) -> Sequence[Delegation]:
    """The children that count; ``taken`` are the hashes of the keys that stand somewhere already."""
    good: list[Delegation] = []
    for _, item in sorted(items, key=lambda child: (child[0], child[1].claims.issued_at, child[1].hash)):
        try:
            _check_alone(item, parents[item.claims.issuer_hash], chain, root_set)
            if item.claims.key.hash in taken:
                raise ChainError(what="delegation", reason="its key stands in another delegation already")
        except TraceError as fault:
            faults.append(fault)
        else:
            taken.add(item.claims.key.hash)
            good.append(item.claims)
    return _within(good, chain, faults)


def _check_alone(item: SignedDelegation, parent: PublicKey, chain: Chain, root_set: RootSet) -> None:
    item.verify(parent)
    if item.claims.root != root_set.root_id:
        raise ForeignRootError(what="delegation", given=item.claims.root.hex(), expected=root_set.root_id.hex())
    if chain:
        check_narrows(item.claims, chain[-1])
    if len(chain) + 1 + item.claims.may_delegate > LEVELS:
        raise ChainError(what="delegation", reason=f"more than {LEVELS} levels below the root")
    is_line = len(chain) + 1 == LEVELS or item.claims.counter_window is not None
    if is_line and item.claims.not_after - item.claims.not_before > LONGEST_LINE_S:
        raise ChainError(what="delegation", reason="a line key lives at most 90 days")


def _within(children: Sequence[Delegation], chain: Chain, faults: list[TraceError]) -> Sequence[Delegation]:
    """The children that together stay within the last of the chain."""
    allotted, kept = Allotted(chain[-1] if chain else None), []
    for child in children:
        try:
            allotted.add(child)
        except TraceError as fault:
            faults.append(fault)
        else:
            kept.append(child)
    return kept
