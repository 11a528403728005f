"""Register the batches of a file: the whole file or nothing of it."""

import difflib
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from tracelib.batches.batch import Batch, kilograms
from tracelib.clock import CHINA
from tracelib.errors import FormatError, RuleError
from tracelib.identifiers.division import DivisionCode, DivisionTable
from tracelib.operations.batches.lot_events import HomesOf, LotNames, no_homes, write_harvests
from tracelib.operations.batches.map_sheet import choose_mapping
from tracelib.sheets.batch_sheet import COLUMNS, BatchSheet, Draft, read_batches
from tracelib.sheets.errors import LISTED, Faults, SheetError, SheetFault
from tracelib.sheets.heading import Vocabulary
from tracelib.sheets.layout import Unread
from tracelib.sheets.mapping import SheetMapping
from tracelib.store.errors import ConflictError
from tracelib.text import Language

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import Store, UnitOfWork

BatchKey = tuple[str, str, str]
_ATTEMPTS = 4
MARKED = 10_000
"""How many faults a report marks in its cells."""


class UnknownPartyError(SheetFault):
    """A row names a party that is not registered."""

    code = "sheet.unknown_party"
    template = (
        "{sheet}, row {row}, column {column}: there is no party «{value}»; the nearest that are registered: {known}. "
        "A party is added by: tracelib party add; "
        'what the file calls otherwise is said once with: tracelib batch map FILE --value "party_id:NAME=NUMBER"'
    )


class UnknownProductError(SheetFault):
    """A row names a product that its party does not have."""

    code = "sheet.unknown_product"
    template = (
        "{sheet}, row {row}, column {column}: party {party} has no product «{value}»; it has: {known}. "
        "A product is added by: tracelib product add; "
        'what the file calls otherwise is said once with: tracelib batch map FILE --value "product_id:NAME=NUMBER"'
    )


class BatchChangedError(SheetFault):
    """A row differs from the batch that is registered under its lot."""

    code = "sheet.batch_changed"
    template = (
        "{sheet}, row {row}, column {column}: «{value}», but batch {batch} is registered with «{registered}», "
        "and a registered batch is not changed. Correct the row, or register the goods under another lot."
    )


class FutureDayError(SheetFault):
    """A day of production later than tomorrow; tomorrow is allowed, for clocks differ."""

    code = "sheet.future_day"
    template = (
        "{sheet}, row {row}, column {column}: «{value}» lies in the future, expected a day up to {latest}. "
        "Correct the day, or the clock of this machine if that is wrong."
    )


class UnknownDivisionError(SheetFault):
    """A row names a division whose county the workspace's table of divisions does not know on the day of the row."""

    code = "sheet.unknown_division"
    template = (
        "{sheet}, row {row}, column {column}: «{value}» is no division that divisions.csv knows on {day}. Correct the "
        "code; or add its county to divisions.csv of the catalogue's folder and bring it with: "
        "tracelib catalog import FOLDER"
    )


class ReportNameError(FormatError):
    """A report in a format that is not written."""

    code = "sheet.report_name"
    template = "«{file}» does not end in .xlsx: the report is an Excel workbook."


class ReportExistsError(RuleError):
    """The report would overwrite a file."""

    code = "sheet.report_exists"
    template = "{file} exists already and is not overwritten: choose another name for the report, or remove the file."


@dataclass(frozen=True, slots=True)
class Registration:
    """What registering a file did.

    ``registered`` batches are new, ``unchanged`` ones were there with the same content. ``registered_before`` is when
    the very same file was registered first (None: never). ``unread`` is what of the file was left out; ``mapping`` is
    the saved mapping that it was read with.
    """

    file: str
    sha256: bytes
    sheet: str
    unread: Unread
    mapping: str | None
    registered: tuple[Batch, ...]
    unchanged: int
    registered_before: datetime | None
    events: int = 0
    """Events that tell of the new batches; fewer than there could be where parties have no name in events yet."""
    party_id: str | None = None
    """The party that every row was taken to be of, for the sheet has no such column; None where it says so itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterOptions:
    """How a file is read. ``sheet``: its name, where the workbook has several with content. ``mapping``: name of a
    saved mapping (None: the only one that fits), looked for among those of ``party_id`` (None: all), whose batches they
    are where the file has no column for the party.
    ``report``: where a workbook with the faults marked goes, its messages in ``language``. ``homes``: what says under
    which host the parties' lots are named in events. ``divisions``: names of divisions; an empty table checks nothing.
    """

    sheet: str | None = None
    mapping: str | None = None
    party_id: str | None = None
    report: Path | None = None
    divisions: DivisionTable = field(default_factory=DivisionTable)
    language: Language = "en"
    homes: HomesOf = no_homes


def register_batches(
    store: "Store",
    path: Path,
    now: datetime,
    options: RegisterOptions = RegisterOptions(),
    progress: Callable[[int], None] | None = None,
) -> Registration:
    """Check the whole file, also against catalogue and register, and register what is new in one transaction.

    A row with a faulty cell is checked in all its other cells too, so that every fault is told in one go.

    Args:
        store: the workspace's database.
        path: a CSV or XLSX file.
        now: the time of registration, aware.
        options: how the file is read.
        progress: called with the number of rows read, every thousand.

    Raises:
        SheetError: with every fault; nothing was registered, and the report was written if one was wanted.
        SheetFault: a leaf that says why the file is no table.
        ReportNameError, ReportExistsError: the report is no workbook, or would overwrite a file.
        the errors of ``choose_mapping``.
    """
    if options.report and options.report.suffix.lower() != ".xlsx":
        raise ReportNameError(file=options.report)
    if options.report and options.report.exists():
        raise ReportExistsError(file=options.report)
    faults = Faults(path.name, MARKED if options.report else LISTED)
    with store.reading() as uow:
        saved = choose_mapping(uow, path, options.sheet, options.mapping, options.party_id)
    words = SheetMapping.model_validate(saved.content).vocabulary() if saved else Vocabulary(COLUMNS)
    own = {"party_id": options.party_id} if options.party_id and "party_id" not in words.fixed else {}
    words = replace(words, fixed={**words.fixed, **own})
    table = read_batches(path, faults=faults, sheet=options.sheet, vocabulary=words, progress=progress)
    _check_divisions(table, now, options.divisions, faults)
    try:
        new, before, events = _register_once(store, table, now, faults, options.homes)
    except SheetError as error:
        error.unread = table.unread
        if options.report:
            _write_report(path, options.report, options, faults, words)
        raise
    mapping = saved.name if saved else None
    unchanged = len(table.batches) - len(new)
    party = str(table.fixed["party_id"]) if own and "party_id" in table.fixed else None
    return Registration(
        table.file, table.sha256, table.sheet, table.unread, mapping, new, unchanged, before, events, party
    )


def _register_once(
    store: "Store", table: BatchSheet, now: datetime, faults: Faults, homes: HomesOf
) -> tuple[tuple[Batch, ...], datetime | None, int]:
    """Register; where another clerk registered some of the batches in between, look again at what is left to do."""
    for _ in range(_ATTEMPTS):
        try:
            return _register(store, table, now, faults, homes)
        except ConflictError:
            continue
    return _register(store, table, now, faults, homes)


def _register(
    store: "Store", table: BatchSheet, now: datetime, faults: Faults, homes: HomesOf
) -> tuple[tuple[Batch, ...], datetime | None, int]:
    """What was new, when this very file was registered first, and how many events tell of what is new.

    Raises SheetError with every fault.
    """
    told: dict[str, list[str]] = {}
    with store.unit_of_work() as uow:
        existing = _check(uow, table, now, faults)
        new = tuple(batch for batch in table.batches if batch.key not in existing)
        parties = Counter(batch.party_id for batch in table.batches)
        notes = [note for party_id in parties if (note := uow.batches.file(party_id, table.sha256))]
        if new:
            uow.batches.add(new, now)
            told = write_harvests(uow, LotNames(uow, homes(uow)), new, now)
            for party_id, rows in parties.items():
                uow.batches.add_file(party_id, table.sha256, table.file, rows, now)
                detail = {
                    "file": table.file,
                    "sha256": table.sha256.hex(),
                    "rows": rows,
                    "events": told.get(party_id, []),
                }
                uow.changes.add("batch.register", table.file, now, party_id=party_id, detail=detail)
    before = min((note.registered_at for note in notes), default=None)
    return new, before, sum(map(len, told.values()))


def _write_report(path: Path, out: Path, options: RegisterOptions, faults: Faults, words: Vocabulary) -> None:
    from tracelib.labels.files import whole_file
    from tracelib.sheets.report import write_report

    with whole_file(out) as stream:
        kept = faults.sorted()
        write_report(path, stream, kept, faults.count, vocabulary=words, sheet=options.sheet, language=options.language)


def _check(uow: "UnitOfWork", table: BatchSheet, now: datetime, faults: Faults) -> dict[BatchKey, Batch]:
    """The batches of the table that are registered already; raises SheetError where the table cannot be registered."""
    _check_days(table, now, faults)
    _check_catalog(uow, table, faults)
    existing = uow.batches.existing([key for entry in table.entries() if (key := _key(entry))])
    for entry in table.entries():
        registered = existing.get(_key(entry) or ("", "", ""))
        if registered:
            for name, given in entry.values.items():
                held = getattr(registered, name)
                if given != held:
                    faults.add(
                        BatchChangedError(
                            **table.place(entry.row, name),
                            value=_as_written(name, given),
                            batch=registered.reference,
                            registered=_as_written(name, held),
                        )
                    )
    faults.raise_any()
    return existing


def _key(entry: Draft) -> BatchKey | None:
    """What the row's batch is called, where all three parts could be read."""
    parts = [str(entry.values[name]) for name in ("party_id", "product_id", "lot") if name in entry.values]
    return (parts[0], parts[1], parts[2]) if len(parts) == 3 else None


def _check_days(table: BatchSheet, now: datetime, faults: Faults) -> None:
    latest = now.astimezone(CHINA).date() + timedelta(days=1)
    for entry in table.entries():
        day = entry.values.get("produced_on")
        if isinstance(day, date) and day > latest:
            faults.add(FutureDayError(**table.place(entry.row, "produced_on"), value=day, latest=latest))


def _check_divisions(table: BatchSheet, now: datetime, divisions: DivisionTable, faults: Faults) -> None:
    """Towns and villages may be missing in the table; a county that is, is taken for a slip of the pen."""
    today = now.astimezone(CHINA).date()
    for entry in table.entries() if len(divisions) else ():
        origin, day = entry.values.get("origin"), entry.values.get("produced_on")
        if isinstance(origin, str) and origin:
            held_on = day if isinstance(day, date) else today
            if divisions.find(DivisionCode.parse(origin[:6]), held_on) is None:
                place = table.place(entry.row, "origin")
                faults.add(UnknownDivisionError(**place, value=origin, day=held_on))


def _check_catalog(uow: "UnitOfWork", table: BatchSheet, faults: Faults) -> None:
    parties = [party.id for party in uow.catalog.parties()]
    products: dict[str, list[str]] = {}
    for entry in table.entries():
        party_id, product_id = entry.values.get("party_id"), entry.values.get("product_id")
        if not isinstance(party_id, str):
            continue
        if party_id not in products and party_id in parties:
            products[party_id] = [product.id for product in uow.catalog.products(party_id)]
        if party_id not in products:
            known = _nearest(party_id, parties)
            faults.add(UnknownPartyError(**table.place(entry.row, "party_id"), value=party_id, known=known))
        elif isinstance(product_id, str) and product_id not in products[party_id]:
            known = _nearest(product_id, products[party_id])
            place = table.place(entry.row, "product_id")
            faults.add(UnknownProductError(**place, value=product_id, party=party_id, known=known))


def _nearest(given: str, known: Iterable[str]) -> str:
    return ", ".join(difflib.get_close_matches(given, list(known), n=5, cutoff=0)) or "-"


def _as_written(name: str, value: object) -> object:
    """A value as the file writes it: kilograms, and nothing for nothing."""
    if name == "weight_g" and isinstance(value, int):
        return kilograms(value)
    return "" if value is None else value
