"""Units that went the same way, told as one: forty cartons of a lot on one pallet are one line, not forty."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from tracelib.trace.route.history import History, Kind, Link, Passing, Stop

_ACTIVATED = "commissioning"


@dataclass(frozen=True, slots=True)
class Group:
    """Things of one kind with the same way. ``weight_g``: all together, None where not every weight is known."""

    things: tuple[str, ...]
    weight_g: int | None

    @property
    def first(self) -> str:
        """The thing that stands for all."""
        return self.things[0]


def groups_of(history: History) -> Mapping[str, Group]:
    """Every thing to its group. Only units are grouped, and never the start."""
    around: dict[str, list[Link]] = defaultdict(list)
    stops: dict[str, list[Stop]] = defaultdict(list)
    for link in history.links:
        around[link.source].append(link)
        around[link.target].append(link)
    for stop in history.stops:
        stops[stop.thing].append(stop)
    alike: dict[object, list[str]] = defaultdict(list)
    for name in history.things:
        alike[_way(history, name, around[name], stops[name])].append(name)
    found: dict[str, Group] = {}
    for names in alike.values():
        weights = [history.things[name].weight_g for name in names]
        known = [weight for weight in weights if weight is not None]
        group = Group(tuple(names), sum(known) if len(known) == len(names) else None)
        found |= dict.fromkeys(names, group)
    return found


def _way(history: History, name: str, around: list[Link], stops: list[Stop]) -> object:
    """What two units have in common when they went the same way: lots, what they lay in and when, what happened."""
    thing = history.things[name]
    if thing.kind is not Kind.UNIT or name == history.start or thing.remarks:
        return name
    lots, places, inside = [], [], 0
    for link in around:
        if link.passing is Passing.MADE:
            return name
        if link.target != name:
            places.append((link.target, link.at, link.until))
        elif link.passing is Passing.FILLED:
            lots.append(link.source)
        else:
            inside += 1
    happened = [(stop.step, stop.disposition, stop.place, stop.said_by) for stop in stops if stop.step != _ACTIVATED]
    return tuple(lots), tuple(places), tuple(happened), inside, thing.product_id


def concerns(stop: Stop, link: Link) -> bool:
    """Whether an event of what goods lay in met them: meanwhile, and not of others that came or went."""
    if stop.event_type == "AggregationEvent":
        return stop.event_id in (link.event_id, link.ended_by)
    return link.at <= stop.at and (link.until is None or stop.at < link.until)
