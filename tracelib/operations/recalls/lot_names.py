"""The name of a batch in events: its class URI."""

from typing import TYPE_CHECKING

from tracelib.codes.epc import GS1_RESOLVER
from tracelib.identifiers.gtin import Gtin

if TYPE_CHECKING:
    from tracelib.store.lineage_repository import ProductLot
    from tracelib.store.unit_of_work import UnitOfWork
    from tracelib.trust.keyring import KeyRing


def home_of_party(ring: "KeyRing", party_id: str) -> str:
    """The host in the newest delegation of a party, or of one above it; empty where no key of it is known."""
    keys = [key for key in ring.keys().values() if key.delegation.subject == party_id]
    for key in sorted(keys, key=lambda one: one.delegation.issued_at, reverse=True):
        for delegation in reversed(key.delegations):
            if delegation.home:
                return delegation.home
    return ""


class LotNames:
    """Class URIs of a party's batches, for events and for finding events. ``ring`` None: only licensed GTINs have one.

    Empty where the party has no host.
    """

    def __init__(self, uow: "UnitOfWork", ring: "KeyRing | None", party_id: str) -> None:
        self._products = {product.id: product for product in uow.catalog.products(party_id)}
        self._home = home_of_party(ring, party_id) if ring is not None else ""

    def __call__(self, lot: "ProductLot") -> str:
        """The URI of a batch: (product id, lot)."""
        product = self._products.get(lot[0])
        gtin = product.gtin if product is not None else None
        if product is not None and gtin and product.gtin_licensed and not Gtin(gtin).is_restricted:
            return f"{GS1_RESOLVER}/01/{gtin}/10/{lot[1]}"
        return f"https://{self._home}/P/{gtin or lot[0]}/10/{lot[1]}" if self._home else ""
