"""A spreadsheet of 50,000 batches: checked and registered, beside reading it with openpyxl and doing nothing else.

Each runs in a process of its own; the peak of its memory is the kernel's own count (VmHWM).
"""

import json
import subprocess
import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from openpyxl import Workbook

ROWS = 50_000
ALLOWED_S = 20.0
ALLOWED_MB = 300.0
HEADER = ("主体编号", "产品编号", "批号", "采收日期", "净重（斤）", "产地区划代码", "基地", "农户", "备注")

OURS = """
from datetime import UTC, datetime
from tracelib.catalog.party import Party
from tracelib.catalog.product import Product
from tracelib.operations.batches.register import RegisterOptions, register_batches
from tracelib.operations.events.home import Homes
from tracelib.store.unit_of_work import Store

with Store.create_or_upgrade(f"sqlite:///{folder / 'bench.db'}") as store:
    with store.unit_of_work() as uow:
        uow.catalog.add(Party(id="GNQC", name_zh="示例合作社"))
        for number in range(20):
            uow.catalog.add(Product(party_id="GNQC", id=f"NAVEL-{number}", name_zh="示例产品"))
    homes = Homes(None)
    homes.of_party = lambda party_id: "q.example.com"  # every batch is told in an event too
    options = RegisterOptions(homes=lambda uow: homes)
    started = time.perf_counter()
    done = len(register_batches(store, file, datetime.now(UTC), options).registered)
    seconds = time.perf_counter() - started
"""

THEIRS = """
from openpyxl import load_workbook

started = time.perf_counter()
book = load_workbook(file, read_only=True)
done = sum(1 for row in book.worksheets[0].iter_rows(values_only=True)) - 1
seconds = time.perf_counter() - started
"""

AROUND = """
import json, sys, time
from pathlib import Path
folder, file = Path(sys.argv[1]), Path(sys.argv[2])
{work}
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(json.dumps([done, seconds, int(peak.split()[1]) / 1024]))
"""


def run(quick: bool) -> list[dict[str, Any]]:
    """Measure; rows with ``work``, ``ours``, ``theirs``, ``unit``, ``ratio``, ``wanted``; ratio must reach wanted."""
    rows = ROWS // 10 if quick else ROWS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = make_sheet(folder / "harvest.xlsx", rows)
        ours_s, ours_mb = _measured(OURS, folder, file, rows)
        theirs_s, theirs_mb = _measured(THEIRS, folder, file, rows)
    return [
        _row(f"{rows:,} batches from a spreadsheet registered, under 20 s", ours_s, theirs_s, "s", ALLOWED_S),
        _row(f"{rows:,} batches from a spreadsheet, peak memory under 300 MB", ours_mb, theirs_mb, "MB", ALLOWED_MB),
    ]


def make_sheet(path: Path, rows: int) -> Path:
    """A sheet as a co-operative sends it, written by openpyxl."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("采收")
    sheet.append(HEADER)
    first = date(2025, 11, 1)
    for number in range(rows):
        sheet.append(
            (
                "GNQC",
                f"NAVEL-{number % 20}",
                f"26A{number:06}",
                first + timedelta(days=number % 90),
                1000 + number % 997 + 0.5,
                "360726",
                f"{number % 300}号果园",
                f"示例户{number % 3000}",
                "",
            )
        )
    book.save(path)
    return path


def _measured(work: str, folder: Path, file: Path, rows: int) -> tuple[float, float]:
    command = [sys.executable, "-c", AROUND.format(work=work), str(folder), str(file)]
    done, seconds, megabytes = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert done == rows
    return seconds, megabytes


def _row(work: str, ours: float, theirs: float, unit: str, allowed: float) -> dict[str, Any]:
    return {
        "work": f"{work}; theirs: openpyxl, reading alone",
        "ours": round(ours, 1),
        "theirs": round(theirs, 1),
        "unit": unit,
        "ratio": allowed / ours,
        "wanted": 1.0,
    }
