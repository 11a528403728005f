"""What parties, places and products are called, for people who look at a history."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from tracelib.text import Language, LocalizedText
from tracelib.trace.key_uri import canonical_key_uri

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import UnitOfWork

_GLN = re.compile(r"https://id\.gs1\.org/(?:414|417)/(?P<gln>[0-9]{13})(?:/254/(?P<station>[^/?#]+))?")
_OWN = re.compile(r"https://[^/?#]+/[LO]/(?P<party>[^/?#]+)(?:/(?P<station>[^/?#]+))?")


class Names:
    """Names as the catalogue has them; what it does not know is shown by its number or URI.

    Looks up what it is asked for, once; only within its unit of work.
    """

    def __init__(self, uow: "UnitOfWork", language: Language) -> None:
        self._uow = uow
        self._language = language
        self._parties: dict[str, str] = {}
        self._products: dict[tuple[str, str], str] = {}
        self._by_gln: dict[str, str] | None = None

    def party(self, party_id: str) -> str:
        """A party's name, else its number."""
        if party_id not in self._parties:
            found = self._uow.catalog.party(party_id) if party_id else None
            self._parties[party_id] = self._pick(found.name_zh, found.name_en) if found else party_id
        return self._parties[party_id]

    def product(self, party_id: str, product_id: str) -> str:
        """A product's name, else its number."""
        key = (party_id, product_id)
        if key not in self._products:
            found = self._uow.catalog.product(*key) if product_id else None
            self._products[key] = self._pick(found.name_zh, found.name_en) if found else product_id
        return self._products[key]

    def place(self, uri: str) -> str:
        """A place or party that an event names by its URI; with the station, where that is said."""
        match = _GLN.fullmatch(canonical_key_uri(uri))
        own = _OWN.fullmatch(uri)
        if own:
            name, station = self.party(own["party"]), own["station"]
        elif match:
            name, station = self._gln_name(match["gln"]), match["station"]
        else:
            return uri
        return f"{name} ({station})" if station else name

    def places(self, uris: Iterable[str]) -> list[str]:
        """The names of several places, those that are not empty."""
        return [self.place(uri) for uri in uris if uri]

    def _gln_name(self, gln: str) -> str:
        if self._by_gln is None:
            parties = self._uow.catalog.parties()
            self._by_gln = {one.gln: self._pick(one.name_zh, one.name_en) for one in parties if one.gln}
        return self._by_gln.get(gln, f"GLN {gln}")

    def _pick(self, zh: str, en: str) -> str:
        return LocalizedText(zh, en).pick(self._language)
