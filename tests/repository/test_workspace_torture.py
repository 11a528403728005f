"""Backup, restore and move in any order, killed at any step: no counter twice, no entry lost, all can be run again.

The workspaces here are real ones with a real chain of keys; only the passphrase is asked for once, when the key file is
made. ``make torture`` runs the long form (marker ``slow``); ``TRACELIB_TORTURE_SEED`` repeats a run.
"""

import itertools
import os
import random
import shutil
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tracelib.batches.batch import Batch
from tracelib.catalog.party import Party
from tracelib.catalog.product import Product
from tracelib.clock import FixedClock
from tracelib.codes import bulk
from tracelib.codes.record import Level
from tracelib.errors import StoreError, TraceError
from tracelib.operations.backup.backup import Origin, back_up, check_backup
from tracelib.operations.backup.files import WorkspaceFiles
from tracelib.operations.backup.move import SealedForOtherError, Seat, ask, hand_over, take_in
from tracelib.operations.backup.move_request import parse_request
from tracelib.operations.backup.restore import FolderTakenError, NewerHereError, Present, restore_new, restore_over
from tracelib.operations.export import code_lines
from tracelib.operations.issuing.issue import IssueRequest, issue_codes
from tracelib.operations.issuing.issuer import Desk, Issuer
from tracelib.store.archive_write import write_archive
from tracelib.store.backup_errors import ArchiveWriteError
from tracelib.store.counter_guard import (
    CopiedWorkspaceError,
    KeyClosedError,
    RestoredDatabaseError,
    WorkspaceMovedError,
    hold_guard,
)
from tracelib.store.unit_of_work import Store
from tracelib.trust.delegation import Delegation, PartyName, sign_delegation
from tracelib.trust.keys import KeyPair
from tracelib.trust.keystore import KeyStore
from tracelib.trust.root import RootSet
from tracelib.trust.serial_key import k_hash
from tracelib.trust.workspace_id import create_workspace_id, workspace_id
from tracelib_cli.settings import check_settings

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kill -9")

NOW = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
K = bytes(range(32))
SEED = int(os.environ.get("TRACELIB_TORTURE_SEED", time.time_ns() % 1_000_000))
ROOT, PAIR = KeyPair.from_secret(1, bytes([201]) * 32), KeyPair.from_secret(1, bytes([7]) * 32)
ROOT_SET = RootSet("test", (ROOT.public,), 1)
BATCH = ("COOP1", "ORANGE", "T-1")
LOADED = (bulk, write_archive)


def quiet(_size: int) -> None:
    """Nobody watches the progress."""


@cache
def issuer() -> Issuer:
    claims = Delegation(
        issuer_hash=ROOT.public.hash,
        subject="COOP1",
        key=PAIR.public,
        cti=bytes(16),
        not_before=int(NOW.timestamp()) - 86_400,
        not_after=int(NOW.timestamp()) + 86_400 * 300,
        issued_at=int(NOW.timestamp()) - 86_400,
        root=ROOT_SET.root_id,
        party=PartyName("示例合作社"),
        products=("P/ORANGE",),
        prefix="AB3D",
        k_hash=k_hash(K),
    )
    return Issuer(PAIR, claims, K)


@cache
def key_file() -> bytes:
    """The issuer's key file; half a second of scrypt, once."""
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        KeyStore(Path(folder)).add("coop", PAIR, b"torture", root=ROOT_SET.fingerprint, environment="test", created=NOW)
        return (Path(folder) / "coop.key").read_bytes()


def found(folder: Path, template: Path, key: bytes) -> Path:
    """A workspace with one issuer key that has issued nothing."""
    (folder / "keys").mkdir(parents=True)
    (folder / "keys" / "coop.key").write_bytes(key)
    create_workspace_id(folder)
    shutil.copyfile(template, folder / "tracelib.db")
    (folder / "tracelib.toml").write_text(f'root = "{ROOT_SET.fingerprint}"\nhost = "q.example.com"\n')
    (folder / "templates").mkdir()
    (folder / "templates" / "纸箱 100x150.toml").write_text("name = 'carton'\n", encoding="utf-8")
    with hold_guard(folder / "keys", workspace=workspace_id(folder), machine="a1") as guard:
        guard.establish()  # as accepting a delegation does
    return folder


def url(folder: Path) -> str:
    return f"sqlite:///{folder / 'tracelib.db'}"


def issue(folder: Path, count: int = 5, machine: str = "a1") -> list[str]:
    """Issue codes in a workspace: their serials."""
    with Store.open(url(folder), workspace=workspace_id(folder)) as store:
        desk = Desk(store, folder / "keys", workspace_id(folder), machine, FixedClock(NOW))
        request = IssueRequest(batch=BATCH, count=count, level=Level.CARTON, host="q.example.com")
        range_ = issue_codes(desk, issuer(), request).range
        text = b"".join(code_lines(issuer(), range_)).decode()
    return [line.rpartition("/")[2] for line in text.splitlines()]


def backup(folder: Path, out: Path) -> None:
    with Store.open(url(folder), check=False) as store:
        origin = Origin(files=WorkspaceFiles.usual(folder), workspace=workspace_id(folder), store=store, program="t")
        back_up(origin, out, keys=True, now=NOW, advance=quiet)


def restore_into(file: Path, folder: Path, machine: str = "a1") -> None:
    restore_new(file, folder, machine=machine, operator="t", now=NOW, advance=quiet, check_settings=check_settings)


def restore(file: Path, folder: Path, machine: str = "a1") -> bool:
    present = Present(
        files=WorkspaceFiles.usual(folder),
        workspace=workspace_id(folder),
        machine=machine,
        database=url(folder),
        operator="t",
    )
    return restore_over(file, present, now=NOW + timedelta(seconds=len(list(folder.iterdir()))), advance=quiet).readable


def asked(folder: Path, out: Path, machine: str = "a1") -> None:
    out.write_text(ask(Seat(folder=folder, machine=machine)).as_text())


def move_out(folder: Path, request: Path, out: Path, machine: str = "a1") -> None:
    with Store.open(url(folder), check=False) as store:
        origin = Origin(files=WorkspaceFiles.usual(folder), workspace=workspace_id(folder), store=store, program="t")
        hand_over(origin, out, parse_request(request), machine=machine, now=NOW, advance=quiet)


def move_in(file: Path, folder: Path, machine: str = "a1") -> None:
    take_in(file, Seat(folder=folder, machine=machine), advance=quiet, check_settings=check_settings)


# The worlds ---------------------------------------------------------------------------------------------------------


@dataclass
class World:
    """Workspaces that all hold the one issuer key, and every serial that any of them gave out."""

    base: Path
    template: Path
    seen: set[str] = field(default_factory=set)
    made: int = 0

    def fresh(self) -> Path:
        """A new workspace with its own codes: what was seen before does not count any more."""
        self.made += 1
        self.seen.clear()
        folder = self.base / f"w{self.made}"
        folder.mkdir()
        return found(folder / "ws", self.template, key_file())

    def issue(self, folder: Path, machine: str = "a1") -> list[str]:
        serials = issue(folder, 5, machine)
        assert not self.seen.intersection(serials), f"a counter twice (seed {SEED})"
        self.seen.update(serials)
        return serials

    def must_refuse(self, folder: Path, kind: type[TraceError], machine: str = "a1") -> None:
        with pytest.raises(kind):
            issue(folder, 1, machine)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with party, product, batch and the chain of keys."""
    file = tmp_path_factory.mktemp("template") / "template.db"
    with Store.create_or_upgrade(f"sqlite:///{file}") as store, store.unit_of_work() as uow:
        uow.trust.add_root(ROOT_SET, NOW)
        uow.trust.add_delegation(sign_delegation(ROOT, issuer().delegation), NOW)
        uow.catalog.add(Party(id="COOP1", name_zh="示例合作社"))
        uow.catalog.add(Product(party_id="COOP1", id="ORANGE", name_zh="赣南脐橙"))
        lot = Batch(party_id="COOP1", product_id="ORANGE", lot="T-1", produced_on=date(2026, 11, 20), weight_g=1000)
        uow.batches.add([lot], NOW)
    return file


@pytest.fixture
def world(tmp_path: Path, template: Path) -> World:
    return World(tmp_path, template)


def ranges(folder: Path) -> list[tuple[int, int]]:
    """(first, count) of every range in a database; none overlaps, each has its manifest, the chain holds."""
    with Store.open(url(folder)) as store, store.reading() as uow:
        held = sorted(uow.codes.ranges_of(*BATCH), key=lambda range_: range_.first)
        manifests = list(uow.codes.manifests("COOP1", PAIR.public.hash))
    for earlier, later in itertools.pairwise(held):
        assert earlier.last < later.first
    assert [one.seq for one in manifests] == list(range(1, len(manifests) + 1))
    assert {one.seq for one in held} == {one.seq for one in manifests}
    return [(one.first, one.count) for one in held]


# What must hold without any kill ------------------------------------------------------------------------------------


def test_restored_copy_never_issues_with_the_old_key(world: World) -> None:
    """Also from a backup made before the first code, and on the same machine in the same second."""
    home = world.fresh()
    backup(home, world.base / "empty.backup")
    world.issue(home)
    backup(home, world.base / "full.backup")
    for name in ("empty", "full"):
        again = world.base / name
        restore_into(world.base / f"{name}.backup", again)
        world.must_refuse(again, KeyClosedError)
        assert (again / "templates" / "纸箱 100x150.toml").read_text(encoding="utf-8") == "name = 'carton'\n"
        assert (again / "keys" / "coop.key").read_bytes() == key_file()
        assert (again / "keys" / "coop.key").stat().st_mode & 0o077 == 0
        assert workspace_id(again) != workspace_id(home)
    world.issue(home)


def test_damaged_database_and_old_backup_issue_nothing(world: World) -> None:
    home = world.fresh()
    world.issue(home)
    backup(home, world.base / "b.backup")
    world.issue(home)
    (home / "tracelib.db").write_bytes(b"SQLite format 3\0" + bytes(4096))
    assert not restore(world.base / "b.backup", home)
    world.must_refuse(home, RestoredDatabaseError)
    assert ranges(home) == [(0, 5)]
    assert list(home.glob("before-restore-*.db")), "what was there is kept"


def test_nothing_is_taken_back_from_a_healthy_database(world: World) -> None:
    home = world.fresh()
    world.issue(home)
    backup(home, world.base / "b.backup")
    assert restore(world.base / "b.backup", home), "nothing is newer"
    world.issue(home)
    before = sorted(path.name for path in home.iterdir())
    with pytest.raises(NewerHereError, match=r"codes 5, .* --into DIR") as caught:
        restore(world.base / "b.backup", home)
    assert caught.value.params["since"] == "2026-11-25 12:00"
    assert sorted(path.name for path in home.iterdir()) == before
    world.issue(home)
    assert ranges(home) == [(0, 5), (5, 5), (10, 5)]


def test_without_a_database_the_guard_decides(world: World) -> None:
    """The newest backup goes on issuing, an older one does not."""
    home = world.fresh()
    backup(home, world.base / "old.backup")
    world.issue(home)
    backup(home, world.base / "new.backup")
    for file in home.glob("tracelib.db*"):
        file.unlink()
    assert not restore(world.base / "old.backup", home)
    world.must_refuse(home, RestoredDatabaseError)
    assert restore(world.base / "new.backup", home), "it has all that is there, and more"
    world.issue(home)
    assert ranges(home) == [(0, 5), (5, 5)]


def test_newer_backup_over_an_older_database(world: World) -> None:
    """The database goes back two backups, then forward one: counters and manifests are those of the newest."""
    home = world.fresh()
    shutil.copyfile(home / "tracelib.db", world.base / "old.db")
    world.issue(home)
    backup(home, world.base / "b.backup")
    for name in ("tracelib.db-wal", "tracelib.db-shm"):
        (home / name).unlink(missing_ok=True)
    shutil.copyfile(world.base / "old.db", home / "tracelib.db")
    world.must_refuse(home, RestoredDatabaseError)
    assert restore(world.base / "b.backup", home)
    world.issue(home)
    assert ranges(home) == [(0, 5), (5, 5)]


def test_lost_guard_and_database_close_the_keys(world: World) -> None:
    home = world.fresh()
    world.issue(home)
    backup(home, world.base / "b.backup")
    world.issue(home)
    shutil.rmtree(home / "keys")
    (home / "tracelib.db").write_bytes(b"damaged")
    restore(world.base / "b.backup", home)
    world.must_refuse(home, KeyClosedError)
    assert ranges(home) == [(0, 5)]


def test_move_goes_on_at_the_next_counter(world: World) -> None:
    home, new, other, copy = world.fresh(), world.base / "new", world.base / "other", world.base / "copy"
    world.issue(home)
    backup(home, world.base / "before.backup")
    asked(new, world.base / "new.ask", "b2")
    asked(other, world.base / "other.ask", "b2")
    shutil.copytree(new, copy)
    move_out(home, world.base / "new.ask", world.base / "m.move")
    world.must_refuse(home, WorkspaceMovedError)
    with pytest.raises(SealedForOtherError):
        move_out(home, world.base / "other.ask", world.base / "n.move")
    for folder, machine in ((other, "b2"), (copy, "b2"), (new, "c3")):
        with pytest.raises((CopiedWorkspaceError, TraceError)):
            move_in(world.base / "m.move", folder, machine)
        assert not (folder / "tracelib.toml").exists()
    move_in(world.base / "m.move", new, "b2")
    world.issue(new, "b2")
    assert ranges(new) == [(0, 5), (5, 5)]
    move_out(home, world.base / "new.ask", world.base / "again.move")
    for name in ("m", "again"):
        with pytest.raises(TraceError, match="taken in once"):
            move_in(world.base / f"{name}.move", new, "b2")
    with pytest.raises(WorkspaceMovedError):
        restore(world.base / "before.backup", home)
    with pytest.raises(NewerHereError):
        restore(world.base / "before.backup", new, "b2")
    (new / "tracelib.db").write_bytes(b"damaged")
    assert not restore(world.base / "before.backup", new, "b2"), "a backup of the old place is one of the new"
    world.must_refuse(new, RestoredDatabaseError, "b2")


# Any order of everything --------------------------------------------------------------------------------------------


def play(world: World, chance: random.Random, steps: int) -> int:  # noqa: C901 - one case for each verb
    """Random steps over all workspaces, copies and files so far; how many times something was issued."""
    places, files, requests, moves = [world.fresh()], [], [], []
    issued = 0
    for number in range(steps):
        name = world.base / f"w{world.made}" / f"n{number}"
        place = chance.choice(places)
        with suppress(TraceError, OSError):  # what is refused changes nothing: that is what the next steps find out
            match chance.choice(("issue", "issue", "backup", "new", "over", "ask", "out", "in", "copy", "damage")):
                case "issue":
                    world.issue(place)
                    issued += 1
                case "backup":
                    backup(place, name)
                    files.append(name)
                case "new":
                    restore_into(chance.choice(files or [name]), name)
                    places.append(name)
                case "over":
                    restore(chance.choice(files or [name]), place)
                case "ask":
                    asked(name, name.with_suffix(".ask"))
                    requests.append(name)
                case "out":
                    move_out(place, chance.choice(requests or [name]).with_suffix(".ask"), name)
                    moves.append(name)
                case "in":
                    new = chance.choice(requests or [name])
                    move_in(chance.choice(moves or [name]), new)
                    places.append(new)
                case "copy":
                    shutil.copytree(place, name)
                    places.append(name)
                case "damage" if chance.random() < 0.3:
                    (place / "tracelib.db").write_bytes(b"damaged")
    return issued


def test_any_order(world: World) -> None:
    chance = random.Random(SEED)
    assert sum(play(world, chance, 60) for _ in range(3)) > 3


@pytest.mark.slow
def test_any_order_for_long(world: World) -> None:
    chance = random.Random(SEED)
    assert sum(play(world, chance, 120) for _ in range(50)) > 100


# Killed at every step -----------------------------------------------------------------------------------------------


def kill_backup(text: str) -> None:
    """Folder and file, for the worker."""
    folder, out = map(Path, text.split("|"))
    backup(folder, out)


def kill_new(text: str) -> None:
    file, folder = map(Path, text.split("|"))
    restore_into(file, folder)


def kill_over(text: str) -> None:
    file, folder = map(Path, text.split("|"))
    restore(file, folder)


def kill_out(text: str) -> None:
    folder, request, out = map(Path, text.split("|"))
    move_out(folder, request, out)


def kill_in(text: str) -> None:
    file, folder = map(Path, text.split("|"))
    move_in(file, folder)


Start = Callable[..., Any]


@dataclass
class Kills:
    """Runs one kind of round at many steps: ``prepare`` gives the worker's text and the checks that follow."""

    start: Start
    world: World

    def every_step(self, function: str, prepare: Callable[[], tuple[str, Callable[[], None]]], times: int) -> None:
        worker = self.start(__file__, function)
        text, check = prepare()
        whole = worker.run(text)
        assert whole.startswith("done"), whole
        check()
        last = int(whole.split()[1])
        steps = list(range(1, last + 1))
        chosen = steps if times >= last else sorted({round(1 + i * (last - 1) / (times - 1)) for i in range(times)})
        for kill_at in itertools.islice(itertools.cycle(chosen), max(times, len(chosen))):
            text, check = prepare()
            answer = worker.run(text, kill_at)
            assert answer.startswith(("killed", "done")), (kill_at, answer)
            check()


@pytest.fixture
def kills(start_steps: Start, world: World) -> Kills:
    return Kills(start_steps, world)


LONG, SHORT = 60, 6
TIMES = [pytest.param(SHORT, id="short"), pytest.param(LONG, id="long", marks=pytest.mark.slow)]


@pytest.mark.parametrize("times", TIMES)
def test_backup_is_killed(kills: Kills, times: int) -> None:
    world = kills.world

    def prepare() -> tuple[str, Callable[[], None]]:
        home = world.fresh()
        world.issue(home)
        out = home.parent / "b.backup"

        def check() -> None:
            if out.exists():
                assert check_backup(out, quiet).size > 0
            else:
                backup(home, out)
            restore_into(out, home.parent / "again")
            assert ranges(home.parent / "again") == ranges(home) == [(0, 5)]
            world.must_refuse(home.parent / "again", KeyClosedError)
            world.issue(home)

        return f"{home}|{out}", check

    kills.every_step("kill_backup", prepare, times)


@pytest.mark.parametrize("times", TIMES)
def test_restore_into_a_new_folder_is_killed(kills: Kills, times: int) -> None:
    world = kills.world

    def prepare() -> tuple[str, Callable[[], None]]:
        home = world.fresh()
        world.issue(home)
        file, again = home.parent / "b.backup", home.parent / "again"
        backup(home, file)

        def check() -> None:
            if (again / "tracelib.toml").exists():
                with pytest.raises(FolderTakenError):
                    restore_into(file, again)
            else:
                restore_into(file, again)
            world.must_refuse(again, KeyClosedError)
            world.issue(home)
            assert ranges(again) == [(0, 5)]

        return f"{file}|{again}", check

    kills.every_step("kill_new", prepare, times)


@pytest.mark.parametrize("times", TIMES)
@pytest.mark.parametrize("damaged", [False, True], ids=["healthy", "damaged"])
def test_restore_over_a_workspace_is_killed(kills: Kills, damaged: bool, times: int) -> None:
    """Whenever it dies, no counter twice, and the second run ends it; codes since where the database is damaged."""
    world = kills.world

    def prepare() -> tuple[str, Callable[[], None]]:
        home = world.fresh()
        world.issue(home)
        file = home.parent / "b.backup"
        backup(home, file)
        if damaged:
            world.issue(home)
            (home / "tracelib.db").write_bytes(b"SQLite format 3\0" + bytes(5000))

        def check() -> None:
            if damaged:
                with suppress(StoreError):
                    world.issue(home)
                restore(file, home)
                world.must_refuse(home, RestoredDatabaseError)
                assert ranges(home) == [(0, 5)]
            else:
                restore(file, home)
                world.issue(home)
                with pytest.raises(NewerHereError):
                    restore(file, home)
                assert ranges(home) == [(0, 5), (5, 5)]

        return f"{file}|{home}", check

    kills.every_step("kill_over", prepare, times)


def ready_to_move(world: World) -> tuple[Path, Path, Path, Path]:
    """A workspace that has issued, a new laptop that has asked for it, its request, and where the move will be."""
    home = world.fresh()
    world.issue(home)
    new, request, out = (home.parent / name for name in ("new", "new.ask", "m.move"))
    asked(new, request)
    return home, new, request, out


@pytest.mark.parametrize("times", TIMES)
def test_move_out_is_killed(kills: Kills, times: int) -> None:
    world = kills.world

    def prepare() -> tuple[str, Callable[[], None]]:
        home, new, request, out = ready_to_move(world)

        def check() -> None:
            with suppress(WorkspaceMovedError):
                world.issue(home)
            before = ranges(home)
            if not out.exists():
                move_out(home, request, out)
            move_in(out, new)
            assert ranges(new) == before, "no entry lost"
            world.issue(new)
            world.must_refuse(home, WorkspaceMovedError)

        return f"{home}|{request}|{out}", check

    kills.every_step("kill_out", prepare, times)


@pytest.mark.parametrize("times", TIMES)
def test_move_in_is_killed(kills: Kills, times: int) -> None:
    world = kills.world

    def prepare() -> tuple[str, Callable[[], None]]:
        home, new, request, out = ready_to_move(world)
        move_out(home, request, out)

        def check() -> None:
            if not (new / "tracelib.toml").exists():
                move_in(out, new)
            world.issue(new)
            assert ranges(new) == [(0, 5), (5, 5)]
            world.must_refuse(home, WorkspaceMovedError)

        return f"{out}|{new}", check

    kills.every_step("kill_in", prepare, times)


# A disk that is full, a stick that is pulled out --------------------------------------------------------------------


def fill_disk(text: str) -> None:
    """Back up where no file may become larger than so many bytes."""
    import resource

    folder, out, most = text.split("|")
    with Store.open(url(Path(folder))):
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(most), int(most)))
        backup(Path(folder), Path(out))


@pytest.mark.parametrize("most", [0, 4096, 100_000])
def test_full_disk_leaves_nothing_half(start_steps: Start, world: World, most: int) -> None:
    home = world.fresh()
    world.issue(home)
    stick = home.parent / "stick"
    stick.mkdir()
    answer = start_steps(__file__, "fill_disk").run(f"{home}|{stick / 'b.backup'}|{most}")
    assert answer.startswith(("failed ArchiveWriteError", "failed DiskFullError", "failed ReadOnlyError")), answer
    assert list(stick.iterdir()) == []
    assert not list(home.glob(".backup-*"))
    world.issue(home)


def test_stick_pulled_out_is_one_error(world: World) -> None:
    home = world.fresh()
    stick = home.parent / "stick"
    stick.mkdir()
    (home / "pictures").mkdir()
    (home / "pictures" / "orange.png").write_bytes(random.Random(1).randbytes(20 << 20))

    def pull(_size: int) -> None:
        shutil.rmtree(stick, ignore_errors=True)

    with Store.open(url(home)) as store:
        origin = Origin(files=WorkspaceFiles.usual(home), workspace="W", store=store, program="t")
        with pytest.raises(ArchiveWriteError):
            back_up(origin, stick / "b.backup", keys=False, now=NOW, advance=pull)
    assert not list(home.glob(".backup-*"))
