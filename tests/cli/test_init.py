"""``tracelib init``: scripts are never asked, a trial ends ready to issue, a person is asked and helped."""

import json
import os
import pty
import select
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy

RunCli = Callable[..., Any]
ENV = {"TRACELIB_PASSPHRASE": "a test"}
FINGERPRINT = "ab" * 32
TRIAL = ("--trial", "--party", "GNQC", "--name", "示例合作社", "--uscc", "91110000600037341L")


def test_plain_init_is_for_scripts(run_cli: RunCli, tmp_path: Path) -> None:
    done = run_cli("init", tmp_path / "w", "--json", env=ENV)
    answer = json.loads(done.out)
    assert (done.status, answer["test"], answer["party"]) == (0, True, None)
    assert sorted(path.name for path in (tmp_path / "w").iterdir()) == [
        "keys",
        "tracelib.db",
        "tracelib.toml",
        "workspace.id",
    ]
    again = run_cli("init", tmp_path / "w", env=ENV)
    assert (again.status, "workspace.exists" in again.err) == (5, True)


def test_nobody_is_asked_away_from_a_terminal(run_cli: RunCli, tmp_path: Path) -> None:
    done = run_cli("init", env=ENV, cwd=tmp_path)
    assert (done.status, "tracelib init DIR" in done.err) == (2, True)
    assert run_cli("init", "w", cwd=tmp_path).status == 7  # no passphrase
    assert list(tmp_path.iterdir()) == []


def issue_a_code(run_cli: RunCli, folder: Path, product: str) -> str:
    """Register a batch and issue one code in a workspace; the code."""
    sheet = folder / "harvest.csv"
    sheet.write_text(f"party,product,lot,production date,weight (kg)\nGNQC,{product},26A1,2026-11-03,100\n", "utf-8")
    assert run_cli("-w", folder, "batch", "register", sheet).status == 0
    done = run_cli("-w", folder, "code", "issue", "26A1", "--count", "1", "--level", "carton", "--grade", "1",
                   "--out", folder / "codes.csv", env=ENV)  # fmt: skip
    assert done.status == 0, done.err
    return (folder / "codes.csv").read_text().split()[1]


def test_a_trial_issues_at_once(run_cli: RunCli, tmp_path: Path) -> None:
    folder = tmp_path / "my coop"
    done = run_cli("--lang", "zh", "--as", "示例文员", "init", folder, *TRIAL, env=ENV)
    assert done.status == 0, done.err
    assert f'cd "{folder}"' in done.out
    assert "tracelib code issue BOX-5KG/LOT" in done.out
    code = issue_a_code(run_cli, folder, "BOX-5KG")
    verdict = json.loads(run_cli("-w", folder, "code", "verify", code, "--json", env=ENV).out)
    assert verdict["verdict"] == "registered"
    party = json.loads(run_cli("-w", folder, "party", "show", "GNQC", "--json").out)
    assert (party["name_zh"], party["uscc"]) == ("示例合作社", "91110000600037341L")
    noted = json.loads(run_cli("-w", folder, "changes", "--json").out)["changes"]
    assert {change["operator"] for change in noted} == {"示例文员"}
    assert run_cli("-w", folder, "doctor").status == 0


def test_a_trial_killed_anywhere_can_be_run_again(run_cli: RunCli, tmp_path: Path) -> None:
    """Stopped after so many commands of its own, then run again until it is through."""
    script = (
        "import os, sys\nfrom tracelib_cli.demo import program\n"
        "run, left = program.Program.run, [int(sys.argv.pop(1))]\n"
        "def some(*a, **k):\n"
        "    left[0] -= 1\n"
        "    if left[0] < 0: os._exit(77)\n"
        "    return run(*a, **k)\n"
        "program.Program.run = some\nfrom tracelib_cli.main import run as go; go()"
    )
    folder = tmp_path / "w"
    statuses = []
    for steps in (0, 3, 9, 12):
        command = [sys.executable, "-P", "-c", script, str(steps), "init", str(folder), *TRIAL]
        statuses.append(subprocess.run(command, env={**os.environ, **ENV}, capture_output=True, check=False).returncode)
    assert statuses == [77] * 4
    assert (folder / "init.json").is_file()
    assert run_cli("init", folder, env={"TRACELIB_PASSPHRASE": "another"}).status == 7
    assert run_cli("init", folder, env=ENV).status == 0
    assert not (folder / "init.json").exists()
    keys = {key["name"] for key in json.loads(run_cli("-w", folder, "key", "list", "--json").out)}
    assert keys == {"root", "brand-gnqc", "coop-gnqc"}
    assert issue_a_code(run_cli, folder, "BOX-5KG").startswith("https://q.example.com/")


def test_a_county_is_told_what_to_send_to_whom(run_cli: RunCli, tmp_path: Path) -> None:
    done = run_cli("init", tmp_path / "w", "--root", FINGERPRINT, "--party", "GNQC", "--name", "示例合作社")
    assert done.status == 0, done.err
    for command in (
        "tracelib bundle import trust.bundle",
        "tracelib delegate request coop-gnqc --parent OFFICE --party GNQC --out coop-gnqc.request",
        "tracelib delegate accept coop-gnqc.grant",
    ):
        assert command in done.out
    assert run_cli("-w", tmp_path / "w", "party", "show", "GNQC").status == 0


@pytest.mark.parametrize(
    ("options", "status"),
    [
        (("--trial", "--root", FINGERPRINT), 2),
        (("--party", "GNQC"), 2),
        (("--product", "P1"), 2),
        (("--root", "AB"), 3),
        (("--trial", "--party", "gnqc", "--name", "示例"), 3),
        (("--trial", "--party", "GNQC", "--name", "示例", "--uscc", "911100006000373410"), 3),
        (("--trial", "--party", "GNQC", "--name", " "), 3),
        (("--host", "Q.example.com"), 3),
        (("--trial", "--product", "品"), 3),
    ],
)
def test_wrong_answers_make_nothing(run_cli: RunCli, tmp_path: Path, options: tuple[str, ...], status: int) -> None:
    done = run_cli("init", tmp_path / "w", *options, env=ENV)
    assert (done.status, "Traceback" in done.err) == (status, False), done.err
    assert not (tmp_path / "w").exists()


def converse(command: list[str], folder: Path, answers: list[tuple[str, str]]) -> str:
    """Run a command on a terminal and answer its questions as they come; what stood on the screen."""
    pid, terminal = pty.fork()
    if pid == 0:  # pragma: no cover - the child
        os.chdir(folder)
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("TRACELIB_", "LC_", "LANG"))}
        os.execve(sys.executable, [sys.executable, "-P", "-c", "from tracelib_cli.main import run; run()", *command],
                  {**kept, "LC_ALL": "C.UTF-8", "COLUMNS": "100"})  # fmt: skip
    screen, left, deadline = b"", list(answers), time.monotonic() + 90
    while time.monotonic() < deadline:
        if not select.select([terminal], [], [], 1)[0]:
            continue
        try:
            piece = os.read(terminal, 4096)
        except OSError:  # the other side is gone
            break
        if not piece:
            break
        screen += piece
        if left and screen.decode(errors="ignore").rpartition(left[0][0])[1]:
            os.write(terminal, f"{left.pop(0)[1]}\n".encode())
            screen += b"\n--\n"
    os.close(terminal)
    os.waitpid(pid, 0)
    assert not left, screen.decode(errors="replace")
    return screen.decode(errors="replace")


def test_a_person_is_asked_and_wrong_answers_are_explained(run_cli: RunCli, tmp_path: Path) -> None:
    screen = converse(
        ["--lang", "zh", "init"],
        tmp_path,
        [
            ("文件夹 [my-coop]:", "mine"),
            ("编号 (1, 2, 3) [1]:", ""),
            ("合作社或企业名称 [示例合作社]:", "示例脐橙合作社"),
            ("自己的编号 [COOP1]:", "gnqc"),
            ("gnqc”", "GNQC"),
            ("统一社会信用代码:", ""),
            ("产品名称", ""),
            ("产品编号", ""),
            ("您的姓名", "示例文员"),
            ("确定新建吗", "y"),
            ("的口令:", "a test"),
            ("再输入一次", "a test"),
        ],
    )
    assert "示例脐橙合作社 (GNQC)" in screen
    assert "已备好，可以发码" in screen
    assert 'operator = "示例文员"' in (tmp_path / "mine" / "tracelib.toml").read_text("utf-8")
    assert issue_a_code(run_cli, tmp_path / "mine", "BOX-5KG")


def test_a_new_passphrase_is_asked_for_until_it_is_good(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing, too short, said twice differently, good: the answers that were given before are not lost."""
    from tracelib_cli.context import Context

    answers = iter(["", "short", "a test", "b test", "a test", "a test"])
    monkeypatch.setattr("click.prompt", lambda *_, **__: next(answers))
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.delenv("TRACELIB_PASSPHRASE", raising=False)
    assert Context(options={}, language="en").ask_passphrase("the new key store", confirm=True) == b"a test"
    told = capsys.readouterr().err
    assert [told.count(text) for text in ("An answer is needed here", "too short", "not the same")] == [1, 1, 1]


def test_for_real_labels_nobody_is_called_as_in_the_sample(tmp_path: Path) -> None:
    screen = converse(
        ["--lang", "en", "init"],
        tmp_path,
        [
            ("Folder [my-coop]:", "mine"),
            ("Number (1, 2, 3) [1]:", "2"),
            ("Fingerprint of the root:", "0" * 64),
            ("Name of the co-operative or firm:", ""),
            ("An answer is needed here.", "示例脐橙合作社"),
            ("Own id:", "GNQC"),
            ("统一社会信用代码:", ""),
            ("Host name:", ""),
            ("An answer is needed here.", "code.example.com"),
            ("Your name", "示例文员"),
            ("Make it?", "y"),
        ],
    )
    assert "COOP1" not in screen
    assert 'host = "code.example.com"' in (tmp_path / "mine" / "tracelib.toml").read_text("utf-8")


@pytest.mark.parametrize("passphrase", ["", "x", "abcde", "口令", "     x     "])
def test_a_passphrase_that_anybody_guesses_makes_nothing(run_cli: RunCli, tmp_path: Path, passphrase: str) -> None:
    done = run_cli("init", tmp_path / "w", env={"TRACELIB_PASSPHRASE": passphrase})
    assert "[settings.short_passphrase]" in done.err
    assert not (tmp_path / "w").exists()


def test_nobody_is_sent_where_he_stands(run_cli: RunCli, tmp_path: Path) -> None:
    done = run_cli("init", ".", cwd=tmp_path, env=ENV)
    assert (done.status, "cd " in done.out) == (0, False)


def test_the_database_of_a_trial_is_kept(run_cli: RunCli, tmp_path: Path, store_url: str) -> None:
    folder = tmp_path / "w"
    done = run_cli("--database", store_url, "init", folder, *TRIAL, env=ENV)
    assert done.status == 0, done.err
    assert not (folder / "tracelib.db").exists()
    shown = json.loads(run_cli("-w", folder, "config", "show", "--json").out)
    assert [one["value"] for one in shown if one["key"] == "database"] == [store_url]
    issue_a_code(run_cli, folder, "BOX-5KG")
    with sqlalchemy.create_engine(store_url).connect() as connection:
        assert connection.execute(sqlalchemy.text("SELECT count(*) FROM code_range")).scalar() == 1


def test_a_server_that_is_away_leaves_nothing(run_cli: RunCli, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"postgresql://clerk@127.0.0.1:{free.getsockname()[1]}/coop"
        done = run_cli("--database", url, "init", tmp_path / "w", *TRIAL, env=ENV)
    assert (done.status, "store.unreachable" in done.err, "Connection refused" in done.err) == (8, True, True)
    assert list(tmp_path.iterdir()) == []


def test_a_password_is_not_written_into_the_settings(run_cli: RunCli, tmp_path: Path, store_url: str) -> None:
    secret = "postgresql://clerk:s3cret@127.0.0.1/coop"
    done = run_cli("--database", secret, "init", tmp_path / "w", env=ENV)
    assert (done.status, "init.database_password" in done.err, "s3cret" in done.err) == (5, True, False)
    done = run_cli("--database", f"{secret.replace(':s3cret', '')}?password=s3cret", "init", tmp_path / "w", env=ENV)
    assert (done.status, "init.database_password" in done.err, "s3cret" in done.err) == (5, True, False)
    assert not (tmp_path / "w").exists()
    if store_url.startswith("postgresql"):  # in the variable it stays there
        named = sqlalchemy.make_url(store_url).set(password="s3cret").render_as_string(hide_password=False)
        done = run_cli("init", tmp_path / "w", env={**ENV, "TRACELIB_DATABASE": named})
        assert (done.status, "database" in (tmp_path / "w" / "tracelib.toml").read_text()) == (0, False), done.err


def test_a_restore_writes_no_password_either(run_cli: RunCli, tmp_path: Path) -> None:
    assert run_cli("init", tmp_path / "w", env=ENV).status == 0
    assert run_cli("-w", tmp_path / "w", "backup", tmp_path / "b.backup").status == 0
    url = "postgresql://clerk:s3cret@127.0.0.1/coop"
    done = run_cli("--database", url, "restore", tmp_path / "b.backup", "--into", tmp_path / "again")
    assert (done.status, "init.database_password" in done.err, (tmp_path / "again").exists()) == (5, True, False)
