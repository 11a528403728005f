"""Tracing one unit in a store of a million carton events (12 million units), and in one of a tenth of that.

A unit leads to its carton, the carton's lot and batch, its pallet, where that was shipped and received. Theirs is what
a raw statement by the containment's key takes in the same file: how fast the disk and SQLite can be at all.
"""

import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench import trace_world
from tracelib.operations.trace.chain import trace
from tracelib.store.unit_of_work import Store

LARGE, SMALL, QUICK = 1_000_000, 100_000, 10_000
ALLOWED_MS = 50.0
ALLOWED_GROWTH = 1.5
ASKED = 200
Row = dict[str, object]


def run(quick: bool) -> list[Row]:
    """Two rows: the time in the large store, and how much longer than in the small one."""
    large, small = (QUICK, QUICK // 10) if quick else (LARGE, SMALL)
    with tempfile.TemporaryDirectory() as name:
        few_ms, _ = _measure(Path(name) / "small.db", small)
        many_ms, bare_ms = _measure(Path(name) / "large.db", large)
    units = large * trace_world.UNITS
    return [
        {
            "work": f"trace one of {units:,} units, {large:,} carton events, both ways, under {ALLOWED_MS:g} ms",
            "ours": many_ms,
            "theirs": bare_ms,
            "unit": "ms (against: one raw SELECT)",
            "ratio": ALLOWED_MS / many_ms,
            "wanted": 1.0,
        },
        {
            "work": f"the same, against a store of {small:,} carton events",
            "ours": many_ms,
            "theirs": few_ms,
            "unit": "ms",
            "ratio": few_ms / many_ms,
            "wanted": 1 / ALLOWED_GROWTH,
        },
    ]


def _measure(file: Path, cartons: int) -> tuple[float, float]:
    """Median milliseconds of a trace, and of one raw statement, over units from everywhere in the store."""
    trace_world.build(file, cartons)
    asked = [trace_world.unit(number * trace_world.UNITS) for number in trace_world.numbers_of(cartons, ASKED)]
    with Store.open(f"sqlite:///{file}") as store:

        def ours(unit: str) -> None:
            with store.reading() as uow:
                history = trace(uow, unit)
            assert [one.stop.step for one in history.journey][-2:] == ["shipping", "receiving"]

        traced = _median_ms(ours, asked)
    connection = sqlite3.connect(file)
    query = "SELECT parent_id FROM containment WHERE party_id = ? AND unit_id = ?"
    bare = _median_ms(lambda unit: connection.execute(query, (trace_world.COOP, unit)).fetchall(), asked)
    connection.close()
    return traced, bare


def _median_ms(work: Callable[[str], object], units: list[str]) -> float:
    work(units[0])  # what is compiled once is not what is measured
    times = []
    for unit in units:
        start = time.perf_counter()
        work(unit)
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


if __name__ == "__main__":
    for row in run(quick=False):
        print(row)
