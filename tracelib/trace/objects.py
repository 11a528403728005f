"""Which objects an event speaks of, and in which role.

An object is known by one id, however a document spells it: an 18-digit SSCC, one of our own serials, or for everything
else its canonical URI (``key_uri``). So a carton that one party calls by an EPC URN and another by a Digital Link is
one carton.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from tracelib.codes.serial import is_serial
from tracelib.trace.context import STANDARD_NAMESPACES, Namespaces
from tracelib.trace.key_uri import CANONICAL, identity_uri

LONGEST_ID = 400
"""Characters; a longer URI is known by its SHA-256, for an index takes no keys of any length."""

_SSCC = re.compile(re.escape(CANONICAL) + r"/00/([0-9]{18})")
_UNIT = re.compile(r"https://[^/?#]+/(?:(01)/[0-9]{14}/21|U|P/[^/?#]+/10/[^/?#]+/21)/([0-9A-Z]{15})")
_LOT_IN_UNIT = re.compile(r"(https://[^/?#]+/(?:01|P)/[^/?#]+)(?:/10/([^/?#]+))?/21/[^/?#]+")
_LOT_NUMBER = "lotNumber"


Ours = Callable[[str], bool]
"""Whether a serial below a GTIN, whose check character is right, is one of ours. Below the forms that only our own
numbers have, it always is.
"""


def _any(_serial: str) -> bool:
    return True


class Role(StrEnum):
    """What an object is to an event. ``lot`` is said of units whose lot the event names, not of the lot's own list."""

    EPC = "epc"
    PARENT = "parent"
    CHILD = "child"
    INPUT = "input"
    OUTPUT = "output"
    LOT = "lot"


@dataclass(frozen=True, slots=True)
class Named:
    """An object in an event. ``uri`` is how the event spells it.

    ``is_class``: it stands in a list of quantities, as so much of a class; ``quantity`` and ``uom`` are those.
    """

    object_id: str
    role: Role
    uri: str
    is_class: bool = False
    quantity: int | float | None = None
    uom: str = ""


_LISTS: tuple[tuple[str, Role], ...] = (
    ("epcList", Role.EPC),
    ("childEPCs", Role.CHILD),
    ("inputEPCList", Role.INPUT),
    ("outputEPCList", Role.OUTPUT),
)
_QUANTITIES: tuple[tuple[str, Role], ...] = (
    ("quantityList", Role.EPC),
    ("childQuantityList", Role.CHILD),
    ("inputQuantityList", Role.INPUT),
    ("outputQuantityList", Role.OUTPUT),
)


def object_id(uri: str, namespaces: Namespaces = STANDARD_NAMESPACES, ours: Ours = _any) -> str:
    """The one id of an object that ``uri`` names; prefixes of its document are written out.

    >>> object_id("urn:epc:id:sscc:0614141.1234567890")
    '106141412345678908'
    """
    own = _serial_in(uri, ours)  # most of what a line reads: no other form leads to it, so it needs no canonical one
    if own:
        return own
    prefix, colon, local = uri.partition(":")
    if colon and prefix in namespaces and prefix != "urn":
        uri = namespaces[prefix] + local
    uri = identity_uri(uri)
    sscc = _SSCC.fullmatch(uri)
    found = sscc[1] if sscc else _serial_in(uri, ours)
    if found:
        return found
    if len(uri) > LONGEST_ID:
        return f"ni:///sha-256;{hashlib.sha256(uri.encode()).hexdigest()}"
    return uri


def _serial_in(uri: str, ours: Ours) -> str:
    """The serial of a unit of ours, else empty."""
    found = _UNIT.fullmatch(uri)
    return found[2] if found and is_serial(found[2]) and (not found[1] or ours(found[2])) else ""


def objects_of(
    event: Mapping[str, object], namespaces: Namespaces = STANDARD_NAMESPACES, ours: Ours = _any
) -> list[Named]:
    """Every object that an event in JSON names, each once in a role, in the order of the event."""
    found = {(one.object_id, one.role): one for one in reversed(list(_all(event, namespaces, ours)))}
    return list(reversed(found.values()))


def _all(event: Mapping[str, object], namespaces: Namespaces, ours: Ours) -> Iterator[Named]:
    parent = event.get("parentID")
    if isinstance(parent, str) and parent:
        yield Named(object_id(parent, namespaces, ours), Role.PARENT, parent)
    for name, role in _LISTS:
        for epc in _texts(event.get(name)):
            yield Named(object_id(epc, namespaces, ours), role, epc)
    for name, role in _QUANTITIES:
        listed = event.get(name)
        for one in listed if isinstance(listed, list) else ():
            uri = one.get("epcClass") if isinstance(one, dict) else None
            if isinstance(uri, str):
                quantity = one.get("quantity")
                amount = quantity if isinstance(quantity, int | float) and not isinstance(quantity, bool) else None
                yield Named(object_id(uri, namespaces, ours), role, uri, True, amount, str(one.get("uom") or ""))
    for lot in sorted({lot for _, lot in _lots(event)}):
        yield Named(object_id(lot, namespaces, ours), Role.LOT, lot, is_class=True)


def lots_of_units(
    event: Mapping[str, object], namespaces: Namespaces = STANDARD_NAMESPACES, ours: Ours = _any
) -> dict[str, str]:
    """Object id of each unit that an event brings to life to the object id of its lot, where that is said."""
    return {object_id(unit, namespaces, ours): object_id(lot, namespaces, ours) for unit, lot in _lots(event)}


def lot_of_unit(
    event: Mapping[str, object], unit_id: str, namespaces: Namespaces = STANDARD_NAMESPACES, ours: Ours = _any
) -> str | None:
    """The object id of one unit's lot, where an event brings it to life and says so; quick among thousands."""
    own = "" if ":" in unit_id else unit_id  # a serial stands as it is in every URI of its unit
    for unit, lot in _lots(event, own):
        if object_id(unit, namespaces, ours) == unit_id:
            return object_id(lot, namespaces, ours)
    return None


def _lots(event: Mapping[str, object], within: str = "") -> Iterator[tuple[str, str]]:
    """Units that an event brings to life and their lots: from their own URIs, else from ``cbvmda:lotNumber``.

    ``within``: only units whose URIs hold this text.
    """
    ilmd = event.get("ilmd")
    said = [v for k, v in ilmd.items() if k.rpartition(":")[2] == _LOT_NUMBER] if isinstance(ilmd, dict) else []
    lot = said[0] if len(said) == 1 and isinstance(said[0], str) else ""
    for name in ("epcList", "outputEPCList"):
        for uri in _texts(event.get(name)) if event.get("action", "ADD") == "ADD" else ():
            if within not in uri:
                continue
            # a canonical URI has lost the lot beside a serial, so the URI as it was written is looked at first
            match = _LOT_IN_UNIT.fullmatch(uri) or _LOT_IN_UNIT.fullmatch(identity_uri(uri))
            if match and (match[2] or lot):
                yield uri, f"{match[1]}/10/{match[2] or lot}"


def _texts(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
