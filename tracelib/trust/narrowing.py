"""A child may only narrow its parent, and all children together stay within it. Pure rules over claims."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from tracelib.trust.delegation import FULL_PREFIX, Delegation
from tracelib.trust.errors import WidenedError


def check_narrows(child: Delegation, parent: Delegation) -> None:
    """Raise WidenedError, with the first reason, where ``child`` would allow more than ``parent``."""
    for holds, reason in _rules(child, parent):
        if not holds:
            raise WidenedError(reason=reason)


def _rules(child: Delegation, parent: Delegation) -> Iterable[tuple[bool, str]]:
    yield child.issuer_hash == parent.key.hash, "another key signed it"
    yield child.root == parent.root, "it belongs to another root"
    yield parent.may_delegate > 0, "the key above may not delegate"
    yield child.may_delegate < parent.may_delegate, "too many levels may follow"
    yield parent.not_before <= child.not_before and child.not_after <= parent.not_after, "its time is longer"
    yield (
        not parent.products or (bool(child.products) and set(child.products) <= set(parent.products)),
        "it names products that the key above may not sign",
    )
    yield parent.region is None or (child.region or "").startswith(parent.region), "its region lies outside"
    yield parent.season is None or child.season == parent.season, "its season is another"
    for name in ("max_units", "max_kg", "max_batch_units"):
        limit, own = getattr(parent, name), getattr(child, name)
        yield limit is None or (own is not None and own <= limit), f"{name} is larger"
    yield (
        all(any(own.startswith(given) for given in parent.sscc_prefixes) for own in child.sscc_prefixes),
        "an SSCC prefix lies outside",
    )
    yield from _prefix_rules(child, parent)


def _prefix_rules(child: Delegation, parent: Delegation) -> Iterable[tuple[bool, str]]:
    if child.prefix is None:
        return
    if parent.prefix is None:
        yield False, "the key above has no serial prefix to give"
        return
    yield child.prefix.startswith(parent.prefix), "its serial prefix lies outside"
    if len(parent.prefix) == FULL_PREFIX:
        yield child.k_hash == parent.k_hash, "one prefix would have two serial keys"
        yield child.counter_window is not None, "a line key that shares a prefix needs a window of counters"
        first, last = child.counter_window or (0, 0)
        low, high = parent.counter_window or (0, (parent.max_units or 2**50) - 1)
        yield low <= first and last <= high, "its window of counters lies outside"


def check_sum(children: Sequence[Delegation], parent: Delegation | None) -> None:
    """Raise WidenedError where ``children`` together would allow more than ``parent``, or share what must not be
    shared: counters, or a prefix with two serial keys. ``children`` are all that were ever granted; ``parent`` is None
    for those of the root.
    """
    for name in ("max_units", "max_kg"):
        limit = getattr(parent, name, None)
        if limit is not None and sum(getattr(child, name) or 0 for child in children) > limit:
            raise WidenedError(reason=f"{name} of all keys below add up to more than {limit}")
    by_prefix: dict[str, list[Delegation]] = {}
    for child in children:
        if child.prefix is not None:
            by_prefix.setdefault(child.prefix, []).append(child)
    for prefix, sharing in by_prefix.items():
        if any(other != prefix and other.startswith(prefix) for other in by_prefix):
            raise WidenedError(reason=f"the prefix {prefix} holds that of another key")
        if len({child.k_hash for child in sharing}) > 1:
            raise WidenedError(reason=f"the prefix {prefix} would have two serial keys")
        windows = sorted(child.counter_window or (0, 2**50) for child in sharing)
        if any(later[0] <= earlier[1] for earlier, later in pairwise(windows)):
            raise WidenedError(reason=f"two keys would share counters under the prefix {prefix}")
