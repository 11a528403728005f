"""The names of a party's batches in events: their class URIs."""

from typing import TYPE_CHECKING

from tracelib.operations.events.home import Homes, lot_uri
from tracelib.operations.recalls.affected import LotName

if TYPE_CHECKING:
    from tracelib.store.lineage_repository import ProductLot
    from tracelib.store.unit_of_work import UnitOfWork


def lot_names(uow: "UnitOfWork", homes: Homes, party_id: str) -> LotName:
    """Gives the URI of a batch: (product id, lot); empty where the party has no host and the product no licensed
    GTIN.
    """
    products = {product.id: product for product in uow.catalog.products(party_id)}
    home = homes.of_party(party_id)

    def name(lot: "ProductLot") -> str:
        """The URI of one batch."""
        product = products.get(lot[0])
        return (lot_uri(product, lot[1], home) or "") if product is not None else ""

    return name
