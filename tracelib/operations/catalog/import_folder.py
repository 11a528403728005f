"""Bring the catalogue to what a folder says: the whole of it, or nothing where there is a single fault.

::

    plan = plan_import(uow, Path("county"), now, workspace)          # reads, compares, checks; raises with every fault
    if plan.writes:
        write_import(uow, plan, now, reason="season 2027")
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from tracelib.catalog.difference import Difference, EntryChange, counts, difference
from tracelib.catalog.snapshot import Entry, Snapshot, key_of, kind_of
from tracelib.clock import CHINA
from tracelib.errors import RuleError
from tracelib.identifiers.division import DIVISIONS, DivisionTable
from tracelib.operations.catalog.divisions import DivisionsChange, plan_divisions
from tracelib.operations.catalog.pictures import check_pictures
from tracelib.operations.catalog.rules import check_changes, check_references
from tracelib.sheets.catalog_folder import PICTURES, CatalogFolder, read_folder
from tracelib.sheets.errors import ManyFaultsError, SheetError

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import UnitOfWork

LISTED = 200


class ReasonMissingError(RuleError):
    """Entries change and nobody says why."""

    code = "catalogue.reason_missing"
    template = "{count} entries of the catalogue change or end: say why, with --reason TEXT. Nothing was written."


class DayAheadError(RuleError):
    """A change that is to count from a day that has not come."""

    code = "catalogue.day_ahead"
    template = (
        "Changes cannot count from {given}: today is {today}. Import the folder on that day, "
        "or write the days into the columns for validity."
    )


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import is going to write. ``day`` is the day from which changes count."""

    folder: Path
    day: date
    difference: Difference
    divisions: DivisionsChange
    pictures: tuple[str, ...]

    @property
    def writes(self) -> bool:
        """Whether entries or names of divisions change."""
        return bool(self.difference.writes or self.divisions)


def plan_import(
    uow: "UnitOfWork",
    path: Path,
    now: datetime,
    workspace: Path,
    *,
    from_day: date | None = None,
    end_missing: bool = False,
) -> Plan:
    """Read a folder, compare it with the catalogue, and check what would come of it.

    ``workspace`` is where ``pictures/`` and ``divisions.csv`` are kept. ``end_missing`` ends entries that the folder's
    tables leave out, on the day before ``from_day``; else they stay.

    Raises:
        SheetError: every fault by file, row and column.
        NoTablesError: no folder of a catalogue.
        DayAheadError: ``from_day`` has not come yet.
    """
    today = now.astimezone(CHINA).date()
    day = from_day or today
    if day > today:
        raise DayAheadError(given=day, today=today)
    current = uow.catalog.snapshot()
    folder = read_folder(path, current)
    found = difference(current, folder.snapshot, folder.kinds)
    if end_missing:
        found = _ended(found, day)
    target = current.with_entries([*folder.entries, *(change.after for change in found.ended)])
    check_references(folder, target)
    check_changes(uow, folder, found, day)
    pictures = check_pictures(folder, current, workspace / PICTURES)
    divisions = plan_divisions(folder, workspace / DIVISIONS)
    _raise_any(folder)
    return Plan(path, day, found, divisions, pictures)


def folder_applied(uow: "UnitOfWork", path: Path, now: datetime, workspace: Path) -> tuple[Snapshot, DivisionTable]:
    """Catalogue and names of divisions as an import of the folder would leave them; raises as :func:`plan_import`."""
    plan = plan_import(uow, path, now, workspace)
    after = [*plan.difference.new, *(change.after for change in plan.difference.alters)]
    return uow.catalog.snapshot().with_entries(after), plan.divisions.table


def write_import(uow: "UnitOfWork", plan: Plan, now: datetime, reason: str = "") -> None:
    """Write a plan in the transaction in which it was made, with its history and one entry in the book of changes.

    Raises ReasonMissingError where entries change or end and no reason is given.
    """
    if not plan.writes:
        return
    changes = plan.difference.alters
    if changes and not reason.strip():
        raise ReasonMissingError(count=len(changes))
    uow.catalog.add_all(plan.difference.new)
    uow.catalog.change_all([change.after for change in changes])
    before = {(kind_of(change.before), key_of(change.before)): change.before for change in changes}
    written = [*plan.difference.new, *(change.after for change in changes)]
    uow.catalog_history.note(written, now, plan.day, reason, before)
    detail = {
        "new": counts(plan.difference.new),
        "changed": counts(tuple(change.after for change in plan.difference.changed)),
        "ended": counts(tuple(change.after for change in plan.difference.ended)),
        **({"divisions": plan.divisions.counts} if plan.divisions else {}),
        "from_day": plan.day.isoformat(),
    }
    uow.changes.add("catalog.import", plan.folder.name, now, reason=reason, detail=detail)


def _ended(found: Difference, day: date) -> Difference:
    """The entries that the folder leaves out end on the eve of ``day``; grades, and what has ended already, stay."""
    eve = day - timedelta(days=1)
    ended: list[EntryChange] = list(found.ended)
    stays: list[Entry] = []
    for entry in found.missing:
        last: date | None = getattr(entry, "valid_to", None)
        if not hasattr(entry, "valid_to") or (last is not None and last <= eve):
            stays.append(entry)
            continue
        first: date | None = getattr(entry, "valid_from", None)
        after = entry.model_copy(update={"valid_to": max(eve, first) if first else eve})
        ended.append(EntryChange(entry, after))
    return replace(found, ended=tuple(ended), missing=tuple(stays))


def _raise_any(folder: CatalogFolder) -> None:
    if not folder.count:
        return
    kept = folder.faults[:LISTED]
    name = folder.path.name or str(folder.path)
    rest = folder.count - len(kept)
    if rest:
        raise ManyFaultsError(kept, file=name, count=folder.count, listed=len(kept), rest=rest)
    raise SheetError(kept, file=name, count=folder.count)
