"""The book of changes: who did what at the desk, when and why. Append-only, in the transaction of what it tells.

::

    with store.unit_of_work() as uow:
        uow.batches.set_state(batch, BatchState.CLOSED)
        uow.changes.add("batch.close", batch.reference, now, party_id=batch.party_id, reason="season ends")
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert, or_, select
from sqlmodel import Session, col

from tracelib.clock import wall_text
from tracelib.errors import RuleError
from tracelib.store.handed_over import SUBJECT
from tracelib.store.tables.changes import ChangeRow

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


CLOCKS_APART = timedelta(minutes=15)
"""How far the clocks of two desks may lie apart."""
LONGEST_PAUSE = timedelta(days=300)
"""Between two seasons a desk may rest this long; after more somebody must say that the clock is right."""
SUBJECTS_AT_ONCE = 100
CLOCK_RIGHT = "clock.right"
"""The verb of an entry that says so."""


class ClockBehindBookError(RuleError):
    """The clock is earlier than the newest entry of the book of changes."""

    code = "change.clock_behind"
    template = (
        "The clock says {now}, but the last entry in the book of changes is of {newest} ({verb}, by {operator}). "
        "Nothing was written. Set the clock. If it is right now and was ahead then, say so: "
        "tracelib doctor --clock-is-right"
    )


class ClockAheadOfBookError(RuleError):
    """The clock is so much later than the newest entry that it is either wrong or a new season has begun."""

    code = "change.clock_ahead"
    template = (
        "The clock says {now}, and the last entry in the book of changes is of {newest} ({verb}), {days} days before. "
        "Nothing was written. If the clock is wrong, set it. If a new season begins, say that it is right: "
        "tracelib doctor --clock-is-right"
    )


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


def _change(row: ChangeRow) -> Change:
    return Change(**{name: getattr(row, name) for name in Change.__slots__})


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
        """Note a change. ``at`` is aware; the operator is the store's (``Store.operator``).

        Raises ClockBehindBookError, ClockAheadOfBookError: ``at`` cannot be right beside the party's newest entry, so
        the caller's transaction writes nothing with a wrong day.
        """
        check_clock(self._session, party_id, at)
        return self._write(verb, subject, at, party_id, reason, detail)

    def require_clock(self, party_id: str, at: datetime) -> None:
        """Raise what :meth:`add` would raise at ``at``, for work that must not begin with a wrong clock."""
        check_clock(self._session, party_id, at)

    def note_arrival(self, verb: str, at: datetime, detail: Mapping[str, object]) -> Change:
        """Note that the books as a whole came here. No clock is judged: that nobody can do before they are here."""
        return self._write(verb, SUBJECT, at, "", "", detail)

    def confirm_clock(self, at: datetime) -> int:
        """Note that somebody looked and ``at`` is the right time, for every party in the book; how many these are.

        Entries later than ``at`` were then made by a clock that was ahead, and stop nobody any more.
        """
        parties = self._session.execute(select(col(ChangeRow.party_id)).distinct()).scalars().all()
        for party_id in parties:
            newest = _newest(self._session, party_id)
            above = newest.at.isoformat() if newest else ""
            self._write(CLOCK_RIGHT, "", at, party_id, "", {"above": above})
        return len(parties)

    def _write(
        self, verb: str, subject: str, at: datetime, party_id: str, reason: str, detail: Mapping[str, object] | None
    ) -> Change:
        change = Change(party_id, time_ordered_id(at), at, self._operator, verb, subject, reason, dict(detail or {}))
        values = {name: getattr(change, name) for name in Change.__slots__}
        self._session.execute(insert(ChangeRow).values(**values))
        return change

    def about(self, party_id: str, subjects: "Sequence[str]", limit: int = 100) -> "list[Change]":
        """The newest changes first of any of these subjects, and of their parts (``261125-1/3``)."""
        found: list[Change] = []
        for start in range(0, len(subjects), SUBJECTS_AT_ONCE):
            subject, some = col(ChangeRow.subject), subjects[start : start + SUBJECTS_AT_ONCE]
            meant = or_(subject.in_(some), *(subject.startswith(f"{one}/", autoescape=True) for one in some))
            query = select(ChangeRow).where(col(ChangeRow.party_id) == party_id, meant)
            rows = self._session.execute(query.order_by(col(ChangeRow.id).desc()).limit(limit)).scalars()
            found += [_change(row) for row in rows]
        return sorted(found, key=lambda change: change.id, reverse=True)[:limit]

    def values_of(self, verb: str, name: str) -> set[str]:
        """What the details of all changes of a rare verb, such as ``key.new``, say under a name."""
        details = self._session.execute(select(col(ChangeRow.detail)).where(col(ChangeRow.verb) == verb)).scalars()
        return {str(detail[name]) for detail in details if name in detail}

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
        return [_change(row) for row in self._session.execute(query).scalars()]


def check_clock(session: Session, party_id: str, at: datetime) -> None:
    """What every book asks before it is written, for nothing in it can be corrected.

    Raises ClockBehindBookError, ClockAheadOfBookError: ``at`` cannot be right beside the party's newest change.
    """
    newest = _newest(session, party_id)
    if newest is None:
        return
    if at - newest.at > LONGEST_PAUSE:
        days = (at - newest.at).days
        raise ClockAheadOfBookError(now=wall_text(at), newest=wall_text(newest.at), verb=newest.verb, days=days)
    if newest.at - at <= CLOCKS_APART:
        return
    confirmed = _newest(session, party_id, CLOCK_RIGHT)
    if confirmed is not None and str(confirmed.detail["above"]) >= newest.at.isoformat():
        newest = confirmed  # what lies between was written by a clock that was ahead
    if newest.at - at > CLOCKS_APART:
        raise ClockBehindBookError(
            now=wall_text(at), newest=wall_text(newest.at), verb=newest.verb, operator=newest.operator
        )


def _newest(session: Session, party_id: str, verb: str | None = None) -> Change | None:
    """The last entry of one party by the time that it was given."""
    query = select(ChangeRow).where(col(ChangeRow.party_id) == party_id).order_by(col(ChangeRow.id).desc())
    if verb is not None:
        query = query.where(col(ChangeRow.verb) == verb)
    row = session.execute(query.limit(1)).scalar_one_or_none()
    return None if row is None else _change(row)
