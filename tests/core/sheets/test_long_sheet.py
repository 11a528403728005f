"""A hundred thousand rows: read and registered in little memory, measured in a process of its own."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROWS = 100_000
MOST_MEMORY_MB = 300
MOST_SECONDS = 90  # some 6 s on two idle cores

REGISTER = """
import json, sys, time
from datetime import UTC, datetime
from pathlib import Path
from tracelib.catalog.party import Party
from tracelib.catalog.product import Product
from tracelib.operations.batches.register import register_batches
from tracelib.store.unit_of_work import Store

folder, file = Path(sys.argv[1]), Path(sys.argv[2])
with Store.create_or_upgrade(f"sqlite:///{folder / 'long.db'}") as store:
    with store.unit_of_work() as uow:
        uow.catalog.add(Party(id="GNQC", name_zh="示例合作社"))
        uow.catalog.add(Product(party_id="GNQC", id="NAVEL-5KG", name_zh="示例产品"))
    started = time.monotonic()
    done = register_batches(store, file, datetime.now(UTC))
    seconds = time.monotonic() - started
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))  # ru_maxrss counts the parent's
memory_mb = int(peak.split()[1]) / 1024
print(json.dumps([len(done.registered), memory_mb, seconds]))
"""


@pytest.fixture
def long_sheet(tmp_path: Path, excel_parts: dict[str, str]) -> Path:
    part = "xl/worksheets/sheet1.xml"
    start, _, end = excel_parts[part].partition('<row r="2">')
    row = (
        '<row r="{r}"><c r="A{r}" t="s"><v>5</v></c><c r="B{r}" t="s"><v>6</v></c>'
        '<c r="C{r}" t="inlineStr"><is><t>L{r}</t></is></c><c r="D{r}" s="1"><v>46329</v></c>'
        '<c r="E{r}"><v>{r}.5</v></c></row>'
    )
    rows = "".join(row.format(r=number) for number in range(2, ROWS + 2))
    path = tmp_path / "long.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, text in excel_parts.items():
            archive.writestr(name, start + rows + end.partition("</row>")[2] if name == part else text)
    return path


def test_a_hundred_thousand_rows(tmp_path: Path, long_sheet: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", REGISTER, tmp_path, long_sheet], capture_output=True, text=True, check=True, timeout=300
    )
    registered, memory_mb, seconds = json.loads(done.stdout)
    assert registered == ROWS
    assert memory_mb < MOST_MEMORY_MB
    assert seconds < MOST_SECONDS
