"""The catalogue as a folder: round trip, faults by cell, history by day, what must not change any more."""

import csv
import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from tracelib.catalog.party import Party
from tracelib.catalog.product import Product
from tracelib.catalog.snapshot import Snapshot, key_of, kind_of
from tracelib.errors import TraceError
from tracelib.operations.catalog.divisions import read_divisions
from tracelib.operations.catalog.entries import add_entry, entry_on
from tracelib.operations.catalog.export_folder import ExportWriteError, OtherTablesError, export_catalog
from tracelib.operations.catalog.import_folder import DayAheadError, ReasonMissingError, plan_import, write_import
from tracelib.sheets.catalog_folder import NoTablesError, TablesBelowError
from tracelib.sheets.errors import SheetError
from tracelib.store.code_values import IssuedRange
from tracelib.text import LANGUAGES, Language

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import Store

COUNTY = Path(__file__).parents[3] / "examples" / "county"
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a folder of CSV tables from text, with a good catalogue where a table is not given."""

    def write_folder(**tables: str) -> Path:
        folder = tmp_path / "county"
        folder.mkdir(exist_ok=True)
        given = {
            "parties": "Party,Chinese name\nCOOP1,示例合作社\n",
            "brands": "Brand,Owner,Chinese name\nGANNAN,COOP1,赣南脐橙\n",
            "products": "Party,Product,Chinese name,Net g a carton\nCOOP1,QC5KG,赣南脐橙,5000\n",
            "grades": "Party,Product,Grade number,Chinese name\nCOOP1,QC5KG,1,特等\n",
            **tables,
        }
        for name, text in given.items():
            (folder / f"{name}.csv").write_text(text, encoding="utf-8")
        return folder

    return write_folder


def bring(
    store: "Store",
    folder: Path,
    now: datetime = NOW,
    reason: str = "",
    workspace: Path | None = None,
    **more: object,
) -> None:
    with store.unit_of_work() as uow:
        write_import(uow, plan_import(uow, folder, now, workspace or folder / "kept", **more), now, reason)  # type: ignore[arg-type]


def faults(store: "Store", folder: Path, from_day: date | None = None) -> list[tuple[str, object, object]]:
    """(code, row, column letter) of every fault; nothing was written."""
    with store.reading() as uow:
        before = uow.catalog.snapshot()
    with pytest.raises(SheetError) as raised:
        bring(store, folder, reason="test", from_day=from_day)
    with store.reading() as uow:
        assert uow.catalog.snapshot() == before
    return [
        (fault.code, fault.params.get("row"), str(fault.params.get("column", "")).partition(" ")[0])
        for fault in raised.value.faults
    ]


def tables(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("xlsx", [False, True], ids=["csv", "xlsx"])
def test_the_sample_county_comes_back_byte_for_byte(
    store: "Store", tmp_path: Path, language: Language, xlsx: bool
) -> None:
    for county in ("ganzhou", "wanzai"):
        bring(store, COUNTY / county)
    with store.reading() as uow:
        first = uow.catalog.snapshot()
    assert (len(first.products), len(first.brands), len(first.certifications)) == (14, 3, 12)
    export_catalog(first, tmp_path / "one", tmp_path / "none", language, xlsx=xlsx, contacts=True)
    for county in ("ganzhou", "wanzai"):
        shutil.copytree(COUNTY / county / "pictures", tmp_path / "pictures", dirs_exist_ok=True)
    bring(store, tmp_path / "one", workspace=tmp_path)
    with store.reading() as uow:
        assert uow.catalog.snapshot() == first
        assert len(uow.changes.list(verb="catalog.import")) == 2  # that one changed nothing
    export_catalog(first, tmp_path / "two", tmp_path / "none", language, xlsx=xlsx, contacts=True)
    assert tables(tmp_path / "one") == tables(tmp_path / "two")
    with pytest.raises(OtherTablesError):
        export_catalog(first, tmp_path / "one", tmp_path / "none", language, xlsx=not xlsx)


def test_the_sample_county_is_what_an_export_writes(store: "Store", tmp_path: Path) -> None:
    for county in ("ganzhou", "wanzai"):
        bring(store, COUNTY / county)
        with store.reading() as uow:
            catalog = uow.catalog.snapshot()
        parties = {row["主体编号"] for row in _rows(COUNTY / county / "parties.csv")}
        own = [
            e for e in catalog.entries() if getattr(e, "party_id", getattr(e, "owner", getattr(e, "id", ""))) in parties
        ]
        divisions = read_divisions(COUNTY / county / "divisions.csv")
        export_catalog(Snapshot.of(own), tmp_path / county, tmp_path / "none", "zh", divisions)
        assert tables(tmp_path / county) == tables(COUNTY / county)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def test_contacts_stay_at_home_and_an_import_without_them_keeps_them(
    store: "Store", write: Write, tmp_path: Path
) -> None:
    bring(store, write(parties="Party,Chinese name,Contact\nCOOP1,示例合作社,13800000000\n"))
    with store.reading() as uow:
        catalog = uow.catalog.snapshot()
    export_catalog(catalog, tmp_path / "out", tmp_path / "none", "en")
    assert b"13800000000" not in (tmp_path / "out" / "parties.csv").read_bytes()
    bring(store, tmp_path / "out")
    with store.reading() as uow:
        assert uow.catalog.snapshot() == catalog


# --- faults


def test_every_fault_of_every_table_in_one_go(store: "Store", write: Write) -> None:
    folder = write(
        parties="Party,Chinese name,USCC\nCOOP1,示例合作社,91110000600037341X\nＣＯＯＰ2,示例,\n",
        products=(
            "Party,Product,Chinese name,Net g a carton,GTIN,Valid from,Valid to,Picture\n"
            "COOP1,QC5KG,赣南脐橙,5kg,6901234567891,2026-01-01,2025-01-01,a/b.png\n"
            "COOP1,QC6KG,,5000,,,,\n"
            "COOP1,QC7KG,脐橙,5000,,2026-12-01,2026-11-01,\n"
        ),
    )
    assert faults(store, folder) == [
        ("sheet.cell", 2, "C"),
        ("sheet.full_width", 3, "A"),
        ("sheet.entry", 2, ""),
        ("sheet.cell", 2, "D"),
        ("sheet.cell", 2, "E"),
        ("sheet.cell", 2, "H"),
        ("sheet.missing_cell", 3, "C"),
        ("sheet.entry", 4, ""),
    ]


def test_a_row_with_a_bad_cell_is_told_all_its_other_faults(store: "Store", write: Write) -> None:
    folder = write(
        products=(
            "Party,Product,Chinese name,Net g a carton,Brand,Picture\n"
            "COOP9,QC5KG,脐橙,heavy,NONE,gone.png\n"
            "COOP1,QC6KG,脐橙,5000,,lost.png\n"
        ),
        grades="Party,Product,Grade number,Chinese name\n",
    )
    (folder / "pictures").mkdir()
    Image.new("RGB", (8, 8), "orange").save(folder / "pictures" / "other.png")
    assert set(faults(store, folder)) == {
        ("sheet.cell", 2, "D"),
        ("sheet.unknown_entry", 2, "A"),
        ("sheet.unknown_entry", 2, "E"),
        ("sheet.picture_missing", 2, "F"),
        ("sheet.picture_missing", 3, "F"),
    }


def test_a_bad_cell_hides_no_duplicate_no_reference_and_no_taken_number(store: "Store", write: Write) -> None:
    """One wrong cell in a table: what else is wrong with its rows, and with rows that name them, is told too."""
    folder = write(
        parties=(
            "Party,Chinese name,USCC,Division code\n"
            "COOP1,示例合作社,91110000600037341L,3607\n"
            "COOP1,示例合作社,,360726\n"
            "COOP2,示例,91110000600037341L,36\n"
        ),
        products=(
            "Party,Product,Chinese name,Net g a carton,Valid from,Valid to\n"
            "COOP1,QC5KG,脐橙,heavy,2026-02-01,2026-01-01\n"
            "COOP1,QC5KG,脐橙,5000,,\n"
            "COOP3,QC6KG,脐橙,5000,,\n"
        ),
        grades="Party,Product,Grade number,Chinese name\nCOOP1,QC5KG,1,特等\nCOOP1,QC9KG,1,特等\n",
    )
    assert set(faults(store, folder)) == {
        ("sheet.cell", 2, "D"),  # parties: 3607; products: heavy
        ("sheet.duplicate_row", 3, ""),
        ("sheet.cell", 4, "D"),
        ("sheet.value_taken", 4, "C"),
        ("sheet.entry", 2, ""),
        ("sheet.unknown_entry", 4, "A"),
        ("sheet.unknown_entry", 3, "B"),
    }


@pytest.mark.parametrize(
    ("table", "text", "expected"),
    [
        ("products", "Party,Product,Chinese name\nCOOP9,QC5KG,脐橙\n", ("sheet.unknown_entry", 2, "A")),
        ("products", "Party,Product,Chinese name,Brand\nCOOP1,QC5KG,脐橙,NONE\n", ("sheet.unknown_entry", 2, "D")),
        ("products", "Party,Product,Chinese name\nCOOP1,QC5KG,橙\nCOOP1,QC5KG,橙\n", ("sheet.duplicate_row", 3, "")),
        (
            "products",
            "Party,Product,Chinese name,GTIN\nCOOP1,QC5KG,脐橙,6901234567892\nCOOP1,B,脐橙,06901234567892\n",
            ("sheet.value_taken", 3, "D"),
        ),
        ("grades", "Party,Product,Grade number,Chinese name\nCOOP1,QC5KG,2,特等\n", ("sheet.grade_order", 2, "C")),
        (
            "grades",
            "Party,Product,Grade number,Chinese name\nCOOP1,QC5KG,1,特等\nCOOP1,QC5KG,2,特等\n",
            ("sheet.value_taken", 3, "D"),
        ),
        (
            "parties",
            "Party,Chinese name,USCC\nCOOP1,示例,91110000600037341L\nCOOP2,示例,91110000600037341L\n",
            ("sheet.value_taken", 3, "C"),
        ),
        (
            "authorizations",
            "Brand,Authorization,Party,Products\nGANNAN,A1,COOP1,QC5KG NONE\n",
            ("sheet.unknown_entry", 2, "D"),
        ),
        (
            "certifications",
            "Party,Certification,Kind,Certificate number,Issuer\nCOOP1,C1,gold medal,1,示例\n",
            ("sheet.cell", 2, "C"),
        ),
        ("brands", "Brand,Owner,Chinese name,Hosts\nGANNAN,COOP1,脐橙,not_a_host!\n", ("sheet.cell", 2, "D")),
        ("products", "主体,编号,颜色\nCOOP1,A,橙\n", ("sheet.unknown_header", 1, "C")),
    ],
)  # fmt: skip
def test_one_fault(store: "Store", write: Write, table: str, text: str, expected: tuple[str, object, object]) -> None:
    assert expected in faults(store, write(**{table: text}))


def test_tables_that_cannot_be_told_apart(store: "Store", write: Write, tmp_path: Path) -> None:
    folder = write()
    (folder / "产品.csv").write_bytes((folder / "products.csv").read_bytes())
    (folder / "prodcts.csv").write_text("x")
    assert sorted(fault[0] for fault in faults(store, folder)) == ["sheet.strange_table", "sheet.two_tables"]
    with pytest.raises(FileNotFoundError):
        bring(store, tmp_path / "nowhere")
    (tmp_path / "empty" / "below").mkdir(parents=True)
    with pytest.raises(NoTablesError):
        bring(store, tmp_path / "empty")
    (tmp_path / "empty" / "below" / "products.csv").write_text("x")
    with pytest.raises(TablesBelowError, match="below"):
        bring(store, tmp_path / "empty")


def test_chinese_names_words_and_headers(store: "Store", tmp_path: Path) -> None:
    folder = tmp_path / "县"
    folder.mkdir()
    (folder / "主体.csv").write_bytes("主体编号,名称\nCOOP1,示例合作社\n".encode("gb18030"))
    (folder / "产品.csv").write_text(
        "主体,编号,中文名称,GTIN,GTIN已授权\nCOOP1,QC5KG,脐橙,6901234567892,是\n", encoding="utf-8"
    )
    (folder / "认证.csv").write_text(
        "主体,编号,类别,证书号,发证机构,产品,有效期至\nCOOP1,C1,SC,示例-1,示例,QC5KG,2027年1月2日\n", encoding="utf-8"
    )
    bring(store, folder)
    with store.reading() as uow:
        catalog = uow.catalog.snapshot()
    assert catalog.products["COOP1/QC5KG"].gtin_licensed
    assert catalog.certifications["COOP1/C1"].kind == "production_licence"
    assert catalog.certifications["COOP1/C1"].valid_to == date(2027, 1, 2)


# --- pictures


def test_pictures_are_judged_before_anything_is_written(store: "Store", write: Write) -> None:
    rows = "".join(
        f"COOP1,P{n},脐橙,{name}\n" for n, name in enumerate(("good.png", "gone.png", "text.jpg", "link.png"))
    )
    folder = write(
        products="Party,Product,Chinese name,Picture\n" + rows, grades="Party,Product,Grade number,Chinese name\n"
    )
    home = folder / "pictures"
    home.mkdir()
    Image.new("RGB", (8, 8), "orange").save(home / "good.png")
    (home / "text.jpg").write_text("no picture")
    (home / "link.png").symlink_to("/etc/hostname")
    assert faults(store, folder) == [
        ("sheet.picture_missing", 3, "D"),
        ("sheet.picture_unreadable", 4, "D"),
        ("sheet.picture_unreadable", 5, "D"),
    ]


def test_a_folder_without_pictures_is_told_what_it_lacks_unless_it_is_kept(store: "Store", write: Write) -> None:
    rows = "COOP1,QC5KG,脐橙,a.png\nCOOP1,OTHER,蜜桔,b.png\n"
    folder = write(products="Party,Product,Chinese name,Picture\n" + rows)
    assert faults(store, folder) == [("sheet.picture_missing", 2, "D"), ("sheet.picture_missing", 3, "D")]
    kept = folder / "kept" / "pictures"
    kept.mkdir(parents=True)
    Image.new("RGB", (8, 8), "red").save(kept / "a.png")
    assert faults(store, folder) == [("sheet.picture_missing", 3, "D")]


def test_an_export_that_fails_leaves_nothing_and_replaces_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog = Snapshot.of([Party(id="COOP1", name_zh="示例合作社", picture="a.png")])
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    Image.new("RGB", (8, 8), "red").save(pictures / "a.png")
    export_catalog(catalog, tmp_path / "old", pictures, "zh")
    before = tables(tmp_path / "old")
    write_bytes, left = Path.write_bytes, [3]

    def full_disk(path: Path, data: bytes) -> int:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(28, "No space left on device")
        return write_bytes(path, data)

    monkeypatch.setattr(Path, "write_bytes", full_disk)
    for folder in ("old", "new/county"):
        left[0] = 3
        with pytest.raises(ExportWriteError):
            export_catalog(catalog, tmp_path / folder, pictures, "en")
    assert tables(tmp_path / "old") == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["old", "pictures"]
    assert sorted(path.name for path in (tmp_path / "old" / "pictures").iterdir()) == ["a.png"]


# --- names of divisions


def test_names_of_divisions_are_checked_with_the_rest(store: "Store", write: Write) -> None:
    folder = write(
        divisions="code,name,valid_from,valid_to,note\n36,江西省,,,\n360000,江西省,2020/1/1,,\n", parties="x\n"
    )
    with pytest.raises(SheetError) as raised:
        bring(store, folder)
    found = [(fault.code, fault.params.get("line")) for fault in raised.value.faults if "line" in fault.params]
    assert found == [("division.row", 2), ("division.row", 3)]
    assert len(raised.value.faults) > 2  # the parties' too
    write(divisions="code;name\n")
    assert "division.columns" in {code for code, _, _ in faults(store, folder)}


def test_names_of_divisions_come_by_code_and_others_stay(store: "Store", write: Write, tmp_path: Path) -> None:
    head = "code,name,valid_from,valid_to,note\n"
    (tmp_path / "divisions.csv").write_text(head + "# 本县\n360700,赣州地区,,,\n110000,北京市,,,\n", "utf-8")
    folder = write(divisions=head + "360000,江西省,,,\n360700,赣州市,1999-07-01,,\n360700,赣州地区,,1999-06-30,\n")
    with store.unit_of_work() as uow:
        plan = plan_import(uow, folder, NOW, tmp_path)
        write_import(uow, plan, NOW)
    assert plan.divisions.counts == {"added": 3, "removed": 1}
    assert plan.divisions.table.as_csv() == (
        head + "# 本县\n110000,北京市,,,\n360000,江西省,,,\n360700,赣州地区,,1999-06-30,\n360700,赣州市,1999-07-01,,\n"
    )
    with store.reading() as uow:
        (change,) = uow.changes.list(verb="catalog.import")
    assert change.detail["divisions"] == {"added": 3, "removed": 1}


def test_a_picture_of_the_same_name_does_not_take_anothers_place(store: "Store", write: Write) -> None:
    folder = write(products="Party,Product,Chinese name,Picture\nCOOP1,QC5KG,脐橙,a.png\n")
    for home, colour in ((folder / "pictures", "red"), (folder / "kept" / "pictures", "red")):
        home.mkdir(parents=True)
        Image.new("RGB", (8, 8), colour).save(home / "a.png")
    bring(store, folder)
    write(products="Party,Product,Chinese name,Picture\nCOOP1,OTHER,脐橙,a.png\n")
    Image.new("RGB", (8, 8), "blue").save(folder / "pictures" / "a.png")
    assert ("sheet.picture_taken", 2, "D") in faults(store, folder)


# --- history


def changed(write: Write, name: str) -> Path:
    return write(products=f"Party,Product,Chinese name,Net g a carton\nCOOP1,QC5KG,{name},5000\n")


def test_a_change_wants_a_reason_and_keeps_what_was(store: "Store", write: Write) -> None:
    bring(store, write(), datetime(2026, 11, 1, tzinfo=UTC))
    with pytest.raises(ReasonMissingError):
        bring(store, changed(write, "赣南脐橙五公斤"))
    bring(store, changed(write, "赣南脐橙五公斤"), NOW, "改名", from_day=date(2026, 9, 1))
    with store.reading() as uow:
        versions = uow.catalog_history.of("product", "COOP1/QC5KG")
        assert [(v.seq, v.effective_from, v.reason) for v in versions] == [
            (1, date.min, ""),
            (2, date(2026, 9, 1), "改名"),
        ]
        names = {
            day: {p.name_zh for p in uow.catalog_history.on(day).products.values()}
            for day in (date(2026, 2, 28), date(2026, 3, 1), date(2026, 8, 31), date(2026, 9, 1), date(2030, 1, 1))
        }
        product = uow.catalog.snapshot().products["COOP1/QC5KG"]
        assert entry_on(uow, product, date(2026, 5, 1)).name_zh == "赣南脐橙"
        assert entry_on(uow, product, date(2020, 1, 1)).name_zh == "赣南脐橙"
    assert list(names.values()) == [{"赣南脐橙"}, {"赣南脐橙"}, {"赣南脐橙"}, {"赣南脐橙五公斤"}, {"赣南脐橙五公斤"}]


def test_an_entry_from_before_the_history_gets_its_first_version_with_its_first_change(
    store: "Store", write: Write
) -> None:
    bring(store, write())
    old = Product(party_id="COOP1", id="OLD", name_zh="旧名")
    with store.unit_of_work() as uow:
        uow.catalog.add(old)  # as a database of the first release holds it
    folder = write(products="Party,Product,Chinese name\nCOOP1,OLD,新名\n")
    bring(store, folder, NOW, "改名")
    with store.reading() as uow:
        versions = uow.catalog_history.of("product", "COOP1/OLD")
        assert (versions[0].effective_from, versions[0].entry) == (date.min, old)
        assert uow.catalog_history.on(date(2020, 1, 1)).products["COOP1/OLD"].name_zh == "旧名"
        assert uow.catalog_history.on(date(2026, 11, 25)).products["COOP1/OLD"].name_zh == "新名"


@pytest.mark.parametrize("day", [date(1990, 1, 1), date(2024, 6, 1), date(2026, 11, 24), date(2030, 1, 1)])
def test_the_catalogue_of_any_day_can_be_imported_again(
    store: "Store", write: Write, tmp_path: Path, day: date
) -> None:
    folder = write(
        parties="Party,Chinese name,Valid from\nCOOP1,示例,2025-05-01\n",
        certifications=(
            "Party,Certification,Kind,Certificate number,Issuer,Product,Valid from\n"
            "COOP1,C1,organic,1,示例,QC5KG,2024-01-01\n"
        ),
        authorizations="Brand,Authorization,Party,Products,Valid from\nGANNAN,A1,COOP1,QC5KG,2023-01-01\n",
    )
    bring(store, folder)
    with store.unit_of_work() as uow:
        add_entry(uow, Product(party_id="COOP1", id="OLD", name_zh="旧", valid_from=date(2020, 1, 1)), NOW)
    with store.reading() as uow:
        catalog, now = uow.catalog_history.on(day), uow.catalog.snapshot()
    assert catalog == now
    export_catalog(catalog, tmp_path / "then", tmp_path / "none", "en")
    bring(store, tmp_path / "then")  # as it would be taken by an empty workspace: nothing names what is not there
    assert catalog.certifications["COOP1/C1"].party_id in catalog.parties
    assert not catalog.parties["COOP1"].holds_on(date(2024, 6, 1))


def test_days_of_changes(store: "Store", write: Write) -> None:
    bring(store, write())
    bring(store, changed(write, "一"), NOW, "test", from_day=date(2026, 11, 25))
    with pytest.raises(DayAheadError):
        bring(store, changed(write, "二"), NOW, "test", from_day=date(2026, 11, 26))
    assert faults(store, changed(write, "二"), from_day=date(2026, 11, 24)) == [("sheet.before_last_change", 2, "")]
    bring(store, changed(write, "二"), NOW, "test", from_day=date(2026, 11, 25))
    with store.reading() as uow:
        assert uow.catalog_history.on(date(2026, 11, 25)).products["COOP1/QC5KG"].name_zh == "二"


def test_what_the_tables_leave_out_stays_or_ends_as_asked(store: "Store", write: Write) -> None:
    rows = "COOP1,QC5KG,赣南脐橙,5000\nCOOP1,OTHER,蜜桔,4000\n"
    head = "Party,Product,Chinese name,Net g a carton\n"
    bring(store, write(products=head + rows), datetime(2026, 11, 1, tzinfo=UTC))
    bring(store, write())
    with store.reading() as uow:
        assert uow.catalog.snapshot().products["COOP1/OTHER"].valid_to is None
    bring(store, write(), NOW, "停售", end_missing=True)
    with store.reading() as uow:
        assert uow.catalog.snapshot().products["COOP1/OTHER"].valid_to == date(2026, 11, 24)
        [change] = uow.changes.list(verb="catalog.import", limit=1)
        assert (change.reason, change.detail["ended"]) == ("停售", {"product": 1})
        assert uow.catalog_history.on(date(2026, 11, 1)).products["COOP1/OTHER"].valid_to is None


def test_grades_are_appended_never_changed(store: "Store", write: Write) -> None:
    head = "Party,Product,Grade number,Chinese name\n"
    bring(store, write())
    bring(store, write(grades=head + "COOP1,QC5KG,1,特等\nCOOP1,QC5KG,2,一等\n"))
    assert faults(store, write(grades=head + "COOP1,QC5KG,1,优等\n")) == [("sheet.grade_changed", 2, "D")]


def test_what_codes_say_is_not_changed_once_there_are_codes(store: "Store", write: Write) -> None:
    head = "Party,Product,Chinese name,Net g a carton,GTIN,GTIN licensed,Cartons a pallet\n"
    bring(store, write(products=head + "COOP1,QC5KG,赣南脐橙,5000,6901234567892,yes,48\n"))
    other = head + "COOP1,QC5KG,赣南脐橙大箱,5500,6901234567892,no,50\n"
    with store.unit_of_work() as uow:
        plan_import(uow, write(products=other), NOW, Path("none"))  # no codes yet: allowed
        uow.codes.reserve(_range(), 0, None)
    assert faults(store, write(products=other)) == [("sheet.coded_field", 2, "F"), ("sheet.coded_field", 2, "D")]
    bring(store, write(products=head + "COOP1,QC5KG,赣南脐橙大箱,5000,6901234567892,yes,50\n"), NOW, "改名")


def _range() -> IssuedRange:
    return IssuedRange(
        party_id="COOP1",
        prefix="7KQX",
        first=0,
        count=10,
        issuer_key=b"k" * 32,
        profile="A",
        product_id="QC5KG",
        product_key="06901234567892",
        lot="26A1",
        day=2500,
        attrs=0,
        weight_g=50_000,
        host="q.example.com",
        path="",
        reserved_at=NOW,
    )


def test_who_an_entry_is_does_not_change(store: "Store", write: Write) -> None:
    parties = "Party,Chinese name,USCC\nCOOP1,示例,91110000600037341L\nCOOP2,示例二,\n"
    rows = "Brand,Authorization,Party\nGANNAN,A1,{}\n"
    bring(store, write(parties=parties, authorizations=rows.format("COOP1")))
    assert ("sheet.other_owner", 2, "C") in faults(store, write(parties=parties, authorizations=rows.format("COOP2")))
    other = parties.replace("91110000600037341L", "93360726MAEXMPLE1L")
    assert ("sheet.other_owner", 2, "C") in faults(store, write(parties=other, authorizations=rows.format("COOP1")))


def test_single_entries_begin_their_history_too(store: "Store", write: Write) -> None:
    bring(store, write())
    product = Product(party_id="COOP1", id="NEW", name_zh="新品")
    with store.unit_of_work() as uow:
        add_entry(uow, product, NOW)
        [version] = uow.catalog_history.of(kind_of(product), key_of(product))
    assert (version.effective_from, version.entry) == (date.min, product)


def test_too_many_faults_are_counted(store: "Store", write: Write) -> None:
    rows = "".join(f"NONE,P{n},脐橙\n" for n in range(300))
    with pytest.raises(TraceError) as raised:
        bring(store, write(products="Party,Product,Chinese name\n" + rows))
    assert (raised.value.code, raised.value.params["count"], raised.value.params["listed"]) == (
        "sheet.many_faults",
        301,
        200,
    )
