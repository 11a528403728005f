"""Events looked up by what they say: the parameters of an EPCIS 2.0 query that are asked for here (section 8.2.7.1).

Type, business step, ids, objects and times are found by index. Actions and dispositions stand in the events' documents
alone: they are looked for in what the other parameters leave, one event after the other.
"""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, select, tuple_, union
from sqlalchemy import literal as bound
from sqlmodel import Session, col

from tracelib.errors import FormatError
from tracelib.store.event_repository import StoredEvent, stored_event
from tracelib.store.listed import listed
from tracelib.store.tables.columns import UtcDateTime
from tracelib.store.tables.trace import ContainmentRow, EventObjectRow, EventRow
from tracelib.trace.vocab import bare_word

AT_ONCE = 1000


class PageTokenError(FormatError):
    """A token for the next page that no page gave out."""

    code = "event.page"
    template = "«{given}» is no token of a next page: take the one that the page before ended with."


@dataclass(frozen=True, slots=True)
class EventQuery:
    """What events must have; empty: anything. Several values of one parameter: any of them.

    ``object_ids`` are ids of ``trace.objects``, in any role, also below a parent (MATCH_anyEPC and the like).
    ``since``: GE_eventTime; ``until``: LT_eventTime, both aware. ``after``: the token of the page before.
    """

    party_id: str = ""
    event_types: tuple[str, ...] = ()
    biz_steps: tuple[str, ...] = ()
    dispositions: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    event_ids: tuple[str, ...] = ()
    object_ids: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    after: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Events, the newest first, and the token that asks for those behind them; empty where there are none."""

    events: tuple[StoredEvent, ...]
    next: str


def find_events(session: Session, query: EventQuery, limit: int) -> Page:
    """The newest events that fit, at most ``limit``. Raises PageTokenError."""
    statement = _statement(session, query).execution_options(yield_per=AT_ONCE)
    if not (query.actions or query.dispositions):
        statement = statement.limit(limit + 1)
    found: list[StoredEvent] = []
    for event in _fitting(session, statement, query):
        if len(found) == limit:
            return Page(tuple(found), _token(found[-1]))
        found.append(event)
    return Page(tuple(found), "")


def _fitting(session: Session, statement: "Select[EventRow]", query: EventQuery) -> Iterator[StoredEvent]:
    dispositions = {bare_word(word) for word in query.dispositions}
    for row in session.scalars(statement):
        event = stored_event(row)
        session.expunge(row)
        if query.actions or dispositions:
            said = json.loads(event.document)
            if query.actions and said.get("action") not in query.actions:
                continue
            if dispositions and bare_word(str(said.get("disposition") or "")) not in dispositions:
                continue
        yield event


def _statement(session: Session, query: EventQuery) -> "Select[Any]":
    row = EventRow
    order = (col(row.event_time), col(row.event_id), col(row.party_id), col(row.declaration_time))
    statement = select(row).order_by(*(column.desc() for column in order))
    if query.party_id:
        statement = statement.where(col(row.party_id) == query.party_id)
    for column, values in ((row.event_type, query.event_types), (row.event_id, query.event_ids)):
        if values:
            statement = statement.where(col(column).in_(values))
    if query.biz_steps:
        statement = statement.where(col(row.biz_step).in_([bare_word(step) for step in query.biz_steps]))
    if query.since is not None:
        statement = statement.where(col(row.event_time) >= query.since)
    if query.until is not None:
        statement = statement.where(col(row.event_time) < query.until)
    if query.object_ids:
        (wanted,) = listed(session, query.object_ids)
        index, inside = EventObjectRow, ContainmentRow
        named = union(
            select(col(index.party_id), col(index.event_id)).where(col(index.object_id).in_(select(wanted))),
            select(col(inside.party_id), col(inside.event_id)).where(col(inside.unit_id).in_(select(wanted))),
        )
        statement = statement.where(tuple_(col(row.party_id), col(row.event_id)).in_(named))
    if query.after:
        time, *ids = _read_token(query.after)
        statement = statement.where(tuple_(*order) < tuple_(bound(time, UtcDateTime()), *map(bound, ids)))
    return statement


def _token(event: StoredEvent) -> str:
    """The place of an event in the order, as text for an address or a command line."""
    place = [event.event_time.isoformat(), event.key.event_id, event.party_id, event.key.declaration_time]
    return base64.urlsafe_b64encode(json.dumps(place, separators=(",", ":")).encode()).decode().rstrip("=")


def _read_token(token: str) -> tuple[datetime, str, str, str]:
    try:
        text = base64.b64decode(token + "=" * (-len(token) % 4), b"-_", validate=True)
        time, event_id, party_id, declared = json.loads(text)
        return datetime.fromisoformat(time).astimezone(UTC), str(event_id), str(party_id), str(declared)
    except (ValueError, TypeError, RecursionError, OverflowError):
        raise PageTokenError(given=token) from None
