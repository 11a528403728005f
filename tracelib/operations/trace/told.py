"""A stored event as tracing reads it: which goods it passes from what into what, and what it says happened."""

import json
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tracelib.trace.context import namespaces_of
from tracelib.trace.objects import Named, Ours, Role, lot_of_unit, lots_of_units, objects_of
from tracelib.trace.route.history import Link, Passing, Stop
from tracelib.trace.vocab import Action, bare_word

if TYPE_CHECKING:
    from tracelib.store.event_repository import StoredEvent

_GRAMS = {"KGM": 1000, "GRM": 1, "TNE": 1_000_000}


class ToldEvent:
    """A stored event, read once."""

    def __init__(self, stored: "StoredEvent", ours: Ours) -> None:
        self.stored = stored
        self._ours = ours
        self.json: dict[str, Any] = json.loads(stored.document)
        self._namespaces = namespaces_of(self.json.get("@context"))
        self._objects: list[Named] | None = None

    @cached_property
    def lots(self) -> dict[str, str]:
        """Each unit that it brings to life to its lot."""
        return lots_of_units(self.json, self._namespaces, self._ours)

    def lot_of(self, unit: str) -> str | None:
        """The lot of one of its units."""
        return lot_of_unit(self.json, unit, self._namespaces, self._ours)

    @property
    def objects(self) -> list[Named]:
        """Everything that it names."""
        if self._objects is None:
            self._objects = objects_of(self.json, self._namespaces, self._ours)
        return self._objects

    def link(self, source: str, target: str, passing: Passing, weight_g: int | None) -> Link:
        """A link that this event says."""
        one = self.stored
        return Link(
            source,
            target,
            passing,
            one.event_time,
            step=one.biz_step,
            event_id=one.key.event_id,
            said_by=one.party_id,
            weight_g=weight_g,
        )

    def filled(self, unit: str, lot: str) -> Link:
        """A unit came to life with goods of a lot."""
        return self.link(lot, unit, Passing.FILLED, self.weight_g if len(self.json.get("epcList") or ()) == 1 else None)

    def poured(self, lot: str) -> Iterator[Link]:
        """So much of a lot went into the parent."""
        if self.json.get("type") == "AggregationEvent" and self.json.get("action") == Action.ADD.value:
            parent = next((one.object_id for one in self.objects if one.role is Role.PARENT), None)
            for one in self.objects:
                if parent and one.is_class and one.role is Role.CHILD and one.object_id == lot:
                    yield self.link(lot, parent, Passing.FILLED, _grams(one))

    def made(self, object_id: str, role: Role) -> Iterator[Link]:
        """Links of an input with every output, or of an output with every input."""
        inputs = [one for one in self.objects if one.role is Role.INPUT]
        outputs = [one for one in self.objects if one.role is Role.OUTPUT]
        for source in inputs:
            for target in outputs:
                if object_id == (source if role is Role.INPUT else target).object_id:
                    lone = source if len(outputs) == 1 else target if len(inputs) == 1 else None
                    yield self.link(source.object_id, target.object_id, Passing.MADE, _grams(lone) if lone else None)

    def stop(self, object_id: str, role: Role) -> Stop:
        """What it says happened to an object."""
        one, event = self.stored, self.json
        action = event.get("action")
        return Stop(
            object_id,
            one.event_time,
            one.recorded_at,
            one.key.event_id,
            one.party_id,
            one.event_type,
            one.biz_step,
            bare_word(str(event.get("disposition") or "")),
            Action(action) if isinstance(action, str) else None,
            _place(event.get("bizLocation")) or _place(event.get("readPoint")),
            (_party(event.get("sourceList"), "source"), _party(event.get("destinationList"), "destination")),
            self._weight_of(object_id),
            role is Role.INPUT,
        )

    def _weight_of(self, object_id: str) -> int | None:
        singles = self.json.get("epcList")
        if isinstance(singles, list) and len(singles) == 1:
            return self.weight_g
        if self.json.get("quantityList"):
            return next((_grams(one) for one in self.objects if one.is_class and one.object_id == object_id), None)
        return None

    @property
    def weight_g(self) -> int | None:
        """The measured weight that it tells of."""
        for element in self.json.get("sensorElementList") or ():
            for report in element.get("sensorReport") or () if isinstance(element, dict) else ():
                if isinstance(report, dict) and str(report.get("type")).rpartition(":")[2] == "Mass":
                    return _in_grams(report.get("value"), str(report.get("uom") or ""))
        return None


def _grams(named: Named) -> int | None:
    return _in_grams(named.quantity, named.uom)


def _in_grams(value: object, uom: str) -> int | None:
    known = isinstance(value, int | float) and not isinstance(value, bool) and uom in _GRAMS
    return round(value * _GRAMS[uom]) if known else None  # type: ignore[operator]


def _place(value: object) -> str:
    return str(value.get("id") or "") if isinstance(value, dict) else ""


def _party(listed: object, name: str) -> str:
    """The party of a source or destination list: who owns, else who has, else where."""
    found = {}
    for one in listed if isinstance(listed, list) else ():
        if isinstance(one, dict):
            found[str(one.get("type")).rpartition("-")[2].rpartition(":")[2]] = str(one.get(name) or "")
    return found.get("owning_party") or found.get("possessing_party") or found.get("location") or ""
