"""A kill at any step of importing a document: all of it or nothing, and the same command again ends it."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tracelib.catalog.party import Party
from tracelib.operations.events.capture_document import capture_document
from tracelib.store.unit_of_work import Store

if TYPE_CHECKING:
    from tests.conftest import StartSteps  # noqa: TID251 - a fixture's type, not imported when run

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kill -9")

NOW = datetime(2026, 11, 26, tzinfo=UTC)
LONG, SHORT = 40, 6
EVENTS = 12


def import_step(text: str) -> None:
    """URL, file: import it."""
    url, file = text.split()
    with Store.open(url) as store:
        capture_document(store, Path(file), "COOP1", NOW)


def written(file: Path, number: int) -> Path:
    """A document whose events contradict each other: the same cartons on two pallets."""
    events = [
        {"type": "AggregationEvent", "eventTime": f"2026-11-23T09:{n:02}:00+08:00", "eventTimeZoneOffset": "+08:00",
         "action": "ADD", "bizStep": "packing", "parentID": f"urn:x:{number}:pallet:{n}",
         "childEPCs": [f"urn:x:{number}:carton:{n // 2}"]}
        for n in range(EVENTS)
    ]  # fmt: skip
    file.write_text(json.dumps(events), encoding="utf-8")
    return file


def killed_imports(steps: "StartSteps", url: str, folder: Path, kills: int) -> int:
    """Kill that many imports and look after each; how many files stand in the store at the end."""
    with Store.open(url) as store, store.unit_of_work() as uow:
        uow.catalog.add(Party(id="COOP1", name_zh="示例合作社"))
    worker = steps(__file__, "import_step")
    total = int(worker.run(f"{url} {written(folder / '0.json', 0)}").split()[1])
    done = 1
    for number in range(1, kills + 1):
        at = 1 + (number - 1) * total // kills if kills < total else 1 + (number - 1) % total
        file = written(folder / f"{number}.json", number)
        assert worker.run(f"{url} {file}", at) == f"killed {at}"
        with Store.open(url) as store, store.reading() as uow:
            events = len(list(uow.events.events("COOP1")))
            flags = uow.events.count_flags("COOP1", NOW)
            changes = len(uow.changes.list("COOP1", verb="event.import", limit=1000))
        assert events in (EVENTS * done, EVENTS * (done + 1)), "the whole file or nothing of it"
        assert (sum(flags.values()), changes) == (events // 2, events // EVENTS), "with its flags and its entry"
        assert worker.run(f"{url} {file}").startswith("done")
        done += 1
    with Store.open(url) as store, store.reading() as uow:
        return len(list(uow.events.events("COOP1"))) // EVENTS


def test_killed_at_some_steps(start_steps: "StartSteps", store_url: str, tmp_path: Path) -> None:
    assert killed_imports(start_steps, store_url, tmp_path, SHORT) == SHORT + 1, "what was killed, and the first"


@pytest.mark.slow
def test_killed_at_every_step(start_steps: "StartSteps", store_url: str, tmp_path: Path) -> None:
    assert killed_imports(start_steps, store_url, tmp_path, LONG) == LONG + 1, "what was killed, and the first"
