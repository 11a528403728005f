"""A kill at every step of registering and of re-packing: all of it or nothing, and the same command again ends it."""

import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tracelib.batches.batch import Batch
from tracelib.batches.transformation import TransformationKind
from tracelib.catalog.party import Party
from tracelib.catalog.product import Product
from tracelib.labels import files
from tracelib.operations.batches.balance import balance_of
from tracelib.operations.batches.register import RegisterOptions, register_batches
from tracelib.operations.batches.transform import TransformRequest, transform_batches
from tracelib.operations.events.home import Homes
from tracelib.sheets import report
from tracelib.sheets.errors import SheetError
from tracelib.store.unit_of_work import Store

if TYPE_CHECKING:
    from tests.conftest import StartSteps  # noqa: TID251 - a fixture's type, not imported when run
    from tracelib.store.unit_of_work import UnitOfWork

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kill -9")

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
LONG, SHORT = 50, 6
ROWS = 1_100
LOADED = (files, report)
HEADER = "party,product,lot,production date,weight (kg)\n"


class AtHome(Homes):
    """Every party has a host, so that everything is told in an event too."""

    def of_party(self, party_id: str) -> str | None:
        return "q.example.com"


def at_home(_: "UnitOfWork") -> Homes:
    return AtHome(None)


def events(uow: "UnitOfWork", lot: str) -> int:
    """Events that name a batch."""
    return len({event.key.event_id for _, _, event in uow.events.naming("GNQC", [f"https://q.example.com/P/{lot}"])})


def register_step(text: str) -> None:
    """URL, file: register it."""
    url, file = text.split()
    with Store.open(url) as store:
        register_batches(store, Path(file), NOW, RegisterOptions(homes=at_home))


def report_step(text: str) -> None:
    """URL, file: find its fault and write the report beside it."""
    url, file = text.split()
    with Store.open(url) as store:
        try:
            register_batches(store, Path(file), NOW, RegisterOptions(report=Path(file).with_suffix(".xlsx")))
        except SheetError:
            return


def repack_step(text: str) -> None:
    """URL, number: re-pack harvest NUMBER with a loss; it is used up."""
    url, number = text.split()
    request = TransformRequest(
        kind=TransformationKind.REPACK,
        takes=[(f"BULK/H{number}", None)],
        makes=[(f"H{number}", None)],
        product_id="NAVEL-5KG",
        loss_g=7,
        reason="sorting",
    )
    with Store.open(url) as store:
        transform_batches(store, request, NOW, homes=at_home)


def spread(number: int, kills: int, total: int) -> int:
    """The step at which round ``number`` (1 and up) of so many kills dies: over all steps, again and again."""
    return 1 + (number - 1) * total // kills if kills < total else 1 + (number - 1) % total


def desk(url: str, harvests: int) -> None:
    with Store.open(url) as store, store.unit_of_work() as uow:
        uow.catalog.add(Party(id="GNQC", name_zh="示例合作社"))
        for product in ("BULK", "NAVEL-5KG"):
            uow.catalog.add(Product(party_id="GNQC", id=product, name_zh="示例产品"))
        key = {"party_id": "GNQC", "product_id": "BULK", "produced_on": date(2026, 11, 3), "weight_g": 1_000_000}
        uow.batches.add([Batch.model_validate({**key, "lot": f"H{n}"}) for n in range(harvests)], NOW)


def killed_register(steps: "StartSteps", url: str, folder: Path, kills: int) -> int:
    desk(url, 0)
    for number in range(kills + 1):
        rows = "".join(f"GNQC,BULK,R{number}-{row},2026-11-03,1\n" for row in range(ROWS))
        (folder / f"{number}.csv").write_text(HEADER + rows, encoding="utf-8")
    worker = steps(__file__, "register_step")
    total = int(worker.run(f"{url} {folder / '0.csv'}").split()[1])
    for number in range(1, kills + 1):
        at = spread(number, kills, total)
        assert worker.run(f"{url} {folder / f'{number}.csv'}", at) == f"killed {at}"
        with Store.open(url) as store, store.reading() as uow:
            assert uow.batches.count() in (ROWS * number, ROWS * (number + 1))  # the whole file or nothing of it
            told = [events(uow, f"BULK/10/R{number}-{row}") for row in (0, ROWS - 1)]
            assert told == [int(uow.batches.count() == ROWS * (number + 1))] * 2
        assert worker.run(f"{url} {folder / f'{number}.csv'}").startswith("done")
    with Store.open(url) as store, store.reading() as uow:
        assert uow.batches.count() == ROWS * (kills + 1)
        assert len(uow.changes.list("GNQC", verb="batch.register", limit=1000)) == kills + 1
    return number


def killed_repack(steps: "StartSteps", url: str, folder: Path, kills: int) -> int:
    desk(url, kills + 1)
    worker = steps(__file__, "repack_step")
    answer = worker.run(f"{url} 0")
    total = int(answer.split()[1])
    for number in range(1, kills + 1):
        at = spread(number, kills, total)
        assert worker.run(f"{url} {number}", at) == f"killed {at}"
        with Store.open(url) as store, store.reading() as uow:
            made = uow.batches.get("GNQC", "NAVEL-5KG", f"H{number}")
            harvest = uow.batches.get("GNQC", "BULK", f"H{number}")
            assert harvest
            taken = balance_of(uow, harvest).taken_g
            entries = uow.changes.list("GNQC", f"GNQC/BULK/H{number}")
            told = [events(uow, f"NAVEL-5KG/10/H{number}") == 1, events(uow, f"BULK/10/H{number}") == 1]
            whole = (*told, made is not None, taken == 1_000_000, harvest.state.value == "closed", len(entries) == 1)
            assert len(set(whole)) == 1, whole  # all of it or nothing
        if made is None:
            assert worker.run(f"{url} {number}").startswith("done")
    with Store.open(url) as store, store.reading() as uow:
        packed = uow.batches.list("GNQC", "NAVEL-5KG")
        assert sum(batch.weight_g for batch in packed) == (kills + 1) * (1_000_000 - 7)
    return number


def killed_report(steps: "StartSteps", url: str, folder: Path, kills: int) -> int:
    desk(url, 0)
    worker = steps(__file__, "report_step")
    for number in range(kills + 1):
        (folder / f"{number}.csv").write_text(HEADER + "GNQC,BULK,L1,2026-13-03,1\n", encoding="utf-8")
    total = int(worker.run(f"{url} {folder / '0.csv'}").split()[1])
    for number in range(1, kills + 1):
        at = spread(number, kills, total)
        assert worker.run(f"{url} {folder / f'{number}.csv'}", at) == f"killed {at}"
        out = folder / f"{number}.xlsx"
        assert not out.exists() or out.read_bytes().endswith(b"\x00\x00")  # whole: the archive's end is there
        if not out.exists():
            assert worker.run(f"{url} {folder / f'{number}.csv'}").startswith("done")
            assert out.exists()
    return number


KILLED = [killed_register, killed_repack, killed_report]


@pytest.mark.parametrize("what", KILLED)
def test_killed_at_some_steps(
    what: Callable[..., int], start_steps: "StartSteps", store_url: str, tmp_path: Path
) -> None:
    assert what(start_steps, store_url, tmp_path, SHORT) == SHORT


@pytest.mark.slow
@pytest.mark.parametrize("what", KILLED)
def test_killed_at_every_step(
    what: Callable[..., int], start_steps: "StartSteps", store_url: str, tmp_path: Path
) -> None:
    assert what(start_steps, store_url, tmp_path, LONG) == LONG
