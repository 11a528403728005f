"""A whole database as a file and back, on SQLite and PostgreSQL, while others write."""

import json
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import JSON, BigInteger, Column, insert, select

from tracelib.batches.batch import Batch
from tracelib.batches.pieces import Piece
from tracelib.batches.prints import Kind, PrintEntry, Verb
from tracelib.catalog.party import Party
from tracelib.store import migrate
from tracelib.store.errors import DamagedError
from tracelib.store.migrations import HEAD
from tracelib.store.newer import Newer, newer_than
from tracelib.store.snapshot import examine_snapshot, exchange, is_empty, snapshot
from tracelib.store.tables import metadata
from tracelib.store.tables.columns import UtcDateTime
from tracelib.store.unit_of_work import Store

NOW = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)


def value(column: Column[Any], number: int) -> object:
    """A value for a column that is not the default of its type."""
    type_ = column.type
    kind = dict if isinstance(type_, JSON) else datetime if isinstance(type_, UtcDateTime) else type_.python_type
    return {
        str: f"文字-{number}",
        int: (1 << 40) + number if isinstance(type_, BigInteger) else number,
        bytes: bytes([number]) * 32,
        datetime: NOW.replace(microsecond=123_456),
        bool: True,
        date: date(2026, 11, 25),
        dict: {"zh": "值", "n": number},
    }.get(kind, f"文字-{number}")


SIMPLE = ("party", "trust_root", "change_entry", "code_counter", "code_range", "code_void", "scan", "event")


def fill(store: Store, number: int) -> None:
    """A row in tables of every kind of column."""
    with store.engine.execution_options(tracelib_writing=True).begin() as connection:
        for name in SIMPLE:
            table = metadata().tables[name]
            connection.execute(insert(table).values({c.name: value(c, number) for c in table.columns}))


def rows(store: Store, name: str) -> list[dict[str, object]]:
    table = metadata().tables[name]
    with store.engine.connect() as connection:
        found = connection.execute(select(table).order_by(*table.primary_key)).mappings()
        return [{key: bytes(v) if isinstance(v, memoryview) else v for key, v in row.items()} for row in found]


def test_every_value_comes_home(store: Store, tmp_path: Path) -> None:
    """From this database to a file, from the file to a fresh one, row for row."""
    fill(store, 1)
    fill(store, 2)
    assert snapshot(store, tmp_path / "s.db") == HEAD
    with Store.open(f"sqlite:///{tmp_path / 's.db'}") as copy:
        for name in SIMPLE:
            assert rows(copy, name) == rows(store, name)
            assert len(rows(copy, name)) == 2
    assert sorted(path.name for path in tmp_path.glob("s.db*")) == ["s.db"]


def test_file_of_any_origin_goes_into_this_database(store: Store, tmp_path: Path) -> None:
    """A file made on SQLite fills an empty PostgreSQL, and the other way round by the test above."""
    with Store.create_or_upgrade(f"sqlite:///{tmp_path / 'other.db'}") as other:
        fill(other, 7)
        snapshot(other, tmp_path / "s.db")
        assert is_empty(store)
        exchange(store, tmp_path / "s.db")
        assert not is_empty(store)
        for name in SIMPLE:
            assert rows(store, name) == rows(other, name)


def test_what_is_newer_is_counted(store: Store, tmp_path: Path) -> None:
    """Rows by their key, what grows by how far it is; the other way round nothing is newer, it is older."""
    fill(store, 1)
    old, new = tmp_path / "old.db", tmp_path / "new.db"
    snapshot(store, old)
    assert newer_than(old, old) == Newer()
    fill(store, 2)
    table = metadata().tables["code_counter"]
    with store.engine.execution_options(tracelib_writing=True).begin() as connection:
        connection.execute(table.update().where(table.c.prefix == "文字-1").values(next_counter=1 << 41))
    snapshot(store, new)
    newer = newer_than(new, old)
    assert newer.rows == dict.fromkeys(SIMPLE, 1) | {"code_counter": 2}
    assert newer.codes == rows(store, "code_range")[1]["count"]
    assert newer.since == NOW.replace(microsecond=123_456)
    assert newer_than(old, new) == Newer()


def test_backups_and_restores_are_no_news_and_stay_in_the_book(store: Store, tmp_path: Path) -> None:
    snapshot(store, tmp_path / "s.db")
    with store.unit_of_work() as uow:
        uow.changes.add("workspace.backup", "s.backup", NOW)
    snapshot(store, tmp_path / "t.db")
    assert newer_than(tmp_path / "t.db", tmp_path / "s.db") == Newer()
    for file in ("s.db", "s.db", "t.db"):
        exchange(store, tmp_path / file)
        assert [row["verb"] for row in rows(store, "change_entry")] == ["workspace.backup"]


def test_judge_refuses_and_all_is_as_it_was(store: Store, tmp_path: Path) -> None:
    snapshot(store, tmp_path / "s.db")
    fill(store, 1)

    def refuse() -> None:
        assert newer_than(tmp_path / "aside.db", tmp_path / "s.db").rows["event"] == 1
        raise ArithmeticError

    with pytest.raises(ArithmeticError):
        exchange(store, tmp_path / "s.db", tmp_path / "aside.db", refuse)
    assert len(rows(store, "event")) == 1


def test_schema_of_the_first_version_is_backed_up_and_upgraded(tmp_path: Path) -> None:
    """Make a backup, then upgrade: so the error says, and so it must work."""
    from tracelib.store.engine import make_engine

    engine = make_engine(f"sqlite:///{tmp_path / 'old.db'}")
    migrate.upgrade(engine, "0001")
    engine.dispose()
    with Store.open(f"sqlite:///{tmp_path / 'old.db'}", check=False) as old:
        assert snapshot(old, tmp_path / "s.db") == "0001"
    assert examine_snapshot(tmp_path / "s.db") == "0001"
    Store.open(f"sqlite:///{tmp_path / 's.db'}").close()


BATCH = Batch(party_id="COOP", product_id="NAVEL", lot="26A1", produced_on=date(2026, 11, 3), weight_g=1_000_000)
JUNK = {
    "UPDATE batch SET produced_on = 'junk'": "batch.produced_on",
    "UPDATE batch SET produced_on = '2026-02-31'": "batch.produced_on",
    "UPDATE batch SET weight_g = 'abc'": "batch.weight_g",
    "UPDATE batch SET weight_g = 1.5": "batch.weight_g",
    "UPDATE batch SET weight_g = -1": "batch: ",
    "UPDATE batch SET state = 'zombie'": "batch.state",
    "UPDATE batch SET registered_at = '2026-11-03T25:00:00'": "batch.registered_at",
    "UPDATE batch SET note = x'00ff'": "batch.note",
    "UPDATE batch SET note = CAST(x'ff' AS TEXT)": "UTF-8",
    "UPDATE batch SET lot = ''": "batch: ",
    "UPDATE change_entry SET detail = '{'": "change_entry.detail",
    "UPDATE change_entry SET detail = '[1]'": "change_entry.detail",
    "UPDATE change_entry SET detail = 'null'": "change_entry.detail",
    "UPDATE party SET name_zh = ''": "catalogue: ",
    "UPDATE print_entry SET pieces = '[[1, 2]]'": "print log: ",
    "UPDATE print_entry SET verb = 'eaten'": "print_entry.verb",
    "INSERT INTO trust_root VALUES ('x', x'00', '2026-11-03 00:00:00.000000')": "trust: ",
}


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A snapshot of books with a party, a batch, a change and a print."""
    folder = tmp_path_factory.mktemp("honest")
    entry = PrintEntry(
        party_id="COOP", product_id="NAVEL", lot="26A1", seq=0, at=NOW, verb=Verb.BEGUN, kind=Kind.LABELS,
        print_id="p", operator="", count=5, pieces=(Piece("AB3C", 0, 5, 1),),
    )  # fmt: skip
    with Store.create_or_upgrade(f"sqlite:///{folder / 'b.db'}", operator="王芳") as store:
        with store.unit_of_work() as uow:
            uow.catalog.add(Party(id="COOP", name_zh="示例合作社"))
            uow.batches.add([BATCH], NOW)
            uow.changes.add("batch.register", BATCH.reference, NOW, party_id="COOP", detail={"rows": 1})
            uow.prints.append(entry)
        snapshot(store, folder / "s.db")
    return folder / "s.db"


def test_what_the_program_wrote_is_read_back(honest: Path, tmp_path: Path) -> None:
    shutil.copy(honest, tmp_path / "s.db")
    assert examine_snapshot(tmp_path / "s.db") == HEAD


@pytest.mark.parametrize(
    "time", ["23:59:59.999999", "04:05:12.999500", "04:05:12.999499", "04:05:12.000000", "04:05:12"]
)
def test_every_fraction_of_a_second_is_a_time(honest: Path, tmp_path: Path, time: str) -> None:
    """SQLite rounds 12.9995 seconds up; one time in two thousand is so, and books have thousands of times."""
    file = tmp_path / "s.db"
    shutil.copy(honest, file)
    with closing(sqlite3.connect(file)) as connection, connection:
        assert connection.execute(f"UPDATE batch SET registered_at = '2026-12-31 {time}'").rowcount == 1
    assert examine_snapshot(file) == HEAD


@pytest.mark.parametrize("statement", JUNK)
def test_value_that_no_program_of_ours_wrote_is_refused(honest: Path, tmp_path: Path, statement: str) -> None:
    """SQLite keeps anything in any column; read later, it would end every command."""
    file = tmp_path / "s.db"
    shutil.copy(honest, file)
    with closing(sqlite3.connect(file)) as connection, connection:
        assert connection.execute(statement).rowcount == 1
    with pytest.raises(DamagedError, match=JUNK[statement].replace(".", r"\.")):
        examine_snapshot(file)


def test_damaged_page_is_found_before_a_backup_is_made_of_it(tmp_path: Path) -> None:
    file = tmp_path / "d.db"
    with Store.create_or_upgrade(f"sqlite:///{file}") as store:
        fill(store, 1)
    data = bytearray(file.read_bytes())
    for page in range(2, len(data) // 4096 - 1):
        data[page * 4096 : page * 4096 + 512] = b"\xaa" * 512
    file.write_bytes(data)
    with Store.open(f"sqlite:///{file}", check=False) as store, pytest.raises(DamagedError):
        snapshot(store, tmp_path / "s.db")


WRITER = """
import sys, time
from datetime import UTC, datetime
from tracelib.store.unit_of_work import Store
with Store.open(sys.argv[1]) as store:
    print("writing", flush=True)
    for number in range(100_000):
        with store.unit_of_work() as uow:
            for half in ("first", "second"):
                uow.changes.add(half, str(number), datetime.now(UTC), party_id="P", detail={"filling": "x" * 2000})
"""


def test_another_process_writes_meanwhile(store: Store, store_url: str, tmp_path: Path) -> None:
    """Each of its transactions writes a pair: every snapshot has whole pairs, all up to some number."""
    with subprocess.Popen([sys.executable, "-c", WRITER, store_url], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "writing\n"
            counts = []
            for number in range(4):
                time.sleep(0.3)
                snapshot(store, tmp_path / f"s{number}.db")
                with Store.open(f"sqlite:///{tmp_path / f's{number}.db'}") as copy:
                    seen = [(row["subject"], row["verb"]) for row in rows(copy, "change_entry")]
                pairs = [(str(n), half) for n in range(len(seen) // 2) for half in ("first", "second")]
                assert sorted(seen) == sorted(pairs), json.dumps(len(seen))
                counts.append(len(seen))
            assert process.poll() is None
        finally:
            process.kill()
    assert counts[0] < counts[-1], "it did go on writing"


def test_what_is_exchanged_is_kept_to_the_last_row(store: Store, store_url: str, tmp_path: Path) -> None:
    """Another process writes without pause: every row of it is in the copy that is kept aside, or was written after."""
    snapshot(store, tmp_path / "old.db")
    with subprocess.Popen([sys.executable, "-c", LINE, store_url], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "writing\n"
            time.sleep(0.5)
            exchange(store, tmp_path / "old.db", tmp_path / "aside.db")
            time.sleep(0.3)
        finally:
            process.kill()
    with Store.open(f"sqlite:///{tmp_path / 'aside.db'}") as aside:
        before = [row["row_id"] for row in rows(aside, "scan")]
    after = [row["row_id"] for row in rows(store, "scan")]
    assert before
    assert [*before, *after] == list(range(len(before) + len(after))), "none is lost between the copy and the exchange"


LINE = """
import sys
from datetime import UTC, datetime
from sqlalchemy import insert
from tracelib.store.tables import metadata
from tracelib.store.unit_of_work import Store
table = metadata().tables["scan"]
texts = dict.fromkeys(("device", "kind", "source", "outcome", "verdict", "reason"), "")
with Store.open(sys.argv[1]) as store:
    print("writing", flush=True)
    for number in range(100_000):
        with store.unit_of_work() as uow:
            now = datetime.now(UTC)
            row = {**texts, "party_id": "P", "station": "S", "row_id": number, "data": b"", "scanned_at": now}
            uow.session.execute(insert(table).values(**row, recorded_at=now))
"""
