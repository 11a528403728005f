"""Voiding a run of labels against writing as many plain rows.

Ours names 200,000 positions of a batch and makes them void: serials counted off the key, what was void, active or
packed looked up, rows written, one entry in the book of changes, one durable commit. Theirs is ``executemany`` of the
same rows, serials at hand, into a bare table with the same key and index, with the same durability. A process of its
own measures, so that its memory is that of the work.
"""

import json
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

CODES, QUICK_CODES = 200_000, 50_000
MOST_SLOWER = 8.0
"""Times that the whole operation may take what bare rows take."""
MOST_MEMORY_MB = 150
NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
COLUMNS = "party_id, unit_id, reason, voided_at, operator, note, product_id, lot"


def run(quick: bool) -> list[dict[str, Any]]:
    """Two rows: the time beside bare rows, and the memory beside what is allowed."""
    count = QUICK_CODES if quick else CODES
    command = [sys.executable, "-m", "bench.bench_void", str(count)]
    measured = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
    return [
        {
            "work": f"void {count:,} codes of a batch, at most {MOST_SLOWER:g} times bare rows",
            "ours": round(measured["ours"], 2),
            "theirs": round(measured["theirs"], 2),
            "unit": "s (against: executemany)",
            "ratio": measured["theirs"] / measured["ours"],
            "wanted": 1 / MOST_SLOWER,
        },
        {
            "work": f"void {count:,} codes, memory of the process",
            "ours": round(measured["memory_mb"]),
            "theirs": MOST_MEMORY_MB,
            "unit": "MB (against: allowed)",
            "ratio": MOST_MEMORY_MB / measured["memory_mb"],
            "wanted": 1.0,
        },
    ]


def measure(count: int, folder: Path) -> dict[str, float]:
    """Seconds of both sides, and the most memory that the process took before theirs began."""
    from bench.one_issuer import K, fill, make_issuer
    from tracelib.clock import FixedClock
    from tracelib.codes.record import Level
    from tracelib.operations.issuing.issue import IssueRequest, issue_codes
    from tracelib.operations.issuing.issuer import Desk
    from tracelib.operations.issuing.void import Reason, VoidAct, plan_void, void_parts
    from tracelib.operations.units import Units
    from tracelib.store.unit_of_work import Store
    from tracelib.trust.serial_key import k_hash

    issuer = make_issuer()
    keys = {k_hash(K): issuer.serial_key}
    (folder / "keys").mkdir()
    with Store.create_or_upgrade(f"sqlite:///{folder / 'store.db'}", operator="bench") as store:
        fill(store, ["B-1"])
        request = IssueRequest(batch=("COOP1", "ORANGE", "B-1"), count=count, level=Level.CARTON, host="q.example.com")
        issue_codes(Desk(store, folder / "keys", "W1", "M1", FixedClock(NOW)), issuer, request)
        begun = time.perf_counter()
        with store.reading() as uow:
            units = Units(uow, keys)
            parts = units.named(f"B-1:1-{count}")
            plan_void(uow, units, parts)
        done = void_parts(store, FixedClock(NOW), parts, VoidAct(Reason.LOST, "a roll"), serial_keys=keys)
        ours = time.perf_counter() - begun
    assert done.voided == count
    memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "ours": ours,
        "theirs": _bare_rows(folder / "bare.db", issuer.cipher.serials(0, count)),
        "memory_mb": memory_mb,
    }


def _bare_rows(file: Path, serials: list[str]) -> float:
    database = sqlite3.connect(file, isolation_level=None)
    for pragma in ("journal_mode = WAL", "synchronous = FULL"):
        database.execute(f"PRAGMA {pragma}")
    database.execute(f"CREATE TABLE void ({COLUMNS}, PRIMARY KEY (party_id, unit_id))")
    database.execute("CREATE INDEX void_lot ON void (party_id, lot, product_id)")
    begun = time.perf_counter()
    at = NOW.isoformat()
    database.execute("BEGIN")
    rows = (("COOP1", serial, "lost", at, "bench", "a roll", "ORANGE", "B-1") for serial in serials)
    database.executemany(f"INSERT INTO void ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
    database.execute("COMMIT")
    seconds = time.perf_counter() - begun
    database.close()
    return seconds


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        print(json.dumps(measure(int(sys.argv[1]), Path(name))))
