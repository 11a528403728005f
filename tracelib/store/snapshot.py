"""A whole database as one SQLite file, and back: how backups leave the store and come home.

Out: SQLite by its own online backup, in one step, while others write; PostgreSQL table by table within one snapshot
(REPEATABLE READ), streamed. Both give the same file, so what was backed up from one is restored to the other.

Back: into a database that is there, all tables in one transaction. What has gone out into the world is not taken back
by that: counters, ranges, manifests, voids, what is signed, and the book of changes are kept and united (``KEPT``).
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, Table, event, insert, inspect, select, text, update
from sqlalchemy.dialects import postgresql

from tracelib.store import migrate
from tracelib.store.engine import WRITING, make_engine
from tracelib.store.errors import DamagedError, DiskFullError, LockedError, SchemaMissingError
from tracelib.store.tables import metadata

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import Store

AT_ONCE = 5_000
KEPT = frozenset(
    {
        "change_entry",
        "code_counter",
        "code_manifest",
        "code_range",
        "code_replacement",
        "code_void",
        "print_entry",
        "print_order",
        "print_roll",
        "serial_prefix",
        "trust_bundle",
        "trust_delegation",
        "trust_revocation",
        "trust_root",
    }
)
"""Tables of what cannot be undone: a restore unites what is there with what comes back."""
_BACKUP = "backup"
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

    DamagedError for no database, a damaged one, or one with anything but our tables (a trigger would run on every
    write); SchemaNewerError.
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
        migrate.upgrade(engine)
        differing = migrate.differences(engine)
        if differing:
            raise DamagedError(database=file.name, detail=differing[0])
    return found


def key_hashes(file: Path) -> set[str]:
    """Full hashes (hex) of every key that a snapshot knows: those of its delegations and roots."""
    from tracelib.store.unit_of_work import Store

    with Store.open(f"sqlite:///{file}") as store, store.reading() as uow:
        known = {item.claims.key.hash for item in uow.trust.delegations()}
        known |= {item.claims.issuer_hash for item in uow.trust.delegations()}
        roots = [uow.trust.root(str(name)) for name in uow.session.execute(_ROOTS).scalars()]
        known |= {key.hash for root in roots if root for key in root.keys}
    return {one.hex() for one in known}


_ROOTS = select(metadata().tables["trust_root"].c.fingerprint)


def unite(store: "Store", file: Path, aside: Path | None = None) -> None:
    """Put a snapshot's contents in place of the store's, in one transaction, but for ``KEPT``, which are united.

    ``aside`` gets a snapshot of what was there, taken while nobody else can write. DamagedError before anything is
    changed where that cannot be read.
    """
    with _engine_of(file) as origin, origin.connect() as source:
        if store.dialect == "sqlite":
            engine = make_engine(store.engine.url.render_as_string(hide_password=False))
            event.listen(engine, "connect", _Attach(file))
        else:
            engine = store.engine
        with engine.execution_options(**{WRITING: True}).begin() as target:
            if store.dialect == "sqlite":
                target.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
            else:
                names = ", ".join(f'"{table.name}"' for table in metadata().sorted_tables)
                target.exec_driver_sql(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE")
            if aside is not None:
                snapshot(store, aside)
            _exchange(source, target)
        if engine is not store.engine:
            engine.dispose()


class _Attach:
    """Gives every connection the snapshot as a second database, so that SQLite copies rows by itself."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __call__(self, connection: Any, _record: object) -> None:  # noqa: ANN401 - whatever the driver gives
        connection.execute(f"ATTACH DATABASE ? AS {_BACKUP}", (str(self.file),)).close()


def _exchange(source: Connection, target: Connection) -> None:
    tables = metadata().sorted_tables
    for table in reversed(tables):
        if table.name not in KEPT:
            target.execute(table.delete())
    for table in tables:
        if target.dialect.name == "sqlite":
            names = ", ".join(f'"{column.name}"' for column in table.columns)
            way = "INSERT OR IGNORE" if table.name in KEPT else "INSERT"
            copy = f'{way} INTO main."{table.name}" ({names}) SELECT {names} FROM {_BACKUP}."{table.name}"'  # noqa: S608 - our own names
            target.execute(text(copy))
        else:
            statement = postgresql.insert(table)
            _insert(source, target, table, statement.on_conflict_do_nothing() if table.name in KEPT else statement)
    _advance(source, target)


def _advance(source: Connection, target: Connection) -> None:
    """Where both have a row, the one that got farther counts: the higher counter, the range that has its manifest."""
    counter, ranges = (metadata().tables[name] for name in ("code_counter", "code_range"))
    for row in source.execute(select(counter)).mappings():
        same = [column == row[column.name] for column in counter.primary_key]
        lower = counter.c.next_counter < row["next_counter"]
        target.execute(update(counter).where(*same, lower).values(next_counter=row["next_counter"]))
    keys = list(ranges.primary_key)
    for pending in target.execute(select(*keys).where(ranges.c.seq.is_(None))).mappings().all():
        same = [column == pending[column.name] for column in keys]
        seq = source.execute(select(ranges.c.seq).where(*same)).scalar()
        if seq is not None:
            target.execute(update(ranges).where(*same).values(seq=seq))


def _copy_tables(origin: Engine, copy: Engine) -> None:
    options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with (
        origin.execution_options(**options).connect() as source,
        copy.execution_options(**{WRITING: True}).begin() as target,
    ):
        there = set(inspect(target).get_table_names())
        for table in metadata().sorted_tables:
            if table.name in there:
                _insert(source, target, table, insert(table))


def _insert(source: Connection, target: Connection, table: Table, statement: Any) -> None:  # noqa: ANN401 - of two dialects
    """All rows of a table, some thousand at a time."""
    rows = source.execution_options(yield_per=AT_ONCE).execute(select(table)).mappings()
    for part in rows.partitions():
        target.execute(statement, [dict(row) for row in part])


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
