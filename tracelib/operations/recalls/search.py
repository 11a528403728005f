"""Follow goods through everybody's events: what was made of them, what held them, what moved them."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from tracelib.operations.recalls.holders import Holders
from tracelib.store.reach_repository import Naming
from tracelib.trace.objects import Role
from tracelib.trace.recall import MOVING_STEPS, Fate, Move, Stay, amounts_of, fate_of

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import UnitOfWork

MOST_LEVELS = 64
MOST_ROUNDS = 100
"""Transformations one after the other; a cycle in what others say ends here at the latest."""
_LOT = re.compile(r"/10/[^/]+$")
_NO_LOT = re.compile(r"/01/[0-9]{14}$")
"""A trade item as such: nobody knows which goods are meant."""


class Search:
    """What follows from the events of everybody whose book names the goods.

    ``units`` are those made of the goods elsewhere, by id with their lot; ``used`` those that went into something;
    ``lots`` the ids of all batches; ``stays`` are by container; ``inside`` says what a unit lies in now; ``moves`` is
    everything that moved any of it.
    """

    def __init__(self, uow: "UnitOfWork", party_id: str) -> None:
        self._uow = uow
        self._party_id = party_id
        self._moved_by: dict[str, dict[str, set[str]]] = {}
        self.units: dict[str, str] = {}
        self.used: set[str] = set()
        self.lots: set[str] = set()
        self.stays: dict[str, list[Stay]] = {}
        self.inside: dict[str, str] = {}
        self.moves: list[Move] = []

    def run(self, units: Sequence[str], lots: Sequence[str]) -> "Search":
        """Follow transformations forward, then look what held the units and what moved them."""
        self.lots.update(lots)
        known = {*units, *lots}
        fresh, books = [*units, *lots], {self._party_id}
        for _ in range(MOST_ROUNDS):
            if not fresh:
                break
            books.update(self._uow.trace.parties_naming(fresh))
            made: dict[str, str | None] = {}
            for book in sorted(books):
                made |= self._made_of(book, fresh)
            made = {name: lot for name, lot in made.items() if name not in known}
            for book in sorted(books):
                made |= self._units_of(book, [name for name, lot in made.items() if lot is None])
            fresh = [name for name in made if name not in known]
            known.update(fresh)
            self.lots.update(name for name in fresh if made[name] is None)
            self.units |= {name: lot for name in fresh if (lot := made[name]) is not None}
        everything = [*units, *self.units]
        for book in sorted(books):
            self._contain(book, everything)
        books.update(self._uow.trace.parties_naming(list(self.stays)))
        for book in sorted(books):
            self._keep(book, self._uow.reach.namings(book, list(self.stays), MOVING_STEPS, ()))
        self._read_moves()
        return self

    def _made_of(self, book: str, names: Sequence[str]) -> dict[str, str | None]:
        """What was made of these objects: id to its lot (empty: not said), None for a lot itself."""
        namings = self._uow.reach.namings(book, names, MOVING_STEPS, (Role.INPUT,))
        used = [one.event_id for one in namings if one.role is Role.INPUT]
        self.used.update(one.object_id for one in namings if one.role is Role.INPUT)
        self._keep(book, [one for one in namings if one.role is not Role.INPUT])
        of_event = dict(self._uow.reach.objects_of(book, used, Role.LOT))
        made: dict[str, str | None] = dict.fromkeys(of_event.values())
        for event_id, name in self._uow.reach.objects_of(book, used, Role.OUTPUT):
            if not _NO_LOT.search(name):
                made[name] = None if _LOT.search(name) else of_event.get(event_id, "")
        return made

    def _units_of(self, book: str, lots: Sequence[str]) -> dict[str, str | None]:
        """The units of lots that are none of the party's: as the events that brought them to life say."""
        born = self._uow.reach.namings(book, lots, (), (Role.LOT,))
        lot_of = {one.event_id: one.object_id for one in born}
        return {
            name: lot_of[event_id]
            for role in (Role.EPC, Role.OUTPUT)
            for event_id, name in self._uow.reach.objects_of(book, list(lot_of), role)
            if not _LOT.search(name) and not _NO_LOT.search(name)
        }

    def _keep(self, book: str, namings: Iterable[Naming]) -> None:
        of_book = self._moved_by.setdefault(book, {})
        for one in namings:
            of_book.setdefault(one.event_id, set()).add(one.object_id)

    def _contain(self, book: str, units: Sequence[str]) -> None:
        """Where the units lay, directly and in what their containers lay in."""
        level: dict[str, list[Stay]] = defaultdict(list)
        for unit, intervals in self._uow.containment.intervals(book, units).items():
            for one in intervals:
                level[one.parent_id].append(Stay(unit, one.packed_at, one.unpacked_at))
                if one.unpacked_at is None:
                    self.inside[unit] = one.parent_id
        for _ in range(MOST_LEVELS):
            if not level:
                return
            for container, stays in level.items():
                self.stays.setdefault(container, []).extend(stays)
            above: dict[str, list[Stay]] = {}
            for container, intervals in self._uow.containment.intervals(book, list(level)).items():
                for one in intervals:
                    within = (stay.within(one.packed_at, one.unpacked_at) for stay in level[container])
                    above.setdefault(one.parent_id, []).extend(stay for stay in within if stay is not None)
            level = {container: stays for container, stays in above.items() if stays}

    def _read_moves(self) -> None:
        holders = Holders(self._uow, self._party_id)
        for book, named in self._moved_by.items():
            for event in self._uow.reach.events(book, list(named)):
                document = json.loads(event.document)
                disposition = str(document.get("disposition") or "").rpartition(":")[2].rpartition("Disp-")[2]
                holder, place = holders.after(book, document, event.biz_step)
                fate = fate_of(event.biz_step, disposition, at_home=holder == self._party_id)
                at_home = fate in (Fate.STOCK, Fate.RETURNED)
                self.moves.append(
                    Move(
                        event_id=event.key.event_id,
                        book=book,
                        at=event.event_time,
                        recorded_at=event.recorded_at,
                        biz_step=event.biz_step,
                        fate=fate,
                        holder=self._party_id if at_home else holder,
                        place=place,
                        named=frozenset(named[event.key.event_id]),
                        amounts=tuple(amounts_of(document)),
                        source=holders.before(document),
                    )
                )
