"""Inserting what is not there yet, in few statements, on both databases."""

from typing import Any

from sqlalchemy import CursorResult
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from tracelib.store.tables.columns import Row

MOST_PARAMETERS = 900
"""Values in one statement; every SQLite takes 999 (sqlite.org/limits.html)."""


def insert_new(session: Session, row: type[Row], rows: list[dict[str, Any]]) -> int:
    """Insert the rows whose primary key is not there yet; how many they were. Rows name every column."""
    table = Row.metadata.tables[str(row.__tablename__)]
    make = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    keys = [column.name for column in table.primary_key]
    step = max(1, MOST_PARAMETERS // len(table.columns))
    count = 0
    for start in range(0, len(rows), step):
        statement = make(table).values(rows[start : start + step]).on_conflict_do_nothing(index_elements=keys)
        result = session.execute(statement)
        count += result.rowcount if isinstance(result, CursorResult) else 0
    return count
