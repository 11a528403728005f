"""``tracelib line run`` as a program: pseudo-terminal and folder in, JSON out, killed and started again."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bench.line_world import OWN_PARTY, World, make_world
from tracelib.clock import SystemClock
from tracelib.errors import NotFoundError, RuleError, TraceError
from tracelib.operations import activate, line_rules, line_task, pack
from tracelib.operations.line_answer import Outcome
from tracelib.store.unit_of_work import Store
from tracelib.text import phrases
from tracelib_scanner.fake_reader import FakeReader
from tracelib_scanner.journal import Journal
from tracelib_scanner.words import KINDS

RunCli = Callable[..., Any]
LOADED = (activate, line_rules, line_task, pack)
"""Their rules are asked for."""
CONFIG = """
station = "LINE-1"
mode = "activate+pack"
cartons_per_pallet = 2
[[device]]
name = "belt"
type = "serial"
port = "{port}"
[[device]]
name = "cam"
type = "camera"
folder = "pictures"
"""


@dataclass
class Workspace:
    """A workspace folder with a county, a line and a reader."""

    folder: Path
    world: World
    reader: FakeReader
    started: list["Running"] = field(default_factory=list)

    def start(self, *options: str, before: str = "", env: Mapping[str, str] | None = None) -> "Running":
        """``before`` is a line of Python that the program begins with."""
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("TRACELIB_", "LC_", "LANG"))}
        program = [sys.executable, "-c", f"{before}\nfrom tracelib_cli.main import run; run()"]
        errors = self.folder / f"errors-{len(self.started)}.txt"
        with errors.open("wb") as stream:
            process = subprocess.Popen(
                [*program, "line", "run", "--json", *options],
                cwd=self.folder,
                env={**clean, **(env or {})},
                stdout=subprocess.PIPE,
                stderr=stream,
                text=True,
            )
        self.started.append(Running(process, errors))
        return self.started[-1]

    def unit(self, text: str) -> str:
        return text.rsplit("/", 1)[1]


class Running:
    """The program while it runs; ``lines`` are its answers so far, ``errors`` is a file: reading it never waits."""

    def __init__(self, process: "subprocess.Popen[str]", errors: Path) -> None:
        self.process = process
        self.errors = errors
        self.lines: list[dict[str, Any]] = []
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.endswith("\n"):
                self.lines.append(json.loads(line))

    def wait_for(self, wanted: Callable[[dict[str, Any]], bool], count: int = 1) -> None:
        deadline = time.monotonic() + 40
        while sum(map(wanted, list(self.lines))) < count:
            if self.process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"{self.lines[-5:]} {self.errors.read_text()}")
            time.sleep(0.01)

    def wait_up(self, device: str = "belt") -> None:
        self.wait_for(lambda line: line.get("device") == device and line.get("state") == "up")

    def wait_scans(self, count: int) -> None:
        self.wait_for(lambda line: line["type"] == "scan", count)

    def scans(self) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["type"] == "scan"]

    def end(self, how: signal.Signals | None = None, patience_s: float = 40) -> int:
        """Wait for the end; a program that does not end is killed before TimeoutExpired is raised."""
        try:
            if how is not None:
                self.process.send_signal(how)
            return self.process.wait(patience_s)
        finally:
            self.kill()

    def kill(self) -> None:
        """Nothing of it is left afterwards, whatever state it was in."""
        self.process.kill()
        self.process.wait(10)
        self._thread.join(5)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    store = Store.create_or_upgrade(f"sqlite:///{tmp_path / 'tracelib.db'}")
    world = make_world(store, tmp_path / "keys", SystemClock())
    (tmp_path / "tracelib.toml").write_text(f'party = "{OWN_PARTY}"\nroot = "{world.root}"\n')
    (tmp_path / "trust.bundle").write_bytes(world.bundle)
    (tmp_path / "pictures").mkdir()
    with FakeReader() as reader:
        (tmp_path / "line.toml").write_text(CONFIG.format(port=reader.port))
        here = Workspace(tmp_path, world, reader)
        try:
            yield here
        finally:
            for run in here.started:  # before the reader goes: a line left over would hold its terminal
                run.kill()
            store.close()


@pytest.fixture
def picture_file() -> Callable[[Path, str], None]:
    """Put a picture of a code where a camera would."""
    import qrcode
    from qrcode.image.pil import PilImage

    def write(path: Path, text: str) -> None:
        hidden = path.with_name(f".{path.name}")
        with hidden.open("wb") as stream:
            qrcode.make(text, image_factory=PilImage, box_size=4).save(stream)
        hidden.rename(path)

    return write


def test_a_shift(workspace: Workspace, picture_file: Callable[[Path, str], None]) -> None:
    """Good, forged, foreign, voided, copied and torn codes, from reader and camera, and a pallet."""
    cartons, (pallet,) = workspace.world.cartons(5), workspace.world.pallets(1)
    voided = cartons[3]
    with workspace.world.store.unit_of_work() as uow:
        uow.voids.add(OWN_PARTY, [workspace.unit(voided)], "damaged", SystemClock().now())
    forged = cartons[4].replace("GN-1", "GN-2")
    run = workspace.start()
    run.wait_up()
    run.wait_up("cam")
    picture_file(workspace.folder / "pictures" / "one.png", cartons[0])
    run.wait_scans(1)
    sent = [cartons[1], forged, workspace.world.foreign()[0], voided, cartons[0], pallet, cartons[2], cartons[4][:-9]]
    for text in sent:
        workspace.reader.scan(text)
    run.wait_scans(1 + len(sent))
    assert run.end(signal.SIGINT) == 130
    reasons = [(scan["outcome"], scan["reason"]) for scan in run.scans()]
    assert reasons == [
        ("activated", None),
        ("activated", None),
        ("refused", "bad_signature"),
        ("refused", "activation.other_party"),
        ("refused", "voided"),
        ("refused", "activation.already_active"),
        ("packed", None),
        ("activated", None),
        ("refused", "malformed"),
    ]
    summary = run.lines[-1]
    assert {key: summary[key] for key in ("type", "read", "accepted", "activated", "pallets", "packed", "waiting")} == {
        "type": "summary",
        "read": 9,
        "accepted": 4,
        "activated": 3,
        "pallets": 1,
        "packed": 2,
        "waiting": 1,
    }
    assert summary["refused"] == 5
    assert summary["p50_ms"] > 0
    assert "Traceback" not in run.errors.read_text()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_line_can_be_ended_where_its_parent_ignores_interrupts(workspace: Workspace, how: signal.Signals) -> None:
    """As under ``nohup`` or ``&`` in a script, where Python installs no handler for SIGINT."""
    run = workspace.start(before="import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)")
    run.wait_up()
    assert run.end(how, 15) == 130
    assert run.lines[-1]["type"] == "summary"


def test_a_line_that_does_not_end_is_killed(workspace: Workspace) -> None:
    run = workspace.start()
    run.wait_up()
    with pytest.raises(subprocess.TimeoutExpired):
        run.end(patience_s=0.05)
    assert run.process.returncode == -signal.SIGKILL


def test_status_of_a_line_that_runs_ends_and_never_ran(workspace: Workspace, run_cli: RunCli) -> None:
    never = run_cli("line", "status", cwd=workspace.folder)
    assert (never.status, "LINE-1 has not run here" in never.err) == (6, True)
    (text,) = workspace.world.cartons(1)
    run = workspace.start()
    run.wait_up()
    workspace.reader.scan(text)
    workspace.reader.scan("6901234567892")
    run.wait_scans(2)
    deadline = time.monotonic() + 30
    status: dict[str, Any] = {"read": 0}
    while status["read"] < 2:  # the line says how it does once a second
        assert time.monotonic() < deadline, status
        found = run_cli("line", "status", "--json", cwd=workspace.folder)
        status = json.loads(found.out) if found.status == 0 else status
    assert {
        key: status[key] for key in ("running", "station", "party", "read", "accepted", "refused", "not_stored")
    } == {
        "running": True,
        "station": "LINE-1",
        "party": OWN_PARTY,
        "read": 2,
        "accepted": 1,
        "refused": 1,
        "not_stored": 0,
    }
    belt = status["devices"][0]
    assert (belt["device"], belt["state"], belt["opens"], belt["losses"]) == ("belt", "up", 1, 0)
    assert belt["readings"]["read"] == 2
    metrics = run_cli("line", "status", "--prometheus", cwd=workspace.folder).out.splitlines()
    assert f'tracelib_line_up{{station="LINE-1",party="{OWN_PARTY}"}} 1' in metrics
    assert 'tracelib_device_state{station="LINE-1",device="belt",state="up"} 1' in metrics
    chinese = run_cli("--lang", "zh", "line", "status", cwd=workspace.folder).out
    assert "就绪" in chinese
    assert "不是本系统的码" in chinese
    workspace.reader.unplug()
    run.wait_for(lambda line: line.get("state") == "down")
    deadline, told = time.monotonic() + 30, ""
    while not any(text in told for text in ("the cable was pulled or the device is off", "no such port")):
        assert time.monotonic() < deadline, told
        told = run_cli("line", "status", cwd=workspace.folder).out
    assert run.end(signal.SIGINT) == 130
    ended = run_cli("line", "status", cwd=workspace.folder)
    assert (ended.status, "is not running" in ended.err) == (6, True)
    assert "belt" in ended.out


def test_words_for_people(workspace: Workspace, run_cli: RunCli) -> None:
    (text,) = workspace.world.cartons(1)
    (workspace.folder / "line.toml").write_text(
        'station = "LINE-1"\nmode = "activate"\n[[device]]\nname = "day"\ntype = "replay"\nfile = "day.txt"\n'
    )
    (workspace.folder / "day.txt").write_text(f"{text}\n6901234567892\n")
    result = run_cli("line", "run", cwd=workspace.folder)
    assert (result.status, result.err) == (0, "")
    assert f"day  activated {workspace.unit(text)} GN-1" in result.out
    assert "day  REFUSED - This is some other text or link." in result.out
    again = run_cli("--lang", "zh", "line", "run", cwd=workspace.folder)
    assert again.status == 0
    assert "REFUSED" not in again.out  # the file was journalled: nothing is read twice
    (workspace.folder / "day.txt").write_text(f"\n\n\n{text}\n")
    chinese = run_cli("--lang", "zh", "line", "run", cwd=workspace.folder)
    assert "拒收" in chinese.out
    assert "已于" in chinese.out


def test_the_summary_says_rules_in_words(workspace: Workspace, run_cli: RunCli) -> None:
    """A pallet's code too early: its raw key ``packing.not_full`` is not for people."""
    text, pallet = *workspace.world.cartons(1), *workspace.world.pallets(1)
    (workspace.folder / "line.toml").write_text(
        'station = "LINE-1"\nmode = "activate+pack"\ncartons_per_pallet = 2\n'
        '[[device]]\nname = "day"\ntype = "replay"\nfile = "day.txt"\n'
    )
    (workspace.folder / "day.txt").write_text(f"{text}\n{pallet}\n")
    english = run_cli("line", "run", cwd=workspace.folder).out
    assert "the pallet's code came before all its cartons" in english
    assert "packing.not_full" not in english
    (workspace.folder / "day.txt").write_text(f"\n\n{pallet}\n")
    chinese = run_cli("--lang", "zh", "line", "run", cwd=workspace.folder).out
    assert "箱数未满就扫了托盘码" in chinese


def test_every_rule_of_the_line_has_words_in_both_languages() -> None:
    def leaves(kind: type[TraceError]) -> Iterator[type[TraceError]]:
        for leaf in kind.__subclasses__():
            yield leaf
            yield from leaves(leaf)

    kinds = (RuleError, NotFoundError)  # what a reading is refused for; anything else stops the line
    every = {leaf.code for kind in kinds for leaf in leaves(kind)}
    rules = {code for code in every if code.startswith(("activation.", "packing."))}
    rules |= every & {"line.never_activated", "line.no_serial_key", "event.never_left", "event.still_inside"}
    rules |= {code for code in every if code.startswith("line.other_")} | {"line.frozen", "line.before_season"}
    rules |= every & {"line.no_weight"}
    assert len(rules) >= 18
    assert rules <= KINDS.keys()
    assert all(phrases("zh")(text) != text for text in KINDS.values())


def test_settings_that_are_missing(workspace: Workspace, run_cli: RunCli) -> None:
    def status(**changes: str) -> tuple[int, str]:
        result = run_cli("line", "run", "--json", "--until-idle", "0.2", cwd=workspace.folder, env=changes)
        error: str = json.loads(result.err.splitlines()[-1])["error"]["code"]
        return result.status, error

    assert status(TRACELIB_ROOT="") == (7, "line.no_root")
    assert status(TRACELIB_PARTY="") == (7, "line.no_party")
    assert status(TRACELIB_BUNDLE="none.bundle") == (6, "line.no_bundle")
    assert status(TRACELIB_ROOT="0" * 64)[0] == 4
    (workspace.folder / "line.toml").write_text("station = 5\n")
    result = run_cli("line", "run", cwd=workspace.folder)
    assert result.status == 7
    assert result.err.count("\n") == 4  # station, cartons_per_pallet, device, and the sum
    (workspace.folder / "line.toml").unlink()
    assert status() == (7, "line.config_file")


def test_two_programs_are_not_one_station(workspace: Workspace, run_cli: RunCli) -> None:
    run = workspace.start()
    run.wait_up()
    second = run_cli("line", "run", "--json", cwd=workspace.folder)
    assert (second.status, json.loads(second.err)["error"]["code"]) == (8, "journal.busy")
    assert run.end(signal.SIGTERM) == 130


def test_unplugged_reader_is_said_and_the_line_ends_when_idle(workspace: Workspace) -> None:
    (text,) = workspace.world.cartons(1)
    run = workspace.start("--until-idle", "1.5")
    run.wait_up()
    workspace.reader.send(text[:90].encode())
    time.sleep(0.2)
    workspace.reader.unplug()
    run.wait_for(lambda line: line.get("state") == "down")
    assert run.end() == 0
    assert [(scan["outcome"], scan["reason"]) for scan in run.scans()] == [("nothing", "torn")]
    assert any(line.get("error") == "device.lost" for line in run.lines)


def _check_everything_is_there_once(workspace: Workspace) -> int:
    """Every journalled scan is in the store once, every activation has one event; the number of scans."""
    journal = Journal(workspace.folder / "journal" / OWN_PARTY / "LINE-1.db")
    journalled = {entry.row_id: entry.scan.data for entry in journal.after(0, 10**6)}
    journal.close()
    with sqlite3.connect(workspace.folder / "tracelib.db") as db:
        stored = dict(db.execute("SELECT row_id, data FROM scan").fetchall())
        outcomes = Counter(row[0] for row in db.execute("SELECT outcome FROM scan"))
        documents = [json.loads(row[0]) for row in db.execute("SELECT document FROM event")]
        outbox = db.execute("SELECT count(*) FROM outbox").fetchone()[0]
        contained = db.execute("SELECT count(*) FROM containment").fetchone()[0]
    db.close()
    assert stored == journalled
    activated = [epc for event in documents for epc in event.get("epcList", [])]
    packed = [epc for event in documents for epc in event.get("childEPCs", [])]
    assert len(activated) == len(set(activated)) == outcomes[Outcome.ACTIVATED]
    assert len(packed) == len(set(packed)) == contained == 2 * outcomes[Outcome.PACKED]
    assert set(packed) <= set(activated)
    assert outbox == len(documents)
    return len(stored)


def _killed(workspace: Workspace, times: int) -> int:
    """Kill a line that is being fed, so many times; the number of scans that were kept."""
    texts = workspace.world.cartons(160 * times)
    pallets = workspace.world.pallets(40 * times)
    codes = [code for n, text in enumerate(texts) for code in ([text, pallets[n // 4]] if n % 4 == 3 else [text])]
    chosen = random.Random(1)
    running, done = threading.Event(), threading.Event()

    def send() -> None:
        for code in codes:
            running.wait()  # what is sent while nobody reads is flushed when the port is opened
            if done.is_set():
                return
            with suppress(OSError):  # the test has failed meanwhile and pulled the cable
                workspace.reader.scan(code)
            time.sleep(0.004)

    threading.Thread(target=send, daemon=True).start()
    try:
        for _ in range(times):
            run = workspace.start()
            run.wait_up()
            running.set()
            run.wait_scans(1)
            time.sleep(chosen.uniform(0, 0.3))
            assert run.end(signal.SIGKILL) == -9
            running.clear()
    finally:
        done.set()
        running.set()
    run = workspace.start("--until-idle", "1")
    assert run.end() == 0
    return _check_everything_is_there_once(workspace)


def test_killed_at_random_moments_loses_and_doubles_nothing(workspace: Workspace) -> None:
    assert _killed(workspace, 5) > 50


@pytest.mark.slow
def test_killed_fifty_times(workspace: Workspace) -> None:
    assert _killed(workspace, 50) > 500


def test_stations_along_the_way(workspace: Workspace, run_cli: RunCli) -> None:
    """A belt packs, a gate ships the pallet with its cartons, another party takes it in and sends it back."""
    cartons, (pallet,) = workspace.world.cartons(3), workspace.world.pallets(1)

    def station(name: str, mode: str, *texts: str, more: str = "") -> list[tuple[str, str | None, int | None]]:
        (workspace.folder / "line.toml").write_text(
            f'station = "{name}"\nmode = "{mode}"\n{more}\n[[device]]\nname = "day"\ntype = "replay"\nfile = "{name}"\n'
        )
        (workspace.folder / name).write_text("".join(f"{text}\n" for text in texts))
        done = run_cli("line", "run", "--json", cwd=workspace.folder)
        assert (done.status, done.err) == (0, "")
        scans = [json.loads(line) for line in done.out.splitlines() if '"type": "scan"' in line]
        return [(scan["outcome"], scan["reason"], scan["cartons"]) for scan in scans]

    (workspace.folder / "line.toml").write_text(
        'station = "GATE"\nmode = "ship"\nto = "SHOP"\n[[device]]\nname = "day"\ntype = "replay"\nfile = "day"\n'
    )
    nobody = run_cli("line", "run", cwd=workspace.folder)
    assert (nobody.status, "event.party_unknown" in nobody.err) == (6, True), nobody.err
    packed = station("BELT", "activate+pack", *cartons[:2], pallet, more="cartons_per_pallet = 2")
    assert packed == [("activated", None, None), ("activated", None, None), ("packed", None, 2)]
    gate = station("GATE", "ship", cartons[0], pallet, cartons[2], more='to = "COOP2"')
    assert gate == [
        ("refused", "event.still_inside", None),
        ("shipped", None, 2),
        ("refused", "event.never_active", None),
    ]
    dock = station("DOCK", "receive", pallet, more='party = "COOP2"\nfrom = "COOP1"')
    assert dock == [("received", None, 2)]
    back = station("BACK", "ship", pallet, more='party = "COOP2"\nto = "COOP1"')
    assert back == [("shipped", None, 2)]
    assert station("HOME", "return", pallet, more='from = "COOP2"') == [("returned", None, 2)]
    assert station("DESK", "check", cartons[0], cartons[2]) == [
        ("checked", None, None),
        ("refused", "line.never_activated", None),
    ]
    status = json.loads(run_cli("line", "status", "--json", cwd=workspace.folder).out)
    assert (status["station"], status["accepted"], status["checked"], status["refused"]) == ("DESK", 1, 1, 1)
