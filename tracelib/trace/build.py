"""The events that our own steps make, one call each. Each comes with its CBV 2.0 event hash as ``event_id``.

EPCs are URIs as ``tracelib.codes.epc.epc_uri`` writes them. Times are aware; their offset is kept, anything finer than
a millisecond is cut off, because the event hash works in milliseconds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from tracelib.errors import RuleError
from tracelib.trace.canonical import event_hash
from tracelib.trace.elements import JsonValue, SensorElement, time_text
from tracelib.trace.event import AggregationEvent, Event, ObjectEvent
from tracelib.trace.vocab import Action, BizStep, Disposition

LOT_NUMBER = "cbvmda:lotNumber"
"""Lot in ``ilmd``: a CBV 2.0 master data attribute, its prefix is part of the standard EPCIS context."""

_EventT = TypeVar("_EventT", bound=Event)


class NothingToRecordError(RuleError):
    """An event about no object at all."""

    code = "event.no_objects"
    template = "A {step} event needs at least one object, and none was given."


class RepeatedObjectError(RuleError):
    """One object twice in the same event."""

    code = "event.repeated_object"
    template = "A {step} event names {epc} twice; each object belongs in it once."


def commissioning_event(
    epcs: Sequence[str],
    *,
    event_time: datetime,
    read_point: str = "",
    biz_location: str = "",
    lot: str = "",
    weight_g: int | None = None,
    device_id: str = "",
    ilmd: Mapping[str, JsonValue] | None = None,
) -> ObjectEvent:
    """Units come to life: ObjectEvent, ADD, ``commissioning``, ``active``.

    ``epcs``: EPC URIs, each once, in the order of scanning. ``read_point`` and ``biz_location``: URIs
    (:func:`location_uri`). ``lot`` goes into ``ilmd`` as ``cbvmda:lotNumber``; ``ilmd`` adds further attributes.
    ``weight_g``: measured net weight in grams, written as a ``Mass`` sensor report in GRM taken at ``event_time``
    by ``device_id`` (a URI; empty where the scale has none).
    """
    _check(epcs, BizStep.COMMISSIONING)
    attributes = {LOT_NUMBER: lot, **(ilmd or {})} if lot else dict(ilmd or {})
    return identified(
        ObjectEvent(
            event_time=millisecond(event_time),
            action=Action.ADD,
            biz_step=BizStep.COMMISSIONING,
            disposition=Disposition.ACTIVE,
            read_point=read_point,
            biz_location=biz_location,
            epc_list=tuple(epcs),
            ilmd=attributes,
            sensor_element_list=() if weight_g is None else (_weighing(weight_g, millisecond(event_time), device_id),),
        )
    )


def decommissioning_event(epcs: Sequence[str], *, event_time: datetime, biz_location: str = "") -> ObjectEvent:
    """Codes leave their units for good: ObjectEvent, DELETE, ``decommissioning``, ``inactive`` (CBV 2.0, 7.1 and 7.2).

    What became of the goods is another matter: they may have got new codes.
    """
    _check(epcs, BizStep.DECOMMISSIONING)
    return identified(
        ObjectEvent(
            event_time=millisecond(event_time),
            action=Action.DELETE,
            biz_step=BizStep.DECOMMISSIONING,
            disposition=Disposition.INACTIVE,
            biz_location=biz_location,
            epc_list=tuple(epcs),
        )
    )


def packing_event(
    parent: str,
    children: Sequence[str],
    *,
    event_time: datetime,
    read_point: str = "",
    biz_location: str = "",
) -> AggregationEvent:
    """Units go into a logistic unit: AggregationEvent, ADD, ``packing``, ``in_progress``.

    ``parent`` and ``children``: EPC URIs, each once; there is at least one child, and the parent is none of them.
    """
    _check(children, BizStep.PACKING)
    _check((parent, *children), BizStep.PACKING)
    return identified(
        AggregationEvent(
            event_time=millisecond(event_time),
            action=Action.ADD,
            biz_step=BizStep.PACKING,
            disposition=Disposition.IN_PROGRESS,
            read_point=read_point,
            biz_location=biz_location,
            parent_id=parent,
            child_epcs=tuple(children),
        )
    )


def identified(event: _EventT) -> _EventT:
    """The same event with its CBV 2.0 event hash as ``event_id``."""
    return replace(event, event_id=event_hash(event.as_json()))


def location_uri(home: str, party_id: str, gln: str = "", station: str = "") -> str:
    """A place as an event names it.

    With a GLN ``https://id.gs1.org/414/{gln}[/254/{station}]`` (GS1 Digital Link), else the party's own
    ``https://{home}/L/{party_id}[/{station}]``. ``home`` is the issuer's registered host, ``station`` has the shape of
    an own number.
    """
    if gln:
        return f"https://id.gs1.org/414/{gln}" + (f"/254/{station}" if station else "")
    return f"https://{home}/L/{party_id}" + (f"/{station}" if station else "")


def party_uri(home: str, party_id: str, gln: str = "") -> str:
    """A party as the source or destination of an event names it.

    With a GLN ``https://id.gs1.org/417/{gln}`` (GS1 Digital Link), else the party's own ``https://{home}/O/{party_id}``.
    """
    return f"https://id.gs1.org/417/{gln}" if gln else f"https://{home}/O/{party_id}"


def millisecond(instant: datetime) -> datetime:
    """The instant without anything finer than a millisecond."""
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def _weighing(weight_g: int, at: datetime, device_id: str) -> SensorElement:
    metadata: dict[str, JsonValue] = {"time": time_text(at)}
    if device_id:
        metadata["deviceID"] = device_id
    return SensorElement(({"type": "Mass", "value": weight_g, "uom": "GRM"},), metadata)


def _check(epcs: Sequence[str], step: BizStep) -> None:
    if not epcs:
        raise NothingToRecordError(step=step.value)
    seen: set[str] = set()
    for epc in epcs:
        if epc in seen:
            raise RepeatedObjectError(step=step.value, epc=epc)
        seen.add(epc)
