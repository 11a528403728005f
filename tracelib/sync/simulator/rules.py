"""What the simulated platform demands of a document, read from the standard and not from our own code."""

import re
from typing import Any

EVENT_TYPES = ("ObjectEvent", "AggregationEvent", "TransactionEvent", "TransformationEvent", "AssociationEvent")
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})", re.ASCII)
_OFFSET = re.compile(r"[+-]((0\d|1[0-3]):[0-5]\d|14:00)", re.ASCII)
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"]+")
_LISTS = ("epcList", "childEPCs", "inputEPCList", "outputEPCList")


def header_fault(headers: Any) -> str:  # noqa: ANN401 - the framework's case-insensitive headers
    """What is wrong with the headers of a capture request, or nothing."""
    if headers.get("content-type", "").partition(";")[0].strip() not in ("application/json", "application/ld+json"):
        return "Content-Type must be application/json"
    for name in ("GS1-EPCIS-Version", "GS1-CBV-Version"):
        if not re.fullmatch(r"\d+(\.\d+)*", headers.get(name, "")):
            return f"{name} is missing or no version"
    if headers.get("GS1-Capture-Error-Behaviour", "rollback") not in ("rollback", "proceed"):
        return "GS1-Capture-Error-Behaviour must be rollback or proceed"
    return ""


def document_fault(document: Any) -> str:  # noqa: ANN401 - any JSON
    """What is wrong with the envelope, or nothing."""
    if not isinstance(document, dict) or document.get("type") != "EPCISDocument":
        return "an EPCISDocument is expected"
    if "@context" not in document:
        return "@context is missing"
    if document.get("schemaVersion") not in ("2", "2.0", "2.0.0"):
        return "schemaVersion must be 2.0"
    if not _TIME.fullmatch(str(document.get("creationDate", ""))):
        return "creationDate is no time with zone"
    body = document.get("epcisBody")
    if not isinstance(body, dict) or not isinstance(body.get("eventList"), list) or not body["eventList"]:
        return "epcisBody.eventList is missing or empty"
    return ""


def event_fault(event: Any) -> str:  # noqa: ANN401 - any JSON
    """What is wrong with one event, or nothing."""
    if not isinstance(event, dict) or event.get("type") not in EVENT_TYPES:
        return "type is no EPCIS event type"
    for check in (_time_fault, _identity_fault, _word_fault, _list_fault):
        fault = check(event)
        if fault:
            return fault
    return ""


def _time_fault(event: dict[str, Any]) -> str:
    if not _TIME.fullmatch(str(event.get("eventTime", ""))):
        return "eventTime is no time with zone"
    if not _OFFSET.fullmatch(str(event.get("eventTimeZoneOffset", ""))):
        return "eventTimeZoneOffset is no offset"
    return ""


def _identity_fault(event: dict[str, Any]) -> str:
    if not _URI.fullmatch(str(event.get("eventID", ""))):
        return "eventID is missing or no URI"
    if "recordTime" in event:
        return "recordTime is set by the repository"
    return ""


def _word_fault(event: dict[str, Any]) -> str:
    if event["type"] != "TransformationEvent" and event.get("action") not in ("ADD", "OBSERVE", "DELETE"):
        return "action must be ADD, OBSERVE or DELETE"
    if "ilmd" in event and event["type"] == "ObjectEvent" and event["action"] != "ADD":
        return "ilmd needs action ADD"
    for name in ("bizStep", "disposition"):
        if name in event and not re.fullmatch(r"[a-z_]+|[A-Za-z][\w+.-]*:\S+", str(event[name]), re.ASCII):
            return f"{name} is neither a bare word nor a URI"
    return ""


def _list_fault(event: dict[str, Any]) -> str:
    for name in _LISTS:
        if name not in event:
            continue
        uris = event[name]
        if not isinstance(uris, list) or not all(isinstance(uri, str) and _URI.fullmatch(uri) for uri in uris):
            return f"{name} holds something that is no URI"
        if len(set(uris)) != len(uris):
            return f"{name} names one object twice"
    if event["type"] == "AggregationEvent" and event["action"] != "OBSERVE" and not event.get("parentID"):
        return "parentID is missing"
    for name in ("readPoint", "bizLocation"):
        if name in event and not (isinstance(event[name], dict) and _URI.fullmatch(str(event[name].get("id", "")))):
            return f"{name} has no id"
    return ""
