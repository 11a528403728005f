"""Issuing that was interrupted, restored or copied: no counter twice, nothing lost."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn

import pytest

from tracelib.batches.manifest import check_sequence, decode_manifest
from tracelib.codes.record import Level
from tracelib.operations.issuing import register_range
from tracelib.operations.issuing.issue import IssueRequest, issue_codes
from tracelib.store.counter_guard import (
    FILE_NAME,
    CopiedWorkspaceError,
    CounterGuard,
    GuardMissingError,
    RestoredDatabaseError,
    hold_guard,
    read_counters,
)
from tracelib.store.unit_of_work import Store
from tracelib.trust.delegation import SignedDelegation, sign_delegation
from tracelib.trust.keys import KeyPair

if TYPE_CHECKING:
    from tests.core.operations.conftest import County  # noqa: TID251 - a fixture's type, not imported when run


class PowerCutError(Exception):
    """Stands for the end of the process at this very place."""


def request(county: "County", count: int = 12, lot: str = "GN-1") -> IssueRequest:
    batch = ("COOP1", "ORANGE", lot)
    return IssueRequest(batch=batch, count=count, level=Level.CARTON, host="q.example.com", grade=1)


def cut(*_: object, **__: object) -> NoReturn:
    raise PowerCutError


def cut_after_reserving(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database has the range, the guard file does not yet."""
    monkeypatch.setattr(CounterGuard, "record", cut)


def cut_before_the_manifest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Database and guard have the range, there is no manifest."""
    monkeypatch.setattr(register_range, "merkle_root", cut)


def cut_while_storing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The manifest is signed and its transaction is rolled back."""
    monkeypatch.setattr("tracelib.store.code_repository.CodeRepository.add_manifest", cut)


CUTS = [cut_after_reserving, cut_before_the_manifest, cut_while_storing]


def interrupted(county: "County", where: Callable[[pytest.MonkeyPatch], None], count: int = 12) -> None:
    with pytest.MonkeyPatch.context() as patch:
        where(patch)
        with pytest.raises(PowerCutError):
            issue_codes(county.desk, county.issuer, request(county, count))


@pytest.mark.parametrize("where", CUTS)
def test_the_same_request_takes_the_range_over(county: "County", where: Callable[[pytest.MonkeyPatch], None]) -> None:
    interrupted(county, where)
    again = issue_codes(county.desk, county.issuer, request(county))
    assert (again.resumed, again.range.first, again.range.seq) == (True, 0, 1)
    following = issue_codes(county.desk, county.issuer, request(county))
    assert (following.resumed, following.range.first, following.range.seq) == (False, 12, 2)


@pytest.mark.parametrize("where", CUTS)
def test_another_request_registers_the_range_on_the_way(
    county: "County", where: Callable[[pytest.MonkeyPatch], None]
) -> None:
    interrupted(county, where)
    other = issue_codes(county.desk, county.issuer, request(county, 7))
    assert (other.resumed, other.range.first, other.range.seq) == (False, 12, 2)
    assert [(range_.first, range_.count, range_.seq) for range_ in other.finished] == [(0, 12, 1)]
    with county.store.reading() as uow:
        chain = list(uow.codes.manifests("COOP1", county.issuer.key_hash))
    public = county.issuer.signer.public
    signed = [decode_manifest(stored.document, public) for stored in chain]
    check_sequence(None, signed[0].manifest)
    check_sequence(signed[0], signed[1].manifest)
    assert signed[1].manifest.cum_units == 19


def test_interrupted_again_and_again(county: "County") -> None:
    for where in CUTS * 2:
        interrupted(county, where)
    assert issue_codes(county.desk, county.issuer, request(county)).resumed
    with county.store.reading() as uow:
        assert uow.codes.issued_count("COOP1", "ORANGE", "GN-1") == 12


def test_the_guard_holds_what_left_the_desk(county: "County") -> None:
    issue_codes(county.desk, county.issuer, request(county))
    assert read_counters(county.desk.keys / FILE_NAME) == {"COOP1/AB3D/0": 12}


def test_a_lost_guard_write_is_made_up_for(county: "County") -> None:
    interrupted(county, cut_after_reserving)
    assert read_counters(county.desk.keys / FILE_NAME) == {}
    issue_codes(county.desk, county.issuer, request(county))
    assert read_counters(county.desk.keys / FILE_NAME) == {"COOP1/AB3D/0": 12}


def backup(county: "County") -> Callable[[], None]:
    """A function that brings the code tables back to what they are now, as restoring a backup does."""
    from sqlalchemy import delete, insert, select

    from tracelib.store.tables import metadata

    tables = [table for table in metadata().sorted_tables if table.name.startswith(("code_", "serial_"))]
    with county.store.engine.connect() as connection:
        rows = {table.name: [dict(row) for row in connection.execute(select(table)).mappings()] for table in tables}

    def restore() -> None:
        with county.store.unit_of_work() as uow:
            for table in tables:
                uow.session.execute(delete(table))
                if rows[table.name]:
                    uow.session.execute(insert(table), rows[table.name])

    return restore


def test_restored_older_database_issues_nothing_and_names_the_way_on(county: "County") -> None:
    issue_codes(county.desk, county.issuer, request(county))
    restore = backup(county)
    issue_codes(county.desk, county.issuer, request(county))
    restore()
    with pytest.raises(RestoredDatabaseError, match="newest backup") as caught:
        issue_codes(county.desk, county.issuer, request(county))
    assert (caught.value.params["database"], caught.value.params["guard"]) == (11, 23)
    with county.store.reading() as uow:
        assert uow.codes.issued_count("COOP1", "ORANGE", "GN-1") == 12


def test_restored_database_with_an_unfinished_range_issues_nothing_either(county: "County") -> None:
    interrupted(county, cut_before_the_manifest)
    restore = backup(county)
    issue_codes(county.desk, county.issuer, request(county, 5))
    restore()
    with pytest.raises(RestoredDatabaseError):
        issue_codes(county.desk, county.issuer, request(county))
    with county.store.reading() as uow:
        assert uow.codes.last_manifest("COOP1", county.issuer.key_hash) is None


def test_empty_database_beside_a_used_guard_issues_nothing(county: "County") -> None:
    restore = backup(county)
    issue_codes(county.desk, county.issuer, request(county))
    restore()
    with pytest.raises(RestoredDatabaseError):
        issue_codes(county.desk, county.issuer, request(county))


@pytest.mark.parametrize("change", [{"workspace": "W2"}, {"machine": "M2"}])
def test_copied_workspace_issues_nothing(county: "County", change: dict[str, str]) -> None:
    issue_codes(county.desk, county.issuer, request(county))
    desk = replace(county.desk, **change)  # type: ignore[arg-type]  # of text fields
    with pytest.raises(CopiedWorkspaceError):
        issue_codes(desk, county.issuer, request(county))
    with county.store.reading() as uow:
        assert uow.codes.issued_count("COOP1", "ORANGE", "GN-1") == 12


def test_lost_guard_issues_nothing(county: "County") -> None:
    issue_codes(county.desk, county.issuer, request(county))
    (county.desk.keys / FILE_NAME).unlink()
    with pytest.raises(GuardMissingError):
        issue_codes(county.desk, county.issuer, request(county))


def test_two_desks_with_stores_of_their_own_share_the_counters(county: "County", store_url: str) -> None:
    with Store.open(store_url) as second:
        other = replace(county.desk, store=second)
        firsts = [issue_codes(desk, county.issuer, request(county)).range.first for desk in (county.desk, other) * 3]
    assert firsts == [0, 12, 24, 36, 48, 60]


def line_key(county: "County", first: int, last: int) -> SignedDelegation:
    """What the issuer grants to a line key out of its own counters."""
    window = {"counter_window": (first, last), "max_units": last - first + 1, "sscc_prefixes": ()}
    key = KeyPair.from_secret(1, bytes([first % 200 + 50]) * 32).public
    claims = replace(county.issuer.delegation, issuer_hash=county.issuer.key_hash, key=key, **window)  # type: ignore[arg-type]
    return sign_delegation(county.issuer.signer, claims)


def test_window_granted_after_the_issuer_was_opened_is_left_out(county: "County") -> None:
    """Another process granted it meanwhile: the open issuer does not list it, the store does."""
    with county.store.unit_of_work() as uow:
        uow.trust.add_delegation(line_key(county, 0, 99), county.clock.now())
    with hold_guard(county.desk.keys, workspace="W1", machine="M1") as guard:
        guard.establish()
    assert issue_codes(county.desk, county.issuer, request(county)).range.first == 100
    with hold_guard(county.desk.keys, workspace="W1", machine="M1") as guard, pytest.raises(RestoredDatabaseError):
        guard.check_windows("COOP1", "AB3D", 0, ())


def test_database_from_before_a_line_key_issues_nothing(county: "County") -> None:
    """The line key has counters 0 to 99, and the restored database would give them out again."""
    with hold_guard(county.desk.keys, workspace="W1", machine="M1") as guard:
        guard.record_windows("COOP1", "AB3D", 0, {(0, 99)})
    with pytest.raises(RestoredDatabaseError, match="newest backup"):
        issue_codes(county.desk, county.issuer, request(county))
    with county.store.reading() as uow:
        assert uow.codes.all_counters() == {}
    known = replace(county.issuer, line_windows=((0, 99),))
    assert issue_codes(county.desk, known, request(county)).range.first == 100, "the bundle knows the line key"
