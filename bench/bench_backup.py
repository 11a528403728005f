"""Backup and restore of a store of 1 GB, side by side with what one would use instead: cp, .backup, tar + gzip.

The store holds events: JSON with random hexadecimal digits, which packs to about a fifth. Every run writes to the same
disk and ends with fsync; a small backup and restore before warm up what Python loads once. gzip -1 is the level of
ours, -6 what ``tar -z`` does. ``theirs`` of the rows with an aim is the aim in seconds, for the size that was measured.
"""

import json
import secrets
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

SIZE, QUICK_SIZE = 1 << 30, 1 << 27
AIM_S = 30
NOW = datetime(2026, 11, 25, tzinfo=UTC)
ROWS = 20_000


def run(quick: bool) -> list[dict[str, Any]]:
    """Rows; a ratio is theirs over ours in seconds, so above 1 we are faster."""
    from tracelib.operations.backup import backup

    with tempfile.TemporaryDirectory(prefix="bench-backup-") as name:
        folder = Path(name)
        _warm_up(folder / "small")
        size = _fill(folder, QUICK_SIZE if quick else SIZE)
        out = folder / "b.backup"
        ours = _seconds(lambda: _backup(folder, out))
        rows = [_row(f"backup of {size:,} MB, under {AIM_S} s", ours, AIM_S * size / 1024, "s (against: the aim)", 1.0)]
        plain, copy, packed = folder / "plain.db", folder / "copy.db", folder / "packed.tar.gz"
        database = folder / "ws" / "tracelib.db"
        others: tuple[tuple[str, Callable[[], object], float | None], ...] = (
            ("cp and fsync", lambda: _tool("cp", str(database), str(plain), sync=plain), None),
            ("sqlite3 .backup and fsync (not packed, not checked)", lambda: _sqlite(database, copy), None),
            ("tar + gzip -1 and fsync", lambda: _tar(packed, folder, 1), None),
            ("tar + gzip -6 and fsync", lambda: _tar(packed, folder, 6), 1.0),
        )
        for what, work, wanted in others:
            rows.append(_row(f"backup of {size:,} MB, against {what}", ours, _seconds(work), "s", wanted))
        gzip_size = packed.stat().st_size
        rows.append(
            _row("size of the file, against tar + gzip -6", out.stat().st_size / 1e6, gzip_size / 1e6, "MB", 0.7)
        )
        for file in (plain, copy):
            file.unlink()
        rows.append(
            _row(f"verify {size:,} MB, against gzip -t", _seconds(lambda: backup.check_backup(out, _quiet)),
                 _seconds(lambda: _tool("gzip", "-t", str(packed))), "s", None)
        )  # fmt: skip
        packed.unlink()
        restored = _seconds(lambda: _restore(out, folder / "again"))
        rows.append(
            _row(f"restore {size:,} MB into a new folder", restored, AIM_S * size / 1024, "s (against: the aim)", 1.0)
        )
    return rows


def _row(work: str, ours: float, theirs: float, unit: str, wanted: float | None) -> dict[str, Any]:
    return {
        "work": work, "ours": round(ours, 1), "theirs": round(theirs, 1), "unit": unit, "ratio": theirs / ours,
        "wanted": wanted,
    }  # fmt: skip


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _warm_up(folder: Path) -> None:
    folder.mkdir()
    _fill(folder, 1)
    _backup(folder, folder / "b.backup")
    _restore(folder / "b.backup", folder / "again")


def _quiet(_size: int) -> None:
    """Nobody watches."""


def _backup(folder: Path, out: Path) -> None:
    from tracelib.operations.backup.backup import Origin, back_up
    from tracelib.operations.backup.files import WorkspaceFiles
    from tracelib.store.unit_of_work import Store

    home = folder / "ws"
    with Store.open(f"sqlite:///{home / 'tracelib.db'}") as store:
        origin = Origin(files=WorkspaceFiles.usual(home), workspace="b", store=store, program="bench")
        back_up(origin, out, keys=False, now=NOW, advance=_quiet)


def _restore(file: Path, folder: Path) -> None:
    from tracelib.operations.backup.restore import restore_new
    from tracelib_cli.settings import check_settings

    restore_new(file, folder, machine="b", operator="bench", now=NOW, advance=_quiet, check_settings=check_settings)


def _sqlite(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as origin, closing(sqlite3.connect(target)) as copy:
        origin.backup(copy)
    _tool("sync", str(target))


def _tar(target: Path, folder: Path, level: int) -> None:
    _tool("tar", "-I", f"gzip -{level}", "-cf", str(target), "-C", str(folder), "ws", sync=target)


def _tool(*words: str, sync: Path | None = None) -> None:
    subprocess.run(words, check=True, capture_output=True)
    if sync is not None:
        subprocess.run(["sync", str(sync)], check=True)


def _fill(folder: Path, size: int) -> int:
    """A workspace whose database has at least ``size`` bytes; how many MB it has."""
    from tracelib.store.unit_of_work import Store

    home = folder / "ws"
    home.mkdir()
    (home / "tracelib.toml").write_text('host = "q.example.com"\n')
    database = home / "tracelib.db"
    Store.create_or_upgrade(f"sqlite:///{database}").close()
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        while database.stat().st_size < size:
            events = [_event() for _ in range(ROWS)]
            connection.executemany("INSERT INTO event VALUES (:party_id, :event_id, :declaration_time, :event_type, "
                                   ":biz_step, :event_time, :recorded_at, :document)", events)  # fmt: skip
            connection.commit()
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return database.stat().st_size >> 20


def _event() -> dict[str, str]:
    at = "2026-11-20 00:00:00.000000"
    name = f"urn:uuid:{secrets.token_hex(16)}"
    document = {
        "type": "ObjectEvent", "eventID": name, "action": "ADD", "bizStep": "commissioning", "disposition": "active",
        "epcList": [f"https://id.gs1.org/01/06901234567892/21/{secrets.token_hex(7).upper()}" for _ in range(4)],
        "eventTime": "2026-11-20T08:00:00+08:00", "eventTimeZoneOffset": "+08:00",
        "readPoint": {"id": "https://q.example.com/P/line-1"}, "bizLocation": {"id": "https://q.example.com/P/shed"},
    }  # fmt: skip
    return {
        "party_id": "COOP1", "event_id": name, "declaration_time": "", "event_type": "ObjectEvent",
        "biz_step": "commissioning", "event_time": at, "recorded_at": at, "document": json.dumps(document),
    }  # fmt: skip
