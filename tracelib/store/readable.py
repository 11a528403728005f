"""Can every row of a SQLite file be read back? What a backup from elsewhere is asked before it is put in place.

SQLite keeps any value in any column, so a file with our tables may hold what no program of ours ever wrote. Types and
the words of the domain are judged by one statement a table; what checks itself (catalogue, batches, signed documents,
print log) is read as the program reads it.
"""

import sqlite3
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import JSON, Boolean, Column, Date, DateTime, Integer, LargeBinary, Table, select
from sqlalchemy.types import TypeDecorator, TypeEngine

from tracelib.batches.batch import BatchState
from tracelib.batches.prints import Kind, Verb
from tracelib.batches.transformation import TransformationKind
from tracelib.errors import TraceError
from tracelib.store.errors import DamagedError
from tracelib.store.tables import metadata
from tracelib.trace.lifecycle import Flag
from tracelib.trace.objects import Role
from tracelib.trace.outbox import Delivery
from tracelib.trace.recall import Verb as RecallVerb
from tracelib.trace.vocab import Action

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import UnitOfWork

_WORDS: dict[tuple[str, str], Iterable[str]] = {
    ("batch", "state"): BatchState,
    ("batch_transformation", "kind"): TransformationKind,
    ("batch_flow", "direction"): ("in", "out"),
    ("print_entry", "kind"): Kind,
    ("print_entry", "verb"): Verb,
    ("recall_entry", "verb"): RecallVerb,
    ("containment", "action"): Action,
    ("event_object", "role"): Role,
    ("event_flag", "flag"): Flag,
    ("outbox", "state"): Delivery,
}
"""Columns whose text is one of a list of words."""
_DOCUMENTS = {("event", "document")}
"""Columns of plain text that hold JSON."""
_LISTS = frozenset({"hosts", "pieces", "product_ids"})
"""JSON columns that hold an array; the others hold an object."""
# A modifier makes SQLite count: without one it gives 31 February back as it stands.
_DAY = "[0-9]" * 4 + "-[0-9][0-9]-[0-9][0-9]"
_TIME = f"{_DAY} [0-9][0-9]:[0-9][0-9]:[0-9][0-9]"


def require_readable(file: Path, *, live: bool = False) -> None:
    """DamagedError, naming table and column, unless the program can read every row. The schema must be the program's.

    Unless ``live``, nobody else may have the file open.
    """
    how = "mode=ro" if live else "immutable=1"
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?{how}", uri=True)) as connection:
            for table in metadata().sorted_tables:
                _judge_types(connection, table)
    except sqlite3.Error as error:  # text that is no UTF-8 too
        raise DamagedError(database=file.name, detail=error) from None
    except _JunkError as junk:
        raise DamagedError(database=file.name, detail=junk) from None
    _read_back(file)


class _JunkError(Exception):
    """A column holds what its type cannot be."""


def _judge_types(connection: sqlite3.Connection, table: Table) -> None:
    tests = {column.name: _is_good(table, column) for column in table.columns}
    cases = " ".join(f"WHEN NOT ({test}) THEN '{name}'" for name, test in tests.items())
    found = connection.execute(
        f'SELECT CASE {cases} END FROM "{table.name}" WHERE NOT ({" AND ".join(tests.values())}) LIMIT 1'  # noqa: S608 - our own names
    ).fetchone()
    if found is not None:
        raise _JunkError(f"{table.name}.{found[0]} holds a value that it cannot have")
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    deque(connection.execute(f'SELECT {names} FROM "{table.name}"'), maxlen=0)  # noqa: S608 - our own names


def _is_good(table: Table, column: Column[object]) -> str:
    """SQL that is true (never NULL) for a value that the column may have."""
    name = f'"{column.name}"'
    place = (table.name, column.name)
    test = _type_test(name, column)
    if place in _WORDS:
        words = ", ".join(f"'{word}'" for word in _WORDS[place])
        test += f" AND {name} IN ({words})"
    if place in _DOCUMENTS:
        test += f" AND json_valid({name})"
    return f"CASE WHEN {name} IS NULL THEN {int(bool(column.nullable))} ELSE coalesce({test}, 0) END"


def _type_test(name: str, column: Column[object]) -> str:
    kind: TypeEngine[object] = column.type
    if isinstance(kind, TypeDecorator):
        kind = kind.impl_instance
    if isinstance(kind, JSON):
        shapes = "'array'" if column.name in _LISTS else "'object'"
        shapes += ", 'null'" if column.nullable else ""
        shape = f"CASE json_valid({name}) WHEN 1 THEN json_type({name}) IN ({shapes}) ELSE 0 END"
        return f"typeof({name}) = 'text' AND {shape}"
    if isinstance(kind, DateTime):
        shape = f"({name} GLOB '{_TIME}' OR {name} GLOB '{_TIME}.{'[0-9]' * 6}')"
        whole = f"substr({name}, 1, 19)"  # SQLite would round 12.9995 seconds up to 13
        return f"{shape} AND datetime({whole}, '+0 days') = {whole} AND {name} >= '0001'"
    if isinstance(kind, Date):
        return f"{name} GLOB '{_DAY}' AND date({name}, '+0 days') = {name} AND {name} >= '0001'"
    storage = {Boolean: "integer", Integer: "integer", LargeBinary: "blob"}
    expected = next((word for one, word in storage.items() if isinstance(kind, one)), "text")
    return f"typeof({name}) = '{expected}'" + (f" AND {name} IN (0, 1)" if isinstance(kind, Boolean) else "")


def _read_back(file: Path) -> None:
    """Read what checks itself, as the program reads it."""
    from tracelib.store.unit_of_work import Store

    with Store.open(f"sqlite:///{file}") as store, store.reading() as uow:
        for what, read in _READERS.items():
            try:
                read(uow)
            except (TraceError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError) as error:
                raise DamagedError(database=file.name, detail=f"{what}: {error}") from None


def _read_trust(uow: "UnitOfWork") -> None:
    for fingerprint in uow.trust.roots():
        uow.trust.root(fingerprint)
    uow.trust.delegations()
    uow.trust.revocations()


def _read_pieces(uow: "UnitOfWork") -> None:
    for name in ("print_entry", "print_roll"):
        pieces = metadata().tables[name].c.pieces
        for items in uow.session.execute(select(pieces).execution_options(yield_per=1000)).scalars():
            for item in items:
                prefix, *numbers = item
                if not isinstance(prefix, str) or len(numbers) != _NUMBERS or {type(n) for n in numbers} != {int}:
                    raise ValueError(f"{item} is no piece of a range")


_NUMBERS = 3
"""First counter, count and position of a piece, behind its prefix (``batches.pieces``)."""
_READERS: "dict[str, Callable[[UnitOfWork], object]]" = {
    "catalogue": lambda uow: uow.catalog.snapshot(),
    "trust": _read_trust,
    "batch": lambda uow: deque(uow.batches.every(), maxlen=0),
    "print log": _read_pieces,
}
