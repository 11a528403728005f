"""A line with a scale: every carton takes along what lay on it at its scan, and none goes without."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.line_world import OWN_PARTY, World, make_world
from tracelib.clock import SystemClock
from tracelib.store.unit_of_work import Store
from tracelib_scanner.fake_reader import FakeReader

LINE = """
station = "LINE-1"
mode = "activate"
[[device]]
name = "belt"
type = "serial"
port = "{belt}"
[scale]
port = "{scale}"
bits = 8          # a pseudo-terminal has no others
parity = "none"
tare_g = 300
fresh_ms = 1000
"""
STANDING, MOVING = 0x30, 0x38


class FakeScale:
    """A scale that says ten times a second what lies on it, until it is switched off."""

    def __init__(self, reader: FakeReader) -> None:
        self._reader = reader
        self.grams, self.status, self.is_on = 0, STANDING, True
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._end.wait(0.1):
            if self.is_on:
                words = bytes([0x02, 0x2D, self.status, 0x20])
                self._reader.send(words + f"{self.grams:6d}".encode() + b"000000\r")

    def stop(self) -> None:
        self._end.set()
        self._thread.join()


class Hall:
    """The running line, its reader and its scale."""

    def __init__(self, folder: Path, world: World, belt: FakeReader, scale: FakeScale) -> None:
        self.folder, self.world, self.belt, self.scale = folder, world, belt, scale
        self.start()

    def start(self) -> None:
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("TRACELIB_", "LC_", "LANG"))}
        with (self.folder / "out.txt").open("wb") as out, (self.folder / "err.txt").open("wb") as err:
            self.process = subprocess.Popen(
                [sys.executable, "-c", "from tracelib_cli.main import run; run()", "line", "run", "--json"],
                cwd=self.folder, env=clean, stdout=out, stderr=err,
            )  # fmt: skip
        self.wait(lambda: {"belt", "scale"} <= {one["device"] for one in self.said() if one.get("state") == "up"})

    def said(self) -> list[dict[str, Any]]:
        text = (self.folder / "out.txt").read_text()
        return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]

    def wait(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 40
        while not condition():
            if self.process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"{self.said()[-5:]} {(self.folder / 'err.txt').read_text()}")
            time.sleep(0.02)

    def put(self, grams: int, status: int = STANDING, *, on: bool = True) -> None:
        """Something else lies on the scale now, and it has said so."""
        self.scale.grams, self.scale.status, self.scale.is_on = grams, status, on
        time.sleep(0.5 if on else 1.5)

    def scan(self, text: str) -> tuple[str, str | None]:
        """What came of a code."""
        before = sum(one["type"] == "scan" for one in self.said())
        self.belt.scan(text)
        self.wait(lambda: sum(one["type"] == "scan" for one in self.said()) > before)
        answer = [one for one in self.said() if one["type"] == "scan"][-1]
        return answer["outcome"], answer["reason"]

    def weights(self) -> dict[str, int | None]:
        with sqlite3.connect(self.folder / "tracelib.db") as books:
            return dict(books.execute("SELECT unit_id, weight_g FROM code_activation").fetchall())


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    with Store.create_or_upgrade(f"sqlite:///{tmp_path / 'tracelib.db'}") as store:
        world = make_world(store, tmp_path / "keys", SystemClock())
        (tmp_path / "tracelib.toml").write_text(f'party = "{OWN_PARTY}"\nroot = "{world.root}"\n')
        (tmp_path / "trust.bundle").write_bytes(world.bundle)
        with FakeReader() as belt, FakeReader() as port:
            (tmp_path / "line.toml").write_text(LINE.format(belt=belt.port, scale=port.port))
            scale = FakeScale(port)
            here = Hall(tmp_path, world, belt, scale)
            try:
                yield here
            finally:
                here.process.kill()
                here.process.wait(10)
                scale.stop()


def test_each_carton_takes_its_weight_along_and_none_goes_without(hall: Hall) -> None:
    cartons = hall.world.cartons(4)
    units = [text.rsplit("/", 1)[1] for text in cartons]
    hall.put(5280)
    assert hall.scan(cartons[0]) == ("activated", None)
    hall.put(5300, MOVING)
    assert hall.scan(cartons[1]) == ("refused", "line.no_weight")
    hall.put(5410)
    assert hall.scan(cartons[1]) == ("activated", None)
    hall.put(5410, on=False)  # the cable is out: the last weight is old
    assert hall.scan(cartons[2]) == ("refused", "line.no_weight")
    hall.put(290)
    assert hall.scan(cartons[2]) == ("refused", "line.no_weight")  # an empty carton
    assert hall.weights() == {units[0]: 4980, units[1]: 5110}
    with sqlite3.connect(hall.folder / "tracelib.db") as books:
        [document] = books.execute("SELECT document FROM event WHERE document LIKE ?", (f"%{units[0]}%",)).fetchone()
    assert '"value":4980,"uom":"GRM"' in document.replace(" ", "")


def test_a_weight_that_was_journalled_is_not_weighed_again(hall: Hall) -> None:
    """Killed between journal and books: the carton has the weight of its scan, whatever lies there later."""
    (text,) = hall.world.cartons(1)
    hall.put(5280)
    with sqlite3.connect(hall.folder / "tracelib.db", isolation_level=None) as books:
        books.execute("BEGIN IMMEDIATE")  # the line cannot write to the books meanwhile
        hall.belt.scan(text)
        time.sleep(0.5)
        hall.process.send_signal(signal.SIGKILL)
        hall.process.wait(10)
        books.execute("ROLLBACK")
    hall.put(9999)
    hall.start()
    hall.wait(lambda: any(one["type"] == "scan" for one in hall.said()))
    assert hall.weights() == {text.rsplit("/", 1)[1]: 4980}
