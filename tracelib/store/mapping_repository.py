"""Saved mappings of header words: every version is kept, the newest of a name counts."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select
from sqlmodel import Session, col

from tracelib.store.change_repository import time_ordered_id
from tracelib.store.tables.batches import BatchMappingRow


@dataclass(frozen=True, slots=True)
class SavedMapping:
    """A mapping under its name. ``party_id`` is empty for one of every party; ``content`` is plain JSON."""

    party_id: str
    name: str
    saved_at: datetime
    operator: str
    content: dict[str, object]


class MappingRepository:
    """Saves, removes and lists mappings in the caller's transaction (``uow.mappings``)."""

    def __init__(self, session: Session, operator: str) -> None:
        self._session = session
        self._operator = operator

    def save(self, party_id: str, name: str, content: dict[str, object] | None, at: datetime) -> None:
        """Add a version of a mapping; without content it is removed."""
        row = {"party_id": party_id, "name": name, "id": time_ordered_id(at), "saved_at": at}
        self._session.execute(insert(BatchMappingRow), [{**row, "operator": self._operator, "content": content}])

    def list(self, party_id: str | None = None) -> list[SavedMapping]:
        """The mappings that count, by name: of a party and of every party; without ``party_id`` all."""
        query = select(BatchMappingRow).order_by(col(BatchMappingRow.id))
        if party_id is not None:
            query = query.where(col(BatchMappingRow.party_id).in_(["", party_id]))
        newest = {(row.party_id, row.name): row for row in self._session.execute(query).scalars()}
        return [
            SavedMapping(row.party_id, row.name, row.saved_at, row.operator, row.content)
            for _, row in sorted(newest.items())
            if row.content is not None
        ]
