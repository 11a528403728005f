"""The catalogue in the database, as it is now (``catalog_history`` has what was). What is read is validated."""

from collections.abc import Sequence
from enum import Enum
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from sqlalchemy import ColumnElement, insert, update
from sqlmodel import Session, col, select

from tracelib.catalog.authorization import Authorization
from tracelib.catalog.brand import Brand
from tracelib.catalog.certification import Certification
from tracelib.catalog.grade import Grade
from tracelib.catalog.party import Party
from tracelib.catalog.product import Product
from tracelib.catalog.snapshot import Entry, Snapshot
from tracelib.errors import StoreError, TraceError, Translate
from tracelib.identifiers.errors import message_in_words
from tracelib.store.tables.catalog import (
    AuthorizationRow,
    BrandRow,
    CertificationRow,
    GradeRow,
    PartyRow,
    ProductRow,
)
from tracelib.store.tables.columns import Row

V = TypeVar("V", bound=BaseModel)

_ROWS: dict[type[BaseModel], type[Row]] = {
    Party: PartyRow,
    Brand: BrandRow,
    Product: ProductRow,
    Grade: GradeRow,
    Certification: CertificationRow,
    Authorization: AuthorizationRow,
}


class DamagedEntryError(StoreError):
    """A row of the catalogue holds something that this program would not have written."""

    code = "store.damaged_entry"
    template = "The {what} {id} in the database is not valid ({detail}): was the database changed by hand?"

    def message(self, translate: Translate | None = None) -> str:
        """The text for people."""
        return message_in_words(self, translate)


class CatalogRepository:
    """Reads and adds entries in the caller's transaction (``uow.catalog``)."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, entry: Entry) -> None:
        """Insert a new entry. The rules about what is there already are in ``tracelib.operations.catalog.entries``."""
        self._session.add(_ROWS[type(entry)](**_values(entry)))
        self._session.flush()

    def add_all(self, entries: Sequence[Entry]) -> None:
        """Insert new entries, each kind by one prepared statement, behind the kinds that it names."""
        for kind, row in _ROWS.items():
            rows = [_values(entry) for entry in entries if type(entry) is kind]
            if rows:
                self._session.execute(insert(row), rows)

    def change_all(self, entries: Sequence[Entry]) -> None:
        """Put entries in the place of those with the same keys; who calls this notes them in the history."""
        for kind, row in _ROWS.items():
            rows = [_values(entry) for entry in entries if type(entry) is kind]
            if rows:
                self._session.execute(update(row), rows)
        self._session.expire_all()

    def snapshot(self) -> Snapshot:
        """Every entry of every kind."""
        entries: list[Entry] = []
        for kind, row in _ROWS.items():
            entries += self._all(kind, row)  # type: ignore[arg-type]  # each kind with its own table
        return Snapshot.of(entries)

    def party(self, party_id: str) -> Party | None:
        """One party, or None."""
        return self._one(Party, party_id)

    def party_by_uscc(self, uscc: str) -> Party | None:
        """The party with this 统一社会信用代码, or None."""
        return next(iter(self._all(Party, PartyRow, col(PartyRow.uscc) == uscc)), None)

    def parties(self) -> list[Party]:
        """Every party, in the order of their ids."""
        return self._all(Party, PartyRow)

    def brand(self, brand_id: str) -> Brand | None:
        """One brand, or None."""
        return self._one(Brand, brand_id)

    def brands(self) -> list[Brand]:
        """Every brand, in the order of their ids."""
        return self._all(Brand, BrandRow)

    def product(self, party_id: str, product_id: str) -> Product | None:
        """One product, or None."""
        return self._one(Product, (party_id, product_id))

    def products(
        self, party_id: str | None = None, product_id: str | None = None, gtin: str | None = None
    ) -> list[Product]:
        """Products of a party, with a number, with a GTIN (14 digits): whichever are given; by party and number."""
        wanted = ((ProductRow.party_id, party_id), (ProductRow.id, product_id), (ProductRow.gtin, gtin))
        return self._all(Product, ProductRow, *(col(c) == value for c, value in wanted if value is not None))

    def grades(self, party_id: str, product_id: str) -> list[Grade]:
        """The grade list of a product, in the order of its numbers."""
        return self._all(Grade, GradeRow, col(GradeRow.party_id) == party_id, col(GradeRow.product_id) == product_id)

    def certification(self, party_id: str, certification_id: str) -> Certification | None:
        """One certification, or None."""
        return self._one(Certification, (party_id, certification_id))

    def certifications(self, party_id: str | None = None) -> list[Certification]:
        """Certifications, of one party or of all; by party and id."""
        wanted = () if party_id is None else (col(CertificationRow.party_id) == party_id,)
        return self._all(Certification, CertificationRow, *wanted)

    def authorization(self, brand_id: str, authorization_id: str) -> Authorization | None:
        """One authorisation, or None."""
        return self._one(Authorization, (brand_id, authorization_id))

    def authorizations(self, brand_id: str | None = None, party_id: str | None = None) -> list[Authorization]:
        """Authorisations by a brand, of a party: whichever are given; by brand and id."""
        wanted = ((AuthorizationRow.brand_id, brand_id), (AuthorizationRow.party_id, party_id))
        return self._all(Authorization, AuthorizationRow, *(col(c) == v for c, v in wanted if v is not None))

    def _one(self, kind: type[V], key: str | tuple[str, str]) -> V | None:
        row = self._session.get(_ROWS[kind], key)
        return None if row is None else _value(kind, row)

    def _all(self, kind: type[V], table: type[Row], *wanted: ColumnElement[bool]) -> list[V]:
        keys: Sequence[ColumnElement[object]] = list(table.__table__.primary_key)  # type: ignore[attr-defined]
        return [_value(kind, row) for row in self._session.exec(select(table).where(*wanted).order_by(*keys))]


def _values(entry: Entry) -> dict[str, object]:
    return {name: _plain(getattr(entry, name)) for name in type(entry).model_fields}


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    return list(value) if isinstance(value, tuple) else value


def _value(kind: type[V], row: Row) -> V:
    """A row as a value, which checks it: rows check nothing."""
    values = {name: getattr(row, name) for name in kind.model_fields}
    try:
        return kind.model_validate(values)
    except (ValidationError, TraceError) as error:
        named = values.get("id") or values.get("number")
        detail = error.errors()[0]["msg"] if isinstance(error, ValidationError) else error
        raise DamagedEntryError(what=kind.__name__.lower(), id=named, detail=detail) from None
