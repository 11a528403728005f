"""The tool that kills at a step does kill, just before that step, and counts."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="fork")


def work(folder: str) -> None:
    """Four steps: two files written, one renamed, one removed."""
    place = Path(folder)
    (place / "one").write_text("1")
    (place / "two").write_text("2")
    (place / "one").rename(place / "three")
    (place / "two").unlink()


@pytest.mark.parametrize(
    ("kill_at", "left"),
    [(1, set()), (2, {"one"}), (3, {"one", "two"}), (4, {"two", "three"}), (0, {"three"}), (5, {"three"})],
)
def test_what_is_left_after_a_kill(
    start_steps: Callable[..., Any], tmp_path: Path, kill_at: int, left: set[str]
) -> None:
    answer = start_steps(__file__, "work").run(str(tmp_path), kill_at)
    assert answer == ("done 4" if kill_at in (0, 5) else f"killed {kill_at}")
    assert {path.name for path in tmp_path.iterdir()} == left


def test_an_error_is_told(start_steps: Callable[..., Any]) -> None:
    assert start_steps(__file__, "work").run("/nowhere/at/all").startswith("failed FileNotFoundError")
