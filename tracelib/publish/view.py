"""What is public on a day: what holds then, and of that what the world may see."""

from dataclasses import dataclass
from datetime import date

from tracelib.catalog.brand import Brand
from tracelib.catalog.certification import Certification
from tracelib.catalog.check import covered, is_authorized
from tracelib.catalog.grade import Grade
from tracelib.catalog.party import Party
from tracelib.catalog.product import Product
from tracelib.catalog.snapshot import Snapshot
from tracelib.text import LocalizedText


@dataclass(frozen=True, slots=True)
class PublicProduct:
    """A product on offer, its brand where an authorisation holds, its grades, and the certificates that hold for it.

    ``certifications`` are its own first, then those of its party as a whole.
    """

    product: Product
    party: Party
    brand: Brand | None
    grades: tuple[Grade, ...]
    certifications: tuple[Certification, ...]


@dataclass(frozen=True, slots=True)
class PublicCatalogue:
    """Everything that is public on ``day``, each list in the catalogue's order. Contacts and addresses are not.

    ``test``: it is signed under a test root, which speaks of no real goods.
    """

    day: date
    title: LocalizedText
    brands: tuple[Brand, ...]
    parties: tuple[Party, ...]
    products: tuple[PublicProduct, ...]
    certifications: tuple[Certification, ...]
    test: bool = False


def public_view(catalog: Snapshot, day: date, title: LocalizedText, *, test: bool = False) -> PublicCatalogue:
    """What may be shown of a catalogue: entries that hold on ``day``, of parties that hold, certificates of products
    on offer; a product stands under its brand only while an authorisation covers it.
    """
    parties = {key: party for key, party in catalog.parties.items() if party.holds_on(day)}
    offered = [p for p in catalog.products.values() if p.holds_on(day) and p.party_id in parties]
    names = {(product.party_id, product.id) for product in offered}
    certifications = [
        one
        for one in catalog.certifications.values()
        if one.holds_on(day)
        and one.party_id in parties
        and (one.product_id is None or (one.party_id, one.product_id) in names)
    ]
    of: dict[tuple[str, str | None], list[Certification]] = {}
    for one in certifications:
        of.setdefault((one.party_id, one.product_id), []).append(one)
    held, grades = covered(catalog, day), catalog.grades_of()
    products = tuple(
        PublicProduct(
            product,
            parties[product.party_id],
            catalog.brands[product.brand_id] if product.brand_id and is_authorized(product, held) else None,
            tuple(grades.get(f"{product.party_id}/{product.id}", ())),
            (*of.get((product.party_id, product.id), ()), *of.get((product.party_id, None), ())),
        )
        for product in offered
    )
    brands = tuple(brand for brand in catalog.brands.values() if brand.holds_on(day))
    return PublicCatalogue(day, title, brands, tuple(parties.values()), products, tuple(certifications), test)
