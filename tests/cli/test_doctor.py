"""``tracelib doctor`` on a healthy workspace, on a copy, and outside of any."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

RunCli = Callable[..., Any]
ENV = {"TRACELIB_PASSPHRASE": "a test"}


@dataclass(frozen=True)
class Result:
    """What a run of the program left."""

    status: int
    out: str
    err: str


def findings(out: str) -> dict[str, tuple[str, str]]:
    return {item["name"]: (item["state"], item["found"]) for item in json.loads(out)}


def test_healthy_workspace(run_cli: RunCli, tmp_path: Path) -> None:
    folder = tmp_path / "w"
    assert run_cli("init", folder, env=ENV).status == 0
    done = run_cli("-w", folder, "doctor", "--json")
    found = findings(done.out)
    assert done.status == 0, done.out
    assert found["Database"] == ("good", "sqlite")
    assert found["Keys"] == ("good", "root")
    assert found["Trust bundle"] == ("care", "none")


def test_copy_of_a_workspace_is_named(run_cli: RunCli, tmp_path: Path) -> None:
    folder = tmp_path / "w"
    sheet = tmp_path / "batches.csv"
    sheet.write_text("party,product,lot,production date,weight (kg)\nCOOP,ORANGE,26A1,2026-11-03,100\n", "utf-8")
    steps = (
        ("init", folder),
        ("party", "add", "COOP", "--name-zh", "示例合作社"),
        ("product", "add", "ORANGE", "--party", "COOP", "--name-zh", "脐橙", "--weight-g", "5000"),
        ("key", "new", "brand"),
        ("key", "new", "coop"),
        ("delegate", "grant", "--by", "root", "--key", "brand", "--party", "COOP"),
        ("delegate", "grant", "--by", "brand", "--key", "coop", "--party", "COOP", "--product", "P/ORANGE"),
        ("batch", "register", sheet),
        ("code", "issue", "26A1", "--count", "2", "--level", "carton"),
    )
    for step in steps:
        done = run_cli(*(() if step[0] == "init" else ("-w", folder)), *step, env=ENV)
        assert done.status == 0, (step, done.err)
    assert findings(run_cli("-w", folder, "doctor", "--json").out)["Counters"][0] == "good"
    shutil.copytree(folder, tmp_path / "copy")
    done = run_cli("-w", tmp_path / "copy", "doctor", "--json")
    assert done.status == 1
    state, words = findings(done.out)["Counters"]
    assert state == "bad"
    assert "copied or moved" in words


def test_outside_a_workspace(run_cli: RunCli, tmp_path: Path) -> None:
    done = run_cli("--lang", "zh", "doctor", cwd=tmp_path)
    assert done.status == 0, done.err
    assert "工作区" in done.out


def problems(out: str) -> dict[str, tuple[str, str, str]]:
    return {f["name"]: (f["state"], f["found"], f["remedy"]) for f in json.loads(out) if f["state"] != "good"}


@pytest.fixture
def trial(run_cli: RunCli, tmp_path: Path) -> Path:
    folder = tmp_path / "w"
    done = run_cli("--as", "示例文员", "init", folder, "--trial", env=ENV)
    assert done.status == 0, done.err
    return folder


def later(days: int, folder: Path, *arguments: str) -> Result:
    """The program run with a clock that is ``days`` ahead."""
    script = (
        "import sys\nfrom datetime import timedelta\nfrom tracelib.clock import SystemClock\nnow = SystemClock.now\n"
        f"SystemClock.now = lambda self: now(self) + timedelta(days={days})\n"
        "from tracelib_cli.main import run; run(sys.argv[1:])"
    )
    command = [sys.executable, "-P", "-c", script, "-w", str(folder), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **ENV}, check=False)
    return Result(done.returncode, done.stdout, done.stderr)


def test_a_clock_that_went_back_or_a_year_that_went_by(run_cli: RunCli, trial: Path) -> None:
    assert set(problems(run_cli("-w", trial, "doctor", "--json").out)) <= {"Host", "Second decoder", "Backup"}
    back = later(-2, trial, "doctor", "--json")
    found = problems(back.out)
    assert back.status == 1
    assert found["Clock"][0] == "bad"
    assert "newest entry" in found["Clock"][1]
    assert "--clock-is-right" in found["Clock"][2]
    soon = problems(later(350, trial, "doctor", "--json").out)
    assert soon["Delegations"][0] == "care"
    assert soon["Clock"][0] == "care"
    assert "nothing is written" in soon["Clock"][2]
    over = problems(later(370, trial, "doctor", "--json").out)
    assert over["Delegations"][0] == "bad"
    assert "tracelib delegate request" in over["Delegations"][2]
    assert over["Trust bundle"][0] == "bad"


def test_a_desk_that_rested_for_a_year_goes_on_when_somebody_looked(run_cli: RunCli, tmp_path: Path) -> None:
    folder = tmp_path / "w"
    assert run_cli("init", folder, "--json", env=ENV).status == 0
    change = ("config", "set", "operator", "示例王芳")
    stopped = later(350, folder, "--lang", "zh", *change)
    assert stopped.status == 5
    assert "tracelib doctor --clock-is-right" in stopped.err
    said = later(350, folder, "--lang", "zh", "doctor", "--clock-is-right")
    assert "已记下" in said.out
    assert later(350, folder, *change).status == 0
    assert "Clock" not in problems(later(350, folder, "doctor", "--json").out)


def test_an_issue_that_was_cut_off_and_a_name_that_is_missing(run_cli: RunCli, trial: Path) -> None:
    sheet = trial / "harvest.csv"
    sheet.write_text("party,product,lot,production date,weight (kg)\nCOOP1,BOX-5KG,26A1,2026-11-03,100\n", "utf-8")
    issue = ("-w", trial, "code", "issue", "26A1", "--count", "2", "--level", "carton", "--grade", "1")
    assert run_cli("-w", trial, "batch", "register", sheet).status == 0
    assert run_cli(*issue, env=ENV).status == 0
    with sqlite3.connect(trial / "tracelib.db") as connection:  # as a run leaves it that died before its manifest
        connection.execute("UPDATE code_range SET seq = NULL")
    assert run_cli("-w", trial, "config", "set", "operator", "").status == 0
    found = problems(run_cli("-w", trial, "doctor", "--json").out)
    assert found["Unfinished issues"][:2] == ("care", "COOP1/BOX-5KG/26A1")
    assert "tracelib config set operator" in found["Operator"][2]


def test_events_that_wait_and_events_that_were_refused(run_cli: RunCli, trial: Path) -> None:
    assert run_cli("-w", trial, "config", "set", "sync.url", "https://platform.example.org").status == 0
    with sqlite3.connect(trial / "tracelib.db") as connection:
        day_ago_us = int((time.time() - 30 * 3600) * 1e6)
        for number, state in enumerate(("pending", "rejected")):
            connection.execute(
                "INSERT INTO outbox (party_id, target, event_id, declaration_time, queued_us, state, attempts, receipt,"
                " reason, changed_at) VALUES ('COOP1', 'default', ?, '', ?, ?, 1, '', 'no route', '2026-11-25')",
                (f"urn:uuid:{number}", day_ago_us, state),
            )
    done = run_cli("-w", trial, "doctor", "--json")
    found = [f for f in json.loads(done.out) if f["name"] == "Events to the platform"]
    assert [(f["state"], f["remedy"]) for f in found] == [
        ("bad", "tracelib sync push"),
        ("care", "tracelib sync status"),
    ]
    assert "no route" in found[0]["found"]


def test_a_damaged_database_and_faulty_settings_are_one_finding(run_cli: RunCli, trial: Path) -> None:
    file = trial / "tracelib.db"
    data = bytearray(file.read_bytes())
    data[4096 * 3 : 4096 * 40] = b"\xff" * (4096 * 37)
    file.write_bytes(bytes(data))
    done = run_cli("-w", trial, "doctor", "--json")
    assert (done.status, problems(done.out)["Database"][0]) == (1, "bad")
    (trial / "tracelib.toml").write_text("prty = 1", "utf-8")
    found = [f for f in json.loads(run_cli("-w", trial, "doctor", "--json").out) if f["state"] == "bad"]
    assert len(found) == 1
    assert "«party»" in found[0]["found"]


def test_db_check_speaks_chinese(run_cli: RunCli, trial: Path) -> None:
    out = run_cli("-w", trial, "--lang", "zh", "db", "check").out
    assert all(word in out for word in ("版本", "前缀：", "无"))


def test_key_file_that_was_carried_in_by_hand(run_cli: RunCli, tmp_path: Path) -> None:
    for name in ("one", "two"):
        assert run_cli("init", tmp_path / name, env=ENV).status == 0
        assert run_cli("-w", tmp_path / name, "key", "new", f"key-{name}", env=ENV).status == 0
    assert "Keys" not in problems(run_cli("-w", tmp_path / "one", "doctor", "--json").out)
    shutil.copy(tmp_path / "two" / "keys" / "key-two.key", tmp_path / "one" / "keys")
    state, found, remedy = problems(run_cli("-w", tmp_path / "one", "doctor", "--json").out)["Keys"]
    assert (state, found) == ("care", "not made here: key-two")
    assert "tracelib key retire" in remedy


def test_short_passphrase_is_warned_of(run_cli: RunCli, tmp_path: Path) -> None:
    for number, (passphrase, warned) in enumerate([("six678", True), ("脐橙梯子", True), ("脐橙梯子江", False)]):
        done = run_cli("--lang", "zh", "init", tmp_path / f"w{number}", env={"TRACELIB_PASSPHRASE": passphrase})
        assert done.status == 0, done.err
        assert ("脐橙梯子赣江星期二" in done.err) == warned
    quiet = run_cli("init", tmp_path / "json", "--json", env={"TRACELIB_PASSPHRASE": "six678"})
    assert (quiet.status, quiet.err) == (0, "")
