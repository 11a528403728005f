"""Trace (追溯): the history of a code, logistic unit or lot, read level by level over all parties of the store."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from tracelib.codes.serial import is_serial
from tracelib.operations.events.contradictions import standing
from tracelib.operations.trace.facts import FactReader
from tracelib.operations.trace.find import NothingToTraceError, find_thing
from tracelib.operations.trace.lots import Lots, is_lot
from tracelib.trace.route.history import Cut, History, Kind, Mark, Passing, Remark, Thing, remark_of
from tracelib.trace.route.walk import Walk, Way

if TYPE_CHECKING:
    from tracelib.operations.events.home import Homes
    from tracelib.store.unit_of_work import UnitOfWork

MOST_LEVELS = 64
MOST_THINGS = 50_000
SSCC_LENGTH = 18


def trace(
    uow: "UnitOfWork",
    text: str,
    *,
    ways: Iterable[Way] = (Way.BACK, Way.FORWARD),
    at: datetime | None = None,
    one_step: bool = False,
    party_default: str | None = None,
    homes: "Homes | None" = None,
) -> History:
    """The history of what ``text`` names. ``at`` (aware): as it was then, by the times of the events. ``homes``: under
    which hosts parties name their things, as the workspace's key ring says.

    Reads a handful of statements for each level of the chain, whatever its width and the size of the store. What was
    left out for its size stands in ``cuts``.

    Raises:
        NothingToTraceError: no event, batch or void entry speaks of it.
        the errors of :func:`~tracelib.operations.trace.find.find_thing`.
    """
    lots = Lots(uow, homes)
    start = find_thing(uow, lots, text, party_default)
    owners = [owner.party_id for owner in uow.codes.owners_of(start)] if _is_own(start) else []
    reader = FactReader(uow, lots, owners)
    walk = Walk(start, ways, at=at, one_step=one_step)
    cuts: list[Cut] = []
    for _ in range(MOST_LEVELS):
        wanted = walk.wanted()
        if not wanted:
            break
        walk.learn(wanted, reader.read(wanted))
        if len(walk.used_links) > MOST_THINGS:
            cuts.append(Cut(start, "things", MOST_THINGS, len(walk.used_links)))
            break
    history = _history(uow, walk, reader, lots, cuts)
    if not (history.links or history.stops or history.things[start].remarks or start in lots.batches):
        raise NothingToTraceError(given=text)
    return history


def _is_own(thing: str) -> bool:
    return is_serial(thing) or (len(thing) == SSCC_LENGTH and thing.isdecimal())


def _history(uow: "UnitOfWork", walk: Walk, reader: FactReader, lots: Lots, cuts: list[Cut]) -> History:
    journey = walk.journey()
    stops = {**walk.used_stops, **{one.stop: None for one in journey}}
    links = sorted(walk.used_links, key=lambda one: (one.at, one.source, one.target))
    ends = {end for link in links for end in (link.source, link.target)}
    things = {walk.start, *ends, *(stop.thing for stop in stops)}
    weights = {link.target: link.weight_g for link in links if link.passing is Passing.FILLED and link.weight_g}
    lot_of = {link.target: link.source for link in links if link.passing is Passing.FILLED}
    remarks = _remarks(uow, walk, reader, things)
    made: dict[str, Thing] = {}
    for name in sorted(things):
        batch = lots.batches.get(name) or lots.batches.get(lot_of.get(name, ""))
        made[name] = Thing(
            name,
            _kind(name, lots, reader),
            batch.party_id if batch else "",
            batch.product_id if batch else "",
            batch.lot if batch else "",
            batch.weight_g if batch and name in lots.batches else weights.get(name),
            tuple(remarks[name]),
        )
    return History(
        walk.start,
        walk.at,
        made,
        frozenset(walk.sides[Way.BACK]),
        frozenset(walk.sides[Way.FORWARD]),
        tuple(links),
        tuple(sorted(stops, key=lambda one: (one.at, one.recorded_at, one.event_id, one.thing))),
        journey,
        (*cuts, *reader.cuts),
    )


def _kind(name: str, lots: Lots, reader: FactReader) -> Kind:
    if name in lots.batches or is_lot(name):
        return Kind.LOT
    outer = name in reader.boxes or (len(name) == SSCC_LENGTH and name.isdecimal())
    return Kind.LOGISTIC_UNIT if outer else Kind.UNIT


def _remarks(uow: "UnitOfWork", walk: Walk, reader: FactReader, things: set[str]) -> dict[str, list[Remark]]:
    """Voids, replacements, recalls, what was declared wrong and what does not fit, by thing."""
    found: dict[str, list[Remark]] = defaultdict(list)
    _add_codes(uow, reader.parties, sorted(name for name in things if _is_own(name)), found)
    for stop in (*walk.used_stops, *(one.stop for one in walk.journey())):
        remark = remark_of(stop)
        if remark and remark not in found[stop.thing]:
            found[stop.thing].append(remark)
    for name in things:
        for event in reader.wrong.get(name, ()):
            found[name].append(Remark(Mark.DECLARED_WRONG, event.biz_step, event.event_time, event.key.event_id))
        for odd in reader.contradictions.get(name, ()):
            said = odd.said
            found[name].append(Remark(Mark.CONTRADICTION, odd.flag.value, said.at, said.event_id, odd.other))
    noted = {(name, one.event_id, one.detail) for name, held in found.items() for one in held}
    for flag in standing(uow, reader.parties, uow.trace.flags(reader.parties, sorted(things))):
        if (flag.object_id, flag.event_id, flag.flag.value) not in noted:
            found[flag.object_id].append(Remark(Mark.CONTRADICTION, flag.flag.value, None, flag.event_id, flag.other))
    return found


def _add_codes(uow: "UnitOfWork", parties: Sequence[str], units: Sequence[str], found: dict[str, list[Remark]]) -> None:
    """What became of codes: void, replaced."""
    for void in uow.trace.voided(parties, units):
        found[void.unit_id].append(Remark(Mark.VOID, void.reason, void.voided_at, other=void.note))
    for pair in uow.trace.replaced(parties, units):
        found[pair.unit_id].append(Remark(Mark.REPLACED_BY, pair.replaced_by))
        found[pair.replaced_by].append(Remark(Mark.REPLACES, pair.unit_id))
