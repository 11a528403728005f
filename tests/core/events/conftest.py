"""What tests of events share."""

from pathlib import Path

import pytest

from bench.farm_world import Farm, make_farm
from tracelib.store.unit_of_work import Store


@pytest.fixture
def farm(store: Store, tmp_path: Path) -> Farm:
    """A party whose line has packed."""
    return make_farm(store, tmp_path / "keys")
