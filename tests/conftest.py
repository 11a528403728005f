"""Fixtures that every room's tests share."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent


@dataclass(frozen=True)
class Result:
    """What a run of the program left: exit status, standard output, standard error."""

    status: int
    out: str
    err: str


@pytest.fixture(scope="session")
def conformance_data() -> Path:
    """The folder of other people's test files, read in place; skips where it is missing."""
    folder = Path(os.environ.get("TRACELIB_CONFORMANCE_DATA", REPOSITORY.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no conformance data in {folder}: set TRACELIB_CONFORMANCE_DATA")
    return folder


RunCli = Callable[..., Result]


@pytest.fixture(scope="session")
def run_cli() -> RunCli:
    """Run the real program: ``run_cli("code", "verify", …, input="", env={…}, cwd=path)``."""

    def run(
        *arguments: str | Path,
        input: str | bytes = "",  # noqa: A002 - as in subprocess
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        timeout: float = 120,
    ) -> Result:
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("TRACELIB_", "LC_", "LANG"))}
        given = input.encode() if isinstance(input, str) else input
        done = subprocess.run(
            [sys.executable, "-c", "from tracelib_cli.main import run; run()", *map(str, arguments)],
            input=given,
            capture_output=True,
            env={**clean, "COLUMNS": "160", **(env or {})},
            cwd=cwd,
            timeout=timeout,
            check=False,
        )
        return Result(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run
