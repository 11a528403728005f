"""Who has goods after an event, and what people call them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from tracelib.trace.key_uri import CANONICAL, canonical_key_uri
from tracelib.trace.recall import ARRIVALS
from tracelib.trace.vocab import BizStep

if TYPE_CHECKING:
    from tracelib.catalog.party import Party
    from tracelib.store.unit_of_work import UnitOfWork

NOBODY = ""
"""The event does not say to whom the goods went."""
_GLN = re.compile(re.escape(CANONICAL) + r"/(?:414|417)/([0-9]{13})(?:/.*)?")
_OWN = re.compile(r"https://[^/?#]+/[LO]/([^/?#]+)(?:/.*)?")
_PARTIES = ("possessing_party", "owning_party")


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who has or had goods: a party of the catalogue by its id, else a URI; ``NOBODY`` where it is not said.

    ``name`` is how people call them; ``contact`` and ``address`` where they can be reached, as the catalogue has it.
    """

    id: str
    name: str
    contact: str = ""
    address: str = ""
    known: bool = False


class Holders:
    """Reads who has goods out of events. ``party_id`` is the party whose goods they are."""

    def __init__(self, uow: "UnitOfWork", party_id: str) -> None:
        self._uow = uow
        self.party_id = party_id

    @cached_property
    def _parties(self) -> "dict[str, Party]":
        return {party.id: party for party in self._uow.catalog.parties()}

    @cached_property
    def _by_gln(self) -> dict[str, str]:
        return {party.gln: party.id for party in self._parties.values() if party.gln}

    def id_of(self, uri: str) -> str:
        """The id of a party of the catalogue that a URI of a party or place names, else the URI in one spelling."""
        uri = canonical_key_uri(uri) if uri else ""
        gln, own = _GLN.fullmatch(uri), _OWN.fullmatch(uri)
        if gln:
            return self._by_gln.get(gln[1], uri)
        if own and own[1] in self._parties:
            return own[1]
        return uri

    def after(self, book: str, event: Mapping[str, object], biz_step: str) -> tuple[str, str]:
        """(holder's id, URI of the place) after an event that the party ``book`` recorded."""
        party, place = "", ""
        listed = event.get("destinationList")
        for one in listed if isinstance(listed, list) else ():
            if isinstance(one, dict):
                kind, uri = str(one.get("type") or ""), str(one.get("destination") or "")
                if kind.endswith(_PARTIES):
                    party = party or uri
                elif kind.endswith("location"):
                    place = place or uri
        here = event.get("bizLocation")
        here_uri = str(here.get("id") or "") if isinstance(here, dict) else ""
        if biz_step in ARRIVALS:
            place = here_uri or place
        elif not (party or place):
            place = here_uri if biz_step == BizStep.RETAIL_SELLING else ""
        holder = self.id_of(party or place)
        if not holder and biz_step in ARRIVALS:
            holder = book
        if biz_step == BizStep.RETAIL_SELLING and not party:
            holder = self._seller(holder, book)
        return holder, place

    def _seller(self, place: str, book: str) -> str:
        """Of a sale to nobody that is named: another party that sold can be asked; the party itself is no answer."""
        seller = place or book
        return NOBODY if seller == self.party_id else seller

    def before(self, event: Mapping[str, object]) -> str:
        """The id of the party (else the place) that an event names as where the goods come from, or empty."""
        listed = event.get("sourceList")
        sides = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
        for kinds in (_PARTIES, ("location",)):
            for one in sides:
                if str(one.get("type") or "").endswith(kinds):
                    return self.id_of(str(one.get("source") or ""))
        return ""

    def holder(self, id_: str) -> Holder:
        """A holder by the id that :meth:`after` gave."""
        party = self._parties.get(id_)
        if party is None:
            return Holder(id_, id_)
        return Holder(id_, party.name_zh or party.name_en, party.contact, party.address, known=True)
