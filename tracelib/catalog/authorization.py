"""Authorization (品牌授权): a brand's owner lets a party use the brand for products, up to a weight, for a time."""

from typing import Annotated

from tracelib.catalog.fields import BrandId, PartyId, ProductIds, ValidityFields, number_from, own_number

HEAVIEST_KG = 10_000_000_000


class AuthorizationFields(ValidityFields):
    """Fields of an authorisation. No ``product_ids`` means all products of the party; no ``max_kg`` no upper limit."""

    brand_id: BrandId
    party_id: PartyId
    id: Annotated[str, own_number("authorization id")]
    product_ids: ProductIds = ()
    max_kg: Annotated[int, number_from("weight in kilograms", 1, HEAVIEST_KG)] | None = None


class Authorization(AuthorizationFields, frozen=True):
    """An authorisation that has checked itself. ``(brand_id, id)`` is unique in the store."""

    def covers(self, product_id: str) -> bool:
        """Whether the authorisation speaks of the party's product ``product_id``."""
        return not self.product_ids or product_id in self.product_ids
