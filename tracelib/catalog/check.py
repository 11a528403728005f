"""What a clerk should look at in a catalogue: expired, expiring, overlapping, incomplete. Pure: nothing is changed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, timedelta

from tracelib.catalog.authorization import Authorization
from tracelib.catalog.brand import Brand
from tracelib.catalog.certification import Certification, CertificationKind
from tracelib.catalog.grade import Grade
from tracelib.catalog.party import Party
from tracelib.catalog.product import Product
from tracelib.catalog.snapshot import Entry, Snapshot, key_of, kind_of
from tracelib.identifiers.division import DivisionCode, DivisionTable

EXPIRING_DAYS = 30
OF_PRODUCTS = {
    CertificationKind.GREEN_FOOD,
    CertificationKind.ORGANIC,
    CertificationKind.GEOGRAPHICAL_INDICATION,
    CertificationKind.POLLUTION_FREE,
}
"""Certifications that speak of products, never of a party as a whole."""

ADVICE = {
    "expired": "It ended on {day}: give it a later last day if it was renewed, or add the new one beside it.",
    "expiring": "It ends on {day}: see to the renewal.",
    "overlapping": "Its days overlap with those of {other}: end one on the day before the other begins.",
    "certificate_without_product": "It names no product: write the product that was certified.",
    "certificate_of_ended_product": "Its product {other} is offered no more: end it as well.",
    "product_without_picture": "It has no picture: name a file of the folder pictures/.",
    "picture_missing": "Its picture {other} is not in the folder pictures/: put it there.",
    "product_without_authorization": "No authorisation of the brand {other} covers it on this day: add one.",
    "product_without_party": "Its party {other} has ended: end the product too, or correct the party's days.",
    "brand_without_products": "No product is authorised to use it on this day: add an authorisation, or end the brand.",
    "division_without_name": "Its division code {other} has no name on this day: add a line to divisions.csv.",
    "no_english_name": "It has no English name, so the English pages show the Chinese one.",
    "no_description": "It has no description: say in a sentence what makes it worth buying.",
}
"""What to do about each kind of finding."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at: which (a key of ``ADVICE``), at which entry, the day and the other entry it speaks of."""

    code: str
    kind: str
    key: str
    day: date | None = None
    other: str = ""


def check_catalog(
    catalog: Snapshot, day: date, pictures: Set[str] | None = None, divisions: DivisionTable | None = None
) -> list[Finding]:
    """Everything to look at on a day, by kind of finding in the order of ``ADVICE``.

    ``pictures`` are the names of the files that are there, ``divisions`` the names of divisions; None where nobody
    looked.
    """
    found = [
        *_days(catalog, day),
        *_overlaps("authorization", catalog.authorizations.values()),
        *_overlaps("certification", catalog.certifications.values()),
        *_certificates(catalog, day),
        *_products(catalog, day),
        *_brands(catalog, day),
        *_shown(catalog, day, pictures),
        *_unnamed(catalog, day, divisions),
    ]
    order = list(ADVICE)
    return sorted(found, key=lambda finding: (order.index(finding.code), finding.kind, finding.key))


def covered(catalog: Snapshot, day: date) -> dict[tuple[str, str], list[Authorization]]:
    """Authorisations that hold on a day, by (brand, party)."""
    found: dict[tuple[str, str], list[Authorization]] = {}
    for one in catalog.authorizations.values():
        brand = catalog.brands.get(one.brand_id)
        if one.holds_on(day) and brand is not None and brand.holds_on(day):
            found.setdefault((one.brand_id, one.party_id), []).append(one)
    return found


def is_authorized(product: Product, held: dict[tuple[str, str], list[Authorization]]) -> bool:
    """Whether one of the authorisations that :func:`covered` found lets a product use its brand."""
    return any(one.covers(product.id) for one in held.get((product.brand_id or "", product.party_id), ()))


def _days(catalog: Snapshot, day: date) -> Iterator[Finding]:
    """What ended or ends soon. A certificate or an authorisation is passed over where another covers the same beyond
    its last day; a party or brand that ended counts while products on offer name it, a product that ended not at all.
    """
    soon = day + timedelta(days=EXPIRING_DAYS)
    last = _last_days(catalog)
    offered = [product for product in catalog.products.values() if product.holds_on(day)]
    used = {product.party_id for product in offered} | {product.brand_id for product in offered}
    branded: dict[tuple[str | None, str], list[str]] = {}
    for product in offered:
        branded.setdefault((product.brand_id, product.party_id), []).append(product.id)
    for entry in catalog.entries():
        ends = None if isinstance(entry, Grade) else entry.valid_to
        if ends is None or ends > soon:
            continue
        if isinstance(entry, Certification | Authorization):
            if _followed(entry, ends, last, branded):
                continue
        elif ends < day and key_of(entry) not in used:
            continue
        yield Finding("expiring" if ends >= day else "expired", kind_of(entry), key_of(entry), ends)


Keys = tuple[tuple[object, ...], ...]
_ALL, _ANY = "", "*"
"""In place of a product: all products of the party; any authorisation, whatever its products. No own number is one."""


def _spans(entry: Entry) -> tuple[Keys, Keys]:
    """What an entry speaks of, and under which keys an entry about the same stands.

    Certificates of a party are about the same where kind and product are, or, without a product, kind and number.
    Authorisations of a brand and party are where one product is common; one without products speaks of all.
    """
    if isinstance(entry, Certification):
        about = (entry.party_id, entry.kind, entry.product_id, None if entry.product_id else entry.number)
        return (about,), (about,)
    if not isinstance(entry, Authorization):
        return (), ()
    named, every, some = (
        tuple((entry.brand_id, entry.party_id, product) for product in products)
        for products in (entry.product_ids, (_ALL,), (_ANY,))
    )
    return (named + some, named + every) if named else (every + some, some)


def _last_days(catalog: Snapshot) -> dict[tuple[object, ...], date]:
    """By what entries speak of, the last day on which one of them holds."""
    last: dict[tuple[object, ...], date] = {}
    held: list[Certification | Authorization] = [*catalog.certifications.values(), *catalog.authorizations.values()]
    for one in held:
        for about in _spans(one)[0]:
            last[about] = max(last.get(about, date.min), one.valid_to or date.max)
    return last


def _followed(
    entry: Certification | Authorization,
    ends: date,
    last: Mapping[tuple[object, ...], date],
    branded: Mapping[tuple[str | None, str], Sequence[str]],
) -> bool:
    """Whether all that an entry speaks of is covered beyond its last day. Where an authorisation speaks of all
    products, these are the ones on offer under the brand.
    """
    if isinstance(entry, Certification):
        return last[_spans(entry)[0][0]] > ends
    own = (entry.brand_id, entry.party_id)
    for product in entry.product_ids or branded.get(own, (_ALL,)):
        if max(last.get((*own, product), ends), last.get((*own, _ALL), ends)) <= ends:
            return False
    return True


def _overlaps(kind: str, entries: Iterable[Certification | Authorization]) -> Iterator[Finding]:
    """Of every two entries about the same thing whose days overlap, the later one, once."""
    latest: dict[tuple[object, ...], Certification | Authorization] = {}
    for entry in sorted(entries, key=lambda one: one.valid_from or date.min):
        kept, sought = _spans(entry)
        before = [latest[about] for about in sought if about in latest]
        other = max(before, key=lambda one: one.valid_to or date.max, default=None)
        if other is not None and (entry.valid_from or date.min) <= (other.valid_to or date.max):
            yield Finding("overlapping", kind, key_of(entry), other=key_of(other))
        for about in kept:
            held = latest.get(about)
            if held is None or (entry.valid_to or date.max) > (held.valid_to or date.max):
                latest[about] = entry


def _certificates(catalog: Snapshot, day: date) -> Iterator[Finding]:
    for one in catalog.certifications.values():
        if not one.holds_on(day):
            continue
        product = catalog.products.get(f"{one.party_id}/{one.product_id}")
        if one.product_id is None and one.kind in OF_PRODUCTS:
            yield Finding("certificate_without_product", "certification", key_of(one))
        elif product is not None and not product.holds_on(day):
            yield Finding("certificate_of_ended_product", "certification", key_of(one), other=key_of(product))


def _products(catalog: Snapshot, day: date) -> Iterator[Finding]:
    held = covered(catalog, day)
    for product in catalog.products.values():
        if not product.holds_on(day):
            continue
        key = key_of(product)
        if not catalog.parties[product.party_id].holds_on(day):
            yield Finding("product_without_party", "product", key, other=product.party_id)
        if product.brand_id and not is_authorized(product, held):
            yield Finding("product_without_authorization", "product", key, other=product.brand_id)
        if not product.picture:
            yield Finding("product_without_picture", "product", key)


def _brands(catalog: Snapshot, day: date) -> Iterator[Finding]:
    held = covered(catalog, day)
    used = {p.brand_id for p in catalog.products.values() if p.holds_on(day) and is_authorized(p, held)}
    for brand in catalog.brands.values():
        if brand.holds_on(day) and brand.id not in used:
            yield Finding("brand_without_products", "brand", brand.id)


def _shown(catalog: Snapshot, day: date, pictures: Set[str] | None) -> Iterator[Finding]:
    shown: list[Party | Brand | Product] = [*catalog.parties.values(), *catalog.brands.values()]
    for entry in (*shown, *catalog.products.values()):
        if not entry.holds_on(day):
            continue
        kind, key = kind_of(entry), key_of(entry)
        if not entry.name_en:
            yield Finding("no_english_name", kind, key)
        if kind != "party" and not (entry.description_zh or entry.description_en):
            yield Finding("no_description", kind, key)
        if entry.picture and pictures is not None and entry.picture not in pictures:
            yield Finding("picture_missing", kind, key, other=entry.picture)


def _unnamed(catalog: Snapshot, day: date, divisions: DivisionTable | None) -> Iterator[Finding]:
    """Parties whose division would stand on a page as a number."""
    if divisions is None:
        return
    for party in catalog.parties.values():
        if party.division and party.holds_on(day) and not divisions.find(DivisionCode(party.division), day):
            yield Finding("division_without_name", "party", party.id, other=party.division)
