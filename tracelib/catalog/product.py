"""Product (产品 / 贸易项目): a trade item of one party, with a licensed GTIN or the party's own number."""

from dataclasses import dataclass
from typing import Annotated, Self

from pydantic import model_validator

from tracelib.catalog.errors import LicenceWithoutGtinError, RestrictedGtinError, UnlicensedGtinError
from tracelib.catalog.fields import (
    BrandId,
    ChineseName,
    EnglishName,
    GtinText,
    PartyId,
    ProductId,
    ShownFields,
    ValidityFields,
    number_from,
)
from tracelib.identifiers.gtin import Gtin

HEAVIEST_G = 30_000_000
LARGEST_PACK = 100_000


class ProductFields(ShownFields, ValidityFields):
    """Fields of a product.

    ``gtin`` has 14 digits once it is read; ``gtin_licensed`` says that the party has recorded a licence for it.
    ``weight_g`` is the nominal net weight of one carton in grams, ``pack_size`` the cartons of one full pallet.
    The days of validity are those on which the party offers it.
    """

    party_id: PartyId
    id: ProductId
    name_zh: ChineseName
    name_en: EnglishName = ""
    gtin: GtinText | None = None
    gtin_licensed: bool = False
    brand_id: BrandId | None = None
    weight_g: Annotated[int, number_from("weight in grams", 1, HEAVIEST_G)] | None = None
    pack_size: Annotated[int, number_from("pack size", 1, LARGEST_PACK)] | None = None

    @model_validator(mode="after")
    def _licence_needs_gtin(self) -> Self:
        if self.gtin_licensed and self.gtin is None:
            raise LicenceWithoutGtinError(product=self.id)
        return self


class Product(ProductFields, frozen=True):
    """A product that has checked itself. ``(party_id, id)`` is unique in the store."""


@dataclass(frozen=True, slots=True)
class ProductIdentity:
    """How codes name a product: a 14-digit GTIN, or the party's own product number; exactly one of the two."""

    gtin: str | None
    product: str | None

    @property
    def key(self) -> str:
        """As delegations and bundles write it: ``06901234567892`` or ``P/NO1``."""
        return self.gtin if self.gtin is not None else f"P/{self.product}"


def recorded_identity(product: ProductFields) -> ProductIdentity:
    """The GTIN if the product has one, else its own number, with no judgement: enough for test roots only."""
    return ProductIdentity(product.gtin, None) if product.gtin else ProductIdentity(None, product.id)


def production_identity(product: ProductFields) -> ProductIdentity:
    """What a production label may say: a licensed GTIN for open circulation, or the own number of a product without.

    Raises RestrictedGtinError or UnlicensedGtinError (docs/code-format.md, profile A). It never falls back from a
    refused GTIN to the own number: the label would differ from what the user sees in the catalogue.
    """
    if product.gtin is not None and Gtin(product.gtin).is_restricted:
        raise RestrictedGtinError(gtin=product.gtin, product=product.id)
    if product.gtin is not None and not product.gtin_licensed:
        raise UnlicensedGtinError(gtin=product.gtin, product=product.id)
    return recorded_identity(product)
