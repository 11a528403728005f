"""Which serials in others' documents are serials of ours: those whose prefix somebody here issues under.

A serial of ours is the same in every spelling of its unit, so it alone is the unit's id. A foreign serial of 15
characters may pass our check character by chance (one of 32 does), and two products may have it. So it is ours where
its prefix is known, from what was issued here, from a delegation or from the newest bundle.
"""

from functools import cached_property
from typing import TYPE_CHECKING

from tracelib.codes.serial import PREFIX_LENGTH
from tracelib.trust.bundle import decode_bundle

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import UnitOfWork


class KnownSerials:
    """Answers within one unit of work; reads the prefixes when it is asked first."""

    def __init__(self, uow: "UnitOfWork") -> None:
        self._uow = uow

    def __call__(self, serial: str) -> bool:
        """Whether a serial, whose check character is right, is of a known prefix."""
        return serial[:PREFIX_LENGTH] in self._prefixes

    @cached_property
    def _prefixes(self) -> frozenset[str]:
        trust = self._uow.trust
        signed = list(trust.delegations())
        for document in trust.newest_bundles():
            signed += decode_bundle(document).delegations
        granted = {one.claims.prefix for one in signed if one.claims.signs_serials and one.claims.prefix}
        return frozenset(granted | self._uow.codes.serial_prefixes())
