"""A child may only narrow its parent, and all children together stay within it. Pure rules over claims."""

from collections.abc import Iterable

from tracelib.trust.delegation import FULL_PREFIX, LAST_COUNTER, Delegation
from tracelib.trust.errors import WidenedError

_ALL_COUNTERS = (0, LAST_COUNTER)
_LARGER = {
    "max_units": "it allows more codes",
    "max_kg": "it allows more kilograms",
    "max_batch_units": "it allows more codes a batch",
}
_SUM_LARGER = {
    "max_units": "all keys below together have more than its {limit} codes",
    "max_kg": "all keys below together have more than its {limit} kilograms",
}


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
        yield limit is None or (own is not None and own <= limit), _LARGER[name]
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
        low, high = parent.counter_window or (0, (LAST_COUNTER if parent.max_units is None else parent.max_units - 1))
        yield low <= first and last <= high, "its window of counters lies outside"


def check_sum(children: Iterable[Delegation], parent: Delegation | None) -> None:
    """Raise WidenedError where ``children`` together would allow more than ``parent``, or share what must not be
    shared: counters, an SSCC, or a prefix with two serial keys. ``children`` are all that were ever granted; ``parent``
    is None for those of the root.
    """
    allotted = Allotted(parent)
    for child in children:
        allotted.add(child)


class Allotted:
    """What the children of one key hold together. ``parent`` is None for those of the root."""

    def __init__(self, parent: Delegation | None) -> None:
        self._limits = {name: getattr(parent, name, None) for name in _SUM_LARGER}
        self._sums = dict.fromkeys(self._limits, 0)
        self._holders: dict[str, list[Delegation]] = {}
        self._leading: set[str] = set()
        self._sscc: set[str] = set()
        self._sscc_leading: set[str] = set()

    def add(self, child: Delegation) -> None:
        """Count one more child; WidenedError where it does not fit beside those before it, which it leaves alone."""
        sums = {name: total + (getattr(child, name) or 0) for name, total in self._sums.items()}
        for name, limit in self._limits.items():
            if limit is not None and sums[name] > limit:
                raise WidenedError(reason=_SUM_LARGER[name], limit=limit)
        self._check_sscc(child.sscc_prefixes)
        if child.prefix is not None:
            self._take_prefix(child, child.prefix)
        self._sscc.update(child.sscc_prefixes)
        self._sscc_leading.update(part for prefix in child.sscc_prefixes for part in _leading(prefix))
        self._sums = sums

    def _check_sscc(self, prefixes: Iterable[str]) -> None:
        """An SSCC has no serial key that would tell two issuers apart: each has one holder, whoever signs first."""
        for prefix in prefixes:
            if prefix in self._sscc or prefix in self._sscc_leading or not self._sscc.isdisjoint(_leading(prefix)):
                raise WidenedError(reason="the SSCC prefix {prefix} overlaps that of another key", prefix=prefix)

    def _take_prefix(self, child: Delegation, prefix: str) -> None:
        leading = _leading(prefix)
        if prefix in self._leading or not leading.isdisjoint(self._holders):
            raise WidenedError(reason="the prefix {prefix} overlaps that of another key", prefix=prefix)
        first, last = child.counter_window or _ALL_COUNTERS
        for other in self._holders.get(prefix, ()):
            low, high = other.counter_window or _ALL_COUNTERS
            if other.k_hash != child.k_hash:
                raise WidenedError(reason="the prefix {prefix} would have two serial keys", prefix=prefix)
            if first <= high and low <= last:
                raise WidenedError(reason="two keys would share counters under the prefix {prefix}", prefix=prefix)
        self._holders.setdefault(prefix, []).append(child)
        self._leading |= leading


def _leading(prefix: str) -> set[str]:
    """Every shorter leading part of a prefix."""
    return {prefix[:length] for length in range(1, len(prefix))}
