"""Kill -9 in the middle of a push, again and again, two pushers at once, on a platform with every bad manner.

The platform looks at nothing and stores what comes twice twice: a second sending of an event that had arrived shows.
"""

import random
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tracelib.store.unit_of_work import Store
from tracelib.sync.simulator.process import RunningSimulator, simulated_platform
from tracelib.trace.build import commissioning_event, packing_event
from tracelib.trace.outbox import Delivery

pytest.importorskip("fastapi")

AT = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
PATIENCE_S = 60
REFUSED_EVERY = 23
REASON = "ValidationException: this platform does not like the event"
MANNERS = [
    "--keep-duplicates", "--refuse-every", str(REFUSED_EVERY), "--event-limit", "12", "--cut-every", "11",
    "--timeout-after-accept-every", "13", "--hang-s", "1", "--twice-every", "7", "--error-every", "17",
    "--busy-every", "29",
]  # fmt: skip

# Limits that leave the rule intact: the lease (1 s) outlives the longest request (0.5 s).
PUSHER = """
import sys, time
from tracelib.clock import SystemClock
from tracelib.operations.push import PushSettings, push_pending
from tracelib.store.unit_of_work import Store
from tracelib.sync.adapters.epcis import EpcisPlatform
from tracelib.sync.http import HttpClient, Limits
from tracelib.sync.retry import RetryPolicy

settings = PushSettings(
    retry=RetryPolicy(first_s=0.01, longest_s=0.05, attempts=20, settle_s=0.1, longest_wait_asked_s=0.05),
    lease_s=1, job_wait_s=2, job_unknown_s=0.2, job_poll_s=0.002, longest_poll_s=0.02,
)
clock = SystemClock()
store = Store.open(sys.argv[1])
print("ready", flush=True)
with HttpClient(sys.argv[2], limits=Limits(0.3, 0.3, 0.5)) as http:
    while True:
        report = push_pending(store, EpcisPlatform(http, clock), "COOP1", "epcis", clock=clock, settings=settings)
        if report.stopped_by:
            sys.exit(f"stopped: {report.stopped_by}")
        if not report.waiting:
            break
        time.sleep(0.05)
"""


def fill(store: Store, count: int) -> list[str]:
    """Cartons and, after every twelve, the pallet that they lie on: ids in queue order."""
    epcs = [f"https://q.example.com/U/{n}" for n in range(count)]
    ids = []
    with store.unit_of_work() as uow:
        for n, epc in enumerate(epcs):
            events = [commissioning_event([epc], event_time=AT, lot="GN-1", weight_g=5000)]
            if n % 12 == 11:
                children = epcs[n - 11 : n + 1]
                uow.events.append("COOP1", events[0], recorded_at=AT)
                ids.append(events[0].event_id)
                packed = packing_event(f"https://q.example.com/U/P{n}", children, event_time=AT)
                uow.events.append("COOP1", packed, recorded_at=AT)
                ids.append(packed.event_id)
            else:
                uow.events.append("COOP1", events[0], recorded_at=AT)
                ids.append(events[0].event_id)
    return ids


@contextmanager
def pushing(url: str, sim: RunningSimulator) -> Iterator[subprocess.Popen[bytes]]:
    """A pusher that is ready; killed in the end, also after a failed assertion."""
    pusher = subprocess.Popen(
        [sys.executable, "-c", PUSHER, url, sim.url], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        assert pusher.stdout is not None
        assert select.select([pusher.stdout], [], [], PATIENCE_S)[0], "the pusher does not start"
        assert pusher.stdout.readline() == b"ready\n"
        yield pusher
    finally:
        pusher.kill()
        pusher.communicate(timeout=PATIENCE_S)


def finish(pusher: subprocess.Popen[bytes]) -> None:
    _, errors = pusher.communicate(timeout=300)
    assert pusher.returncode == 0, errors.decode()


def check_result(store: Store, sim: RunningSimulator, ids: list[str]) -> None:
    """Each event once at the platform, or refused with its reason; nothing else, nothing open."""
    stored = sim.stats(listed=True)["keys"]
    with store.reading() as uow:
        refused = {r.key.event_id: r.reason for r in uow.events.outbox.rejections("COOP1", limit=10_000)}
        (queue,) = uow.events.outbox.queues("COOP1")
    assert stored == dict.fromkeys(set(ids) - set(refused), 1)
    assert len(refused) == len(ids) // REFUSED_EVERY
    assert set(refused.values()) == {REASON}
    assert queue.counts == {Delivery.ACCEPTED: len(stored), Delivery.REJECTED: len(refused)}


def torture(url: str, tmp_path: Path, kills: int, count: int) -> None:
    """Kill a pusher ``kills`` times in mid-push, then let one finish."""
    chance = random.Random(20261123)
    with Store.open(url) as store, simulated_platform(tmp_path / "sim.db", *MANNERS) as sim:
        ids = fill(store, count)
        in_the_middle = 0
        for _ in range(kills):
            before = sim.stats()["counters"].get("captures", 0)
            with pushing(url, sim) as pusher:
                deadline = time.monotonic() + 5
                # Not before it is at work: a killed predecessor's lease has to run out first.
                while sim.stats()["counters"].get("captures", 0) == before and time.monotonic() < deadline:
                    time.sleep(0.01)
                time.sleep(chance.uniform(0, 0.15))
            in_the_middle += pusher.returncode == -signal.SIGKILL
        assert in_the_middle >= kills * 0.8, "most kills must hit a pusher at work"
        with pushing(url, sim) as pusher:
            finish(pusher)
        check_result(store, sim, ids)


def test_pusher_killed_five_times(store_url: str, tmp_path: Path) -> None:
    torture(store_url, tmp_path, kills=5, count=240)


@pytest.mark.slow
def test_pusher_killed_fifty_times(store_url: str, tmp_path: Path) -> None:
    torture(store_url, tmp_path, kills=50, count=2400)


def test_two_pushers_at_once(store_url: str, tmp_path: Path) -> None:
    with Store.open(store_url) as store, simulated_platform(tmp_path / "sim.db", *MANNERS) as sim:
        ids = fill(store, 84)
        with pushing(store_url, sim) as one, pushing(store_url, sim) as other:
            finish(one)
            finish(other)
        check_result(store, sim, ids)
