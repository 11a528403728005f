"""EPCIS 2.0 documents in JSON: written around events, and read back (EPCIS 2.0 section 9).

Reading is liberal about the envelope (EPCISDocument, EPCISQueryDocument, a list, a single event) and strict about what
becomes one of our values. Fields that we do not interpret are kept in ``extensions``.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from tracelib.errors import FormatError
from tracelib.trace.canonical import event_hash, pre_hash, utc_milliseconds
from tracelib.trace.context import CONTEXT_URL, Namespaces, namespaces_of
from tracelib.trace.event import (
    AggregationEvent,
    ErrorDeclaration,
    EventKey,
    JsonObject,
    JsonValue,
    ObjectEvent,
    time_text,
)
from tracelib.trace.vocab import Action

LARGEST_DOCUMENT = 256 * 1024 * 1024
"""Bytes; a larger text is refused before it is parsed."""


class DocumentError(FormatError):
    """A text that is no EPCIS 2.0 JSON document."""

    code = "epcis.document"
    template = "This is no EPCIS 2.0 JSON document: {detail}."


class EventError(FormatError):
    """An event in a document that cannot be taken as it is."""

    code = "epcis.event"
    template = "Event {position}: the field {name} is {given}; expected {expected}."


@dataclass(frozen=True, slots=True)
class Document:
    """The events of a document with what is needed to hash them. ``events`` are EPCIS 2.0 JSON objects."""

    events: tuple[JsonObject, ...]
    namespaces: Namespaces
    ignored: tuple[str, ...] = ()

    def hash_of(self, event: JsonObject) -> str:
        """The CBV 2.0 event hash of one of the events, under the document's prefixes."""
        return event_hash(event, self._namespaces(event), self.ignored)

    def pre_hash_of(self, event: JsonObject) -> str:
        """The text before hashing of one of the events."""
        return pre_hash(event, self._namespaces(event), self.ignored)

    def _namespaces(self, event: JsonObject) -> Namespaces:
        own = event.get("@context")
        return {**self.namespaces, **_declared(own)} if own else self.namespaces


def document_chunks(events: Iterable[str], created_at: datetime) -> Iterator[str]:
    """An EPCISDocument as pieces of text, one event at a time. ``events``: JSON texts as the store keeps them."""
    head = {
        "@context": [CONTEXT_URL],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": time_text(created_at),
    }
    yield json.dumps(head, separators=(",", ":"))[:-1] + ',"epcisBody":{"eventList":['
    first = True
    for event in events:
        yield event if first else "," + event
        first = False
    yield "]}}"


def document(events: Iterable[str], created_at: datetime) -> bytes:
    """An EPCISDocument as UTF-8 bytes."""
    return "".join(document_chunks(events, created_at)).encode()


def read_document(data: str | bytes) -> Document:
    """Read a document, query document, list of events or single event. Raises DocumentError."""
    if len(data) > LARGEST_DOCUMENT:
        raise DocumentError(detail=f"it has more than {LARGEST_DOCUMENT} bytes")
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise DocumentError(detail=str(error)) from None
    context: object = None
    ignored: tuple[str, ...] = ()
    if isinstance(value, list):
        events = value
    elif isinstance(value, dict):
        context = value.get("@context")
        events, ignored = _events_in(value)
    else:
        raise DocumentError(detail="the text is a single value")
    for position, event in enumerate(events, 1):
        if not isinstance(event, dict) or not isinstance(event.get("type"), str):
            raise DocumentError(detail=f"event {position} is no object with a type")
    return Document(tuple(events), namespaces_of(context), ignored)


def event_key(event: Mapping[str, object]) -> EventKey:
    """(event id, declaration time) of an event in JSON."""
    declared = event.get("errorDeclaration")
    time = declared.get("declarationTime") if isinstance(declared, dict) else None
    return EventKey(str(event.get("eventID") or ""), utc_milliseconds(str(time)) if time else "")


def parse_event(value: JsonObject, position: int = 1) -> ObjectEvent | AggregationEvent:
    """An event in JSON as a value. ``as_json`` of the answer has the same fields. Raises EventError.

    The two types that our own steps make are known; others stay JSON.
    """
    reader = _Reader(dict(value), position)
    kind = reader.text("type")
    if kind not in ("ObjectEvent", "AggregationEvent"):
        raise EventError(position=position, name="type", given=kind, expected="ObjectEvent or AggregationEvent")
    event_id, action = reader.text("eventID"), reader.action()
    event_time, declaration = reader.event_time(), reader.declaration()
    biz_step, disposition = reader.text("bizStep"), reader.text("disposition")
    read_point, biz_location = reader.place("readPoint"), reader.place("bizLocation")
    if kind == "AggregationEvent":
        parent_id, child_epcs = reader.text("parentID"), reader.texts("childEPCs")
        return AggregationEvent(
            event_time=event_time, event_id=event_id, action=action, biz_step=biz_step, disposition=disposition,
            read_point=read_point, biz_location=biz_location, error_declaration=declaration,
            parent_id=parent_id, child_epcs=child_epcs, extensions=reader.fields,
        )  # fmt: skip
    epc_list, ilmd = reader.texts("epcList"), reader.fields.pop("ilmd", {})
    return ObjectEvent(
        event_time=event_time, event_id=event_id, action=action, biz_step=biz_step, disposition=disposition,
        read_point=read_point, biz_location=biz_location, error_declaration=declaration,
        epc_list=epc_list, ilmd=ilmd if isinstance(ilmd, dict) else {}, extensions=reader.fields,
    )  # fmt: skip


class _Reader:
    """Takes fields out of an event one by one; what is left at the end are extensions."""

    def __init__(self, fields: JsonObject, position: int) -> None:
        self.fields = fields
        self.position = position

    def fault(self, name: str, given: object, expected: str) -> EventError:
        return EventError(position=self.position, name=name, given=given, expected=expected)

    def text(self, name: str) -> str:
        value = self.fields.pop(name, "")
        if not isinstance(value, str):
            raise self.fault(name, value, "text")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        value = self.fields.get(name)
        if value is None or value == []:
            return ()  # an empty list that was written stays written: among the extensions
        del self.fields[name]
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise self.fault(name, value, "a list of URIs")
        return tuple(str(one) for one in value)

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
        except ValueError:
            raise self.fault("eventTimeZoneOffset", offset, "an offset such as +08:00") from None
        return instant.astimezone(zone)

    def time(self, name: str) -> datetime:
        text = self.text(name)
        try:
            instant = datetime.fromisoformat(text)
        except ValueError:
            raise self.fault(name, text, "a time such as 2026-11-23T09:30:00.000+08:00") from None
        if instant.utcoffset() is None:
            raise self.fault(name, text, "a time with its zone, such as 2026-11-23T09:30:00.000+08:00")
        return instant

    def place(self, name: str) -> str:
        value = self.fields.get(name)
        if value is None:
            return ""
        if not isinstance(value, dict) or not isinstance(value.get("id"), str):
            raise self.fault(name, value, "an object with an id")
        if len(value) > 1:
            return ""  # has extensions of its own: stays as it is
        del self.fields[name]
        return str(value["id"])

    def declaration(self) -> ErrorDeclaration | None:
        value = self.fields.pop("errorDeclaration", None)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self.fault("errorDeclaration", value, "an object")
        inner = _Reader(dict(value), self.position)
        return ErrorDeclaration(
            declaration_time=inner.time("declarationTime"),
            reason=inner.text("reason"),
            corrective_event_ids=inner.texts("correctiveEventIDs"),
            extensions=inner.fields,
        )


def _declared(context: object) -> dict[str, str]:
    standard = namespaces_of()
    return {name: uri for name, uri in namespaces_of(context).items() if standard.get(name) != uri}


def _events_in(value: dict[str, JsonValue]) -> tuple[list[JsonObject], tuple[str, ...]]:
    """The event list of a document, and the names its repository asks to leave out of the hash."""
    body = value.get("epcisBody")
    if body is None:
        return [value], ()
    if not isinstance(body, dict):
        raise DocumentError(detail="epcisBody is no object")
    results = body.get("queryResults")
    if isinstance(results, dict):
        inner = results.get("resultsBody")
        listed = inner.get("eventList") if isinstance(inner, dict) else None
        names = [v for k, v in results.items() if k.rpartition(":")[2] == "ignoreFields" and isinstance(v, list)]
        return _list(listed), tuple(str(name) for found in names for name in found)
    if "event" in body and "eventList" not in body:
        return _list([body["event"]]), ()
    return _list(body.get("eventList")), ()


def _list(value: object) -> list[JsonObject]:
    if not isinstance(value, list):
        raise DocumentError(detail="it has no eventList")
    return value
