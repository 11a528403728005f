"""Lots under all their names: as events write them (URIs of a class of goods), and as registered batches."""

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import unquote

from tracelib.batches.batch import Batch
from tracelib.codes.epc import GS1_RESOLVER

if TYPE_CHECKING:
    from tracelib.catalog.product import Product
    from tracelib.operations.events.home import Homes
    from tracelib.store.unit_of_work import UnitOfWork

_GLOBAL = re.compile(re.escape(GS1_RESOLVER) + r"/01/(?P<item>[0-9]{14})/10/(?P<lot>[^/?#]+)")
_OWN = re.compile(r"https://(?P<home>[^/?#]+)/P/(?P<item>[^/?#]+)/10/(?P<lot>[^/?#]+)")
_UNIT = re.compile(r"[0-9]{18}|[0-9A-Z]{15}")


def is_lot(object_id: str) -> bool:
    """Whether an object of an event is a lot of a product."""
    return bool(_GLOBAL.fullmatch(object_id) or _OWN.fullmatch(object_id))


class Lots:
    """Leads from a lot's URI to its batch and back, within one unit of work; remembers what it has seen.

    ``homes``: what the workspace's key ring says of homes, beside the delegations in the store.
    """

    def __init__(self, uow: "UnitOfWork", homes: "Homes | None" = None) -> None:
        self._uow = uow
        self._ring_homes = homes
        self._batch_of: dict[str, Batch | None] = {}
        self._products: dict[str, list[Product]] = {}
        self._homes: dict[str, set[str]] | None = None
        self.batches: dict[str, Batch] = {}
        """By reference."""

    def learn(self, uris: Iterable[str]) -> None:
        """Find the batches of lots that events name."""
        named: dict[str, list[tuple[str, str, str]]] = {}
        for uri in set(uris) - self._batch_of.keys():
            match = _GLOBAL.fullmatch(uri) or _OWN.fullmatch(uri)
            if match:
                lot = unquote(match["lot"])
                named[uri] = [(p.party_id, p.id, lot) for p in self._called(match["item"])]
        found = self._uow.batches.existing({key for keys in named.values() for key in keys}) if named else {}
        for uri, keys in named.items():
            fitting = [found[key] for key in keys if key in found]
            if len(fitting) > 1:
                fitting = [one for one in fitting if uri in self.uris_of(one)] or fitting
            self._batch_of[uri] = fitting[0] if len(fitting) == 1 else None
            self.add(fitting[:1] if len(fitting) == 1 else ())

    def add(self, batches: Iterable[Batch]) -> None:
        """Take in batches that were found elsewhere."""
        self.batches |= {batch.reference: batch for batch in batches}

    def thing_of(self, object_id: str) -> str:
        """The reference of the batch that a lot's URI names, where it is registered; any other id unchanged."""
        batch = self._batch_of.get(object_id)
        return batch.reference if batch else object_id

    def object_ids(self, thing: str) -> list[str]:
        """All ids under which events name a thing."""
        batch = self.batches.get(thing)
        if batch is None:
            return [thing]
        seen = {uri for uri, one in self._batch_of.items() if one and one.reference == thing}
        return sorted(seen | set(self.uris_of(batch)))

    def uris_of(self, batch: Batch) -> list[str]:
        """How events may name a batch (docs/code-format.md)."""
        product = self._uow.catalog.product(batch.party_id, batch.product_id)
        gtin = product.gtin if product else None
        own = [f"https://{home}/P/{gtin or batch.product_id}/10/{batch.lot}" for home in self._homes_of(batch.party_id)]
        return own + ([f"{GS1_RESOLVER}/01/{gtin}/10/{batch.lot}"] if gtin else [])

    def _called(self, item: str) -> "list[Product]":
        """Products with this GTIN or own number, of any party."""
        if item not in self._products:
            catalog = self._uow.catalog
            self._products[item] = catalog.products(gtin=item) or catalog.products(product_id=item)
        return self._products[item]

    def _homes_of(self, party_id: str) -> set[str]:
        if self._homes is None:
            self._homes = defaultdict(set)
            for signed in self._uow.trust.delegations():
                if signed.claims.home:
                    self._homes[signed.claims.subject].add(signed.claims.home)
        from_ring = self._ring_homes.of_party(party_id) if self._ring_homes is not None else None
        return self._homes.get(party_id, set()) | ({from_ring} if from_ring else set())
