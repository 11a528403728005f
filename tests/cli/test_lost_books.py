"""Books that are lost or older than the codes: what the program advises leads out again."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

RunCli = Callable[..., Any]
ENV = {"TRACELIB_PASSPHRASE": "desk test"}
ISSUE = ("code", "issue", "26A1", "--count", "3", "--level", "carton", "--grade", "1")


@pytest.fixture
def issued(run_cli: RunCli, desk: Path) -> Path:
    """A desk with a backup from after its first three codes, and three codes more."""
    for words in ((*ISSUE, "--out", "one.csv"), ("backup", "b.backup"), (*ISSUE, "--out", "two.csv")):
        done = run_cli(*words, cwd=desk, env=ENV)
        assert done.status == 0, (words, done.err)
    return desk


def lose(folder: Path) -> None:
    for file in folder.glob("tracelib.db*"):
        file.unlink()


def counters(run_cli: RunCli, folder: Path) -> list[str]:
    found = json.loads(run_cli("doctor", "--json", cwd=folder).out)
    return [one["state"] for one in found if one["name"] == "Counters"]


def test_the_advice_for_lost_books_is_a_restore_and_that_works(run_cli: RunCli, issued: Path) -> None:
    assert counters(run_cli, issued) == ["good"]
    lose(issued)
    for words in (("batch", "list"), ("db", "upgrade"), ISSUE):
        told = run_cli(*words, cwd=issued, env=ENV)
        assert (told.status, "store.books_lost" in told.err, "tracelib restore FILE" in told.err) == (8, True, True)
    assert not list(issued.glob("tracelib.db"))
    assert "tracelib restore FILE" in run_cli("doctor", cwd=issued, env={"COLUMNS": "400"}).out
    assert run_cli("restore", "b.backup", cwd=issued, env=ENV).status == 0
    assert len(json.loads(run_cli("batch", "list", "--json", cwd=issued).out)["batches"]) == 2
    refused = run_cli(*ISSUE, cwd=issued, env=ENV)
    assert (refused.status, "guard.restored" in refused.err) == (8, True)
    assert counters(run_cli, issued) == ["good", "care"]  # doctor says that keys issue nothing any more


def test_empty_books_made_on_purpose_do_not_stand_in_a_backups_way(run_cli: RunCli, issued: Path) -> None:
    lose(issued)
    assert run_cli("db", "upgrade", "--anew", cwd=issued).status == 0
    assert counters(run_cli, issued) == ["good", "care"]
    done = run_cli("restore", "b.backup", cwd=issued, env=ENV)
    assert done.status == 0, done.err
    assert len(json.loads(run_cli("batch", "list", "--json", cwd=issued).out)["batches"]) == 2


def test_books_with_entries_of_their_own_still_do(run_cli: RunCli, issued: Path) -> None:
    lose(issued)
    assert run_cli("db", "upgrade", "--anew", cwd=issued).status == 0
    assert run_cli("party", "add", "NEW", "--name-zh", "示例新社", cwd=issued).status == 0
    refused = run_cli("restore", "b.backup", cwd=issued, env=ENV)
    assert (refused.status, "restore.newer" in refused.err) == (5, True)


def test_a_workspace_that_never_issued_gets_its_tables(run_cli: RunCli, desk: Path) -> None:
    lose(desk)
    assert "store.no_database" in run_cli("batch", "list", cwd=desk).err
    assert run_cli("db", "upgrade", cwd=desk).status == 0


# Lists and prints that the log must know ---------------------------------------------------------------------------


def lists(run_cli: RunCli, folder: Path) -> int:
    return int(json.loads(run_cli("batch", "report", "26A1", "--json", cwd=folder).out)["prints"]["lists"])


def test_a_list_of_replacements_is_in_the_log(run_cli: RunCli, issued: Path) -> None:
    before = lists(run_cli, issued)
    words = ("code", "replace", "26A1:1-2", "--reason", "damaged", "--yes", "--out")
    assert run_cli(*words, "new.csv", cwd=issued, env=ENV).status == 0
    assert lists(run_cli, issued) == before + 1
    assert run_cli(*words, "again.csv", cwd=issued, env=ENV).status == 0  # the same list once more is another file
    assert (issued / "new.csv").read_bytes() == (issued / "again.csv").read_bytes()
    assert lists(run_cli, issued) == before + 2


def test_an_orders_files_in_a_second_folder_are_in_the_log(run_cli: RunCli, issued: Path) -> None:
    order = ("print", "order", "26A1", "--count", "4", "--roll-size", "2", "--house", "示例印刷厂", "--out", "first")
    number = json.loads(run_cli(*order, "--json", cwd=issued, env=ENV).out)["order"]
    before = lists(run_cli, issued)
    assert run_cli("print", "make", number, "--out", "first", cwd=issued, env=ENV).status == 0
    assert lists(run_cli, issued) == before  # nothing new: the files stand there
    assert (
        run_cli("print", "make", number, "--out", "second", "--reason", "示例：U 盘丢失", cwd=issued, env=ENV).status
        == 0
    )
    assert lists(run_cli, issued) == before + 1


def test_void_codes_that_were_left_out_do_not_count_as_printed(run_cli: RunCli, issued: Path) -> None:
    assert run_cli("code", "void", "26A1:2-3", "--reason", "damaged", "--yes", cwd=issued, env=ENV).status == 0
    printed = ("label", "print", "--template", "a4-24", "--json", "--out")
    done = run_cli(*printed, "one.pdf", "26A1", "--from", "1", "--to", "4", cwd=issued, env=ENV)
    assert json.loads(done.out)["codes"] == 2
    report = json.loads(run_cli("batch", "report", "26A1", "--json", cwd=issued).out)["prints"]
    assert [one["count"] for one in report["prints"]] == [2]
    again = run_cli(
        *printed, "two.pdf", "26A1", "--codes", "one.csv", "--reprint", "--reason", "示例卡纸", cwd=issued, env=ENV
    )
    assert again.status == 0, again.err
    report = json.loads(run_cli("batch", "report", "26A1", "--json", cwd=issued).out)["prints"]
    assert [one["count"] for one in report["prints"]] == [2, 1]
