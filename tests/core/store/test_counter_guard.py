"""The counter guard: what it refuses, and that its lock dies with its holder."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tracelib.store.counter_guard import (
    FILE_NAME,
    CopiedWorkspaceError,
    CounterGuard,
    GrantsLostError,
    GuardBusyError,
    GuardMissingError,
    KeyClosedError,
    OldGuardError,
    RestoredDatabaseError,
    WorkspaceMovedError,
    hold_guard,
    read_counters,
    refuse_closed,
    refuse_moved,
)
from tracelib.store.guard_state import GuardDamagedError
from tracelib.store.machine_mark import MachineMark


def guard(folder: Path, workspace: str = "W1", machine: str = "M1", place: str = "77") -> CounterGuard:
    return CounterGuard(folder / FILE_NAME, workspace, machine, place)


@pytest.fixture
def used(tmp_path: Path) -> Path:
    """A key folder whose guard knows counters up to 999 under AB3D."""
    first = guard(tmp_path)
    first.check("COOP1", "AB3D", 0, None)
    first.record("COOP1", "AB3D", 0, 1000)
    return tmp_path


@pytest.mark.parametrize("database_next", [None, 0, 1, 999])
def test_database_behind_the_guard_is_refused_and_the_way_on_named(used: Path, database_next: int | None) -> None:
    with pytest.raises(RestoredDatabaseError, match="newest backup") as caught:
        guard(used).check("COOP1", "AB3D", 0, database_next)
    assert caught.value.params["guard"] == 999


@pytest.mark.parametrize("database_next", [1000, 1001, 5000])
def test_database_at_or_ahead_of_the_guard_is_good(used: Path, database_next: int) -> None:
    guard(used).check("COOP1", "AB3D", 0, database_next)


def test_folder_from_the_past_is_refused_on_its_machine(tmp_path: Path) -> None:
    """The very same files, an older state: only what lies outside of the folder can tell."""
    keys, old, marks = tmp_path / "keys", tmp_path / "old", tmp_path / "state" / "tracelib"
    keys.mkdir()
    with hold_guard(keys, workspace="W1", machine="M1", marks=marks) as mine:
        mine.record("COOP1", "AB3D", 0, 10)
    shutil.copytree(keys, old)
    with hold_guard(keys, workspace="W1", machine="M1", marks=marks) as mine:
        mine.record("COOP1", "AB3D", 0, 20)
    with hold_guard(keys, workspace="W1", machine="M1", marks=marks) as mine:
        assert mine.state.counters["COOP1/AB3D/0"] == 20
    newest = (keys / FILE_NAME).read_bytes()
    shutil.copy(old / FILE_NAME, keys / FILE_NAME)
    with pytest.raises(OldGuardError) as caught, hold_guard(keys, workspace="W1", machine="M1", marks=marks):
        pass
    assert caught.value.params == {"behind": 1}
    (keys / FILE_NAME).unlink()
    with pytest.raises(OldGuardError), hold_guard(keys, workspace="W1", machine="M1", marks=marks):
        pass
    with hold_guard(keys, workspace="W1", machine="M1", marks=marks, anew=True) as mine:
        mine.write()
    with hold_guard(keys, workspace="W1", machine="M1", marks=marks):
        pass
    (keys / FILE_NAME).write_bytes(newest)
    assert [len(file.read_bytes()) for file in marks.iterdir()] == [2], "a number and nothing else"


@pytest.mark.parametrize("content", [b"", b"no number", b"9" * 5000, "９".encode()])
def test_mark_that_cannot_be_kept_or_read_stops_no_work(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)
    with hold_guard(tmp_path, workspace="W1", machine="M1", marks=tmp_path / "file") as mine:
        mine.record("COOP1", "AB3D", 0, 10)
    mark = MachineMark(tmp_path, "W1")
    mark.keep(3)
    assert mark.read() == 3
    assert mark.file is not None
    mark.file.write_bytes(content[:10])
    assert mark.read() in (0, 9_999_999_999)


def test_other_parties_prefixes_and_windows_have_counters_of_their_own(used: Path) -> None:
    for party, prefix, window in (("COOP2", "AB3D", 0), ("COOP1", "AB3E", 0), ("COOP1", "AB3D", 5000)):
        guard(used).check(party, prefix, window, None)
    assert read_counters(used / FILE_NAME) == {"COOP1/AB3D/0": 1000}


def test_the_guard_never_goes_back(used: Path) -> None:
    guard(used).record("COOP1", "AB3D", 0, 10)
    assert read_counters(used / FILE_NAME) == {"COOP1/AB3D/0": 1000}


@pytest.mark.parametrize("identity", [("W2", "M1", "77"), ("W1", "M2", "77"), ("W1", "M1", "78")])
def test_copied_workspace_is_refused(used: Path, identity: tuple[str, str, str]) -> None:
    with pytest.raises(CopiedWorkspaceError, match="copied or moved"):
        guard(used, *identity)


def test_missing_guard_is_refused_when_counters_are_in_use(used: Path) -> None:
    (used / FILE_NAME).unlink()
    with pytest.raises(GuardMissingError, match="Enrol a new key"):
        guard(used).check("COOP1", "AB3D", 0, 1000)
    assert not (used / FILE_NAME).exists()


def test_first_check_leaves_a_file_so_that_its_loss_is_seen(tmp_path: Path) -> None:
    guard(tmp_path).check("COOP1", "AB3D", 0, None)
    written = json.loads((tmp_path / FILE_NAME).read_text())
    assert written == {"workspace": "W1", "machine": "M1", "place": "77", "counters": {}, "granted": {}, "writes": 1}


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "null",
        '{"counters": {}}',
        '{"workspace": "W", "machine": "M", "place": "7", "counters": {"a": "x"}}',
        '{"workspace": "W", "machine": "M", "place": "7", "counters": {"a": Infinity}}',
        '{"workspace": "W", "machine": "M", "place": "7", "counters": {}, "granted": []}',
        '{"workspace": "W", "machine": "M", "place": "7", "counters": {}, "granted": {"a": [[1]]}}',
    ],
)
def test_damaged_file_is_one_error(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE_NAME).write_text(content)
    with pytest.raises(GuardDamagedError):
        guard(tmp_path)


def test_second_process_waits_and_says_so_when_it_takes_too_long(tmp_path: Path) -> None:
    with (
        hold_guard(tmp_path, workspace="W1", machine="M1"),
        pytest.raises(GuardBusyError) as caught,
        hold_guard(tmp_path, workspace="W1", machine="M1", timeout_s=0.05),
    ):
        pass
    assert caught.value.retryable


def test_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from tracelib.store.counter_guard import hold_guard\n"
        "with hold_guard(Path(sys.argv[1]), workspace='W1', machine='M1'): print('held', flush=True); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    process.kill()
    process.wait()
    process.stdout.close()
    with hold_guard(tmp_path, workspace="W1", machine="M1", timeout_s=5) as mine:
        mine.check("COOP1", "AB3D", 0, None)


def test_folder_copied_on_the_same_machine_is_noticed(tmp_path: Path) -> None:
    original, copy = tmp_path / "original", tmp_path / "copy"
    original.mkdir()
    with hold_guard(original, workspace="W1", machine="M1") as mine:
        mine.check("COOP1", "AB3D", 0, None)
    shutil.copytree(original, copy)
    with pytest.raises(CopiedWorkspaceError), hold_guard(copy, workspace="W1", machine="M1"):
        pass
    with hold_guard(original.rename(tmp_path / "moved"), workspace="W1", machine="M1") as mine:
        mine.check("COOP1", "AB3D", 0, None)


def test_database_that_lost_a_window_of_a_line_key_is_refused(tmp_path: Path) -> None:
    """Also when a later window is known: windows may be granted in any order."""
    guard(tmp_path).record_windows("COOP1", "AB3D", 0, [(500, 599)])
    guard(tmp_path).record_windows("COOP1", "AB3D", 0, [(100, 199)])
    for known in ((), [(500, 599)], [(100, 198), (500, 599)]):
        with pytest.raises(RestoredDatabaseError, match="newest backup") as caught:
            guard(tmp_path).check_windows("COOP1", "AB3D", 0, known)
    assert (caught.value.params["database"], caught.value.params["guard"]) == (99, 199)
    guard(tmp_path).check_windows("COOP1", "AB3D", 0, [(100, 199), (300, 399), (500, 599)])
    guard(tmp_path).check_windows("COOP1", "AB3E", 0, ())
    assert read_counters(tmp_path / FILE_NAME) == {}, "a window is no counter that is in use"


def test_missing_guard_is_refused_when_line_keys_have_counters(tmp_path: Path) -> None:
    with pytest.raises(GuardMissingError):
        guard(tmp_path).check_windows("COOP1", "AB3D", 0, [(0, 99)])
    guard(tmp_path).check_windows("COOP1", "AB3D", 0, ())


def test_file_of_a_version_that_knew_no_windows_is_read(used: Path) -> None:
    written = json.loads((used / FILE_NAME).read_text())
    del written["granted"]
    (used / FILE_NAME).write_text(json.dumps(written))
    guard(used).record_windows("COOP1", "AB3D", 0, [(2000, 2999)])
    assert read_counters(used / FILE_NAME) == {"COOP1/AB3D/0": 1000}
    with pytest.raises(RestoredDatabaseError):
        guard(used).check_windows("COOP1", "AB3D", 0, ())


def test_closed_key_may_nothing_and_stays_closed(used: Path) -> None:
    mine = guard(used)
    mine.require_open(b"\1" * 32)
    mine.state.closed[("01" * 32)] = "restored"
    mine.write()
    with pytest.raises(KeyClosedError, match="tracelib key new"):
        guard(used).require_open(b"\1" * 32)
    guard(used).require_open(b"\2" * 32)
    with pytest.raises(KeyClosedError):
        refuse_closed(used, [b"\2" * 32, b"\1" * 32])
    assert read_counters(used / FILE_NAME) == {"COOP1/AB3D/0": 1000}, "nothing else is forgotten"


def test_database_that_lost_a_delegation_is_refused(used: Path) -> None:
    """Whoever granted a prefix in between could grant it again."""
    guard(used).record_child(b"\1" * 32, b"\7" * 32)
    guard(used).record_child(b"\1" * 32, b"\x08" * 32)
    with pytest.raises(GrantsLostError, match="bundle import") as caught:
        guard(used).check_children(b"\1" * 32, [b"\7" * 32])
    assert caught.value.params["count"] == 1
    guard(used).check_children(b"\1" * 32, [b"\7" * 32, b"\x08" * 32, b"\x09" * 32])
    guard(used).check_children(b"\2" * 32, [])


def test_workspace_that_was_handed_over_is_opened_only_knowingly(used: Path) -> None:
    mine = guard(used)
    refuse_moved(used)
    mine.state.sealed_for = "ab" * 32
    mine.write()
    with pytest.raises(WorkspaceMovedError):
        guard(used)
    with pytest.raises(WorkspaceMovedError):
        refuse_closed(used, [])
    with pytest.raises(WorkspaceMovedError):
        refuse_moved(used)
    assert CounterGuard(used / FILE_NAME, "W1", "M1", "77", handed_over=True).state.sealed_for == "ab" * 32
    with pytest.raises(CopiedWorkspaceError):
        CounterGuard(used / FILE_NAME, "W2", "M1", "77", handed_over=True)


def test_memory_goes_from_guard_to_guard_whole(used: Path, tmp_path: Path) -> None:
    mine = guard(used)
    mine.record_windows("COOP1", "AB3D", 0, [(500, 599), (100, 199)])
    mine.record_child(b"\1" * 32, b"\7" * 32)
    mine.state.closed["ff" * 32] = "restored"
    mine.state.ancestors = ("W0",)
    (tmp_path / "other").mkdir()
    other = guard(tmp_path / "other", workspace="W2", place="78")
    other.state.learn(json.loads(json.dumps(mine.state.memory())))
    other.write()
    again = guard(tmp_path / "other", workspace="W2", place="78").state
    assert again.memory() == mine.state.memory()
    assert again.identity == {"workspace": "W2", "machine": "M1", "place": "78"}
    assert again.granted == {"COOP1/AB3D/0": {(100, 199), (500, 599)}}
