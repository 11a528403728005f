"""What the code repository takes and gives: plain values, so that operations never see a row."""

from dataclasses import dataclass
from datetime import datetime

SSCC_SPACE = "(00)"
"""What the prefix of a range of SSCCs begins with, followed by the SSCC prefix; serial prefixes have 4 characters."""


def is_sscc_space(prefix: str) -> bool:
    """Whether a range's prefix is one of SSCCs."""
    return prefix.startswith(SSCC_SPACE)


@dataclass(frozen=True, slots=True)
class Activation:
    """A unit that becomes active at ``activated_at`` (aware). ``weight_g`` is the measured weight, if there is one."""

    party_id: str
    unit_id: str
    product_key: str
    lot: str
    activated_at: datetime
    station: str = ""
    weight_g: int | None = None
    event_id: str | None = None


@dataclass(frozen=True, slots=True)
class Voided:
    """A unit that is void: since when, why (damaged, lost, returned, misprint), who said so, of which batch it is."""

    party_id: str
    unit_id: str
    reason: str
    voided_at: datetime
    operator: str
    note: str = ""
    product_id: str = ""
    lot: str = ""


@dataclass(frozen=True, slots=True)
class Replacement:
    """``replaced_by`` was issued in the place of the void unit ``unit_id``, in the range that begins at ``first``."""

    party_id: str
    unit_id: str
    replaced_by: str
    prefix: str
    first: int


@dataclass(frozen=True, slots=True)
class UnitHistory:
    """What happened to one unit; both None when nothing did."""

    activation: Activation | None
    voided: Voided | None


@dataclass(frozen=True, slots=True)
class CheckCount:
    """How often a unit was checked (this time included) and when for the first and the last time."""

    count: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedRange:
    """Counters ``first`` to ``first + count - 1`` under ``prefix``, and what all their codes have in common.

    ``issuer_key`` is the full hash of the key that signs codes and manifest. ``profile`` is ``A`` or ``C``. ``attrs``
    is the code's attribute field, ``day`` its day of issue; ``weight_g`` is the nominal weight of all codes together.
    ``seq`` is the manifest's number, None while there is none. ``replaces``: its codes stand for void ones.
    """

    party_id: str
    prefix: str
    first: int
    count: int
    issuer_key: bytes
    profile: str
    product_id: str
    product_key: str
    lot: str
    day: int
    attrs: int
    weight_g: int
    host: str
    path: str
    reserved_at: datetime
    seq: int | None = None
    replaces: bool = False

    @property
    def last(self) -> int:
        """The last counter of the range."""
        return self.first + self.count - 1

    @property
    def reference(self) -> str:
        """What the range is about: ``PARTY/PRODUCT/LOT``, or the party alone for logistic units."""
        return f"{self.party_id}/{self.product_id}/{self.lot}" if self.lot else self.party_id


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredManifest:
    """A manifest's signed bytes (``document``), their SHA-256, and the range (prefix, first) that it registers.

    ``cum_units`` and ``cum_weight_g`` are the running totals that the manifest states.
    """

    party_id: str
    issuer_key: bytes
    seq: int
    prefix: str
    first: int
    cum_units: int
    cum_weight_g: int
    hash: bytes
    document: bytes
    registered_at: datetime


@dataclass(frozen=True, slots=True)
class PrefixOwner:
    """Whose prefix it is, under which issuer key (full hash), and which serial key K belongs to it.

    ``k_hash`` is None for an SSCC prefix, which has no K.
    """

    prefix: str
    party_id: str
    issuer_key: bytes
    k_hash: bytes | None
