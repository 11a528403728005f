"""Which revocations name a code: its key or one above, its batch under such a key, or its number within a range."""

from typing import TYPE_CHECKING, NamedTuple, Self

from tracelib.codes.record import CodeRecord
from tracelib.codes.serial import PREFIX_LENGTH

if TYPE_CHECKING:
    from tracelib.trust.keyring import TrustedKey
    from tracelib.trust.revocation import Revocation

RECALL = "recall"


class Named(NamedTuple):
    """What revocations can name a unit by, besides its key; None for what is not known of it."""

    product_key: str | None = None
    lot: str | None = None
    serial: str | None = None
    sscc: str | None = None

    @classmethod
    def of(cls, record: CodeRecord) -> Self:
        """The names of a code."""
        return cls(record.product_key, record.lot, record.serial, record.sscc)


def revoking(key: "TrustedKey", named: Named, counter: int | None) -> tuple[list["Revocation"], bool]:
    """The revocations that name the unit, and whether another one might, if only its counter were known.

    Ranges of serials are ranges of counters, because serials are permuted: without the serial key nobody can tell
    whether a serial lies within.
    """
    chain = {delegation.key.hash for delegation in key.delegations}
    answers = [(one, _names(one, named, counter)) for one in key.revocations if one.key_hash in chain]
    return [one for one, yes in answers if yes], any(yes is None for _, yes in answers)


def _names(revocation: "Revocation", named: Named, counter: int | None) -> bool | None:
    """Whether a revocation of a key in the chain names the unit; None if its counter would have to be known."""
    if revocation.whole_key:
        return True
    if revocation.lot is not None:
        return (revocation.product, revocation.lot) == (named.product_key, named.lot)
    first, last = revocation.first or 0, revocation.last or 0
    if named.sscc is not None:
        return revocation.prefix == "" and first <= int(named.sscc[:17]) <= last
    if named.serial is None or revocation.prefix != named.serial[:PREFIX_LENGTH]:
        return False
    return None if counter is None else first <= counter <= last
