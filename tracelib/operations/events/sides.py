"""Where a step happens, who stands on either side of it, and which papers belong to it, as URIs of an event."""

import re
from collections.abc import Collection
from typing import TYPE_CHECKING
from urllib.parse import quote

from tracelib.identifiers.gln import Gln
from tracelib.identifiers.own_number import OWN_NUMBER_PATTERN
from tracelib.operations.events.errors import NoNameError, PaperError, PartyUnknownError, PlaceError, UriError
from tracelib.operations.events.home import Homes
from tracelib.trace.build import location_uri, party_uri
from tracelib.trace.elements import BizTransaction

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import UnitOfWork

POSSESSING, LOCATION = "possessing_party", "location"
"""Types of sources and destinations (CBV 2.0 section 7.4): who holds the goods, and where they are."""
_GLN_DIGITS = 13
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!-~]{1,1000}")
_STATION = re.compile(OWN_NUMBER_PATTERN)
_LONGEST_NUMBER = 60
_PLACE_MARKS = ("/414/", "/L/", "urn:epc:id:sgln:")


class Sides:
    """Names for one acting party, within one unit of work.

    A party that has no host (a shop that issues nothing) is named below that of ``owners``, whose goods it has: as the
    owner names it when it sends them there, so that both speak of one place.
    """

    def __init__(self, uow: "UnitOfWork", homes: Homes, party_id: str, owners: Collection[str] = ()) -> None:
        self._uow = uow
        self._party_id = party_id
        self._homes = homes
        found = uow.catalog.party(party_id)
        self._gln = (found.gln if found else None) or ""
        self._own_home = homes.of_party(party_id) or ""
        near = (home for owner in sorted(owners) if (home := homes.of_party(owner)))
        self._home = self._own_home or next(near, "")

    def places(self, place: str) -> tuple[str, str]:
        """(read point, business location): the named place of the party, and the party's own; empty where unnamed.

        Raises PlaceError, UriError, NoNameError.
        """
        own = location_uri(self._home, self._party_id, self._gln) if self._home or self._gln else ""
        if not place:
            return own, own
        if ":" in place:
            return _uri(place), own
        if not _STATION.fullmatch(place):
            raise PlaceError(given=place)
        if not own:
            raise NoNameError(party=self._party_id, what=place)
        return location_uri(self._home, self._party_id, self._gln, place), own

    def own(self) -> list[tuple[str, str]]:
        """The acting party as a side; nothing where it has no name."""
        if not (self._home or self._gln):
            return []
        return [(POSSESSING, party_uri(self._home, self._party_id, self._gln))]

    def other(self, given: str) -> list[tuple[str, str]]:
        """Somebody else, by catalogue id, GLN or URI, as sides of an event; nothing for nobody.

        A party of the catalogue with a GLN is named as party and as place. Raises PartyUnknownError, UriError,
        IdentifierError leaves, NoNameError.
        """
        if not given:
            return []
        if ":" in given:
            return [(LOCATION if any(mark in given for mark in _PLACE_MARKS) else POSSESSING, _uri(given))]
        if len(given) == _GLN_DIGITS and given.isascii() and given.isdecimal():
            gln = Gln.parse(given).value
            return [(POSSESSING, party_uri("", "", gln)), (LOCATION, location_uri("", "", gln))]
        found = self._uow.catalog.party(given)
        if found is None:
            raise PartyUnknownError(given=given)
        home, gln = self._homes.of_party(given) or self._home, found.gln or ""
        if not (home or gln):
            raise NoNameError(party=self._party_id, what=given)
        return [(POSSESSING, party_uri(home, given, gln)), (LOCATION, location_uri(home, given, gln))]

    def paper(self, kind: str, number: str) -> BizTransaction:
        """A paper by its number or URI. ``kind``: a type of business transaction of CBV 2.0, section 7.3.

        Who gave the number is not known, so it stays below the acting party's host. Raises PaperError, UriError,
        NoNameError.
        """
        if ":" in number:
            return BizTransaction(_uri(number), kind)
        if not (number.isprintable() and 0 < len(number.strip()) <= _LONGEST_NUMBER):
            raise PaperError(given=number, most=_LONGEST_NUMBER)
        if not self._own_home:
            raise NoNameError(party=self._party_id, what=number)
        return BizTransaction(f"https://{self._own_home}/B/{kind}/{quote(number.strip(), safe='')}", kind)


def _uri(given: str) -> str:
    if not _URI.fullmatch(given):
        raise UriError(given=given)
    return given
