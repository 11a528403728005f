"""A kill at every step of opening a recall: number, revocation, event and entry in the book, or nothing of it."""

import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bench.line_world import OWN_PARTY, PRODUCT, make_world
from tracelib.batches.batch import Batch
from tracelib.clock import FixedClock
from tracelib.operations.recalls.errors import RecallOpenError
from tracelib.operations.recalls.open import Opening, open_recall, signings
from tracelib.store.unit_of_work import Store
from tracelib.trust.bundle import open_bundle
from tracelib.trust.keyring import KeyRing
from tracelib.trust.keys import KeyPair
from tracelib.trust.keystore import KeyInfo, OpenKey

if TYPE_CHECKING:
    from tests.conftest import StartSteps  # noqa: TID251 - a fixture's type, not imported when run

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kill -9")

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
SECRET = bytes([1, 1]) * 16
"""Of the first party's key in the world of seed 1."""
LONG, SHORT = 50, 6


def recall_step(text: str) -> None:
    """URL, folder with bundle and root, lot: call the lot back."""
    url, folder, lot = text.split()
    root = (Path(folder) / "root").read_text()
    pair: Any = KeyPair.from_secret(1, SECRET)
    key = OpenKey(KeyInfo("coop", pair.public, "test", root, NOW.isoformat(), ()), pair, bytes(32), {})
    with Store.open(url, operator="示例") as store:
        with store.reading() as uow:
            batch = uow.batches.find(lot, PRODUCT, OWN_PARTY)[0]
            ring = KeyRing.build(
                open_bundle((Path(folder) / "bundle").read_bytes(), root), root, uow.trust.delegations(), ()
            )
            opening = Opening(batch, "示例：农残超标")
            planned = signings(uow, ring, [key.info], opening)
        open_recall(store, FixedClock(NOW), ring, opening, {one.signer: key for one in planned})


def set_up(url: str, folder: Path, lots: list[str]) -> None:
    """A lot of two codes for every recall."""
    with Store.create_or_upgrade(url, operator="示例") as store:
        world = make_world(store, folder / "keys", FixedClock(NOW))
        with store.unit_of_work() as uow:
            day = date(2026, 11, 20)
            fresh = [
                Batch(party_id=OWN_PARTY, product_id=PRODUCT, lot=lot, produced_on=day, weight_g=10_000) for lot in lots
            ]
            uow.batches.add(fresh, NOW)
        for lot in lots:
            world.cartons(2, lot=lot)
        (folder / "bundle").write_bytes(world.bundle)
        (folder / "root").write_text(world.root)


def traces(store: Store, lot: str) -> tuple[int, int, int, int]:
    """How many recalls, entries of them, entries in the book and revocations there are for a lot."""
    with store.reading() as uow:
        recalls = uow.recalls.find(OWN_PARTY, batch=(PRODUCT, lot))
        entries = [entry for one in recalls for entry in uow.recalls.entries(one)]
        noted = [change for one in recalls for change in uow.changes.list(OWN_PARTY, one.number)]
        revoked = [one for one in uow.trust.revocations() if one.claims.lot == lot]
    return len(recalls), len(entries), len(noted), len(revoked)


def killed_recalls(steps: "StartSteps", url: str, folder: Path, kills: int) -> int:
    lots = [f"K{number}" for number in range(kills + 1)]
    set_up(url, folder, lots)
    worker = steps(__file__, "recall_step")
    total = int(worker.run(f"{url} {folder} {lots[0]}").split()[1])
    for number in range(1, kills + 1):
        command = f"{url} {folder} {lots[number]}"
        at = 1 + (number - 1) * total // kills
        assert worker.run(command, at) == f"killed {at}"
        with Store.open(url) as store:
            after = traces(store, lots[number])
            assert after in ((0, 0, 0, 0), (1, 1, 1, 1))
            again = worker.run(command)
            assert again.startswith("done") if after == (0, 0, 0, 0) else RecallOpenError.__name__ in again
            assert traces(store, lots[number]) == (1, 1, 1, 1)
    return number


def test_killed_at_some_steps(start_steps: "StartSteps", store_url: str, tmp_path: Path) -> None:
    assert killed_recalls(start_steps, store_url, tmp_path, SHORT) == SHORT


@pytest.mark.slow
def test_killed_at_every_step(start_steps: "StartSteps", store_url: str, tmp_path: Path) -> None:
    assert killed_recalls(start_steps, store_url, tmp_path, LONG) == LONG
