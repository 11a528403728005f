"""The events of a history as one EPCIS 2.0 query document, for whoever reads such."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tracelib.operations.export import write_file
from tracelib.trace.documents.epcis import query_document_chunks
from tracelib.trace.route.history import History

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import UnitOfWork

AT_ONCE = 500
QUERY = "SimpleEventQuery"


def write_events(uow: "UnitOfWork", history: History, path: Path, now: datetime) -> None:
    """Write every event that the answer rests on, whoever recorded it, each once, by time. Raises OutputError."""
    chunks = query_document_chunks(_documents(uow, history), now, QUERY)
    write_file(path, (chunk.encode() for chunk in chunks))


def _documents(uow: "UnitOfWork", history: History) -> Iterator[str]:
    parties = sorted({one.said_by for one in history.links} | {one.said_by for one in history.stops})
    ids = history.event_ids
    for start in range(0, len(ids), AT_ONCE):
        part = ids[start : start + AT_ONCE]
        found = uow.trace.documents(parties, part)
        yield from (found[event_id] for event_id in part if event_id in found)
