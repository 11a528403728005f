"""Carton events with 12 children each, from our own values: made, hashed, recorded durably with objects and outbox.

One process, a thousand events in a transaction. Theirs is ``executemany`` of the same rows into the same tables with
the same indexes and durability, nothing made or hashed. PostgreSQL where ``TRACELIB_TEST_DATABASE_URL`` names a server.
"""

import os
import random
import sqlite3
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tracelib.codes.serial import ALPHABET, check_character
from tracelib.store.unit_of_work import Store
from tracelib.trace.build import packing_event

EVENTS, QUICK_EVENTS, AT_ONCE = 20_000, 2_000, 1_000
CHILDREN = 12
WANTED = 2_000.0
WANTED_OF_SQLITE = 0.6
WANTED_OF_BARE = 0.25
PARTY, HOST = "COOP1", "https://q.example.com"
AT = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
SERVER = "TRACELIB_TEST_DATABASE_URL"
TABLES = ("event", "event_object", "containment", "outbox")
Row = dict[str, object]
Carton = tuple[str, list[str]]


def run(quick: bool) -> list[Row]:
    """Events a second on SQLite beside the aim and beside bare rows, and on PostgreSQL beside SQLite."""
    cartons = _cartons(QUICK_EVENTS if quick else EVENTS)
    with tempfile.TemporaryDirectory() as name:
        with Store.create_or_upgrade(f"sqlite:///{name}/ours.db") as store:
            ours = _rate(store, cartons)
        bare = _bare_rate(Path(name), len(cartons))
    rows = [
        _row("against the aim", ours, WANTED, ours / WANTED, 1.0),
        _row("against executemany of the rows alone", ours, bare, ours / bare, WANTED_OF_BARE),
    ]
    if os.environ.get(SERVER):
        with _server_store(os.environ[SERVER]) as store:
            there = _rate(store, cartons)
        rows.append(_row("PostgreSQL against SQLite", there, ours, there / ours, WANTED_OF_SQLITE))
    return rows


def _row(work: str, ours: float, theirs: float, ratio: float, wanted: float) -> Row:
    return {
        "work": f"capture of own carton events, {CHILDREN} children each: {work}",
        "ours": ours,
        "theirs": theirs,
        "unit": "events/s",
        "ratio": ratio,
        "wanted": wanted,
    }


def _cartons(count: int) -> list[Carton]:
    chance = random.Random(20261123)

    def uri() -> str:
        first = "".join(chance.choices(ALPHABET, k=14))
        return f"{HOST}/P/ORANGE/10/GN-1/21/{first}{check_character(first)}"

    return [(uri(), [uri() for _ in range(CHILDREN)]) for _ in range(count)]


def _rate(store: Store, cartons: list[Carton]) -> float:
    from tracelib.trace.record import own_record

    place = f"{HOST}/L/{PARTY}"
    start = time.perf_counter()
    for first in range(0, len(cartons), AT_ONCE):
        events = [
            packing_event(parent, children, event_time=AT + timedelta(seconds=n), read_point=place, biz_location=place)
            for n, (parent, children) in enumerate(cartons[first : first + AT_ONCE], first)
        ]
        with store.unit_of_work() as uow:
            recorded = uow.events.record(PARTY, [own_record(event) for event in events], recorded_at=AT)
        assert len(recorded) == len(events)
    return len(cartons) / (time.perf_counter() - start)


def _bare_rate(folder: Path, count: int) -> float:
    """The rows that ours left, copied by ``executemany`` into empty tables of the same shape."""
    Store.create_or_upgrade(f"sqlite:///{folder / 'bare.db'}").close()
    source = sqlite3.connect(folder / "ours.db")
    target = sqlite3.connect(folder / "bare.db", isolation_level=None)
    for pragma in ("foreign_keys=ON", "journal_mode=WAL", "synchronous=FULL"):
        target.execute(f"PRAGMA {pragma}")
    parts = -(-count // AT_ONCE)
    rows = {table: source.execute(f"SELECT * FROM {table}").fetchall() for table in TABLES}
    start = time.perf_counter()
    for part in range(parts):
        target.execute("BEGIN IMMEDIATE")
        for table, held in rows.items():
            some = held[len(held) * part // parts : len(held) * (part + 1) // parts]
            target.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(some[0]))})", some)
        target.execute("COMMIT")
    elapsed = time.perf_counter() - start
    source.close()
    target.close()
    return count / elapsed


@contextmanager
def _server_store(server: str) -> Iterator[Store]:
    """A store in a database of its own on the server, gone afterwards."""
    from sqlalchemy import create_engine, make_url

    name = f"tracelib_bench_{uuid.uuid4().hex[:12]}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    try:
        with Store.create_or_upgrade(
            make_url(server).set(database=name).render_as_string(hide_password=False)
        ) as store:
            yield store
    finally:
        with engine.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
        engine.dispose()


if __name__ == "__main__":
    for row in run(quick=False):
        print(row)
