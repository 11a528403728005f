"""Make codes void (作废): final, append-only, with a reason."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from tracelib.codes.serial import SERIAL_LENGTH, SerialCipher, parse_typed_serial
from tracelib.codes.sticker import UnverifiedSticker
from tracelib.codes.url import read_code
from tracelib.errors import FormatError, NotFoundError, TraceError
from tracelib.identifiers.sscc import Sscc
from tracelib.store.code_values import Voided

if TYPE_CHECKING:
    from tracelib.clock import Clock
    from tracelib.store.code_values import IssuedRange
    from tracelib.store.unit_of_work import Store, UnitOfWork


class Reason(StrEnum):
    """Why a code is void."""

    DAMAGED = "damaged"
    LOST = "lost"
    RETURNED = "returned"
    MISPRINT = "misprint"


class NeverIssuedError(NotFoundError):
    """No registered range of this workspace holds the unit."""

    code = "void.never_issued"
    template = "«{given}» was not issued here: no manifest of this workspace holds it."


class VoidListError(FormatError):
    """A list of codes to make void has faults; ``faults`` holds one error for each. Nothing was written."""

    code = "void.list"
    template = "{count} of {lines} entries cannot be made void; nothing was written. The faults stand above."

    def __init__(self, faults: Sequence[TraceError], lines: int) -> None:
        self.faults = tuple(faults)
        super().__init__(count=len(faults), lines=lines)


@dataclass(frozen=True, slots=True)
class VoidResult:
    """What became void now, and what had been void before with its first reason."""

    voided: tuple[Voided, ...]
    before: tuple[Voided, ...]


def parse_unit_id(text: str) -> str:
    """A unit as people name it: a serial (typed), an SSCC of 18 digits, or a whole code. Raises FormatError leaves.

    A code is only taken for its serial or SSCC here: nothing is verified, and nothing but its owner's own record is
    changed by it.
    """
    stripped = text.strip()
    if "/" in stripped:
        code = read_code(stripped)
        return code.serial if isinstance(code, UnverifiedSticker) else code.record.unit_id
    if len(stripped) == SERIAL_LENGTH + 3 and stripped.isascii() and stripped.isdecimal():
        return Sscc.parse(stripped).value
    return parse_typed_serial(stripped)


def find_range(uow: "UnitOfWork", unit_id: str, serial_keys: Mapping[bytes, bytes]) -> "IssuedRange | None":
    """The registered range that holds a unit; None where there is none, or where the K of its prefix is not held.

    ``serial_keys`` maps k_hash (16 bytes) to K.
    """
    for owner in uow.codes.owners_of(unit_id):
        if owner.k_hash is None:
            counter = int(unit_id[:-1])
        elif owner.k_hash in serial_keys:
            counter = SerialCipher(serial_keys[owner.k_hash], owner.prefix).counter_of(unit_id)
        else:
            continue
        found = uow.codes.covering(owner.party_id, owner.prefix, counter)
        if found is not None and found.seq is not None and found.issuer_key == owner.issuer_key:
            return found
    return None


def void_codes(
    store: "Store",
    clock: "Clock",
    texts: Iterable[str],
    reason: Reason,
    *,
    operator: str,
    serial_keys: Mapping[bytes, bytes],
) -> VoidResult:
    """Make units void for ever. All entries are checked first; nothing is written unless all are good.

    A unit that is void already stays as it was and is answered with its first reason.

    Raises:
        VoidListError: with the faults of several entries; for a single entry its own fault (FormatError leaves,
            NeverIssuedError).
    """
    given = [text for text in texts if text.strip()]
    faults: list[TraceError] = []
    entries: dict[tuple[str, str], Voided] = {}
    now = clock.now()
    with store.unit_of_work() as uow:
        for text in given:
            try:
                entry = _entry(uow, text, reason, operator, serial_keys, now)
            except (FormatError, NotFoundError) as fault:
                faults.append(fault)
            else:
                entries.setdefault((entry.party_id, entry.unit_id), entry)
        if faults:
            raise faults[0] if len(given) == 1 else VoidListError(faults, len(given))
        before = uow.codes.void(list(entries.values()))
    known = {(entry.party_id, entry.unit_id) for entry in before}
    return VoidResult(tuple(entry for key, entry in entries.items() if key not in known), tuple(before))


def _entry(
    uow: "UnitOfWork",
    text: str,
    reason: Reason,
    operator: str,
    serial_keys: Mapping[bytes, bytes],
    now: datetime,
) -> Voided:
    unit_id = parse_unit_id(text)
    found = find_range(uow, unit_id, serial_keys)
    if found is None:
        raise NeverIssuedError(given=text.strip())
    return Voided(found.party_id, unit_id, reason.value, now, operator)
