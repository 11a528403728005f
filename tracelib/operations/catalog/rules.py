"""Rules between the entries of a catalogue that is about to be imported, and what must not change any more."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from tracelib.catalog.authorization import Authorization
from tracelib.catalog.difference import Difference, EntryChange
from tracelib.catalog.grade import Grade
from tracelib.catalog.party import Party
from tracelib.catalog.product import Product
from tracelib.catalog.snapshot import Entry, Snapshot, key_of, kind_of
from tracelib.sheets.catalog_folder import CatalogFolder
from tracelib.sheets.errors import SheetFault

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import UnitOfWork

CODED_FIELDS = ("gtin", "gtin_licensed", "weight_g")
"""What the codes of a product say, or what their address is made of; see docs/adr on the catalogue's history."""


class UnknownEntryError(SheetFault):
    """A row names an entry that is neither in the folder nor in the catalogue."""

    code = "sheet.unknown_entry"
    template = (
        "{sheet}, row {row}, column {column}: «{value}» is not in the catalogue and not in the folder. "
        "Add a row for it, or correct the number."
    )


class ValueTakenError(SheetFault):
    """A number that belongs to one entry stands at two."""

    code = "sheet.value_taken"
    template = "{sheet}, row {row}, column {column}: «{value}» belongs to {other} already; it can belong to one only."


class GradeOrderError(SheetFault):
    """Grades of a product that are not 1, 2, 3 …"""

    code = "sheet.grade_order"
    template = (
        "{sheet}, row {row}, column {column}: grade {value} does not follow the product's grade {last}. "
        "Grades are numbered 1, 2, 3 … without a gap, and only appended."
    )


class GradeChangedError(SheetFault):
    """A grade that is recorded already is to be called something else."""

    code = "sheet.grade_changed"
    template = (
        "{sheet}, row {row}, column {column}: «{value}», but grade {number} is recorded as «{recorded}». "
        "Codes carry the number: grades are never renamed or renumbered, append a new one."
    )


class CodedFieldError(SheetFault):
    """A field that codes already depend on is to change."""

    code = "sheet.coded_field"
    template = (
        "{sheet}, row {row}, column {column}: «{value}», but {product} is recorded with «{recorded}», and codes were "
        "issued that say so. Leave it as it is, or add a new product."
    )


class OtherOwnerError(SheetFault):
    """A field that makes an entry what it is is to change."""

    code = "sheet.other_owner"
    template = (
        "{sheet}, row {row}, column {column}: «{value}», but {entry} is recorded with «{recorded}», "
        "which is never changed. End the entry and add another under a new id."
    )


class BeforeLastChangeError(SheetFault):
    """A change that is to count from a day before the last one did."""

    code = "sheet.before_last_change"
    template = (
        "{sheet}, row {row}: what is recorded of {entry} counts from {recorded}, "
        "and a change cannot count from {value}, before it. Give a later day with --from-day."
    )


def check_references(folder: CatalogFolder, target: Snapshot) -> None:
    """Note every name that leads nowhere, every number held twice, every gap in a grade list."""
    for entry in folder.entries:
        for name, kind, key in _names(kind_of(entry), dict(entry)):
            if key not in target.kind(kind) and not folder.may_hold(kind, key):
                folder.add(UnknownEntryError(**folder.place(entry, name), value=key))
    for row in folder.broken:
        for name, kind, key in _names(row.kind, row.values):
            if key not in target.kind(kind) and not folder.may_hold(kind, key):
                folder.add(UnknownEntryError(**row.at(name), value=key))
    _check_unique(folder, target)
    _check_grades(folder, target)


def _names(kind: str, values: Mapping[str, object]) -> Iterator[tuple[str, str, str]]:
    """(field, kind, key) of every entry that the fields of one name; a field that could not be read names none."""
    single = {"owner": "party", "party_id": "party", "brand_id": "brand"}
    for name, named in single.items():
        value = values.get(name)
        if value and isinstance(value, str):
            yield name, named, value
    if not isinstance(values.get("party_id"), str):
        return
    party_id, product_id, product_ids = values["party_id"], values.get("product_id"), values.get("product_ids")
    if product_id and isinstance(product_id, str) and kind in ("grade", "certification"):
        yield "product_id", "product", f"{party_id}/{product_id}"
    for product in product_ids if isinstance(product_ids, tuple) else ():
        yield "product_ids", "product", f"{party_id}/{product}"


def _check_unique(folder: CatalogFolder, target: Snapshot) -> None:
    """A 统一社会信用代码 names one party, a GTIN one product of a party."""
    _note_taken(folder, "uscc", [(party, party.uscc) for party in target.parties.values()])
    _note_taken(folder, "gtin", [(p, p.gtin and (p.party_id, p.gtin)) for p in target.products.values()])
    held: dict[tuple[object, ...], str | None] = {("uscc", p.uscc): p.id for p in target.parties.values()}
    held |= {("gtin", p.party_id, p.gtin): key_of(p) for p in target.products.values()}
    for row in folder.broken:  # what no cell says is at no row, and a faulty one is no text
        uscc, gtin = row.values.get("uscc"), row.values.get("gtin")
        for name, value, owner in (("uscc", uscc, ()), ("gtin", gtin, (row.values.get("party_id"),))):
            if isinstance(value, str) and value:
                other = held.setdefault((name, *owner, value), row.key)
                if other not in (None, row.key):
                    folder.add(ValueTakenError(**row.at(name), value=value, other=other))


def _note_taken(folder: CatalogFolder, name: str, values: Sequence[tuple[Entry, object]]) -> None:
    """Note the second entry that has a value: of two in the folder the lower one, else the one in the folder."""
    held: dict[object, Entry] = {}
    for entry, value in values:
        first = held.setdefault(value, entry) if value else entry
        if first is not entry:
            other, here = sorted((first, entry), key=folder.row_of)
            place = folder.place(here, name)
            folder.add(ValueTakenError(**place, value=getattr(here, name), other=key_of(other)))


def _check_grades(folder: CatalogFolder, target: Snapshot) -> None:
    for grades in target.grades_of().values():
        names: dict[str, Grade] = {}
        for expected, grade in enumerate(grades, 1):
            here = ("grade", key_of(grade)) in folder.places
            if grade.number != expected and here and "grade" not in folder.faulty:
                folder.add(GradeOrderError(**folder.place(grade, "number"), value=grade.number, last=expected - 1))
                break
            same = names.setdefault(grade.name_zh, grade)
            if same is not grade and here:
                other = f"{same.party_id}/{same.product_id} {same.number}"
                folder.add(ValueTakenError(**folder.place(grade, "name_zh"), value=grade.name_zh, other=other))


def check_changes(uow: "UnitOfWork", folder: CatalogFolder, found: Difference, day: date) -> None:
    """Note every change that must not be: of grades, of what codes say, of what an entry is, of the past."""
    last_days = uow.catalog_history.last_days() if found.alters else {}
    coded: dict[str, set[str]] = {}
    for change in found.alters:
        after = change.after
        name = (kind_of(after), key_of(after))
        last = last_days.get(name)
        if last is not None and day < last and name in folder.places:
            place = {n: value for n, value in folder.place(after, "").items() if n != "column"}
            folder.add(BeforeLastChangeError(**place, entry=key_of(after), recorded=last, value=day))
        if isinstance(after, Grade):
            _check_grade(folder, change)
        elif isinstance(after, Product):
            _check_coded(uow, folder, change, coded)
        elif isinstance(after, Authorization | Party):
            _check_identity(folder, change)


def _check_grade(folder: CatalogFolder, change: EntryChange) -> None:
    for field in change.fields:
        number = getattr(change.after, "number", "")
        place = folder.place(change.after, field.name)
        folder.add(GradeChangedError(**place, value=field.after, number=number, recorded=field.before))


def _check_coded(uow: "UnitOfWork", folder: CatalogFolder, change: EntryChange, coded: dict[str, set[str]]) -> None:
    product = change.after
    fields = [field for field in change.fields if field.name in CODED_FIELDS]
    if not fields or not isinstance(product, Product):
        return
    if product.party_id not in coded:
        coded[product.party_id] = uow.codes.products_with_codes(product.party_id)
    if product.id in coded[product.party_id]:
        for field in fields:
            params = {"value": field.after, "recorded": field.before, "product": key_of(product)}
            folder.add(CodedFieldError(**folder.place(product, field.name), **_words(params)))


def _check_identity(folder: CatalogFolder, change: EntryChange) -> None:
    """An authorisation stays its party's, and a 统一社会信用代码 that is there says who the party is."""
    for field in change.fields:
        fixed = field.name == ("uscc" if isinstance(change.after, Party) else "party_id")
        if fixed and field.before is not None:
            params = {"value": field.after, "recorded": field.before, "entry": key_of(change.after)}
            folder.add(OtherOwnerError(**folder.place(change.after, field.name), **_words(params)))


def _words(params: dict[str, object]) -> dict[str, object]:
    return {name: "" if value is None else value for name, value in params.items()}
