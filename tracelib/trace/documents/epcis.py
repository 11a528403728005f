"""EPCIS 2.0 documents in JSON: written around events, and read back (EPCIS 2.0 section 9).

Reading is liberal about the envelope (EPCISDocument, EPCISQueryDocument, a list, a single event); ``read_event`` makes
values of what it finds.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from tracelib.errors import FormatError
from tracelib.trace.canonical import event_hash, pre_hash, utc_milliseconds
from tracelib.trace.context import CONTEXT_URL, Namespaces, namespaces_of
from tracelib.trace.elements import JsonObject, JsonValue, time_text
from tracelib.trace.event import EventKey

LARGEST_DOCUMENT = 256 * 1024 * 1024
"""Bytes; a larger text is refused before it is parsed."""


class DocumentError(FormatError):
    """A text that is no EPCIS 2.0 JSON document."""

    code = "epcis.document"
    template = "This is no EPCIS 2.0 JSON document: {detail}."


@dataclass(frozen=True, slots=True)
class Document:
    """The events of a document with what is needed to hash them. ``events`` are EPCIS 2.0 JSON objects."""

    events: tuple[JsonObject, ...]
    namespaces: Namespaces
    ignored: tuple[str, ...] = ()

    def hash_of(self, event: Mapping[str, object]) -> str:
        """The CBV 2.0 event hash of one of the events, under the document's prefixes."""
        return event_hash(event, self.namespaces_for(event), self.ignored)

    def pre_hash_of(self, event: Mapping[str, object]) -> str:
        """The text before hashing of one of the events."""
        return pre_hash(event, self.namespaces_for(event), self.ignored)

    def namespaces_for(self, event: Mapping[str, object]) -> Namespaces:
        """Prefixes that hold in one of the events: the document's, and those of a context of its own."""
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
    yield from _joined(events)
    yield "]}}"


def query_document_chunks(events: Iterable[str], created_at: datetime, query: str) -> Iterator[str]:
    """An EPCISQueryDocument with the answer to ``query`` (EPCIS 2.0 section 9.6), as :func:`document_chunks`."""
    head = {
        "@context": [CONTEXT_URL],
        "type": "EPCISQueryDocument",
        "schemaVersion": "2.0",
        "creationDate": time_text(created_at),
    }
    body = f',"epcisBody":{{"queryResults":{{"queryName":{json.dumps(query)},"resultsBody":{{"eventList":['
    yield json.dumps(head, separators=(",", ":"))[:-1] + body
    yield from _joined(events)
    yield "]}}}}"


def _joined(events: Iterable[str]) -> Iterator[str]:
    first = True
    for event in events:
        yield event if first else "," + event
        first = False


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
