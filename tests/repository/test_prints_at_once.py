"""Two processes print the same codes at once, and one dies over it: a living print is told from one that broke off."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tracelib.batches.pieces import Piece
from tracelib.batches.prints import Kind, PrintEntry, Verb, print_counts
from tracelib.clock import FixedClock
from tracelib.operations.printing.errors import (
    EarlierUncomparedError,
    PrintBrokenOffError,
    PrintedBeforeError,
    PrintUnderWayError,
    UncomparedPrintError,
)
from tracelib.operations.printing.log import Again, PrintLog, file_entry, logged_print
from tracelib.store.change_repository import ClockAheadOfBookError, ClockBehindBookError
from tracelib.store.unit_of_work import Store

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
KEY = ("COOP1", "ORANGE", "T-1")
CODES = (Piece("AB3D", 0, 40, 1),)
PRINTER = "tcp://192.0.2.1"
AGAIN = Again(True, "the paper jammed")


def wanted(to: str, pieces: tuple[Piece, ...] = CODES) -> PrintEntry:
    """A print of forty codes to a printer, or into a file."""
    return file_entry(KEY, Kind.LABELS, to if to == PRINTER else Path(to), pieces)


def print_and_wait(url: str, to: str) -> None:
    """What the other clerk's process does: begin, say so, and end when it is told."""
    with (
        Store.open(url, operator="另一位") as store,
        logged_print(PrintLog(store, FixedClock(NOW)), wanted(to), Again()) as record,
    ):
        sys.stdout.write("begun\n")
        sys.stdout.flush()
        sys.stdin.readline()
        record.done("ab" * 32)
    sys.stdout.write("done\n")


@contextmanager
def other_clerk(url: str, to: str) -> Iterator["subprocess.Popen[str]"]:
    """Another process in the middle of a print."""
    command = [sys.executable, __file__, url, to]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "begun\n"
            yield process
        finally:
            process.kill()


def attempt(store: Store, entry: PrintEntry, again: Again | None = None, at: datetime = NOW) -> None:
    with logged_print(PrintLog(store, FixedClock(at)), entry, again or Again()) as record:
        record.done("cd" * 32)


def log_of(store: Store) -> list[PrintEntry]:
    with store.reading() as uow:
        return uow.prints.entries(*KEY)


@pytest.fixture(params=["printer", "file"])
def to(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return PRINTER if request.param == "printer" else str(tmp_path / "labels.pdf")


def test_the_same_print_at_once_is_refused(store_url: str, store: Store, to: str) -> None:
    with other_clerk(store_url, to) as other:
        with pytest.raises(PrintUnderWayError) as refused:
            attempt(store, wanted(to))
        assert (refused.value.params["operator"], refused.value.params["last"]) == ("另一位", 40)
        assert [entry.verb for entry in log_of(store)] == [Verb.BEGUN]
        assert other.communicate("go\n", timeout=60)[0] == "done\n"
    with pytest.raises(PrintedBeforeError):
        attempt(store, wanted(to))
    assert [entry.verb for entry in log_of(store)] == [Verb.BEGUN, Verb.DONE]


def test_a_printer_job_that_died_is_not_printed_anew_unasked(store_url: str, store: Store) -> None:
    with other_clerk(store_url, PRINTER) as other:
        other.kill()
    with pytest.raises(PrintBrokenOffError) as refused:
        attempt(store, wanted(PRINTER))
    assert (refused.value.params["first"], refused.value.params["last"]) == (1, 40)
    assert "--from NUMBER --reprint --reason" in refused.value.message()
    rest = (Piece("AB3D", 30, 10, 31),)
    attempt(store, wanted(PRINTER, rest), AGAIN)
    assert print_counts(log_of(store)) == [(Piece("AB3D", 0, 30, 1), 1), (Piece("AB3D", 30, 10, 31), 2)]
    assert [entry.reason for entry in log_of(store)] == ["", AGAIN.reason, AGAIN.reason]


def test_a_file_of_a_print_that_died_is_written_again(store_url: str, store: Store, tmp_path: Path) -> None:
    file = str(tmp_path / "labels.pdf")
    with other_clerk(store_url, file) as other:
        other.kill()
    for other_print in (wanted(str(tmp_path / "b" / "labels.pdf")), wanted(file, (Piece("AB3D", 0, 9, 1),))):
        with pytest.raises(PrintedBeforeError):  # another folder, other codes: the first file may lie there
            attempt(store, other_print)
    attempt(store, wanted(file))
    assert [entry.verb for entry in log_of(store)] == [Verb.BEGUN, Verb.DONE]
    assert print_counts(log_of(store)) == [(CODES[0], 1)]


def unknown(list_: str, count: int = 40) -> PrintEntry:
    """A print of a list whose codes nobody here knows."""
    detail: dict[str, object] = {"unknown": count, "list": list_, "from": 1}
    return file_entry(KEY, Kind.LABELS, PRINTER, (), detail)


def test_what_cannot_be_compared_is_asked_for(store: Store) -> None:
    attempt(store, unknown("1" * 64))
    for entry, refusal in ((unknown("2" * 64), UncomparedPrintError), (wanted(PRINTER), EarlierUncomparedError)):
        with pytest.raises(refusal):
            attempt(store, entry)
        attempt(store, entry, AGAIN)
    assert sum(entry.verb is Verb.BEGUN for entry in log_of(store)) == 3


@pytest.mark.parametrize(
    ("days", "refusal"), [(-365, ClockBehindBookError), (400, ClockAheadOfBookError)], ids=["behind", "ahead"]
)
def test_a_wrong_clock_prints_nothing(store: Store, days: int, refusal: type[Exception]) -> None:
    with store.unit_of_work() as uow:
        uow.changes.add("batch.register", "ORANGE/T-1", NOW, party_id="COOP1")
    written = []
    with (
        pytest.raises(refusal),
        logged_print(PrintLog(store, FixedClock(NOW + timedelta(days=days))), wanted(PRINTER), AGAIN),
    ):
        written.append("labels")
    assert (written, log_of(store)) == ([], [])
    attempt(store, wanted(PRINTER))


if __name__ == "__main__":
    print_and_wait(*sys.argv[1:])
