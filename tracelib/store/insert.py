"""Inserting what is not there yet, on both databases."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from typing import Any

from sqlalchemy import CursorResult, Dialect, Insert
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
    """Insert the rows whose primary key is not there yet; ``rows`` may be empty, each names every column.

    One statement for all of them: SQLite's driver repeats it, PostgreSQL is given each column as an array; nothing is
    built or compiled for each row. (How many were new is not told: PostgreSQL's driver does not count them.)
    """
    if rows:
        dialect = session.get_bind().dialect
        prepared = _prepared(dialect, row)
        values = prepared.values_of(rows)
        given = tuple(map(list, zip(*values, strict=True))) if dialect.name == "postgresql" else list(values)
        session.connection().exec_driver_sql(prepared.text, given)


@dataclass(frozen=True)
class _Prepared:
    """A statement as the driver takes it. ``converters``: by position, for columns whose values it does not know."""

    text: str
    columns: tuple[str, ...]
    converters: tuple[tuple[int, Callable[[Any], Any]], ...]

    def values_of(self, rows: Iterable[dict[str, Any]]) -> Iterator[tuple[Any, ...]]:
        """The rows in the order of the columns. Rows of one event share its time: each value is converted once."""
        in_order = itemgetter(*self.columns)
        done: dict[int, Any] = {}
        for row in rows:  # the caller keeps every value alive, so that no id is given to another one meanwhile
            values = list(in_order(row))
            for position, convert in self.converters:
                key = id(values[position])
                if key not in done:
                    done[key] = convert(values[position])
                values[position] = done[key]
            yield tuple(values)


@cache
def _prepared(dialect: Dialect, row: type[Row]) -> _Prepared:
    table = Row.metadata.tables[str(row.__tablename__)]
    names = ", ".join(column.name for column in table.columns)
    keys = ", ".join(column.name for column in table.primary_key)
    if dialect.name == "postgresql":
        arrays = ", ".join(f"%b::{column.type.compile(dialect)}[]" for column in table.columns)
        source = f"SELECT * FROM unnest({arrays})"  # noqa: S608 - names of our own types
    else:
        source = f"VALUES ({', '.join('?' for _ in table.columns)})"
    found = [column.type.dialect_impl(dialect).bind_processor(dialect) for column in table.columns]
    return _Prepared(
        f"INSERT INTO {table.name} ({names}) {source} ON CONFLICT ({keys}) DO NOTHING",
        tuple(column.name for column in table.columns),
        tuple((position, convert) for position, convert in enumerate(found) if convert is not None),
    )


@cache
def _statement(dialect: str, row: type[Row]) -> Insert:
    table = Row.metadata.tables[str(row.__tablename__)]
    make = postgresql.insert if dialect == "postgresql" else sqlite.insert
    keys = [column.name for column in table.primary_key]
    statement: Insert = make(table).on_conflict_do_nothing(index_elements=keys)
    return statement
