"""``tracelib line report``: the end of a shift, with labels that add up, and labels that do not."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

RunCli = Callable[..., Any]
ENV = {"TRACELIB_PASSPHRASE": "desk test"}
LINE = """
station = "LINE-1"
party = "GNQC"
mode = "activate"
[[device]]
name = "belt"
type = "replay"
file = "{file}"
"""


@pytest.fixture
def line(run_cli: RunCli, desk: Path) -> Path:
    """A desk with ten printed codes of 26A1 and a line."""
    for words in (
        "code issue 26A1 --count 10 --level carton --grade 1 --out codes.csv",
        "label print 26A1 --template a4-24 --out labels.pdf",
        "bundle export",
    ):
        done = run_cli(*words.split(), cwd=desk, env=ENV)
        assert done.status == 0, (words, done.err)
    return desk


def scan(run_cli: RunCli, folder: Path, name: str, texts: Sequence[str]) -> None:
    """Let the line read these texts from a replay file of this name."""
    (folder / name).write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), "utf-8")
    (folder / "line.toml").write_text(LINE.format(file=name), "utf-8")
    done = run_cli("line", "run", "--json", cwd=folder, env=ENV)
    assert done.status == 0, done.err


def report(run_cli: RunCli, folder: Path, *options: str) -> dict[str, Any]:
    done = run_cli("line", "report", "--shift", "--json", *options, cwd=folder)
    assert done.status == 0, done.err
    answer: dict[str, Any] = json.loads(done.out)
    return answer


def test_a_shift_adds_up_and_the_next_begins_behind_it(run_cli: RunCli, line: Path) -> None:
    codes = (line / "codes.csv").read_text().split()[1:]
    torn = codes[9].rsplit("/", 1)[1]
    assert run_cli("code", "void", torn, "--reason", "damaged", cwd=line, env=ENV).status == 0
    scan(run_cli, line, "first.jsonl", [*codes[:4], "nonsense", codes[9], "nonsense 2"])
    found = report(run_cli, line)
    assert found["outcomes"] == {"activated": 4, "refused": 3}
    assert found["reasons"] == {"not_ours": 2, "voided": 1}
    [batch] = found["batches"]
    assert batch == {
        "batch": "NAVEL/26A1", "activated": 4, "voided": 0, "printed": 10, "active": 4, "void": 1, "left": 5,
    }  # fmt: skip
    assert report(run_cli, line, "--close", "--left", "26A1=5")["closed"] is True
    assert report(run_cli, line)["outcomes"] == {}
    again = run_cli("line", "report", "--close", cwd=line)
    assert (again.status, "line.shift_empty" in again.err) == (6, True)
    scan(run_cli, line, "second.jsonl", codes[4:6])
    second = report(run_cli, line)
    assert (second["first_row"], second["outcomes"]) == (found["last_row"] + 1, {"activated": 2})
    [batch] = second["batches"]
    assert (batch["activated"], batch["active"], batch["left"]) == (2, 6, 3)


def test_a_difference_needs_a_reason_and_is_kept(run_cli: RunCli, line: Path) -> None:
    codes = (line / "codes.csv").read_text().split()[1:]
    scan(run_cli, line, "first.jsonl", codes[:4])
    refused = run_cli("line", "report", "--close", "--left", "NAVEL/26A1=5", cwd=line)
    assert (refused.status, "line.shift_differs" in refused.err, "NAVEL/26A1 -1" in refused.err) == (5, True, True)
    assert report(run_cli, line)["outcomes"] == {"activated": 4}  # still open
    report(run_cli, line, "--close", "--left", "26A1=5", "--reason", "示例：一张粘坏")
    [change] = json.loads(run_cli("changes", "--verb", "line.shift", "--json", cwd=line).out)["changes"]
    assert (change["subject"], change["reason"]) == ("LINE-1", "示例：一张粘坏")
    assert (change["detail"]["differences"], change["detail"]["left"]) == ({"NAVEL/26A1": -1}, {"NAVEL/26A1": 5})


@pytest.mark.parametrize(
    ("options", "status", "code"),
    [
        (("--left", "26A1=5"), 2, "--close"),
        (("--close", "--left", "26A1"), 3, "line.shift_left"),
        (("--close", "--left", "26A1=-5"), 3, "line.shift_left"),
        (("--close", "--left", "26A1=99999999999999999999"), 3, "line.shift_left"),
        (("--close", "--left", "26A2=5"), 6, "line.shift_batch"),
    ],
)
def test_what_cannot_be_meant(run_cli: RunCli, line: Path, options: tuple[str, ...], status: int, code: str) -> None:
    scan(run_cli, line, "first.jsonl", (line / "codes.csv").read_text().split()[1:3])
    done = run_cli("line", "report", *options, cwd=line)
    assert (done.status, code in done.err, "Traceback" in done.err) == (status, True, False), done.err
    assert report(run_cli, line)["outcomes"] == {"activated": 2}


def test_a_shift_in_chinese(run_cli: RunCli, line: Path) -> None:
    scan(run_cli, line, "first.jsonl", [*(line / "codes.csv").read_text().split()[1:3], "nonsense"])
    told = run_cli("--lang", "zh", "line", "report", cwd=line).out
    assert all(word in told for word in ("LINE-1 班次", "已激活", "本班激活", "剩余标签", "NAVEL/26A1")), told
    assert not any(word in told for word in ("activated", "printed", "Batch"))
