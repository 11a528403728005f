"""The book of changes: who did what at the desk, when and why. Append-only, in the transaction of what it tells.

::

    with store.unit_of_work() as uow:
        uow.batches.set_state(batch, BatchState.CLOSED)
        uow.changes.add("batch.close", batch.reference, now, party_id=batch.party_id, reason="season ends")
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert, select
from sqlmodel import Session, col

from tracelib.store.tables.changes import ChangeRow

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Change:
    """One change. ``id`` sorts by time; ``detail`` holds plain JSON values, never secrets or personal data."""

    party_id: str
    id: str
    at: datetime
    operator: str
    verb: str
    subject: str
    reason: str
    detail: Mapping[str, object]


def time_ordered_id(at: datetime) -> str:
    """A fresh id of 24 hex digits that sorts by time: microseconds since 1970, then chance."""
    microseconds = (at - _EPOCH) // _MICROSECOND
    return f"{microseconds:014x}{secrets.token_hex(5)}"


class ChangeRepository:
    """Adds and lists changes in the caller's transaction (``uow.changes``). ``operator`` is who acts."""

    def __init__(self, session: Session, operator: str) -> None:
        self._session = session
        self._operator = operator

    def add(
        self,
        verb: str,
        subject: str,
        at: datetime,
        *,
        party_id: str = "",
        reason: str = "",
        detail: Mapping[str, object] | None = None,
    ) -> Change:
        """Note a change. ``at`` is aware; the operator is the store's (``Store.operator``)."""
        change = Change(party_id, time_ordered_id(at), at, self._operator, verb, subject, reason, dict(detail or {}))
        values = {name: getattr(change, name) for name in Change.__slots__}
        self._session.execute(insert(ChangeRow).values(**values))
        return change

    def list(
        self,
        party_id: str | None = None,
        subject: str | None = None,
        verb: str | None = None,
        limit: int = 100,
        since: datetime | None = None,
    ) -> list[Change]:
        """The newest changes first: of a party, a subject, a verb (or a room: ``batch.``), from a time on."""
        query = select(ChangeRow).order_by(col(ChangeRow.id).desc()).limit(limit)
        if party_id is not None:
            query = query.where(col(ChangeRow.party_id) == party_id)
        if subject is not None:
            query = query.where(col(ChangeRow.subject) == subject)
        if verb is not None:
            query = query.where(col(ChangeRow.verb).startswith(verb, autoescape=True))
        if since is not None:
            query = query.where(col(ChangeRow.id) >= f"{(since - _EPOCH) // _MICROSECOND:014x}")
        return [
            Change(**{name: getattr(row, name) for name in Change.__slots__})
            for row in self._session.execute(query).scalars()
        ]
