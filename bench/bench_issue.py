"""Issuing against raw signing: the whole operation (database, manifest, Merkle root, file) side by side with Ed25519.

Theirs is ``Ed25519PrivateKey.sign`` of ``cryptography`` over messages of the same length, and nothing else. Both sides
alternate in small parts, so that a busy machine slows both. Every measurement runs in a process
of its own, from which memory and the growth of the database are taken too.
"""

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

if TYPE_CHECKING:
    from tracelib.operations.issuing.issuer import Desk, Issuer
    from tracelib.store.code_values import IssuedRange

CODES, QUICK_CODES = 1_000_000, 400_000
PART = {"one": 1 << 14, "two": 1 << 17}
"""Codes between two turns of raw signing; a pool of processes needs long turns to matter little."""
MESSAGE = bytes(125)
"""As long as what is signed for a code of a product with its own number."""
MOST_MEMORY_MB, MOST_GROWTH_KB = 150, 8
GROWTH_ISSUES, GROWTH_CODES = 200, 1000
"""Growth is measured over so many issues of so many codes: pages come in 4 KB, one issue alone may need no new one."""
NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
SEED = bytes([7]) * 32


def run(quick: bool) -> list[dict[str, object]]:
    """Measure; rows with ``work``, ``ours``, ``theirs``, ``unit``, ``ratio``, ``wanted``.

    ``ratio`` must reach ``wanted`` in every row; for memory and growth it is what is allowed over what it took.
    """
    count = QUICK_CODES if quick else CODES
    one, two = _child("one", count), _child("two", count)
    memory, growth = one["memory_mb"], _child("growth", GROWTH_ISSUES)["growth_kb"]
    return [
        _rates(f"issue {count:,} codes, one process, without the root", one["stream"], one["raw"], 0.90),
        _rates(f"issue {count:,} codes, one process, with root and database", one["whole"], one["raw"], 0.80),
        _rates(f"issue {count:,} codes, two processes, with root and database", two["whole"], two["raw"], 0.85),
        _limit(f"memory of that, one process, under {MOST_MEMORY_MB} MB", memory, "MB", MOST_MEMORY_MB),
        _limit(
            f"database grows by, each of {GROWTH_ISSUES} issues of {GROWTH_CODES:,} codes, under {MOST_GROWTH_KB} KB",
            growth, "KB", MOST_GROWTH_KB,
        ),
    ]  # fmt: skip


def _rates(work: str, ours: float, theirs: float, wanted: float) -> dict[str, object]:
    return {
        "work": work, "ours": ours, "theirs": theirs, "unit": "codes/s", "ratio": ours / theirs, "wanted": wanted,
    }  # fmt: skip


def _limit(work: str, ours: float, unit: str, most: float) -> dict[str, object]:
    return {"work": work, "ours": ours, "theirs": most, "unit": unit, "ratio": most / max(ours, 0.001), "wanted": 1.0}


def _child(kind: str, count: int) -> dict[str, float]:
    command = [sys.executable, __file__, kind, str(count)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    answer: dict[str, float] = json.loads(done.stdout)
    return answer


# What runs in the child --------------------------------------------------------------------------------------------


def measure(kind: str, count: int, folder: Path) -> dict[str, float]:
    """Issue ``count`` codes into a file in ``folder``, raw signing in between."""
    from tracelib.codes.record import Level
    from tracelib.operations.export import as_format, write_file
    from tracelib.operations.issuing.issue import IssueRequest, issue_codes

    processes = 2 if kind == "two" else 1
    desk, issuer = make_desk(folder)
    batch = ("COOP1", "ORANGE", "GN-1")
    request = IssueRequest(batch=batch, count=4, level=Level.CARTON, host="q.example.com", grade=0)
    issue_codes(desk, issuer, request)  # what is loaded once is loaded now
    desk = replace(desk, processes=processes)
    raw = Raw(processes)

    raw.sign(count // 8)
    start = time.perf_counter()
    range_ = issue_codes(desk, issuer, replace(request, count=count)).range
    registering = time.perf_counter() - start
    raw.inside_s = 0.0
    start = time.perf_counter()
    write_file(
        folder / "codes.csv", as_format(_between(_parts(issuer, range_, processes), raw, PART[kind] // 2), "csv")
    )
    streaming = time.perf_counter() - start - raw.inside_s
    return {
        "whole": count / (registering + streaming),
        "stream": count / streaming,
        "raw": raw.rate(),
        "memory_mb": peak_mb(),
    }


def measure_growth(issues: int, folder: Path) -> dict[str, float]:
    """What an issue of ``GROWTH_CODES`` codes adds to the database, over ``issues`` of them; a row for each code would
    pass the limit, at 20 bytes a row or more.
    """
    from tracelib.codes.record import Level
    from tracelib.operations.issuing.issue import IssueRequest, issue_codes

    desk, issuer = make_desk(folder)
    batch = ("COOP1", "ORANGE", "GN-1")
    request = IssueRequest(batch=batch, count=GROWTH_CODES, level=Level.CARTON, host="q.example.com", grade=0)
    before_bytes, before_rows = _database(folder)
    for _ in range(issues):
        issue_codes(desk, issuer, request)
    after_bytes, after_rows = _database(folder)
    if after_rows - before_rows < issues or after_bytes <= before_bytes:
        raise RuntimeError("nothing was written: this measures nothing")
    return {"growth_kb": (after_bytes - before_bytes) / issues / 1024, "rows": (after_rows - before_rows) / issues}


class Raw:
    """Raw signing in as many processes; remembers how long it took."""

    def __init__(self, processes: int) -> None:
        self._pool = ProcessPoolExecutor(processes) if processes > 1 else None
        self._processes = processes
        self._signed, self._took_s = 0, 0.0
        self._key = Ed25519PrivateKey.from_private_bytes(SEED)
        self.inside_s = 0.0
        if self._pool:
            list(self._pool.map(_sign_raw, [10] * 2 * processes))

    def sign(self, count: int) -> None:
        """Sign ``count`` messages."""
        start = time.perf_counter()
        if self._pool:
            list(self._pool.map(_sign_raw, [count // self._processes] * self._processes))
        else:
            sign = self._key.sign
            for _ in range(count):
                sign(MESSAGE)
        took = time.perf_counter() - start
        self.inside_s += took
        self._signed += count
        self._took_s += took

    def rate(self) -> float:
        """Signatures a second over all turns."""
        return self._signed / self._took_s


def _parts(issuer: "Issuer", range_: "IssuedRange", processes: int) -> "Iterator[Iterator[bytes]]":
    """The range's codes in parts, each a stream of its own: between two of them no process of ours is at work."""
    from tracelib.operations.export import code_lines

    size = PART["two" if processes > 1 else "one"]
    for first in range(range_.first, range_.last + 1, size):
        yield code_lines(issuer, replace(range_, first=first, count=min(size, range_.last + 1 - first)), processes)


def _between(parts: "Iterator[Iterator[bytes]]", raw: Raw, turn: int) -> Iterator[bytes]:
    for part in parts:
        yield from part
        raw.sign(turn)


def _sign_raw(count: int) -> None:
    sign: Callable[[bytes], bytes] = Ed25519PrivateKey.from_private_bytes(SEED).sign
    for _ in range(count):
        sign(MESSAGE)


def make_desk(folder: Path) -> "tuple[Desk, Issuer]":
    """A desk with a batch and an open issuer key. Shared with ``bench_print``."""
    from bench.one_issuer import fill, make_issuer
    from tracelib.operations.issuing.issuer import Desk
    from tracelib.store.unit_of_work import Store

    store = Store.create_or_upgrade(f"sqlite:///{folder / 'bench.db'}")
    fill(store, ["GN-1"])
    (folder / "keys").mkdir()
    return Desk(store, folder / "keys", "W1", "M1"), make_issuer()


def _database(folder: Path) -> tuple[int, int]:
    """Bytes and rows of the database, its journal folded into it first."""
    with closing(sqlite3.connect(folder / "bench.db")) as connection:
        busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise RuntimeError("the journal could not be folded into the database")
        pages, page = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = sum(connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in tables)
    return pages * page, rows


def peak_mb() -> float:
    """The most memory that this process ever held, from /proc (Linux)."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    return int(kilobytes) / 1024


if __name__ == "__main__":
    if len(sys.argv) == 3:
        os.environ.setdefault("TMPDIR", tempfile.gettempdir())
        with tempfile.TemporaryDirectory() as name:
            kind, number = sys.argv[1], int(sys.argv[2])
            growth = kind == "growth"
            print(json.dumps(measure_growth(number, Path(name)) if growth else measure(kind, number, Path(name))))
    else:
        for row in run(quick="--quick" in sys.argv):
            print(row)
