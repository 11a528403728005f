"""How long ``tracelib --help`` takes, beside Python alone. (``code verify`` is measured with the codes.)"""

import statistics
import subprocess
import sys
import time
from typing import Any

RUN = "from tracelib_cli.main import run; run()"
ALLOWED_MS = 250


def run(quick: bool) -> list[dict[str, Any]]:
    """One row in milliseconds; ``ratio`` is the allowance divided by ours."""
    measured: dict[str, list[float]] = {"bare": [], "help": []}
    for _ in range(5 if quick else 15):
        measured["bare"].append(_milliseconds(["pass"]))
        measured["help"].append(_milliseconds([RUN, "--help"]))
    bare, ours = (statistics.median(measured[name]) for name in ("bare", "help"))
    return [
        {
            "work": f"tracelib --help, under {ALLOWED_MS} ms",
            "ours": round(ours),
            "theirs": round(bare),
            "unit": "ms (against: python -c pass)",
            "ratio": ALLOWED_MS / ours,
            "wanted": 1.0,
        }
    ]


def _milliseconds(words: list[str]) -> float:
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", *words], capture_output=True, check=True)
    return (time.perf_counter() - begun) * 1000
