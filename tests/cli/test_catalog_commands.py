"""tracelib catalog, as a user runs it: export, import, check, history, publish, verify."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tracelib.catalog.check import ADVICE
from tracelib.text import phrases
from tracelib_cli.commands.catalog_check import FINDINGS

Run = Callable[..., Any]
COUNTY = Path(__file__).parents[2] / "examples" / "county"
SECRET = {"TRACELIB_PASSPHRASE": "correct horse"}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory, run_cli: Run) -> Path:
    """A workspace with the sample county, a brand's key and a bundle."""
    folder = tmp_path_factory.mktemp("county")
    for command in (
        ("init", str(folder)),
        ("catalog", "import", str(COUNTY / "ganzhou")),
        ("key", "new", "brand"),
        ("delegate", "grant", "--by", "root", "--key", "brand", "--party", "GZPP", "--max-units", "1000"),
        ("bundle", "export", "--out", "trust.bundle"),
    ):
        done = run_cli("--lang", "en", *command, cwd=folder, env=SECRET)
        assert done.status == 0, done.err
    return folder


def test_every_finding_has_its_name_and_advice_in_chinese() -> None:
    say = phrases("zh")
    assert FINDINGS.keys() == ADVICE.keys()
    assert [text for text in (*FINDINGS.values(), *ADVICE.values()) if say(text) == text] == []


def test_pictures_are_kept_and_the_catalogue_is_in_order(run_cli: Run, workspace: Path) -> None:
    kept = {path.name for path in (workspace / "pictures").iterdir()}
    assert kept == {path.name for path in (COUNTY / "ganzhou" / "pictures").iterdir()}
    done = run_cli("--lang", "en", "catalog", "check", "--on", "2026-11-25", cwd=workspace)
    assert (done.status, done.err) == (0, "")
    late = run_cli("catalog", "check", "--on", "2027-08-15", "--json", cwd=workspace)
    assert late.status == 5
    found = json.loads(late.out)["findings"]
    assert {(f["code"], f["key"]) for f in found} == {
        ("expiring", "GANNAN-ORANGE/2026-01"),
        ("expiring", "GANNAN-YOUPIN/2026-02"),
        ("expiring", "GANNAN-YOUPIN/2026-03"),
    }


def test_a_changed_folder_is_told_dry_and_then_written(run_cli: Run, workspace: Path, tmp_path: Path) -> None:
    shutil.copytree(workspace, tmp_path, dirs_exist_ok=True)

    def run(*command: str) -> Any:  # noqa: ANN401 - the Result of conftest
        return run_cli("--lang", "zh", "--as", "王会计", "catalog", *command, cwd=tmp_path)

    assert run("export", "county").status == 0
    products = tmp_path / "county" / "products.csv"
    products.write_text(products.read_text("utf-8-sig").replace("安远蜜桔 4 kg 箱装", "安远蜜桔 4 公斤装"), "utf-8")
    dry = run("import", "county", "--dry-run")
    assert "安远蜜桔 4 公斤装" in dry.out
    assert "没有写入" in dry.out
    assert run("import", "county").status == 5
    assert "已写入：新增 0 条，更改 1 条" in run("import", "county", "--reason", "改名").out
    history = json.loads(run("history", "product", "AYMJ/MANDARIN-4KG", "--json").out)
    assert [(v["seq"], v["operator"], v["reason"]) for v in history][1:] == [(2, "王会计", "改名")]
    faulty = run("import", "nowhere")
    assert (faulty.status, "file.missing" in faulty.err) == (6, True)


def test_published_signed_and_verified_by_someone_else(run_cli: Run, workspace: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    done = run_cli("catalog", "publish", str(site), "--sign", "brand", "--json", cwd=workspace, env=SECRET)
    assert done.status == 0, done.err
    assert json.loads(done.out)["missing_pictures"] == []
    root = re.search(r'root = "([0-9a-f]{64})"', (workspace / "tracelib.toml").read_text())
    assert root is not None
    with_bundle = ("--bundle", str(workspace / "trust.bundle"), "--root", root[1])
    good = run_cli("catalog", "verify", str(site / "catalogue.cose"), *with_bundle, "--json", cwd=workspace)
    answer = json.loads(good.out)
    assert (answer["trust"], answer["signer"]["party"], answer["products"]) == ("pinned", "GZPP", 6)
    named = [one["picture"]["file"] for one in json.loads((site / "catalogue.json").read_bytes())["products"]]
    assert answer["beside"] == {"pictures": answer["beside"]["pictures"], "missing_pictures": 0, "json": True}
    assert answer["beside"]["pictures"] >= len(set(named)) > 0
    assert "测试" in (site / "zh" / "index.html").read_text("utf-8"), "signed under a test root"
    (site / named[0]).rename(site / "kept")
    gone = run_cli("catalog", "verify", str(site / "catalogue.cose"), *with_bundle, "--json", cwd=workspace)
    assert json.loads(gone.out)["beside"]["missing_pictures"] == 1
    (site / named[0]).write_bytes(b"another picture")
    swapped = run_cli("catalog", "verify", str(site / "catalogue.cose"), *with_bundle, "--json", cwd=workspace)
    assert (swapped.status, json.loads(swapped.err)["error"]["code"]) == (4, "publish.picture")
    (site / "kept").replace(site / named[0])
    (site / "catalogue.json").write_bytes(b"{}")
    bad = run_cli("catalog", "verify", str(site / "catalogue.cose"), *with_bundle, "--json", cwd=workspace)
    assert (bad.status, json.loads(bad.err)["error"]["code"]) == (4, "publish.twin")
    other = run_cli("catalog", "verify", str(site / "catalogue.cose"), *with_bundle[:3], "0" * 64, cwd=workspace)
    assert other.status == 4


def test_a_day_on_which_nothing_holds_is_not_in_order(run_cli: Run, tmp_path: Path) -> None:
    run_cli("init", str(tmp_path), env=SECRET)
    done = run_cli("--lang", "en", "catalog", "check", "--on", "1990-01-01", cwd=tmp_path)
    assert "nothing that is recorded holds on 1990-01-01" in done.out


def test_a_root_that_is_to_sign_is_told_what_to_do(run_cli: Run, workspace: Path, tmp_path: Path) -> None:
    done = run_cli(
        "--lang", "en", "catalog", "publish", str(tmp_path / "s"), "--sign", "root", cwd=workspace, env=SECRET
    )
    assert done.status == 4
    assert "tracelib delegate grant --by root" in done.err
    assert not (tmp_path / "s").exists()


def test_names_of_divisions_come_with_the_folder_and_stand_on_the_pages(
    run_cli: Run, workspace: Path, tmp_path: Path
) -> None:
    shutil.copytree(workspace, tmp_path, dirs_exist_ok=True)

    def run(*command: str) -> Any:  # noqa: ANN401 - the Result of conftest
        return run_cli("--lang", "en", *command, cwd=tmp_path)

    assert run("catalog", "publish", "site", "--on", "2026-11-25").status == 0
    assert "江西省赣州市安远县" in (tmp_path / "site" / "zh" / "party-AYMJ.html").read_text("utf-8")
    assert run("catalog", "export", "county").status == 0
    table = tmp_path / "county" / "divisions.csv"
    assert table.read_bytes() == (COUNTY / "ganzhou" / "divisions.csv").read_bytes()
    table.write_text(table.read_text("utf-8-sig").replace("360726,安远县,,", "360726,安远县,,2020-12-31"), "utf-8")
    found = json.loads(run("catalog", "check", "county", "--json").out)["findings"]
    assert {(f["key"], f["other"]) for f in found if f["code"] == "division_without_name"} == {
        ("AYMJ", "360726"),
        ("GNQC", "360726"),
    }
    assert json.loads(run("catalog", "diff", "county", "--json").out)["divisions"] == {"added": 1, "removed": 1}
    before = (tmp_path / "divisions.csv").read_bytes()
    table.write_text(table.read_text("utf-8").replace("章贡区,", "章贡区,2020-02-30"), "utf-8")
    bad = run("catalog", "import", "county")
    assert bad.status == 3
    assert "divisions.csv, line 5, column valid_from" in bad.err
    assert (tmp_path / "divisions.csv").read_bytes() == before
