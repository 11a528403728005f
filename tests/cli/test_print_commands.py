"""``tracelib print`` as a clerk and as a program run it, from the order to the last reconciled roll."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import pypdfium2
import pytest

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
