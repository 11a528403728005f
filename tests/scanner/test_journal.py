"""The journal: durable, in order, one process at a time."""

import sqlite3
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tracelib_scanner.errors import JournalBusyError, JournalError, JournalForeignError
from tracelib_scanner.journal import Journal
from tracelib_scanner.scan import Scan, ScanKind

NOW = datetime(2026, 11, 23, 8, 0, 0, 123456, tzinfo=UTC)


def scan(text: str, *, at: datetime = NOW, source: str = "", device: str = "belt") -> Scan:
    return Scan(text.encode(), device, at, 12.5, ScanKind.READ, source)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "party" / "LINE-1.db")


def test_what_was_appended_comes_back_in_order_and_unchanged(journal: Journal) -> None:
    scans = [Scan(b"\x1d\x00\xff]Q1", "cam", NOW, 1.25, ScanKind.TORN, "a.png|1|2"), scan("two")]
    journal.append(scans[:1])
    journal.append(scans[1:])
    assert [(entry.row_id, entry.scan) for entry in journal.after(0, 10)] == [(1, scans[0]), (2, scans[1])]
    assert [entry.row_id for entry in journal.after(1, 10)] == [2]
    assert [entry.row_id for entry in journal.before(2, 1)] == [2]
    assert journal.sources("cam") == {"a.png|1|2"}


def test_threads_append_at_once_and_nothing_is_lost_or_doubled(journal: Journal) -> None:
    def work(name: str) -> None:
        for number in range(50):
            journal.append([scan(f"{name}-{number}", device=name)])

    threads = [threading.Thread(target=work, args=(f"t{n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    entries = journal.after(0, 1000)
    assert [entry.row_id for entry in entries] == list(range(1, 401))
    for name in (f"t{n}" for n in range(8)):
        own = [entry.scan.data.decode() for entry in entries if entry.scan.device == name]
        assert own == [f"{name}-{number}" for number in range(50)]


def test_second_process_is_refused_by_name(journal: Journal) -> None:
    code = (
        f"from pathlib import Path; from tracelib_scanner.journal import Journal; Journal(Path({str(journal.path)!r}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert JournalBusyError.code in done.stderr or "JournalBusyError" in done.stderr
    journal.close()
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0


def test_killed_process_leaves_what_it_acknowledged(tmp_path: Path) -> None:
    code = f"""
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from tracelib_scanner.journal import Journal
from tracelib_scanner.scan import Scan
journal = Journal(Path({str(tmp_path / "j.db")!r}))
for number in range(20):
    journal.append([Scan(str(number).encode(), "belt", datetime.now(UTC), 0.0)])
os.kill(os.getpid(), 9)
"""
    done = subprocess.run([sys.executable, "-c", code], check=False)
    assert done.returncode == -9
    assert [entry.scan.data for entry in Journal(tmp_path / "j.db").after(0, 99)] == [b"%d" % n for n in range(20)]


def test_rows_are_never_renumbered(journal: Journal) -> None:
    old = NOW - timedelta(days=31)
    journal.append([scan("1", at=old), scan("2", at=old)])
    assert journal.prune(2, NOW) == 2
    journal.append([scan("3")])
    assert [entry.row_id for entry in journal.after(0, 9)] == [3]


def test_pruned_only_after_30_days_and_when_all_is_in_the_store(journal: Journal) -> None:
    days = [NOW - timedelta(days=n) for n in (40, 31, 29, 0)]
    journal.append([scan(str(number), at=at) for number, at in enumerate(days)])
    journal.append([scan("picture", at=days[0], source="a.png|1|1")])
    assert journal.prune(4, NOW) == 0
    assert journal.prune(5, NOW) == 2
    assert [entry.scan.data for entry in journal.after(0, 9)] == [b"2", b"3", b"picture"]


def test_lost_journal_goes_on_above_the_store(journal: Journal) -> None:
    assert journal.continue_after(41)
    assert not journal.continue_after(41)
    journal.append([scan("next")])
    assert journal.after(0, 9)[0].row_id == 42
    assert journal.continue_after(99)
    journal.append([scan("later")])
    assert journal.last_row_id() == 100


def test_every_commit_is_synced(journal: Journal) -> None:
    settings = {name: journal._db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("synchronous", "journal_mode")}
    assert settings == {"synchronous": 2, "journal_mode": "wal"}


def test_full_disk_is_a_clear_error_and_nothing_half_written(journal: Journal) -> None:
    journal.append([scan("kept")])
    journal._db.execute("PRAGMA max_page_count=4")  # what SQLite does when no page can be added: SQLITE_FULL
    with pytest.raises(JournalError, match="full"):
        journal.append([scan("x" * 3000) for _ in range(20)])
    assert [entry.scan.data for entry in journal.after(0, 99)] == [b"kept"]


def test_foreign_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    text = tmp_path / "text.db"
    text.write_text("no database at all" * 100)
    with pytest.raises(JournalForeignError):
        Journal(text)
    assert text.read_text().startswith("no database")
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as db:
        db.execute("CREATE TABLE scan (a)")
    db.close()
    with pytest.raises(JournalForeignError, match="application id 0"):
        Journal(other)


def test_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalError, match="file"):
        Journal(tmp_path / "file" / "LINE-1.db")


def test_a_journal_of_before_there_were_scales_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    with sqlite3.connect(path) as old:
        old.execute(
            "CREATE TABLE scan (row_id INTEGER PRIMARY KEY AUTOINCREMENT, device TEXT NOT NULL, kind TEXT NOT NULL, "
            "data BLOB NOT NULL, at_us INTEGER NOT NULL, monotonic_s REAL NOT NULL, source TEXT NOT NULL) STRICT"
        )
        old.execute("CREATE INDEX scan_source ON scan (device, source) WHERE source <> ''")
        old.execute("INSERT INTO scan VALUES (7, 'belt', 'read', x'4142', 1000000, 1.5, '')")
        old.execute(f"PRAGMA application_id={0x79706E6A}")
        old.execute("PRAGMA user_version=1")
    old.close()
    for _ in range(2):
        journal = Journal(path)
        try:
            [entry] = journal.after(0, 10)
        finally:
            journal.close()
        assert (entry.row_id, entry.scan.data, entry.scan.weight_g) == (7, b"AB", None)
