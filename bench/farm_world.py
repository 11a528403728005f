"""A party whose line packed two pallets of two cartons each, for trying the steps of the goods' way."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.line_world import HOST, OWN_PARTY, World, make_world
from tracelib.clock import FixedClock
from tracelib.operations.capture import capture
from tracelib.operations.events.home import Homes
from tracelib.operations.events.step import StepDesk, StepDone, StepRequest, write_step
from tracelib.operations.line_answer import LineScan, Outcome
from tracelib.operations.pack import PackingSession
from tracelib.operations.trace.life import unit_life
from tracelib.store.unit_of_work import Store
from tracelib.trace.farm import STEPS
from tracelib.trace.lifecycle import State
from tracelib.trust.bundle import open_bundle
from tracelib.trust.keyring import KeyRing

__all__ = ["HOST", "NOW", "Farm", "make_farm", "never", "serial"]

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


@dataclass
class Farm:
    """A world whose first party packed two pallets of two cartons each on its line."""

    world: World
    cartons: list[str]
    pallets: list[str]

    @property
    def store(self) -> Store:
        """The database of both parties."""
        return self.world.store

    def desk(self, party: str = "", keys: Callable[[], dict[bytes, bytes]] | None = None) -> StepDesk:
        """Where steps are written."""
        ring = KeyRing.build(open_bundle(self.world.bundle, self.world.root), self.world.root)
        given = keys or (lambda: dict(self.world.line().serial_keys))
        return StepDesk(self.store, lambda _: Homes(ring), given, party)

    def step(self, name: str, *what: str, hours: float = 1, **more: Any) -> StepDone:  # noqa: ANN401 - of a request
        """The step some hours after the line packed."""
        at = NOW + timedelta(hours=hours)
        more.setdefault("at", at)
        desk = self.desk(more.pop("desk_party", ""))
        return write_step(desk, StepRequest(step=STEPS[name], what=what, **more), NOW + timedelta(hours=100))

    def state(self, unit: str, hours: float | None = None, party: str = OWN_PARTY) -> State:
        """Where a unit is by the books of a party."""
        at = None if hours is None else NOW + timedelta(hours=hours)
        with self.store.reading() as uow:
            return unit_life(uow, party, serial(unit), at).state

    def events(self, party: str = OWN_PARTY) -> list[dict[str, Any]]:
        """The events in the books of a party."""
        with self.store.reading() as uow:
            return [json.loads(event.document) for event in uow.events.events(party)]


def serial(code: str) -> str:
    """The serial or SSCC at the end of a code."""
    return code.rsplit("/", 1)[-1]


def never() -> dict[bytes, bytes]:
    """Serial keys where nobody should be asked for a passphrase."""
    raise AssertionError("nobody should be asked for a passphrase")


def make_farm(store: Store, folder: Path) -> Farm:
    """Six cartons, four of them on two pallets, the fifth active and loose, the sixth only printed."""
    world = make_world(store, folder, FixedClock(NOW))
    cartons, pallets = world.cartons(6), world.pallets(2, sscc=True)
    texts = [*cartons[:2], pallets[0], *cartons[2:4], pallets[1], cartons[4]]
    scans = [LineScan(row, "belt", "read", text.encode(), NOW, text) for row, text in enumerate(texts, 1)]
    captured, _ = capture(world.line(), PackingSession(2), scans, NOW)
    assert {one.outcome for one in captured} == {Outcome.ACTIVATED, Outcome.PACKED}
    return Farm(world, cartons, pallets)
