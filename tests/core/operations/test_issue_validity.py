"""Codes are issued, and replaced, only for what holds today."""

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from tracelib.catalog.authorization import Authorization
from tracelib.catalog.brand import Brand
from tracelib.codes.record import Level
from tracelib.operations.issuing.issue import IssueRequest, issue_codes
from tracelib.operations.issuing.issue_units import UnitRequest, issue_units
from tracelib.operations.issuing.replace import Keys, Printed, plan_replace, replace_codes
from tracelib.operations.issuing.validity import NotHeldTodayError
from tracelib.operations.issuing.void import Reason, VoidAct
from tracelib.operations.units import Units

if TYPE_CHECKING:
    from tests.core.operations.conftest import County  # noqa: TID251 - a fixture's type, not imported when run

TODAY = date(2026, 11, 23)
DAY = timedelta(days=1)


def issue(county: "County") -> None:
    request = IssueRequest(batch=county.batch, count=3, level=Level.CARTON, host="q.example.com")
    issue_codes(county.desk, county.issuer, request)


def change(county: "County", kind: str, **fields: object) -> None:
    with county.store.unit_of_work() as uow:
        entry = uow.catalog.party("COOP1") if kind == "party" else uow.catalog.product("COOP1", "ORANGE")
        assert entry is not None
        uow.catalog.change_all([entry.model_copy(update=fields)])


def refused(county: "County") -> tuple[str, str, str, str]:
    with pytest.raises(NotHeldTodayError) as raised:
        issue(county)
    with county.store.reading() as uow:
        assert uow.codes.issued_count(*county.batch) == 0
    return tuple(str(raised.value.params[name]) for name in ("what", "id", "first", "last"))  # type: ignore[return-value]


@pytest.mark.parametrize("kind", ["party", "product"])
def test_party_and_product_hold_from_their_first_to_their_last_day(county: "County", kind: str) -> None:
    key = "COOP1" if kind == "party" else "COOP1/ORANGE"
    change(county, kind, valid_to=TODAY - DAY)
    assert refused(county) == (kind, key, "…", "2026-11-22")
    change(county, kind, valid_from=TODAY + DAY, valid_to=None)
    assert refused(county) == (kind, key, "2026-11-24", "…")
    change(county, kind, valid_from=TODAY, valid_to=TODAY)
    issue(county)


def test_a_product_under_a_brand_needs_one_authorisation_that_holds(county: "County") -> None:
    with county.store.unit_of_work() as uow:
        uow.catalog.add(Brand(id="GANNAN", owner="COOP1", name_zh="赣南脐橙", valid_to=TODAY - DAY))
    change(county, "product", brand_id="GANNAN")
    assert refused(county) == ("brand", "GANNAN", "…", "2026-11-22")
    with county.store.unit_of_work() as uow:
        uow.catalog.change_all([Brand(id="GANNAN", owner="COOP1", name_zh="赣南脐橙")])
        uow.catalog.add(Authorization(id="A1", brand_id="GANNAN", party_id="COOP1", valid_to=TODAY - DAY))
        uow.catalog.add(Authorization(id="A2", brand_id="GANNAN", party_id="COOP1", product_ids=("LILY",)))
    assert refused(county) == ("authorization", "GANNAN/A1", "…", "2026-11-22")
    with county.store.unit_of_work() as uow:
        uow.catalog.add(Authorization(id="A3", brand_id="GANNAN", party_id="COOP1", product_ids=("ORANGE",)))
    issue(county)


def test_logistic_units_need_their_party(county: "County") -> None:
    change(county, "product", valid_to=TODAY - DAY)
    request = UnitRequest(count=2, host="q.example.com", sscc=True)
    issue_units(county.desk, county.issuer, request)
    change(county, "party", valid_to=TODAY - DAY)
    with pytest.raises(NotHeldTodayError):
        issue_units(county.desk, county.issuer, request)


def test_no_replacement_of_an_ended_product_and_nothing_becomes_void(county: "County") -> None:
    issue(county)
    change(county, "product", valid_to=TODAY - DAY)
    issuer = county.issuer
    keys = Keys(lambda _: issuer, lambda _: issuer, {issuer.delegation.k_hash or b"": issuer.serial_key})
    with county.store.reading() as uow:
        plan = plan_replace(uow, Units(uow, keys.serial_keys), uow.codes.ranges_of(*county.batch))
    assert plan.count == 3
    with pytest.raises(NotHeldTodayError):
        replace_codes(county.desk, keys, plan, VoidAct(Reason.DAMAGED), Printed("q.example.com"))
    with county.store.reading() as uow:
        assert uow.codes.issued_count(*county.batch) == 3
