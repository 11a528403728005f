"""The route of goods as boxes and arrows, from left to right in the order of time: what a picture shows.

A box is a lot, units that went the same way, a logistic unit, or a place. Goods pass from box to box: of a lot into
units, of units onto a pallet, with the pallet to a place, there onto another pallet. What is drawn between two boxes is
one arrow with all that passed.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from tracelib.trace.route.groups import groups_of
from tracelib.trace.route.history import History, Kind, Link, Passing, Stop

ARRIVALS = frozenset({"receiving", "arriving", "accepting", "retail_selling"})
DEPARTURES = frozenset({"shipping", "departing"})
SOLD = "retail_selling"
_ENDLESS = datetime.max.replace(tzinfo=UTC)


class BoxKind(StrEnum):
    """What a box stands for."""

    LOT = "lot"
    UNITS = "units"
    LOGISTIC_UNIT = "logistic_unit"
    PLACE = "place"


@dataclass
class Amount:
    """So many things, and their weight together: None where it is not known of all."""

    count: int = 0
    weight_g: int | None = 0

    def add(self, count: int, weight_g: int | None) -> None:
        """More of them."""
        self.count += count
        self.weight_g = None if weight_g is None or self.weight_g is None else self.weight_g + weight_g


@dataclass
class Box:
    """``things``: those that it stands for, empty for a place (``place``: its URI). ``column`` counts from 0.

    ``here``: goods that lie there at the end of the history; ``sold``: those that were sold there. ``expected``: goods
    are on the way to this place, and nothing has arrived yet.
    """

    id: str
    kind: BoxKind
    things: tuple[str, ...] = ()
    place: str = ""
    at: datetime = _ENDLESS
    stops: list[Stop] = field(default_factory=list)
    amount: Amount = field(default_factory=Amount)
    here: Amount = field(default_factory=Amount)
    sold: Amount = field(default_factory=Amount)
    expected: bool = False
    column: int = 0


@dataclass
class Arrow:
    """What passed from one box to another. ``on_the_way``: it set off and has not arrived."""

    source: str
    target: str
    amount: Amount
    at: datetime
    on_the_way: bool = False


@dataclass(frozen=True)
class Route:
    """Boxes by their ids, and the arrows between them. ``start``: the box of what was traced."""

    start: str
    boxes: Mapping[str, Box]
    arrows: tuple[Arrow, ...]

    def columns(self) -> list[list[Box]]:
        """The boxes of each column, from top to bottom: each near those that it has its goods from."""
        columns: dict[int, list[Box]] = defaultdict(list)
        for box in self.boxes.values():
            columns[box.column].append(box)
        sources: dict[str, list[str]] = defaultdict(list)
        for arrow in self.arrows:
            sources[arrow.target].append(arrow.source)
        row: dict[str, float] = {}
        ordered = []
        for number in sorted(columns):
            middle = {
                box.id: sum(row.get(one, 0) for one in sources[box.id]) / len(sources[box.id])
                if sources[box.id]
                else 0.0
                for box in columns[number]
            }
            ordered.append(sorted(columns[number], key=lambda box: (middle[box.id], box.at, box.id)))
            row |= {box.id: position - len(ordered[-1]) / 2 for position, box in enumerate(ordered[-1])}
        return ordered


def route_of(history: History) -> Route:
    """The route that a history tells of."""
    return _Drawer(history).route()


class _Drawer:
    """Lays out one history."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._groups = groups_of(history)
        self._packed: dict[str, list[Link]] = defaultdict(list)
        self._contents: dict[str, list[Link]] = defaultdict(list)
        self._first: dict[str, datetime] = {}
        self._stops: dict[str, list[Stop]] = defaultdict(list)
        self._boxes: dict[str, Box] = {}
        self._arrows: dict[tuple[str, str], Arrow] = {}
        for link in history.links:
            if link.passing is Passing.PACKED:
                self._packed[link.source].append(link)
                self._contents[link.target].append(link)
            self._first.setdefault(link.target, link.at)
        for stop in history.stops:
            self._stops[stop.thing].append(stop)

    def route(self) -> Route:
        """Boxes, arrows, columns."""
        for name in self._history.things:
            self._add_thing(name)
        for link in self._history.links:
            self._add_link(link)
        for name in self._history.things:
            for stop in self._stops[name]:
                self._add_visit(name, stop)
        self._add_ends()
        arrows = tuple(arrow for arrow in self._arrows.values() if arrow.source != arrow.target)
        _set_columns(self._boxes, arrows)
        return Route(self._box_of(self._history.start), self._boxes, arrows)

    def _box_of(self, name: str) -> str:
        return self._groups[name].first

    def _add_thing(self, name: str) -> None:
        thing, group = self._history.things[name], self._groups[name]
        kind = {Kind.LOT: BoxKind.LOT, Kind.UNIT: BoxKind.UNITS}.get(thing.kind, BoxKind.LOGISTIC_UNIT)
        box = self._boxes.setdefault(group.first, Box(group.first, kind, group.things))
        box.amount.add(1, thing.weight_g)
        if name == group.first:
            box.stops = [stop for stop in self._stops[name] if stop.step not in ARRIVALS | DEPARTURES]
        box.at = min([box.at, *(stop.at for stop in box.stops), self._first.get(name, _ENDLESS)])

    def _add_link(self, link: Link) -> None:
        """Goods pass into a lot, into units, or onto something: from where they were just before."""
        count, weight_g = self._goods_in(link.source, link.at)
        source = self._spot(link.source, link.at)
        if link.passing is not Passing.PACKED:
            count, weight_g = (0, link.weight_g) if link.passing is Passing.MADE else (1, link.weight_g)
            source = self._box_of(link.source)
        self._add_arrow(source, self._box_of(link.target), count, weight_g, link.at)

    def _add_visit(self, name: str, stop: Stop) -> None:
        """Goods arrive at a place, or set off to one that they never arrived at."""
        count, weight_g = self._goods_in(name, stop.at)
        if stop.step in ARRIVALS and stop.place and self._history.things[name].kind is not Kind.LOT:
            source, target = self._spot(name, stop.at), f"place {stop.place}"
            self._add_place(target, stop.place, stop)
            self._add_arrow(source, target, count, weight_g, stop.at)
            if stop.step == SOLD:
                self._boxes[target].sold.add(count, weight_g)
        to = stop.parties[1]
        if stop.step in DEPARTURES and to and not any(self._arrives(one, stop.at) for one in self._stops[name]):
            source, target = self._spot(name, stop.at), f"place {to}"
            self._add_place(target, to, None)
            self._add_arrow(source, target, count, weight_g, stop.at, on_the_way=True)

    @staticmethod
    def _arrives(stop: Stop, after: datetime) -> bool:
        return stop.step in ARRIVALS and stop.at > after

    def _add_place(self, key: str, place: str, stop: Stop | None) -> None:
        box = self._boxes.setdefault(key, Box(key, BoxKind.PLACE, place=place, expected=True))
        if stop is not None:
            box.expected = False
            box.at = min(box.at, stop.at)
            if stop.step != SOLD and all((one.at, one.step) != (stop.at, stop.step) for one in box.stops):
                box.stops.append(stop)

    def _goods_in(self, name: str, at: datetime) -> tuple[int, int | None]:
        """How many of the history's units lie in a thing then, and their weight; a unit counts as itself."""
        thing = self._history.things[name]
        if thing.kind is not Kind.LOGISTIC_UNIT:
            return 1, thing.weight_g
        total = Amount()
        for link in self._contents[name]:
            if link.at <= at and (link.until is None or at < link.until):
                total.add(*self._goods_in(link.source, at))
        return total.count, total.weight_g

    def _spot(self, name: str, before: datetime, depth: int = 0) -> str:
        """The box that a thing is in just before an instant: its own, a place, or what it lies in."""
        best, where = None, self._box_of(name)
        for stop in self._stops[name]:
            if stop.step in ARRIVALS and stop.place and stop.at < before and (best is None or best <= stop.at):
                best, where = stop.at, f"place {stop.place}"
        for link in self._packed[name] if depth < 64 else ():
            if link.at < before and (best is None or best <= link.at):
                left = link.until is not None and link.until <= before
                best, where = link.at, self._spot(link.target, min(before, link.until or before), depth + 1)
                if left and where == self._box_of(link.target):  # taken out where it was packed
                    where = self._box_of(name)
        return where

    def _add_ends(self) -> None:
        """Where the goods are at the end, and what was sold is nowhere any more."""
        for name, thing in self._history.things.items():
            if thing.kind is Kind.LOT or (thing.kind is Kind.LOGISTIC_UNIT and self._contents[name]):
                continue
            last = self._stops[name][-1].step if self._stops[name] else ""
            spot = self._boxes.get(self._spot(name, _ENDLESS))
            if spot is not None and last != SOLD:
                spot.here.add(1, thing.weight_g)

    def _add_arrow(
        self, source: str, target: str, count: int, weight_g: int | None, at: datetime, *, on_the_way: bool = False
    ) -> None:
        arrow = self._arrows.setdefault((source, target), Arrow(source, target, Amount(), at, on_the_way))
        arrow.amount.add(count, weight_g)
        arrow.at = min(arrow.at, at)
        arrow.on_the_way = arrow.on_the_way and on_the_way


def _set_columns(boxes: Mapping[str, Box], arrows: Iterable[Arrow]) -> None:
    """Each box to the right of all that it has its goods from; where goods came back, the later way does not count."""
    out: dict[str, list[Arrow]] = defaultdict(list)
    for arrow in sorted(arrows, key=lambda one: one.at):
        if not _leads(out, arrow.target, arrow.source):
            out[arrow.source].append(arrow)
    waiting = list(boxes)
    while waiting:
        source = waiting.pop()
        for arrow in out[source]:
            if boxes[arrow.target].column <= boxes[source].column:
                boxes[arrow.target].column = boxes[source].column + 1
                waiting.append(arrow.target)


def _leads(out: Mapping[str, list[Arrow]], source: str, target: str) -> bool:
    """Whether arrows lead from one box to another."""
    seen, waiting = {source}, [source]
    while waiting:
        here = waiting.pop()
        if here == target:
            return True
        beyond = {arrow.target for arrow in out.get(here, ())} - seen
        seen |= beyond
        waiting += beyond
    return False
