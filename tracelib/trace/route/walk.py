"""Which way goods went: pure rules over links, told in pieces as they are read.

* Back: from a unit to its lot, from a lot to what it was made of, from a logistic unit to what lay in it. A unit that
  never got a lot of its own has that of what it was packed in first.
* Forward: from a lot to its units, from anything to what was made of it, from a logistic unit to what lay in it.
* Goods share the fate of what they lie in, as long as they lie in it: a carton that left a pallet before the pallet was
  shipped was not shipped. What else lies there is none of theirs.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from tracelib.trace.route.history import Facts, Journey, Link, Passing, Stop

_PACKING = "AggregationEvent"


class Way(StrEnum):
    """In which direction a thing is looked at."""

    BACK = "back"
    FORWARD = "forward"
    CARRIER = "carrier"
    """For what happens to it, on behalf of goods that lie in it."""
    JOURNEY = "journey"
    """The same on behalf of the start, and of the start itself."""
    ORIGIN = "origin"
    """Back to its lot only, on behalf of a unit without one."""


@dataclass(frozen=True, slots=True)
class Window:
    """From ``since`` (None: always) until ``until`` (None: ever since), the end excluded."""

    since: datetime | None = None
    until: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """Whether an instant lies in it."""
        return (self.since is None or self.since <= at) and (self.until is None or at < self.until)

    def within(self, since: datetime, until: datetime | None) -> "Window | None":
        """The part of it between two instants; None where there is none."""
        first = since if self.since is None else max(since, self.since)
        ends = [end for end in (until, self.until) if end is not None]
        last = min(ends) if ends else None
        return None if last is not None and last <= first else Window(first, last)

    def covers(self, other: "Window") -> bool:
        """Whether all of the other lies in it."""
        begins = self.since is None or (other.since is not None and self.since <= other.since)
        return begins and (self.until is None or (other.until is not None and other.until <= self.until))


@dataclass(frozen=True, slots=True)
class Wanted:
    """A thing whose facts are needed, and for which way."""

    thing: str
    way: Way


class Walk:
    """Follows goods from ``start``. Ask :meth:`wanted`, read that, :meth:`learn` it, until nothing is wanted.

    ``one_step``: what stands next to the start is named and not followed further.
    """

    def __init__(self, start: str, ways: Iterable[Way], *, at: datetime | None = None, one_step: bool = False) -> None:
        self.start = start
        self.at = at
        self._one_step = one_step
        self._into: dict[str, list[Link]] = defaultdict(list)
        self._out_of: dict[str, list[Link]] = defaultdict(list)
        self._stops: dict[str, list[Stop]] = defaultdict(list)
        self._known: set[object] = set()
        self._read: set[Wanted] = set()
        self._visits: dict[tuple[str, Way], list[Window]] = defaultdict(list)
        self._waiting: list[tuple[str, Way, Window]] = []
        self._moved_by: set[str] = set()
        self.used_links: dict[Link, None] = {}
        self.used_stops: dict[Stop, None] = {}
        self.sides: dict[Way, set[str]] = {Way.BACK: {start}, Way.FORWARD: {start}}
        for way in ways:
            self._visit(start, way, Window())
        self._visit(start, Way.JOURNEY, Window())

    def wanted(self) -> list[Wanted]:
        """What has to be read next; empty at the end."""
        return sorted({Wanted(t, w) for t, w, _ in self._waiting} - self._read, key=lambda one: (one.thing, one.way))

    def learn(self, asked: Iterable[Wanted], facts: Facts) -> None:
        """Take in what was read of the things asked for, and go on."""
        self._read |= set(asked)
        for link in facts.links:
            if link not in self._known and self._is_past(link.at):
                self._known.add(link)
                ended = link.until is None or self._is_past(link.until)
                seen = link if ended else replace(link, until=None)
                self._into[link.target].append(seen)
                self._out_of[link.source].append(seen)
        for stop in facts.stops:
            if stop not in self._known and self._is_past(stop.at):
                self._known.add(stop)
                self._stops[stop.thing].append(stop)
        waiting, self._waiting = self._waiting, []
        for thing, way, window in waiting:
            if Wanted(thing, way) in self._read:
                self._go(thing, way, window)
            else:
                self._waiting.append((thing, way, window))

    def journey(self) -> tuple[Journey, ...]:
        """What happened to the start, on its own or carried, by time; an event that names both is told once."""
        found: dict[str, Journey] = {}
        for (thing, way), visits in self._visits.items():
            for stop in self._stops[thing] if way is Way.JOURNEY else ():
                if thing == self.start:
                    found[stop.event_id] = Journey(stop)
                elif self._concerns_goods(stop, visits):
                    found.setdefault(stop.event_id, Journey(stop, thing))
        return tuple(sorted(found.values(), key=lambda one: (one.stop.at, one.stop.recorded_at, one.stop.event_id)))

    def _concerns_goods(self, stop: Stop, visits: Iterable[Window]) -> bool:
        """Whether an event of a carrier met what lay in it: others that come and go beside it are no news of it."""
        if stop.event_type == _PACKING:
            return stop.event_id in self._moved_by
        return any(window.holds(stop.at) for window in visits)

    def _is_past(self, at: datetime) -> bool:
        return self.at is None or at <= self.at

    def _visit(self, thing: str, way: Way, window: Window) -> None:
        """Go and look at a thing, unless it was looked at in this way for all of this time."""
        visits = self._visits[thing, way]
        if not any(before.covers(window) for before in visits):
            visits.append(window)
            self._waiting.append((thing, way, window))

    def _go(self, thing: str, way: Way, window: Window) -> None:
        if way is Way.BACK:
            self._go_back(thing, window)
        elif way is Way.FORWARD:
            self._go_forward(thing, window)
        elif way is Way.ORIGIN:
            self._go_to_origin(thing)
        else:
            self._use_stops(thing, window)
            self._share_fate(thing, window, way)

    def _go_back(self, thing: str, window: Window) -> None:
        self._use_stops(thing, window)
        sources = [link for link in self._into[thing] if link.passing is not Passing.PACKED]
        for link in sources:
            self._follow(link, link.source, Way.BACK, Window())
        for link in self._into[thing]:
            if link.passing is Passing.PACKED:
                self._follow(link, link.source, Way.BACK, Window())
        if not sources:
            self._go_to_origin(thing)

    def _go_to_origin(self, thing: str) -> None:
        """Up through what it was packed in first, to the nearest lot."""
        filled = [link for link in self._into[thing] if link.passing is Passing.FILLED]
        for link in filled:
            self._follow(link, link.source, Way.BACK, Window())
        packed = [link for link in self._out_of[thing] if link.passing is Passing.PACKED]
        if packed and not filled:
            first = min(packed, key=lambda link: link.at)
            self.used_links[first] = None
            self.sides[Way.BACK].add(first.target)
            self._visit(first.target, Way.ORIGIN, Window())

    def _go_forward(self, thing: str, window: Window) -> None:
        self._use_stops(thing, window)
        for link in self._out_of[thing]:
            if link.passing is not Passing.PACKED and window.holds(link.at):
                self._follow(link, link.target, Way.FORWARD, Window(link.at))
        for link in self._into[thing]:
            if link.passing is Passing.PACKED and window.within(link.at, link.until):
                self._follow(link, link.source, Way.FORWARD, Window(link.at))
        self._share_fate(thing, window, Way.CARRIER)

    def _share_fate(self, thing: str, window: Window, way: Way) -> None:
        """Go along with what the thing lies in, as long as it lies there; being used up is shared too."""
        for link in self._out_of[thing]:
            if link.passing is Passing.PACKED:
                inside = window.within(link.at, link.until)
                if inside is not None:
                    self.used_links[link] = None
                    self.sides[Way.FORWARD].add(link.target)
                    if way is Way.JOURNEY:
                        self._moved_by |= {link.event_id, link.ended_by}
                    self._visit(link.target, way, inside)
            elif way is Way.CARRIER and link.passing is Passing.MADE and window.holds(link.at):
                self._follow(link, link.target, Way.FORWARD, Window(link.at))

    def _follow(self, link: Link, to: str, way: Way, window: Window) -> None:
        self.used_links[link] = None
        self.sides[way].add(to)
        if not self._one_step:
            self._visit(to, way, window)

    def _use_stops(self, thing: str, window: Window) -> None:
        for stop in self._stops[thing]:
            if window.holds(stop.at):
                self.used_stops[stop] = None
