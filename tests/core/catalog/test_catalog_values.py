"""Values of the catalogue check themselves; the rules about production labels and grades."""

import hashlib
from datetime import date

import pytest
from pydantic import ValidationError

from tracelib.catalog.authorization import Authorization
from tracelib.catalog.brand import Brand
from tracelib.catalog.certification import Certification, CertificationKind
from tracelib.catalog.errors import (
    DayError,
    GradeGapError,
    LicenceWithoutGtinError,
    NumberError,
    RestrictedGtinError,
    TextError,
    UnlicensedGtinError,
    ValidityError,
)
from tracelib.catalog.fields import parse_day
from tracelib.catalog.grade import Grade, check_grade_list, grade_list_hash
from tracelib.catalog.party import Party
from tracelib.catalog.product import Product, production_identity, recorded_identity
from tracelib.errors import TraceError
from tracelib.identifiers.errors import CheckDigitError, FullWidthError, LengthError, OwnNumberError
from tracelib.identifiers.host import HostError


def party(**more: object) -> Party:
    return Party.model_validate({"id": "COOP1", "name_zh": "示例合作社", **more})


def product(**more: object) -> Product:
    return Product.model_validate({"party_id": "COOP1", "id": "QC5KG", "name_zh": "赣南脐橙5公斤", **more})


def grade(number: int, zh: str, en: str = "") -> Grade:
    return Grade(party_id="COOP1", product_id="QC5KG", number=number, name_zh=zh, name_en=en)


def test_a_party_with_everything() -> None:
    whole = party(uscc="91110000600037341L", gln="9520123456788", division="360726", name_en="Sample Co-op")
    assert whole.uscc == "91110000600037341L"
    with pytest.raises(ValidationError):
        whole.name_zh = "x"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("field", "value", "kind"),
    [
        ("id", "coop", OwnNumberError),
        ("id", "ＣＯＯＰ", FullWidthError),
        ("id", "", OwnNumberError),
        ("uscc", "91110000600037341M", CheckDigitError),
        ("uscc", "９1110000600037341L", FullWidthError),
        ("gln", "952012345678", LengthError),
        ("division", "36072", LengthError),
        ("name_zh", "", TextError),
        ("name_zh", "  \u3000", TextError),
        ("name_zh", "示例\n合作社", TextError),
        ("name_zh", "示" * 61, TextError),
        ("name_zh", "示例\x1d", TextError),
        ("contact", "\x07", TextError),
    ],
)
def test_a_faulty_field_is_named_by_an_error_of_the_tree(field: str, value: str, kind: type[TraceError]) -> None:
    with pytest.raises(kind) as error:
        party(**{field: value})
    assert error.value.params["what"]


def test_spaces_around_names_are_cut() -> None:
    assert party(name_zh=" 示例合作社\u3000").name_zh == "示例合作社"


def test_nothing_is_coerced_and_nothing_unknown_is_taken() -> None:
    with pytest.raises(ValidationError):
        product(weight_g="5000")
    with pytest.raises(ValidationError):
        product(weigth_g=5000)
    with pytest.raises(ValidationError):
        product(gtin_licensed="yes")


def test_validity_is_inclusive_and_open_ended() -> None:
    first, last = date(2026, 11, 1), date(2027, 5, 31)
    both = party(valid_from=first, valid_to=last)
    assert [both.holds_on(day) for day in (date(2026, 10, 31), first, last, date(2027, 6, 1))] == [
        False,
        True,
        True,
        False,
    ]
    assert party().holds_on(date(1900, 1, 1))
    assert party(valid_to=last).holds_on(date(1900, 1, 1))
    assert not party(valid_from=first).holds_on(date(2026, 10, 31))
    assert party(valid_from=first, valid_to=first).holds_on(first)
    with pytest.raises(ValidityError):
        party(valid_from=last, valid_to=first)


@pytest.mark.parametrize("host", ["Q.example.com", "https://q.example.com", "q.example.com/", "localhost", "q_x.com"])
def test_hosts_of_a_brand(host: str) -> None:
    assert Brand(id="GNQC", owner="O", name_zh="赣南脐橙", hosts=("q.example.com",)).hosts == ("q.example.com",)
    with pytest.raises(HostError):
        Brand(id="GNQC", owner="O", name_zh="赣南脐橙", hosts=("q.example.com", host))


@pytest.mark.parametrize(
    ("field", "value"), [("weight_g", 0), ("weight_g", -1), ("weight_g", 30_000_001), ("pack_size", 0)]
)
def test_numbers_out_of_range(field: str, value: int) -> None:
    with pytest.raises(NumberError):
        product(**{field: value})


def test_gtin_of_a_product_has_14_digits() -> None:
    assert product(gtin="6901234567892").gtin == "06901234567892"
    with pytest.raises(CheckDigitError):
        product(gtin="6901234567890")
    with pytest.raises(LicenceWithoutGtinError):
        product(gtin_licensed=True)


def test_what_a_production_label_may_say() -> None:
    own = production_identity(product())
    assert (own.gtin, own.product, own.key) == (None, "QC5KG", "P/QC5KG")
    licensed = production_identity(product(gtin="6901234567892", gtin_licensed=True))
    assert (licensed.gtin, licensed.product, licensed.key) == ("06901234567892", None, "06901234567892")


@pytest.mark.parametrize("gtin", ["2001234567893", "0212345678909", "0412345678903", "20123451"])
@pytest.mark.parametrize("licensed", [True, False])
def test_a_restricted_number_is_refused_for_production(gtin: str, licensed: bool) -> None:
    restricted = product(gtin=gtin, gtin_licensed=licensed)
    with pytest.raises(RestrictedGtinError):
        production_identity(restricted)
    assert recorded_identity(restricted).gtin == gtin.zfill(14)


def test_an_unlicensed_number_is_refused_for_production() -> None:
    with pytest.raises(UnlicensedGtinError) as error:
        production_identity(product(gtin="6901234567892"))
    assert "06901234567892" in str(error.value)


def test_grade_list_hash_of_known_bytes() -> None:
    # [[1, "特等", "Extra"], [2, "一等", ""]] in deterministic CBOR, written by hand (RFC 8949, section 4.2)
    encoded = bytes.fromhex("82" + "8301" + "66e789b9e7ad89" + "654578747261" + "8302" + "66e4b880e7ad89" + "60")
    assert grade_list_hash([grade(1, "特等", "Extra"), grade(2, "一等")]) == hashlib.sha256(encoded).digest()
    assert grade_list_hash([]) == hashlib.sha256(b"\x80").digest()


def test_grade_list_hash_changes_with_everything() -> None:
    lists = [[], [grade(1, "特等")], [grade(1, "特等", "A")], [grade(1, "一等")], [grade(1, "特等"), grade(2, "一等")]]
    assert len({grade_list_hash(grades) for grades in lists}) == len(lists)


@pytest.mark.parametrize("numbers", [[2], [1, 3], [2, 1], [1, 1]])
def test_a_grade_list_has_no_gaps(numbers: list[int]) -> None:
    with pytest.raises(GradeGapError):
        check_grade_list([grade(number, f"等级{i}") for i, number in enumerate(numbers)])


@pytest.mark.parametrize("number", [0, 16, -1])
def test_grades_are_1_to_15(number: int) -> None:
    with pytest.raises(NumberError):
        grade(number, "特等")
    assert grade(15, "特等").number == 15


def test_certification_and_authorization() -> None:
    certification = Certification(
        party_id="COOP1", id="ORG1", kind=CertificationKind.ORGANIC, number="示例-001", issuer="示例中心"
    )
    assert certification.kind == "organic"
    authorization = Authorization(brand_id="GNQC", party_id="COOP1", id="2026-01", product_ids=("QC5KG",))
    assert authorization.covers("QC5KG")
    assert not authorization.covers("QC10KG")
    assert Authorization(brand_id="GNQC", party_id="COOP1", id="2026-01").covers("QC10KG")
    with pytest.raises(OwnNumberError):
        Authorization(brand_id="GNQC", party_id="COOP1", id="2026-01", product_ids=("qc",))
    with pytest.raises(NumberError):
        Authorization(brand_id="GNQC", party_id="COOP1", id="2026-01", max_kg=0)


def test_days_have_one_spelling() -> None:
    assert parse_day("2026-11-01", "day") == date(2026, 11, 1)
    for text in ("20261101", "2026-W44-7", "2026-11-1", "2026-02-30", "1.11.2026", ""):
        with pytest.raises(DayError):
            parse_day(text, "day")
    with pytest.raises(FullWidthError):
        parse_day("２０２６-11-01", "day")
