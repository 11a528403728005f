"""``backup``, ``restore`` and ``workspace`` as people run them, and what none of them may ever do: a counter twice."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import pytest

from tracelib.store.unit_of_work import Store


class Result(Protocol):
    status: int
    out: str
    err: str


Run = Callable[..., Result]
ENV = {"TRACELIB_PASSPHRASE": "backup test"}
SHEET = "主体编号,产品编号,批号,生产日期,重量(kg)\nCOOP,NAVEL,26A1,2026-11-03,1000\n"


@dataclass
class Season:
    """A co-operative's workspace and the folder around it; remembers every code that any workspace issued."""

    run: Run
    base: Path
    codes: list[str]

    @property
    def home(self) -> Path:
        return self.base / "ws"

    def at(self, folder: Path, line: str, **env: str) -> Result:
        """A line of words; ``@`` stands for the folder around the workspaces."""
        return self.run(*(word.replace("@", f"{self.base}/") for word in line.split()), cwd=folder, env=ENV | env)

    def good(self, folder: Path, line: str, **env: str) -> Any:  # noqa: ANN401
        done = self.at(folder, f"{line} --json", **env)
        assert done.status == 0, (line, done.err)
        return json.loads(done.out)

    def book(self, folder: Path) -> list[tuple[str, str]]:
        """Verb and operator of every change."""
        return [(one["verb"], one["operator"]) for one in self.good(folder, "changes")["changes"]]

    def refused(self, folder: Path, line: str) -> str:
        """The code of the error that a line must end with."""
        done = self.at(folder, f"{line} --json")
        assert done.status not in (0, 1), (line, done.status, done.err)
        code: str = json.loads(done.err)["error"]["code"]
        return code

    def issue(self, folder: Path, count: int = 3) -> list[str]:
        """Issue, and see that no serial was there before in any workspace."""
        out = self.base / f"codes-{len(self.codes)}.txt"
        self.good(folder, f"code issue 26A1 --count {count} --level carton --out {out}")
        serials = [line.rpartition("/")[2] for line in out.read_text().splitlines()]
        assert len(serials) == count
        assert not set(serials).intersection(self.codes), "a counter was used twice"
        self.codes += serials
        return serials


@pytest.fixture(scope="module")
def made(run_cli: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace that has not issued yet. Its guard is not there, for it would notice the copy that each test gets."""
    base = tmp_path_factory.mktemp("season")
    (base / "b.csv").write_text(SHEET)
    season = Season(run_cli, base, [])
    assert run_cli("init", season.home, "--json", env=ENV).status == 0
    for line in (
        "party add COOP --name-zh 示例合作社 --name-en Co-operative",
        "product add NAVEL --party COOP --name-zh 赣南脐橙 --weight-g 5000",
        "key new brand",
        "key new coop",
        "delegate grant --by root --key brand --party COOP --max-units 100000",
        "delegate grant --by brand --key coop --party COOP --product P/NAVEL --max-units 10000",
        "bundle export",
        "batch register @b.csv",
    ):
        season.good(season.home, line)
    return base


@pytest.fixture
def season(made: Path, run_cli: Run, tmp_path: Path) -> Season:
    base = tmp_path / "season"
    shutil.copytree(made, base, ignore=shutil.ignore_patterns("counters.*"))
    return Season(run_cli, base, [])


def test_backup_goes_into_a_new_folder_where_all_works_but_issuing(season: Season) -> None:
    """Also a backup from before the first code: its database knows no counter that could warn."""
    made = season.good(season.home, "backup @b.backup --keys")
    assert [member["name"] for member in made["members"]] == [
        *("tracelib.db", "tracelib.toml", "trust.bundle"),
        *("keys/brand.key", "keys/coop.key", "keys/root.key"),
    ]
    old = season.issue(season.home)
    again = season.base / "again"
    done = season.good(season.base, f"restore @b.backup --into {again}")
    assert len(done["closed_keys"]) == 3
    assert season.refused(again, "code issue 26A1 --count 1 --level carton") == "guard.key_closed"
    assert season.refused(again, "bundle export") == "guard.key_closed"
    assert "26A1" in season.at(again, "batch list --json").out

    assert season.refused(again, "workspace resume coop --all-grants-are-here") == "resume.key_issues"
    assert season.good(again, "workspace resume brand --all-grants-are-here")["grants"] == 1
    assert "workspace.resume" in [verb for verb, _ in season.book(again)]
    assert season.refused(again, "workspace resume brand --all-grants-are-here") == "resume.not_closed"
    season.good(again, "key new coop-2")
    season.good(again, "delegate grant --by brand --key coop-2 --party COOP --product P/NAVEL --max-units 1000")
    assert season.issue(again)[0][:4] != old[0][:4], "a prefix of its own"
    assert all(answer["ok"] for answer in season.good(again, "db check"))


def test_old_backup_over_books_that_went_on_is_refused(season: Season) -> None:
    """A split, codes on the child, a void, a party: all of them would be lost, or stand there without their reason."""
    home = season.home
    season.issue(home)
    season.good(home, "backup @b.backup")
    assert season.good(home, "restore @b.backup")["readable"], "nothing is newer but the note of the backup"
    season.good(home, "batch split 26A1 --to 26A1-A=400kg --to 26A1-B=500kg")
    first = season.good(home, "code issue 26A1-A --count 3 --level carton --out @split.txt")
    serial = (season.base / "split.txt").read_text().split()[0].rpartition("/")[2]
    season.good(home, f"code void {serial} --reason damaged --yes")
    season.good(home, "party add LATER --name-zh 示例大户")
    done = season.at(home, "restore @b.backup --json")
    error = json.loads(done.err)["error"]
    assert (done.status, error["code"]) == (5, "restore.newer")
    told = {word: error["params"][word] for word in ("batches", "codes", "activations", "voids")}
    assert told == {"batches": 2, "codes": 3, "activations": 0, "voids": 1}
    assert season.good(home, "party show LATER")
    more = season.good(home, "code issue 26A1-A --count 1 --level carton --out @more.txt")
    assert more["first"] == first["last"] + 1
    assert all(answer["ok"] for answer in season.good(home, "db check"))
    said = season.at(home, "restore @b.backup", TRACELIB_LANG="zh").err
    assert "什么也没有恢复" in said
    assert "批次 2" in said


def test_database_that_is_damaged_is_replaced(season: Season) -> None:
    season.good(season.home, "backup @b.backup")
    season.issue(season.home)
    for file in season.home.glob("tracelib.db*"):
        file.write_bytes(b"damaged")
    done = season.at(season.home, "restore @b.backup")
    assert done.status == 0, done.err
    assert "UTC" not in done.out
    assert "T0" not in done.out
    assert "refused here" in done.out
    assert season.refused(season.home, "code issue 26A1 --count 1 --level carton") == "guard.restored"


def test_moved_out_workspace_refuses_every_write(season: Season) -> None:
    """One code is never printed on two machines, nor one batch entered in two books."""
    home = season.home
    season.issue(home)
    season.good(home, "backup @before.backup")
    season.good(season.base, "workspace move ask new --out @new.ask")
    season.good(home, "workspace move out @m.move --for @new.ask")
    (season.base / "c.csv").write_text(SHEET.replace("26A1", "26A2"))
    for line in (
        "batch register @c.csv",
        "batch split 26A1 --to 26A1-A=400kg --to 26A1-B=500kg",
        "party add LATER --name-zh 示例大户",
        "print order 26A1 --count 3 --roll-size 3 --house 示例印刷厂 --out @rolls",
        "label print 26A1 --codes @codes-0.txt --out @labels.pdf",
        f"code void {season.codes[0]} --reason damaged --yes",
        "restore @before.backup",
        "config set operator 王芳",
        "key new another",
        "key retire coop",
    ):
        done = season.at(home, f"{line} --json")
        assert '"guard.moved"' in done.err, (line, done.status, done.out, done.err)
    assert not (season.base / "labels.pdf").exists()
    assert sorted(file.name for file in (home / "keys").rglob("*.key")) == ["brand.key", "coop.key", "root.key"]
    assert "王芳" not in (home / "tracelib.toml").read_text()
    assert "26A1" in season.at(home, "batch list --json").out, "it can still be read"
    season.good(home, "backup @after.backup")
    season.good(home, "workspace move out @again.move --for @new.ask")
    season.good(season.base, "workspace move in @again.move --into new")
    book = season.at(season.base / "new", "changes --json").out
    assert "workspace.move_out" in book, "the move is in the book that goes along"
    season.good(season.base / "new", "batch register @c.csv")


def test_old_folder_laid_over_the_workspace_issues_nothing(season: Season) -> None:
    """What a clerk does with the copy of Tuesday: everything comes back from the past, into the very same files."""
    home, here = season.home, {"XDG_STATE_HOME": str(season.base / "state")}
    issue = "code issue 26A1 --count 3 --level carton --out"
    season.good(home, f"{issue} @first.txt", **here)
    shutil.copytree(home, season.base / "usb")
    season.good(home, f"{issue} @second.txt", **here)
    shutil.copytree(season.base / "usb", home, dirs_exist_ok=True)
    done = season.at(home, f"{issue} @third.txt --json", **here)
    assert json.loads(done.err)["error"]["code"] == "guard.old"
    assert not (season.base / "third.txt").exists()
    assert season.at(home, "doctor", **here).status != 0
    season.good(home, "backup @now.backup", **here)
    closed = season.good(season.base, "restore @now.backup --into again", **here)["closed_keys"]
    assert len(closed) == 3, "a new folder, where a new key issues"


def test_sealed_books_take_no_entry_by_another_door(season: Season) -> None:
    """Other keys, or another workspace that names the old database: the books themselves say that they went on."""
    home, new = season.home, season.base / "new"
    season.good(season.base, "workspace move ask new --out @new.ask")
    season.good(home, "workspace move out @m.move --for @new.ask")
    (season.base / "c.csv").write_text(SHEET.replace("26A1", "26A2"))
    (season.base / "empty").mkdir()
    other = season.base / "other"
    assert season.run("init", other, "--json", env=ENV).status == 0
    elsewhere = f"--database sqlite:///{home / 'tracelib.db'}"
    for folder, line, env in (
        (home, "batch register @c.csv", {"TRACELIB_KEYS": str(season.base / "empty")}),
        (other, f"{elsewhere} batch register @c.csv", {}),
        (other, f"{elsewhere} party add LATER --name-zh 示例大户", {}),
    ):
        done = season.at(folder, f"{line} --json", **env)
        assert '"guard.moved"' in done.err, (line, done.status, done.out, done.err)
    assert season.good(home, "batch list")["total"] == 1
    season.good(season.base, "workspace move in @m.move --into new")
    season.good(new, "batch register @c.csv")
    assert season.good(new, "batch list")["total"] == 2


def test_what_was_sealed_can_be_looked_at_and_moved_again(season: Season) -> None:
    """A backup of sealed books opens in a folder of its own; from the new place the books move on a second time."""
    home, new, third = season.home, season.base / "new", season.base / "third"
    season.good(season.base, "workspace move ask new --out @new.ask")
    season.good(home, "--as 王芳 workspace move out @m.move --for @new.ask")
    assert ("workspace.move_out", "王芳") in season.book(home)
    season.good(home, "backup @sealed.backup")
    season.good(season.base, "--as 王芳 restore @sealed.backup --into again")
    season.good(season.base / "again", "party add LATER --name-zh 示例大户")
    assert ("workspace.restore", "王芳") in season.book(season.base / "again")
    season.good(season.base, "--as 李强 workspace move in @m.move --into new")
    assert ("workspace.move_in", "李强") in season.book(new)
    season.good(season.base, "workspace move ask third --out @third.ask")
    season.good(new, "workspace move out @n.move --for @third.ask")
    done = season.at(new, "party add LATER --name-zh 示例大户 --json", TRACELIB_KEYS=str(season.base / "none"))
    assert '"guard.moved"' in done.err
    season.good(season.base, "workspace move in @n.move --into third")
    season.good(third, "party add LATER --name-zh 示例大户")


def test_old_place_is_read_and_written_out_again_by_a_newer_program(season: Season) -> None:
    """The database of the place that was handed over is one of the first version, the program a newer one."""
    from tracelib.store import migrate
    from tracelib.store.engine import make_engine

    home = season.home
    season.good(season.base, "workspace move ask new --out @new.ask")
    season.good(home, "workspace move out @m.move --for @new.ask")
    for file in home.glob("tracelib.db*"):
        file.unlink()
    engine = make_engine(f"sqlite:///{home / 'tracelib.db'}")
    migrate.upgrade(engine, "0001")
    engine.dispose()
    assert season.refused(home, "batch list") == "store.schema_stale"
    upgraded = season.good(home, "db upgrade")
    assert (upgraded["before"], upgraded["changed"]) == ("0001", True)
    assert season.good(home, "batch list")["total"] == 0
    assert "db.upgrade" not in season.at(home, "changes --json").out, "nothing was written into the book"
    assert season.refused(home, "party add LATER --name-zh 示例大户") == "guard.moved"
    season.good(home, "backup @after.backup")
    season.good(home, "workspace move out @again.move --for @new.ask")
    season.good(season.base, "workspace move in @again.move --into new")


def test_backup_with_values_that_cannot_be_read_is_not_restored(season: Season) -> None:
    """Whoever made it: nothing of it is put in place."""
    with closing(sqlite3.connect(season.home / "tracelib.db")) as connection, connection:
        connection.execute("UPDATE batch SET weight_g = 'abc'")
    season.good(season.home, "backup @b.backup")
    assert season.refused(season.base, "restore @b.backup --into new") == "store.damaged"
    assert not (season.base / "new").exists()
    answers = {one["name"]: one["ok"] for one in json.loads(season.at(season.home, "db check --json").out)}
    assert not answers["values"]
    assert answers["integrity"]


def test_files_of_a_move_that_are_mixed_up(season: Season) -> None:
    season.good(season.base, "workspace move ask new --out @new.ask")
    made = season.good(season.base, "workspace move ask ws/../new --out @same.ask")
    assert made["folder"] == str(season.base / "new")
    season.good(season.home, "workspace move out @m.move --for @new.ask")
    assert season.refused(season.base, "workspace move in @new.ask --into new") == "move.request_given"
    assert season.refused(season.home, "workspace move out @n.move --for @m.move") == "move.file_given"


def test_move_goes_on_at_the_next_counter_and_the_old_place_stops(season: Season) -> None:
    season.issue(season.home)
    season.good(season.base, "workspace move ask new --out @new.ask")
    season.good(season.home, "workspace move out @m.move --for @new.ask")
    assert season.refused(season.home, "code issue 26A1 --count 1 --level carton") == "guard.moved"
    assert season.refused(season.home, "bundle export") == "guard.moved"
    season.good(season.base, "workspace move in @m.move --into new")
    assert season.refused(season.base, "workspace move in @m.move --into new") == "move.taken"
    season.issue(season.base / "new")
    assert all(answer["ok"] for answer in season.good(season.base / "new", "db check"))


def test_what_is_refused(season: Season) -> None:
    season.good(season.home, "backup @b.backup")
    assert season.refused(season.home, "backup @b.backup") == "backup.exists"
    assert season.refused(season.home, "backup @no/such/folder.backup") == "backup.write"
    assert season.refused(season.base, "restore @b.backup --into ws") == "restore.folder_taken"
    assert season.refused(season.base, "restore @b.backup") == "workspace.none"
    assert season.refused(season.base, "restore @b.csv --into new") == "backup.format"
    assert season.refused(season.home, "workspace move out @m.move --for @b.csv") == "move.request"
    assert season.good(season.base, "backup verify @b.backup")["good"]
    shown = season.at(season.base, "backup show @b.backup").out
    assert "tracelib.db" in shown
    assert "Keys: not in it" in shown
    assert sorted(path.name for path in season.base.glob(".*")) == []


def test_lost_passphrase_as_the_page_says(season: Season) -> None:
    """docs/lost-passphrase.md from top to bottom; nobody knows the passphrase of the key «coop» any more."""
    home = season.home
    season.issue(home, 3)
    old = (season.base / "codes-0.txt").read_text().splitlines()
    other = {"TRACELIB_PASSPHRASE": "another one"}
    grant = {**other, "TRACELIB_PASSPHRASE_BRAND": ENV["TRACELIB_PASSPHRASE"]}
    refused = season.at(home, "code issue 26A1 --count 1 --level carton", **other)
    assert refused.status == 7

    issued = season.good(home, "key issued coop", **other)
    assert [(one["seq"], one["lot"], one["count"]) for one in issued] == [(1, "26A1", 3)]
    coop = season.good(home, "key retire coop", **other)["key"]
    season.good(home, "key retire root", **other)
    season.good(home, "key new coop-2", **other)
    new = "delegate grant --by brand --key coop-2 --party COOP --product P/NAVEL --max-units 100"
    season.good(home, new, **grant)
    again = season.at(home, f"delegate again {coop} --by brand --out @again.grant", **grant)
    assert again.status == 0, again.err
    one_time = {"TRACELIB_ONE_TIME_PASSPHRASE": again.err.split()[-1]}
    season.good(home, "delegate accept @again.grant --keep-in coop-2", **other, **one_time)
    season.good(home, "key retire brand", **other)

    fresh = season.good(home, "code issue 26A1 --count 2 --level carton --out @new.txt", **other)
    assert fresh["seq"] == 1
    for code in (*old, *(season.base / "new.txt").read_text().split()):
        assert season.good(home, f"code verify {code}", **other)["verdict"] == "registered"
    made_void = season.good(home, f"code void {old[0].rpartition('/')[2]} --reason damaged --yes", **other)
    assert made_void["voided"]
    lost = season.at(home, "code export 26A1", **other)
    assert (lost.status, "issue.key_missing" in lost.err) == (6, True), "signatures of the lost key are made by nobody"
    label = season.at(home, "label print 26A1 --codes @codes-0.txt --out @labels.pdf", **other)
    assert label.status == 0, label.err


def test_names_of_divisions_are_in_the_backup(season: Season) -> None:
    table = "code,name,valid_from,valid_to,note\n360726,安远县,,,\n"
    (season.home / "divisions.csv").write_text(table, "utf-8")
    season.good(season.home, "backup @b.backup")
    season.good(season.base, "restore @b.backup --into @home2")
    assert (season.base / "home2" / "divisions.csv").read_text("utf-8") == table


def test_a_clock_that_is_behind_writes_no_file(season: Season) -> None:
    """What cannot be noted with its day is not begun: a good backup of the same name stays, nothing new appears."""
    season.good(season.home, "backup make @good.backup --keys")
    kept = (season.base / "good.backup").read_bytes()
    with Store.open(f"sqlite:///{season.home / 'tracelib.db'}") as store, store.unit_of_work() as uow:
        uow.changes.add("config.set", "x", datetime.now(UTC) + timedelta(days=2))
    keys = sorted((season.home / "keys").iterdir())
    for line in (
        "backup make @good.backup --force",
        "backup make @new.backup",
        "catalog publish @site",
        "root new --production --keys 2 --threshold 2 --host code.gannan.cn",
    ):
        assert season.refused(season.home, line) == "change.clock_behind", line
    assert (season.base / "good.backup").read_bytes() == kept
    assert not (season.base / "new.backup").exists()
    assert not (season.base / "site").exists()
    assert sorted((season.home / "keys").iterdir()) == keys
