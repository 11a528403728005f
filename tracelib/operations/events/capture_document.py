"""Events of other parties come into the books: a file is taken whole or not at all, unless asked otherwise.

1. The file is judged event by event (``trace.check_file``); nothing is locked meanwhile.
2. One transaction: events that are not known yet are recorded, then what does not fit in them is flagged, then the
   book of changes tells it. The file is read again for each of these, so memory does not grow with it.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from tracelib.errors import FormatError, NotFoundError, Translate
from tracelib.operations.events.contradictions import contradictions_of
from tracelib.operations.file_hash import file_sha256
from tracelib.operations.known_serials import KnownSerials
from tracelib.store.event_repository import FlagNote
from tracelib.trace.context import CONTEXT_URLS, STANDARD_NAMESPACES
from tracelib.trace.documents import finding as say
from tracelib.trace.documents.check_file import FileReport, Found, Progress, check_file, key_of_event
from tracelib.trace.documents.epcis import Document, DocumentError
from tracelib.trace.documents.finding import Finding, Level
from tracelib.trace.documents.read_file import read_events
from tracelib.trace.event import EventKey
from tracelib.trace.lifecycle import Flag
from tracelib.trace.objects import Ours
from tracelib.trace.record import EventRecord, event_record

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import Store, UnitOfWork

AT_ONCE = 500
"""Events that are looked up and written together."""
LARGEST_CONTEXT = 16_384
"""Bytes of a document's own contexts: every event takes them along."""
KEPT = 1000
"""Flags that the answer names; more are counted."""


class UnknownPartyError(NotFoundError):
    """Events are imported for a party that is not in the catalogue."""

    code = "event.party"
    template = "There is no party {party}: see tracelib party list."


class EventFaultError(FormatError):
    """One thing that is wrong in one event of a file."""

    code = "event.fault"
    template = "Event {position}, {path}: {detail}"

    def __init__(self, found: Found) -> None:
        self.found = found
        super().__init__(position=found.position, path=found.finding.path or "–", detail=found.finding.message())

    def message(self, translate: Translate | None = None) -> str:
        """The text, its inner sentence whole and in the reader's language as well."""
        template = translate(self.code, self.template) if translate else self.template
        return template.format(**{**self.params, "detail": self.found.finding.message(translate)})


class RefusedEventsError(FormatError):
    """Some events of a file cannot be taken, so none of it was. ``faults``: why, each with its event."""

    code = "event.import_refused"
    template = (
        "{refused} of the {count} events in {file} cannot be taken, so none was imported. Have them corrected, or "
        "import the others with --partly."
    )

    def __init__(self, file: str, report: FileReport) -> None:
        self.report = report
        self.faults = [EventFaultError(one) for one in report.found if one.finding.level is Level.ERROR]
        super().__init__(file=file, refused=len(report.refused), count=report.envelope.count)


class FileChangedError(FormatError):
    """The file was written while it was read."""

    code = "event.file_changed"
    template = "{file} was changed while it was imported. Nothing was imported: try again when it is complete."


@dataclass
class Captured:
    """What an import did. ``flags`` counts what was found not to fit, ``flagged`` names the first ones."""

    report: FileReport
    sha256: str
    recorded: int = 0
    known: int = 0
    flags: dict[Flag, int] = field(default_factory=dict)
    flagged: list[FlagNote] = field(default_factory=list)


def capture_document(
    store: "Store",
    path: Path,
    party_id: str,
    now: datetime,
    *,
    partly: bool = False,
    progress: Progress | None = None,
) -> Captured:
    """Import the events of a file for a party. Events that are in its books already change nothing.

    Raises:
        UnknownPartyError: no such party.
        RefusedEventsError: an event cannot be taken, and not ``partly``; with every reason.
        DocumentError, JsonTextError: the file is no EPCIS 2.0 JSON.
        FileChangedError: somebody wrote into the file meanwhile.
    """
    with store.reading() as uow:
        if uow.catalog.party(party_id) is None:
            raise UnknownPartyError(party=party_id)
    sha256 = file_sha256(path)
    captured = Captured(check_file(path, now, progress), sha256)
    work = _Work(path, party_id, now, captured)
    if captured.report.refused and not partly:
        with store.reading() as uow:
            for _ in work.compared(uow):
                """Those that the store refuses are told together with the others."""
        raise RefusedEventsError(path.name, captured.report)
    with store.unit_of_work() as uow:
        work.record(uow)
        if captured.report.refused and not partly:
            raise RefusedEventsError(path.name, captured.report)
        work.flag(uow)
        if file_sha256(path) != sha256:
            raise FileChangedError(file=path.name)
        if captured.recorded:
            detail = {"file": path.name, "sha256": sha256, "events": captured.recorded, "known": captured.known,
                      "refused": len(captured.report.refused), "flags": sum(captured.flags.values())}  # fmt: skip
            uow.changes.add("event.import", path.name, now, party_id=party_id, detail=detail)
    return captured


class _Work:
    """The events of one file on their way into the store."""

    def __init__(self, path: Path, party_id: str, now: datetime, captured: Captured) -> None:
        self._path = path
        self._party_id = party_id
        self._now = now
        self._captured = captured
        self._document = captured.report.envelope.document()
        self._contexts = _own_contexts(captured.report.envelope.context)

    def compared(self, uow: "UnitOfWork") -> Iterator[list[EventRecord]]:
        """The events that can be taken, some at a time; those whose id the store has for something else are noted."""
        report = self._captured.report
        for records in self._taken(KnownSerials(uow)):
            keys = [key for _, one in records for key in (one.key, EventKey(one.key.event_id))]
            kept = uow.events.documents_of(self._party_id, keys)
            for position, one in records:
                if self._says_other(one, kept.get(one.key)):
                    taken = Finding(say.ID_KNOWN, Level.ERROR, "eventID", {})
                    report.note(position, one.key.event_id, [taken])
                elif one.key not in kept and self._says_other(one, kept.get(EventKey(one.key.event_id))):
                    other = Finding(say.DECLARES_OTHER, Level.WARNING, "errorDeclaration", {})
                    report.note(position, one.key.event_id, [other])
            yield [one for position, one in records if position not in report.refused]

    def _says_other(self, one: EventRecord, there: str | None) -> bool:
        """Whether an event in the books says something else; the event hash leaves error declarations out."""
        return there is not None and there != one.document and self._hash(there) != self._hash(one.document)

    def _taken(self, ours: Ours) -> Iterator[list[tuple[int, EventRecord]]]:
        """(number, event) of those that are not refused, some at a time."""
        refused = self._captured.report.refused
        events = ((n, one) for n, one in read_events(self._path) if n not in refused and isinstance(one, dict))
        while chunk := list(islice(events, AT_ONCE)):
            yield [(position, self._record(event, ours)) for position, event in chunk]

    def record(self, uow: "UnitOfWork") -> None:
        """Write what is not known yet."""
        for records in self.compared(uow):
            first = {one.key: one for one in reversed(records)}  # of the same event twice the first one counts
            fresh = uow.events.record(self._party_id, list(first.values()), (), recorded_at=self._now)
            self._captured.recorded += len(fresh)
            self._captured.known += len(records) - len(fresh)

    def flag(self, uow: "UnitOfWork") -> None:
        """Note what does not fit, now that all of the file is in the books."""
        for taken in self._taken(KnownSerials(uow)):
            records = [one for _, one in taken]
            uow.events.flag(self._party_id, contradictions_of(uow, self._party_id, records), self._now)
        self._captured.flags = uow.events.count_flags(self._party_id, self._now)
        self._captured.flagged = uow.events.flags_noted(self._party_id, self._now, KEPT)

    def _record(self, event: dict[str, object], ours: Ours) -> EventRecord:
        """The event with an id and with the contexts that its names need."""
        key = key_of_event(event, "" if event.get("eventID") else self._document.hash_of(event))
        stored = {**event, "eventID": key.event_id} if not event.get("eventID") else event
        if self._contexts:
            stored = {**stored, "@context": [*self._contexts, *_entries(event.get("@context"))]}
        text = json.dumps(stored, ensure_ascii=False, separators=(",", ":"))
        return event_record(event, key, self._document.namespaces_for(event), text, ours)

    def _hash(self, text: str) -> str:
        return Document((), STANDARD_NAMESPACES, self._document.ignored).hash_of(json.loads(text))


def _own_contexts(context: object) -> list[object]:
    """What a document's context says beyond the standard's, which every event takes along. Raises DocumentError."""
    own = [one for one in _entries(context) if not (isinstance(one, str) and one in CONTEXT_URLS)]
    try:
        size = len(json.dumps(own, ensure_ascii=False, allow_nan=False).encode())
    except (ValueError, RecursionError):  # a lone surrogate is a ValueError
        raise DocumentError(detail="its @context holds what no text can carry") from None
    if size > LARGEST_CONTEXT:
        raise DocumentError(detail=f"its @context has more than {LARGEST_CONTEXT} bytes")
    return own


def _entries(context: object) -> list[object]:
    return context if isinstance(context, list) else [] if context is None else [context]
