"""What a recall concerns: every batch made of the recalled one, its units, what holds them, and where they went.

Everything is read in sets, a round for each step of the way; nothing grows with what is in the store beside.
"""

import gc
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from tracelib.batches.batch import Batch
from tracelib.catalog.product import recorded_identity
from tracelib.operations.recalls.descent import Descent, descent_of
from tracelib.operations.recalls.search import Search
from tracelib.store.reach_repository import ActiveUnit, IssuedLot
from tracelib.trace.objects import Role, object_id
from tracelib.trace.recall import DEPARTURES, Fate, Move, journeys

if TYPE_CHECKING:
    from tracelib.store.lineage_repository import ProductLot
    from tracelib.store.unit_of_work import UnitOfWork

LotName = Callable[["ProductLot"], str]
"""The URI of a batch of the party, as events name it; empty where it has none."""


class AffectedUnit(NamedTuple):
    """A unit that was activated. ``lot`` is its batch as (product id, lot), or (``""``, URI) where it is none of ours.

    ``weight_g`` was ``measured``, else it is nominal; None where nobody knows. ``void`` says why its code is void.
    ``container`` is the unit that it lies in. ``holder`` has it (``""`` while it is on stock, or where no event says
    who), ``since`` its last move.
    """

    unit_id: str
    lot: "ProductLot"
    weight_g: int | None
    measured: bool
    void: str
    container: str
    fate: Fate
    holder: str
    since: datetime | None
    passed: tuple[str, ...]
    """Everybody who has had it, in order."""
    back: bool
    """Whether it left and is out no more: it came back and did not leave again, or was destroyed."""
    used: bool = False
    """Whether other goods were made of it: these are followed in its place."""

    @property
    def located(self) -> bool:
        """Whether the record tells where it is, or what became of it."""
        return self.fate in (Fate.STOCK, Fate.RETURNED, Fate.DESTROYED) or bool(self.holder)


@dataclass(frozen=True, slots=True)
class Loose:
    """Goods of a batch that an event moved without naming units: so many grams, or units (None: not said).

    ``lot`` is the batch as ``PRODUCT/LOT``, or the URI of a batch of others. Units are weighed with what one weighs by
    codes or catalogue. ``own``: the party's own book tells it, else the book of whoever has the goods. ``source``: who
    gave it back.
    """

    lot: str
    fate: Fate
    holder: str
    weight_g: int | None
    units: int | None
    at: datetime
    own: bool = True
    source: str = ""


@dataclass(frozen=True, slots=True)
class Affected:
    """All that a recall concerns, as the record stands. ``batches`` by (product id, lot), the recalled one first.

    ``foreign`` are batches of others that were made of ours, by URI. ``containers``: units that hold an affected one
    now, with how many (in what lies in them included). ``issued`` codes by batch, used or not.
    """

    party_id: str
    descent: Descent
    batches: Mapping["ProductLot", Batch]
    foreign: tuple[str, ...]
    units: tuple[AffectedUnit, ...]
    containers: Mapping[str, int]
    loose: tuple[Loose, ...]
    issued: tuple[IssuedLot, ...]

    @property
    def active(self) -> list[AffectedUnit]:
        """Units whose code is in use, and of which nothing was made."""
        return [unit for unit in self.units if not unit.void and not unit.used]

    @property
    def used_g(self) -> int:
        """What the units weighed of which other goods were made."""
        return sum(unit.weight_g or 0 for unit in self.units if unit.used)

    @property
    def void(self) -> list[AffectedUnit]:
        """Units whose code was made void after it was activated: look where the goods are."""
        return [unit for unit in self.units if unit.void]

    def fates(self) -> Counter[Fate]:
        """How many units in use are where."""
        return Counter(unit.fate for unit in self.active)


@contextmanager
def _all_is_kept() -> Iterator[None]:
    """No search for garbage: all that is found is kept, and looking through it again costs a quarter of the time."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


@_all_is_kept()
def affected_by(uow: "UnitOfWork", batch: Batch, lot_name: LotName) -> Affected:
    """Find all that a recall of ``batch`` concerns. Reads only."""
    party_id = batch.party_id
    descent = descent_of(uow, batch)
    batches = uow.batches.existing([(party_id, *lot) for lot in descent.lots])
    issued = uow.reach.issued(party_id, descent.lots)
    lot_of_key = _lots_by_key(uow, party_id, descent.lots, issued)
    nominal = _nominal_g(uow, party_id, descent.lots, issued)
    units = list(uow.reach.active_units(party_id, list(lot_of_key)))
    lot_uris = _lot_uris(uow, party_id, descent.lots, lot_of_key, units, lot_name)
    found = Search(uow, party_id).run([unit.unit_id for unit in units], list(lot_uris))
    lots: dict[str, ProductLot] = {unit: ("", uri) for unit, uri in found.units.items()}
    facts = {unit.unit_id: unit for unit in units}
    lots |= {unit.unit_id: lot_of_key[unit.product_key, unit.lot] for unit in units}
    paths = journeys(lots, found.stays, found.moves)
    unit_g = {uri: nominal[lot] for uri, lot in lot_uris.items() if lot in nominal}
    return Affected(
        party_id,
        descent,
        {lot: batches[party_id, *lot] for lot in descent.lots},
        tuple(sorted(found.lots - lot_uris.keys())),
        tuple(_units(lots, facts, nominal, found, paths)),
        _holding(found, [name for name, fact in facts.items() if not fact.void and name not in found.used]),
        tuple(_loose(party_id, found.moves, {uri: uri for uri in found.lots} | _as_people_say(lot_uris), unit_g)),
        tuple(issued),
    )


def _lots_by_key(
    uow: "UnitOfWork", party_id: str, lots: Sequence["ProductLot"], issued: Iterable[IssuedLot]
) -> dict[tuple[str, str], "ProductLot"]:
    """(product key in codes, lot) to the batch: as codes were issued, and as the catalogue names the product now."""
    found = {(one.product_key, one.lot): (one.product_id, one.lot) for one in issued}
    for product_id in {product for product, _ in lots}:
        product = uow.catalog.product(party_id, product_id)
        if product is not None:
            key = recorded_identity(product).key
            found |= {(key, lot): (product_id, lot) for of, lot in lots if of == product_id}
    return found


def _nominal_g(
    uow: "UnitOfWork", party_id: str, lots: Sequence["ProductLot"], issued: Iterable[IssuedLot]
) -> dict["ProductLot", int]:
    """What a unit of each batch weighs by its codes, on average; by the catalogue where codes state no weight."""
    grams, count = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for one in issued:
        grams[one.product_id, one.lot] += one.weight_g
        count[one.product_id, one.lot] += one.count
    found = {lot: grams[lot] // count[lot] for lot in grams if grams[lot]}
    for lot in lots:
        if lot not in found:
            product = uow.catalog.product(party_id, lot[0])
            if product is not None and product.weight_g:
                found[lot] = product.weight_g
    return found


def _lot_uris(
    uow: "UnitOfWork",
    party_id: str,
    lots: Sequence["ProductLot"],
    lot_of_key: Mapping[tuple[str, str], "ProductLot"],
    units: Sequence[ActiveUnit],
    lot_name: LotName,
) -> dict[str, "ProductLot"]:
    """Object id to batch: as the batches are named now, and as the activation of one unit of each named them."""
    found = {object_id(uri): lot for lot in lots if (uri := lot_name(lot))}
    sample = {lot_of_key[unit.product_key, unit.lot]: unit.event_id for unit in units if unit.event_id}
    lot_of_event = {event_id: lot for lot, event_id in sample.items()}
    for event_id, name in uow.reach.objects_of(party_id, list(lot_of_event), Role.LOT):
        found[name] = lot_of_event[event_id]
    return found


class _Way(NamedTuple):
    """What a unit's moves come to."""

    fate: Fate
    holder: str
    since: datetime | None
    passed: tuple[str, ...]
    back: bool


def _way(path: Sequence[Move]) -> _Way:
    if not path:
        return _Way(Fate.STOCK, "", None, (), False)
    last = path[-1]
    away = last.fate in (Fate.SENT, Fate.SOLD, Fate.DESTROYED)
    passed = dict.fromkeys(move.holder for move in path if move.fate in (Fate.SENT, Fate.SOLD))
    back = bool(passed) and last.fate not in (Fate.SENT, Fate.SOLD)
    return _Way(last.fate, last.holder if away else "", last.at, tuple(passed), back)


def _units(
    lots: Mapping[str, "ProductLot"],
    facts: Mapping[str, ActiveUnit],
    nominal: Mapping["ProductLot", int],
    found: Search,
    paths: Mapping[str, Sequence[Move]],
) -> Iterator[AffectedUnit]:
    """Every unit with its way; units that went the same way are looked at once."""
    ways: dict[int, _Way] = {}
    for name, lot in lots.items():
        path, fact = paths.get(name, ()), facts.get(name)
        way = ways.get(id(path)) or ways.setdefault(id(path), _way(path))
        measured = fact.weight_g if fact is not None else None
        weight_g = nominal.get(lot) if measured is None else measured
        void = fact.void if fact is not None else ""
        inside, used = found.inside.get(name, ""), name in found.used
        yield AffectedUnit(name, lot, weight_g, measured is not None, void, inside, *way, used)


def _holding(found: Search, units: Iterable[str]) -> dict[str, int]:
    """Containers that hold affected units now, and how many."""
    wanted = set(units)
    counts = {
        container: len({stay.unit_id for stay in stays if stay.end is None and stay.unit_id in wanted})
        for container, stays in found.stays.items()
    }
    return {container: count for container, count in sorted(counts.items()) if count}


def _as_people_say(lots: Mapping[str, "ProductLot"]) -> dict[str, str]:
    return {uri: f"{product}/{lot}" for uri, (product, lot) in lots.items()}


def _loose(party_id: str, moves: Iterable[Move], lots: Mapping[str, str], unit_g: Mapping[str, int]) -> Iterator[Loose]:
    """Moves of goods by their batch: as the party's own book tells them, for others receive what it sent; and what
    others sold and destroyed of it.
    """
    for move in sorted(moves, key=lambda one: (one.at, one.recorded_at, one.event_id)):
        own = move.book == party_id
        if (not own and move.fate not in (Fate.SOLD, Fate.DESTROYED)) or (
            move.fate is Fate.SENT and move.biz_step not in DEPARTURES
        ):
            continue
        for amount in move.amounts:
            if amount.object_id not in lots:
                continue
            grams, units = amount.grams, amount.units
            if units is not None and amount.object_id in unit_g:
                grams = units * unit_g[amount.object_id]
            yield Loose(lots[amount.object_id], move.fate, move.holder, grams, units, move.at, own, move.source)
