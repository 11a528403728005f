"""Two processes issue from one key and are killed at random moments: no counter twice, nothing lost.

The short form runs with the other tests; ``make torture`` runs the long one (marker ``slow``).
``TRACELIB_TORTURE_SEED`` repeats a run.
"""

import itertools
import os
import random
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tracelib.batches.manifest import SignedManifest, check_sequence, decode_manifest
from tracelib.codes.serial import SerialCipher
from tracelib.store.counter_guard import FILE_NAME, read_counters
from tracelib.store.unit_of_work import Store
from tracelib.trust.keys import KeyPair

WORKER = Path(__file__).with_name("issue_worker.py")
KEY = KeyPair.from_secret(1, bytes([7]) * 32).public
CIPHER = SerialCipher(bytes(range(32)), "AB3D")
SEED = int(os.environ.get("TRACELIB_TORTURE_SEED", time.time_ns() % 1_000_000))

PATIENCE_S = 60
"""No answer takes nearly so long; a worker that hangs fails the test instead of holding it."""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kill -9")


class Worker:
    """The program beside this file, waiting for commands."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self._started: list[int] = []

    def ask(self, command: str) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()
        if not select.select([self._process.stdout], [], [], PATIENCE_S)[0]:
            pytest.fail(f"no answer to «{command}» within {PATIENCE_S} s (seed {SEED})")
        return self._process.stdout.readline().strip()

    def start(self, seed: int) -> int:
        """Begin a process that issues without end; its number. What is not killed here is killed in the end."""
        number = int(self.ask(f"start {seed}"))
        self._started.append(number)
        return number

    def kill(self, number: int) -> None:
        """End one of the processes that issue, in the middle of whatever it does."""
        self._started.remove(number)
        os.kill(number, signal.SIGKILL)

    def end(self) -> None:
        """End everything that was started, also after a failed assertion."""
        for number in list(self._started):
            with suppress(ProcessLookupError):
                self.kill(number)
        self._process.kill()


@contextmanager
def worker(url: str, folder: Path) -> Iterator[Worker]:
    command = [sys.executable, str(WORKER), url, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        mine = Worker(process)
        try:
            yield mine
        finally:
            mine.end()


def torture(url: str, folder: Path, rounds: int) -> None:
    """Rounds of two processes each, both killed after up to a tenth of a second."""
    chance = random.Random(SEED)
    with worker(url, folder) as mine:
        assert mine.ask("setup") == "ok"
        for number in range(rounds):
            processes = [mine.start(SEED + 2 * number + i) for i in range(2)]
            for process in processes:
                time.sleep(chance.uniform(0.01, 0.1))
                mine.kill(process)
        assert mine.ask("once") == "0", f"the desk works afterwards (seed {SEED})"


def counters_in(path: Path) -> list[int]:
    return [CIPHER.counter_of(line.rpartition("/")[2]) for line in path.read_text().splitlines()]


def check(url: str, folder: Path) -> int:
    """What must hold afterwards; the number of codes that were issued."""
    with Store.open(url) as store, store.reading() as uow:
        ranges = [range_ for lot in ("T-1", "T-2") for range_ in uow.codes.ranges_of("COOP1", "ORANGE", lot)]
        chain = [decode_manifest(stored.document, KEY) for stored in uow.codes.manifests("COOP1", KEY.hash)]
        database_next = uow.codes.all_counters()
    ranges.sort(key=lambda range_: range_.first)
    for earlier, later in itertools.pairwise(ranges):
        assert earlier.last < later.first, f"a counter in two ranges (seed {SEED})"
    assert all(range_.seq is not None for range_ in ranges), f"a range without manifest (seed {SEED})"
    previous: SignedManifest | None = None
    for signed in chain:
        check_sequence(previous, signed.manifest)
        previous = signed
    registered = {(signed.manifest.first, signed.manifest.count) for signed in chain}
    assert registered == {(range_.first, range_.count) for range_ in ranges}
    assert read_counters(folder / "keys" / FILE_NAME) == database_next

    seen: set[int] = set()
    for path in (folder / "out").iterdir():
        if path.name.startswith("."):
            continue  # a process that was killed while it wrote leaves its temporary file, never a half one in place
        counters = counters_in(path)
        assert (counters[0], len(counters)) in registered, f"codes without manifest in {path} (seed {SEED})"
        assert not seen.intersection(counters), f"a counter in two files (seed {SEED})"
        seen.update(counters)
    return len(seen)


def test_killed_at_random_moments_no_counter_is_used_twice(store_url: str, tmp_path: Path) -> None:
    torture(store_url, tmp_path, rounds=12)
    assert check(store_url, tmp_path) > 0


@pytest.mark.slow
def test_killed_many_times(store_url: str, tmp_path: Path) -> None:
    torture(store_url, tmp_path, rounds=400)
    assert check(store_url, tmp_path) > 1000


def test_nothing_that_was_started_outlives_a_failed_test(store_url: str, tmp_path: Path) -> None:
    started = 0
    with suppress(RuntimeError), worker(store_url, tmp_path) as mine:
        assert mine.ask("setup") == "ok"
        started = mine.start(SEED)
        raise RuntimeError("a test that fails in between")
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            os.kill(started, 0)
        except ProcessLookupError:
            return
        time.sleep(0.02)
    pytest.fail("it issues on")


def test_two_processes_at_once(store_url: str, tmp_path: Path) -> None:
    with worker(store_url, tmp_path) as mine:
        assert mine.ask("setup") == "ok"
        processes = [mine.start(SEED + i) for i in range(2)]
        time.sleep(1.5)
        for process in processes:
            mine.kill(process)
        assert mine.ask("once") == "0"
    assert check(store_url, tmp_path) > 0
