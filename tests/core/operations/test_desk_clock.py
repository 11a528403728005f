"""The clock back a year, or ahead a year: whatever the desk does, nothing is written with a day that was not."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tracelib.batches.prints import Kind, Verb
from tracelib.codes.record import Level
from tracelib.errors import TraceError
from tracelib.operations.batches.register import register_batches
from tracelib.operations.issuing.issue import IssueRequest, issue_codes
from tracelib.operations.issuing.issue_units import UnitRequest, issue_units
from tracelib.operations.issuing.replace import Keys, Printed, plan_replace, replace_codes
from tracelib.operations.issuing.rules import ClockBehindError, KeyNotValidError
from tracelib.operations.issuing.unit_pieces import pieces_of
from tracelib.operations.issuing.void import Reason, VoidAct, void_parts
from tracelib.operations.printing.log import Again, PrintLog, file_entry, logged_print
from tracelib.operations.units import Units
from tracelib.store.change_repository import ClockAheadOfBookError, ClockBehindBookError

if TYPE_CHECKING:
    from tests.core.operations.conftest import County  # noqa: TID251 - a fixture's type, not imported when run

YEAR_S = timedelta(days=365).total_seconds()
SHEET = "主体编号,产品编号,批号,生产日期,重量(kg)\nCOOP1,ORANGE,NEW-1,2025-11-03,100\n"
ACT = VoidAct(Reason.LOST)


def issue(county: "County", _: Path) -> None:
    issue_codes(
        county.desk, county.issuer, IssueRequest(batch=county.batch, count=5, level=Level.CARTON, host="q.example.com")
    )


def issue_pallets(county: "County", _: Path) -> None:
    issue_units(county.desk, county.issuer, UnitRequest(count=2, host="q.example.com"))


def void(county: "County", _: Path) -> None:
    keys = {county.issuer.delegation.k_hash or b"": county.issuer.serial_key}
    with county.store.reading() as uow:
        parts = Units(uow, keys).named("GN-1:1-2")
    void_parts(county.store, county.clock, parts, ACT, serial_keys=keys, earliest_s=county.issuer.earliest_s)


def replace(county: "County", _: Path) -> None:
    k_hash = county.issuer.delegation.k_hash or b""
    keys = Keys(lambda _: county.issuer, lambda _: county.issuer, {k_hash: county.issuer.serial_key})
    with county.store.reading() as uow:
        units = Units(uow, keys.serial_keys)
        plan = plan_replace(uow, units, units.named("GN-1:3"))
    replace_codes(county.desk, keys, plan, ACT, Printed("q.example.com"))


def register(county: "County", folder: Path) -> None:
    (folder / "batches.csv").write_text(SHEET, "utf-8")
    register_batches(county.store, folder / "batches.csv", county.clock.now())


WORKS: tuple[Callable[["County", Path], None], ...] = (issue, issue_pallets, void, replace, register)


def content(county: "County") -> list[object]:
    with county.store.reading() as uow:
        ranges = uow.codes.ranges_of(*county.batch) + uow.codes.ranges_of("COOP1", "", "")
        return [ranges, uow.voids.count_by_reason(*county.batch), uow.changes.list(), uow.batches.find("NEW-1")]


@pytest.mark.parametrize("work", WORKS)
@pytest.mark.parametrize(
    ("moved_s", "errors"),
    [
        (-YEAR_S, (ClockBehindBookError, KeyNotValidError)),
        (-3600, (ClockBehindBookError,)),
        (YEAR_S, (ClockAheadOfBookError, KeyNotValidError)),
    ],
)
def test_a_wrong_clock_writes_nothing(
    county: "County",
    tmp_path: Path,
    work: Callable[["County", Path], None],
    moved_s: float,
    errors: tuple[type[TraceError], ...],
) -> None:
    issue(county, tmp_path)
    before = content(county)
    county.clock.move(moved_s)
    with pytest.raises(errors):
        work(county, tmp_path)
    assert content(county) == before
    county.clock.move(-moved_s)
    work(county, tmp_path)
    assert content(county) != before


def test_a_clock_before_the_bundle_voids_nothing(county: "County", tmp_path: Path) -> None:
    issue(county, tmp_path)
    keys = {county.issuer.delegation.k_hash or b"": county.issuer.serial_key}
    with county.store.reading() as uow:
        parts = Units(uow, keys).named("GN-1:1-2")
    later_s = int(county.clock.now().timestamp()) + 1
    with pytest.raises(ClockBehindError):
        void_parts(county.store, county.clock, parts, ACT, serial_keys=keys, earliest_s=later_s)


@pytest.mark.parametrize("jump_s", [-YEAR_S, YEAR_S])
def test_clock_that_jumps_during_a_print_loses_no_entry(county: "County", tmp_path: Path, jump_s: float) -> None:
    """The labels are out, so their print ends in the log, with the time at which it began; the next one is refused."""
    issue(county, tmp_path)
    log = PrintLog(county.store, county.clock)
    with county.store.reading() as uow:
        pieces = pieces_of(uow, uow.codes.ranges_of(*county.batch))
    began = county.clock.now()
    entry = file_entry(county.batch, Kind.LABELS, tmp_path / "labels.pdf", pieces)
    with logged_print(log, entry, Again()) as record:
        county.clock.move(jump_s)
        record.done("ab" * 32)
    with county.store.reading() as uow:
        entries = uow.prints.entries(*county.batch)
    assert [(one.verb, one.at) for one in entries] == [(Verb.BEGUN, began), (Verb.DONE, began)]
    wrong = pytest.raises((ClockBehindBookError, ClockAheadOfBookError))
    with wrong, logged_print(log, entry, Again(reprint=True, reason="again")):
        pytest.fail("nothing is printed with a clock that cannot be right")
