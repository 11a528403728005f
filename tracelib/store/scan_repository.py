"""Scans in the store: appended once each, and what a station must know when it starts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import func, insert, select
from sqlmodel import Session, col

from tracelib.store.tables.columns import Row
from tracelib.store.tables.scans import ScanRow

ACTIVATED = "activated"
"""The outcome of a scan that made a carton active."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanRecord:
    """A reading and what came of it, field by field as in ``tracelib.store.tables.scans.ScanRow``."""

    party_id: str
    station: str
    row_id: int
    device: str
    kind: str
    data: bytes
    scanned_at: datetime
    recorded_at: datetime
    source: str
    outcome: str
    verdict: str = ""
    reason: str = ""
    unit_id: str | None = None
    product_key: str | None = None
    lot: str | None = None
    epc: str | None = None
    event_id: str | None = None
    packed_to: int | None = None


@dataclass(frozen=True, slots=True)
class ScanCount:
    """How many scans of a stretch had an outcome and reason, for one batch (its key and lot None: no verified code)."""

    outcome: str
    reason: str
    product_key: str | None
    lot: str | None
    count: int
    first_at: datetime
    last_at: datetime


_INSERT = insert(Row.metadata.tables["scan"])
_FIELDS = tuple(field.name for field in fields(ScanRecord))


class ScanRepository:
    """Appends scans in the caller's transaction (``uow.scans``)."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def append(self, records: Sequence[ScanRecord]) -> None:
        """Write scans, all at once; a (party, station, row id) that is there already is a ``ConflictError``."""
        if records:
            self._session.execute(
                insert(ScanRow), [{name: getattr(record, name) for name in _FIELDS} for record in records]
            )

    def last_row_id(self, party_id: str, station: str) -> int:
        """The highest journal row id of this station that is in the store, 0 for none."""
        query = select(func.max(ScanRow.row_id)).where(
            col(ScanRow.party_id) == party_id, col(ScanRow.station) == station
        )
        return self._session.scalar(query) or 0

    def not_packed(self, party_id: str, station: str) -> list[tuple[int, str, str]]:
        """(row id, unit id, EPC) of what this station activated after the last carton it put on a pallet, in order."""
        of_station = (col(ScanRow.party_id) == party_id, col(ScanRow.station) == station)
        packed_to = self._session.scalar(select(func.max(ScanRow.packed_to)).where(*of_station)) or 0
        query = (
            select(col(ScanRow.row_id), col(ScanRow.unit_id), col(ScanRow.epc))
            .where(*of_station, col(ScanRow.row_id) > packed_to, col(ScanRow.outcome) == ACTIVATED)
            .order_by(col(ScanRow.row_id))
        )
        return [(row_id, unit_id or "", epc or "") for row_id, unit_id, epc in self._session.execute(query)]

    def stretch(self, party_id: str, station: str, after_row: int, last_row: int) -> list[ScanCount]:
        """What a station scanned in the rows above ``after_row`` up to ``last_row``; costs what the stretch holds."""
        said = (col(ScanRow.outcome), col(ScanRow.reason), col(ScanRow.product_key), col(ScanRow.lot))
        query = (
            select(*said, func.count(), func.min(ScanRow.scanned_at), func.max(ScanRow.scanned_at))
            .where(col(ScanRow.party_id) == party_id, col(ScanRow.station) == station)
            .where(col(ScanRow.row_id) > after_row, col(ScanRow.row_id) <= last_row)
            .group_by(*said)
            .order_by(*said)
        )
        return [ScanCount(*row) for row in self._session.execute(query)]

    def counts(self, party_id: str, station: str, since: datetime | None = None) -> Mapping[tuple[str, str], int]:
        """How many scans had which (outcome, reason) at a station, from a time on or of all times."""
        query = (
            select(col(ScanRow.outcome), col(ScanRow.reason), func.count())
            .where(col(ScanRow.party_id) == party_id, col(ScanRow.station) == station)
            .group_by(col(ScanRow.outcome), col(ScanRow.reason))
        )
        if since is not None:
            query = query.where(col(ScanRow.scanned_at) >= since)
        return {(outcome, reason): count for outcome, reason, count in self._session.execute(query)}
