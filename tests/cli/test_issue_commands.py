"""``code issue``, ``export``, ``void``, ``unit issue``, ``db`` as a person and as a program runs them."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import pytest

from tracelib.codes.serial import grouped
from tracelib.codes.url import UnverifiedCode, read_code

ENV = {"TRACELIB_PASSPHRASE": "desk test"}


class Result(Protocol):
    status: int
    out: str
    err: str


Run = Callable[..., Result]


def issue(run_cli: Run, desk: Path, *more: str, lot: str = "26A1", count: int = 12) -> Result:
    return run_cli("code", "issue", lot, "--count", str(count), "--level", "carton", *more, cwd=desk, env=ENV)


def rows(path: Path) -> list[str]:
    lines = path.read_text().splitlines()
    assert lines[0] == "code"
    return lines[1:]


def test_issue_writes_codes_and_says_what_it_did(run_cli: Run, desk: Path) -> None:
    done = issue(run_cli, desk, "--grade", "1", "--out", "codes.csv", "--json")
    assert done.status == 0, done.err
    answer = json.loads(done.out)
    assert (answer["count"], answer["first"], answer["last"], answer["seq"]) == (12, 0, 11, 1)
    assert (answer["batch"], answer["resumed"], answer["file"]) == ("GNQC/NAVEL/26A1", False, "codes.csv")
    codes = [read_code(line) for line in rows(desk / "codes.csv")]
    assert len(codes) == 12
    code = codes[0]
    assert isinstance(code, UnverifiedCode)
    assert (code.record.lot, code.record.weight_10g, code.record.grade, code.record.level) == ("26A1", 500, 1, 2)
    assert (desk / "keys" / "counters.json").is_file()


def test_issue_without_a_file_names_the_export(run_cli: Run, desk: Path) -> None:
    done = issue(run_cli, desk)
    assert (done.status, done.err) == (0, "")
    assert "12 codes for GNQC/NAVEL/26A1, 1 to 12, are registered (manifest 1)" in done.out
    assert "tracelib code export" in done.out


def test_export_is_the_same_bytes_every_time(run_cli: Run, desk: Path) -> None:
    issue(run_cli, desk, "--out", "codes.csv")
    issue(run_cli, desk, count=3)
    out = run_cli("code", "export", "NAVEL/26A1", "--from", "1", "--to", "12", cwd=desk, env=ENV)
    assert (out.status, out.err) == (0, "")
    assert out.out == (desk / "codes.csv").read_text()
    part = run_cli("code", "export", "26A1", "--from", "11", "--out", "part.jsonl", "--json", cwd=desk, env=ENV)
    assert json.loads(part.out) == {
        "batch": "GNQC/NAVEL/26A1", "from": 11, "to": 15, "count": 5, "file": "part.jsonl",
    }  # fmt: skip
    lines = [json.loads(line)["code"] for line in (desk / "part.jsonl").read_text().splitlines()]
    assert lines[:2] == rows(desk / "codes.csv")[10:]


def test_stickers_and_text(run_cli: Run, desk: Path) -> None:
    command = ("code", "issue", "26A1", "--count", "4", "--level", "item", "--profile", "sticker", "--out", "s.txt")
    assert run_cli(*command, cwd=desk, env=ENV).status == 0
    lines = (desk / "s.txt").read_text().splitlines()
    assert [len(line) for line in lines] == [len("https://q.example.com/") + 28] * 4


@pytest.mark.parametrize(
    ("arguments", "status", "code"),
    [
        (("26A9", "--count", "1"), 6, "batch.not_found_nearest"),
        (("26A1", "--count", "1001"), 5, "issue.quota"),
        (("26A1", "--count", "1", "--key", "brand"), 6, "issue.no_key"),
        (("26A1", "--count", "1", "--out", "nowhere/codes.csv"), 8, "export.write"),
    ],
)
def test_refusals(run_cli: Run, desk: Path, arguments: tuple[str, ...], status: int, code: str) -> None:
    done = run_cli("code", "issue", *arguments, "--level", "carton", "--json", cwd=desk, env=ENV)
    assert (done.status, json.loads(done.err)["error"]["code"]) == (status, code)


def test_wrong_passphrase(run_cli: Run, desk: Path) -> None:
    command = ("code", "issue", "26A1", "--count", "1", "--level", "carton")
    done = run_cli(*command, cwd=desk, env={"TRACELIB_PASSPHRASE": "another"})
    assert (done.status, done.out) == (7, "")
    assert "Traceback" not in done.err


def test_restored_database_is_refused(run_cli: Run, desk: Path) -> None:
    backup = desk / "backup.db"
    with sqlite3.connect(desk / "tracelib.db") as source, sqlite3.connect(backup) as target:
        source.backup(target)
    assert issue(run_cli, desk).status == 0
    (desk / "tracelib.db-wal").unlink(missing_ok=True)
    (desk / "tracelib.db-shm").unlink(missing_ok=True)
    backup.replace(desk / "tracelib.db")
    done = issue(run_cli, desk)
    assert done.status == 8
    assert "guard.restored" in done.err
    assert "newest backup" in done.err
    check = run_cli("db", "check", "--json", cwd=desk, env=ENV)
    assert check.status == 8
    assert [answer["name"] for answer in json.loads(check.out) if not answer["ok"]] == ["counters"]


def test_copied_workspace_is_refused(run_cli: Run, desk: Path, tmp_path: Path) -> None:
    assert issue(run_cli, desk).status == 0
    copy = Path(shutil.copytree(desk, tmp_path / "copy"))
    done = issue(run_cli, copy)
    assert (done.status, "guard.copied" in done.err) == (8, True)
    assert issue(run_cli, desk).status == 0


def test_units(run_cli: Run, desk: Path) -> None:
    own = run_cli("unit", "issue", "--count", "2", "--party", "GNQC", cwd=desk, env=ENV)
    assert (own.status, own.err) == (0, "")
    records = [read_code(line) for line in own.out.splitlines()[1:]]
    assert all(isinstance(code, UnverifiedCode) and code.record.kind == "unit" for code in records)
    sscc = run_cli(
        "unit", "issue", "--count", "2", "--sscc", "--party", "GNQC", "--out", "p.csv", "--json", cwd=desk, env=ENV
    )
    assert json.loads(sscc.out)["count"] == 2
    assert [line.rpartition("/")[2] for line in rows(desk / "p.csv")] == ["369012300000000004", "369012300000000011"]
    again = run_cli("unit", "export", "--party", "GNQC", cwd=desk, env=ENV)
    drawn = ("label", "print", "--codes", "p.csv", "--template", "carton-100x150", "--out")
    assert run_cli(*drawn, "p.zpl", cwd=desk, env=ENV).status == 0
    twice = run_cli(*drawn, "q.zpl", cwd=desk, env=ENV)
    assert (twice.status, "(3 to 4 of the logistic units of GNQC)" in twice.err) == (5, True), twice.err
    assert "（GNQC 的物流单元 的第 3 到 4 个）" in run_cli("--lang", "zh", *drawn, "q.zpl", cwd=desk, env=ENV).err
    assert again.out.splitlines() == own.out.splitlines() + rows(desk / "p.csv")
    nobody = run_cli("unit", "issue", "--count", "2", "--json", cwd=desk, env=ENV)
    assert (nobody.status, json.loads(nobody.err)["error"]["code"]) == (7, "settings.no_party")


def test_void_one_and_a_file(run_cli: Run, desk: Path) -> None:
    issue(run_cli, desk, "--out", "codes.csv")
    serials = [line.rpartition("/")[2] for line in rows(desk / "codes.csv")]
    one = run_cli("code", "void", serials[0], "--reason", "damaged", "--json", cwd=desk, env=ENV)
    answer = json.loads(one.out)
    assert (answer["voided"], answer["before"], answer["first"], answer["reason"]) == (1, 0, serials[0], "damaged")
    (desk / "list.txt").write_text("\n".join(serials[:3]) + "\n")
    some = run_cli("code", "void", "list.txt", "--reason", "misprint", cwd=desk, env=ENV)
    assert (some.status, some.err) == (0, "")
    assert f"{grouped(serials[0])} has been void since " in some.out
    assert ", 2 become void for ever; today is " in some.out
    assert "2 codes are void now." in some.out
    none = run_cli("code", "void", serials[0], "--reason", "lost", cwd=desk, env=ENV)
    assert (none.status, none.err) == (0, "")
    assert "(damaged); nothing is changed" in none.out
    assert "Nothing was changed: the code was void before (damaged 1)." in none.out
    three = run_cli("--lang", "zh", "code", "void", "list.txt", "--reason", "lost", cwd=desk, env=ENV)
    assert "什么都没有改：这 3 个码早已作废（印错 2, 损坏 1）。" in three.out
    (desk / "bad.txt").write_text(f"{serials[4]}\nnonsense\n")
    bad = run_cli("code", "void", "bad.txt", "--reason", "lost", cwd=desk, env=ENV)
    assert bad.status == 3
    assert "nothing was written" in bad.err
    whole = run_cli("code", "void", "codes.csv", "--reason", "lost", "--json", cwd=desk, env=ENV)
    assert json.loads(whole.out)["voided"] == 9
    assert run_cli("code", "void", serials[0], "--reason", "stolen", cwd=desk, env=ENV).status == 2


@pytest.mark.parametrize(
    ("words", "status", "code"),
    [
        (("code", "void", "rolls/torn.csv", "--reason", "damaged"), 6, "file.missing"),
        (("--as", "", "party", "add", "NOBODY", "--name-zh", "示例"), 7, "settings.value"),
        (("--as", " ", "party", "add", "NOBODY", "--name-zh", "示例"), 7, "settings.value"),
    ],
)
def test_what_is_not_there_and_who_is_nobody(
    run_cli: Run, desk: Path, words: tuple[str, ...], status: int, code: str
) -> None:
    done = run_cli(*words, "--json", cwd=desk, env=ENV)
    assert (done.status, json.loads(done.err)["error"]["code"]) == (status, code)


def test_database_commands(run_cli: Run, desk: Path) -> None:
    again = run_cli("db", "upgrade", "--json", cwd=desk)
    assert json.loads(again.out)["changed"] is False
    check = run_cli("db", "check", "--json", cwd=desk)
    assert check.status == 0, check.out
    names = [answer["name"] for answer in json.loads(check.out)]
    assert names == ["schema", "integrity", "references", "values", "counters", "unfinished ranges"]
    with sqlite3.connect(desk / "tracelib.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    for command in (("db", "check"), ("db", "upgrade"), ("batch", "list")):
        newer = run_cli(*command, cwd=desk)
        assert (newer.status, "store.schema_newer" in newer.err) == (8, True)
    (desk / "tracelib.db").unlink()
    assert run_cli("db", "check", cwd=desk).status == 8
    assert run_cli("db", "upgrade", cwd=desk).status == 0
    assert run_cli("db", "check", cwd=desk).status == 0


def test_help_in_chinese(run_cli: Run) -> None:
    for command in (("code", "issue"), ("code", "export"), ("code", "void"), ("unit", "issue"), ("db", "upgrade")):
        done = run_cli("--lang", "zh", *command, "--help")
        assert done.status == 0
        assert "Example: tracelib" not in done.out, command
        assert "例：" in done.out, command
