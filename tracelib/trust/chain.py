"""From the root set down: which delegations count. The rules, in the order in which they are tried:

1. the parent's signature, 2. the same root, 3. narrower than the parent, 4. at most three levels below the root, and a
line key for at most 90 days, 5. a key stands in one delegation, 6. all children of one key together stay within it
(by time of issue: the one that goes beyond is left out). The root's keys count as one parent: a prefix has one holder
under a root, whichever of its keys signed. What fails is left out and reported; it never spoils the rest.

What came in the bundle is taken first, through all levels, and single delegations after it: a file that somebody hands
round takes neither key, prefix nor units from what enough root keys signed. Under a root that needs more than one
signature, a delegation by a root key counts only out of a bundle: one root key alone makes nothing.
"""

from collections import deque
from collections.abc import Iterable
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


@dataclass
class Chains:
    """What was found: the chain of each key that counts (brand's delegation first), and why others do not."""

    of_key: dict[bytes, Chain] = field(default_factory=dict)
    faults: list[TraceError] = field(default_factory=list)


def verify_chains(root_set: RootSet, bundled: Iterable[SignedDelegation], single: Iterable[SignedDelegation]) -> Chains:
    """Verify every chain once. ``bundled`` came in a verified bundle, ``single`` from anywhere."""
    walk = _Walk(root_set)
    in_bundle = {item.hash: item for item in bundled}
    walk.take(in_bundle.values())
    alone = {key.hash for key in root_set.keys} if root_set.threshold > 1 else set()
    others = {item.hash: item for item in single if item.hash not in in_bundle}
    for item in others.values():
        if item.claims.issuer_hash in alone:
            reason = "one root key alone signed it, outside a bundle"
            walk.found.faults.append(ChainError(what="delegation", reason=reason))
    walk.take(item for item in others.values() if item.claims.issuer_hash not in alone)
    return walk.found


def check_link(item: SignedDelegation, parent: PublicKey, chain: Chain, root_set: RootSet) -> None:
    """Rules 1 to 4 for one delegation below ``chain`` (empty below the root), whose last key is ``parent``."""
    item.verify(parent)
    claims = item.claims
    if claims.root != root_set.root_id:
        raise ForeignRootError(what="delegation", given=claims.root.hex(), expected=root_set.root_id.hex())
    if chain:
        check_narrows(claims, chain[-1])
    level = len(chain) + 1
    if level + claims.may_delegate > LEVELS:
        raise ChainError(what="delegation", reason="more than three levels below the root")
    if is_line(claims, level) and claims.not_after - claims.not_before > LONGEST_LINE_S:
        raise ChainError(what="delegation", reason="a line key lives at most 90 days")


def is_line(claims: Delegation, level: int) -> bool:
    """Whether a delegation is that of a line key: on the third ``level`` below the root, or with a counter window."""
    return level == LEVELS or claims.counter_window is not None


@dataclass(frozen=True, slots=True)
class _Branch:
    """One parent: its key (the root's keys are one parent), the chain down to it, what its children hold so far."""

    parents: tuple[PublicKey, ...]
    chain: Chain
    allotted: Allotted


class _Walk:
    """Level by level down from the root; remembers between the bundle's delegations and the single ones."""

    def __init__(self, root_set: RootSet) -> None:
        self.found = Chains()
        self._root_set = root_set
        self._branches = [_Branch(root_set.keys, (), Allotted(None))]
        self._parents = {key.hash for key in root_set.keys}

    def take(self, items: Iterable[SignedDelegation]) -> None:
        """Take what counts among ``items``; the rest becomes faults."""
        below: dict[bytes, list[SignedDelegation]] = {}
        for item in sorted(items, key=lambda one: (one.claims.issued_at, one.hash)):
            below.setdefault(item.claims.issuer_hash, []).append(item)
        waiting = deque(self._branches)
        while waiting and below:
            branch = waiting.popleft()
            mine = [(item, parent) for parent in branch.parents for item in below.pop(parent.hash, ())]
            for item, parent in sorted(mine, key=lambda pair: (pair[0].claims.issued_at, pair[0].hash)):
                grown = self._take_one(item, parent, branch)
                if grown is not None:
                    waiting.append(grown)
        for left in below.values():
            self.found.faults.extend(ChainError(what="delegation", reason="nobody above it is trusted") for _ in left)

    def _take_one(self, item: SignedDelegation, parent: PublicKey, branch: _Branch) -> _Branch | None:
        """The new branch below a child that counts; None for one that does not, or that is a parent already."""
        claims = item.claims
        try:
            check_link(item, parent, branch.chain, self._root_set)
            if claims.key.hash in self.found.of_key:
                raise ChainError(what="delegation", reason="its key stands in another delegation already")
            branch.allotted.add(claims)
        except TraceError as fault:
            self.found.faults.append(fault)
            return None
        chain = (*branch.chain, claims)
        self.found.of_key[claims.key.hash] = chain
        if claims.key.hash in self._parents:  # a root key with a delegation of its own: its children are the root's
            return None
        self._parents.add(claims.key.hash)
        grown = _Branch((claims.key,), chain, Allotted(claims))
        self._branches.append(grown)
        return grown
