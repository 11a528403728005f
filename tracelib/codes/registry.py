"""What a verifier asks of the registry: manifests accepted in sequence, states of codes, checks so far.

The workspace's store implements it; later the hub and the log do. A verifier without one passes ``None`` and says
what can be said offline.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from tracelib.codes.record import CodeRecord


@dataclass(frozen=True, slots=True)
class Registration:
    """The manifest that a code stands in. Its presence is the step *registration*.

    ``registered_at`` is when the registry accepted the manifest (aware): a revocation for ``stolen`` or ``quota`` lets
    live only what was registered before its day. ``over_quota`` says whether the manifest's running totals pass what
    the delegation allows; None if the registry does not know.
    """

    party_id: str
    product_key: str | None
    lot: str | None
    seq: int
    registered_at: datetime
    over_quota: bool | None = None


@dataclass(frozen=True, slots=True)
class UnitState:
    """What happened to one code. ``voided`` wins over everything; ``activated_at`` is None before activation.

    ``replaced_by`` is the unit that was issued in the place of a void one; ``replaces`` the void one that this stands
    for. ``note`` is what was said when it became void.
    """

    state: Literal["issued", "active", "voided"]
    activated_at: datetime | None = None
    voided_at: datetime | None = None
    reason: str | None = None
    note: str = ""
    replaced_by: str | None = None
    replaces: str | None = None


@dataclass(frozen=True, slots=True)
class Checks:
    """How often a code was looked up before this time, and when first (None for never)."""

    count: int
    first_at: datetime | None


@dataclass(frozen=True, slots=True)
class Identified:
    """What a bare serial names: its batch. Never proof of anything."""

    party_id: str
    serial: str
    product_key: str | None
    lot: str | None
    seq: int
    registered_at: datetime


class Registry(Protocol):
    """Read-only questions. ``key_hash`` is the full SHA-256 of the **signing** key (perhaps a line key).

    A registry holds ranges of counters, not codes, and a serial shows its counter only to who holds the serial key K:
    the verifier, who then gives ``counter``, or the registry with a K of its own. Without K nobody can tell an issued
    serial from an invented one, whatever else the code says, so *registration* stays open. An SSCC is its own number.
    States and checks go by the unit's number as it is printed and need no K.
    """

    def covers(self, key_hash: bytes) -> bool:
        """Whether this registry sees every accepted manifest of that key's issuer.

        Together with :meth:`reads` it makes ``registration() is None`` mean *not registered*; else that means
        *cannot say*.
        """
        ...

    def reads(self, key_hash: bytes, record: CodeRecord, counter: int | None) -> bool:
        """Whether the code's place among its issuer's numbers is known here: an SSCC, or a serial whose K is held."""
        ...

    def registration(self, key_hash: bytes, record: CodeRecord, counter: int | None) -> Registration | None:
        """The accepted manifest that holds the code; None if there is none, or where :meth:`reads` is False."""
        ...

    def state(self, party_id: str, unit_id: str) -> UnitState | None:
        """The state of a code by its issuing party and its ``unit_id`` (serial or SSCC).

        None if nothing has happened to it yet, or it is not known here.
        """
        ...

    def checks(self, party_id: str, unit_id: str) -> Checks | None:
        """Checks before this one; None if they are not counted here. Asking changes nothing."""
        ...

    def identify(self, serial: str) -> Identified | None:
        """The batch that a bare serial belongs to (typed by hand, or a sticker), or None."""
        ...
