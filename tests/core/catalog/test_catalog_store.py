"""The catalogue in the database and the rules between its entries."""

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from tracelib.catalog.authorization import Authorization
from tracelib.catalog.brand import Brand
from tracelib.catalog.certification import Certification, CertificationKind
from tracelib.catalog.errors import GradeGapError
from tracelib.catalog.grade import Grade
from tracelib.catalog.party import Party
from tracelib.catalog.product import Product
from tracelib.catalog.snapshot import Entry
from tracelib.identifiers.errors import OwnNumberError
from tracelib.operations.catalog.entries import (
    AmbiguousEntryError,
    EntryDiffersError,
    EntryNotFoundError,
    GradeNameTakenError,
    GtinTakenError,
    NoPartyError,
    UsccTakenError,
    add_entry,
    find_authorization,
    find_brand,
    find_certification,
    find_party,
    find_product,
    next_grade_number,
    party_or_default,
)
from tracelib.store.catalog_repository import DamagedEntryError

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import Store

NOW = datetime(2026, 11, 25, 1, 2, 3, tzinfo=UTC)

COOP = Party(
    id="COOP1",
    name_zh="示例合作社",
    name_en="Sample",
    uscc="91110000600037341L",
    gln="9520123456788",
    division="360726",
    address="示例路1号",
    contact="000",
    valid_from=date(2026, 1, 1),
    valid_to=date(2030, 12, 31),
)
BRAND = Brand(id="GNQC", owner="COOP1", name_zh="赣南脐橙", hosts=("q.example.com", "q.example.org"))
ORANGE = Product(
    party_id="COOP1",
    id="QC5KG",
    name_zh="赣南脐橙5公斤",
    gtin="6901234567892",
    gtin_licensed=True,
    brand_id="GNQC",
    weight_g=5000,
    pack_size=48,
)
EXTRA = Grade(party_id="COOP1", product_id="QC5KG", number=1, name_zh="特等", name_en="Extra")
FIRST = Grade(party_id="COOP1", product_id="QC5KG", number=2, name_zh="一等")
ORGANIC = Certification(
    party_id="COOP1",
    id="ORG1",
    kind=CertificationKind.ORGANIC,
    number="示例-001",
    issuer="示例中心",
    product_id="QC5KG",
    valid_to=date(2027, 10, 31),
)
PERMIT = Authorization(
    brand_id="GNQC", party_id="COOP1", id="2026-01", product_ids=("QC5KG",), max_kg=5_000_000_000, valid_to=None
)
ALL: tuple[Entry, ...] = (COOP, BRAND, ORANGE, EXTRA, FIRST, ORGANIC, PERMIT)


@pytest.fixture
def filled(store: "Store") -> "Store":
    with store.unit_of_work() as uow:
        assert all(add_entry(uow, entry, NOW) for entry in ALL)
    return store


def refused(store: "Store", entry: Entry, kind: type[Exception]) -> None:
    with pytest.raises(kind), store.unit_of_work() as uow:
        add_entry(uow, entry, NOW)


def test_what_is_written_is_read_back(filled: "Store") -> None:
    with filled.reading() as uow:
        catalog = uow.catalog
        assert catalog.party("COOP1") == COOP
        assert catalog.party_by_uscc("91110000600037341L") == COOP
        assert catalog.parties() == [COOP]
        assert catalog.brand("GNQC") == BRAND
        assert catalog.brands() == [BRAND]
        assert catalog.product("COOP1", "QC5KG") == ORANGE
        assert catalog.products(gtin="06901234567892") == catalog.products("COOP1") == [ORANGE]
        assert catalog.grades("COOP1", "QC5KG") == [EXTRA, FIRST]
        assert catalog.certification("COOP1", "ORG1") == ORGANIC
        assert catalog.certifications("COOP1") == catalog.certifications() == [ORGANIC]
        assert catalog.authorization("GNQC", "2026-01") == PERMIT
        assert catalog.authorizations(party_id="COOP1") == catalog.authorizations("GNQC") == [PERMIT]


def test_what_is_not_there(filled: "Store") -> None:
    with filled.reading() as uow:
        catalog = uow.catalog
        assert catalog.party("COOP2") is None
        assert catalog.brand("X") is None
        assert catalog.product("COOP2", "QC5KG") is None
        assert catalog.grades("COOP1", "X") == []
        assert catalog.certifications("COOP2") == []
        assert catalog.authorizations("X") == []
        assert catalog.products("COOP1", "X") == []


def test_the_same_again_changes_nothing(filled: "Store") -> None:
    with filled.unit_of_work() as uow:
        assert not any(add_entry(uow, entry, NOW) for entry in ALL)
    with filled.reading() as uow:
        assert len(uow.catalog.grades("COOP1", "QC5KG")) == 2


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        (COOP.model_copy(update={"name_zh": "别的合作社"}), "name_zh"),
        (COOP.model_copy(update={"valid_to": None}), "valid_to"),
        (BRAND.model_copy(update={"hosts": ("q.example.com",)}), "hosts"),
        (ORANGE.model_copy(update={"weight_g": 5001}), "weight_g"),
        (EXTRA.model_copy(update={"name_zh": "优等"}), "name_zh"),
        (ORGANIC.model_copy(update={"kind": CertificationKind.GREEN_FOOD}), "kind"),
        (PERMIT.model_copy(update={"max_kg": None}), "max_kg"),
    ],
)
def test_something_else_under_the_same_id_is_refused(filled: "Store", entry: Entry, field: str) -> None:
    with pytest.raises(EntryDiffersError) as error, filled.unit_of_work() as uow:
        add_entry(uow, entry, NOW)
    assert error.value.params["field"] == field


@pytest.mark.parametrize(
    "entry",
    [
        BRAND.model_copy(update={"id": "B2", "owner": "COOP2"}),
        ORANGE.model_copy(update={"party_id": "COOP2"}),
        ORANGE.model_copy(update={"id": "P2", "brand_id": "B2", "gtin": None, "gtin_licensed": False}),
        EXTRA.model_copy(update={"product_id": "P2"}),
        ORGANIC.model_copy(update={"id": "C2", "product_id": "P2"}),
        ORGANIC.model_copy(update={"party_id": "COOP2"}),
        PERMIT.model_copy(update={"brand_id": "B2"}),
        PERMIT.model_copy(update={"id": "2", "party_id": "COOP2"}),
        PERMIT.model_copy(update={"id": "2", "product_ids": ("QC5KG", "P2")}),
    ],
)
def test_what_an_entry_names_must_be_there(filled: "Store", entry: Entry) -> None:
    with filled.unit_of_work() as uow, pytest.raises(EntryNotFoundError):
        add_entry(uow, entry, NOW)
    with filled.reading() as uow:
        assert uow.catalog.parties() == [COOP]
        assert uow.catalog.brands() == [BRAND]
        assert uow.catalog.products() == [ORANGE]


def test_one_number_names_one_thing(filled: "Store") -> None:
    refused(filled, COOP.model_copy(update={"id": "COOP2"}), UsccTakenError)
    refused(filled, ORANGE.model_copy(update={"id": "P2"}), GtinTakenError)
    other = Party(id="COOP2", name_zh="另一示例合作社")
    with filled.unit_of_work() as uow:
        assert add_entry(uow, other, NOW)
        # two parties may sell under the brand owner's GTIN
        assert add_entry(uow, ORANGE.model_copy(update={"party_id": "COOP2"}), NOW)


def test_grades_are_appended(filled: "Store") -> None:
    third = Grade(party_id="COOP1", product_id="QC5KG", number=3, name_zh="二等")
    refused(filled, third.model_copy(update={"number": 4}), GradeGapError)
    refused(filled, third.model_copy(update={"name_zh": "特等"}), GradeNameTakenError)
    with filled.unit_of_work() as uow:
        assert next_grade_number(uow, "COOP1", "QC5KG", "二等") == 3
        assert next_grade_number(uow, "COOP1", "QC5KG", "一等") == 2
        assert add_entry(uow, third, NOW)


def test_found_by_name(filled: "Store") -> None:
    with filled.reading() as uow:
        assert find_party(uow, "COOP1") == COOP
        assert find_brand(uow, "GNQC") == BRAND
        assert find_product(uow, "QC5KG") == find_product(uow, "COOP1/QC5KG") == ORANGE
        assert find_certification(uow, "ORG1") == find_certification(uow, "COOP1/ORG1") == ORGANIC
        assert find_authorization(uow, "2026-01") == find_authorization(uow, "GNQC/2026-01") == PERMIT
        for wrong in ("X", "COOP1/X", "X/QC5KG"):
            with pytest.raises(EntryNotFoundError):
                find_product(uow, wrong)
        with pytest.raises(EntryNotFoundError):
            find_product(uow, "QC5KG", "COOP2")
        for malformed in ("", "/QC5KG", "COOP1/", "a/b", "A/B/C"):
            with pytest.raises(OwnNumberError):
                find_product(uow, malformed)


def test_an_ambiguous_name_lists_the_candidates(filled: "Store") -> None:
    with filled.unit_of_work() as uow:
        add_entry(uow, Party(id="COOP2", name_zh="另一示例合作社"), NOW)
        add_entry(uow, Product(party_id="COOP2", id="QC5KG", name_zh="脐橙"), NOW)
        with pytest.raises(AmbiguousEntryError) as error:
            find_product(uow, "QC5KG")
        assert error.value.params["candidates"] == "COOP1/QC5KG, COOP2/QC5KG"
        assert find_product(uow, "QC5KG", "COOP1") == ORANGE


def test_which_party() -> None:
    assert party_or_default("COOP1", "COOP2") == "COOP1"
    assert party_or_default(None, "COOP2") == "COOP2"
    with pytest.raises(NoPartyError):
        party_or_default(None, "")


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE party SET uscc = '91110000600037341M'",
        "UPDATE party SET name_zh = ''",
        "UPDATE party SET valid_to = '2020-01-01'",
    ],
)
def test_what_was_changed_by_hand_is_noticed(filled: "Store", damage: str) -> None:
    with filled.unit_of_work() as uow:
        uow.session.connection().execute(text(damage))
    with filled.reading() as uow, pytest.raises(DamagedEntryError, match="COOP1"):
        uow.catalog.party("COOP1")


def test_an_unknown_kind_in_the_database_is_noticed(filled: "Store") -> None:
    with filled.unit_of_work() as uow:
        uow.session.connection().execute(text("UPDATE certification SET kind = 'halal'"))
    with filled.reading() as uow, pytest.raises(DamagedEntryError):
        uow.catalog.certifications()
