"""What ends without anything that follows, and what overlaps: each pair of entries judged by what it covers."""

from datetime import date

import pytest

from tracelib.catalog.authorization import Authorization
from tracelib.catalog.certification import Certification, CertificationKind
from tracelib.catalog.check import check_catalog
from tracelib.catalog.party import Party
from tracelib.catalog.product import Product
from tracelib.catalog.snapshot import Entry, Snapshot

DAY = date(2026, 11, 25)
SOON, YEAR, PAST = date(2026, 12, 4), date(2027, 12, 31), date(2026, 10, 31)
GREEN, ORGANIC, LICENCE = (
    CertificationKind.GREEN_FOOD,
    CertificationKind.ORGANIC,
    CertificationKind.PRODUCTION_LICENCE,
)


def permit(id_: str, products: str, valid_to: date | None, valid_from: date | None = None) -> Authorization:
    ids = tuple(products.split())
    return Authorization(brand_id="B", party_id="P", id=id_, product_ids=ids, valid_from=valid_from, valid_to=valid_to)


def certificate(
    id_: str,
    kind: CertificationKind,
    number: str,
    days: tuple[date | None, date | None],
    product: str | None = None,
) -> Certification:
    return Certification(
        party_id="P", id=id_, kind=kind, number=number, issuer="示例", product_id=product,
        valid_from=days[0], valid_to=days[1],
    )  # fmt: skip


def found(entries: list[Entry], *codes: str) -> set[tuple[str, str, str]]:
    """(code, key, other) of the findings of some kinds."""
    products = [Product(party_id="P", id=n, name_zh="脐橙", brand_id="B") for n in ("A", "C")]
    catalog = Snapshot.of([Party(id="P", name_zh="示例合作社"), *products, *entries])
    return {(f.code, f.key, f.other) for f in check_catalog(catalog, DAY) if f.code in codes}


ENDS = ("expired", "expiring")


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([permit("1", "A", SOON), permit("2", "C", YEAR)], {("expiring", "B/1", "")}),
        ([permit("1", "A", SOON), permit("2", "A C", YEAR)], set()),
        ([permit("1", "A", SOON), permit("2", "", None)], set()),
        ([permit("1", "A C", SOON), permit("2", "A", YEAR)], {("expiring", "B/1", "")}),
        ([permit("1", "A C", SOON), permit("2", "A", YEAR), permit("3", "C", YEAR)], set()),
        ([permit("1", "", SOON), permit("2", "A", YEAR)], {("expiring", "B/1", "")}),
        ([permit("1", "", SOON), permit("2", "A C", YEAR)], set()),
        ([permit("1", "A", PAST), permit("2", "C", YEAR)], {("expired", "B/1", "")}),
        ([permit("1", "A", PAST), permit("2", "A", SOON)], {("expiring", "B/2", "")}),
    ],
)
def test_an_authorisation_that_ends_is_told_unless_all_its_products_are_covered_beyond(
    entries: list[Entry], expected: set[tuple[str, str, str]]
) -> None:
    assert found(entries, *ENDS) == expected


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        (
            [certificate("1", LICENCE, "SC-1", (None, SOON)), certificate("2", LICENCE, "SC-2", (None, YEAR))],
            {("expiring", "P/1", "")},
        ),
        ([certificate("1", LICENCE, "SC-1", (None, PAST)), certificate("2", LICENCE, "SC-1", (DAY, YEAR))], set()),
        (
            [certificate("1", GREEN, "G-1", (None, PAST), "A"), certificate("2", GREEN, "G-1", (DAY, YEAR), "C")],
            {("expired", "P/1", "")},
        ),
        ([certificate("1", GREEN, "G-1", (None, PAST), "A"), certificate("2", GREEN, "G-9", (DAY, YEAR), "A")], set()),
        (
            [certificate("1", GREEN, "G-1", (None, PAST), "A"), certificate("2", ORGANIC, "G-1", (DAY, YEAR), "A")],
            {("expired", "P/1", "")},
        ),
    ],
)
def test_a_certificate_that_ends_is_told_unless_one_of_the_same_thing_follows(
    entries: list[Entry], expected: set[tuple[str, str, str]]
) -> None:
    assert found(entries, *ENDS) == expected


FIRST = date(2026, 1, 1)


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([permit("1", "", YEAR, FIRST), permit("2", "A", YEAR, DAY)], {("overlapping", "B/2", "B/1")}),
        ([permit("1", "A", YEAR, FIRST), permit("2", "", YEAR, DAY)], {("overlapping", "B/2", "B/1")}),
        ([permit("1", "A C", YEAR, FIRST), permit("2", "C", YEAR, DAY)], {("overlapping", "B/2", "B/1")}),
        ([permit("1", "", YEAR, FIRST), permit("2", "", None, YEAR)], {("overlapping", "B/2", "B/1")}),
        ([permit("1", "A", YEAR), permit("2", "C", YEAR)], set()),
        ([permit("1", "A", PAST, FIRST), permit("2", "", YEAR, DAY)], set()),
        (
            [certificate("1", GREEN, "G-1", (FIRST, YEAR), "A"), certificate("2", GREEN, "G-2", (FIRST, YEAR), "A")],
            {("overlapping", "P/2", "P/1")},
        ),
        ([certificate("1", GREEN, "1", (FIRST, YEAR), "A"), certificate("2", GREEN, "1", (FIRST, YEAR), "C")], set()),
        (
            [certificate("1", LICENCE, "SC-1", (None, YEAR)), certificate("2", LICENCE, "SC-1", (DAY, None))],
            {("overlapping", "P/2", "P/1")},
        ),
        ([certificate("1", LICENCE, "SC-1", (None, YEAR)), certificate("2", LICENCE, "SC-2", (None, YEAR))], set()),
    ],
)
def test_overlaps(entries: list[Entry], expected: set[tuple[str, str, str]]) -> None:
    assert found(entries, "overlapping") == expected
