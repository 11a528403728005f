"""``tracelib batch`` as a person and as a program runs it."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Protocol

import pytest
from openpyxl import Workbook

HEADER = "主体编号,产品编号,批号,生产日期,重量(kg)\n"
ONE = HEADER + "GNQC,NAVEL-5KG,26A0137,2026-11-03,2000.5\n"


class Result(Protocol):
    status: int
    out: str
    err: str


Run = Callable[..., Result]


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A workspace with two parties that have one product each."""
    from tracelib.catalog.party import Party
    from tracelib.catalog.product import Product
    from tracelib.store.unit_of_work import Store

    (tmp_path / "tracelib.toml").write_text("")
    with Store.create_or_upgrade(f"sqlite:///{tmp_path / 'tracelib.db'}") as store, store.unit_of_work() as uow:
        for party, product in (("GNQC", "NAVEL-5KG"), ("WZBH", "LILY-250G")):
            uow.catalog.add(Party(id=party, name_zh="示例合作社"))
            uow.catalog.add(Product(party_id=party, id=product, name_zh="示例产品"))
    return tmp_path


def test_from_template_to_show(run_cli: Run, desk: Path) -> None:
    assert run_cli("batch", "template", "--out", "t.csv", cwd=desk).status == 0
    with (desk / "t.csv").open("a", encoding="utf-8") as stream:
        stream.write("GNQC,NAVEL-5KG,26A0137,2026-11-03,2000.5,,,,\n")
    first = run_cli("batch", "register", "t.csv", cwd=desk)
    assert (first.status, first.err) == (0, "")
    assert first.out == "1 batch registered from t.csv.\n"
    again = run_cli("batch", "register", "t.csv", cwd=desk)
    assert again.status == 0
    assert again.out.startswith("This very file was registered on ")
    assert "Nothing was changed." in again.out
    shown = run_cli("batch", "show", "26A0137", cwd=desk)
    assert "GNQC/NAVEL-5KG/26A0137" in shown.out
    assert "2000.5" in shown.out


def test_a_sheet_without_a_party_is_the_workspaces_own(run_cli: Run, desk: Path) -> None:
    (desk / "own.csv").write_text("product,lot,production date,weight (kg)\nNAVEL-5KG,26A1,2026-11-03,10\n")
    (desk / "both.csv").write_text("party,product,lot,production date,weight (kg)\nWZBH,LILY-250G,26B1,2026-11-03,10\n")
    nobody = run_cli("batch", "register", "own.csv", cwd=desk)
    assert nobody.status == 3
    assert "the column «Party» is missing" in nobody.err
    assert run_cli("config", "set", "party", "GNQC", cwd=desk).status == 0
    own = run_cli("batch", "register", "own.csv", cwd=desk)
    assert own.out == (
        "The file names no party: all its batches are taken for those of GNQC (setting party).\n"
        "1 batch registered from own.csv.\n"
    )
    assert run_cli("batch", "register", "both.csv", cwd=desk).out == "1 batch registered from both.csv.\n"
    listed = json.loads(run_cli("batch", "list", "--json", cwd=desk).out)["batches"]
    assert {(one["party"], one["lot"]) for one in listed} == {("GNQC", "26A1"), ("WZBH", "26B1")}
    (desk / "odd.csv").write_text("product,lot,picked,weight (kg)\nNAVEL-5KG,26A2,2026-11-03,10\n")
    assert run_cli("batch", "map", "odd.csv", "--set", "picked=produced_on", "--name", "odd", cwd=desk).status == 0
    assert run_cli("batch", "register", "odd.csv", cwd=desk).status == 0


def test_answers_for_programs(run_cli: Run, desk: Path) -> None:
    (desk / "b.csv").write_text(ONE, encoding="gb18030")
    first = json.loads(run_cli("batch", "register", "b.csv", "--json", cwd=desk).out)
    assert (first["registered"], first["unchanged"], first["registered_before"]) == (1, 0, None)
    again = json.loads(run_cli("batch", "register", "b.csv", "--json", cwd=desk).out)
    assert (again["registered"], again["unchanged"], again["sha256"]) == (0, 1, first["sha256"])
    assert again["registered_before"].endswith("+00:00")
    listed = json.loads(run_cli("batch", "list", "--json", cwd=desk).out)
    shown = json.loads(run_cli("batch", "show", "26A0137", "--json", cwd=desk).out)
    more = {name: shown.pop(name) for name in ("left_g", "parents", "children")}
    assert more == {"left_g": 2_000_500, "parents": [], "children": []}
    assert listed == {"batches": [shown], "total": 1}
    assert shown == {
        "party": "GNQC",
        "product": "NAVEL-5KG",
        "lot": "26A0137",
        "produced_on": "2026-11-03",
        "weight_g": 2_000_500,
        "origin": None,
        "plot": "",
        "grower": "",
        "note": "",
        "state": "registered",
    }


def test_every_fault_has_its_line_and_nothing_is_written(run_cli: Run, desk: Path) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "批次"
    for row in (
        ("主体编号", "产品编号", "批号", "生产日期", "重量(kg)"),
        ("GNQC", "NAVEL-5KG", "26A0137", date(2026, 11, 3), 2000),
        ("GNQC", "NAVEL-5KG", "２６Ａ", "11月3日", "=1+1"),
    ):
        sheet.append(list(row))
    sheet.merge_cells("A3:A4")
    book.save(desk / "b.xlsx")
    english = run_cli("batch", "register", "b.xlsx", cwd=desk)
    assert english.status == 3
    lines = english.err.splitlines()
    assert len(lines) == 6
    assert lines[0].endswith("tracelib batch register b.xlsx --report b-faults.xlsx")
    assert all(line.startswith("  批次, row 3") for line in lines[1:5])
    assert lines[5] == (
        "Error [sheet.faults]: b.xlsx: 4 faults found, nothing was written. Correct them and give the file again."
    )
    chinese = run_cli("--lang", "zh", "batch", "register", "b.xlsx", cwd=desk)
    assert chinese.err.splitlines()[2:4] == [
        "  批次 第 3 行 C (批号) 列：“２６Ａ”含全角字符，请改为半角“26A”；"
        "应为：1 至 20 位的数字、大写字母、点或短横线，首尾为数字或大写字母。",
        "  批次 第 3 行 D (生产日期) 列：“11月3日”不对，应为：带年份的日期，如 2026-11-03；也可在表头对照里"
        "用 --year 固定年份（tracelib batch map）。",
    ]
    program = json.loads(run_cli("batch", "register", "b.xlsx", "--json", cwd=desk).err)
    assert [fault["code"] for fault in program["error"]["faults"]] == [
        "sheet.merged",
        "sheet.full_width",
        "sheet.cell",
        "sheet.formula",
    ]
    assert json.loads(run_cli("batch", "list", "--json", cwd=desk).out)["total"] == 0


def test_names_that_fit_several_batches_or_none(run_cli: Run, desk: Path) -> None:
    (desk / "b.csv").write_text(ONE + "WZBH,LILY-250G,26A0137,2026-11-04,62.5\n", encoding="utf-8")
    assert run_cli("batch", "register", "b.csv", cwd=desk).status == 0
    ambiguous = run_cli("batch", "show", "26A0137", cwd=desk)
    assert ambiguous.status == 5
    assert "GNQC/NAVEL-5KG/26A0137, WZBH/LILY-250G/26A0137" in ambiguous.err
    own = run_cli("batch", "show", "26A0137", "--json", cwd=desk, env={"TRACELIB_PARTY": "WZBH"})
    assert json.loads(own.out)["party"] == "WZBH"
    missing = run_cli("batch", "show", "26A0138", cwd=desk)
    assert missing.status == 6
    assert "26A0137" in missing.err
    assert run_cli("batch", "show", "a/b/c/d", cwd=desk).status == 3


def test_lists_are_narrowed_and_cut(run_cli: Run, desk: Path) -> None:
    rows = "".join(f"GNQC,NAVEL-5KG,L{number},2026-11-0{number},{number}\n" for number in range(1, 5))
    (desk / "b.csv").write_text(HEADER + rows, encoding="utf-8")
    run_cli("batch", "register", "b.csv", cwd=desk)
    listed = json.loads(run_cli("batch", "list", "--limit", "2", "--json", cwd=desk).out)
    assert ([batch["lot"] for batch in listed["batches"]], listed["total"]) == (["L4", "L3"], 4)
    assert "2 more are not shown" in run_cli("batch", "list", "--limit", "2", cwd=desk).out
    assert json.loads(run_cli("batch", "list", "--party", "WZBH", "--json", cwd=desk).out)["total"] == 0


@pytest.mark.parametrize(
    ("name", "status"), [("missing.xlsx", 6), ("folder", 6)],
)  # fmt: skip
def test_files_that_cannot_be_read(run_cli: Run, desk: Path, name: str, status: int) -> None:
    (desk / "folder").mkdir()
    result = run_cli("batch", "register", name, cwd=desk)
    assert result.status == status
    assert "Traceback" not in result.err


def test_a_template_that_exists_is_not_overwritten(run_cli: Run, desk: Path) -> None:
    (desk / "t.xlsx").write_text("mine")
    result = run_cli("batch", "template", "--out", "t.xlsx", cwd=desk)
    assert result.status == 3
    assert "t.xlsx" in result.err
    assert (desk / "t.xlsx").read_text() == "mine"


@pytest.mark.parametrize(
    "command", ["template", "register", "map", "list", "show", "report", "split", "merge", "repack", "close"]
)
def test_help_has_an_example_in_both_languages(run_cli: Run, tmp_path: Path, command: str) -> None:
    english = run_cli("batch", command, "--help", cwd=tmp_path)
    chinese = run_cli("--lang", "zh", "batch", command, "--help", cwd=tmp_path)
    assert f"Example: tracelib batch {command}" in english.out
    assert f"示例：tracelib batch {command}" in chinese.out


def test_split_repack_close_and_report(run_cli: Run, desk: Path) -> None:
    (desk / "b.csv").write_text(ONE, encoding="utf-8")
    run_cli("batch", "register", "b.csv", cwd=desk)
    split = run_cli(
        "--as", "示例操作员", "batch", "split", "26A0137", "--to", "A1=1000斤", "--to", "A2=0.5吨", cwd=desk
    )
    assert split.status == 0, split.err
    assert split.out == (
        "1000 kg out of GNQC/NAVEL-5KG/26A0137; 1000.5 kg are left.\n"
        "500 kg into GNQC/NAVEL-5KG/A1, a new batch.\n"
        "500 kg into GNQC/NAVEL-5KG/A2, a new batch.\n"
    )
    unit = run_cli("--lang", "zh", "batch", "split", "A1", "--to", "A3=500", cwd=desk)
    assert unit.status == 3
    assert "“500”没有写明重量单位" in unit.err
    loss = run_cli("batch", "merge", "A1", "A2=100kg", "--to", "M1", "--loss", "2kg", cwd=desk)
    assert loss.status == 5
    assert "[batch.loss_reason]" in loss.err
    merged = run_cli(
        "batch", "merge", "A1", "A2=100kg", "--to", "M1", "--loss", "2kg", "--reason", "rot", "--json", cwd=desk
    )
    assert json.loads(merged.out)["closed"] == ["GNQC/NAVEL-5KG/A1"]
    shown = run_cli("--lang", "zh", "batch", "show", "M1", cwd=desk).out
    assert "来源批次" in shown
    assert "NAVEL-5KG/A1  500 kg  合并" in shown
    assert "26A0137" in shown
    report = json.loads(run_cli("batch", "report", "M1", "--json", cwd=desk).out)
    assert (report["weight_g"], report["made_by"]["loss_g"], report["codes"]["issued"]) == (598_000, 2000, 0)
    assert "rot" in run_cli("batch", "report", "M1", cwd=desk).out
    closed = run_cli("batch", "close", "A2", "--reason", "season ends", cwd=desk)
    assert closed.out.endswith("400 kg of it were never put on codes; this is noted.\n")
    listed = json.loads(run_cli("batch", "list", "--state", "closed", "--json", cwd=desk).out)
    assert sorted(batch["lot"] for batch in listed["batches"]) == ["A1", "A2"]
    assert "已关闭" in run_cli("--lang", "zh", "batch", "show", "A2", cwd=desk).out
    assert "[batch.closed_already]" in run_cli("batch", "close", "A2", "--reason", "again", cwd=desk).err


def test_a_sheet_with_words_of_its_own_is_mapped_once(run_cli: Run, desk: Path) -> None:
    text = "采摘批号,品种,采摘时间,采摘数量,签收\nA1,NAVEL-5KG,11月3日,2001,甲\n"
    (desk / "own.csv").write_text(text, encoding="gb18030")
    assert "[sheet.no_header]" in run_cli("batch", "register", "own.csv", cwd=desk).err
    looked = json.loads(run_cli("batch", "map", "own.csv", "--json", cwd=desk).out)
    first = looked["columns"][0]
    assert (first["header"], first["field"], first["nearest"]) == ("采摘批号", None, "lot")
    sets = ("--set", "采摘批号=lot", "--set", "品种=产品", "--set", "采摘时间=produced_on")
    short = run_cli("batch", "map", "own.csv", *sets, "--name", "甲表", cwd=desk)
    assert short.status == 3
    assert "party_id, weight" in short.err
    more = ("--set", "采摘数量=weight", "--fix", "party=GNQC", "--unit", "斤", "--year", "2026", "--name", "甲表")
    assert run_cli("batch", "map", "own.csv", *sets, *more, cwd=desk).status == 0
    done = json.loads(run_cli("batch", "register", "own.csv", "--json", cwd=desk).out)
    assert (done["registered"], done["mapping"]) == (1, "甲表")
    shown = json.loads(run_cli("batch", "show", "A1", "--json", cwd=desk).out)
    assert (shown["party"], shown["produced_on"], shown["weight_g"]) == ("GNQC", "2026-11-03", 1_000_500)
    assert "甲表" in run_cli("--lang", "zh", "batch", "map", "list", cwd=desk).out
    assert "采摘数量" in run_cli("batch", "map", "show", "甲表", cwd=desk).out
    assert run_cli("batch", "map", "remove", "甲表", cwd=desk).status == 0
    missing = run_cli("batch", "register", "own.csv", "--map", "甲表", cwd=desk)
    assert (missing.status, "[batch.no_mapping]" in missing.err) == (6, True)


def test_faults_are_marked_in_the_clerks_own_sheet(run_cli: Run, desk: Path) -> None:
    from openpyxl import load_workbook

    (desk / "b.csv").write_text(ONE + "GNQC,NAVEL-5KG,26A0138,2026-13-03,=1+1\n", encoding="utf-8-sig")
    done = run_cli("--lang", "zh", "batch", "register", "b.csv", "--report", "marked.xlsx", cwd=desk)
    assert done.status == 3
    assert "错误已标在 marked.xlsx 里" in done.err
    book = load_workbook(desk / "marked.xlsx")
    sheet, summary = book.worksheets
    assert [cell.value for cell in sheet[2]][:5] == ["GNQC", "NAVEL-5KG", "26A0137", "2026-11-03", "2000.5"]
    assert sheet["D2"].comment is None
    assert "日历上有的日子" in sheet["D3"].comment.text
    assert (sheet["D3"].fill.fgColor.rgb, sheet["C3"].fill.fgColor.rgb) == ("00FFC7CE", "00000000")
    assert (sheet["E3"].value, sheet["E3"].data_type) == ("=1+1", "s")
    assert (summary.title, [row[0].value for row in summary.iter_rows(min_row=4)]) == ("检查结果", [3, 3])
    again = run_cli("batch", "register", "b.csv", "--report", "marked.xlsx", cwd=desk)
    assert (again.status, "[sheet.report_exists]" in again.err) == (5, True)
    named = run_cli("batch", "register", "b.csv", "--report", "marked.csv", cwd=desk)
    assert (named.status, "[sheet.report_name]" in named.err) == (3, True)
    sheet["D3"], sheet["E3"] = "2026-11-04", 12
    book.save(desk / "marked.xlsx")
    assert json.loads(run_cli("batch", "register", "marked.xlsx", "--json", cwd=desk).out)["registered"] == 2


def test_a_mapping_saved_for_plain_words_is_used(run_cli: Run, desk: Path) -> None:
    text = "主体,产品,批号,生产日期,重量\n示例合作社,脐橙,26A0137,11月3日,4001\n"
    (desk / "own.csv").write_text(text, encoding="utf-8-sig")
    named = run_cli("batch", "register", "own.csv", cwd=desk)
    assert named.status == 3
    assert "--value" in named.err
    values = ("--value", "party_id:示例合作社=GNQC", "--value", "产品:脐橙=NAVEL-5KG")
    saved = run_cli("batch", "map", "own.csv", *values, "--unit", "斤", "--year", "2026", "--name", "甲", cwd=desk)
    assert saved.out.splitlines()[-1].endswith(": tracelib batch register own.csv")
    done = run_cli("batch", "register", "own.csv", cwd=desk)
    assert (done.status, done.err) == (0, "")
    assert done.out == "Read with the saved mapping «甲».\n1 batch registered from own.csv.\n"
    shown = json.loads(run_cli("batch", "show", "26A0137", "--json", cwd=desk).out)
    assert (shown["party"], shown["product"], shown["weight_g"]) == ("GNQC", "NAVEL-5KG", 2_000_500)
    second = run_cli("batch", "map", "own.csv", *values, "--unit", "kg", "--year", "2026", "--name", "乙 表", cwd=desk)
    assert second.out.splitlines()[-1].endswith(': tracelib batch register own.csv --map "乙 表"')
    unsaid = run_cli("batch", "register", "own.csv", cwd=desk)
    assert (unsaid.status, "[batch.several_mappings]" in unsaid.err) == (5, True)
    assert run_cli("batch", "register", "own.csv", "--map", "甲", cwd=desk).status == 0
    # a file with one more of the program's own words is another file, and needs no mapping
    (desk / "more.csv").write_text(HEADER.strip() + ",备注\nGNQC,NAVEL-5KG,A2,2026-11-03,5,\n", encoding="utf-8-sig")
    assert json.loads(run_cli("batch", "register", "more.csv", "--json", cwd=desk).out)["mapping"] is None


def test_a_mapping_of_another_party_is_found_by_its_name(run_cli: Run, desk: Path) -> None:
    text = "园区号,产品,日期,重量(kg)\n26A0137,NAVEL-5KG,2026-11-03,5\n"
    (desk / "own.csv").write_text(text, encoding="utf-8-sig")
    sets = ("batch", "map", "own.csv", "--set", "园区号=lot", "--set", "日期=produced_on", "--fix", "party_id=GNQC")
    wzbh = {"TRACELIB_PARTY": "WZBH"}
    saved = run_cli(*sets, "--party", "GNQC", "--name", "甲", cwd=desk, env=wzbh)
    assert "for party GNQC alone" in saved.out
    assert saved.out.strip().endswith("tracelib batch register own.csv --map 甲")
    listed = json.loads(run_cli("batch", "map", "list", "--json", cwd=desk, env=wzbh).out)["mappings"]
    assert [(one["name"], one["party"]) for one in listed] == [("甲", "GNQC")]
    assert run_cli("batch", "register", "own.csv", cwd=desk, env=wzbh).status == 3  # it is another party's
    done = json.loads(run_cli("batch", "register", "own.csv", "--map", "甲", "--json", cwd=desk, env=wzbh).out)
    assert (done["registered"], done["mapping"]) == (1, "甲")
    # the party's own stands before another's; without a party nothing says whose is meant
    assert run_cli(*sets, "--party", "WZBH", "--name", "甲", cwd=desk, env=wzbh).status == 0
    shown = json.loads(run_cli("batch", "map", "show", "甲", "--json", cwd=desk, env=wzbh).out)
    assert shown["party"] == "WZBH"
    whose = run_cli("batch", "map", "show", "甲", cwd=desk)
    assert (whose.status, "[batch.mapping_of_several]" in whose.err) == (5, True)
    assert "GNQC, WZBH" in whose.err


def test_the_unit_of_a_header_is_not_contradicted(run_cli: Run, desk: Path) -> None:
    (desk / "own.csv").write_text(
        "主体,产品,批号,生产日期,数量(斤)\nGNQC,NAVEL-5KG,A1,2026-11-03,4\n", encoding="utf-8"
    )
    sets = ("batch", "map", "own.csv", "--set", "数量(斤)=weight_g", "--name", "甲")
    refused = run_cli("--lang", "zh", *sets, "--unit", "公斤", cwd=desk)
    assert (refused.status, "表头“数量(斤)”已写明单位" in refused.err) == (3, True)
    assert "还没有保存的表头对照" in run_cli("--lang", "zh", "batch", "map", "list", cwd=desk).out
    taken = run_cli("--lang", "zh", *sets, "--unit", "市斤", cwd=desk)
    assert taken.status == 0
    assert "重量 [weight], 斤" in taken.out
    assert "weight_g" not in taken.out


def test_empty_lists_are_said(run_cli: Run, desk: Path) -> None:
    assert run_cli("batch", "list", cwd=desk).out.startswith("No batch is registered yet.")
    (desk / "b.csv").write_text(ONE, encoding="utf-8")
    assert run_cli("batch", "register", "b.csv", cwd=desk).status == 0
    assert run_cli("--lang", "zh", "batch", "list", "--state", "open", cwd=desk).out.startswith("没有符合条件的批次")


def test_a_column_of_origins_and_an_empty_one(run_cli: Run, desk: Path) -> None:
    row = "GNQC,NAVEL-5KG,A1,2026-11-03,4,360726,\n"
    (desk / "a.csv").write_text(HEADER.strip() + ",产地,车牌\n" + row, encoding="utf-8")
    done = run_cli("batch", "register", "a.csv", cwd=desk)
    assert (done.status, done.err) == (0, "")
    assert json.loads(run_cli("batch", "show", "A1", "--json", cwd=desk).out)["origin"] == "360726"
    (desk / "b.csv").write_text(HEADER.strip() + ",产地,车牌\n" + row + row.replace("A1", "A2").strip() + "赣B\n")
    told = run_cli("batch", "register", "b.csv", cwd=desk)
    assert told.err.count("«车牌» is no known header") == 1
    (desk / "c.csv").write_text(HEADER.strip() + ",产地\nGNQC,NAVEL-5KG,A3,2026-11-03,4,安远\n", encoding="utf-8")
    assert "--value" in run_cli("batch", "register", "c.csv", cwd=desk).err
    assert run_cli("batch", "map", "c.csv", "--value", "产地:安远=360726", "--name", "甲", cwd=desk).status == 0
    assert run_cli("batch", "register", "c.csv", cwd=desk).status == 0


WRITTEN = {
    "1,200斤": "千分位逗号，请写成“1200斤”",
    "1.2万斤": "“万”字，请写成“12000斤”",
    "1吨200公斤": "两个单位，请写成“1200公斤”",
    "约500": "准确的重量",
    "500公斤左右": "准确的重量",
}


def test_cells_that_are_nearly_right_say_how_to_write_them(run_cli: Run, desk: Path) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(["主体编号", "产品编号", "批号", "生产日期", "重量"])
    for number, weight in enumerate(WRITTEN):
        sheet.append(["GNQC", "NAVEL-5KG", f"A{number}", date(2026, 11, 3), weight])
    for lot in ("l05b", 12.5, True, "12.5"):
        sheet.append(["GNQC", "NAVEL-5KG", lot, date(2026, 11, 3), "5kg"])
    sheet.append(["GNQC", "NAVEL-5KG", "HIDDEN", date(2026, 11, 3), "5kg"])
    sheet.row_dimensions[11].hidden = True
    book.save(desk / "b.xlsx")
    told = run_cli("--lang", "zh", "batch", "register", "b.xlsx", cwd=desk)
    assert told.status == 3
    expected = [*WRITTEN.values(), "小写字母，请写成“L05B”", "带小数的数值", "逻辑值"]
    found = [line for line in told.err.splitlines() if " 第 " in line]
    assert [want in line for want, line in zip(expected, found, strict=True)] == [True] * 8
    assert "隐藏" in told.out
    assert "11" in told.out


def test_one_list_of_codes_is_one() -> None:
    from tracelib.text import for_counts

    assert for_counts("{count} lists of codes were exported.", {"count": 1}) == "{count} list of codes was exported."
