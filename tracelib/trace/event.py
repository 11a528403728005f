"""EPCIS 2.0 events as values.

Names follow the standard one to one (``epcList`` is ``epc_list``). Fields that this project does not interpret travel
in ``extensions`` under their JSON names and come out again untouched. ``as_json`` gives the EPCIS 2.0 JSON binding.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, TypeAlias

from tracelib.errors import FormatError
from tracelib.trace.vocab import Action

JsonValue: TypeAlias = "str | int | float | bool | list[JsonValue] | dict[str, JsonValue] | None"
JsonObject: TypeAlias = dict[str, JsonValue]


class EventTimeError(FormatError):
    """An event time without a zone."""

    code = "event.time_without_zone"
    template = "The event time {given} has no time zone: give it with its offset, such as 2026-11-23T09:30:00+08:00."


def time_text(instant: datetime) -> str:
    """An aware instant as EPCIS writes it: milliseconds (or microseconds where it has them) and offset.

    ``2026-11-23T09:30:00.000+08:00``. Raises EventTimeError for a time without zone.
    """
    if instant.utcoffset() is None:
        raise EventTimeError(given=instant.isoformat())
    return instant.isoformat(timespec="microseconds" if instant.microsecond % 1000 else "milliseconds")


@dataclass(frozen=True, slots=True)
class EventKey:
    """What makes a captured event unique.

    An error declaration repeats the id of the event it takes back (EPCIS 2.0 section 7.4.1.2), so the id alone does not
    tell them apart: ``declaration_time`` is the declaration's time in UTC with milliseconds, or empty.
    """

    event_id: str
    declaration_time: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorDeclaration:
    """A statement that an event with the same id was wrong (EPCIS 2.0 section 7.4.1.4)."""

    declaration_time: datetime
    reason: str = ""
    corrective_event_ids: tuple[str, ...] = ()
    extensions: Mapping[str, JsonValue] = field(default_factory=dict)

    def as_json(self) -> JsonObject:
        """The ``errorDeclaration`` object."""
        value: JsonObject = {"declarationTime": time_text(self.declaration_time)}
        if self.reason:
            value["reason"] = self.reason
        if self.corrective_event_ids:
            value["correctiveEventIDs"] = list(self.corrective_event_ids)
        return {**value, **self.extensions}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Event:
    """Fields that all events share. Words may be a standard bare word (``BizStep.PACKING``) or another URI."""

    event_time: datetime
    event_id: str = ""
    action: Action = Action.ADD
    biz_step: str = ""
    disposition: str = ""
    read_point: str = ""
    biz_location: str = ""
    error_declaration: ErrorDeclaration | None = None
    extensions: Mapping[str, JsonValue] = field(default_factory=dict)
    TYPE: ClassVar[str] = ""

    def _own_fields(self) -> JsonObject:
        raise NotImplementedError  # abstract: each event type has its own

    @property
    def key(self) -> EventKey:
        """(event id, declaration time): the key by which duplicates are judged."""
        from tracelib.trace.canonical import utc_milliseconds

        declared = self.error_declaration
        return EventKey(self.event_id, utc_milliseconds(time_text(declared.declaration_time)) if declared else "")

    def as_json(self) -> JsonObject:
        """The event as an EPCIS 2.0 JSON object, without ``@context`` and ``recordTime``."""
        time = time_text(self.event_time)
        value: JsonObject = {"type": self.TYPE}
        if self.event_id:
            value["eventID"] = self.event_id
        value.update({"eventTime": time, "eventTimeZoneOffset": time[-6:]})
        value.update(self._own_fields())
        value["action"] = self.action.value
        for name, word in (("bizStep", self.biz_step), ("disposition", self.disposition)):
            if word:
                value[name] = str(word)
        for name, place in (("readPoint", self.read_point), ("bizLocation", self.biz_location)):
            if place:
                value[name] = {"id": place}
        if self.error_declaration:
            value["errorDeclaration"] = self.error_declaration.as_json()
        return {**value, **self.extensions}


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectEvent(_Event):
    """Something happened to the objects in ``epc_list`` (EPCIS 2.0 section 7.4.2). ``ilmd`` only with action ADD."""

    epc_list: tuple[str, ...] = ()
    ilmd: Mapping[str, JsonValue] = field(default_factory=dict)
    TYPE: ClassVar[str] = "ObjectEvent"

    def _own_fields(self) -> JsonObject:
        value: JsonObject = {"epcList": list(self.epc_list)} if self.epc_list else {}
        if self.ilmd:
            value["ilmd"] = dict(self.ilmd)
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class AggregationEvent(_Event):
    """``child_epcs`` were put into or taken out of ``parent_id`` (EPCIS 2.0 section 7.4.3)."""

    parent_id: str = ""
    child_epcs: tuple[str, ...] = ()
    TYPE: ClassVar[str] = "AggregationEvent"

    def _own_fields(self) -> JsonObject:
        value: JsonObject = {"parentID": self.parent_id} if self.parent_id else {}
        if self.child_epcs:
            value["childEPCs"] = list(self.child_epcs)
        return value


Event: TypeAlias = ObjectEvent | AggregationEvent
