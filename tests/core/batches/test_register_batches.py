"""Registering a file: all or nothing, twice is once, and a registered batch does not change."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tracelib.batches.batch import Batch, BatchState
from tracelib.batches.errors import BatchReferenceError, BatchStateError
from tracelib.catalog.party import Party
from tracelib.catalog.product import Product
from tracelib.errors import TraceError
from tracelib.operations.find_batch import AmbiguousBatchError, BatchNotFoundError, NearestBatchError, resolve_batch
from tracelib.operations.register import register_batches
from tracelib.sheets.errors import SheetError
from tracelib.store.errors import ConflictError
from tracelib.store.unit_of_work import Store

NOW = datetime(2026, 11, 5, 8, 0, tzinfo=UTC)
LATER = datetime(2026, 11, 6, 8, 0, tzinfo=UTC)
HEADER = "party,product,lot,production date,weight (kg),origin,note\n"
TWO = HEADER + "GNQC,NAVEL-5KG,L1,2026-11-03,2000,360726,\nWZBH,LILY-250G,L1,2026-11-04,62.5,,干片\n"


@pytest.fixture
def county(store: Store) -> Store:
    with store.unit_of_work() as uow:
        for party, product in (("GNQC", "NAVEL-5KG"), ("GNQC", "NAVEL-10KG"), ("WZBH", "LILY-250G")):
            if uow.catalog.party(party) is None:
                uow.catalog.add(Party(id=party, name_zh="示例合作社"))
            uow.catalog.add(Product(party_id=party, id=product, name_zh="示例产品"))
    return store


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "batches.csv"


def register(store: Store, file: Path, text: str, now: datetime = NOW) -> tuple[int, int, datetime | None]:
    file.write_text(text, encoding="utf-8")
    done = register_batches(store, file, now)
    return len(done.registered), done.unchanged, done.registered_before


def faults_of(store: Store, file: Path, text: str) -> list[TraceError]:
    with pytest.raises(SheetError) as caught:
        register(store, file, text)
    return list(caught.value.faults)


def count(store: Store) -> int:
    with store.reading() as uow:
        return uow.batches.count()


def test_a_file_is_registered_and_read_back(county: Store, file: Path) -> None:
    assert register(county, file, TWO) == (2, 0, None)
    with county.reading() as uow:
        assert uow.batches.get("WZBH", "LILY-250G", "L1") == Batch(
            party_id="WZBH",
            product_id="LILY-250G",
            lot="L1",
            produced_on=date(2026, 11, 4),
            weight_g=62_500,
            note="干片",
        )
        assert [batch.party_id for batch in uow.batches.list()] == ["WZBH", "GNQC"]  # the newest first
        assert [batch.party_id for batch in uow.batches.list("GNQC")] == ["GNQC"]
        assert len(uow.batches.list(limit=1)) == 1


def test_the_same_file_again_changes_nothing_and_is_known(county: Store, file: Path) -> None:
    register(county, file, TWO)
    assert register(county, file, TWO, LATER) == (0, 2, NOW)
    assert count(county) == 2


def test_the_same_rows_in_another_file_change_nothing_either(county: Store, file: Path) -> None:
    register(county, file, TWO)
    spelled_otherwise = TWO.replace("2026-11-03", "2026年11月3日").replace("2000", "2000.000")
    assert register(county, file, spelled_otherwise, LATER) == (0, 2, None)


def test_a_longer_file_registers_what_is_new(county: Store, file: Path) -> None:
    register(county, file, TWO)
    longer = TWO + "GNQC,NAVEL-5KG,L2,2026-11-05,100,,\n"
    assert register(county, file, longer, LATER) == (1, 2, None)
    assert register(county, file, longer, LATER) == (0, 3, LATER)


def test_a_state_that_moved_on_is_no_change(county: Store, file: Path) -> None:
    register(county, file, TWO)
    with county.unit_of_work() as uow:
        batch = uow.batches.find("L1", party_id="GNQC")[0]
        assert uow.batches.set_state(batch, BatchState.CLOSED).state is BatchState.CLOSED
    with county.unit_of_work() as uow, pytest.raises(BatchStateError):
        uow.batches.set_state(batch, BatchState.OPEN)  # the database knows better than the caller
    assert register(county, file, TWO) == (0, 2, NOW)


def test_a_changed_row_is_a_fault_that_says_what_differs_and_nothing_is_written(county: Store, file: Path) -> None:
    register(county, file, TWO)
    changed = TWO.replace("2000,360726", "2000.5,") + "GNQC,NAVEL-5KG,L2,2026-11-05,100,,\n"
    faults = faults_of(county, file, changed)
    assert [(fault.code, fault.params["row"], fault.params["column"]) for fault in faults] == [
        ("sheet.batch_changed", 2, "E (weight (kg))"),
        ("sheet.batch_changed", 2, "F (origin)"),
    ]
    assert [(fault.params["value"], fault.params["registered"]) for fault in faults] == [
        ("2000.5", 2000),
        ("", "360726"),
    ]
    assert count(county) == 2


def test_unknown_parties_and_products_are_named_with_the_known_ones(county: Store, file: Path) -> None:
    text = (
        HEADER + "GNQD,NAVEL-5KG,L1,2026-11-03,1,,\nGNQC,NAVEL-5G,L1,2026-11-03,1,,\nGNQC,NAVEL-5KG,L1,2026-11-03,1,,\n"
    )
    faults = faults_of(county, file, text)
    assert [(fault.code, fault.params["row"], fault.params["value"]) for fault in faults] == [
        ("sheet.unknown_party", 2, "GNQD"),
        ("sheet.unknown_product", 3, "NAVEL-5G"),
    ]
    assert str(faults[0].params["known"]).startswith("GNQC")
    assert faults[1].params["known"] == "NAVEL-5KG, NAVEL-10KG"
    assert count(county) == 0


def test_many_rows_are_registered_and_found_in_sets(county: Store, file: Path) -> None:
    rows = [f"GNQC,NAVEL-5KG,L{number},2026-11-03,{number + 1},,\n" for number in range(1203)]
    assert register(county, file, HEADER + "".join(rows)) == (1203, 0, None)
    assert register(county, file, HEADER + "".join(rows)) == (0, 1203, NOW)


def test_a_batch_that_another_clerk_registered_first_is_a_conflict(county: Store, file: Path) -> None:
    register(county, file, TWO)
    with county.reading() as uow:
        batch = uow.batches.find("L1", party_id="GNQC")[0]
    with pytest.raises(ConflictError), county.unit_of_work() as uow:
        uow.batches.add([batch], LATER)


@pytest.fixture
def lots(county: Store, file: Path) -> Store:
    text = HEADER + "GNQC,NAVEL-5KG,26A0137,2026-11-03,1,,\nGNQC,NAVEL-10KG,26A0137,2026-11-03,1,,\n"
    register(county, file, text + "GNQC,NAVEL-5KG,26A0138,2026-11-03,1,,\nWZBH,LILY-250G,26A0137,2026-11-03,1,,\n")
    return county


@pytest.mark.parametrize(
    ("text", "party", "expected"),
    [
        ("26A0138", None, "GNQC/NAVEL-5KG/26A0138"),
        ("26A0137", "WZBH", "WZBH/LILY-250G/26A0137"),
        ("NAVEL-10KG/26A0137", "", "GNQC/NAVEL-10KG/26A0137"),
        ("WZBH/LILY-250G/26A0137", "GNQC", "WZBH/LILY-250G/26A0137"),
    ],
)
def test_a_batch_is_found_by_as_much_as_is_needed(lots: Store, text: str, party: str | None, expected: str) -> None:
    with lots.reading() as uow:
        assert resolve_batch(uow, text, party).reference == expected


def test_an_ambiguous_name_lists_the_candidates_in_full(lots: Store) -> None:
    with lots.reading() as uow:
        with pytest.raises(AmbiguousBatchError) as caught:
            resolve_batch(uow, "26A0137")
        assert caught.value.params["batches"] == [
            "GNQC/NAVEL-10KG/26A0137",
            "GNQC/NAVEL-5KG/26A0137",
            "WZBH/LILY-250G/26A0137",
        ]
        assert "WZBH/LILY-250G/26A0137. Write" in str(caught.value)
        with pytest.raises(AmbiguousBatchError, match="names 2 batches"):
            resolve_batch(uow, "26A0137", "GNQC")


def test_a_name_that_is_not_there_names_the_nearest(lots: Store) -> None:
    with lots.reading() as uow:
        with pytest.raises(NearestBatchError, match="GNQC/NAVEL-5KG/26A0138"):
            resolve_batch(uow, "26A0139")
        with pytest.raises(NearestBatchError, match="GNQC/NAVEL-5KG/26A0138"):
            resolve_batch(uow, "26A0138", "WZBH")  # of another party: named, never taken
        with pytest.raises(BatchNotFoundError) as caught:
            resolve_batch(uow, "ZZZZZZ")
        assert type(caught.value) is BatchNotFoundError
        with pytest.raises(BatchReferenceError):
            resolve_batch(uow, "26a0137")
