"""``tracelib print`` as a clerk and as a program run it, from the order to the last reconciled roll."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import pypdfium2
import pytest

from tracelib.store.unit_of_work import Store

ENV = {"TRACELIB_PASSPHRASE": "desk test"}


class Result(Protocol):
    status: int
    out: str
    err: str


Run = Callable[..., Result]


def answer(done: Result) -> dict[str, object]:
    assert done.status == 0, done.err
    value: dict[str, object] = json.loads(done.out)
    return value


def code_of(done: Result) -> tuple[int, str]:
    return done.status, json.loads(done.err)["error"]["code"]


def test_from_the_order_to_the_last_reconciled_roll(run_cli: Run, desk: Path) -> None:
    def run(*arguments: str | Path, lang: str = "en") -> Result:
        return run_cli("--lang", lang, *arguments, cwd=desk, env=ENV)

    ordering = ("print", "order", "26A1", "--roll-size", "10", "--house", "示例印刷厂", "--out", "rolls")
    done = answer(run(*ordering, "--count", "25", "--issue", "--level", "carton", "--json"))
    number = str(done["order"])
    assert (done["count"], done["made"], len(list((desk / "rolls" / number).glob("*.csv")))) == (25, 3, 3)
    assert answer(run("print", "make", number, "--out", "rolls", "--json"))["made"] == 0

    assert code_of(run(*ordering, "--from", "5", "--to", "6", "--json")) == (5, "print.before")
    assert code_of(run("label", "print", "26A1", "--to", "2", "--out", "x.pdf", "--json")) == (5, "print.before")
    refused = run("code", "export", "26A1", "--out", "x.csv", lang="zh")
    assert (refused.status, "已经印过 1 次" in refused.err, (desk / "x.csv").exists()) == (5, True, False)
    assert run("code", "export", "26A1", "--to", "2").out.count("\n") == 3
    again = ("--reprint", "--reason", "第一卷弄湿了")
    assert run("label", "print", "26A1", "--to", "2", "--out", "x.pdf", *again).status == 0
    prints = answer(run("batch", "report", "26A1", "--json"))["prints"]
    assert isinstance(prints, dict)
    assert prints["counts"] == [{"from": 1, "to": 2, "times": 2}, {"from": 3, "to": 25, "times": 1}]
    assert [one["reason"] for one in prints["prints"]] == ["", "第一卷弄湿了"]
    assert prints["lists"] == 1

    assert run("print", "note", number, "--out", "note.pdf").status == 0
    document = pypdfium2.PdfDocument(desk / "note.pdf")
    text = document[0].get_textpage().get_text_range()
    document.close()
    assert all(word in text for word in ("标签交货单", number, "示例印刷厂", "赣南脐橙", "11-20", "收货人"))

    assert answer(run("print", "receive", number, "--missing", "3:1", "--json"))["state"] == "delivered"
    assert run("print", "account", number, "--used", "20", "--torn", "1-3").status == 0
    uneven = run("print", "reconcile", number, lang="zh")
    assert uneven.status == 5
    assert "到货标签中有 1 枚去向不明" in uneven.out
    assert "有 1 枚没有到货" in uneven.out
    assert run("print", "reconcile", number, "--reason", "印刷厂认账").status == 0
    assert answer(run("print", "reconcile", "--json"))["orders"]
    assert run("code", "void", "26A1:3", "--reason", "damaged", "--json").out.count('"voided": 0') == 1
    changes = answer(run("batch", "report", "26A1", "--json"))["changes"]
    assert isinstance(changes, list)
    assert [one["verb"] for one in changes if one["verb"].startswith("print.")] == [
        "print.reconcile", "print.account", "print.receive", "print.order",
    ]  # fmt: skip
    assert number in run("batch", "report", "26A1").out.rpartition("Changes")[2]


def test_batch_report_tells_figures_and_that_there_is_more(run_cli: Run, desk: Path) -> None:
    """The changes with what they are about in numbers; older ones that are left out are spoken of."""
    with Store.open(f"sqlite:///{desk / 'tracelib.db'}") as store, store.unit_of_work() as uow:
        batch = uow.batches.find("26A1")[0]
        for count in range(900, 960):
            detail: dict[str, object] = {"used": count}
            uow.changes.add("print.account", batch.reference, datetime.now(UTC), party_id="GNQC", detail=detail)

    def told(*more: str, lang: str = "en") -> str:
        return str(run_cli("--lang", lang, "batch", "report", "26A1", *more, cwd=desk, env={"COLUMNS": "80"}).out)

    words = told()
    assert "used 959" in words
    assert "used 909" not in words
    assert "There are older changes too; raise --limit." in words
    assert "已用 959" in told(lang="zh")
    assert "还有更早的操作记录" in told(lang="zh")
    every = told("--limit", "1000")
    assert "used 900" in every
    assert "older changes" not in every
    answer = json.loads(told("--limit", "3", "--json"))
    assert [one["detail"]["used"] for one in answer["changes"]] == [959, 958, 957]
    assert answer["more_changes"] is True


def test_two_orders_into_one_folder_and_files_of_delivered_rolls(run_cli: Run, desk: Path) -> None:
    def run(*arguments: str | Path) -> Result:
        return run_cli(*arguments, cwd=desk, env=ENV)

    assert run("code", "issue", "26A1", "--count", "20", "--level", "carton").status == 0
    ordering = (
        "print",
        "order",
        "26A1",
        "--count",
        "10",
        "--roll-size",
        "10",
        "--house",
        "示例印刷厂",
        "--out",
        "rolls",
    )
    numbers = [str(answer(run(*ordering, "--json"))["order"]) for _ in range(2)]
    for number in numbers:
        assert json.loads((desk / "rolls" / number / "manifest.json").read_text("utf-8"))["order"] == number
        assert number in (desk / "rolls" / number / "SHA256SUMS").read_text()

    first = desk / "rolls" / numbers[0]
    assert answer(run("print", "make", numbers[0], "--out", first, "--json"))["made"] == 0, "the folder itself is taken"
    told = run("print", "receive", numbers[0], "--missing", "1")
    assert "code void GNQC/NAVEL/26A1:1-10 --reason lost" in told.out
    assert run("print", "make", numbers[0], "--out", "again", "--json").status == 0, "it never came: no second set"
    assert run("print", "receive", numbers[1]).status == 0
    make = ("print", "make", numbers[1], "--out")
    assert answer(run(*make, "rolls", "--json"))["made"] == 0
    assert code_of(run(*make, "again", "--json")) == (5, "print.delivered_before")
    assert not list((desk / "again" / numbers[1]).glob("*"))
    assert answer(run(*make, "again", "--reason", "文件丢了", "--json"))["made"] == 1
    prints = answer(run("batch", "report", "26A1", "--json"))["prints"]
    assert isinstance(prints, dict)
    assert prints["counts"] == [{"from": 1, "to": 10, "times": 1}, {"from": 11, "to": 20, "times": 2}]
    assert prints["prints"][-1]["reason"] == "文件丢了"


def at_terminal(desk: Path, typed: str, *arguments: str) -> str:
    """What the program prints where a person sits at a terminal and types this."""
    ours, theirs = pty.openpty()
    os.write(ours, typed.encode())
    program = [sys.executable, "-P", "-c", "from tracelib_cli.main import run; run()", "--lang", "en", *arguments]
    env = {**os.environ, **ENV, "COLUMNS": "80"}
    done = subprocess.run(program, stdin=theirs, capture_output=True, cwd=desk, env=env, timeout=120, check=False)
    os.close(ours)
    os.close(theirs)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def test_a_person_is_asked_before_a_roll_becomes_void(run_cli: Run, desk: Path) -> None:
    def run(*arguments: str) -> Result:
        return run_cli(*arguments, cwd=desk, env=ENV)

    ordering = ("print", "order", "26A1", "--count", "30", "--roll-size", "10", "--house", "示例印刷厂", "--out", "r")
    number = str(answer(run(*ordering, "--issue", "--level", "carton", "--json"))["order"])
    assert run("print", "receive", number).status == 0
    losing = ("print", "account", f"{number}/2", "--lost", "all")
    told = at_terminal(desk, "n\n", *losing)
    assert "10 become void for ever" in told
    assert "Make 10 codes void? This cannot be undone." in told
    assert told.endswith("Nothing was changed.\n")
    assert answer(run("print", "show", f"{number}/2", "--json"))["named"] == []
    assert "10 codes are void now" in at_terminal(desk, "y\n", *losing, "--reason", "从车上掉了")
    told = at_terminal(desk, "", "print", "account", f"{number}/3", "--torn", "21-22", "--yes")
    assert "2 codes are void now" in told
    assert "undone" not in told

    shown = answer(run("print", "show", f"{number}/2", "--json"))
    assert shown["named"] == [{"roll": 2, "fate": "lost", "positions": [{"from": 11, "to": 20}]}]
    entries = shown["entries"]
    assert isinstance(entries, list)
    assert [(one["verb"], one["count"], one["reason"]) for one in entries] == [
        ("done", 10, ""), ("received", 10, ""), ("lost", 10, "从车上掉了"),
    ]  # fmt: skip
    one = run_cli("print", "show", f"{number}/2", cwd=desk, env={**ENV, "COLUMNS": "80"}).out
    assert ("11-20" in one, "从车上掉了" in one, "21-30" in one) == (True, True, False)
    assert run("print", "account", f"{number}/1", "--used", "4", "--misprint", "1", "--returned", "1").status == 0
    assert run("print", "receive", number, "--missing", "1:1", "--reason", "少一枚").status == 0
    for language, total in (("en", "Total"), ("zh", "合计")):
        every = run_cli("--lang", language, "print", "show", number, cwd=desk, env={**ENV, "COLUMNS": "80"}).out
        row = next(line for line in every.splitlines() if total in line)
        assert [cell.strip() for cell in row.strip("│").split("│")] == [
            total, "30", "29", "1", "4", "2", "10", "1", "1",
        ]  # fmt: skip


def test_rolls_and_differences_that_are_alike_are_told_in_one_line(run_cli: Run, desk: Path) -> None:
    def run(*arguments: str) -> Result:
        return run_cli("--lang", "en", *arguments, cwd=desk, env=ENV)

    ordering = ("print", "order", "26A1", "--count", "95", "--roll-size", "2", "--house", "示例印刷厂", "--out", "r")
    number = str(answer(run(*ordering, "--issue", "--level", "carton", "--json"))["order"])
    assert "partly" not in run("print", "list").out
    assert run("print", "receive", number, "--missing", "7:1").status == 0
    assert "delivered, 95 labels open" in run("print", "list").out
    told = run("print", "reconcile", number).out.splitlines()
    assert sum("Rolls 1 to 6, each: 2 delivered labels" in line for line in told) == 1
    assert sum("Rolls 8 to 47, each: 2 delivered labels" in line for line in told) == 1
    assert sum("Roll 48: 1 delivered label is not" in line for line in told) == 1
    assert len(told) < 25


def test_an_order_whose_folder_cannot_be_made_registers_and_issues_nothing(run_cli: Run, desk: Path) -> None:
    (desk / "file").write_text("x")
    ordering = (
        "print",
        "order",
        "26A1",
        "--count",
        "5",
        "--roll-size",
        "5",
        "--house",
        "示例印刷厂",
        "--out",
        "file/r",
    )
    done = run_cli(*ordering, "--issue", "--level", "carton", cwd=desk, env=ENV)
    assert (done.status != 0, "Traceback" in done.err) == (True, False)
    assert json.loads(run_cli("print", "list", "--json", cwd=desk).out)["orders"] == []
    assert json.loads(run_cli("batch", "report", "26A1", "--json", cwd=desk).out)["codes"]["issued"] == 0


@pytest.mark.parametrize(
    ("arguments", "status", "code"),
    [
        (("order", "26A1", "--count", "5", "--roll-size", "5", "--house", "厂", "--out", "r"), 6, "export.none"),
        (("make", "261125-9", "--out", "r"), 6, "print.order_unknown"),
        (("show", "x"), 3, "print.order_name"),
    ],
)
def test_refusals(run_cli: Run, made: Path, arguments: tuple[str, ...], status: int, code: str) -> None:
    assert code_of(run_cli("print", *arguments, "--json", cwd=made, env=ENV)) == (status, code)
    assert not (made / "r").exists()
