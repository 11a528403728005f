"""Under which host a party's things are named in events: the home of its delegation (docs/code-format.md, profile A).

The line has a verified code and its key. The desk has neither: it asks the workspace's key ring for the party's own
delegations. Before there is any, things of the party's own have no name that anybody else could use, so nothing is
written about them (docs/adr, "The desk writes events").
"""

from pathlib import Path
from typing import TYPE_CHECKING

from tracelib.codes.epc import GS1_RESOLVER
from tracelib.identifiers.gtin import Gtin

if TYPE_CHECKING:
    from tracelib.catalog.product import Product
    from tracelib.store.unit_of_work import UnitOfWork
    from tracelib.trust.keyring import KeyRing, TrustedKey


class Homes:
    """Answers from one key ring; without one (no root yet) there is no home at all."""

    def __init__(self, ring: "KeyRing | None") -> None:
        self._ring = ring
        self._known: dict[str, str | None] = {}

    def of_party(self, party_id: str) -> str | None:
        """The host of the party's newest delegation that has one, itself or above it; None where there is none."""
        if party_id not in self._known:
            keys = self._ring.keys().values() if self._ring is not None else ()
            found = [
                (key.delegation.issued_at, key.delegation.key.hash, home)
                for key in keys
                if key.delegation.subject == party_id and (home := _home(key))
            ]
            self._known[party_id] = max(found)[2] if found else None
        return self._known[party_id]


def workspace_homes(uow: "UnitOfWork", pinned: str, bundle_path: Path) -> Homes:
    """The homes that a workspace knows, none before it has a root. ``pinned``, ``bundle_path``: see ``workspace_ring``.

    Raises what a faulty bundle raises.
    """
    from tracelib.operations.trust.ring import workspace_ring

    if not bundle_path.is_file() and uow.trust.root(pinned) is None and uow.trust.latest_bundle(pinned) is None:
        return Homes(None)
    return Homes(workspace_ring(uow, pinned, bundle_path))


def lot_uri(product: "Product", lot: str, home: str | None) -> str | None:
    """A lot's class in events: below id.gs1.org for a licensed GTIN, else below the party's home; None without one."""
    if product.gtin is not None and product.gtin_licensed and not Gtin(product.gtin).is_restricted:
        return f"{GS1_RESOLVER}/01/{product.gtin}/10/{lot}"
    return f"https://{home}/P/{product.gtin or product.id}/10/{lot}" if home else None


def _home(key: "TrustedKey") -> str | None:
    return next((one.home for one in reversed(key.delegations) if one.home), None)
