"""party, brand, product, grade, certification, authorization: add, list, show, as a user runs them."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tracelib.text import phrases
from tracelib_cli.catalogue import LABELS
from tracelib_cli.commands.certification import KINDS

Run = Callable[..., Any]
ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tracelib.store.unit_of_work import Store

    folder = tmp_path_factory.mktemp("catalogue")
    (folder / "tracelib.toml").write_text("")
    Store.create_or_upgrade(f"sqlite:///{folder / 'tracelib.db'}").close()
    return folder


@pytest.fixture
def run(run_cli: Run, template: Path, tmp_path: Path) -> Run:
    """Run a command in a fresh workspace, in English."""
    shutil.copytree(template, tmp_path, dirs_exist_ok=True)

    def run_here(*arguments: str, lang: str = "en") -> Any:  # noqa: ANN401 - the Result of conftest
        return run_cli("--lang", lang, *arguments, cwd=tmp_path)

    return run_here


PARTY = ("party", "add", "COOP1", "--name-zh", "示例脐橙合作社", "--uscc", "91110000600037341L", "--division", "360726")
BRAND = ("brand", "add", "GNQC", "--owner", "COOP1", "--name-zh", "赣南脐橙", "--host", "q.example.com")
PRODUCT = ("product", "add", "QC5KG", "--party", "COOP1", "--name-zh", "赣南脐橙5公斤", "--weight-g", "5000")


def test_a_whole_catalogue(run: Run, tmp_path: Path) -> None:
    shutil.copy(ROOT / "examples" / "divisions.csv", tmp_path)
    commands: list[tuple[str, ...]] = [
        PARTY,
        BRAND,
        (*PRODUCT, "--brand", "GNQC", "--pack-size", "48"),
        ("grade", "add", "QC5KG", "--name-zh", "特等", "--name-en", "Extra"),
        ("grade", "add", "COOP1/QC5KG", "--name-zh", "一等"),
        ("certification", "add", "ORG1", "--party", "COOP1", "--kind", "organic", "--number", "示例-001",
         "--issuer", "示例中心", "--product", "QC5KG", "--valid-to", "2020-10-31"),
        ("authorization", "add", "2026-01", "--brand", "GNQC", "--party", "COOP1", "--product", "QC5KG",
         "--max-kg", "500000"),
    ]  # fmt: skip
    for command in commands:
        done = run(*command, "--json")
        assert (done.status, done.err) == (0, "")
        assert json.loads(done.out)["added"] is True

    for command in (PARTY, ("grade", "add", "QC5KG", "--name-zh", "特等", "--name-en", "Extra")):
        again = run(*command)
        assert again.status == 0
        assert "Nothing was written" in again.out
    assert json.loads(run(*BRAND, "--json").out)["added"] is False

    def answer(*arguments: str) -> Any:  # noqa: ANN401 - JSON
        done = run(*arguments, "--json")
        assert done.status == 0, done.err
        return json.loads(done.out)

    assert answer("party", "show", "COOP1")["division_name"] == "江西省赣州市安远县"
    assert [party["id"] for party in answer("party", "list")] == ["COOP1"]
    assert answer("brand", "show", "GNQC")["hosts"] == ["q.example.com"]
    assert answer("product", "show", "QC5KG") == answer("product", "list")[0]
    assert answer("product", "show", "COOP1/QC5KG")["weight_g"] == 5000
    assert answer("product", "show", "QC5KG")["production"] is True
    grades = answer("grade", "show", "QC5KG")
    assert [(grade["number"], grade["name_zh"]) for grade in grades["grades"]] == [(1, "特等"), (2, "一等")]
    by_hand = bytes.fromhex("82830166e789b9e7ad89654578747261830266e4b880e7ad8960")  # [[1, "特等", "Extra"], …] in CBOR
    assert grades["grade_list_hash"] == hashlib.sha256(by_hand).hexdigest()
    assert len(answer("grade", "list")) == 2
    assert answer("certification", "list")[0]["state"] == "expired"
    assert answer("certification", "show", "ORG1")["kind"] == "organic"
    assert answer("authorization", "show", "2026-01")["max_kg"] == 500000
    assert answer("authorization", "list", "--brand", "GNQC")[0]["product_ids"] == ["QC5KG"]

    shown: list[tuple[tuple[str, ...], tuple[str, str]]] = [
        (("party", "list"), ("示例脐橙合作社", "江西省赣州市安远县")),
        (("certification", "list"), ("有机产品", "已过期")),
        (("product", "list"), ("QC5KG", "每箱净重")),
        (("grade", "show", "QC5KG"), ("特等", "等级表散列值")),
        (("authorization", "show", "2026-01"), ("500000", "上限")),
    ]
    for command, words in shown:
        done = run(*command, lang="zh")
        assert done.status == 0
        assert all(word in done.out for word in words), done.out


def test_refusals_have_statuses_and_ways_on(run: Run) -> None:
    assert run(*PARTY).status == 0
    for arguments, status, code in (
        (("party", "add", "COOP1", "--name-zh", "别的"), 5, "catalogue.differs"),
        (("party", "add", "COOP2", "--name-zh", "别的", "--uscc", "91110000600037341L"), 5, "catalogue.uscc_taken"),
        (("party", "add", "COOP2", "--name-zh", "别的", "--uscc", "91110000600037341M"), 3, "identifier.check_digit"),
        (("party", "add", "coop2", "--name-zh", "别的"), 3, "identifier.own_number"),
        (("party", "add", "ＣＯＯＰ", "--name-zh", "别的"), 3, "identifier.full_width"),
        (("party", "add", "COOP2", "--name-zh", " "), 3, "catalog.text"),
        (("party", "add", "COOP2", "--name-zh", "别的", "--valid-to", "1.1.2027"), 3, "catalog.day"),
        (("party", "show", "COOP9"), 6, "catalogue.not_found"),
        (("brand", "add", "B", "--owner", "COOP9", "--name-zh", "品牌"), 6, "catalogue.not_found"),
        (("brand", "add", "B", "--owner", "COOP1", "--name-zh", "品牌", "--host", "https://x"), 3, "identifier.host"),
        (("product", "add", "P", "--name-zh", "脐橙"), 7, "catalogue.no_party"),
        ((*PRODUCT[:-1], "５０００"), 3, "identifier.full_width"),
        ((*PRODUCT[:-1], "5kg"), 3, "identifier.not_digits"),
        ((*PRODUCT[:-1], "0"), 3, "catalog.number"),
        ((*PRODUCT, "--gtin-licensed"), 5, "catalog.licence_without_gtin"),
        ((*PRODUCT, "--gtin", "690123456789"), 3, "identifier.check_digit"),
        (("grade", "add", "QC5KG", "--name-zh", "特等"), 6, "catalogue.not_found"),
    ):
        done = run(*arguments, "--json")
        assert done.out == ""
        error = json.loads(done.err)["error"]
        assert (error["status"], error["code"]) == (status, code), done.err
        assert done.status == status
    assert run("party", "add", "COOP2").status == 2
    assert run("certification", "add", "C", "--kind", "halal").status == 2
    assert len(json.loads(run("party", "list", "--json").out)) == 1


def test_errors_are_in_the_readers_language(run: Run) -> None:
    chinese = run("party", "add", "COOP1", "--name-zh", "示例", "--uscc", "９1110000600037341L", lang="zh")
    assert "全角" in chinese.err
    assert "91110000600037341L" in chinese.err
    english = run("party", "show", "COOP9")
    assert "There is no party COOP9" in english.err
    assert "tracelib party list" in english.err
    assert "没有主体 COOP9" in run("party", "show", "COOP9", lang="zh").err


def test_a_gtin_that_production_refuses_is_said_at_once(run: Run) -> None:
    run(*PARTY)
    done = run(*PRODUCT, "--gtin", "2001234567893")
    assert done.status == 0
    assert "restricted-circulation" in done.out
    assert json.loads(run("product", "show", "QC5KG", "--json").out)["production"] is False


def test_an_empty_list_says_how_to_begin(run: Run) -> None:
    for group in ("party", "brand", "product", "grade", "certification", "authorization"):
        assert f"tracelib {group} add" in run(group, "list").out
    assert json.loads(run("grade", "list", "--json").out) == []


def test_a_faulty_table_of_divisions_names_every_line(run: Run, tmp_path: Path) -> None:
    run(*PARTY)
    (tmp_path / "divisions.csv").write_text("code,name,valid_from,valid_to,note\n36,x,,,\n360000,y,2020-1-1,,\n")
    done = run("party", "list")
    assert done.status == 3
    assert "line 2" in done.err
    assert "line 3" in done.err
    (tmp_path / "divisions.csv").write_bytes("code,name\n江西".encode("gb18030"))
    assert "UTF-8" in run("party", "list").err


def test_every_label_has_its_chinese() -> None:
    say = phrases("zh")
    same = {label for label in LABELS.values() if say(label) == label}
    assert same == {"统一社会信用代码", "GLN", "GTIN"}


def test_kinds_are_those_of_the_catalogue() -> None:
    from tracelib.catalog.certification import CertificationKind

    assert tuple(kind.value for kind in CertificationKind) == KINDS
