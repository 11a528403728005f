"""The soak's verdict: a short run is clean, and what is lost, doubled or strange is seen."""

import random
import sqlite3
from pathlib import Path

import pytest

from bench.line_world import make_world
from bench.soak import codes, judged, report, run
from tracelib.clock import SystemClock
from tracelib.operations.capture import capture
from tracelib.operations.line_answer import LineScan
from tracelib.operations.pack import PackingSession
from tracelib.store.unit_of_work import Store

WRONG = ("lost", "doubled", "strange", "pallets", "unpacked", "gaps")


def test_a_short_soak_loses_nothing() -> None:
    found = run(0.3, 5)
    assert {name: found[name] for name in (*WRONG, "unsettled", "tracebacks")} == dict.fromkeys(
        (*WRONG, "unsettled", "tracebacks"), 0
    )
    assert (found["ended"], int(str(found["cartons"])) > 20) == (130, True)
    assert "| cartons lost" in report(found, 0.3)


@pytest.fixture
def books(tmp_path: Path) -> tuple[Path, list[tuple[str, str]]]:
    """A database in which a line took a belt's codes, and the belt."""
    database, clock = tmp_path / "store.db", SystemClock()
    with Store.create_or_upgrade(f"sqlite:///{database}") as store:
        world = make_world(store, tmp_path / "keys", clock)
        belt = list(codes(world, 48, random.Random(1)))
        scans = [
            LineScan(row, "belt", "read", text.encode(), clock.now(), text) for row, (_, text) in enumerate(belt, 1)
        ]
        capture(world.line(), PackingSession(12, partial=False), scans, clock.now())
    return database, belt


@pytest.mark.parametrize(
    ("sql", "name"),
    [
        ("SELECT 1", ""),
        ("DELETE FROM code_activation WHERE rowid = (SELECT min(rowid) FROM code_activation)", "lost"),
        ("DELETE FROM scan WHERE row_id = 3", "lost"),
        ("UPDATE scan SET unit_id = (SELECT unit_id FROM scan WHERE row_id = 1) WHERE row_id = 2", "doubled"),
        ("UPDATE code_activation SET unit_id = 'X' WHERE unit_id = (SELECT unit_id FROM scan WHERE row_id = 1)",
         "strange"),
        ("UPDATE scan SET outcome = 'refused' WHERE outcome = 'packed'", "pallets"),
        ("DELETE FROM containment WHERE rowid = (SELECT min(rowid) FROM containment)", "unpacked"),
        ("DELETE FROM scan WHERE outcome = 'refused'", "gaps"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_seen(books: tuple[Path, list[tuple[str, str]]], sql: str, name: str) -> None:
    database, belt = books
    with sqlite3.connect(database) as connection:
        connection.execute(sql)
    found = judged(database, belt)
    seen = [wrong for wrong in WRONG if found[wrong]]
    assert (name in seen) if name else not seen, found
