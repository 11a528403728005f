"""The events that the books of batches write: lots are harvested, and made of one another.

In the transaction of the books themselves. A party whose lots have no name outside the workspace yet (no delegation
that names a host, no licensed GTIN) gets its batches without events; harvests are told later by
``tracelib event harvest`` (docs/adr/0015).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from tracelib.batches.batch import Batch
from tracelib.batches.transformation import Transformation, TransformationKind
from tracelib.clock import CHINA
from tracelib.operations.events.home import Homes, lot_uri
from tracelib.operations.events.sides import Sides
from tracelib.trace.elements import JsonValue, QuantityElement
from tracelib.trace.farm import AT_ONCE, STEPS, Said, kilograms_of, step_events, transformation_event
from tracelib.trace.record import own_record
from tracelib.trace.vocab import BizStep

if TYPE_CHECKING:
    from tracelib.catalog.product import Product
    from tracelib.store.unit_of_work import UnitOfWork

HomesOf = Callable[["UnitOfWork"], Homes]
"""What says under which host parties are named, opened in a unit of work."""

COUNTRY = "cbvmda:countryOfOrigin"
HARVEST_START, HARVEST_END = "cbvmda:harvestStartDate", "cbvmda:harvestEndDate"
"""Attributes of a lot in ``ilmd`` (CBV 2.0, section 9.3); dates as ISO 8601, countries as ISO 3166-1 alpha-2."""


def no_homes(_uow: "UnitOfWork") -> Homes:
    """For books that are kept without trust: nobody has a host."""
    return Homes(None)


class LotNames:
    """The names of lots in events, within one unit of work."""

    def __init__(self, uow: "UnitOfWork", homes: Homes) -> None:
        self._uow = uow
        self.homes = homes
        self._products: dict[str, dict[str, Product]] = {}

    def uri(self, batch: Batch) -> str | None:
        """A batch's class in events, None where it has no name outside this workspace."""
        party_id = batch.party_id
        if party_id not in self._products:
            self._products[party_id] = {one.id: one for one in self._uow.catalog.products(party_id)}
        product = self._products[party_id].get(batch.product_id)
        return lot_uri(product, batch.lot, self.homes.of_party(party_id)) if product else None


def write_harvests(
    uow: "UnitOfWork",
    names: LotNames,
    batches: Iterable[Batch],
    now: datetime,
    *,
    at: datetime | None = None,
    harvested: bool = False,
) -> dict[str, list[str]]:
    """Tell that batches came into the world; the ids of the events by party. Batches without a name are left out.

    Batches of one party, day and country stand in one event, a thousand at most. The event's time is ``at``, or the
    beginning of the batch's day: a batch knows its day, and everything else that day comes after it. ``harvested``:
    somebody says that this was a harvest, so ``ilmd`` has its day, which is otherwise that of harvest or production.
    """
    groups: dict[tuple[str, date, bool], list[QuantityElement]] = defaultdict(list)
    for batch in batches:
        uri = names.uri(batch)
        if uri is not None:
            key = (batch.party_id, batch.produced_on, batch.origin is not None)
            groups[key].append(kilograms_of(uri, batch.weight_g))
    told: dict[str, list[str]] = defaultdict(list)
    for (party_id, day, has_origin), lots in groups.items():
        _, location = Sides(uow, names.homes, party_id).places("")
        said = Said(
            event_time=(at or min(datetime.combine(day, time(), CHINA), now)).astimezone(CHINA),
            read_point=location,
            biz_location=location,
            ilmd=_ilmd(day, has_origin=has_origin, harvested=harvested),
        )
        for start in range(0, len(lots), AT_ONCE):  # a thousand lots in memory at a time
            events = step_events(STEPS["harvest"], said, lots=lots[start : start + AT_ONCE])
            uow.events.record(party_id, [own_record(event) for event in events], recorded_at=now)
            told[party_id] += [event.event_id for event in events]
    return told


def write_transformation(uow: "UnitOfWork", names: LotNames, made: Transformation, now: datetime) -> list[str]:
    """Tell that lots were made of others; the event's id, or nothing where one of them has no name.

    One TransformationEvent with all that went in and came out, by weight; what is missing between them is the loss.
    """
    inputs = _elements(names, [(batch, grams) for batch, grams in made.inputs])
    outputs = _elements(names, [(batch, batch.weight_g) for batch in made.outputs])
    if inputs is None or outputs is None:
        return []
    party_id = made.outputs[0].party_id
    _, location = Sides(uow, names.homes, party_id).places("")
    step = BizStep.REPACKAGING if made.kind is TransformationKind.REPACK else BizStep.COMMISSIONING
    event = transformation_event(step, now.astimezone(CHINA), inputs, outputs, biz_location=location)
    uow.events.append(party_id, event, recorded_at=now)
    return [event.event_id]


def _elements(names: LotNames, amounts: Sequence[tuple[Batch, int]]) -> list[QuantityElement] | None:
    named = [(names.uri(batch), grams) for batch, grams in amounts]
    return None if any(uri is None for uri, _ in named) else [kilograms_of(uri or "", grams) for uri, grams in named]


def _ilmd(day: date, *, has_origin: bool, harvested: bool) -> dict[str, JsonValue]:
    """Places of origin are Chinese division codes, so their country is known."""
    found: dict[str, JsonValue] = {COUNTRY: "CN"} if has_origin else {}
    if harvested:
        found |= {HARVEST_START: day.isoformat(), HARVEST_END: day.isoformat()}
    return found
