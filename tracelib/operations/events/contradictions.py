"""What does not fit in recorded events, said as flags: nothing that other parties say is refused for it.

An event is judged by everything that is in the books when it is imported, whatever the order of arrival, and noted; who
shows a note later asks whether it still stands.
"""

import json
import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from tracelib.codes.serial import is_serial
from tracelib.operations.known_serials import KnownSerials
from tracelib.operations.trace.life import UnitLife, unit_lives
from tracelib.store.containment_repository import MOST_LEVELS
from tracelib.store.event_repository import FlagNote
from tracelib.trace.containment import EVERYTHING, Interval
from tracelib.trace.context import namespaces_of
from tracelib.trace.documents.vocabulary import wrong_check_digit
from tracelib.trace.lifecycle import ENDS, Flag, State, life
from tracelib.trace.objects import Role
from tracelib.trace.record import EventRecord, event_record
from tracelib.trace.vocab import Action

if TYPE_CHECKING:
    from tracelib.store.reach_repository import NamedEvent
    from tracelib.store.unit_of_work import UnitOfWork

_ITEM = re.compile(r"https://id\.gs1\.org/(?:01|8006)/[0-9]+/21/.+")


def contradictions_of(uow: "UnitOfWork", party_id: str, records: Sequence[EventRecord]) -> list[FlagNote]:
    """All that does not fit in these events, which are recorded, and in what else was said of their objects.

    A unit that was never active is told of trade items alone: pallets and crates are not commissioned.
    """
    notes = [*_check_digits(records), *_lives(uow, party_id, records), *_packings(uow, party_id, records)]
    wrong = uow.events.declared_wrong(party_id, sorted({one.event_id for one in notes}))
    return [one for one in notes if one.event_id not in wrong]


def standing(uow: "UnitOfWork", parties: Iterable[str], notes: Sequence[FlagNote]) -> list[FlagNote]:
    """Those of the notes that hold by what is in the books now: later events and declarations refute some of them."""
    events = sorted({one.event_id for one in notes})
    found: set[tuple[str, str, Flag]] = set()
    ours = KnownSerials(uow)
    for party_id in parties if events else ():
        records = [_again(one, ours) for one in uow.reach.events(party_id, events)]
        found |= {(one.event_id, one.object_id, one.flag) for one in contradictions_of(uow, party_id, records)}
    return [one for one in notes if (one.event_id, one.object_id, one.flag) in found]


def _again(stored: "NamedEvent", ours: KnownSerials) -> EventRecord:
    event = json.loads(stored.document)
    return event_record(event, stored.key, namespaces_of(event.get("@context")), stored.document, ours)


def _check_digits(records: Iterable[EventRecord]) -> Iterator[FlagNote]:
    for record in records:
        for named in record.named:
            wrong = wrong_check_digit(named.uri) if named.uri.startswith("http") else None
            if wrong:
                yield FlagNote(record.key.event_id, named.object_id, Flag.WRONG_CHECK_DIGIT, wrong[1])


def _lives(uow: "UnitOfWork", party_id: str, records: Iterable[EventRecord]) -> Iterator[FlagNote]:
    """Second commissionings, events of what was never active, and events after the end of a unit."""
    here = {one.key.event_id for one in records}
    units = sorted(
        {
            named.object_id
            for record in records
            for named in record.named
            if not named.is_class and named.role in (Role.EPC, Role.CHILD, Role.INPUT, Role.OUTPUT)
        }
    )
    lives = unit_lives(uow, party_id, units)
    begun = uow.events.beginnings(units)
    yield from _packed(records, lives, begun)
    for unit, lived in lives.items():
        began = begun.get(unit, ())
        for event_id, flag in lived.flags:
            if flag is not Flag.NEVER_ACTIVE or (_is_item(unit) and not began):
                yield FlagNote(event_id, unit, flag)
        others = sorted({party for party, event_id in began if party != party_id and event_id not in here})
        for party, event_id in began if others else ():
            if party == party_id and event_id in here:  # the clone signal: another party brought this unit to life
                yield FlagNote(event_id, unit, Flag.SECOND_COMMISSIONING, ", ".join(others))


def _packed(records: Iterable[EventRecord], lives: Mapping[str, UnitLife], begun: Container[str]) -> Iterator[FlagNote]:
    """What was packed before it was active, in the books of any party, or after its end."""
    for one in records:
        for unit in one.children if one.moves_children and one.action is Action.ADD else ():
            state, _ = life(each for each in lives[unit].happenings if each.at <= one.event_time)
            if state in ENDS:
                yield FlagNote(one.key.event_id, unit, Flag.AFTER_END)
            elif state is State.UNKNOWN and _is_item(unit) and unit not in begun:
                yield FlagNote(one.key.event_id, unit, Flag.NEVER_ACTIVE)


def _is_item(unit: str) -> bool:
    return is_serial(unit) or _ITEM.fullmatch(unit) is not None


def _packings(uow: "UnitOfWork", party_id: str, records: Sequence[EventRecord]) -> Iterator[FlagNote]:
    """Packed twice, taken out of what it did not lie in, packed into itself."""
    moving = [one for one in records if one.moves_children]
    units = sorted({unit for one in moving for unit in one.children})
    for odd in uow.known.contradictions(party_id, units) if units else ():
        if odd.said.unit_id != EVERYTHING:
            yield FlagNote(odd.said.event_id, odd.said.unit_id, odd.flag, odd.other)
    packing = [one for one in moving if one.action is Action.ADD]
    places = _places_above(uow, party_id, [one.parent_id for one in packing])
    for one in packing:
        above = _climb(places, one)
        yield from (
            FlagNote(one.key.event_id, unit, Flag.CYCLE, one.parent_id) for unit in one.children if unit in above
        )


def _places_above(uow: "UnitOfWork", party_id: str, parents: Sequence[str]) -> dict[str, list[Interval]]:
    """Where the parents lay at any time, and where those outer units lay, level by level."""
    places: dict[str, list[Interval]] = {}
    level = sorted(set(parents))
    for _ in range(MOST_LEVELS):
        if not level:
            break
        found = uow.known.intervals(party_id, level)
        places.update({unit: found.get(unit, []) for unit in level})
        level = sorted({one.parent_id for held in found.values() for one in held} - places.keys())
    return places


def _climb(places: dict[str, list[Interval]], record: EventRecord) -> set[str]:
    """The parent of a packing and everything that it lay in at that time."""
    above = {record.parent_id}
    unit = record.parent_id
    while True:
        here = next((one.parent_id for one in places.get(unit, ()) if one.holds(record.event_time)), "")
        if not here or here in above:
            return above
        above.add(here)
        unit = here
