"""The frame of the command line: help in two languages, statuses, what is loaded when."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tracelib_cli.main import COMMANDS

RunCli = Callable[..., Any]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", [None, *COMMANDS])
def test_help_has_an_example(run_cli: RunCli, name: str | None, language: str) -> None:
    done = run_cli("--lang", language, *([name] if name else []), "--help")
    assert done.status == 0, done.err
    assert "tracelib" in done.out
    assert ("Usage" if language == "en" else "用法") in done.out
    if name:
        assert ("Example" if language == "en" else "例") in done.out


def test_every_command_is_listed(run_cli: RunCli) -> None:
    listed = run_cli("--help").out
    assert all(f"\n  {name} " in listed for name in COMMANDS)


def test_help_loads_no_heavy_library() -> None:
    script = (
        "import sys\nfrom tracelib_cli.main import main\n"
        "try: main.main(['--help'], standalone_mode=False)\nexcept SystemExit: pass\n"
        "heavy = ('sqlmodel', 'numpy', 'pydantic', 'cryptography', 'rich', 'cv2')\n"
        "print('heavy:', [m for m in heavy if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("heavy: []\n")


def test_log_level_that_is_none_is_said_and_work_goes_on(run_cli: RunCli) -> None:
    done = run_cli("--version", env={"TRACELIB_LOG": "foo"})
    assert done.status == 0
    assert "DEBUG, INFO, WARNING" in done.err
    assert "Traceback" not in done.err
    assert run_cli("--version", env={"TRACELIB_LOG": "debug"}).err == ""


def test_an_option_of_the_program_after_the_command_is_explained(run_cli: RunCli) -> None:
    done = run_cli("--lang", "zh", "catalog", "check", "--as", "王会计")
    assert done.status == 2
    assert "--as 要写在命令前面：tracelib --as … catalog check …" in done.err


def test_unknown_command_is_usage(run_cli: RunCli) -> None:
    done = run_cli("--lang", "zh", "cood")
    assert done.status == 2
    assert "没有命令" in done.err
    assert done.out == ""


def test_outside_a_workspace(run_cli: RunCli, tmp_path: Path) -> None:
    done = run_cli("batch", "list", cwd=tmp_path)
    assert done.status == 6
    assert "tracelib init" in done.err
    assert "Traceback" not in done.err


def test_error_as_json(run_cli: RunCli, tmp_path: Path) -> None:
    done = run_cli("batch", "list", "--json", cwd=tmp_path)
    error = json.loads(done.err)["error"]
    assert (error["code"], error["status"]) == ("workspace.none", 6)


def test_version(run_cli: RunCli) -> None:
    assert run_cli("--version").out == "tracelib 0.1.0\n"


def test_language_from_variable(run_cli: RunCli, tmp_path: Path) -> None:
    assert run_cli("batch", "list", cwd=tmp_path, env={"TRACELIB_LANG": "zh"}).err.startswith("错误")
    assert run_cli("batch", "list", cwd=tmp_path, env={"LC_ALL": "zh_CN.UTF-8"}).err.startswith("错误")
    assert run_cli("batch", "list", cwd=tmp_path, env={"LC_ALL": "C"}).err.startswith("Error")


def test_language_from_the_workspace(run_cli: RunCli, tmp_path: Path) -> None:
    """As the setting ``lang`` says, from anywhere in the workspace and from without; what is nearer says more."""
    folder = tmp_path / "w"
    (folder / "deep").mkdir(parents=True)
    (folder / "tracelib.toml").write_text('lang = "zh"\n', encoding="utf-8")
    for options, cwd in (((), folder), ((), folder / "deep"), (("-w", folder), tmp_path),
                         ((f"--workspace={folder}",), tmp_path)):  # fmt: skip
        assert run_cli(*options, "batch", "list", cwd=cwd).err.startswith("错误"), options
        assert "显示" in run_cli(*options, "batch", "list", "--help", cwd=cwd).out
    assert run_cli("batch", "list", cwd=tmp_path, env={"TRACELIB_WORKSPACE": str(folder)}).err.startswith("错误")
    assert run_cli("--lang", "en", "batch", "list", cwd=folder).err.startswith("Error")
    assert run_cli("batch", "list", cwd=folder, env={"TRACELIB_LANG": "en"}).err.startswith("Error")
    assert run_cli("batch", "list", cwd=folder, env={"LC_ALL": "en_GB.UTF-8"}).err.startswith("错误")
    for broken in ('lang = "fr"\n', "lang = 7\n", "lang = [", "\xff"):
        (folder / "tracelib.toml").write_bytes(broken.encode("latin-1"))
        done = run_cli("batch", "list", cwd=folder)
        assert (done.status, done.err.startswith("Error [settings."), "Traceback" in done.err) == (7, True, False)


def test_config_show_names_the_origin(run_cli: RunCli, tmp_path: Path) -> None:
    (tmp_path / "tracelib.toml").write_text('host = "code.example.org"\n', encoding="utf-8")
    done = run_cli("config", "show", "--json", cwd=tmp_path)
    values = {item["key"]: item for item in json.loads(done.out)}
    assert (values["host"]["value"], values["host"]["origin"]) == ("code.example.org", "tracelib.toml")


def test_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    code = "from tracelib_cli.main import run; run()"
    script = f"set -o pipefail; '{sys.executable}' -P -c '{code}' config show | head -1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.stdout.splitlines()[-1] == "0"
    assert "Traceback" not in done.stderr


def test_closed_descriptor_for_the_passphrase(run_cli: RunCli, tmp_path: Path) -> None:
    done = run_cli("--passphrase-fd", "77", "init", tmp_path / "w")
    assert (done.status, "settings.passphrase_fd" in done.err) == (7, True)
