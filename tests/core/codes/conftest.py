"""The worked values of the code format, and a registry that behaves."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tracelib.codes.record import CodeRecord
from tracelib.codes.registry import Checks, Identified, Registration, UnitState


@pytest.fixture(scope="session")
def vectors(conformance_data: Path) -> dict[str, Any]:
    """``codes/vectors.json``, with the number of its cases checked."""
    data: dict[str, Any] = json.loads((conformance_data / "codes" / "vectors.json").read_text(encoding="utf-8"))
    counts = {name: len(data[name]) for name in ("codes", "accepted", "refused", "typed")}
    assert counts == {"codes": 7, "accepted": 6, "refused": 19, "typed": 2}
    assert len(data["serials"]["cases"]) == 9
    assert len(data["stickers"]["cases"]) == 2
    assert len(data["manifest"]["leaves"]) == 5
    return data


@dataclass
class FakeRegistry:
    """A registry in memory: ranges by key, states by unit."""

    covered: set[bytes] = field(default_factory=set)
    registered: dict[tuple[bytes, str], Registration] = field(default_factory=dict)
    states: dict[tuple[str, str], UnitState] = field(default_factory=dict)
    counts: dict[tuple[str, str], Checks] = field(default_factory=dict)
    batches: dict[str, Identified] = field(default_factory=dict)
    counters_asked: list[int | None] = field(default_factory=list)

    def covers(self, key_hash: bytes) -> bool:
        return key_hash in self.covered

    def registration(self, key_hash: bytes, record: CodeRecord, counter: int | None) -> Registration | None:
        self.counters_asked.append(counter)
        return self.registered.get((key_hash, record.unit_id))

    def state(self, party_id: str, unit_id: str) -> UnitState | None:
        return self.states.get((party_id, unit_id))

    def checks(self, party_id: str, unit_id: str) -> Checks | None:
        return self.counts.get((party_id, unit_id))

    def identify(self, serial: str) -> Identified | None:
        return self.batches.get(serial)


@pytest.fixture
def registry() -> FakeRegistry:
    """An empty registry that covers nobody."""
    return FakeRegistry()
