"""The guided tour: waits for a person, stops and goes on, ends with a folder to play in."""

import json
import os
import pty
import select
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

RunCli = Callable[..., Any]
STEPS = ["workspace", "fault", "mend", "issue", "print", "verify", "forge", "void"]


@pytest.fixture(scope="module")
def interrupted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A tour that somebody led through two steps at a terminal and then stopped; its folder and the screen."""
    place = tmp_path_factory.mktemp("tour")
    pid, terminal = pty.fork()
    if pid == 0:  # pragma: no cover - the child
        os.chdir(place)
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("TRACELIB_", "LC_", "LANG"))}
        code = "from tracelib_cli.main import run; run()"
        os.execve(
            sys.executable, [sys.executable, "-P", "-c", code, "--lang", "zh", "tour"], {**kept, "LC_ALL": "C.UTF-8"}
        )
    screen, keys, deadline = b"", ["\n", "q\n"], time.monotonic() + 120
    while time.monotonic() < deadline:
        if not select.select([terminal], [], [], 1)[0]:
            continue
        try:
            screen += os.read(terminal, 4096)
        except OSError:
            break
        asked = screen.decode(errors="ignore").count("回车继续")
        if keys and asked > 2 - len(keys):
            os.write(terminal, keys.pop(0).encode())
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    return place / "tour", screen.decode(errors="replace")


def test_a_person_is_led_and_may_stop(interrupted: tuple[Path, str]) -> None:
    folder, screen = interrupted
    assert "1/8" in screen
    assert "2/8" in screen
    assert "3/8" not in screen
    assert "2026-11-31" in screen
    assert "什么也没有写入" in screen
    assert "随时可以接着走" in screen
    assert json.loads((folder / "tour.json").read_text())["done"] == 2


def test_it_goes_on_and_leaves_a_folder_to_play_in(run_cli: RunCli, interrupted: tuple[Path, str]) -> None:
    folder, _ = interrupted
    done = run_cli("tour", "--dir", folder, "--json")
    assert done.status == 0, done.err
    answer = json.loads(done.out)
    assert (answer["done"], answer["finished"]) == (STEPS, True)
    env = {"TRACELIB_PASSPHRASE": "tour of a day"}
    codes = (folder / "codes.csv").read_text().split()[1:]
    asked = [json.loads(run_cli("-w", folder, "code", "verify", code, "--json", env=env).out) for code in codes[:2]]
    assert [one["verdict"] for one in asked] == ["registered", "voided"]
    assert (folder / "label.png").read_bytes().startswith(b"\x89PNG")
    assert (folder / "labels.pdf").read_bytes().startswith(b"%PDF")
    again = run_cli("--lang", "en", "tour", "--dir", folder, "--yes")
    assert "That was the tour" in again.out
    assert "$ tracelib" not in again.out


def test_a_folder_of_somebody_else_is_left_alone(run_cli: RunCli, tmp_path: Path) -> None:
    (tmp_path / "accounts.xlsx").write_bytes(b"x")
    done = run_cli("tour", "--dir", tmp_path, "--yes")
    assert (done.status, "tour.folder" in done.err) == (5, True)
    assert [path.name for path in tmp_path.iterdir()] == ["accounts.xlsx"]


def test_without_a_terminal_it_does_not_wait_for_ever(run_cli: RunCli, tmp_path: Path) -> None:
    done = run_cli("tour", cwd=tmp_path)
    assert (done.status, "--yes" in done.err) == (2, True)
    assert list(tmp_path.iterdir()) == []
