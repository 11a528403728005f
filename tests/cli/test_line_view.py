"""``tracelib line run --view``: the facts of the operator's page on a terminal."""

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from bench.line_world import OWN_PARTY, make_world
from tracelib.clock import SystemClock
from tracelib.operations.line_answer import Captured, LineScan, Outcome
from tracelib.store.unit_of_work import Store
from tracelib.text import Language
from tracelib_cli.line_view import LineView
from tracelib_scanner.board import Board
from tracelib_scanner.fake_reader import FakeReader
from tracelib_scanner.health import DeviceState
from tracelib_scanner.kiosk.view import page_facts
from tracelib_scanner.station import Answer, DeviceChange

RunCli = Callable[..., Any]
NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)
LINE = 'station = "LINE-1"\nmode = "activate"\n[[device]]\nname = "belt"\ntype = "serial"\nport = "{port}"\n'


def answer(row: int, outcome: Outcome, reason: str = "", unit: str | None = None) -> Answer:
    data = b"%d" % row
    return Answer(Captured(LineScan(row, "belt", "read", data, NOW, "x"), outcome, reason, unit_id=unit), 0.001)


def drawn(board: Board, language: Language, width: int = 90) -> str:
    console = Console(record=True, width=width, file=open(os.devnull, "w"))  # noqa: SIM115 - as long as the test
    console.print(LineView(language, console).picture(page_facts(board.facts(NOW, ["A", "B"]), NOW)))
    return console.export_text()


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh", ("已激活", "最近十次", "本托已有", "签名", "今日拒收", "不在")),
        ("en", ("activated", "Last ten", "on this pallet", "signature", "refused today", "away")),
    ],
)
def test_verdict_reason_advice_counts_and_devices(language: Language, words: tuple[str, ...]) -> None:
    board = Board("LINE-1", ["belt", "hand"], 12)
    board.add(answer(1, Outcome.ACTIVATED, unit="AB3DXPA2NREVT9P"))
    good = drawn(board, language)
    assert "✓" in good
    assert "✗" not in good
    board.add(answer(2, Outcome.REFUSED, "bad_signature"))
    board.add(DeviceChange("hand", DeviceState.DOWN, None))
    bad = drawn(board, language)
    verdict = bad[: bad.index(words[1])]
    assert "✗" in verdict
    assert "✓" not in verdict
    assert "2 / 12" in bad
    assert all(word in good + bad for word in words[:5]), bad
    assert "12:00:00" in bad  # UTC+08:00


def test_nothing_yet_fits_a_small_terminal() -> None:
    told = drawn(Board("LINE-1", ["belt"], 0), "zh", 60)
    assert "还没有读到码" in told
    assert "/" not in told  # no pallet on a line that packs none
    assert max(map(len, told.splitlines())) <= 60


def test_it_needs_a_terminal(run_cli: RunCli, tmp_path: Path) -> None:
    (tmp_path / "tracelib.toml").write_text('party = "COOP1"\n')
    done = run_cli("line", "run", "--view", cwd=tmp_path)
    assert (done.status, "--view" in done.err) == (2, True)


def test_on_a_terminal(tmp_path: Path) -> None:
    with Store.create_or_upgrade(f"sqlite:///{tmp_path / 'tracelib.db'}") as store, FakeReader() as reader:
        world = make_world(store, tmp_path / "keys", SystemClock())
        (tmp_path / "tracelib.toml").write_text(f'party = "{OWN_PARTY}"\nroot = "{world.root}"\n')
        (tmp_path / "trust.bundle").write_bytes(world.bundle)
        (tmp_path / "line.toml").write_text(LINE.format(port=reader.port))
        pid, terminal = pty.fork()
        if pid == 0:  # pragma: no cover - the child
            os.chdir(tmp_path)
            kept = {key: value for key, value in os.environ.items() if not key.startswith(("TRACELIB_", "LC_"))}
            code = "from tracelib_cli.main import run; run()"
            os.execve(sys.executable, [sys.executable, "-P", "-c", code, "--lang", "zh", "line", "run", "--view"],
                      {**kept, "LC_ALL": "C.UTF-8", "TERM": "xterm"})  # fmt: skip
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))
        screen = Screen(terminal)
        try:
            screen.wait("就绪")
            reader.scan(world.cartons(1)[0])
            screen.wait("✓  已激活")
            reader.scan("6901234567892")
            screen.wait("✗  拒收")
            os.kill(pid, signal.SIGINT)
            screen.wait("产线")  # the summary, after the terminal was given back
        finally:
            os.kill(pid, signal.SIGKILL)
            os.close(terminal)
            os.waitpid(pid, 0)
    assert "\x1b[?1049h" in screen.text
    assert screen.text.rindex("\x1b[?1049l") < screen.text.rindex("产线")


class Screen:
    """What came out of a terminal so far."""

    def __init__(self, terminal: int) -> None:
        self._terminal = terminal
        self._bytes = b""

    @property
    def text(self) -> str:
        return self._bytes.decode(errors="ignore")

    def wait(self, text: str) -> None:
        deadline = time.monotonic() + 60
        while text not in self.text:
            assert time.monotonic() < deadline, ascii(self.text[:3000])
            if select.select([self._terminal], [], [], 0.5)[0]:
                try:
                    self._bytes += os.read(self._terminal, 65536)
                except OSError:
                    break
        assert text in self.text, ascii(self.text[:3000])
