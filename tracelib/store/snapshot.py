"""A whole database as one SQLite file, and back: how backups leave the store and come home.

Out: SQLite by its own online backup, in one step, while others write; PostgreSQL table by table within one snapshot
(REPEATABLE READ), streamed. Both give the same file, so what was backed up from one is restored to the other.

Back: into a database that is there, all tables in one transaction. Whether anything there would be lost by that is
judged before, while nobody else can write (``newer``).
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, Table, event, insert, inspect, select, text

from tracelib.store import migrate
from tracelib.store.engine import WRITING, make_engine
from tracelib.store.errors import DamagedError, DiskFullError, LockedError, SchemaMissingError
from tracelib.store.newer import OTHER, WHOLE, Attach
from tracelib.store.readable import require_readable
from tracelib.store.tables import metadata

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import Store

AT_ONCE = 5_000
_FULL = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}


def snapshot(store: "Store", file: Path) -> str:
    """Write a consistent copy of the database to ``file`` (which must not be there); its schema's revision.

    DamagedError where the database is damaged: a backup of it would be worth nothing. The errors of the store.
    """
    with store.engine.connect() as connection:
        found = migrate.found_revision(connection)
    if found is None:
        raise SchemaMissingError(database=store.name)
    if store.dialect == "sqlite":
        _copy_file(Path(store.engine.url.database or ""), file)
    else:
        with _engine_of(file) as engine:
            migrate.upgrade(engine, found)
            _copy_tables(store.engine, engine)
    return found


def examine_snapshot(file: Path) -> str:
    """Judge a snapshot that comes from elsewhere and bring it to the program's schema; the revision that it had.

    DamagedError for no database, a damaged one, one with anything but our tables (a trigger would run on every
    write), or one with rows that the program could not read (``readable``); SchemaNewerError.
    """
    _check_file(file)
    with _engine_of(file) as engine:
        with engine.connect() as connection:
            found = migrate.found_revision(connection)
            strange = connection.execute(
                text("SELECT name FROM sqlite_master WHERE type NOT IN ('table', 'index') LIMIT 1")
            ).scalar()
        if found is None or strange is not None:
            raise DamagedError(database=file.name, detail=strange or "it has no tables of ours")
        try:
            migrate.upgrade(engine)
        except (ValueError, TypeError, LookupError, AttributeError) as error:  # rows of an older schema are read by it
            raise DamagedError(database=file.name, detail=error) from None
        differing = migrate.differences(engine)
        if differing:
            raise DamagedError(database=file.name, detail=differing[0])
    require_readable(file)
    return found


def key_hashes(file: Path) -> set[str]:
    """Full hashes (hex) of every key that a snapshot knows: those of its delegations and roots."""
    from tracelib.store.unit_of_work import Store

    with Store.open(f"sqlite:///{file}") as store, store.reading() as uow:
        known = {item.claims.key.hash for item in uow.trust.delegations()}
        known |= {item.claims.issuer_hash for item in uow.trust.delegations()}
        roots = [uow.trust.root(fingerprint) for fingerprint in uow.trust.roots()]
        known |= {key.hash for root in roots if root for key in root.keys}
    return {one.hex() for one in known}


def exchange(store: "Store", file: Path, aside: Path | None = None, judge: Callable[[], None] | None = None) -> None:
    """Put a snapshot's contents in place of the store's, in one transaction.

    ``aside`` gets a snapshot of what was there, taken while nobody else can write; then ``judge`` may still refuse by
    an error. DamagedError before anything is changed where what was there cannot be read.
    """
    with _engine_of(file) as origin, origin.connect() as source:
        if store.dialect == "sqlite":
            engine = make_engine(store.engine.url.render_as_string(hide_password=False))
            event.listen(engine, "connect", Attach(file))
        else:
            engine = store.engine
        try:
            with engine.execution_options(**{WRITING: True}).begin() as target:
                if store.dialect == "sqlite":
                    target.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
                else:
                    names = ", ".join(f'"{table.name}"' for table in metadata().sorted_tables)
                    target.exec_driver_sql(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE")
                if aside is not None:
                    snapshot(store, aside)
                if judge is not None:
                    judge()
                _exchange(source, target)
        finally:
            if engine is not store.engine:
                engine.dispose()


def _exchange(source: Connection, target: Connection) -> None:
    """All rows out, all rows in; but what was done to the workspace as a whole stays in the book of changes."""
    tables = metadata().sorted_tables
    book = metadata().tables["change_entry"]
    whole = select(book).where(book.c.verb.startswith(WHOLE, autoescape=True))
    kept = [dict(row) for row in target.execute(whole).mappings()]
    for table in reversed(tables):
        target.execute(table.delete())
    for table in tables:
        if target.dialect.name == "sqlite":
            names = ", ".join(f'"{column.name}"' for column in table.columns)
            copy = f'INSERT INTO main."{table.name}" ({names}) SELECT {names} FROM {OTHER}."{table.name}"'  # noqa: S608 - our own names
            target.execute(text(copy))
        else:
            _insert(source, target, table)
    known = {(row.party_id, row.id) for row in target.execute(whole)}
    kept = [row for row in kept if (row["party_id"], row["id"]) not in known]
    if kept:
        target.execute(insert(book), kept)


def _copy_tables(origin: Engine, copy: Engine) -> None:
    options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with (
        origin.execution_options(**options).connect() as source,
        copy.execution_options(**{WRITING: True}).begin() as target,
    ):
        there = set(inspect(target).get_table_names())
        for table in metadata().sorted_tables:
            if table.name in there:
                _insert(source, target, table)


def _insert(source: Connection, target: Connection, table: Table) -> None:
    """All rows of a table, some thousand at a time."""
    rows = source.execution_options(yield_per=AT_ONCE).execute(select(table)).mappings()
    for part in rows.partitions():
        target.execute(insert(table), [dict(row) for row in part])


def _copy_file(source: Path, file: Path) -> None:
    """The online backup in one step: a reader like any other, so nobody waits and nothing is copied twice."""
    try:
        with (
            closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True, timeout=30)) as origin,
            closing(sqlite3.connect(file)) as copy,
        ):
            copy.execute("PRAGMA synchronous=OFF")
            copy.execute("PRAGMA journal_mode=OFF")
            origin.backup(copy)
    except sqlite3.Error as error:
        result = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        if result in _FULL:
            raise DiskFullError(database=file) from None
        kind = LockedError if result == sqlite3.SQLITE_BUSY else DamagedError
        raise kind(database=source, detail=error, seconds=30) from None
    _check_file(file, source)


def _check_file(file: Path, named: Path | None = None) -> None:
    """DamagedError unless SQLite finds every page in order. Nobody else may have the file open."""
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?immutable=1", uri=True)) as connection:
            words = [str(row[0]) for row in connection.execute("PRAGMA quick_check(1)")]
    except sqlite3.Error as error:
        words = [str(error)]
    if words != ["ok"]:
        raise DamagedError(database=named or file.name, detail=words[0])


@contextmanager
def _engine_of(file: Path) -> Iterator[Engine]:
    engine = make_engine(f"sqlite:///{file}")
    try:
        yield engine
    finally:
        engine.dispose()


def database_file(store: "Store") -> Path | None:
    """The SQLite file of a store, None on a server."""
    return Path(store.engine.url.database or "") if store.dialect == "sqlite" else None


def is_empty(store: "Store") -> bool:
    """Whether none of our tables has a row."""
    with store.engine.connect() as connection:
        return not any(connection.execute(select(table).limit(1)).first() for table in metadata().sorted_tables)
