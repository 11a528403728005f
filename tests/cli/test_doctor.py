"""``tracelib doctor`` on a healthy workspace, on a copy, and outside of any."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

RunCli = Callable[..., Any]
ENV = {"TRACELIB_PASSPHRASE": "a test"}


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
