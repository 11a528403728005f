"""Inserting what is not there yet, on both databases."""

from functools import cache
from typing import Any

from sqlalchemy import CursorResult, Insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from tracelib.store.tables.columns import Row


def insert_new(session: Session, row: type[Row], rows: list[dict[str, Any]]) -> int:
    """Insert the rows whose primary key is not there yet; how many they were. Rows name every column.

    One prepared statement for all of them: the driver repeats it, nothing is built or compiled for each row.
    """
    result = session.execute(_statement(session.get_bind().dialect.name, row), rows)
    return result.rowcount if isinstance(result, CursorResult) else 0


@cache
def _statement(dialect: str, row: type[Row]) -> Insert:
    table = Row.metadata.tables[str(row.__tablename__)]
    make = postgresql.insert if dialect == "postgresql" else sqlite.insert
    keys = [column.name for column in table.primary_key]
    statement: Insert = make(table).on_conflict_do_nothing(index_elements=keys)
    return statement
