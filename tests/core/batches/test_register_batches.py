"""Registering a file: all or nothing, twice is once, and a registered batch does not change."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tracelib.batches.batch import Batch, BatchState
from tracelib.batches.errors import BatchReferenceError, BatchStateError
from tracelib.catalog.party import Party
from tracelib.catalog.product import Product
from tracelib.errors import TraceError
from tracelib.identifiers.division import DivisionTable
from tracelib.operations.batches.find import AmbiguousBatchError, BatchNotFoundError, NearestBatchError, resolve_batch
from tracelib.operations.batches.register import RegisterOptions, register_batches
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


def test_an_origin_that_the_table_of_divisions_does_not_know_is_a_fault(county: Store, file: Path) -> None:
    """A village of a known county may be missing in the table, the county may not; 360783 holds since 2026-11-04."""
    table = DivisionTable.parse("code,name,valid_from,valid_to,note\n360726,安远县,,,\n360783,示例市,2026-11-04,,\n")
    origins = ("360726", "360726201203", "999999", "360783", "999999001")
    rows = "".join(f"GNQC,NAVEL-5KG,L{n},2026-11-03,10,{origin},\n" for n, origin in enumerate(origins))
    file.write_text(HEADER + rows, encoding="utf-8")
    with pytest.raises(SheetError) as caught:
        register_batches(county, file, NOW, RegisterOptions(divisions=table))
    assert [(fault.code, fault.params["row"]) for fault in caught.value.faults] == [
        ("sheet.unknown_division", row) for row in (4, 5, 6)
    ]
    assert count(county) == 0
    assert len(register_batches(county, file, NOW).registered) == len(origins)  # no table, nothing to check against


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
        ("2000.5", "2000"),
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


def test_every_fault_of_a_file_comes_in_one_go(county: Store, file: Path) -> None:
    """A faulty cell hides neither its row's other cells from catalogue and register, nor other rows."""
    register(county, file, TWO)
    text = (
        "party,product,lot,production date,weight (kg),origin,note\n"
        "GNQC,NAVEL-5KG,L1,2026-11-33,2001,360726,\n"  # no such day; the weight has changed
        "GNQD,NAVEL-5KG,L2,2026-11-03,x,,\n"  # no such party; no number
        "GNQC,NAVEL-5G,l3,2026-11-03,1,,\n"  # no such product; lower case
        "GNQC,navel-5kg,L4,2026-11-07,1,,\n"  # lower case; the day after tomorrow
        "WZBH,LILY-250G,L1,2026-11-04,62.5,1,\n"  # no division code; the note is gone
        "GNQC,LILY-250G,L5,2026-11-04,1,,\n"  # a product of another party
    )
    faults = faults_of(county, file, text)
    assert [(fault.params["row"], str(fault.params["column"])[:1], fault.code) for fault in faults] == [
        (2, "D", "sheet.cell"),
        (2, "E", "sheet.batch_changed"),
        (3, "A", "sheet.unknown_party"),
        (3, "E", "sheet.cell"),
        (4, "B", "sheet.unknown_product"),
        (4, "C", "sheet.write_instead"),
        (5, "B", "sheet.write_instead"),
        (5, "D", "sheet.future_day"),
        (6, "F", "sheet.cell"),
        (6, "G", "sheet.batch_changed"),
        (7, "B", "sheet.unknown_product"),
    ]
    assert count(county) == 2


def test_a_faulty_header_hides_no_fault_and_invents_none(county: Store, file: Path) -> None:
    """The registered origin is not said to have changed only because its column could not be found."""
    register(county, file, TWO)
    faults = faults_of(county, file, TWO.replace(",origin,", ",orign,").replace("WZBH,", "WZBX,"))
    assert [fault.code for fault in faults] == ["sheet.unknown_header", "sheet.unknown_party"]
    assert count(county) == 2


@pytest.mark.parametrize(
    ("now", "latest"),
    [
        (datetime(2026, 11, 5, 15, 59, tzinfo=UTC), "2026-11-06"),
        (datetime(2026, 11, 5, 16, 0, tzinfo=UTC), "2026-11-07"),  # midnight in China
    ],
)
def test_a_day_later_than_tomorrow_is_a_fault(county: Store, file: Path, now: datetime, latest: str) -> None:
    text = HEADER + "".join(f"GNQC,NAVEL-5KG,L{day},2026-11-{day:02},1,,\n" for day in (6, 7, 8))
    with pytest.raises(SheetError) as caught:
        register(county, file, text, now)
    late = [day for day in ("2026-11-06", "2026-11-07", "2026-11-08") if day > latest]
    assert [str(fault.params["value"]) for fault in caught.value.faults] == late
    assert f"expected a day up to {latest}" in str(caught.value.faults[0])
    assert count(county) == 0


def test_ten_thousand_tonnes_are_the_most_of_one_batch(county: Store, file: Path) -> None:
    rows = HEADER + "GNQC,NAVEL-5KG,L1,2026-11-03,10000000,,\n"
    (fault,) = faults_of(county, file, rows + "GNQC,NAVEL-5KG,L2,2026-11-03,10000001,,\n")
    assert (fault.code, fault.params["row"]) == ("sheet.cell", 3)
    assert "at most 10000000 kilograms" in str(fault)
    assert register(county, file, rows) == (1, 0, None)


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


def test_two_clerks_register_the_same_file_at_once(county: Store, file: Path) -> None:
    """Every batch once; whoever came second is told so and sees no error."""
    rows = "".join(f"GNQC,NAVEL-5KG,X{number},2026-11-03,{number + 1},,\n" for number in range(1200))
    file.write_text(HEADER + rows, encoding="utf-8")
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: register_batches(county, file, NOW), range(4)))
    assert sorted((len(each.registered), each.unchanged) for each in done) == [(0, 1200)] * 3 + [(1200, 0)]
    assert count(county) == 1200
    with county.reading() as uow:
        assert [change.verb for change in uow.changes.list("GNQC")] == ["batch.register"]


def test_two_clerks_with_overlapping_files_in_opposite_order(county: Store, tmp_path: Path) -> None:
    rows = [f"GNQC,NAVEL-5KG,Y{number:04},2026-11-03,{number + 1},,\n" for number in range(1500)]
    files = [tmp_path / "a.csv", tmp_path / "b.csv"]
    files[0].write_text(HEADER + "".join(rows[:1000]), encoding="utf-8")
    files[1].write_text(HEADER + "".join(reversed(rows[500:])), encoding="utf-8")
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda path: register_batches(county, path, NOW), files))
    assert sum(len(each.registered) for each in done) == 1500 == count(county)
