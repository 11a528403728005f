"""A print order of a million codes in 200 rolls: ordered, signed, written, checked; and gone on with after half of it.

The limit is 90 s on two cores. Raw signing in as many processes, in turns of its own, says how much of the time is
signatures. Every measurement runs in a process of its own.
"""

import json
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from bench.bench_issue import CODES, QUICK_CODES, Raw, make_desk, peak_mb

ROLLS = 200
MOST_S, MOST_MEMORY_MB = 90, 300
PROCESSES = 2


class Stopped(Exception):
    """The first half is made."""


def run(quick: bool) -> list[dict[str, object]]:
    """Measure; rows with ``work``, ``ours``, ``theirs``, ``unit``, ``ratio``, ``wanted``."""
    count = QUICK_CODES if quick else CODES
    command = [sys.executable, "-m", "bench.bench_print", str(count)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    most = MOST_S * count / CODES
    return [
        _limit(f"print order of {count:,} codes in {ROLLS} rolls, under {most:g} s", found["whole_s"], "s", most),
        {
            "work": "labels a second of that; theirs: raw signing in two processes", "ours": count / found["whole_s"],
            "theirs": found["raw"], "unit": "codes/s", "ratio": count / found["whole_s"] / found["raw"], "wanted": 0.6,
        },
        {
            "work": "the same stopped after half and gone on with, both together", "ours": found["resumed_s"],
            "theirs": found["whole_s"], "unit": "s", "ratio": found["whole_s"] / found["resumed_s"], "wanted": 0.75,
        },
        _limit(f"memory of that, under {MOST_MEMORY_MB} MB", found["memory_mb"], "MB", MOST_MEMORY_MB),
    ]  # fmt: skip


def _limit(work: str, ours: float, unit: str, most: float) -> dict[str, object]:
    return {"work": work, "ours": ours, "theirs": most, "unit": unit, "ratio": most / max(ours, 0.001), "wanted": 1.0}


def measure(count: int, folder: Path) -> dict[str, float]:
    """Two orders of ``count`` codes: one in one go, one in two."""
    from tracelib.codes.record import Level
    from tracelib.operations.issuing.issue import IssueRequest, issue_codes
    from tracelib.operations.printing.log import Again, PrintLog
    from tracelib.operations.printing.make_rolls import RollJob, make_rolls
    from tracelib.operations.printing.order import OrderRequest, place_order

    desk, issuer = make_desk(folder)
    desk = replace(desk, processes=PROCESSES)
    key = ("COOP1", "ORANGE", "GN-1")
    request = IssueRequest(batch=key, count=count, level=Level.ITEM, host="q.example.com", grade=0)
    issue_codes(desk, issuer, request)
    issue_codes(desk, issuer, request)
    with desk.store.reading() as uow:
        batch = uow.batches.get(*key)
    assert batch is not None
    log = PrintLog(desk.store, desk.clock)
    wanted = OrderRequest(batch=batch, house="示例印刷厂", roll_size=-(-count // ROLLS), count=count)
    raw = Raw(PROCESSES)
    raw.sign(count // 8)

    start = time.perf_counter()
    order = place_order(log, lambda _: issuer, wanted, Again())
    job = RollJob(lambda _: issuer, folder / "one", "赣南脐橙", PROCESSES)
    made = make_rolls(log, order, job)
    whole_s = time.perf_counter() - start
    assert (made.made, sum(roll.count for roll in made.rolls)) == (ROLLS, count)
    raw.sign(count // 8)

    def stop(finished: int) -> None:
        if finished >= count // 2:
            raise Stopped

    job = replace(job, folder=folder / "two")
    start = time.perf_counter()
    order = place_order(log, lambda _: issuer, wanted, Again())
    try:
        make_rolls(log, order, job, stop)
    except Stopped:
        made = make_rolls(log, order, job)
    resumed_s = time.perf_counter() - start
    assert made.made <= ROLLS // 2
    return {"whole_s": whole_s, "resumed_s": resumed_s, "raw": raw.rate(), "memory_mb": peak_mb()}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        print(json.dumps(measure(int(sys.argv[1]), Path(name))))
