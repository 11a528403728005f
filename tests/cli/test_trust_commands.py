"""``init``, ``root``, ``key``, ``delegate``, ``bundle`` as people run them: an association and a co-operative, each
with a workspace of its own, that send each other files.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pytest


class Result(Protocol):
    status: int
    out: str
    err: str


Run = Callable[..., Result]
ENV = {"TRACELIB_PASSPHRASE": "trust test"}


@dataclass(frozen=True)
class Two:
    """The association's workspace, the co-operative's, and the folder where files are handed over."""

    run: Run
    assoc: Path
    coop: Path
    post: Path
    fingerprint: str
    one_time: str

    def at(self, folder: Path, line: str, **env: str) -> Result:
        """Run a line of words in a workspace; ``@`` stands for the folder of the post."""
        words = [word.replace("@", f"{self.post}/") for word in line.split()]
        return self.run(*words, cwd=folder, env=ENV | env)

    def good(self, folder: Path, line: str, **env: str) -> Any:  # noqa: ANN401
        """The JSON answer of a line that must succeed."""
        done = self.at(folder, f"{line} --json", **env)
        assert done.status == 0, (line, done.err)
        return json.loads(done.out)


@pytest.fixture(scope="module")
def made(run_cli: Run, tmp_path_factory: pytest.TempPathFactory) -> Two:
    """Root and brand at the association; the co-operative has asked, was granted, and has not accepted yet."""
    base = tmp_path_factory.mktemp("two")
    post = base / "post"
    post.mkdir()
    done = run_cli("init", base / "assoc", "--json", env=ENV)
    assert done.status == 0, done.err
    fingerprint = json.loads(done.out)["root"]
    two = Two(run_cli, base / "assoc", base / "coop", post, fingerprint, "")
    for line in (
        "party add ASSOC --name-zh 示例果业协会 --name-en Association",
        "party add COOP --name-zh 示例合作社 --name-en Co-operative",
        "key new brand",
        "delegate grant --by root --key brand --party ASSOC --max-units 1000000",
        "bundle export --out @first.bundle",
    ):
        two.good(two.assoc, line)
    done = run_cli("init", two.coop, "--root", fingerprint)
    assert (done.status, done.err) == (0, "")
    assert not (two.coop / "keys").exists(), "who joins a root gets no key of it"
    for line in (
        "bundle import @first.bundle",
        "party add COOP --name-zh 示例合作社 --name-en Co-operative",
        "product add NAVEL --party COOP --name-zh 赣南脐橙 --weight-g 5000",
        "key new coop --suite 2",
        "delegate request coop --parent ASSOC --party COOP --out @coop.request",
    ):
        two.good(two.coop, line)
    line = "delegate grant @coop.request --by brand --product P/NAVEL --max-units 1000 --out @coop.grant"
    done = two.at(two.assoc, line)
    assert done.status == 0, done.err
    assert "P/NAVEL" in done.out
    return Two(run_cli, two.assoc, two.coop, post, fingerprint, done.err.split()[-1])


@pytest.fixture
def two(made: Two, tmp_path: Path) -> Two:
    """A fresh copy of both workspaces and of what is in the post; without the guard's file, for it notices a copy."""
    base = tmp_path / "two"
    shutil.copytree(made.assoc.parent, base, ignore=shutil.ignore_patterns("counters.*"))
    return Two(made.run, base / "assoc", base / "coop", base / "post", made.fingerprint, made.one_time)


def test_exchange_ends_with_a_code_that_anybody_verifies(two: Two) -> None:
    """Request, grant, acceptance; a code; a new bundle; and a verifier with nothing but bundle and fingerprint."""
    accepted = two.good(two.coop, "delegate accept @coop.grant", TRACELIB_ONE_TIME_PASSPHRASE=two.one_time)
    assert (accepted["party"], accepted["products"], accepted["max_units"]) == ("COOP", ["P/NAVEL"], 1000)
    (two.coop / "b.csv").write_text("主体编号,产品编号,批号,生产日期,重量(kg)\nCOOP,NAVEL,26A1,2026-11-03,100\n")
    two.good(two.coop, "batch register b.csv")
    two.good(two.coop, "code issue 26A1 --count 2 --level carton --out @codes.csv")
    two.good(two.assoc, "bundle export --out @second.bundle")
    code = (two.post / "codes.csv").read_text().splitlines()[1]
    arguments = ("code", "verify", "--bundle", two.post / "second.bundle")
    done = two.run(*arguments, "--root", two.fingerprint, "--json", code, cwd=two.post)
    answer = json.loads(done.out)
    assert (done.status, answer["verdict"], answer["trust"]) == (0, "signature_valid", "pinned")
    assert (answer["issuer"]["name"], answer["environment"]) == ("示例合作社", "test")
    foreign = two.run(*arguments, "--root", "ab" * 32, code, cwd=two.post)
    assert foreign.status == 4
    assert "trust.foreign_root" in foreign.err
    old = two.run("code", "verify", "--bundle", two.post / "first.bundle", "--root", two.fingerprint, "--json", code)
    assert (old.status, json.loads(old.out)["verdict"]) == (4, "key_unknown"), "the old bundle does not know the key"


def test_line_key_and_recall_are_handed_on_between_bundles(two: Two) -> None:
    two.good(two.coop, "delegate accept @coop.grant", TRACELIB_ONE_TIME_PASSPHRASE=two.one_time)
    two.good(two.coop, "key new line")
    line = two.good(two.coop, "delegate grant --by coop --key line --party COOP --out @line.grant")
    assert (line["counter_window"], line["may_delegate"]) == ([0, 99], 0)
    assert "serial_key" in (two.post / "line.grant").read_text()
    assert json.loads((two.post / "line.grant").read_text())["serial_key"] is None
    assert two.good(two.assoc, "bundle import @line.grant")["key"] == line["key"]
    revoked = two.good(
        two.coop, "key revoke coop --by coop --reason recall --product P/NAVEL --lot 26A1 --out @recall.json"
    )
    assert two.good(two.assoc, "bundle import @recall.json")["lot"] == "26A1"
    shown = two.good(two.assoc, "bundle export --out @third.bundle")
    assert [key["level"] for key in shown["keys"]] == [1, 2, 3]
    assert [(one["key"], one["reason"], one["lot"]) for one in shown["revocations"]] == [
        (revoked["key"], "recall", "26A1")
    ]
    assert two.good(two.assoc, "bundle check @third.bundle")["faults"] == []


def test_workspace_is_made_once(two: Two) -> None:
    before = sorted(path.name for path in two.assoc.iterdir())
    assert before == ["keys", "tracelib.db", "tracelib.toml", "trust.bundle", "workspace.id"]
    done = two.run("init", two.assoc, env=ENV)
    assert (done.status, "workspace.exists" in done.err) == (5, True)
    assert sorted(path.name for path in two.assoc.iterdir()) == before
    shown = two.good(two.assoc, "root show")
    assert (shown["fingerprint"], shown["environment"], shown["threshold"]) == (two.fingerprint, "test", 1)
    (root,) = [key for key in two.good(two.assoc, "key list") if key["name"] == "root"]
    assert (root["root"], root["environment"]) == (two.fingerprint, "test")


@pytest.mark.parametrize(
    ("arguments", "env", "status", "code"),
    [
        ((), {}, 7, "settings.no_passphrase"),
        ((), {"TRACELIB_PASSPHRASE": ""}, 7, "settings.short_passphrase"),
        (("--host", "Q.example.com"), ENV, 3, "code.field"),
        (("--root", "ABC"), ENV, 3, "trust.root_set"),
        (("--root", "AB" * 32), ENV, 3, "trust.root_set"),
    ],
    ids=["nobody to ask", "empty passphrase", "host in capitals", "short fingerprint", "fingerprint in capitals"],
)
def test_init_refuses(
    run_cli: Run, tmp_path: Path, arguments: tuple[str, ...], env: dict[str, str], status: int, code: str
) -> None:
    done = run_cli("init", tmp_path / "w", *arguments, "--json", env=env)
    assert (done.status, json.loads(done.err)["error"]["code"]) == (status, code)
    again = run_cli("init", tmp_path / "w", env=ENV)
    assert (again.status, again.err) == (0, ""), "what was refused leaves nothing in the way"


def test_init_in_a_read_only_folder(run_cli: Run, tmp_path: Path) -> None:
    folder = tmp_path / "r"
    folder.mkdir(mode=0o500)
    if os.access(folder, os.W_OK):  # the superuser: take a place where nobody may write
        folder = Path("/sys/kernel")
        if not folder.is_dir():
            pytest.skip("no folder here refuses the superuser")
    done = run_cli("init", folder / "w", env=ENV)
    assert (done.status, "store.disk" in done.err) == (8, True)


def test_init_where_a_file_is(run_cli: Run, tmp_path: Path) -> None:
    (tmp_path / "w").write_text("a file")
    done = run_cli("init", tmp_path / "w", env=ENV)
    assert (done.status, "is a file" in done.err) == (2, True)
    assert (tmp_path / "w").read_text() == "a file"


def test_init_is_killed_anywhere_and_run_again(run_cli: Run, tmp_path: Path) -> None:
    """Whenever it dies, there is no workspace yet or a whole one, and the root key that was kept is taken up again."""
    for number in range(4):
        folder = tmp_path / f"w{number}"
        command = [sys.executable, "-c", "from tracelib_cli.main import run; run()", "init", str(folder)]
        process = subprocess.Popen(command, env={**os.environ, **ENV}, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        wanted = (folder / "workspace.id", folder / "keys" / "root.key", folder / "tracelib.db", None)[number]
        while wanted is not None and not wanted.exists() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
        process.wait()
        whole = (folder / "tracelib.toml").exists()
        kept = (folder / "keys" / "root.key").exists()
        before = run_cli("-w", folder, "key", "list", "--json").status
        assert before == (0 if whole else 6)
        done = run_cli("init", folder, "--json", env=ENV)
        assert done.status == (5 if whole else 0), done.err
        keys = json.loads(run_cli("-w", folder, "key", "list", "--json").out)
        assert [key["name"] for key in keys] == ["root"]
        if kept and not whole:
            assert keys[0]["root"] == json.loads(done.out)["root"]


def test_production_root(two: Two) -> None:
    """Three keys, two sign; test keys are refused under it; the bundle is signed here, or on two machines."""
    new = "root new --production --keys 3 --threshold 2 --host code.gannan.cn"
    root = two.good(two.assoc, new)
    assert (root["environment"], root["threshold"], len(root["keys"]), len(root["files"])) == ("production", 2, 3, 3)
    toml = two.assoc / "tracelib.toml"
    toml.write_text(f'root = "{root["fingerprint"]}"\nhost = "code.gannan.cn"\n')
    (two.assoc / "trust.bundle").unlink()
    first, second, third = root["files"]
    refused = two.at(two.assoc, f"delegate grant --by {first} --key brand --party ASSOC --json")
    assert (refused.status, json.loads(refused.err)["error"]["code"]) == (5, "trust.key_root")
    two.good(two.assoc, "key new brand-2026")
    done = two.at(two.assoc, f"delegate grant --by {first} --key brand-2026 --party ASSOC")
    assert done.status == 0
    assert "from the next bundle on" in done.err
    assert two.good(two.assoc, "delegate list") == []
    done = two.at(two.assoc, f"bundle export --by {first} --json")
    assert (done.status, json.loads(done.err)["error"]["code"]) == (4, "trust.threshold")
    done = two.at(two.assoc, f"bundle export --by {first} --by brand-2026 --json")
    assert (done.status, json.loads(done.err)["error"]["code"]) == (6, "bundle.no_root_key")

    # on two machines: the second has one key file, and knows no more than the fingerprint
    done = two.at(two.assoc, f"bundle export --by {first} --part --out @part.bundle")
    assert done.status == 0
    assert "1 of 2 signatures" in done.out
    assert not (two.assoc / "trust.bundle").exists()
    assert two.at(two.assoc, f"bundle check @part.bundle --root {root['fingerprint']}").status == 4
    safe = two.post / "safe"
    assert two.run("init", safe, "--root", root["fingerprint"]).status == 0
    (safe / "keys").mkdir()
    shutil.move(two.assoc / "keys" / f"{third}.key", safe / "keys")
    shown = two.at(safe, "bundle show @part.bundle --json")
    seen = json.loads(shown.out)
    assert (shown.status, seen["signatures"], seen["threshold"]) == (4, 1, 2), "who signs next looks at it first"
    assert [key["party"] for key in seen["keys"]] == ["ASSOC"]
    two.good(safe, f"bundle export --add @part.bundle --by {third} --out @whole.bundle")
    shown = two.good(two.assoc, "bundle import @whole.bundle")
    assert (shown["environment"], [key["party"] for key in shown["keys"]]) == ("production", ["ASSOC"])
    assert [key["party"] for key in two.good(two.assoc, "delegate list")] == ["ASSOC"]
    assert two.good(two.assoc, f"bundle export --by {first} --by {second}")["seq"] == 2


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ("", 2),
        ("--keys 3 --threshold 2", 2),
        ("--keys 3 --threshold 1 --host code.gannan.cn", 2),
        ("--keys 2 --threshold 3 --host code.gannan.cn", 3),
        ("--keys 3 --threshold 2 --host q.example.com", 5),
        ("--keys 3 --threshold 2 --host https://code.gannan.cn", 3),
    ],
)
def test_production_root_is_refused_and_makes_no_key(made: Two, options: str, status: int) -> None:
    before = sorted((made.assoc / "keys").iterdir())
    done = made.at(made.assoc, f"root new --production {options}")
    assert (done.status, "Traceback" in done.err) == (status, False)
    assert sorted((made.assoc / "keys").iterdir()) == before
    assert made.at(made.assoc, "root new --keys 3").status == 2, "a test root is made by init"


REFUSED = {
    "wrong passphrase": ("delegate grant --by root --key coop2 --party COOP", 7, "trust.key_passphrase"),
    "unknown key": ("key show nobody", 6, "trust.key_not_found"),
    "name with a path": ("key new ../evil", 3, "trust.key_name_format"),
    "name is taken": ("key new brand", 5, "trust.key_name"),
    "unknown granting key": ("delegate grant --by nobody --key brand --party ASSOC", 6, "trust.key_not_found"),
    "unknown party": ("delegate grant --by root --key brand --party NOBODY", 6, "delegate.holder_unknown"),
    "unknown parent": ("delegate request brand --parent NOBODY --party ASSOC --out @x", 6, "delegate.parent_unknown"),
    "key has a delegation": ("delegate grant --by root --key brand --party ASSOC", 5, "delegate.key_taken"),
    "request is noise": ("delegate grant @noise --by brand --out @x", 3, "trust.enrolment_format"),
    "request is a grant": ("delegate grant @coop.grant --by brand --out @x", 3, "trust.enrolment_format"),
    "grant is noise": ("delegate accept @noise", 3, "trust.enrolment_format"),
    "grant for a key that is not here": ("delegate accept @coop.grant", 6, "trust.key_not_found"),
    "grant of more than there is": (
        "delegate grant @coop.request --by brand --product P/NAVEL --max-units 2000000 --out @x",
        5,
        "delegate.key_taken",
    ),
    "product with a wrong check digit": (
        "delegate grant --by root --key spare --party COOP --product 06901234567893 --may-delegate 1",
        3,
        "identifier.check_digit",
    ),
    "no product": ("delegate grant --by brand --key spare --party COOP", 5, "delegate.no_products"),
    "bundle is noise": ("bundle import @noise", 3, "trust.cbor"),
    "bundle is JSON of something": ("bundle import @other.json", 3, "trust.revocation_format"),
    "bundle of nothing": ("bundle show @empty", 3, "trust.cbor"),
    "fingerprint that is none": ("bundle show @first.bundle --root 12", 3, "trust.root_set"),
    "foreign fingerprint": ("bundle check @first.bundle --root " + "ab" * 32, 4, "trust.foreign_root"),
    "revoke an unknown key": ("key revoke " + "ab" * 32 + " --by root --reason stolen", 6, "revoke.unknown_key"),
    "revoke by one below": ("key revoke root --by brand --reason stolen", 6, "revoke.unknown_key"),
    "recall of no product key": (
        "key revoke brand --by root --reason recall --product NAVEL --lot 26A1",
        3,
        "trust.revocation_format",
    ),
    "serial with a slip": (
        "key revoke brand --by root --reason recall --serials 7KQXV58MQ1EQ9TB 7KQXV58MQ1EQ9TB",
        3,
        "code.serial",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_a_message_and_a_status(made: Two, name: str) -> None:
    line, status, code = REFUSED[name]
    (made.post / "noise").write_bytes(b"\xa9noise \xff\x00")
    (made.post / "other.json").write_text('{"format": "something"}')
    (made.post / "empty").write_bytes(b"")
    if "spare" in line and not (made.assoc / "keys" / "spare.key").exists():
        made.good(made.assoc, "key new spare")
    if "coop2" in line and not (made.assoc / "keys" / "coop2.key").exists():
        made.good(made.assoc, "key new coop2")
    wrong = {"TRACELIB_PASSPHRASE": "guess"} if name == "wrong passphrase" else {}
    done = made.at(made.assoc, f"{line} --json", **wrong)
    assert done.out == ""
    assert (json.loads(done.err)["error"]["code"], done.status) == (code, status)
    assert not (made.post / "x").exists()


@pytest.mark.parametrize(
    "line",
    [
        "delegate grant --by brand",
        "delegate grant @coop.request --by brand --key root",
        "delegate grant @coop.request --by brand",
        "delegate grant @nowhere --by brand --out @x",
        "delegate accept @nowhere",
        "bundle import @nowhere",
        "bundle export --part",
        "key revoke brand --by root --reason recall --lot 26A1",
        "key revoke brand --by root --reason recall --product P/A --lot 1 --serials A B",
        "key revoke brand --by root --reason angry",
        "key revoke brand --by root --reason stolen --day 1999-01-01",
        "key new x --suite 3",
    ],
)
def test_usage(made: Two, line: str) -> None:
    done = made.at(made.assoc, line)
    assert (done.status, done.out, "Traceback" in done.err) == (2, "", False)


def test_older_bundle_and_a_tampered_one(two: Two) -> None:
    two.good(two.assoc, "bundle export --out @second.bundle")
    two.good(two.coop, "bundle import @second.bundle")
    kept = (two.coop / "trust.bundle").read_bytes()
    older = two.at(two.coop, "bundle import @first.bundle")
    assert (older.status, "trust.rollback" in older.err) == (4, True)
    tampered = bytearray((two.post / "second.bundle").read_bytes())
    tampered[-1] ^= 1
    (two.post / "second.bundle").write_bytes(bytes(tampered))
    changed = two.at(two.coop, "bundle import @second.bundle")
    assert (changed.status, "trust.threshold" in changed.err) == (4, True)
    assert (two.coop / "trust.bundle").read_bytes() == kept
    (two.coop / "trust.bundle").write_bytes((two.post / "first.bundle").read_bytes())
    swapped = two.good(two.coop, "delegate list")
    (two.coop / "trust.bundle").unlink()
    assert two.good(two.coop, "delegate list") == swapped, "the store keeps the newest one"
    assert [key["party"] for key in swapped] == ["ASSOC", "COOP"]


def test_database_from_before_a_line_key_neither_grants_nor_issues(two: Two) -> None:
    two.good(two.coop, "delegate accept @coop.grant", TRACELIB_ONE_TIME_PASSPHRASE=two.one_time)
    (two.coop / "b.csv").write_text("主体编号,产品编号,批号,生产日期,重量(kg)\nCOOP,NAVEL,26A1,2026-11-03,100\n")
    two.good(two.coop, "batch register b.csv")
    for name in ("line", "other"):
        two.good(two.coop, f"key new {name}")
    backup = (two.coop / "tracelib.db").read_bytes()
    two.good(two.coop, "delegate grant --by coop --key line --party COOP")
    newest = (two.coop / "tracelib.db").read_bytes()
    assert not list(two.coop.glob("tracelib.db-*")), "no journal that would bring the grant back"
    (two.coop / "tracelib.db").write_bytes(backup)
    grant, issue = "delegate grant --by coop --key other --party COOP", "code issue 26A1 --count 2 --level carton"
    for line in (grant, f"{issue} --out @x.csv"):
        done = two.at(two.coop, f"{line} --json")
        assert (done.status, json.loads(done.err)["error"]["code"]) == (8, "guard.restored")
    assert not (two.post / "x.csv").exists()
    (two.coop / "tracelib.db").write_bytes(newest)
    assert two.good(two.coop, grant)["counter_window"] == [100, 189]
    two.good(two.coop, f"{issue} --out @x.csv")


def test_copied_workspace_grants_nothing(two: Two) -> None:
    line = "delegate grant --by brand --key one-more --party COOP --product P/NAVEL --max-units 1"
    two.good(two.assoc, "key new one-more")
    two.good(two.assoc, "key new the-other")
    two.good(two.assoc, line.replace("one-more", "the-other"))
    copy = Path(shutil.copytree(two.assoc, two.post / "copy"))
    done = two.at(copy, f"{line} --out @x --json")
    assert (done.status, json.loads(done.err)["error"]["code"]) == (8, "guard.copied")
    assert not (two.post / "x").exists()
    two.good(two.assoc, line)


def test_wrong_one_time_passphrase_keeps_nothing(two: Two) -> None:
    done = two.at(two.coop, "delegate accept @coop.grant", TRACELIB_ONE_TIME_PASSPHRASE="AAAA-AAAA-AAAA-AAAA-AAAA")
    assert (done.status, "trust.passphrase" in done.err) == (7, True)
    assert [item["party"] for item in two.good(two.coop, "delegate list")] == ["ASSOC"]
    (info,) = two.good(two.coop, "key list")
    assert info["k_hashes"] == []
    two.good(two.coop, "delegate accept @coop.grant", TRACELIB_ONE_TIME_PASSPHRASE=two.one_time)
    two.good(two.coop, "delegate accept @coop.grant", TRACELIB_ONE_TIME_PASSPHRASE=two.one_time)
    (info,) = two.good(two.coop, "key list")
    assert len(info["k_hashes"]) == 1


def test_each_key_may_have_its_own_passphrase(two: Two) -> None:
    own = {"TRACELIB_PASSPHRASE_OWN_KEY": "another"}
    assert two.run("key", "new", "own-key", cwd=two.assoc, env={"TRACELIB_PASSPHRASE": "another"}).status == 0
    line = "delegate grant --by brand --key own-key --party COOP --product P/NAVEL --max-units 1"
    assert two.at(two.assoc, line).status == 7
    two.good(two.assoc, line, **own)


def test_passphrase_by_descriptor(two: Two) -> None:
    reader, writer = os.pipe()
    os.write(writer, b"trust test\nmore")
    os.close(writer)
    command = [sys.executable, "-c", "from tracelib_cli.main import run; run()"]
    line = ["--passphrase-fd", str(reader), "delegate", "grant", "--by", "root", "--key", "brand", "--party", "ASSOC"]
    clean = {k: v for k, v in os.environ.items() if not k.startswith("TRACELIB_")}
    done = subprocess.run(
        [*command, *line], cwd=two.assoc, env=clean, pass_fds=[reader], capture_output=True, text=True, check=False
    )
    os.close(reader)
    assert "delegate.key_taken" in done.stderr, "both keys were opened"


def test_key_and_bundle_say_everything_in_hex(made: Two) -> None:
    shown = made.good(made.coop, "key show coop")
    assert (len(shown["hash"]), len(shown["key_id"]), shown["suite"], len(shown["public"])) == (64, 10, 2, 130)
    assert shown["hash"].startswith(shown["key_id"])
    bundle = made.good(made.assoc, "bundle show @first.bundle")
    assert (bundle["root"], bundle["pinned"], bundle["seq"]) == (made.fingerprint, True, 1)
    assert [(key["party"], key["suite"], len(key["hash"]), len(key["public"])) for key in bundle["keys"]] == [
        ("ASSOC", 1, 64, 64)
    ]
    outside = made.run("bundle", "show", made.post / "first.bundle", "--json", cwd=made.post)
    assert json.loads(outside.out)["pinned"] is False
    assert "trust test" not in outside.out + outside.err


@pytest.mark.parametrize("columns", ["40", "80"])
def test_what_must_be_copied_stands_on_one_line(made: Two, columns: str) -> None:
    for folder, line in ((made.assoc, "root show"), (made.coop, "key show coop"), (made.assoc, "bundle show")):
        done = made.at(folder, line, COLUMNS=columns)
        assert done.status == 0
        assert any(made.fingerprint in text for text in done.out.splitlines()), line


def test_old_bundle_is_a_state_and_not_a_failure(made: Two) -> None:
    checked = made.good(made.assoc, "bundle check")
    assert (checked["state"], checked["faults"], checked["seq"]) == ("fresh", [], 1)


CHINESE = {
    "root show": "根：",
    "key list": "密钥编号",
    "delegate list": "持有者",
    "bundle show": "信任包 1",
    "bundle check": "签发于",
    "key show nobody": "这里没有名为“nobody”的密钥",
    "delegate grant --by root --key brand --party ASSOC": "已在一份授权委托中",
    "delegate accept @coop.request": "不是本系统的授权文件：其格式不是 tracelib-grant/1",
    "delegate --help": "授权委托：申请、授予、接受、列出。",
    "init --help": "在 DIR 新建工作区",
}


@pytest.mark.parametrize("line", CHINESE)
def test_chinese(made: Two, line: str) -> None:
    done = made.at(made.assoc, f"--lang zh {line}")
    assert CHINESE[line] in done.out + done.err
