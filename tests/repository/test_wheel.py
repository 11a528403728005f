"""Smoke tests of what is shipped: they run against the unpacked wheel (``make wheel-test``) and skip elsewhere."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import tracelib
import tracelib_cli
import tracelib_scanner

SITE = os.environ.get("TRACELIB_WHEEL_SITE", "")
pytestmark = pytest.mark.skipif(not SITE, reason="TRACELIB_WHEEL_SITE names no unpacked wheel: run make wheel-test")


def test_the_wheel_is_what_is_tested() -> None:
    for package in (tracelib, tracelib_cli, tracelib_scanner):
        assert Path(package.__file__ or "").is_relative_to(SITE)


def test_data_files_are_packed() -> None:
    site = Path(SITE)
    for name in (
        "tracelib/py.typed",
        "tracelib/locale/zh_Hans/LC_MESSAGES/tracelib.mo",
        "tracelib/locale/zh_Hans/LC_MESSAGES/messages.mo",
        "tracelib/web/templates/verdict.html",
        "tracelib/web/static/style.css",
        "tracelib_cli/demo/batches.xlsx",
        "tracelib/labels/templates/a4-24.toml",
    ):
        assert (site / name).is_file(), name
    assert not (site / "tests").exists()


def test_program_speaks_chinese(run_cli: Callable[..., Any]) -> None:
    assert "用法" in run_cli("--lang", "zh", "--help").out


def test_a_workspace_can_be_made(run_cli: Callable[..., Any], tmp_path: Path) -> None:
    done = run_cli("init", tmp_path / "w", env={"TRACELIB_PASSPHRASE": "a test"})
    assert done.status == 0, done.err
    assert run_cli("-w", tmp_path / "w", "db", "check").status == 0
