"""An event in JSON as a value: strict about what becomes ours, and nothing of the rest is lost."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any, TypeVar

from tracelib.clock import read_time
from tracelib.errors import FormatError
from tracelib.trace.elements import (
    BizTransaction,
    Destination,
    ErrorDeclaration,
    JsonObject,
    JsonValue,
    PersistentDisposition,
    QuantityElement,
    SensorElement,
    Source,
)
from tracelib.trace.event import COMMON_FIELDS, EVENT_TYPES, OWN_FIELDS, Event
from tracelib.trace.vocab import Action

T = TypeVar("T")


class EventError(FormatError):
    """An event in a document that cannot be taken as it is."""

    code = "epcis.event"
    template = "Event {position}: the field {name} is {given}; expected {expected}."


def parse_event(value: JsonObject, position: int = 1) -> Event:
    """An event in JSON as a value of its type. ``as_json`` of the answer has the same fields. Raises EventError.

    What is not as the standard writes it raises; what the standard does not know goes into ``extensions``.
    """
    reader = _Reader(dict(value), position)
    kind = reader.text("type")
    if kind not in EVENT_TYPES:
        raise reader.fault("type", kind, "one of " + ", ".join(EVENT_TYPES))
    made: dict[str, Any] = {"event_time": reader.event_time(), "event_id": reader.text("eventID")}
    made["error_declaration"] = reader.declaration()
    known = {one.name for one in fields(EVENT_TYPES[kind])}
    if "action" in known:
        made["action"] = reader.action()
    for name, attribute in (*OWN_FIELDS[kind], *COMMON_FIELDS, ("ilmd", "ilmd")):
        if attribute in known and reader.says(name):
            made[attribute] = _READERS.get(name, _Reader.text)(reader, name)
    return EVENT_TYPES[kind](**made, extensions=reader.fields)


class _Reader:
    """Takes fields out of an event one by one; what is left at the end are extensions."""

    def __init__(self, fields: JsonObject, position: int, path: str = "") -> None:
        self.fields = fields
        self.position = position
        self.path = path

    def fault(self, name: str, given: object, expected: str) -> EventError:
        return EventError(position=self.position, name=self.path + name, given=given, expected=expected)

    def says(self, name: str) -> bool:
        """Whether the field is there and says something; an empty list that was written stays written."""
        value = self.fields.get(name)
        return value not in (None, "") and not (value == [] and name.endswith(("List", "EPCs")))

    def text(self, name: str) -> str:
        value = self.fields.pop(name, "")
        if not isinstance(value, str):
            raise self.fault(name, value, "text")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        value = self.fields.pop(name, [])
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise self.fault(name, value, "a list of URIs")
        return tuple(str(one) for one in value)

    def text_or_texts(self, name: str) -> str | tuple[str, ...]:
        return self.texts(name) if isinstance(self.fields.get(name), list) else self.text(name)

    def number(self, name: str) -> int | float | None:
        value = self.fields.pop(name, None)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise self.fault(name, value, "a number")
        return value

    def mapping(self, name: str) -> JsonObject:
        value = self.fields.pop(name, {})
        if not isinstance(value, dict):
            raise self.fault(name, value, "an object")
        return value

    def place(self, name: str) -> str:
        value = self.fields.get(name)
        if not isinstance(value, dict) or not isinstance(value.get("id"), str):
            raise self.fault(name, value, "an object with an id")
        if len(value) > 1:
            return ""  # has extensions of its own: stays as it is
        del self.fields[name]
        return str(value["id"])

    def inner(self, name: str, value: object) -> "_Reader":
        if not isinstance(value, dict):
            raise self.fault(name, value, "an object")
        return _Reader(dict(value), self.position, f"{self.path}{name}.")

    def closed(self, name: str, made: T) -> T:
        """``made`` of an object that may hold nothing else."""
        if self.fields:
            raise self.fault(next(iter(self.fields)), name, "no such field")
        return made

    def each(self, name: str, make: "Callable[[_Reader, str], T]") -> tuple[T, ...]:
        """The elements of a list of objects."""
        value = self.fields.pop(name, [])
        if not isinstance(value, list):
            raise self.fault(name, value, "a list of objects")
        return tuple(make(self.inner(f"{name}[{n}]", one), name) for n, one in enumerate(value))

    def action(self) -> Action:
        text = self.text("action")
        if text not in Action.__members__:
            raise self.fault("action", text, "ADD, OBSERVE or DELETE")
        return Action(text)

    def event_time(self) -> datetime:
        """``eventTime`` in the offset that ``eventTimeZoneOffset`` names: the two may be written differently."""
        offset = self.text("eventTimeZoneOffset")
        instant = self.time("eventTime")
        try:
            zone = datetime.strptime(offset, "%z").tzinfo if offset else instant.tzinfo
            return instant.astimezone(zone)
        except (ValueError, OverflowError):
            raise self.fault("eventTimeZoneOffset", offset, "an offset such as +08:00") from None

    def time(self, name: str) -> datetime:
        text = self.text(name)
        try:
            instant = read_time(text)
        except ValueError:
            raise self.fault(name, text, "a time such as 2026-11-23T09:30:00.000+08:00") from None
        if instant.utcoffset() is None:
            raise self.fault(name, text, "a time with its zone, such as 2026-11-23T09:30:00.000+08:00")
        return instant

    def declaration(self) -> ErrorDeclaration | None:
        value = self.fields.pop("errorDeclaration", None)
        if value is None:
            return None
        inner = self.inner("errorDeclaration", value)
        return ErrorDeclaration(
            declaration_time=inner.time("declarationTime"),
            reason=inner.text("reason"),
            corrective_event_ids=inner.texts("correctiveEventIDs"),
            extensions=inner.fields,
        )


def _quantity(reader: _Reader, name: str) -> QuantityElement:
    made = QuantityElement(reader.text("epcClass"), reader.number("quantity"), reader.text("uom"))
    return reader.closed(name, made)


def _transaction(reader: _Reader, name: str) -> BizTransaction:
    kind = reader.text("type")
    return reader.closed(name, BizTransaction(reader.text("bizTransaction"), kind))


def _source(reader: _Reader, name: str) -> Source:
    return reader.closed(name, Source(reader.text("type"), reader.text("source")))


def _destination(reader: _Reader, name: str) -> Destination:
    return reader.closed(name, Destination(reader.text("type"), reader.text("destination")))


def _sensor(reader: _Reader, _name: str) -> SensorElement:
    def report(one: _Reader, _name: str) -> Mapping[str, JsonValue]:
        return one.fields

    reports = reader.each("sensorReport", report)
    return SensorElement(reports, reader.mapping("sensorMetadata"), reader.fields)


def _persistent(reader: _Reader, name: str) -> PersistentDisposition:
    inner = reader.inner(name, reader.fields.pop(name))
    return inner.closed(name, PersistentDisposition(inner.texts("set"), inner.texts("unset")))


def _listed(make: Callable[[_Reader, str], T]) -> Callable[[_Reader, str], tuple[T, ...]]:
    return lambda reader, name: reader.each(name, make)


_READERS: Mapping[str, Callable[[_Reader, str], object]] = {
    **dict.fromkeys(("epcList", "childEPCs", "inputEPCList", "outputEPCList"), _Reader.texts),
    **dict.fromkeys(
        ("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList"), _listed(_quantity)
    ),
    "bizTransactionList": _listed(_transaction),
    "sourceList": _listed(_source),
    "destinationList": _listed(_destination),
    "sensorElementList": _listed(_sensor),
    "persistentDisposition": _persistent,
    **dict.fromkeys(("readPoint", "bizLocation"), _Reader.place),
    "certificationInfo": _Reader.text_or_texts,
    "ilmd": _Reader.mapping,
}
