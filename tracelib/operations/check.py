"""Check (查验): a person asks about a code; the answer comes with everything the register knows, and is counted."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from tracelib.codes.verdict import Inspection, StepName
from tracelib.codes.verify import inspect_code
from tracelib.errors import StoreError
from tracelib.store.counter_guard import WorkspaceMovedError
from tracelib.store.registry import StoreRegistry
from tracelib.trust.keyring import KeyRing

if TYPE_CHECKING:
    from tracelib.codes.registry import Checks
    from tracelib.store.unit_of_work import Store


@dataclass(frozen=True, slots=True)
class Checked:
    """An inspection, and the checks before this one (None where they are not counted)."""

    inspection: Inspection
    checks: "Checks | None"


def check_code(
    store: "Store",
    ring: KeyRing,
    text: str,
    *,
    now: datetime,
    serial_keys: Mapping[bytes, bytes],
    count: bool = True,
) -> Checked:
    """Inspect ``text`` with the register and count the check where the signature holds or the serial is known.

    Text that is no code of ours is never counted, so nobody fills the database with inventions. Where the database
    cannot be asked the answer is that of an offline verifier, and says so in its steps.
    """
    try:
        with store.reading() as uow:
            registry = StoreRegistry(uow, serial_keys=serial_keys, keyring=ring)
            inspection = inspect_code(text, ring, registry=registry, now=now, serial_keys=serial_keys)
        unit = _unit(inspection)
        if count and unit is not None:
            with suppress(WorkspaceMovedError), store.unit_of_work() as uow:  # it answers still, uncounted
                uow.codes.record_check(*unit, now)
    except StoreError:
        return Checked(inspect_code(text, ring, registry=None, now=now, serial_keys=serial_keys), None)
    return Checked(inspection, inspection.checks if unit is not None else None)


def _unit(inspection: Inspection) -> tuple[str, str] | None:
    """(party, unit) that a check counts for: a code that really was signed, or a serial that the register knows."""
    if inspection.identified is not None:
        return inspection.identified.party_id, inspection.identified.serial
    key, record = inspection.trusted_key, inspection.record
    signed = any(step.name is StepName.SIGNATURE and step.ok for step in inspection.steps)
    if key is None or record is None or not signed:
        return None
    return key.delegation.subject, record.unit_id
