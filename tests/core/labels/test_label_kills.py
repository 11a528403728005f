"""A label job that is killed at any of its steps: never half a file under its name, never two jobs of one number."""

import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tracelib.labels.content import LabelContent
from tracelib.labels.errors import FontMissingError
from tracelib.labels.fonts import find_font
from tracelib.labels.output import Kind, PrintRun, Spool, print_out
from tracelib.labels.template_files import find_template

ROLL = find_template("roll-60x40")
COUNT = 8
with suppress(FontMissingError):
    find_font()  # read once, before the worker forks


def some() -> list[tuple[int, LabelContent]]:
    url = "https://q.example.com/" + "A2" * 60 + "/P/N/10/26A/21/7KQX0000000000"
    return [(n, LabelContent(f"{url}{n % 10}", "7KQX9Y93Q6MJ608", "赣南脐橙", test=True)) for n in range(COUNT)]


def work(text: str) -> None:
    """``KIND FOLDER``: a file over yesterday's, and a job of the folder."""
    kind, folder = text.split(" ", 1)
    known: Kind = "zpl" if kind == "zpl" else "tspl"
    print_out(some(), PrintRun(ROLL, find_font(), Path(folder) / f"roll.{kind}", known))
    print_out(some(), PrintRun(ROLL, find_font(), Spool(Path(folder)), known))


def killed_everywhere(start_steps: Callable[..., Any], tmp_path: Path, kind: str, kills: int) -> list[int]:
    """Kill at steps spread over all; those at which it died, each checked."""
    worker = start_steps(__file__, "work")
    whole = tmp_path / "whole"
    whole.mkdir()
    steps = int(worker.run(f"{kind} {whole}").split()[1])
    expected = (whole / f"roll.{kind}").read_bytes()
    died = []
    for n in range(kills):
        folder = tmp_path / str(n)
        folder.mkdir()
        (folder / f"roll.{kind}").write_bytes(b"yesterday")
        step = 1 + n * steps // kills
        assert worker.run(f"{kind} {folder}", step) == f"killed {step}"
        assert (folder / f"roll.{kind}").read_bytes() in (b"yesterday", expected)
        assert all(job.read_bytes() == expected for job in folder.glob("job-*"))
        assert worker.run(f"{kind} {folder}").startswith("done")  # what was left behind is in nobody's way
        died.append(step)
        jobs = list(folder.glob("job-*"))
        assert len({job.stem for job in jobs}) == len(jobs) >= 1
        assert all(job.read_bytes() == expected for job in jobs)
    return died


@pytest.fixture(autouse=True)
def _font() -> None:
    if sys.platform == "win32":
        pytest.skip("forks")
    try:
        find_font()
    except FontMissingError as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("kind", ["zpl", "tspl"])
def test_killed_at_some_steps(start_steps: Callable[..., Any], tmp_path: Path, kind: str) -> None:
    died = killed_everywhere(start_steps, tmp_path, kind, 6)
    assert len(set(died)) == 6, died


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["zpl", "tspl"])
def test_killed_fifty_times(start_steps: Callable[..., Any], tmp_path: Path, kind: str) -> None:
    died = killed_everywhere(start_steps, tmp_path, kind, 50)
    assert len(died) == 50
    assert len(set(died)) > 6, "steps of every kind"
