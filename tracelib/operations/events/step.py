"""Write a step as events: everything that was named, in one transaction, or nothing.

::

    names ─► units and lots ─► lives and places allow it? ─► events of the step ─► store, outbox, book of changes
                                      └─► unpack: an event that takes them out comes first
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tracelib.clock import CHINA, wall_text
from tracelib.operations.events.allowed import (
    Acting,
    lying_in,
    require_free,
    require_inside,
    require_lives,
    require_outermost,
    require_parent,
)
from tracelib.operations.events.allowed_lots import require_lots
from tracelib.operations.events.errors import FutureEventError, NoActingPartyError, OneThingError
from tracelib.operations.events.home import Homes
from tracelib.operations.events.named import Named, NamedUnit, Names
from tracelib.operations.events.sides import Sides
from tracelib.operations.issuing.void import LONGEST_NOTE, NoteError
from tracelib.operations.recalls.called_back import require_sellable
from tracelib.store.containment_repository import MOST_LEVELS
from tracelib.trace.elements import Destination, SensorElement, Source
from tracelib.trace.event import Event
from tracelib.trace.farm import STEPS, FarmStep, Said, step_events
from tracelib.trace.record import own_record

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import Store, UnitOfWork

CLOCKS_APART = timedelta(minutes=15)
"""An event may lie so far in the future, for clocks differ."""
IDS_NOTED = 100
"""So many event ids stand in the book of changes; the rest is found by the units."""


@dataclass(frozen=True, slots=True)
class StepDesk:
    """What the desk works with. ``homes`` opens what says under which host parties are named; ``serial_keys`` asks for
    a passphrase when it is called; ``party`` acts where none is named (empty: the owner of what is named).
    """

    store: "Store"
    homes: Callable[["UnitOfWork"], Homes]
    serial_keys: Callable[[], Mapping[bytes, bytes]]
    party: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRequest:
    """What somebody says has happened.

    ``what`` names units and lots, ``parent`` the unit that they are packed into or taken out of. ``at`` is aware, None
    for now. ``place`` is a name of the party's own or a URI; ``other`` whom the goods go to or come from: an id of the
    catalogue, a GLN or a URI. ``papers`` are (type, number). ``failed``: the outcome of an inspection. ``unpack``: take
    the units out of what they lie in first. ``recalled``: goods that are called back go too, back to where they came
    from or away to be destroyed.
    """

    step: FarmStep
    what: Sequence[str] = ()
    parent: str = ""
    party: str = ""
    at: datetime | None = None
    place: str = ""
    other: str = ""
    papers: Sequence[tuple[str, str]] = ()
    sensors: tuple[SensorElement, ...] = ()
    failed: bool = False
    unpack: bool = False
    recalled: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class StepDone:
    """What was written. ``inside`` counts what lies in the units and went with them; ``taken_out`` the units that were
    taken out of others first; ``events`` are the ids, in the order of writing.
    """

    step: FarmStep
    party_id: str
    at: datetime
    named: Named
    parent: NamedUnit | None
    inside: int
    taken_out: int
    events: tuple[str, ...]


def write_step(desk: StepDesk, request: StepRequest, now: datetime) -> StepDone:
    """Write a step, with its events, outbox rows and an entry in the book of changes, or raise and write nothing.

    Raises:
        the errors of ``Names.find``, ``Sides``, ``allowed``; RecalledGoodsError: it would go out, and is called back.
        FutureEventError, NoActingPartyError, OneThingError, NoteError: what is asked for makes no sense.
    """
    require_past(request.at or now, now)
    require_note(request.note)
    with desk.store.unit_of_work() as uow:
        homes = desk.homes(uow)
        names = Names(uow, homes, desk.serial_keys, request.party or desk.party or None)
        named = names.find(request.what)
        parent = _parent(names, request)
        party_id = request.party or desk.party or _owner(named, parent)
        done = take_step(uow, homes, replace(request, party=party_id), named, now, parent)
        _note(uow, done, request, now)
    return done


def take_step(
    uow: "UnitOfWork",
    homes: Homes,
    request: StepRequest,
    named: Named,
    now: datetime,
    parent: NamedUnit | None = None,
) -> StepDone:
    """Write a step of ``request.party`` about things that were found, in the caller's transaction: events, outbox rows.

    Raises what :func:`write_step` raises but the errors of finding names; the caller undoes what was written.
    """
    at, party_id = request.at or now, request.party
    acting = Acting(uow, party_id, at)
    uow.voids.share(party_id)
    uow.containment.lock([unit.unit_id for unit in (*named.units, *([parent] if parent else []))])
    require_lives(acting, request.step, named.units)
    require_lots(acting, request.step, named.lots)
    owners = named.owners | ({parent.owner} if parent and parent.owner else set())
    said = _said(Sides(uow, homes, party_id, owners), request, at)
    out = _taken_out(acting, request, said, named.units)
    events = [event for event, _ in out]
    moved = [unit for _, units in out for unit in units]
    uow.events.record(party_id, [own_record(event) for event in events], recorded_at=now)
    if parent is not None:
        _require_packing(acting, request.step, parent, named, moved)
    elif request.step.moves and not request.unpack:
        require_outermost(acting, named.units)
    if request.step.goes == "out" and not request.recalled:
        _require_sellable(acting, named)
    made = _events(request, said, named, parent)
    uow.events.record(party_id, [own_record(event) for event in made], recorded_at=now)
    # what was received is known to hold something once it is in the book
    inside = _inside(acting, [unit.unit_id for unit in named.units]) if request.step.moves else set()
    ids = tuple(event.event_id for event in (*events, *made))
    return StepDone(request.step, party_id, at, named, parent, len(inside), len(moved), ids)


def require_past(at: datetime | None, now: datetime) -> None:
    """Raise FutureEventError for a time that has not come."""
    if at is not None and at > now + CLOCKS_APART:
        raise FutureEventError(at=wall_text(at), now=wall_text(now))


def require_note(note: str) -> None:
    """Raise NoteError for a note that is no short line."""
    if len(note) > LONGEST_NOTE or not note.isprintable():
        raise NoteError(given=note, most=LONGEST_NOTE)


def _parent(names: Names, request: StepRequest) -> NamedUnit | None:
    """The one unit that a packing step is about. Raises OneThingError for anything else."""
    if not request.step.packs:
        return None
    found = names.find([request.parent])
    if len(found.units) != 1 or found.lots:
        raise OneThingError(given=request.parent)
    return found.units[0]


def _owner(named: Named, parent: NamedUnit | None) -> str:
    """Who acts where nobody is named: the one party whose things these are."""
    owners = named.owners | ({parent.owner} if parent and parent.owner else set())
    if len(owners) != 1:
        raise NoActingPartyError(owners=", ".join(sorted(owners)) or "–")
    return owners.pop()


def _said(sides: Sides, request: StepRequest, at: datetime) -> Said:
    step = request.step
    read_point, location = sides.places(request.place)
    own, other = (sides.own(), sides.other(request.other)) if step.goes else ([], [])
    sources, destinations = (own, other) if step.goes == "out" else (other, own)
    return Said(
        event_time=at.astimezone(CHINA),
        read_point=read_point,
        biz_location=location,
        sources=tuple(Source(kind, uri) for kind, uri in sources),
        destinations=tuple(Destination(kind, uri) for kind, uri in destinations),
        transactions=tuple(sides.paper(kind, number) for kind, number in request.papers),
        sensors=request.sensors,
        failed=request.failed,
    )


def _taken_out(
    acting: Acting, request: StepRequest, said: Said, units: Sequence[NamedUnit]
) -> list[tuple[Event, list[NamedUnit]]]:
    """For ``unpack``: the events that take units out of what they lie in, one for each outer unit (or thousand)."""
    if not request.unpack:
        return []
    by_parent: dict[str, list[NamedUnit]] = {}
    places = lying_in(acting, units)
    for unit in units:
        if unit.unit_id in places:
            by_parent.setdefault(places[unit.unit_id].packed_by, []).append(unit)
    spelled = _parents_spelled(acting, units, list(by_parent))
    plain = Said(event_time=said.event_time, read_point=said.read_point, biz_location=said.biz_location)
    made: list[tuple[Event, list[NamedUnit]]] = []
    for packed_by, inside in by_parent.items():
        events = step_events(STEPS["unpack"], plain, [unit.epc for unit in inside], parent=spelled[packed_by])
        for number, event in enumerate(events):
            made.append((event, [] if number else inside))
    return made


def _parents_spelled(acting: Acting, units: Sequence[NamedUnit], packed_by: Sequence[str]) -> dict[str, str]:
    """How the events that packed something, in whichever book, spell what they packed it into, by their ids."""
    books = acting.uow.known.books(acting.party_id, [unit.unit_id for unit in units])
    found = acting.uow.trace.documents(books, packed_by)
    return {event_id: str(json.loads(document)["parentID"]) for event_id, document in found.items()}


def _require_packing(
    acting: Acting, step: FarmStep, parent: NamedUnit, named: Named, moved: Sequence[NamedUnit]
) -> None:
    require_parent(acting, step, parent)
    if step.name == "pack":
        require_free(acting, parent, named.units, [unit.unit_id for unit in moved])
    elif named.units or not named.lots:
        require_inside(acting, parent, named.units)


def _events(request: StepRequest, said: Said, named: Named, parent: NamedUnit | None) -> Sequence[Event]:
    epcs, lots = [unit.epc for unit in named.units], [lot.element for lot in named.lots]
    return step_events(request.step, said, epcs, lots, parent.epc if parent else "")


def _require_sellable(acting: Acting, named: Named) -> None:
    """Raise RecalledGoodsError where something of this is called back by the party whose goods it is.

    What lies in a pallet stands in the book of the party that packed it, too.
    """
    units = [unit.unit_id for unit in named.units]
    here = _inside(acting, units)
    for owner in sorted(named.owners | {acting.party_id}):
        there = here if owner == acting.party_id else _inside(Acting(acting.uow, owner, acting.at), units)
        lots = [(lot.batch.product_id, lot.batch.lot) for lot in named.lots if lot.batch.party_id == owner]
        require_sellable(acting.uow, owner, lots, [*units, *sorted(here | there)], acting.at)


def _inside(acting: Acting, unit_ids: Sequence[str]) -> set[str]:
    """What lies in these, at any depth."""
    level, seen = list(unit_ids), set(unit_ids)
    for _ in range(MOST_LEVELS):
        found = acting.uow.known.contents(acting.party_id, level, acting.at)
        level = [unit for held in found.values() for unit in held if unit not in seen]
        seen.update(level)
        if not level:
            break
    return seen.difference(unit_ids)


def _note(uow: "UnitOfWork", done: StepDone, request: StepRequest, now: datetime) -> None:
    """One entry under what was named first."""
    named = done.named
    subjects = [
        *([done.parent.unit_id] if done.parent else []),
        *(unit.unit_id for unit in named.units[:1]),
        *(lot.batch.reference for lot in named.lots[:1]),
    ]
    detail = {
        "at": wall_text(done.at),
        "units": len(named.units),
        "lots": [lot.batch.reference for lot in named.lots[:IDS_NOTED]],
        "events": list(done.events[:IDS_NOTED]),
    }
    verb = f"event.{done.step.name}"
    uow.changes.add(verb, subjects[0], now, party_id=done.party_id, reason=request.note, detail=detail)
