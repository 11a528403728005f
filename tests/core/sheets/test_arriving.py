"""Spreadsheets of the kind that arrive: every one of them is read as a person means it, or refused in plain words."""

import runpy
import shutil
import tomllib
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from tracelib.batches.batch import Batch
from tracelib.catalog.party import Party
from tracelib.catalog.product import Product
from tracelib.errors import FormatError
from tracelib.operations.batches.register import RegisterOptions, register_batches
from tracelib.sheets.errors import SheetError
from tracelib.store.unit_of_work import Store
from tracelib.text import translator

FOLDER = Path(__file__).parent / "arriving"
MAKERS: dict[str, Callable[[Path], None]] = runpy.run_path(str(FOLDER / "make.py"))["MAKERS"]
EXPECTED: dict[str, dict[str, Any]] = tomllib.loads((FOLDER / "expected.toml").read_text(encoding="utf-8"))
FAULTY = [name for name in MAKERS if "en" in EXPECTED.get(name, {})]
FINE = [name for name in MAKERS if name not in FAULTY]
WORDS = {"园区号": "lot", "品种": "product_id", "采摘时间": "produced_on", "采摘数量": "weight_g", "签收": ""}
NOW = datetime(2026, 11, 5, 8, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with a party, two products, a batch and a saved mapping."""
    path = tmp_path_factory.mktemp("desk") / "desk.db"
    with Store.create_or_upgrade(f"sqlite:///{path}") as store, store.unit_of_work() as uow:
        uow.catalog.add(Party(id="GNQC", name_zh="示例合作社"))
        for product in ("NAVEL-5KG", "NAVEL-10KG"):
            uow.catalog.add(Product(party_id="GNQC", id=product, name_zh="示例产品"))
        old = {"party_id": "GNQC", "product_id": "NAVEL-5KG", "lot": "OLD", "produced_on": date(2026, 11, 4)}
        uow.batches.add([Batch.model_validate({**old, "weight_g": 1_100_000, "plot": "五号果园"})], NOW)
        content = {"words": WORDS, "fixed": {"party_id": "GNQC"}, "unit": "斤", "year": 2026}
        uow.mappings.save("", "三号果园", content, NOW)
    return path


@pytest.fixture
def store(desk: Path, tmp_path: Path) -> Iterator[Store]:
    shutil.copyfile(desk, tmp_path / "desk.db")
    with Store.open(f"sqlite:///{tmp_path / 'desk.db'}") as opened:
        yield opened


def test_there_are_fifty_with_a_fault_and_each_has_its_message() -> None:
    assert EXPECTED.keys() == MAKERS.keys()
    assert len(FAULTY) >= 50
    assert len(FINE) >= 25


@pytest.mark.parametrize("name", FAULTY)
def test_a_faulty_sheet_is_refused_in_both_languages_and_nothing_is_written(
    store: Store, tmp_path: Path, name: str
) -> None:
    MAKERS[name](tmp_path / name)
    with pytest.raises(FormatError) as caught:
        register_batches(store, tmp_path / name, NOW)
    faults = caught.value.faults if isinstance(caught.value, SheetError) else [caught.value]
    assert [fault.message() for fault in faults] == EXPECTED[name]["en"]
    assert [fault.message(translator("zh")) for fault in faults] == EXPECTED[name]["zh"]
    with store.reading() as uow:
        assert uow.batches.count() == 1
        assert uow.changes.list() == []


@pytest.mark.parametrize("name", FINE)
def test_an_odd_sheet_is_read_as_it_is_meant(store: Store, tmp_path: Path, name: str) -> None:
    MAKERS[name](tmp_path / name)
    done = register_batches(store, tmp_path / name, NOW)
    expected, unread = EXPECTED[name], done.unread
    assert [batch.weight_g for batch in done.registered] == expected["weights_g"]
    assert sorted({batch.produced_on.isoformat() for batch in done.registered}) == expected["days"]
    assert [list(row) for row in unread.rows] == expected.get("skipped", [])
    assert [*unread.sheets, *unread.columns, *map(str, unread.hidden_rows)] == expected.get("hidden", [])
    assert list(unread.struck_rows) == expected.get("struck", [])
    assert unread.formulas == expected.get("formulas", 0)
    assert done.mapping == expected.get("mapping")


@pytest.mark.parametrize("name", [name for name in FAULTY if name != "merged-rows.xlsx"])  # split in the copy
def test_the_marked_sheet_says_the_same_faults_when_it_is_given_back(store: Store, tmp_path: Path, name: str) -> None:
    """A sheet with faults in its cells is written back with them marked, and nothing about it has changed."""
    MAKERS[name](tmp_path / name)
    report = tmp_path / "marked.xlsx"
    with pytest.raises(FormatError) as caught:
        register_batches(store, tmp_path / name, NOW, RegisterOptions(report=report, language="zh"))
    assert report.is_file() is isinstance(caught.value, SheetError)
    if not isinstance(caught.value, SheetError):
        return
    with pytest.raises(SheetError) as again:
        register_batches(store, report, NOW)
    places = {(fault.params.get("row"), str(fault.params.get("column"))[:1]) for fault in caught.value.faults}
    found = {(fault.params.get("row"), str(fault.params.get("column"))[:1]) for fault in again.value.faults}
    assert found == places
