"""Codes are issued for what holds today: the product on offer, its party, its brand and an authorisation to use it."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING

from tracelib.catalog.fields import ValidityFields
from tracelib.catalog.snapshot import Entry, key_of, kind_of
from tracelib.clock import CHINA
from tracelib.errors import RuleError, Translate
from tracelib.identifiers.errors import message_in_words

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import UnitOfWork


class NotHeldTodayError(RuleError):
    """The product, its party, its brand or the authorisation to use it does not hold on the day of issue."""

    code = "issue.not_held"
    template = (
        "Today is {day}, and the {what} {id} holds from {first} to {last}: no codes were issued. If it was renewed, or "
        "the days are wrong, correct them in the catalogue: tracelib catalog import FOLDER --reason TEXT"
    )

    def message(self, translate: Translate | None = None) -> str:
        """The text for people."""
        return message_in_words(self, translate)


def check_held(uow: "UnitOfWork", party_id: str, product_id: str, now: datetime) -> None:
    """Raise NotHeldTodayError where the catalogue says that something ended or has not begun; days are China's.

    ``product_id`` is empty for logistic units. A product under a brand needs one of the authorisations that speak of it
    to hold; where none was ever recorded nothing is asked, for not every catalogue keeps them.
    """
    catalog, day = uow.catalog, now.astimezone(CHINA).date()
    party = catalog.party(party_id)
    product = catalog.product(party_id, product_id) if product_id else None
    if party is not None:
        _require_one([party], day)
    if product is None:
        return
    _require_one([product], day)
    if product.brand_id:
        brand = catalog.brand(product.brand_id)
        _require_one([brand] if brand else [], day)
        _require_one([a for a in catalog.authorizations(product.brand_id, party_id) if a.covers(product_id)], day)


def _require_one(entries: Iterable[Entry], day: date) -> None:
    """Raise unless one of the entries holds on the day or there is none; told is the one that holds the longest."""
    dated = [entry for entry in entries if isinstance(entry, ValidityFields)]
    if not dated or any(entry.holds_on(day) for entry in dated):
        return
    told = max(dated, key=lambda entry: entry.valid_to or date.max)
    first, last = (shown.isoformat() if shown else "…" for shown in (told.valid_from, told.valid_to))
    raise NotHeldTodayError(day=day, what=kind_of(told), id=key_of(told), first=first, last=last)
