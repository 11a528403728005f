"""Split, merge, re-pack and close in the store: ledger, lineage, changes, two clerks at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest

from tracelib.batches.batch import Batch, BatchState
from tracelib.batches.errors import BatchClosedAlreadyError, BatchExistsError, CloseReasonError
from tracelib.batches.transformation import TransformationKind
from tracelib.catalog.party import Party
from tracelib.catalog.product import Product
from tracelib.errors import RuleError
from tracelib.operations.batches.balance import balance_of
from tracelib.operations.batches.report import batch_report
from tracelib.operations.batches.transform import NoProductError, TransformRequest, close_batch, transform_batches
from tracelib.operations.batches.tree import Branch, family
from tracelib.store.unit_of_work import Store

NOW = datetime(2026, 11, 5, 8, 0, tzinfo=UTC)
SPLIT, MERGE, REPACK = TransformationKind.SPLIT, TransformationKind.MERGE, TransformationKind.REPACK


@pytest.fixture
def desk(store: Store) -> Store:
    """Two harvests of 1000 kg of loose oranges, L1 and L2."""
    store.operator = "示例操作员"
    with store.unit_of_work() as uow:
        uow.catalog.add(Party(id="GNQC", name_zh="示例合作社"))
        for product in ("BULK", "NAVEL-5KG"):
            uow.catalog.add(Product(party_id="GNQC", id=product, name_zh="示例产品"))
        day = date(2026, 11, 3)
        harvest = [
            Batch(party_id="GNQC", product_id="BULK", lot=lot, produced_on=day, weight_g=1_000_000)
            for lot in ("L1", "L2")
        ]
        uow.batches.add(harvest, NOW)
    return store


def request(kind: TransformationKind, takes: dict[str, int | None], **more: object) -> TransformRequest:
    makes = more.pop("makes", {"NEW": None})
    assert isinstance(makes, dict)
    return TransformRequest(kind=kind, takes=list(takes.items()), makes=list(makes.items()), **more)  # type: ignore[arg-type]


def left(store: Store, lot: str, product: str = "BULK") -> tuple[int, str]:
    with store.reading() as uow:
        batch = uow.batches.get("GNQC", product, lot)
        assert batch
        return balance_of(uow, batch).left_g, batch.state.value


def test_a_season_of_one_harvest(desk: Store) -> None:
    """Split off 400 kg, re-pack it with a loss, merge the rest with another harvest: no kilogram is lost."""
    split = request(SPLIT, {"L1": 400_000}, makes={"L1-A": 400_000})
    transform_batches(desk, split, NOW)
    assert left(desk, "L1") == (600_000, "registered")
    loss = {"loss_g": 20_000, "reason": "分拣", "product_id": "NAVEL-5KG"}
    later, last = NOW + timedelta(hours=1), NOW + timedelta(hours=2)
    transform_batches(desk, request(REPACK, {"BULK/L1-A": None}, makes={"L1": None}, **loss), later)
    assert left(desk, "L1-A") == (0, "closed")
    assert left(desk, "L1", "NAVEL-5KG") == (380_000, "registered")
    transform_batches(desk, request(MERGE, {"BULK/L1": None, "L2": 250_000}, makes={"L3": None}), last)
    assert left(desk, "L1") == (0, "closed")
    assert left(desk, "L2") == (750_000, "registered")
    assert left(desk, "L3") == (850_000, "registered")
    with desk.reading() as uow:
        harvest = uow.batches.get("GNQC", "BULK", "L1")
        packed = uow.batches.get("GNQC", "NAVEL-5KG", "L1")
        assert harvest
        assert packed
        assert family(uow, harvest, "children") == (
            Branch("BULK", "L1-A", "split", 400_000, (Branch("NAVEL-5KG", "L1", "repack", 380_000, ()),)),
            Branch("BULK", "L3", "merge", 600_000, ()),
        )
        assert family(uow, packed, "parents") == (
            Branch("BULK", "L1-A", "repack", 400_000, (Branch("BULK", "L1", "split", 400_000, ()),)),
        )
        report = batch_report(uow, harvest)
        assert [(step.kind, step.loss_g, step.operator) for step in report.went_into] == [
            ("split", 0, "示例操作员"),
            ("merge", 0, "示例操作员"),
        ]
        assert report.made_by is None
        assert report.went_into[1].inputs == {("BULK", "L1"): 600_000, ("BULK", "L2"): 250_000}
        verbs = [(change.verb, change.reason) for change in uow.changes.list("GNQC", packed.reference)]
        assert verbs == [("batch.repack", "分拣")]


def test_a_refused_step_writes_nothing(desk: Store) -> None:
    with pytest.raises(BatchExistsError):
        transform_batches(desk, request(SPLIT, {"L1": 1}, makes={"L2": 1}), NOW)
    with pytest.raises(NoProductError):
        transform_batches(desk, request(REPACK, {"L1": 1}, product_id="APPLE"), NOW)
    with desk.reading() as uow:
        assert uow.batches.count() == 2
        assert uow.changes.list() == []
    assert left(desk, "L1") == (1_000_000, "registered")


def test_closing_notes_what_is_left_and_is_final(desk: Store) -> None:
    with pytest.raises(CloseReasonError):
        close_batch(desk, "L1", " ", NOW)
    assert close_batch(desk, "L1", "霜冻", NOW).left_g == 1_000_000
    with desk.reading() as uow:
        (change,) = uow.changes.list("GNQC", "GNQC/BULK/L1")
        assert (change.reason, change.detail["left_kg"], change.operator) == ("霜冻", "1000", "示例操作员")
        assert [batch.lot for batch in uow.batches.list(state=BatchState.CLOSED)] == ["L1"]
        assert uow.batches.count(state=BatchState.REGISTERED) == 1
    with pytest.raises(BatchClosedAlreadyError):
        close_batch(desk, "L1", "again", NOW)
    with pytest.raises(RuleError):
        transform_batches(desk, request(SPLIT, {"L1": 1}, makes={"X": 1}), NOW)


def test_two_clerks_do_not_take_the_same_kilogram(desk: Store) -> None:
    """Eight clerks want 300 kg each of 1000 kg at once: three get them."""

    def take(number: int) -> bool:
        try:
            transform_batches(desk, request(SPLIT, {"L1": 300_000}, makes={f"N{number}": 300_000}), NOW)
        except RuleError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(take, range(8))) == 3
    assert left(desk, "L1") == (100_000, "registered")


def test_a_batch_that_is_part_of_its_own_family_twice_is_shown_once(desk: Store) -> None:
    transform_batches(desk, request(SPLIT, {"L1": 1_000_000}, makes={"A": 500_000, "B": 500_000}), NOW)
    transform_batches(desk, request(MERGE, {"A": None, "B": None}, makes={"C": None}), NOW)
    with desk.reading() as uow:
        harvest = uow.batches.get("GNQC", "BULK", "L1")
        assert harvest
        a, b = family(uow, harvest, "children")
        [from_a, _] = family(uow, made, "parents") if (made := uow.batches.get("GNQC", "BULK", "C")) else []
    assert from_a.branches[0].weight_g == 500_000  # its own share of what L1 gave to both
    assert (a.branches[0].lot, a.branches[0].cut, b.branches[0].lot, b.branches[0].cut) == ("C", False, "C", True)
