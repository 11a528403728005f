"""Making codes void: final, append-only, all of what was named or none; an event where a code was active."""

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import openpyxl
import pytest

from tracelib.codes.errors import SerialError
from tracelib.codes.record import Level
from tracelib.codes.serial import SerialCipher, grouped
from tracelib.errors import TraceError
from tracelib.operations.export import PositionError, PositionOrderError, code_lines
from tracelib.operations.issuing.issue import IssueRequest, issue_codes
from tracelib.operations.issuing.issue_units import UnitRequest, issue_units
from tracelib.operations.issuing.void import NoteError, Reason, VoidAct, VoidResult, plan_void, void_parts
from tracelib.operations.units import (
    EmptyListError,
    NeverIssuedError,
    SerialKeyMissingError,
    StripError,
    UnitLineError,
    UnitListError,
    Units,
    UnitsNamedError,
    units_in_file,
)
from tracelib.sheets.code_sheet import NoCodeColumnError
from tracelib.store.code_values import IssuedRange, Voided

if TYPE_CHECKING:
    from tests.core.operations.conftest import County  # noqa: TID251 - a fixture's type, not imported when run

Issue = Callable[[int], list[str]]


@pytest.fixture
def issue(county: "County") -> Issue:
    """Issue so many codes for the batch GN-1: their texts."""

    def run(count: int) -> list[str]:
        request = IssueRequest(batch=county.batch, count=count, level=Level.CARTON, host="q.example.com")
        registered = issue_codes(county.desk, county.issuer, request)
        return b"".join(code_lines(county.issuer, registered.range)).decode().splitlines()

    return run


@pytest.fixture
def lines(issue: Issue) -> list[str]:
    """Twelve codes that were issued."""
    return issue(12)


def keys_of(county: "County") -> Mapping[bytes, bytes]:
    return {county.issuer.delegation.k_hash or b"": county.issuer.serial_key}


def named(county: "County", text: str) -> tuple[IssuedRange, ...]:
    with county.store.reading() as uow:
        return Units(uow, keys_of(county)).named(text)


def void(county: "County", *texts: str, reason: Reason = Reason.DAMAGED, note: str = "") -> VoidResult:
    parts = [part for text in texts for part in named(county, text)]
    return void_parts(county.store, county.clock, parts, VoidAct(reason, note), serial_keys=keys_of(county))


def serial_of(line: str) -> str:
    return line.rpartition("/")[2]


def void_of(county: "County", lines: list[str]) -> dict[str, Voided]:
    with county.store.reading() as uow:
        return uow.voids.voided("COOP1", [serial_of(line) for line in lines])


def test_void_says_when_why_and_who(county: "County", lines: list[str]) -> None:
    county.store.operator = "Li"
    serial = serial_of(lines[3])
    result = void(county, serial, reason=Reason.MISPRINT, note="blurred")
    assert (result.count, result.voided, result.before, result.first) == (1, 1, 0, serial)
    entry = Voided("COOP1", serial, "misprint", county.clock.now(), "Li", "blurred", "ORANGE", "GN-1")
    assert void_of(county, lines) == {serial: entry}
    with county.store.reading() as uow:
        (change,) = uow.changes.list(verb="code.void")
        assert uow.codes.states("COOP1", [serial])[serial].voided == entry
    assert (change.operator, change.subject, change.reason) == ("Li", "COOP1/ORANGE/GN-1", "misprint")
    assert change.detail == {"count": 1, "void_before": 0, "first": serial, "last": serial, "note": "blurred"}


def test_a_unit_may_be_named_as_typed_as_printed_or_as_a_code(county: "County", lines: list[str]) -> None:
    typed = grouped(serial_of(lines[0])).lower()
    assert void(county, typed, lines[1], f"  {serial_of(lines[2])}\r\n").voided == 3
    assert len(void_of(county, lines)) == 3


def test_positions_of_the_batch(county: "County", issue: Issue) -> None:
    lines = issue(5) + issue(7)  # two ranges, one strip of positions
    assert void(county, "GN-1:4-7").voided == 4
    assert set(void_of(county, lines)) == {serial_of(line) for line in lines[3:7]}
    assert void(county, "COOP1/ORANGE/GN-1:12").first == serial_of(lines[11])
    with pytest.raises(PositionOrderError, match=r"^10 to 5: the first position comes after"):
        named(county, "GN-1:10-5")
    with pytest.raises(PositionError, match=r"codes 1 to 12; those at 12-13"):
        named(county, "GN-1:12-13")


def test_a_strip_between_two_codes_from_either_end(county: "County", lines: list[str]) -> None:
    assert void(county, f"{grouped(serial_of(lines[2]))}..{lines[5]}").voided == 4
    assert void(county, f"{lines[9]} .. {lines[8]}").voided == 2
    assert set(void_of(county, lines)) == {serial_of(line) for line in lines[2:6] + lines[8:10]}


def test_a_strip_does_not_bridge_two_issues(county: "County", issue: Issue) -> None:
    first, second = issue(3), issue(3)
    with pytest.raises(StripError, match="not issued in one go"):
        named(county, f"{first[1]}..{second[1]}")


@pytest.mark.parametrize("text", ["", "nonsense", "GN-1", "..", "GN-1:x-y", "7KQX9", "a..b"])
def test_what_names_nothing_says_what_is_expected(county: "County", text: str) -> None:
    with pytest.raises(UnitsNamedError, match=r"expected a serial number, a code, LOT:FROM-TO"):
        named(county, text)


def test_sscc(county: "County") -> None:
    issue_units(county.desk, county.issuer, UnitRequest(count=2, host="q.example.com", sscc=True))
    assert void(county, "369012300000000004").first == "369012300000000004"
    with pytest.raises(NeverIssuedError):
        named(county, "369012300000000028")


def test_second_time_changes_nothing_and_says_so(county: "County", lines: list[str]) -> None:
    void(county, serial_of(lines[0]), reason=Reason.LOST)
    first = void_of(county, lines)
    county.clock.move(timedelta(days=1).total_seconds())
    again = void(county, "GN-1:1-2", reason=Reason.RETURNED)
    assert (again.count, again.voided, again.before, dict(again.reasons)) == (2, 1, 1, {"lost": 1})
    assert again.earlier == list(first.values())
    assert void_of(county, lines[:1]) == first


def test_the_same_units_named_twice_are_counted_once(county: "County", lines: list[str]) -> None:
    assert void(county, lines[0], serial_of(lines[0]), "GN-1:1-3", "GN-1:2-5").count == 5


def test_serial_that_was_never_issued(county: "County", lines: list[str]) -> None:
    beyond = SerialCipher(county.issuer.serial_key, "AB3D").serial_of(12)
    foreign = SerialCipher(county.issuer.serial_key, "ZZZZ").serial_of(0)
    for serial in (beyond, foreign):
        with pytest.raises(NeverIssuedError, match="was not issued here"):
            named(county, serial)


def test_serial_of_a_range_without_manifest(county: "County", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracelib.operations.issuing.register_range.merkle_root", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        issue_units(county.desk, county.issuer, UnitRequest(count=2, host="q.example.com"))
    with pytest.raises(NeverIssuedError):
        named(county, county.issuer.cipher.serial_of(0))


def test_serial_with_a_slip(county: "County", lines: list[str]) -> None:
    serial = serial_of(lines[0])
    with pytest.raises(SerialError):
        named(county, serial[:-1] + ("0" if serial[-1] != "0" else "1"))


def test_without_the_serial_key_nothing_is_known(county: "County", lines: list[str]) -> None:
    with county.store.reading() as uow:
        units = Units(uow, {})
        with pytest.raises(NeverIssuedError):
            units.named(lines[0])
        with pytest.raises(SerialKeyMissingError, match="prefix AB3D"):
            plan_void(uow, units, units.named("GN-1:1-2"))


@pytest.mark.parametrize("note", ["x" * 201, "two\nlines", "\x1b[31m"])
def test_a_note_is_one_line(note: str) -> None:
    with pytest.raises(NoteError):
        VoidAct(Reason.LOST, note)


# Lists -----------------------------------------------------------------------------------------------------------


def in_file(county: "County", path: Path) -> list[IssuedRange]:
    with county.store.reading() as uow:
        return units_in_file(Units(uow, keys_of(county)), path)


def workbook(path: Path, rows: list[list[str | None]]) -> None:
    book = openpyxl.Workbook()
    sheet = book.create_sheet("码", 0)
    for row in rows:
        sheet.append(row)
    book.save(path)


def test_lists_as_they_come(county: "County", lines: list[str], tmp_path: Path) -> None:
    serials = [serial_of(line) for line in lines]
    workbook(
        tmp_path / "a.xlsx", [["日期", "序列号", "备注"], ["11-20", grouped(serials[0]), "撕破"], [None, serials[1]]]
    )
    (tmp_path / "b.csv").write_bytes(f"备注,一品一码\n撕破,{lines[2]}\n,\n,GN-1:4-5\n".encode("gb18030"))
    (tmp_path / "c.txt").write_text(f"\ufeff{lines[5]}\n\n  {serials[6]}  \n{serials[7]}..{serials[8]}\n", "utf-8")
    (tmp_path / "d.jsonl").write_text(json.dumps({"code": lines[9]}) + "\n")
    (tmp_path / "e.csv").write_text(f"{lines[10]}\n{lines[11]}\n")
    found = [[(part.first, part.count) for part in in_file(county, file)] for file in sorted(tmp_path.glob("?.*"))]
    assert found == [[(0, 2)], [(2, 3)], [(5, 4)], [(9, 1)], [(10, 2)]]


def test_every_fault_of_a_list_with_its_line(county: "County", lines: list[str], tmp_path: Path) -> None:
    beyond = county.issuer.cipher.serial_of(12)
    file = tmp_path / "torn.txt"
    file.write_text(f"{lines[0]}\nnonsense\n\n{beyond}\n{lines[1]}\nGN-1:9-20\n")
    with pytest.raises(UnitListError, match="3 of 5 entries") as caught:
        in_file(county, file)
    faults = [fault for fault in caught.value.faults if isinstance(fault, UnitLineError)]
    assert [(fault.params["row"], type(fault.fault)) for fault in faults] == [
        (2, UnitsNamedError),
        (4, NeverIssuedError),
        (6, PositionError),
    ]
    assert str(faults[1]).startswith(f"torn.txt, line 4: «{beyond}» was not issued here")


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("a.txt", b"\n\n", EmptyListError),
        ("b.csv", b"name,date\nx,y\n", NoCodeColumnError),
        ("c.txt", b"\xff\xfe\x00\x01", TraceError),
        ("d.xlsx", b"PK\x03\x04nonsense", TraceError),
        ("e.txt", b"{" * 100_000, UnitListError),
    ],
)
def test_files_that_are_no_list(
    county: "County", tmp_path: Path, name: str, content: bytes, error: type[TraceError]
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(error):
        in_file(county, tmp_path / name)
