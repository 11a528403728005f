"""Recall (召回): goods are called back. Plain values, and where each unit is by what events said of it.

A unit is where its last movement left it::

    stock ──shipping──► sent ──receiving──► sent ──retail selling──► sold
      ▲                  │                   │                         │
      └── received at an own place        returned ◄───────────────────┘      destroying ──► destroyed
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from tracelib.trace.objects import Role, objects_of
from tracelib.trace.vocab import BizStep, Disposition


class Verb(StrEnum):
    """What was done about a recall."""

    OPENED = "opened"
    NOTICES = "notices"
    RETURNED = "returned"
    CLOSED = "closed"


class Fate(StrEnum):
    """Where goods are, as far as the record tells."""

    STOCK = "stock"
    SENT = "sent"
    SOLD = "sold"
    RETURNED = "returned"
    DESTROYED = "destroyed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """A recall as it was opened. ``drill``: it tries whether the goods could be called back, and calls nothing back."""

    party_id: str
    number: str
    product_id: str
    lot: str
    reason: str
    drill: bool
    at: datetime
    operator: str

    @property
    def batch(self) -> tuple[str, str, str]:
        """The key of the batch that is called back."""
        return self.party_id, self.product_id, self.lot

    @property
    def reference(self) -> str:
        """The batch as people name it."""
        return "/".join(self.batch)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallEntry:
    """One thing that was done. ``units`` and ``weight_g`` were counted, ``place`` is where or from whom."""

    verb: Verb
    at: datetime
    units: int | None = None
    weight_g: int | None = None
    place: str = ""
    note: str = ""
    detail: Mapping[str, object] = field(default_factory=dict)
    seq: int = 0
    operator: str = ""


_STEPS: Mapping[str, Fate] = {
    BizStep.SHIPPING: Fate.SENT,
    BizStep.DEPARTING: Fate.SENT,
    BizStep.TRANSPORTING: Fate.SENT,
    BizStep.RECEIVING: Fate.SENT,
    BizStep.ARRIVING: Fate.SENT,
    BizStep.ACCEPTING: Fate.SENT,
    BizStep.RETAIL_SELLING: Fate.SOLD,
    BizStep.DESTROYING: Fate.DESTROYED,
}
MOVING_STEPS = tuple(str(step) for step in _STEPS)
"""Business steps that move goods."""
DEPARTURES = frozenset({BizStep.SHIPPING.value, BizStep.DEPARTING.value})
ARRIVALS = frozenset({BizStep.RECEIVING.value, BizStep.ARRIVING.value, BizStep.ACCEPTING.value})


def fate_of(biz_step: str, disposition: str, *, at_home: bool) -> Fate:
    """What a moving step makes of goods; ``at_home``: they go to the party whose goods they are, or arrive there.

    What a customer brings back to a shop is at the shop, as if it had been sent there.
    """
    if disposition == Disposition.RETURNED:
        return Fate.RETURNED if at_home else Fate.SENT
    fate = _STEPS[biz_step]
    return Fate.STOCK if fate is Fate.SENT and at_home else fate


@dataclass(frozen=True, slots=True)
class Amount:
    """Goods that an event names by their class: ``quantity`` units, or so much in ``uom``."""

    object_id: str
    quantity: float | None
    uom: str

    @property
    def grams(self) -> int | None:
        """What it weighs, None where it does not say so."""
        known = self.quantity is not None and self.uom in _GRAMS
        return round(self.quantity * _GRAMS[self.uom]) if known and self.quantity is not None else None

    @property
    def units(self) -> int | None:
        """How many pieces it is, None where it does not say so."""
        return int(self.quantity) if self.quantity is not None and not self.uom else None


_GRAMS = {"KGM": 1000, "GRM": 1, "TNE": 1_000_000}
"""Grams in a unit of UN/ECE Recommendation 20."""


def amounts_of(document: Mapping[str, object]) -> list[Amount]:
    """What an event names by class, otherwise than as packed goods, inputs or outputs."""
    return [
        Amount(one.object_id, one.quantity, one.uom)
        for one in objects_of(document)
        if one.is_class and one.role is Role.EPC
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """An event in the book of a party that moved goods.

    ``holder`` is the URI of the party (else the place) that has them then, or empty; ``place`` the URI of the place, or
    empty. ``source``: the id of who gave them, or empty. ``named`` are the objects that it names; ``amounts`` those by
    class.
    """

    event_id: str
    book: str
    at: datetime
    recorded_at: datetime
    biz_step: str
    fate: Fate
    holder: str
    place: str
    named: frozenset[str]
    amounts: tuple[Amount, ...] = ()
    source: str = ""


class Stay(NamedTuple):
    """A unit lay in a container, whether directly or in something that lay in it, from ``start`` to before ``end``."""

    unit_id: str
    start: datetime
    end: datetime | None

    def holds(self, at: datetime) -> bool:
        """Whether it lay there at ``at``."""
        return self.start <= at and (self.end is None or at < self.end)

    def within(self, start: datetime, end: datetime | None) -> "Stay | None":
        """The part of the stay between two times, None where there is none."""
        first = max(self.start, start)
        last = self.end if end is None else end if self.end is None else min(self.end, end)
        return Stay(self.unit_id, first, last) if last is None or first < last else None


def journeys(
    units: Iterable[str], stays: Mapping[str, Sequence[Stay]], moves: Sequence[Move]
) -> dict[str, tuple[Move, ...]]:
    """The moves of each unit in the order of their times; units that never moved are left out.

    A move takes along what it names and what lay at that time in what it names (``stays``, by container). Units that
    went the same way share one tuple.
    """
    wanted = set(units)
    found: dict[str, tuple[Move, ...]] = {}
    for move in sorted(moves, key=lambda one: (one.at, one.recorded_at, one.event_id)):
        taken = move.named & wanted
        for name in move.named & stays.keys():
            taken = taken | {stay.unit_id for stay in stays[name] if stay.holds(move.at)}
        longer: dict[int, tuple[Move, ...]] = {}
        for unit in taken & wanted:
            before = found.get(unit, ())
            if id(before) not in longer:
                longer[id(before)] = (*before, move)
            found[unit] = longer[id(before)]
    return found
