"""Printing is killed at every one of its steps: no counter twice, no entry lost, and the next run completes it.

The short form kills at a few steps spread over the whole run; the long one (marker ``slow``) at every step.
"""

import hashlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest
from sqlalchemy import text

from bench.one_issuer import NOW, fill, make_issuer
from tracelib.batches.prints import Kind, PrintEntry, Verb, print_counts
from tracelib.clock import FixedClock
from tracelib.codes import bulk
from tracelib.codes.record import Level
from tracelib.operations.export import all_lines, as_format, select_codes, write_file
from tracelib.operations.file_hash import Hashing
from tracelib.operations.issuing.issue import IssueRequest, issue_codes
from tracelib.operations.issuing.issuer import Desk
from tracelib.operations.issuing.unit_pieces import pieces_of
from tracelib.operations.printing.log import Again, PrintLog, file_entry, logged_print
from tracelib.operations.printing.make_rolls import RollJob, make_rolls
from tracelib.operations.printing.order import OrderRequest, place_order
from tracelib.store.unit_of_work import Store

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="fork")

KEY = ("COOP1", "ORANGE", "T-1")
LOADED = (bulk,)
CODES, ROLL = 50, 12
SHORT = 8


class Worker(Protocol):
    """What ``start_steps`` gives."""

    def run(self, text: str, kill_at: int = 0) -> str: ...


ISSUER = make_issuer()


def set_up(url: str, folder: Path) -> None:
    """A batch with fifty codes that are issued."""
    (folder / "keys").mkdir(parents=True)
    with Store.open(url) as store:
        fill(store, ["T-1"])
        desk = Desk(store, folder / "keys", "W1", "M1", FixedClock(NOW))
        issue_codes(desk, ISSUER, IssueRequest(batch=KEY, count=CODES, level=Level.ITEM, host="q.example.com"))


def order_and_make(place: str) -> None:
    """What the clerk does: order, or go on with the order that is there."""
    url, folder = place.split("|")
    with Store.open(url, operator="示例") as store:
        log = PrintLog(store, FixedClock(NOW))
        with store.reading() as uow:
            batch = uow.batches.get(*KEY)
            orders = uow.prints.orders("COOP1")
        assert batch is not None
        request = OrderRequest(batch=batch, house="示例印刷厂", roll_size=ROLL, count=CODES)
        order = orders[0] if orders else place_order(log, lambda _: ISSUER, request, Again())
        make_rolls(log, order, RollJob(lambda _: ISSUER, Path(folder) / "out", "赣南脐橙"))


def print_file(place: str) -> None:
    """A print that is one file, as the commands do it."""
    url, folder = place.split("|")
    out = Path(folder) / "out"
    out.mkdir(exist_ok=True)
    with Store.open(url, operator="示例") as store:
        with store.reading() as uow:
            batch = uow.batches.get(*KEY)
            assert batch is not None
            ranges = select_codes(uow, batch, 1, 40).ranges
            codes = pieces_of(uow, ranges)
        pieces = Hashing(as_format(all_lines(lambda _: ISSUER, ranges), "csv"))
        entry = file_entry(KEY, Kind.LABELS, out / "codes.csv", codes)
        with logged_print(PrintLog(store, FixedClock(NOW)), entry, Again()) as record:
            write_file(out / "codes.csv", iter(pieces))
            record.done(pieces.sha256)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.is_dir() else {}


def entries_of(url: str) -> list[PrintEntry]:
    with Store.open(url) as store, store.reading() as uow:
        return uow.prints.entries(*KEY)


def forget(url: str, folder: Path) -> None:
    """As before the round: no orders, no log, no files."""
    with Store.open(url) as store, store.unit_of_work() as uow:
        for table in ("print_entry", "print_roll", "print_order"):
            uow.session.execute(text(f"DELETE FROM {table}"))
    for path in (folder / "out").iterdir() if (folder / "out").is_dir() else ():
        path.unlink()


def rounds(steps: int, everywhere: bool) -> Iterator[int]:
    """Where to kill: at every step, or at a few spread evenly over them."""
    yield from range(1, steps + 1) if everywhere else {1 + n * (steps - 1) // (SHORT - 1) for n in range(SHORT)}


def torture_orders(worker: Worker, url: str, folder: Path, everywhere: bool) -> int:
    place = f"{url}|{folder}"
    forget(url, folder)
    answer = worker.run(place)
    assert answer.startswith("done"), answer
    whole = contents(folder / "out")
    log = [(entry.verb, entry.roll, entry.sha256) for entry in entries_of(url)]
    assert len(whole) == 8
    steps = int(answer.split()[1])
    for kill_at in rounds(steps, everywhere):
        forget(url, folder)
        assert worker.run(place, kill_at) == f"killed {kill_at}"
        for name, data in contents(folder / "out").items():
            assert name.endswith(".part") or data == whole[name], f"half a file {name} after step {kill_at}"
        cut = [(entry.verb, entry.roll, entry.sha256) for entry in entries_of(url)]
        assert cut == log[: len(cut)], f"an entry out of place after step {kill_at}"
        assert worker.run(place).startswith("done"), f"the desk works after step {kill_at}"
        assert contents(folder / "out") == whole, f"after step {kill_at}"
        assert [(entry.verb, entry.roll, entry.sha256) for entry in entries_of(url)] == log, f"after step {kill_at}"
        assert [times for _, times in print_counts(entries_of(url))] == [1]
    return steps


def torture_prints(worker: Worker, url: str, folder: Path, everywhere: bool) -> int:
    place = f"{url}|{folder}"
    forget(url, folder)
    answer = worker.run(place)
    assert answer.startswith("done"), answer
    whole = contents(folder / "out")
    sha256 = hashlib.sha256(whole["codes.csv"]).hexdigest()
    steps = int(answer.split()[1])
    killed = 0
    for kill_at in rounds(steps, everywhere):
        forget(url, folder)
        assert worker.run(place, kill_at) == f"killed {kill_at}"
        killed += 1
        there, log = contents(folder / "out").get("codes.csv"), entries_of(url)
        assert there in (None, whole["codes.csv"]), f"half a file after step {kill_at}"
        assert there is None or log, f"a file without an entry after step {kill_at}"
        again = worker.run(place)
        if [entry.verb for entry in log] == [Verb.BEGUN, Verb.DONE]:  # killed after all was written
            assert "PrintedBeforeError" in again
        else:
            assert again.startswith("done"), f"the clerk is held up after step {kill_at}: {again}"
        log = entries_of(url)
        assert [(entry.verb, entry.sha256) for entry in log] == [(Verb.BEGUN, ""), (Verb.DONE, sha256)], kill_at
        assert contents(folder / "out")["codes.csv"] == whole["codes.csv"]
    return killed


@pytest.fixture
def place(store_url: str, tmp_path: Path) -> tuple[str, Path]:
    set_up(store_url, tmp_path / "desk")
    return store_url, tmp_path / "desk"


def test_orders_killed_at_some_steps(start_steps: Callable[..., Any], place: tuple[str, Path]) -> None:
    assert torture_orders(start_steps(__file__, "order_and_make"), *place, everywhere=False) >= 50


def test_prints_killed_at_some_steps(start_steps: Callable[..., Any], place: tuple[str, Path]) -> None:
    assert torture_prints(start_steps(__file__, "print_file"), *place, everywhere=False) == SHORT


@pytest.mark.slow
def test_orders_killed_at_every_step(start_steps: Callable[..., Any], place: tuple[str, Path]) -> None:
    assert torture_orders(start_steps(__file__, "order_and_make"), *place, everywhere=True) >= 50


@pytest.mark.slow
def test_prints_killed_at_every_step(start_steps: Callable[..., Any], place: tuple[str, Path]) -> None:
    worker = start_steps(__file__, "print_file")
    killed = sum(torture_prints(worker, *place, everywhere=True) for _ in range(3))
    assert killed >= 50
