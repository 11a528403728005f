"""What the store says of some things at once: their links with others and their stops."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from tracelib.operations.known_serials import KnownSerials
from tracelib.operations.trace.lots import Lots, is_lot
from tracelib.operations.trace.told import ToldEvent
from tracelib.trace.containment import Contradiction, fold
from tracelib.trace.objects import Role
from tracelib.trace.route.history import Cut, Facts, Link, Passing, Stop
from tracelib.trace.route.walk import Wanted, Way

if TYPE_CHECKING:
    from tracelib.store.event_repository import StoredEvent
    from tracelib.store.lineage_repository import Step
    from tracelib.store.trace_repository import Said
    from tracelib.store.unit_of_work import UnitOfWork

MOST_EVENTS = 50_000
MOST_UNITS = 20_000
"""Of one level: what is beyond is left out, and the answer says so."""
MOST_PARTIES = 64
"""In a larger store only parties whose events name something of the chain are asked what lay in what."""

_OF_THINGS = (Role.EPC, Role.PARENT, Role.CHILD, Role.INPUT, Role.OUTPUT)


class FactReader:
    """Reads facts level by level within one unit of work; nothing is read twice."""

    def __init__(self, uow: "UnitOfWork", lots: Lots, parties: Iterable[str]) -> None:
        self._uow = uow
        self._lots = lots
        self._ours = KnownSerials(uow)
        self.parties = sorted({*uow.trace.parties(MOST_PARTIES + 1), *parties})
        self._knows_all = len(self.parties) <= MOST_PARTIES
        self._folded: dict[str, list[Link]] = {}
        self._parsed: dict[str, ToldEvent] = {}
        self.contradictions: dict[str, list[Contradiction]] = {}
        self.wrong: dict[str, list[StoredEvent]] = defaultdict(list)
        """Events that were declared wrong, by thing."""
        self.boxes: set[str] = set()
        """Own serials that events call logistic units."""
        self.cuts: list[Cut] = []

    def read(self, wanted: Sequence[Wanted]) -> Facts:
        """Links and stops of the things wanted, as far as their ways need them."""
        things = sorted({one.thing for one in wanted})
        names = {object_id: thing for thing in things for object_id in self._lots.object_ids(thing)}
        if not self._knows_all:
            self.parties = sorted({*self.parties, *self._uow.trace.parties_naming(list(names))})
        said = self._sound(self._uow.trace.naming(list(names), _OF_THINGS, MOST_EVENTS), names)
        widely = {one.thing for one in wanted if one.way in (Way.BACK, Way.FORWARD)}
        forward = {one.thing for one in wanted if one.way is Way.FORWARD}
        brought = {name: thing for name, thing in names.items() if thing in forward and is_lot(name)}
        said += self._sound(self._uow.trace.naming(list(brought), [Role.LOT], MOST_EVENTS), brought)
        if len(said) >= MOST_EVENTS:
            self.cuts.append(Cut(things[0], "events", len(said), len(said) + 1))
        units = [thing for thing in things if thing not in self._lots.batches and not is_lot(thing)]
        links = list(self._packed(units)) + list(self._contents([unit for unit in units if unit in widely]))
        stops: list[Stop] = []
        for one in said:
            found, stop = self._meaning(one)
            links += found
            stops += [stop] if stop else []
        links = self._named(links)
        made = {(link.source, link.target) for link in links if link.passing is Passing.MADE}
        links += [link for link in self._desk_steps(wanted) if (link.source, link.target) not in made]
        return Facts(tuple(links), tuple({(s.thing, s.event_id): s for s in self._placed(stops, names)}.values()))

    def _sound(self, said: "list[Said]", names: Mapping[str, str]) -> "list[Said]":
        """Without what was declared wrong; of an event that two parties hold, the first."""
        wrong = {one.event.key.event_id for one in said if one.event.key.declaration_time}
        for one in said:
            if one.event.key.declaration_time:
                self.wrong[names[one.object_id]].append(one.event)
        kept = {(one.object_id, one.role, one.event.key.event_id): one for one in reversed(said)}
        return [one for one in reversed(kept.values()) if one.event.key.event_id not in wrong]

    def _packed(self, units: Sequence[str]) -> Iterator[Link]:
        """Where each unit lay."""
        missing = [unit for unit in units if unit not in self._folded]
        for unit, said in self._uow.trace.statements(self.parties, missing).items():
            intervals, odd = fold(unit, said)
            who = {one.event_id: party for one, party in said.items()}
            self._folded[unit] = [
                Link(
                    unit,
                    one.parent_id,
                    Passing.PACKED,
                    one.packed_at,
                    one.unpacked_at,
                    event_id=one.packed_by,
                    ended_by=one.unpacked_by,
                    said_by=who[one.packed_by],
                )
                for one in intervals
            ]
            self.contradictions[unit] = odd
        for unit in units:
            yield from self._folded.setdefault(unit, [])

    def _contents(self, parents: Sequence[str]) -> Iterator[Link]:
        """What ever lay in each of these."""
        inside = self._uow.trace.put_into(self.parties, parents, MOST_UNITS + 1)
        if len(inside) > MOST_UNITS:
            self.cuts.append(Cut(parents[0], "units", MOST_UNITS, len(inside)))
        wanted = set(parents)
        return (link for link in self._packed(inside[:MOST_UNITS]) if link.target in wanted)

    def _meaning(self, said: "Said") -> tuple[list[Link], Stop | None]:
        """What an event says of one of its objects."""
        event = self._event(said.event)
        if said.role is Role.PARENT and "/U/" in str(event.json.get("parentID")):
            self.boxes.add(said.object_id)
        if said.role is Role.LOT:
            return [event.filled(unit, lot) for unit, lot in event.lots.items() if lot == said.object_id], None
        if said.role is Role.CHILD:
            return list(event.poured(said.object_id)), None
        links: list[Link] = []
        if said.role in (Role.INPUT, Role.OUTPUT):
            links += event.made(said.object_id, said.role)
        lot = event.lot_of(said.object_id) if said.role in (Role.EPC, Role.OUTPUT) else None
        if lot:
            links.append(event.filled(said.object_id, lot))
        if said.role is Role.PARENT:
            links += [link for one in event.objects if one.role is Role.CHILD for link in event.poured(one.object_id)]
        return links, event.stop(said.object_id, said.role)

    def _event(self, stored: "StoredEvent") -> ToldEvent:
        found = self._parsed.get(stored.key.event_id)
        if found is None:
            found = self._parsed[stored.key.event_id] = ToldEvent(stored, self._ours)
        return found

    def _named(self, links: list[Link]) -> list[Link]:
        """The same links, registered batches by their references."""
        self._lots.learn(end for link in links for end in (link.source, link.target) if is_lot(end))
        name = self._lots.thing_of
        return [
            replace(link, source=name(link.source), target=name(link.target))
            if is_lot(link.source) or is_lot(link.target)
            else link
            for link in links
        ]

    @staticmethod
    def _placed(stops: list[Stop], names: Mapping[str, str]) -> Iterator[Stop]:
        for stop in stops:
            thing = names[stop.thing]
            yield stop if thing == stop.thing else replace(stop, thing=thing)

    def _desk_steps(self, wanted: Sequence[Wanted]) -> Iterator[Link]:
        """What was split, merged and re-packed at the desk."""
        keys: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
        for one in wanted:
            batch = self._lots.batches.get(one.thing)
            if batch and one.way in (Way.BACK, Way.FORWARD):
                keys[batch.party_id, one.way].add((batch.product_id, batch.lot))
        for (party_id, way), named in keys.items():
            steps = self._uow.lineage.steps(party_id, named, "out" if way is Way.BACK else "in")
            self._lots.add(
                self._uow.batches.existing(
                    {(party_id, *key) for step in steps for key in (*step.inputs, *step.outputs)}
                ).values()
            )
            for step in steps:
                yield from _links_of(step)


def _links_of(step: "Step") -> Iterator[Link]:
    for source, in_g in step.inputs.items():
        for target, out_g in step.outputs.items():
            grams = in_g if len(step.outputs) == 1 else out_g if len(step.inputs) == 1 else None
            here, there = (f"{step.party_id}/{product_id}/{lot}" for product_id, lot in (source, target))
            yield Link(here, there, Passing.MADE, step.at, step=step.kind, said_by=step.party_id, weight_g=grams)
