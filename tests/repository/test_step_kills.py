"""A kill at every step of a re-packing at the desk: taken out and packed again, or neither; the same again ends it."""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bench.line_world import OWN_PARTY, make_world
from tracelib.clock import FixedClock
from tracelib.operations.capture import capture
from tracelib.operations.events.home import Homes
from tracelib.operations.events.step import StepDesk, StepRequest, write_step
from tracelib.operations.line_answer import LineScan
from tracelib.operations.pack import PackingSession
from tracelib.store.unit_of_work import Store
from tracelib.trace.farm import STEPS

if TYPE_CHECKING:
    from tests.conftest import StartSteps  # noqa: TID251 - a fixture's type, not imported when run
    from tracelib.store.unit_of_work import UnitOfWork

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kill -9")

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
LONG, SHORT = 40, 6


class AtHome(Homes):
    """Every party has a host."""

    def of_party(self, party_id: str) -> str | None:
        return "q.example.com"


def at_home(_: "UnitOfWork") -> Homes:
    return AtHome(None)


def repack_step(text: str) -> None:
    """URL, pallet, cartons: take the cartons out of where they lie and pack them onto the pallet."""
    url, pallet, *cartons = text.split()
    at = NOW + timedelta(hours=1)
    with Store.open(url) as store:
        request = StepRequest(step=STEPS["pack"], what=cartons, parent=pallet, unpack=True, at=at)
        write_step(StepDesk(store, at_home, dict, OWN_PARTY), request, at)


def killed_repack(steps: "StartSteps", url: str, folder: Path, kills: int) -> int:
    with Store.create_or_upgrade(url) as store:
        world = make_world(store, folder / "keys", FixedClock(NOW))
        cartons, pallets = world.cartons(2 * kills + 2), world.pallets(kills + 2, sscc=True)
        scans = [LineScan(row, "belt", "read", text.encode(), NOW, text) for row, text in enumerate(cartons, 1)]
        scans.append(LineScan(len(scans) + 1, "belt", "read", pallets[0].encode(), NOW, pallets[0]))
        capture(world.line(), PackingSession(len(cartons)), scans, NOW)
    units, (first, *others) = [code.rsplit("/", 1)[1] for code in cartons], [code.rsplit("/", 1)[1] for code in pallets]
    worker = steps(__file__, "repack_step")
    total = int(worker.run(f"{url} {others[0]} {' '.join(units[:2])}").split()[1])
    for number in range(1, kills + 1):
        mine = units[2 * number : 2 * number + 2]
        command = f"{url} {others[number]} {' '.join(mine)}"
        at = 1 + (number - 1) * total // kills
        assert worker.run(command, at) == f"killed {at}"
        with Store.open(url) as store, store.reading() as uow:
            where = set(uow.containment.parents_of(OWN_PARTY, mine).values())
            noted = uow.changes.list(OWN_PARTY, others[number])
            events = sum(queue.open for queue in uow.events.outbox.queues(OWN_PARTY))
            assert len(where) == 1
            assert not uow.containment.contradictions(OWN_PARTY, mine)
        done = where == {others[number]}
        assert done or where == {first}
        assert len(noted) == int(done)
        assert events == len(cartons) + 1 + 2 * (number + int(done))
        if not done:
            assert worker.run(command).startswith("done")
    return number


def test_killed_at_some_steps(start_steps: "StartSteps", store_url: str, tmp_path: Path) -> None:
    assert killed_repack(start_steps, store_url, tmp_path, SHORT) == SHORT


@pytest.mark.slow
def test_killed_at_every_step(start_steps: "StartSteps", store_url: str, tmp_path: Path) -> None:
    assert killed_repack(start_steps, store_url, tmp_path, LONG) == LONG
