"""The workspace's registry: manifests that were accepted in sequence, what happened to units, and checks so far.

Implements ``tracelib.codes.registry.Registry`` within one unit of work, so that a line verifies and activates in one
transaction. It only reads; counting a check is ``uow.codes.record_check``.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from tracelib.codes.registry import Checks, Identified, Registration, UnitState
from tracelib.codes.serial import SerialCipher
from tracelib.store.code_values import IssuedRange, PrefixOwner, StoredManifest, UnitHistory

if TYPE_CHECKING:
    from tracelib.codes.record import CodeRecord
    from tracelib.store.unit_of_work import UnitOfWork
    from tracelib.trust.keyring import KeyRing

_NO_KEYS: Mapping[bytes, bytes] = {}


class StoreRegistry:
    """Answers from a store.

    ``serial_keys`` maps ``k_hash`` to K: they lead from a serial to its range. Without the K of a serial nothing is
    said about its registration: every batch would also hold what was never issued, or forged with a stolen key.
    ``keyring`` tells whose line a line key is, and the quotas. ``own_keys`` are full hashes of issuer keys that belong
    to this workspace although they may not have issued yet.
    """

    def __init__(
        self,
        uow: "UnitOfWork",
        *,
        serial_keys: Mapping[bytes, bytes] = _NO_KEYS,
        keyring: "KeyRing | None" = None,
        own_keys: Collection[bytes] = (),
    ) -> None:
        self._codes = uow.codes
        self._voids = uow.voids
        self._serial_keys = serial_keys
        self._keyring = keyring
        self._own_keys = own_keys

    def covers(self, key_hash: bytes) -> bool:
        """Whether the issuer of this signing key issues in this workspace, so that its manifests are all here."""
        issuer = self._issuer_of(key_hash)
        return issuer in self._own_keys or self._codes.knows_issuer(issuer)

    def reads(self, key_hash: bytes, record: "CodeRecord", counter: int | None) -> bool:
        """Whether the code's counter is known: it is an SSCC, it was given, or the K of its prefix is held here."""
        if counter is not None or record.serial is None:
            return True
        return any(owner.k_hash in self._serial_keys for owner in self._owners(key_hash, record))

    def registration(self, key_hash: bytes, record: "CodeRecord", counter: int | None) -> Registration | None:
        """The manifest that holds the code, whose product, lot, day and attributes must be the code's own."""
        for owner in self._owners(key_hash, record):
            range_ = self._covering(owner, record.unit_id, counter)
            if range_ is not None and _fits(range_, record):
                return self._registration(range_)
        return None

    def state(self, party_id: str, unit_id: str) -> UnitState | None:
        """Void before active before nothing; None if nothing has happened to the unit and it stands for no other."""
        state = unit_state(self._codes.states(party_id, [unit_id])[unit_id])
        replaced_by, replaces = self._voids.around(party_id, unit_id)
        if replaced_by is None and replaces is None:
            return state
        return replace(state or UnitState("issued"), replaced_by=replaced_by, replaces=replaces)

    def checks(self, party_id: str, unit_id: str) -> Checks:
        """The checks before this one."""
        found = self._codes.checks(party_id, unit_id)
        return Checks(found.count, found.first_at) if found else Checks(0, None)

    def identify(self, serial: str) -> Identified | None:
        """The registered range that a bare serial lies in; None where it is in none, or its K is not held here."""
        for owner in self._codes.owners_of(serial):
            range_ = self._covering(owner, serial, None)
            manifest = self._manifest(range_) if range_ else None
            if range_ and manifest:
                return Identified(
                    range_.party_id,
                    serial,
                    range_.product_key or None,
                    range_.lot or None,
                    manifest.seq,
                    manifest.registered_at,
                )
        return None

    def _issuer_of(self, key_hash: bytes) -> bytes:
        key = self._keyring.key(key_hash) if self._keyring else None
        return key.issuer_hash if key else key_hash

    def _owners(self, key_hash: bytes, record: "CodeRecord") -> list[PrefixOwner]:
        """Who issues under the code's prefix with the key of its issuer."""
        issuer = self._issuer_of(key_hash)
        return [owner for owner in self._codes.owners_of(record.unit_id) if owner.issuer_key == issuer]

    def _covering(self, owner: PrefixOwner, unit_id: str, counter: int | None) -> IssuedRange | None:
        """The range that holds a unit; None where there is none, or its counter can't be read."""
        if owner.k_hash is None:
            counter = int(unit_id[:-1])
        elif counter is None:
            k = self._serial_keys.get(owner.k_hash)
            if k is None:
                return None
            counter = SerialCipher(k, owner.prefix).counter_of(unit_id)
        found = self._codes.covering(owner.party_id, owner.prefix, counter)
        return found if found is not None and found.issuer_key == owner.issuer_key else None

    def _manifest(self, range_: IssuedRange) -> StoredManifest | None:
        if range_.seq is None:
            return None
        return self._codes.manifest(range_.party_id, range_.issuer_key, range_.seq)

    def _registration(self, range_: IssuedRange) -> Registration | None:
        manifest = self._manifest(range_)
        if manifest is None:
            return None
        return Registration(
            party_id=range_.party_id,
            product_key=range_.product_key or None,
            lot=range_.lot or None,
            seq=manifest.seq,
            registered_at=manifest.registered_at,
            over_quota=self._over_quota(manifest),
        )

    def _over_quota(self, manifest: StoredManifest) -> bool | None:
        """Whether the running totals pass what the issuer's delegation allows; None where it is not known."""
        key = self._keyring.key(manifest.issuer_key) if self._keyring else None
        if key is None:
            return None
        units, kg = key.delegation.max_units, key.delegation.max_kg
        return (units is not None and manifest.cum_units > units) or (
            kg is not None and manifest.cum_weight_g > kg * 1000
        )


def unit_state(history: UnitHistory) -> UnitState | None:
    """Void before active before nothing; None if nothing has happened to the unit."""
    activated_at = history.activation.activated_at if history.activation else None
    if history.voided is not None:
        void = history.voided
        return UnitState("voided", activated_at, void.voided_at, void.reason, void.note)
    return UnitState("active", activated_at) if activated_at else None


def _fits(range_: IssuedRange, record: "CodeRecord") -> bool:
    """Whether the code says what its range's manifest says; a sticker's serial was never issued as a signed code."""
    said = (record.product_key or "", record.lot or "", record.day, record.attrs)
    return range_.profile == "A" and said == (range_.product_key, range_.lot, range_.day, range_.attrs)
