"""Completion as the shells really do it, with values of the workspace; and never an error at the Tab key."""

import json
import os
import pty
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tracelib.store.peek import QUERIES, peek
from tracelib_cli.commands.completion import INSTALL

RunCli = Callable[..., Any]
ENV = {"TRACELIB_PASSPHRASE": "a test"}


@pytest.fixture(scope="module")
def workspace(run_cli: RunCli, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("completion") / "w"
    assert run_cli("init", folder, "--party", "GNQC", "--name", "示例合作社", env=ENV).status == 0
    sheet = folder / "harvest.csv"
    lots = "".join(f"GNQC,NAVEL-5KG,{lot},2026-11-03,100\n" for lot in ("26A0137", "26A0138", "26B0001"))
    sheet.write_text(f"party,product,lot,production date,weight (kg)\n{lots}", "utf-8")
    product = ("product", "add", "NAVEL-5KG", "--name-zh", "示例脐橙", "--weight-g", "5000")
    for step in (product, ("batch", "register", sheet)):
        assert run_cli("-w", folder, *step).status == 0
    return folder


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """``tracelib`` on the path, English, nothing of the caller's."""
    folder = tmp_path_factory.mktemp("bin")
    script = folder / "tracelib"
    script.write_text(f"#!{sys.executable} -P\nfrom tracelib_cli.main import run\nrun()\n")
    script.chmod(0o755)
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("TRACELIB_", "LC_", "LANG"))}
    return {**kept, "PATH": f"{folder}:{kept['PATH']}", "HOME": str(folder), "TERM": "xterm"}


def bash(line: str, folder: Path, environment: dict[str, str]) -> list[str]:
    """What bash offers for a line that ends where the cursor is, by its own completion."""
    words = line.split(" ")
    script = (
        'eval "$(tracelib completion bash)"\n'
        f"COMP_WORDS=({' '.join(words[:-1])} '{words[-1]}'); COMP_CWORD={len(words) - 1}\n"
        "function_of() { local words=($(complete -p tracelib)); echo ${words[-2]}; }\n"
        '$(function_of) tracelib; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, cwd=folder, env=environment, check=False
    )
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("tracelib bat", ["batch"]),
        ("tracelib batch sho", ["show"]),
        ("tracelib batch show 26A", ["26A0137", "26A0138"]),
        ("tracelib batch show NAVEL-5KG/26B", ["NAVEL-5KG/26B0001"]),
        ("tracelib batch show GNQC/NAVEL-5KG/26B", ["GNQC/NAVEL-5KG/26B0001"]),
        ("tracelib batch list --party G", ["GNQC"]),
        ("tracelib label print 26A0137 --template a4", ["a4-14", "a4-24"]),
        ("tracelib key show r", []),
        ("tracelib delegate grant --by ", ["root"]),
        ("tracelib config set sync.t", ["sync.token", "sync.timeout"]),
        ("tracelib batch show 26A*", []),
        ("tracelib nosuch x", []),
    ],
)
def test_bash(workspace: Path, environment: dict[str, str], line: str, offered: list[str]) -> None:
    assert bash(line, workspace, environment) == offered


def test_a_workspace_that_is_named(workspace: Path, environment: dict[str, str], tmp_path: Path) -> None:
    assert bash(f"tracelib -w {workspace} batch show 26B", tmp_path, environment) == ["26B0001"]


@pytest.mark.parametrize(
    "content", [None, "party = ", 'database = "sqlite:///broken.db"', 'database = "postgresql://x"']
)
def test_nothing_is_offered_and_nothing_complains(
    environment: dict[str, str], tmp_path: Path, content: str | None
) -> None:
    if content is not None:
        (tmp_path / "tracelib.toml").write_text(content, "utf-8")
        (tmp_path / "broken.db").write_bytes(b"no database" * 100)
    assert bash("tracelib batch show 2", tmp_path, environment) == []
    assert bash("tracelib batch sh", tmp_path, environment) == ["show"]


@pytest.mark.skipif(shutil.which("fish") is None, reason="needs fish")
def test_fish(workspace: Path, environment: dict[str, str]) -> None:
    script = "tracelib completion fish | source; complete -C 'tracelib batch show 26A'"
    done = subprocess.run(
        ["fish", "--no-config", "-c", script],
        capture_output=True,
        text=True,
        cwd=workspace,
        env=environment,
        check=True,
    )
    assert [line.split("\t")[0] for line in done.stdout.splitlines()] == ["26A0137", "26A0138"]


@pytest.mark.skipif(shutil.which("zsh") is None, reason="needs zsh")
def test_zsh(workspace: Path, environment: dict[str, str]) -> None:
    pid, terminal = pty.fork()
    if pid == 0:  # pragma: no cover - the child
        os.chdir(workspace)
        os.execvpe("zsh", ["zsh", "-f", "-i"], environment)
    os.write(terminal, b'autoload -U compinit; compinit -u -D; eval "$(tracelib completion zsh)"; echo rea""dy\n')
    assert "ready" in _screen(terminal, "ready")
    os.write(terminal, b"tracelib batch show 26B\t")
    assert "26B0001" in _screen(terminal, "26B0001")
    os.close(terminal)
    os.waitpid(pid, 0)


def _screen(terminal: int, until: str) -> str:
    shown, deadline = "", time.monotonic() + 30
    while until not in shown and time.monotonic() < deadline:
        if select.select([terminal], [], [], 1)[0]:
            shown += os.read(terminal, 4096).decode(errors="replace")
    return shown


def test_powershell_by_its_protocol(run_cli: RunCli, workspace: Path) -> None:
    """PowerShell itself is seldom here: this is what its script sends and gets."""
    words = {"COMP_WORDS": "tracelib\nbatch\nshow\n26B", "COMP_CURRENT": "26B"}
    done = run_cli(env={**words, "_TRACELIB_COMPLETE": "powershell_complete"}, cwd=workspace)
    assert (done.status, done.out) == (0, "26B0001\tNAVEL-5KG\n")
    start = {"COMP_WORDS": "tracelib\nbatch\nshow", "COMP_CURRENT": ""}
    done = run_cli(env={**start, "_TRACELIB_COMPLETE": "powershell_complete"}, cwd=workspace)
    assert done.out.splitlines()[0] == "26A0137\tNAVEL-5KG"


@pytest.mark.parametrize("shell", INSTALL)
def test_the_script_says_how_to_install_it(run_cli: RunCli, shell: str, tmp_path: Path) -> None:
    answer = json.loads(run_cli("completion", shell, "--json", cwd=tmp_path).out)
    assert "_TRACELIB_COMPLETE" in answer["script"]
    assert f"tracelib completion {shell}" in answer["install"]


@pytest.mark.parametrize("what", QUERIES)
def test_every_query_fits_the_schema(workspace: Path, what: str) -> None:
    assert bool(peek(f"sqlite:///{workspace / 'tracelib.db'}", what, "")) == (what != "brand")


def test_values_from_a_server(store_url: str) -> None:
    """The same answers from both databases; a wild card is a letter like any other."""
    from tracelib.catalog.party import Party
    from tracelib.store.unit_of_work import Store

    with Store.open(store_url) as store, store.unit_of_work() as uow:
        for number in range(60):
            uow.catalog.add(Party(id=f"COOP{number:02}", name_zh=f"示例{number:02}社"))
    assert peek(store_url, "party", "COOP1")[:2] == [("COOP10", "示例10社"), ("COOP11", "示例11社")]
    assert len(peek(store_url, "party", "")) == 50
    for nothing in ("coop", "COOP*", "COOP_", "%", "'"):
        assert peek(store_url, "party", nothing) == []
    for what in QUERIES:
        assert isinstance(peek(store_url, what, ""), list)
    assert peek(store_url.replace("store.db", "none.db").replace("tracelib_test", "no_such"), "party", "") == []


def test_server_that_does_not_answer_costs_a_second() -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        begun = time.monotonic()
        url = f"postgresql+psycopg://nobody@127.0.0.1:{silent.getsockname()[1]}/x"
        assert peek(url, "party", "") == []
        assert time.monotonic() - begun < 10, "a shell that waits for ever is the fault"
