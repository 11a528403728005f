"""The book of changes from the command line, settings that are set, and where reports of surprises go."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

RunCli = Callable[..., Any]
ENV = {"TRACELIB_PASSPHRASE": "a test"}


@pytest.fixture(scope="module")
def workspace(run_cli: RunCli, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("changes") / "w"
    assert run_cli("--as", "示例主任", "init", folder, env=ENV).status == 0
    for name in ("COOP1", "COOP2"):
        assert run_cli("-w", folder, "--as", "示例文员", "party", "add", name, "--name-zh", "示例合作社").status == 0
    assert run_cli("-w", folder, "config", "set", "operator", "示例操作员").status == 0
    return folder


def changes(run_cli: RunCli, folder: Path, *options: str) -> list[tuple[str, str, str]]:
    answer = json.loads(run_cli("-w", folder, "changes", "--json", *options).out)
    return [(change["operator"], change["verb"], change["subject"]) for change in answer["changes"]]


def test_the_newest_first_with_who_did_it(run_cli: RunCli, workspace: Path) -> None:
    found = changes(run_cli, workspace)
    assert [change[:2] for change in found[1:]] == [
        ("示例文员", "party.add"),
        ("示例文员", "party.add"),
        ("示例主任", "workspace.init"),
    ]
    assert found[0][1:] == ("config.set", "operator")


def test_narrowed(run_cli: RunCli, workspace: Path) -> None:
    assert [change[2] for change in changes(run_cli, workspace, "--party", "COOP2")] == ["COOP2"]
    assert [change[2] for change in changes(run_cli, workspace, "--verb", "party.", "--limit", "1")] == ["COOP2"]
    assert changes(run_cli, workspace, "--since", "2100-01-01") == []
    assert len(changes(run_cli, workspace, "--since", "2020-01-01")) == 4
    assert changes(run_cli, workspace, "--subject", "COOP9") == []


def test_table_in_chinese(run_cli: RunCli, workspace: Path) -> None:
    out = run_cli("-w", workspace, "--lang", "zh", "changes").out
    assert all(word in out for word in ("添加主体", "示例文员", "新建工作区", "修改设置", "现为 示例操作员"))


def test_the_setting_is_in_its_line_and_the_rest_stays(run_cli: RunCli, workspace: Path) -> None:
    path = workspace / "tracelib.toml"
    path.write_text(path.read_text("utf-8") + "[serve]\nport = 9000\n", "utf-8")
    before = path.read_text("utf-8")
    assert run_cli("-w", workspace, "config", "set", "operator", '示例"员').status == 0
    assert path.read_text("utf-8") == before.replace("示例操作员", '示例\\"员')
    values = {
        item["key"]: item["value"] for item in json.loads(run_cli("-w", workspace, "config", "show", "--json").out)
    }
    assert (values["operator"], values["serve.port"]) == ('示例"员', "9000")
    assert run_cli("-w", workspace, "config", "set", "label.font", "f.ttf").status == 0
    assert 'label.font = "f.ttf"\n[serve]\nport = 9000\n' in path.read_text("utf-8")


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        ("oprator", "x", "settings.no_such"),
        ("sync.timeout", "soon", "settings.value"),
        ("host", "a\nb", "settings.value"),
        ("serve.port", "1", "settings.value"),
    ],
)
def test_what_is_no_setting_changes_nothing(run_cli: RunCli, tmp_path: Path, key: str, value: str, code: str) -> None:
    path = tmp_path / "tracelib.toml"
    path.write_text("[serve]\nport = 9000\n", "utf-8")
    done = run_cli("-w", tmp_path, "config", "set", key, value)
    assert (done.status, code in done.err) == (7, True), done.err
    assert path.read_text("utf-8") == "[serve]\nport = 9000\n"


def test_report_of_a_surprise_is_in_the_workspace(workspace: Path, tmp_path: Path) -> None:
    script = (
        "import sys, tracelib_cli.settings as s\n"
        "def broken(*a, **k): raise ZeroDivisionError('surprise')\n"
        "s.Settings.resolve = broken\n"
        "from tracelib_cli.main import run; run(sys.argv[1:])"
    )
    for place, options in ((workspace, ["-w", str(workspace)]), (tmp_path, [])):
        command = [sys.executable, "-P", "-c", script, *options, "party", "list"]
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
        [report] = place.glob("tracelib-report-*.txt")
        assert done.returncode == 1
        assert str(report) in done.stderr
        assert "ZeroDivisionError: surprise" in report.read_text("utf-8")
