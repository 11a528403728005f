"""What can be wrong with a database: each fault is one error of the store that says what to do."""

import os
import socket
import sqlite3
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from tracelib.errors import MissingExtraError, StoreError
from tracelib.store import errors, migrate
from tracelib.store.engine import make_engine
from tracelib.store.migrations import HEAD
from tracelib.store.unit_of_work import Store

NOBODY = 65534


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A migrated SQLite database."""
    path = tmp_path / "book.db"
    Store.create_or_upgrade(f"sqlite:///{path}").close()
    return path


def write(store: Store) -> None:
    """Some write or other."""
    with store.unit_of_work() as uow:
        uow.session.execute(text("INSERT INTO code_counter VALUES ('COOP1', 'AB3D', 0, 5)"))


def write_and_fail(store: Store) -> None:
    with store.unit_of_work() as uow:
        uow.session.execute(text("INSERT INTO code_counter VALUES ('COOP1', 'AB3D', 0, 5)"))
        raise ZeroDivisionError


def write_while_reading(store: Store) -> None:
    with store.reading() as uow:
        uow.session.execute(text("INSERT INTO code_counter VALUES ('COOP1', 'AB3D', 0, 5)"))


def fill_the_disk(store: Store) -> None:
    """SQLite's own limit of pages gives the same result code as a disk without room."""
    with store.unit_of_work() as uow:
        pages = uow.session.execute(text("PRAGMA page_count")).scalar()
        uow.session.execute(text(f"PRAGMA max_page_count = {pages}"))
        for number in range(2000):
            uow.session.execute(text("INSERT INTO code_counter VALUES ('COOP1', 'AB3D', :n, 5)"), {"n": number})


def count(store: Store) -> object:
    with store.reading() as uow:
        return uow.session.execute(text("SELECT count(*) FROM code_counter")).scalar()


def set_revision(path: Path, revision: str) -> None:
    connection = sqlite3.connect(path)
    connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))
    connection.commit()
    connection.close()


def test_work_is_committed_on_a_clean_exit_and_gone_after_an_exception(store: Store) -> None:
    with pytest.raises(ZeroDivisionError):
        write_and_fail(store)
    assert count(store) == 0
    write(store)
    assert count(store) == 1


def test_a_reader_sees_one_state_from_start_to_end(store: Store) -> None:
    with store.reading() as uow:
        query = text("SELECT count(*) FROM code_counter")
        before = uow.session.execute(query).scalar()
        write(store)
        assert uow.session.execute(query).scalar() == before == 0


def test_commits_survive_a_power_cut(file: Path) -> None:
    with Store.open(f"sqlite:///{file}") as store, store.engine.connect() as connection:
        answers = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert answers == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_empty_database_names_the_command(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "empty.db").close()
    with pytest.raises(errors.SchemaMissingError, match="tracelib db upgrade"):
        Store.open(f"sqlite:///{tmp_path / 'empty.db'}")


def test_missing_file_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(errors.NoDatabaseError, match="tracelib db upgrade"):
        Store.open(f"sqlite:///{tmp_path / 'none.db'}")
    assert list(tmp_path.iterdir()) == []


def test_stale_schema_names_the_command_and_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "old.db"
    engine = make_engine(f"sqlite:///{file}")
    migrate.upgrade(engine, "0001")
    engine.dispose()
    before = file.read_bytes()
    with pytest.raises(errors.SchemaStaleError, match=rf"schema 0001.* with {HEAD}.*tracelib db upgrade"):
        Store.open(f"sqlite:///{file}")
    assert file.read_bytes() == before


@pytest.mark.parametrize("opening", [Store.open, Store.create_or_upgrade])
def test_newer_database_is_refused_also_by_upgrade(file: Path, opening: object) -> None:
    set_revision(file, "9999")
    assert callable(opening)
    with pytest.raises(errors.SchemaNewerError, match="made by a newer version"):
        opening(f"sqlite:///{file}")


def test_upgrading_twice_changes_nothing(store_url: str) -> None:
    with Store.create_or_upgrade(store_url) as store:
        write(store)
    with Store.create_or_upgrade(store_url) as store:
        assert count(store) == 1


def test_locked_database_is_a_retryable_error(file: Path) -> None:
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with Store.open(f"sqlite:///{file}", busy_timeout_s=0.05) as store:
        with pytest.raises(errors.LockedError) as caught:
            write(store)
        assert caught.value.retryable
        assert count(store) == 0, "readers go on"
        other.execute("ROLLBACK")
        write(store)
    other.close()


def test_writers_wait_for_each_other(file: Path) -> None:
    failures: list[StoreError] = []

    def work() -> None:
        try:
            with Store.open(f"sqlite:///{file}") as mine:
                for _ in range(20):
                    with mine.unit_of_work() as uow:
                        query = text("SELECT coalesce(max(next_counter), 0) FROM code_counter")
                        found = uow.session.execute(query).scalar()
                        values = {"w": found, "n": (found or 0) + 1}
                        uow.session.execute(text("INSERT INTO code_counter VALUES ('COOP1', 'AB3D', :w, :n)"), values)
        except StoreError as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Store.open(f"sqlite:///{file}") as store:
        assert (failures, count(store)) == ([], 80)


def test_full_disk_writes_nothing(file: Path) -> None:
    with Store.open(f"sqlite:///{file}") as store:
        with pytest.raises(errors.DiskFullError, match="nothing of this step was written"):
            fill_the_disk(store)
        assert count(store) == 0


@contextmanager
def ordinary_user() -> Iterator[None]:
    """The administrator may write everywhere; be somebody else for a while."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_read_only_database_is_named() -> None:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "book.db"
        store = Store.create_or_upgrade(f"sqlite:///{path}")
        store.close()
        path.chmod(0o444)
        path.parent.chmod(0o555)
        with ordinary_user(), pytest.raises(errors.ReadOnlyError, match=r"book\.db is read-only"):
            write(Store.open(f"sqlite:///{path}", check=False))
        path.parent.chmod(0o755)


@pytest.mark.parametrize("damage", [b"this is no database, and quite long enough to be one." * 40, None])
def test_damaged_file_is_no_traceback(file: Path, damage: bytes | None) -> None:
    content = file.read_bytes()
    file.write_bytes(damage or content[:100] + b"\xa5" * (len(content) - 100))
    with pytest.raises(errors.DamagedError, match="restore a backup"):
        Store.open(f"sqlite:///{file}")


def test_server_that_is_not_there() -> None:
    pytest.importorskip("psycopg")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(errors.UnreachableError) as caught:
        Store.open(f"postgresql+psycopg://me:secret@127.0.0.1:{port}/county")
    assert "secret" not in str(caught.value)
    assert caught.value.retryable


def test_server_that_has_no_such_database(store: Store) -> None:
    if store.dialect != "postgresql":
        pytest.skip("SQLite has no server")
    url = store.engine.url.set(database="no_such_county").render_as_string(hide_password=False)
    with pytest.raises(errors.UnreachableError, match="no_such_county"):
        Store.open(url)


@pytest.mark.parametrize("url", ["", "tracelib.db", "mysql://x/y", "sqlite://", "sqlite:///:memory:", "xx"])
def test_url_that_is_none(url: str) -> None:
    with pytest.raises(errors.DatabaseUrlError, match=r"expected sqlite:///FILE"):
        Store.open(url)


def test_missing_driver_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingExtraError, match=r"pip install .*postgres"):
        Store.open("postgresql://localhost/county")


def test_contradiction_is_an_error_of_the_store(store: Store) -> None:
    write(store)
    with pytest.raises(errors.ConflictError):
        write(store)


def test_writing_while_reading_is_refused(store: Store) -> None:
    with pytest.raises(errors.ReadOnlyError):
        write_while_reading(store)
    assert count(store) == 0
