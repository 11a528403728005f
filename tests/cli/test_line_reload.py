"""A line whose configuration changes while it runs: a sound change is taken over, a faulty one is told."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bench.line_world import OWN_PARTY, World, make_world
from tracelib.clock import SystemClock
from tracelib.store.unit_of_work import Store
from tracelib_scanner.fake_reader import FakeReader

ONE = """
station = "LINE-1"
mode = "activate+pack"
cartons_per_pallet = {count}
[[device]]
name = "belt"
type = "serial"
port = "{port}"
"""
SECOND = '[[device]]\nname = "hand"\ntype = "serial"\nport = "{port}"\n'


@dataclass
class Hall:
    """A workspace, two readers and the running line."""

    folder: Path
    world: World
    belt: FakeReader
    hand: FakeReader
    process: "subprocess.Popen[bytes]"

    def said(self) -> list[dict[str, Any]]:
        text = (self.folder / "out.txt").read_text()
        return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]

    def warned(self) -> str:
        return (self.folder / "err.txt").read_text()

    def wait(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 40
        while not condition():
            if self.process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"{self.said()[-5:]} {self.warned()}")
            time.sleep(0.02)

    def ups(self, device: str) -> int:
        return sum(one.get("device") == device and one.get("state") == "up" for one in self.said())

    def scans(self) -> list[tuple[str, str]]:
        return [(one["device"], one["outcome"]) for one in self.said() if one["type"] == "scan"]

    def write(self, text: str) -> None:
        """As an editor saves: a new file in the place of the old one."""
        new = self.folder / "line.toml.new"
        new.write_text(text)
        new.replace(self.folder / "line.toml")


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    with Store.create_or_upgrade(f"sqlite:///{tmp_path / 'tracelib.db'}") as store:
        world = make_world(store, tmp_path / "keys", SystemClock())
        (tmp_path / "tracelib.toml").write_text(f'party = "{OWN_PARTY}"\nroot = "{world.root}"\n')
        (tmp_path / "trust.bundle").write_bytes(world.bundle)
        with FakeReader() as belt, FakeReader() as hand:
            (tmp_path / "line.toml").write_text(ONE.format(count=2, port=belt.port))
            clean = {k: v for k, v in os.environ.items() if not k.startswith(("TRACELIB_", "LC_", "LANG"))}
            with (tmp_path / "out.txt").open("wb") as out, (tmp_path / "err.txt").open("wb") as err:
                process = subprocess.Popen(
                    [sys.executable, "-c", "from tracelib_cli.main import run; run()", "line", "run", "--json"],
                    cwd=tmp_path, env=clean, stdout=out, stderr=err,
                )  # fmt: skip
            here = Hall(tmp_path, world, belt, hand, process)
            try:
                here.wait(lambda: here.ups("belt") == 1)
                yield here
            finally:
                process.kill()
                process.wait(10)


def test_a_reader_more_and_another_pallet_size_without_a_restart(hall: Hall) -> None:
    cartons, (pallet,) = hall.world.cartons(3), hall.world.pallets(1)
    hall.belt.scan(cartons[0])
    hall.wait(lambda: len(hall.scans()) == 1)
    hall.write(ONE.format(count=3, port=hall.belt.port) + SECOND.format(port=hall.hand.port))
    hall.wait(lambda: (hall.ups("belt"), hall.ups("hand")) == (2, 1))
    hall.hand.scan(cartons[1])
    hall.wait(lambda: len(hall.scans()) == 2)
    hall.belt.scan(cartons[2])
    hall.wait(lambda: len(hall.scans()) == 3)
    hall.belt.scan(pallet)
    hall.wait(lambda: len(hall.scans()) == 4)
    assert hall.scans() == [("belt", "activated"), ("hand", "activated"), ("belt", "activated"), ("belt", "packed")]
    hall.process.send_signal(signal.SIGINT)
    assert hall.process.wait(40) == 130
    summary = hall.said()[-1]
    assert (summary["type"], summary["read"], summary["pallets"], summary["packed"]) == ("summary", 4, 1, 3)
    assert hall.warned() == ""


def test_a_faulty_change_is_told_and_the_line_goes_on(hall: Hall) -> None:
    cartons = hall.world.cartons(3)
    good = ONE.format(count=2, port=hall.belt.port)
    hall.write(good.replace('mode = "activate+pack"', 'mode = "sell"').replace("count = 2", "count = -1"))
    hall.wait(lambda: "mode: «sell»" in hall.warned())
    hall.belt.scan(cartons[0])
    hall.wait(lambda: len(hall.scans()) == 1)
    hall.write(good[:40])  # half of a file
    hall.wait(lambda: hall.warned().count("goes on as it was") >= 2)
    hall.write(good.replace('mode = "activate+pack"', 'mode = "ship"\nto = "NOBODY"').replace("cartons_per", "# "))
    hall.wait(lambda: "NOBODY" in hall.warned())  # sound by itself, and nobody is called so
    hall.wait(lambda: hall.ups("belt") == 2)
    hall.belt.scan(cartons[1])
    hall.wait(lambda: len(hall.scans()) == 2)
    told = hall.warned()
    time.sleep(2.5)
    assert hall.warned() == told  # each is told once
    assert hall.scans() == [("belt", "activated")] * 2


def test_a_file_that_says_the_same_disturbs_nobody(hall: Hall) -> None:
    hall.write(ONE.format(count=2, port=hall.belt.port) + "# a comment\n")
    time.sleep(2.5)
    hall.belt.scan(hall.world.cartons(1)[0])
    hall.wait(lambda: len(hall.scans()) == 1)
    assert hall.ups("belt") == 1
