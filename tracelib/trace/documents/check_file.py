"""A file of events judged event by event, in bounded memory: what is wrong, and which key each event has."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from tracelib.trace.documents import finding as say
from tracelib.trace.documents.conform import check_envelope, check_event, refused
from tracelib.trace.documents.epcis import Document, event_key
from tracelib.trace.documents.finding import Finding, Level
from tracelib.trace.documents.read_file import Envelope, read_envelope, read_events
from tracelib.trace.event import EventKey

KEPT = 1000
"""Findings of a file that are kept word for word; more are counted."""
MOST_KEYS = 2_000_000
"""Events of a file whose keys are remembered to find the same key again."""
AT_ONCE = 500

Progress = Callable[[int, int], None]
"""(events done, events in the file)."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One event of a file, by its number from 1. ``event`` is empty and ``key`` without id where it is refused."""

    position: int
    event: dict[str, object]
    key: EventKey
    findings: list[Finding]

    @property
    def refused(self) -> bool:
        """Whether it cannot be taken."""
        return refused(self.findings)


@dataclass(frozen=True, slots=True)
class Found:
    """A finding with the event that it is about: 0 is the document itself."""

    position: int
    event_id: str
    finding: Finding


@dataclass
class FileReport:
    """What is wrong in a file. ``levels`` counts all findings, ``found`` holds the first ones.

    ``refused``: which events cannot be taken.
    """

    envelope: Envelope
    levels: Counter[Level] = field(default_factory=Counter)
    found: list[Found] = field(default_factory=list)
    refused: set[int] = field(default_factory=set)

    def note(self, position: int, event_id: str, findings: list[Finding]) -> None:
        """Add the findings of one event."""
        self.levels.update(one.level for one in findings)
        self.found += [Found(position, event_id, one) for one in findings[: max(0, KEPT - len(self.found))]]
        if refused(findings):
            self.refused.add(position)

    @property
    def valid(self) -> bool:
        """Whether all of it is valid EPCIS 2.0 JSON; warnings do not count."""
        return not self.levels[Level.ERROR] + self.levels[Level.SCHEMA]


def check_file(path: Path, now: datetime, progress: Progress | None = None) -> FileReport:
    """Judge every event. ``now``: later events have not happened. Raises DocumentError, JsonTextError, OSError."""
    report = FileReport(read_envelope(path))
    first = next((event for _, event in read_events(path)), None)
    report.note(0, "", check_envelope(report.envelope, first))
    for one in judged(path, report.envelope.document(), now):
        report.note(one.position, one.key.event_id, one.findings)
        if progress and one.position % AT_ONCE == 0:
            progress(one.position, report.envelope.count)
    return report


def judged(path: Path, document: Document, now: datetime) -> Iterator[Judged]:
    """Each event of the file with its findings, among them a key that another event of the file has."""
    seen: dict[bytes, tuple[int, bytes]] = {}
    for position, event in read_events(path):
        prefixes = document.namespaces_for(event) if isinstance(event, dict) else {}
        findings = check_event(event, prefixes, now)
        if not isinstance(event, dict) or refused(findings):
            shown = str(event.get("eventID") or "") if isinstance(event, dict) else ""
            yield Judged(position, {}, EventKey(shown), findings)
            continue
        content = document.hash_of(event)
        key = key_of_event(event, content)
        findings += _again(seen, position, key, content)
        yield Judged(position, event, key, findings)


def key_of_event(event: dict[str, object], content: str) -> EventKey:
    """(event id, declaration time); an event without an id has its event hash, ``content``, as one."""
    key = event_key(event)
    return key if key.event_id else EventKey(content, key.declaration_time)


def _name(key: EventKey) -> bytes:
    return hashlib.blake2b(f"{key.event_id}\n{key.declaration_time}".encode(), digest_size=16).digest()


def _again(seen: dict[bytes, tuple[int, bytes]], position: int, key: EventKey, content: str) -> list[Finding]:
    name, said = _name(key), hashlib.blake2b(content.encode(), digest_size=8).digest()
    if name not in seen:
        if len(seen) < MOST_KEYS:
            seen[name] = (position, said)
        meant = seen.get(_name(EventKey(key.event_id))) if key.declaration_time else None
        other = meant is not None and meant[1] != said  # the hash leaves the declaration out
        return [Finding(say.DECLARES_OTHER, Level.WARNING, "errorDeclaration")] if other else []
    before, what = seen[name]
    if what == said:
        return [Finding(say.SAME_EVENT, Level.WARNING, "eventID", {"before": before})]
    return [Finding(say.ID_TAKEN, Level.ERROR, "eventID", {"before": before})]
