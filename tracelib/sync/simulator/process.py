"""Start the simulated platform as a process of its own, and end it: for demonstrations and tests."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tracelib.errors import SyncError
from tracelib.sync.http import HttpClient

_PATIENCE_S = 10.0


class SimulatorError(SyncError):
    """The simulated platform did not start."""

    code = "sync.simulator"
    template = "The simulated platform did not start: {detail}."


@dataclass(frozen=True, slots=True)
class RunningSimulator:
    """A simulated platform that is up. ``url`` is what the setting ``sync.url`` takes."""

    url: str
    process: subprocess.Popen[bytes]

    def stats(self, *, listed: bool = False) -> dict[str, Any]:
        """What it holds: ``events`` (distinct), ``stored``, ``doubled``, ``counters``; ``listed`` adds ``keys``."""
        with HttpClient(self.url) as http:
            answer = http.request("GET", "stats?listed=true" if listed else "stats")
        stats: dict[str, Any] = json.loads(answer.body)
        return stats


@contextmanager
def simulated_platform(db: Path, *options: str) -> Iterator[RunningSimulator]:
    """Run ``python -m tracelib.sync.simulator`` on a free port; ends with the block. ``options``: its fault options.

    Raises SimulatorError, also where the extra «web» is missing.
    """
    command = [sys.executable, "-m", "tracelib.sync.simulator", "--port", "0", "--db", str(db), *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        first = process.stdout.readline() if process.stdout else b""
        if not first:
            _, errors = process.communicate(timeout=_PATIENCE_S)
            detail = errors.decode(errors="replace").strip().rpartition("\n")[2]
            raise SimulatorError(detail=detail or f"it ended with status {process.returncode}")
        yield RunningSimulator(json.loads(first)["url"], process)
    finally:
        process.kill()
        process.communicate()
