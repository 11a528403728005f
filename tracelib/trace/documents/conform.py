"""Whether an event of anybody can be taken, and what is wrong with it: one call for an event, one for what is around.

The structure (``structure``) has the verdict of GS1's JSON schema, which is not shipped; the words and keys
(``vocabulary``) go beyond it. What is judged here besides is what no text or table can hold.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tracelib.trace.context import Namespaces
from tracelib.trace.documents import finding as say
from tracelib.trace.documents.finding import Finding, Level, Notes
from tracelib.trace.documents.json_stream import Doubled, Shortened
from tracelib.trace.documents.read_file import LISTS, Envelope
from tracelib.trace.documents.structure import envelope_structure, event_structure
from tracelib.trace.documents.vocabulary import context_rules, vocabulary_rules

DEEPEST = 64
"""Levels of nesting within one event."""
LONGEST_EVENT_ID = 600
"""Characters: an event id is part of keys."""
_FIRST_YEAR, _LAST_YEAR = 1900, 9000


def check_event(event: object, namespaces: Namespaces, now: datetime | None = None) -> list[Finding]:
    """All that is wrong with an event in JSON, at most 100 findings; empty: it is valid and CBV-compliant.

    ``namespaces``: prefixes that hold in it. ``now``: an event well after it is told.
    """
    notes = Notes()
    if not isinstance(event, dict):
        notes.add(say.NOT_OBJECT, Level.ERROR, "", given=json.dumps(event)[:40])
        return notes.found
    if not _holds(notes, event):
        return notes.found
    event_structure(notes, event)
    _limits(notes, event)
    if not refused(notes.found):
        vocabulary_rules(notes, event, namespaces, now)
    return notes.found


def check_envelope(envelope: Envelope, event: object = None) -> list[Finding]:
    """All that is wrong with what stands around the events. ``event``: where the file is a single event, that one."""
    notes = Notes()
    if envelope.type:
        envelope_structure(notes, envelope.type, _head(envelope))
    elif () in envelope.fields:
        notes.add(say.BARE_LIST, Level.SCHEMA, "")
    elif isinstance(event, Mapping) and "@context" not in event:
        notes.add(say.MISSING, Level.SCHEMA, "", name="@context")
    if envelope.context is not None:
        context_rules(notes, envelope.context)
    for name in ("epcisHeader",):
        if (name,) in envelope.fields:
            notes.add(say.NOT_KEPT, Level.WARNING, name, name=name)
    return notes.found


def refused(findings: list[Finding]) -> bool:
    """Whether an event with these findings cannot be taken."""
    return any(one.level is Level.ERROR for one in findings)


def valid(findings: list[Finding]) -> bool:
    """Whether what has these findings is valid EPCIS 2.0 JSON; warnings do not count."""
    return all(one.level is Level.WARNING for one in findings)


def _holds(notes: Notes, event: dict[str, object]) -> bool:
    """Nesting, texts and numbers that can be stored; names once."""
    waiting: list[tuple[object, int]] = [(event, 1)]
    while waiting:
        value, depth = waiting.pop()
        if depth > DEEPEST:
            notes.add(say.TOO_DEEP, Level.ERROR, "", most=DEEPEST)
            return False
        if isinstance(value, Doubled):
            notes.add(say.DOUBLED, Level.ERROR, "", name=value.name)
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        for one in inner:
            if isinstance(one, dict | list):
                waiting.append((one, depth + 1))
            elif isinstance(one, Shortened):
                notes.add(say.SHORTENED, Level.WARNING, "", given=one.written, kept=float(one))
    try:
        text = json.dumps(event, ensure_ascii=False, allow_nan=False)
        text.encode()
    except ValueError as error:  # UnicodeEncodeError is one
        notes.add(say.NOT_STORABLE, Level.ERROR, "", detail=getattr(error, "reason", error))
        return False
    if "\\u0000" in text:
        notes.add(say.NOT_STORABLE, Level.ERROR, "", detail="\\u0000")
    return not refused(notes.found)


def _limits(notes: Notes, event: dict[str, object]) -> None:
    time = event.get("eventTime")
    declared = event.get("errorDeclaration")
    times = {
        "eventTime": time,
        "errorDeclaration.declarationTime": declared.get("declarationTime") if isinstance(declared, dict) else None,
    }
    for path, given in times.items():
        if isinstance(given, str) and given[:4].isdigit() and not _FIRST_YEAR <= int(given[:4]) < _LAST_YEAR:
            notes.add(say.TIME_RANGE, Level.ERROR, path, given=given)
    event_id = event.get("eventID")
    if isinstance(event_id, str) and len(event_id) > LONGEST_EVENT_ID:
        notes.add(say.TOO_LONG, Level.ERROR, "eventID", given=len(event_id), most=LONGEST_EVENT_ID)


def _head(envelope: Envelope) -> dict[str, object]:
    """The document without its events."""
    head: dict[str, Any] = {}
    for path, value in envelope.fields.items():
        inner = head
        for name in path[:-1]:
            inner = inner[name]
        inner[path[-1]] = [] if path in LISTS and isinstance(value, list) else dict(value) if value == {} else value
    return head
