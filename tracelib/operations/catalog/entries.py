"""Add single entries to the catalogue and find in it: the same again is no error, another is refused.

Entries are changed by ``import_catalog`` alone, as a whole and with a reason.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, TypeVar, cast

from tracelib.catalog.authorization import Authorization
from tracelib.catalog.brand import Brand
from tracelib.catalog.certification import Certification
from tracelib.catalog.errors import GradeGapError
from tracelib.catalog.grade import Grade
from tracelib.catalog.party import Party
from tracelib.catalog.product import Product
from tracelib.catalog.snapshot import Entry, key_of, kind_of
from tracelib.errors import NotFoundError, RuleError, SettingsError, TraceError, Translate
from tracelib.identifiers.errors import message_in_words
from tracelib.identifiers.own_number import parse_own_number

if TYPE_CHECKING:
    from tracelib.store.catalog_history import Version
    from tracelib.store.catalog_repository import CatalogRepository
    from tracelib.store.unit_of_work import UnitOfWork

E = TypeVar("E", Product, Certification, Authorization)
AnyEntry = TypeVar("AnyEntry", bound=Entry)
LISTED = 10


class EntryDiffersError(RuleError):
    """Something else is recorded under this id."""

    code = "catalogue.differs"
    template = (
        "{what} {id} is already recorded, with {field} «{recorded}» and not «{given}». "
        "Use a new id, or change it with its reason: tracelib catalog import FOLDER --reason TEXT"
    )

    def message(self, translate: Translate | None = None) -> str:
        """The text for people."""
        return message_in_words(self, translate)


class EntryNotFoundError(NotFoundError):
    """Nothing is recorded under this id."""

    code = "catalogue.not_found"
    template = "There is no {what} {id}. What there is, shows: tracelib {command} list"

    def message(self, translate: Translate | None = None) -> str:
        """The text for people."""
        return message_in_words(self, translate)


class AmbiguousEntryError(RuleError):
    """Several entries have the name that was given."""

    code = "catalogue.ambiguous"
    template = "«{given}» names {count} entries: {candidates}. Write one of these."


class UsccTakenError(RuleError):
    """Another party has this 统一社会信用代码."""

    code = "catalogue.uscc_taken"
    template = "The 统一社会信用代码 {uscc} is already recorded for party {other}: is {party} the same party?"


class GtinTakenError(RuleError):
    """Another product of the party has this GTIN."""

    code = "catalogue.gtin_taken"
    template = "GTIN {gtin} is already recorded for product {other}: one GTIN names one product of a party."


class GradeNameTakenError(RuleError):
    """The product has a grade of this name under another number."""

    code = "catalogue.grade_name_taken"
    template = "Product {product} already has a grade «{name}», with number {number}."


class NoPartyError(SettingsError):
    """Nobody said for which party."""

    code = "catalogue.no_party"
    template = "No party is named: give --party ID, or set party in tracelib.toml."


def add_entry(uow: "UnitOfWork", entry: Entry, now: datetime) -> bool:
    """Record an entry and note the change; False where the very same one was recorded before (nothing is written).

    Its history begins with it, and counts from ever: its days of validity say when it holds.

    Raises:
        EntryDiffersError: something else is recorded under its id.
        EntryNotFoundError: a party, brand or product that it names is not there.
        UsccTakenError, GtinTakenError, GradeGapError, GradeNameTakenError: it contradicts another entry.
    """
    if not is_new(uow.catalog, entry):
        return False
    uow.catalog.add(entry)
    party_id = entry.owner if isinstance(entry, Brand) else entry.id if isinstance(entry, Party) else entry.party_id
    uow.changes.add(f"{kind_of(entry)}.add", key_of(entry), now, party_id=party_id)
    uow.catalog_history.note([entry], now)
    return True


def is_new(catalog: "CatalogRepository", entry: Entry) -> bool:
    """Whether an entry can be added; False where the very same one is recorded. Raises as :func:`add_entry`."""
    recorded = _recorded(catalog, entry)
    if recorded == entry:
        return False
    if recorded is not None:
        raise _difference(recorded, entry)
    _check_references(catalog, entry)
    _check_unique(catalog, entry)
    return True


def next_grade_number(uow: "UnitOfWork", party_id: str, product_id: str, name_zh: str) -> int:
    """The number under which the product has this grade, or the next free one."""
    grades = uow.catalog.grades(party_id, product_id)
    return next((grade.number for grade in grades if grade.name_zh == name_zh), len(grades) + 1)


def find_party(uow: "UnitOfWork", party_id: str) -> Party:
    """The party with this id; raises EntryNotFoundError."""
    return _found(uow.catalog.party(parse_own_number(party_id, "party id")), "party", party_id)


def find_brand(uow: "UnitOfWork", brand_id: str) -> Brand:
    """The brand with this id; raises EntryNotFoundError."""
    return _found(uow.catalog.brand(parse_own_number(brand_id, "brand id")), "brand", brand_id)


def find_product(uow: "UnitOfWork", text: str, party_default: str = "") -> Product:
    """The product that ``PRODUCT`` or ``PARTY/PRODUCT`` names; ``party_default`` binds where no party is written.

    Raises EntryNotFoundError (status 6), AmbiguousEntryError (5) or an error of own numbers (3).
    """
    party_id, product_id = _reference(text, "party id", "product number")
    found = uow.catalog.products(party_id or party_default or None, product_id)
    return _only(found, [f"{product.party_id}/{product.id}" for product in found], "product", text)


def find_certification(uow: "UnitOfWork", text: str, party_default: str = "") -> Certification:
    """The certification that ``ID`` or ``PARTY/ID`` names; as :func:`find_product`."""
    party_id, own_id = _reference(text, "party id", "certification id")
    found = [c for c in uow.catalog.certifications(party_id or party_default or None) if c.id == own_id]
    return _only(found, [f"{c.party_id}/{c.id}" for c in found], "certification", text)


def find_authorization(uow: "UnitOfWork", text: str) -> Authorization:
    """The authorisation that ``ID`` or ``BRAND/ID`` names; as :func:`find_product`."""
    brand_id, own_id = _reference(text, "brand id", "authorization id")
    found = [a for a in uow.catalog.authorizations(brand_id) if a.id == own_id]
    return _only(found, [f"{a.brand_id}/{a.id}" for a in found], "authorization", text)


def entry_on(uow: "UnitOfWork", entry: AnyEntry, day: date) -> AnyEntry:
    """What an entry said on a day."""
    versions = uow.catalog_history.of(kind_of(entry), key_of(entry))
    counting = [version.entry for version in versions if version.effective_from <= day]
    return cast(AnyEntry, counting[-1]) if counting else entry


def versions_of(uow: "UnitOfWork", kind: str, key: str) -> "list[Version]":
    """Every version of an entry, the oldest first; EntryNotFoundError where it is not recorded.

    An entry of before there was a history has what it says now as its only version.
    """
    entry = _found(uow.catalog.snapshot().kind(kind).get(key), kind, key)
    return uow.catalog_history.of(kind, key) or [uow.catalog_history.first_of(cast(Entry, entry))]


def party_or_default(named: str | None, default: str) -> str:
    """The party that was named, or the setting's; raises NoPartyError where there is neither."""
    if not (named or default):
        raise NoPartyError()
    return parse_own_number(named or default, "party id")


def _recorded(catalog: "CatalogRepository", entry: Entry) -> Entry | None:
    """What is recorded under the entry's name."""
    match entry:
        case Party():
            return catalog.party(entry.id)
        case Brand():
            return catalog.brand(entry.id)
        case Product():
            return catalog.product(entry.party_id, entry.id)
        case Certification():
            return catalog.certification(entry.party_id, entry.id)
        case Authorization():
            return catalog.authorization(entry.brand_id, entry.id)
        case Grade():
            grades = catalog.grades(entry.party_id, entry.product_id)
            return next((grade for grade in grades if grade.number == entry.number), None)


def _difference(recorded: Entry, entry: Entry) -> TraceError:
    pairs = ((name, getattr(recorded, name), getattr(entry, name)) for name in type(entry).model_fields)
    field, before, now = next((name, before, now) for name, before, now in pairs if before != now)
    return EntryDiffersError(
        what=kind_of(entry), id=key_of(entry), field=field, recorded=_said(before), given=_said(now)
    )


def _said(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def _check_references(catalog: "CatalogRepository", entry: Entry) -> None:
    party_id = entry.owner if isinstance(entry, Brand) else getattr(entry, "party_id", None)
    if party_id is not None:
        _found(catalog.party(party_id), "party", party_id)
    brand_id = getattr(entry, "brand_id", None)
    if brand_id is not None:
        _found(catalog.brand(brand_id), "brand", brand_id)
    product_ids: tuple[str, ...] = ()
    if isinstance(entry, Authorization):
        product_ids = entry.product_ids
    elif isinstance(entry, Grade | Certification) and entry.product_id is not None:
        product_ids = (entry.product_id,)
    for product_id in product_ids:
        _found(catalog.product(str(party_id), product_id), "product", f"{party_id}/{product_id}")


def _check_unique(catalog: "CatalogRepository", entry: Entry) -> None:
    if isinstance(entry, Party) and entry.uscc and (other := catalog.party_by_uscc(entry.uscc)):
        raise UsccTakenError(uscc=entry.uscc, other=other.id, party=entry.id)
    if isinstance(entry, Product) and entry.gtin:
        for product in catalog.products(entry.party_id, gtin=entry.gtin):
            raise GtinTakenError(gtin=entry.gtin, other=f"{product.party_id}/{product.id}")
    if isinstance(entry, Grade):
        grades = catalog.grades(entry.party_id, entry.product_id)
        for grade in grades:
            if grade.name_zh == entry.name_zh:
                raise GradeNameTakenError(product=entry.product_id, name=grade.name_zh, number=grade.number)
        if entry.number != len(grades) + 1:
            raise GradeGapError(given=entry.number, product=entry.product_id, expected=len(grades) + 1)


F = TypeVar("F")


def _found(entry: F | None, what: str, identity: str) -> F:
    if entry is None:
        raise EntryNotFoundError(what=what, id=identity, command=what)
    return entry


def _reference(text: str, owner: str, own: str) -> tuple[str | None, str]:
    before, slash, after = text.rpartition("/")
    return parse_own_number(before, owner) if slash else None, parse_own_number(after, own)


def _only(found: Sequence[E], names: Sequence[str], what: str, text: str) -> E:
    if len(found) > 1:
        listed = ", ".join(names[:LISTED]) + (" …" if len(names) > LISTED else "")
        raise AmbiguousEntryError(given=text, count=len(names), candidates=listed)
    return _found(found[0] if found else None, what, text)
