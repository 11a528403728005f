"""Benchmarks: ``make bench`` runs them all and writes docs/performance.md."""

import importlib
from typing import Any


def run_module(name: str, quick: bool) -> list[dict[str, Any]]:
    """The rows of one benchmark; here, and not in the program, so that another process finds it."""
    rows: list[dict[str, Any]] = importlib.import_module(f"bench.{name}").run(quick)
    return rows
