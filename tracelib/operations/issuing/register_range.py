"""Reserve counters, sign the manifest, store it: what every way of issuing has in common.

The order keeps every promise at every moment that a process may die:

1. under the guard's lock, ranges that an earlier run left without a manifest are finished first;
2. one transaction checks the rules and reserves the range; it commits durably;
3. the guard file beside the keys is written, synced;
4. the Merkle root is computed (it needs K, no signature), the manifest signed and stored in a second transaction;
5. only then, outside this module, a code is made.

So a counter that was reserved is never reserved again, no code is out that its manifest does not register, and a run
that died between 2 and 4 costs nothing: asked for the same codes again, the next run takes the range over; asked for
others, it registers the range all the same, and ``code export`` gives its codes.
"""

import functools
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from tracelib.batches.manifest import Manifest, SignedManifest, decode_manifest, running_totals, sign_manifest
from tracelib.codes.serial import SerialCipher
from tracelib.codes.template import CodeTemplate
from tracelib.codes.workers import end_with_parent
from tracelib.errors import RuleError
from tracelib.log.merkle import RootBuilder, root
from tracelib.operations.issuing.issuer import Desk, Issuer
from tracelib.store.code_values import IssuedRange, PrefixOwner, StoredManifest, is_sscc_space
from tracelib.store.counter_guard import CounterGuard, hold_guard
from tracelib.store.guard_state import CounterWindow
from tracelib.trust.serial_key import batch_key

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import UnitOfWork


SUBTREE = 1 << 14
"""Leaves in one piece of work: a power of two."""
PARALLEL_FROM = 4
"""Fewer pieces are done before other processes have started."""


class CountersUsedUpError(RuleError):
    """The delegation's counters do not suffice: it is its quota of units."""

    code = "issue.quota"
    template = (
        "{count} codes do not fit under prefix {prefix}: the delegation allows counters up to {last}, and {left} are "
        "left. Issue fewer, or ask for a new delegation: tracelib delegate request"
    )


@dataclass(frozen=True, slots=True)
class Window:
    """Counters from ``first`` to ``last``, both allowed, under a prefix; ``holes`` are given away to line keys."""

    prefix: str
    first: int
    last: int
    holes: tuple[tuple[int, int], ...] = ()

    def fit(self, start: int, count: int) -> int:
        """The first counter from ``start`` on with room for ``count`` in a row. Raises CountersUsedUpError."""
        first = start
        for low, high in sorted(self.holes):
            if first <= high and low < first + count:
                first = high + 1
        if first + count - 1 > self.last:
            left = max(self.last - first + 1, 0)
            raise CountersUsedUpError(count=count, prefix=self.prefix, last=self.last, left=left)
        return first


@dataclass(frozen=True, slots=True)
class Registered:
    """A range with its manifest. ``resumed``: an interrupted run had reserved it for the same codes.

    ``finished`` are ranges for other codes that an interrupted run had left and that were registered on the way.
    """

    range: IssuedRange
    manifest: SignedManifest
    resumed: bool
    finished: tuple[IssuedRange, ...]


Place = Callable[["UnitOfWork"], tuple[IssuedRange, Window]]
"""Within the reserving transaction: check the rules; the range that is wanted (its ``first`` is not looked at) and the
window that its counters come from."""


Fill = Callable[["UnitOfWork", IssuedRange], None]
"""Within the reserving transaction, the range's place known: write what must be true with the range or not at all."""


def register_range(
    desk: Desk, issuer: Issuer, wanted: IssuedRange, place: Place, fill: Fill | None = None
) -> Registered:
    """Reserve and register a range like ``wanted``; ``place`` is called when it is not an interrupted run's.

    A range with ``fill`` is always a new one: what filled an interrupted run's range was for other codes.

    Raises what ``place`` and ``fill`` raise, the guard's errors, and the store's.
    """
    with hold_guard(desk.keys, workspace=desk.workspace, machine=desk.machine, marks=desk.marks) as guard:
        guard.require_open(issuer.key_hash)
        finished = [_finish(desk, issuer, pending) for pending in _left_over(desk, issuer, guard)]
        for done in finished:
            if fill is None and _same_codes(done.range, wanted):
                others = tuple(other.range for other in finished if other is not done)
                return replace(done, resumed=True, finished=others)
        range_ = _reserve(desk, issuer, guard, place, fill)
        return replace(_finish(desk, issuer, range_), finished=tuple(other.range for other in finished))


def register_left_over(desk: Desk, issuer: Issuer) -> tuple[IssuedRange, ...]:
    """Register what an interrupted run of this key had reserved, and nothing else. Raises as :func:`register_range`."""
    with hold_guard(desk.keys, workspace=desk.workspace, machine=desk.machine, marks=desk.marks) as guard:
        return tuple(_finish(desk, issuer, pending).range for pending in _left_over(desk, issuer, guard))


def template_of(range_: IssuedRange) -> CodeTemplate:
    """What the codes of a stored range have in common."""
    key = range_.product_key
    return CodeTemplate(
        gtin=key if key and not key.startswith("P/") else None,
        product=key.removeprefix("P/") if key.startswith("P/") else None,
        lot=range_.lot or None,
        day=range_.day,
        weight_10g=range_.attrs >> 8,
        grade=range_.attrs >> 4 & 15,
        level=range_.attrs & 15,
        with_sscc=is_sscc_space(range_.prefix),
    )


def merkle_root(issuer: Issuer, range_: IssuedRange, seq: int, processes: int = 1) -> bytes:
    """The root over all codes of a range, as manifest ``seq`` of its issuer carries it.

    Whole subtrees of ``SUBTREE`` leaves may be made in several processes: in a tree of RFC 9162 every run of that many
    leaves from a multiple of it on is a subtree, so the root over the subtrees' roots is the root over the leaves.
    """
    template = template_of(range_)
    cipher = None if template.with_sscc else issuer.cipher
    work = functools.partial(_subtree_root, cipher, template, batch_key(issuer.serial_key, seq))
    firsts = range(range_.first, range_.last + 1, SUBTREE)
    counts = [min(SUBTREE, range_.last + 1 - first) for first in firsts]
    builder = RootBuilder()
    if processes > 1 and len(firsts) >= PARALLEL_FROM:
        with ProcessPoolExecutor(processes, initializer=end_with_parent, initargs=(os.getpid(),)) as pool:
            builder.extend(pool.map(work, firsts, counts))
    else:
        builder.extend(map(work, firsts, counts))
    return builder.root()


def _subtree_root(cipher: SerialCipher | None, template: CodeTemplate, key: bytes, first: int, count: int) -> bytes:
    from tracelib.codes.bulk import leaf_hashes

    return root(leaf_hashes(cipher, template, key, first, count))


def _left_over(desk: Desk, issuer: Issuer, guard: CounterGuard) -> list[IssuedRange]:
    """Ranges without a manifest, the guard brought up to them: their run may have died before it wrote the guard."""
    with desk.store.reading() as uow:
        pending = uow.codes.pending(issuer.party_id, issuer.key_hash)
        counters = uow.codes.counters_of(issuer.party_id, {range_.prefix for range_ in pending})
    for (prefix, window_first), next_counter in counters.items():
        guard.check(issuer.party_id, prefix, window_first, next_counter)
        guard.record(issuer.party_id, prefix, window_first, next_counter)
    return pending


def _reserve(desk: Desk, issuer: Issuer, guard: CounterGuard, place: Place, fill: Fill | None) -> IssuedRange:
    with desk.store.unit_of_work() as uow:
        wanted, window = place(uow)
        next_counter = uow.codes.next_counter(wanted.party_id, window.prefix, window.first)
        lines = frozenset() if is_sscc_space(window.prefix) else _line_windows(uow, issuer)
        guard.check_windows(wanted.party_id, window.prefix, window.first, lines.union(window.holes))
        guard.check(wanted.party_id, window.prefix, window.first, next_counter)
        window = replace(window, holes=tuple(lines.union(window.holes)))
        first = window.fit(window.first if next_counter is None else next_counter, wanted.count)
        range_ = replace(wanted, prefix=window.prefix, first=first)
        k_hash = None if is_sscc_space(window.prefix) else issuer.delegation.k_hash
        uow.codes.add_prefix(PrefixOwner(window.prefix, wanted.party_id, issuer.key_hash, k_hash))
        uow.codes.reserve(range_, window.first, next_counter)
        _note(uow, range_, desk.clock.now())
        if fill is not None:
            fill(uow, range_)
    guard.record_windows(range_.party_id, window.prefix, window.first, lines)
    guard.record(range_.party_id, window.prefix, window.first, range_.last + 1)
    return range_


def _line_windows(uow: "UnitOfWork", issuer: Issuer) -> frozenset[CounterWindow]:
    """Counters that the store knows to be given to line keys, those granted since the issuer was opened included."""
    children = (item.claims for item in uow.trust.granted_by(issuer.key_hash))
    return frozenset(
        child.counter_window for child in children if child.counter_window and child.prefix == issuer.prefix
    )


def _note(uow: "UnitOfWork", range_: IssuedRange, now: datetime) -> None:
    """The entry in the book of changes: a range of codes was reserved by somebody."""
    verb = "code.replace" if range_.replaces else "code.issue"
    detail = {"count": range_.count, "prefix": range_.prefix, "first": range_.first, "last": range_.last}
    uow.changes.add(verb, range_.reference, now, party_id=range_.party_id, detail=detail)


def _finish(desk: Desk, issuer: Issuer, range_: IssuedRange) -> Registered:
    """Compute the root, sign the manifest and store it."""
    with desk.store.reading() as uow:
        stored = uow.codes.last_manifest(range_.party_id, issuer.key_hash)
    previous = decode_manifest(stored.document, issuer.signer.public) if stored else None
    seq = stored.seq + 1 if stored else 1
    root_hash = merkle_root(issuer, range_, seq, desk.processes)
    now = desk.clock.now()
    with desk.store.unit_of_work() as uow:
        signed = sign_manifest(issuer.signer, _manifest(uow, issuer, range_, previous, seq, root_hash))
        uow.codes.add_manifest(
            StoredManifest(
                party_id=range_.party_id,
                issuer_key=issuer.key_hash,
                seq=seq,
                prefix=range_.prefix,
                first=range_.first,
                cum_units=signed.manifest.cum_units,
                cum_weight_g=signed.manifest.cum_weight_g,
                hash=signed.hash,
                document=signed.raw,
                registered_at=now,
            )
        )
    return Registered(replace(range_, seq=seq), signed, resumed=False, finished=())


def _manifest(
    uow: "UnitOfWork",
    issuer: Issuer,
    range_: IssuedRange,
    previous: SignedManifest | None,
    seq: int,
    root_hash: bytes,
) -> Manifest:
    from tracelib.catalog.grade import grade_list_hash

    prefix = None if is_sscc_space(range_.prefix) else range_.prefix
    before = previous.manifest if previous else None
    cum_units, cum_weight_g = running_totals(before, prefix, range_.count, range_.weight_g)
    grades = uow.catalog.grades(range_.party_id, range_.product_id) if range_.product_id else None
    return Manifest(
        issuer=issuer.key_hash,
        seq=seq,
        previous=previous.hash if previous else None,
        party=range_.party_id,
        product=range_.product_key or None,
        lot=range_.lot or None,
        prefix=prefix,
        first=range_.first,
        count=range_.count,
        day=range_.day,
        attrs=range_.attrs,
        weight_g=range_.weight_g,
        cum_units=cum_units,
        cum_weight_g=cum_weight_g,
        grade_list_hash=None if grades is None else grade_list_hash(grades),
        root=root_hash,
    )


def _same_codes(one: IssuedRange, other: IssuedRange) -> bool:
    """Whether two ranges are for the same codes, whatever their counters, day and time."""
    anything = {"prefix": "", "first": 0, "day": 0, "reserved_at": other.reserved_at, "seq": None}
    return replace(one, **anything) == replace(other, **anything)  # type: ignore[arg-type]  # of several types
