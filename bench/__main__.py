"""Runs every benchmark, prints its table and keeps it in docs/performance.md with the machine that it ran on.

Each module has a section of its own there, written when it ended: ``--only MODULE`` renews that one alone, and a run
that is broken off keeps what was measured. ``python -m bench --quick`` runs short forms and writes nothing.
"""

import argparse
import multiprocessing
import os
import platform
import re
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import run_module

MODULES = (
    "bench_backup",
    "bench_batches",
    "bench_capture",
    "bench_catalogue",
    "bench_codes",
    "bench_events",
    "bench_issue",
    "bench_labels",
    "bench_line",
    "bench_print",
    "bench_recall",
    "bench_startup",
    "bench_trace",
    "bench_void",
)
PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
BEGIN, END = "<!-- begin: written by make bench -->", "<!-- end -->"
_SECTION = re.compile(r"^### (\w+)\n(.*?)(?=^### |\Z)", re.MULTILINE | re.DOTALL)


def main() -> int:
    """Run, print, write; status 1 if a figure is below what is wanted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="short forms; the page is not written")
    parser.add_argument("--only", choices=MODULES, help="one module, and its section of the page")
    options = parser.parse_args()
    reached = True
    for module in [options.only] if options.only else MODULES:
        print(f"{module} …", file=sys.stderr, flush=True)
        rows = _alone(module, options.quick)
        table = "\n".join(_lines(rows))
        print(table, flush=True)
        reached = reached and all(map(_reached, rows))
        if not options.quick:
            _write(module, f"{_machine()}\n\n{table}")
    return 0 if reached else 1


def _alone(module: str, quick: bool) -> list[dict[str, Any]]:
    """Run one module in a process of its own: a process inherits the peak of memory of the one that starts it."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(run_module, module, quick).result()


def _reached(row: dict[str, Any]) -> bool:
    return row["wanted"] is None or row["ratio"] >= row["wanted"]


def _lines(rows: list[dict[str, Any]]) -> list[str]:
    lines = ["| work | ours | against | unit | ratio | at least | |", "|---|---:|---:|---|---:|---:|---|"]
    for row in rows:
        ours, theirs = (_number(row[name]) for name in ("ours", "theirs"))
        wanted = "–" if row["wanted"] is None else f"{row['wanted']:g}"
        mark = "" if row["wanted"] is None else "✓" if _reached(row) else "✗"
        lines.append(f"| {row['work']} | {ours} | {theirs} | {row['unit']} | {row['ratio']:.2f} | {wanted} | {mark} |")
    return lines


def _number(value: object) -> str:
    if isinstance(value, int | float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:g}"
    return str(value)


def _write(module: str, section: str) -> None:
    PAGE.write_text(with_section(PAGE.read_text(encoding="utf-8"), module, section), encoding="utf-8")


def with_section(page: str, module: str, section: str) -> str:
    """The page with one module's section put in or renewed, in the order of ``MODULES``; others stay as they are."""
    before, _, rest = page.partition(BEGIN)
    old, _, after = rest.partition(END)
    sections = dict(_SECTION.findall(old)) | {module: section}
    blocks = [f"### {name}\n\n{sections[name].strip()}\n\n" for name in MODULES if name in sections]
    return f"{before}{BEGIN}\n{''.join(blocks)}{END}{after}"


def _machine() -> str:
    processor = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").is_file():
        names = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
        processor = names[0].partition(":")[2].strip() if names else processor
    revision = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    parts = (
        f"{datetime.now(UTC):%Y-%m-%d}",
        f"{os.cpu_count()} cores",
        processor,
        f"Python {platform.python_version()}",
        f"{platform.system()} {platform.release()}",
        f"revision {revision.stdout.strip() or '?'}",
    )
    return "Measured " + ", ".join(parts) + "."


if __name__ == "__main__":
    sys.exit(main())
