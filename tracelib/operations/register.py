"""Register the batches of a file: the whole file or nothing of it."""

import difflib
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tracelib.batches.batch import Batch
from tracelib.sheets.batch_sheet import BatchSheet, read_batches
from tracelib.sheets.errors import Faults, SheetFault

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import Store, UnitOfWork

BatchKey = tuple[str, str, str]


class UnknownPartyError(SheetFault):
    """A row names a party that is not registered."""

    code = "sheet.unknown_party"
    template = (
        "{sheet}, row {row}, column {column}: there is no party «{value}»; registered are: {known}. "
        "A party is added by: tracelib party add"
    )


class UnknownProductError(SheetFault):
    """A row names a product that its party does not have."""

    code = "sheet.unknown_product"
    template = (
        "{sheet}, row {row}, column {column}: party {party} has no product «{value}»; it has: {known}. "
        "A product is added by: tracelib product add"
    )


class BatchChangedError(SheetFault):
    """A row differs from the batch that is registered under its lot."""

    code = "sheet.batch_changed"
    template = (
        "{sheet}, row {row}, column {column}: «{value}», but batch {batch} is registered with «{registered}», "
        "and a registered batch is not changed. Correct the row, or register the goods under another lot."
    )


@dataclass(frozen=True, slots=True)
class Registration:
    """What registering a file did.

    ``registered`` batches are new, ``unchanged`` ones were there with the same content. ``registered_before`` is when
    the very same file was registered first (None: never). ``hidden_sheets`` were not read.
    """

    file: str
    sha256: bytes
    sheet: str
    hidden_sheets: tuple[str, ...]
    registered: tuple[Batch, ...]
    unchanged: int
    registered_before: datetime | None


def register_batches(
    store: "Store",
    path: Path,
    now: datetime,
    *,
    sheet: str | None = None,
    progress: Callable[[int], None] | None = None,
) -> Registration:
    """Check the whole file, also against catalogue and register, and register what is new in one transaction.

    Args:
        store: the workspace's database.
        path: a CSV or XLSX file.
        now: the time of registration, aware.
        sheet: name of the sheet, where the workbook has several with content.
        progress: called with the number of rows read, every thousand.

    Raises:
        SheetError: with every fault; nothing was written.
        SheetFault: a leaf that says why the file is no table.
    """
    table = read_batches(path, sheet=sheet, progress=progress)
    with store.unit_of_work() as uow:
        existing = _check(uow, table)
        new = tuple(batch for batch in table.batches if batch.key not in existing)
        parties = Counter(batch.party_id for batch in table.batches)
        notes = [note for party_id in parties if (note := uow.batches.file(party_id, table.sha256))]
        if new:
            uow.batches.add(new, now)
            for party_id, rows in parties.items():
                uow.batches.add_file(party_id, table.sha256, table.file, rows, now)
    return Registration(
        table.file,
        table.sha256,
        table.sheet,
        table.hidden_sheets,
        new,
        len(table.batches) - len(new),
        min((note.registered_at for note in notes), default=None),
    )


def _check(uow: "UnitOfWork", table: BatchSheet) -> dict[BatchKey, Batch]:
    """The batches of the table that are registered already; raises SheetError where the table cannot be registered."""
    faults = Faults(table.file)
    _check_catalog(uow, table, faults)
    existing = uow.batches.existing([batch.key for batch in table.batches])
    for index, batch in enumerate(table.batches):
        registered = existing.get(batch.key)
        if registered:
            for name, given, held in batch.differences(registered):
                faults.add(
                    BatchChangedError(
                        **table.place(index, name),
                        value=_as_written(name, given),
                        batch=batch.reference,
                        registered=_as_written(name, held),
                    )
                )
    faults.raise_any()
    return existing


def _check_catalog(uow: "UnitOfWork", table: BatchSheet, faults: Faults) -> None:
    products: dict[str, list[str]] = {}
    for party_id in {batch.party_id for batch in table.batches}:
        if uow.catalog.party(party_id):
            products[party_id] = [product.id for product in uow.catalog.products(party_id)]
    for index, batch in enumerate(table.batches):
        if batch.party_id not in products:
            known = _nearest(batch.party_id, (party.id for party in uow.catalog.parties()))
            faults.add(UnknownPartyError(**table.place(index, "party_id"), value=batch.party_id, known=known))
        elif batch.product_id not in products[batch.party_id]:
            known = _nearest(batch.product_id, products[batch.party_id])
            place = table.place(index, "product_id")
            faults.add(UnknownProductError(**place, value=batch.product_id, party=batch.party_id, known=known))


def _nearest(given: str, known: Iterable[str]) -> str:
    return ", ".join(difflib.get_close_matches(given, list(known), n=5, cutoff=0)) or "-"


def _as_written(name: str, value: object) -> object:
    """A value as the file writes it: kilograms, and nothing for nothing."""
    if name == "weight_g" and isinstance(value, int):
        kilograms, grams = divmod(value, 1000)
        return f"{kilograms}.{grams:03}".rstrip("0").rstrip(".") if grams else kilograms
    return "" if value is None else value
