"""A second machine on the books of the first: the steps of docs/postgresql.md, and what must not happen there."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

RunCli = Callable[..., Any]
ENV = {"TRACELIB_PASSPHRASE": "a test"}
ALIEN = "ab" * 32


@pytest.fixture
def first(run_cli: RunCli, tmp_path: Path, store_url: str) -> Path:
    """The first machine: a trial on the shared database."""
    folder = tmp_path / "first"
    done = run_cli("--database", store_url, "init", folder, "--trial", "--uscc", "91110000600037341L", env=ENV)
    assert done.status == 0, done.err
    return folder


def fingerprint(run_cli: RunCli, folder: Path) -> str:
    return str(json.loads(run_cli("-w", folder, "root", "show", "--json").out)["fingerprint"])


def documented() -> list[str]:
    """The commands of the second code block of the page: every line, those of the first machine without their ``#``."""
    text = (Path(__file__).parents[2] / "docs" / "postgresql.md").read_text("utf-8")
    block = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)[1]
    joined = re.sub(r"\\\n#\s*", "", block)
    return [line for line in joined.splitlines() if line]


def test_the_steps_of_the_page_end_with_codes(run_cli: RunCli, tmp_path: Path, first: Path, store_url: str) -> None:
    second, told = tmp_path / "coop", ""
    root = fingerprint(run_cli, first)
    sheet = tmp_path / "harvest.csv"
    sheet.write_text("party,product,lot,production date,weight (kg)\nCOOP1,BOX-5KG,LOT,2026-11-03,500\n", "utf-8")
    assert run_cli("-w", first, "batch", "register", sheet).status == 0
    bundle = tmp_path / "trust.bundle"
    assert run_cli("-w", first, "bundle", "export", "--out", bundle, env=ENV).status == 0
    for line in documented()[1:]:
        if line.startswith("cd "):
            continue
        at_first = line.startswith("# first machine: ")
        words = line.removeprefix("# first machine: ").removeprefix("tracelib ").split()
        words = [{"FINGERPRINT": root, "trust.bundle": str(bundle)}.get(word, word) for word in words]
        if words[0] == "--database":
            words[1] = store_url
        cwd = tmp_path if "init" in words else second
        where = ["-w", first] if at_first else []
        secret = {"TRACELIB_ONE_TIME_PASSPHRASE": told} if told else {}
        done = run_cli(*where, *words, cwd=cwd, env={**ENV, **secret})
        assert done.status == 0, (line, done.err)
        told = told or "".join(re.findall(r"(?:[A-Z0-9]{4}-){4}[A-Z0-9]{4}", done.err)[:1])
    codes = (second / "codes.csv").read_text().split()[1:]
    assert len(codes) == 48
    verdict = json.loads(run_cli("-w", second, "code", "verify", codes[0], "--json", env=ENV).out)
    assert verdict["verdict"] == "registered"


def test_no_second_root_comes_into_the_same_books(run_cli: RunCli, tmp_path: Path, first: Path, store_url: str) -> None:
    root = fingerprint(run_cli, first)
    for options in (("--trial",), (), ("--root", ALIEN)):
        done = run_cli("--database", store_url, "init", tmp_path / "second", *options, env=ENV)
        assert (done.status, "init.other_root" in done.err, root in done.err) == (5, True, True), done.err
    assert not (tmp_path / "second").exists()


def test_a_party_that_is_recorded_otherwise_is_told_before_anything_is_made(
    run_cli: RunCli, tmp_path: Path, first: Path, store_url: str
) -> None:
    root, second = fingerprint(run_cli, first), tmp_path / "second"
    join = ("--database", store_url, "init", second, "--root", root, "--party")
    refused = run_cli(*join, "COOP1", "--name", "示例二社")
    assert (refused.status, "catalogue.differs" in refused.err, second.exists()) == (5, True, False)
    refused = run_cli(*join, "COOP2", "--name", "示例二社", "--uscc", "91110000600037341L")
    assert (refused.status, "catalogue.uscc_taken" in refused.err, second.exists()) == (5, True, False)
    joined = run_cli(*join, "COOP2", "--name", "示例二社")
    assert joined.status == 0, joined.err
    assert 'party = "COOP2"' in (second / "tracelib.toml").read_text("utf-8")


def test_a_run_that_was_cut_off_is_not_gone_on_with_for_somebody_else(run_cli: RunCli, tmp_path: Path) -> None:
    folder = tmp_path / "w"
    assert run_cli("init", folder, "--party", "COOP1", "--name", "示例合作社", env=ENV).status == 0
    plan = {"kind": "plain", "host": "q.example.com", "party": "COOP1", "name": "示例合作社"}
    (folder / "init.json").write_text(json.dumps(plan), "utf-8")  # as a kill leaves it
    other = run_cli("init", folder, "--party", "COOP2", "--name", "示例二社", env=ENV)
    assert (other.status, "init.other_plan" in other.err, "--party «COOP1»" in other.err) == (5, True, True), other.err
    assert (folder / "init.json").is_file()
    assert run_cli("init", folder, "--party", "COOP1", "--name", "示例合作社", env=ENV).status == 0
    assert not (folder / "init.json").exists()


def test_a_database_is_looked_at_before_it_is_set(run_cli: RunCli, tmp_path: Path, first: Path) -> None:
    file = first / "tracelib.toml"
    before = file.read_text("utf-8")
    other = tmp_path / "other"
    assert run_cli("init", other, env=ENV).status == 0
    for value, code in (
        ("nonsense", "store.url"),
        ("postgresql://clerk:s3cret@127.0.0.1/coop", "init.database_password"),
        ("sqlite:///not-there.db", "config.database"),
        (f"sqlite:///{other / 'tracelib.db'}", "init.other_root"),
    ):
        done = run_cli("-w", first, "config", "set", "database", value)
        assert (done.status != 0, code in done.err, "s3cret" in done.err) == (True, True, False), (value, done.err)
        assert file.read_text("utf-8") == before


def test_a_wrong_database_in_the_file_can_be_set_right(run_cli: RunCli, first: Path, store_url: str) -> None:
    file = first / "tracelib.toml"
    right = file.read_text("utf-8")
    file.write_text(right.replace(store_url, "nonsense"), "utf-8")
    assert run_cli("-w", first, "party", "list").status != 0
    done = run_cli("-w", first, "config", "set", "database", store_url)
    assert done.status == 0, done.err
    assert file.read_text("utf-8") == right
    noted = json.loads(run_cli("-w", first, "changes", "--json").out)["changes"]
    assert [(one["verb"], one["subject"]) for one in noted if one["verb"] == "config.set"] == [
        ("config.set", "database")
    ]


@pytest.mark.parametrize(
    ("key", "value"), [("host", "Q.example.com"), ("host", "https://q.gannan.cn"), ("host", ""), ("path", "a/b/c")]
)
def test_what_no_code_can_carry_is_not_set(run_cli: RunCli, tmp_path: Path, key: str, value: str) -> None:
    folder = tmp_path / "w"
    assert run_cli("init", folder, env=ENV).status == 0
    before = (folder / "tracelib.toml").read_text("utf-8")
    done = run_cli("-w", folder, "config", "set", key, value)
    assert (done.status, "code.field" in done.err) == (3, True), done.err
    assert (folder / "tracelib.toml").read_text("utf-8") == before
    (folder / "tracelib.toml").write_text(before.replace('host = "q.example.com"', f'{key} = "{value}"'), "utf-8")
    found = run_cli("-w", folder, "doctor", "--json")
    assert (found.status, [one["state"] for one in json.loads(found.out) if one["name"] == "Host"]) == (1, ["bad"])
