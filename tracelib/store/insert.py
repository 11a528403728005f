"""Inserting what is not there yet, on both databases."""

from functools import cache
from typing import Any

from sqlalchemy import CursorResult, Insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from tracelib.store.tables.columns import Row


def insert_new(session: Session, row: type[Row], values: dict[str, Any]) -> bool:
    """Insert a row unless its primary key is there; whether it was new. ``values`` names every column."""
    statement = _statement(session.get_bind().dialect.name, row)
    # On PostgreSQL the count of an INSERT is thrown away unless it is asked for.
    result = session.execute(statement, values, execution_options={"preserve_rowcount": True})
    return isinstance(result, CursorResult) and result.rowcount == 1


def insert_all_new(session: Session, row: type[Row], rows: list[dict[str, Any]]) -> None:
    """Insert the rows whose primary key is not there yet; ``rows`` may be empty.

    One prepared statement for all of them: the driver repeats it, nothing is built or compiled for each row. (How many
    were new is not told: PostgreSQL's driver does not count them.)
    """
    if rows:
        session.execute(_statement(session.get_bind().dialect.name, row), rows)


@cache
def _statement(dialect: str, row: type[Row]) -> Insert:
    table = Row.metadata.tables[str(row.__tablename__)]
    make = postgresql.insert if dialect == "postgresql" else sqlite.insert
    keys = [column.name for column in table.primary_key]
    statement: Insert = make(table).on_conflict_do_nothing(index_elements=keys)
    return statement
