"""The book of changes says who, what, when and why, the newest first."""

from datetime import UTC, datetime, timedelta

import pytest

from tracelib.store.change_repository import Change, ClockAheadOfBookError, ClockBehindBookError
from tracelib.store.unit_of_work import Store

NOW = datetime(2026, 11, 25, 1, 2, 3, 456789, tzinfo=UTC)


@pytest.fixture
def listed(store_url: str) -> list[Change]:
    with Store.open(store_url, operator="示例操作员") as store:
        with store.unit_of_work() as uow:
            uow.changes.add(
                "batch.split", "COOP1/ORANGE/A", NOW, party_id="COOP1", reason="两个仓库", detail={"weight_g": 5}
            )
            uow.changes.add("batch.close", "COOP1/ORANGE/A", NOW + timedelta(seconds=1), party_id="COOP1")
            uow.changes.add("brand.add", "GNQC", NOW + timedelta(seconds=2))
        with store.reading() as uow:
            return uow.changes.list()


def test_newest_first_with_operator_reason_and_detail(listed: list[Change]) -> None:
    assert [change.verb for change in listed] == ["brand.add", "batch.close", "batch.split"]
    oldest = listed[-1]
    assert (oldest.operator, oldest.at, oldest.reason, oldest.detail) == (
        "示例操作员",
        NOW,
        "两个仓库",
        {"weight_g": 5},
    )


def test_narrowed_by_party_subject_and_room(store_url: str, listed: list[Change]) -> None:
    with Store.open(store_url) as store, store.reading() as uow:
        assert [change.verb for change in uow.changes.list(party_id="")] == ["brand.add"]
        assert len(uow.changes.list(subject="COOP1/ORANGE/A")) == 2
        assert [change.verb for change in uow.changes.list(verb="batch.", limit=1)] == ["batch.close"]


def test_a_rolled_back_change_is_not_in_the_book(store: Store) -> None:
    def change_and_fail() -> None:
        with store.unit_of_work() as uow:
            uow.changes.add("batch.close", "COOP1/ORANGE/A", NOW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        change_and_fail()
    with store.reading() as uow:
        assert uow.changes.list() == []


def note(store: Store, at: datetime, party_id: str = "COOP1") -> None:
    with store.unit_of_work() as uow:
        uow.changes.add("code.void", "COOP1/ORANGE/A", at, party_id=party_id)


def entries(store: Store) -> list[datetime]:
    with store.reading() as uow:
        return [change.at for change in uow.changes.list() if change.verb == "code.void"]


YEAR = timedelta(days=365)


def test_a_clock_that_went_back_a_year_writes_nothing(store: Store) -> None:
    note(store, NOW)
    for back in (YEAR, timedelta(minutes=16)):
        with pytest.raises(ClockBehindBookError, match=r"last entry in the book of changes is of 2026-11-25 09:02"):
            note(store, NOW - back)
    note(store, NOW - timedelta(minutes=14))
    note(store, NOW - YEAR, "COOP2")  # another desk's book
    assert entries(store) == [NOW, NOW - timedelta(minutes=14), NOW - YEAR]


def test_a_clock_that_went_ahead_a_year_writes_nothing_until_somebody_looked(store: Store) -> None:
    note(store, NOW)
    with pytest.raises(ClockAheadOfBookError, match="365 days before"):
        note(store, NOW + YEAR)
    assert entries(store) == [NOW]
    with store.unit_of_work() as uow:
        assert uow.changes.confirm_clock(NOW + YEAR) == 1
    note(store, NOW + YEAR)
    assert entries(store) == [NOW + YEAR, NOW]


def test_what_a_clock_that_was_ahead_has_written_stops_nobody_for_ever(store: Store) -> None:
    note(store, NOW)
    note(store, NOW + timedelta(days=100))  # wrong, and near enough to be believed
    with pytest.raises(ClockBehindBookError):
        note(store, NOW + timedelta(hours=1))
    with store.unit_of_work() as uow:
        uow.changes.confirm_clock(NOW + timedelta(hours=1))
    note(store, NOW + timedelta(hours=2))
    with pytest.raises(ClockBehindBookError, match=r"clock\.right"):
        note(store, NOW - timedelta(hours=1))
    note(store, NOW + timedelta(days=101))
    with pytest.raises(ClockBehindBookError):
        note(store, NOW + timedelta(hours=3))
