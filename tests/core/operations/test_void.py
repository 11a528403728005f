"""Making codes void: final, append-only, all of a list or none."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tracelib.codes.errors import SerialError
from tracelib.codes.record import Level
from tracelib.codes.serial import SerialCipher, grouped
from tracelib.operations.export import code_lines
from tracelib.operations.issue import IssueRequest, issue_codes
from tracelib.operations.issue_units import UnitRequest, issue_units
from tracelib.operations.void import NeverIssuedError, Reason, VoidListError, VoidResult, void_codes

if TYPE_CHECKING:
    from tests.core.operations.conftest import County  # noqa: TID251 - a fixture's type, not imported when run


@pytest.fixture
def lines(county: "County") -> list[str]:
    """Twelve codes that were issued."""
    request = IssueRequest(batch=county.batch, count=12, level=Level.CARTON, host="q.example.com")
    registered = issue_codes(county.desk, county.issuer, request)
    return b"".join(code_lines(county.issuer, registered.range)).decode().splitlines()


def void(county: "County", *texts: str, reason: Reason = Reason.DAMAGED) -> VoidResult:
    keys = {county.issuer.delegation.k_hash or b"": county.issuer.serial_key}
    return void_codes(county.store, county.clock, texts, reason, operator="Li", serial_keys=keys)


def serial_of(line: str) -> str:
    return line.rpartition("/")[2]


def test_void_says_when_why_and_who(county: "County", lines: list[str]) -> None:
    serial = serial_of(lines[3])
    result = void(county, serial, reason=Reason.MISPRINT)
    entry = result.voided[0]
    assert (entry.party_id, entry.unit_id, entry.reason, entry.operator) == ("COOP1", serial, "misprint", "Li")
    with county.store.reading() as uow:
        assert uow.codes.states("COOP1", [serial])[serial].voided == entry
        assert uow.codes.states("COOP1", [serial_of(lines[4])])[serial_of(lines[4])].voided is None


def test_a_unit_may_be_named_as_typed_as_printed_or_as_a_code(county: "County", lines: list[str]) -> None:
    typed = grouped(serial_of(lines[0])).lower()
    assert len(void(county, typed, lines[1], f"  {serial_of(lines[2])}\r\n", "").voided) == 3


def test_sscc(county: "County") -> None:
    issue_units(county.desk, county.issuer, UnitRequest(count=2, host="q.example.com", sscc=True))
    assert void(county, "369012300000000004").voided[0].unit_id == "369012300000000004"
    with pytest.raises(NeverIssuedError):
        void(county, "369012300000000028")


def test_second_time_changes_nothing_and_says_so(county: "County", lines: list[str]) -> None:
    first = void(county, serial_of(lines[0]), reason=Reason.LOST).voided
    county.clock.move(timedelta(days=1).total_seconds())
    again = void(county, serial_of(lines[0]), serial_of(lines[1]), reason=Reason.RETURNED)
    assert again.before == first
    assert [entry.unit_id for entry in again.voided] == [serial_of(lines[1])]


def test_the_same_unit_twice_in_a_list(county: "County", lines: list[str]) -> None:
    assert len(void(county, lines[0], serial_of(lines[0])).voided) == 1


def test_serial_that_was_never_issued(county: "County", lines: list[str]) -> None:
    beyond = SerialCipher(county.issuer.serial_key, "AB3D").serial_of(12)
    foreign = SerialCipher(county.issuer.serial_key, "ZZZZ").serial_of(0)
    for serial in (beyond, foreign):
        with pytest.raises(NeverIssuedError, match="was not issued here"):
            void(county, serial)


def test_serial_of_a_range_without_manifest(county: "County", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracelib.operations.register_range.merkle_root", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        issue_units(county.desk, county.issuer, UnitRequest(count=2, host="q.example.com"))
    with pytest.raises(NeverIssuedError):
        void(county, county.issuer.cipher.serial_of(0))


def test_serial_with_a_slip(county: "County", lines: list[str]) -> None:
    serial = serial_of(lines[0])
    slip = serial[:-1] + ("0" if serial[-1] != "0" else "1")
    with pytest.raises(SerialError):
        void(county, slip)


def test_one_fault_in_a_list_and_nothing_is_written(county: "County", lines: list[str]) -> None:
    beyond = county.issuer.cipher.serial_of(12)
    with pytest.raises(VoidListError) as caught:
        void(county, lines[0], "nonsense", beyond, lines[1])
    assert [type(fault) for fault in caught.value.faults] == [SerialError, NeverIssuedError]
    with county.store.reading() as uow:
        states = uow.codes.states("COOP1", [serial_of(line) for line in lines])
    assert all(history.voided is None for history in states.values())


def test_without_the_serial_key_nothing_is_known(county: "County", lines: list[str]) -> None:
    with pytest.raises(NeverIssuedError):
        void_codes(county.store, county.clock, [lines[0]], Reason.LOST, operator="", serial_keys={})
