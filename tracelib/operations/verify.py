"""Verify codes: against a bundle alone, or with all that a workspace knows.

A bundle needs no database. A workspace adds single delegations and revocations, the registry, and, where the key
store can be opened, the serial keys: with them counters are read back and stickers judged.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tracelib.codes.registry import Checks, Registry, UnitState
from tracelib.codes.verify import Inspection, inspect_code
from tracelib.errors import NotFoundError
from tracelib.operations.trust.ring import read_bundle, workspace_ring
from tracelib.trust.keyring import KeyRing

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import UnitOfWork
    from tracelib.trust.keystore import KeyStore


class UnitUnknownError(NotFoundError):
    """No batch of this workspace holds the unit, as far as can be told here."""

    code = "code.not_found"
    template = (
        "«{given}» is not known here: no registered batch of this workspace holds it. If the number is one of yours, "
        "give the passphrase of the key store (TRACELIB_PASSPHRASE): without it numbers cannot be read back."
    )


@dataclass(frozen=True, slots=True)
class Verifier:
    """Who verifies: key ring, registry (None where there is none), serial keys by their ``k_hash``."""

    keyring: KeyRing
    registry: Registry | None = None
    serial_keys: Mapping[bytes, bytes] = field(default_factory=dict, repr=False)

    def inspect(self, text: str, now: datetime) -> Inspection:
        """The full answer for a text; counts no check and changes nothing."""
        return inspect_code(text, self.keyring, registry=self.registry, now=now, serial_keys=self.serial_keys)


def bundle_verifier(bundle: Path, pinned: str | None) -> Verifier:
    """A verifier with a bundle file alone. ``pinned`` is the root's fingerprint from elsewhere, None for unpinned.

    Raises the errors of ``open_bundle``; FileNotFoundError where there is no such file.
    """
    return Verifier(KeyRing.build(read_bundle(bundle, pinned), pinned))


def workspace_verifier(
    uow: "UnitOfWork",
    pinned: str,
    bundle: Path,
    *,
    own_keys: Collection[bytes] = (),
    serial_keys: Mapping[bytes, bytes] | None = None,
) -> Verifier:
    """A verifier with all that a workspace knows, within one unit of work.

    ``own_keys`` are full hashes of the keys that belong to this workspace.
    """
    from tracelib.store.registry import StoreRegistry

    keyring, keys = workspace_ring(uow, pinned, bundle), serial_keys or {}
    registry = StoreRegistry(uow, serial_keys=keys, keyring=keyring, own_keys=own_keys)
    return Verifier(keyring, registry, keys)


def held_serial_keys(keystore: "KeyStore", passphrase: bytes | None) -> dict[bytes, bytes]:
    """The serial keys in a key store by their ``k_hash``; none without its passphrase.

    Opens as few keys as hold them all. Raises the key store's error for a wrong passphrase.
    """
    held: dict[bytes, bytes] = {}
    if passphrase is not None:
        for info in keystore.list():
            if not held.keys() >= set(info.k_hashes):
                held |= keystore.open(info.name, passphrase).serial_keys
    return held


@dataclass(frozen=True, slots=True)
class Unit:
    """What a workspace knows of one unit by its number alone. Identified, never verified.

    ``seq`` is the manifest that holds it, None where its number cannot be read back here.
    """

    unit_id: str
    party_id: str
    product_key: str | None
    lot: str | None
    seq: int | None
    registered_at: datetime | None
    state: UnitState | None
    checks: Checks | None


def identify_unit(uow: "UnitOfWork", text: str, serial_keys: Mapping[bytes, bytes]) -> Unit:
    """What is known of a unit that a person names: a serial as typed, an SSCC, or a whole code.

    Raises FormatError leaves for what is none of these, UnitUnknownError where nothing is known.
    """
    from tracelib.operations.units import Units, parse_unit_id
    from tracelib.store.registry import StoreRegistry

    unit_id = parse_unit_id(text)
    registry = StoreRegistry(uow, serial_keys=serial_keys)
    range_ = Units(uow, serial_keys).find(unit_id)
    owners = [range_.party_id] if range_ is not None else [owner.party_id for owner in uow.codes.owners_of(unit_id)]
    for party_id in owners:
        activation = uow.codes.states(party_id, [unit_id])[unit_id].activation
        state = registry.state(party_id, unit_id)
        if range_ is None and state is None:
            continue
        manifest = None
        if range_ is not None and range_.seq is not None:
            manifest = uow.codes.manifest(party_id, range_.issuer_key, range_.seq)
        named = range_ or activation
        return Unit(
            unit_id=unit_id,
            party_id=party_id,
            product_key=(named.product_key or None) if named else None,
            lot=(named.lot or None) if named else None,
            seq=manifest.seq if manifest else None,
            registered_at=manifest.registered_at if manifest else None,
            state=state,
            checks=registry.checks(party_id, unit_id),
        )
    raise UnitUnknownError(given=text.strip())
