"""Make codes void (作废): final, append-only, with a reason, and an event where a code was active.

A void code stays as it was recorded first: made void again, it keeps its first reason and day. What lies on a pallet
stays there in the record, for the label became void, not the carton; it is said, so that somebody looks.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from tracelib.clock import CHINA
from tracelib.errors import FormatError
from tracelib.operations.issuing import rules as issue_rules
from tracelib.operations.units import Units, joined
from tracelib.store.code_values import Activation, IssuedRange, Voided
from tracelib.trace.build import decommissioning_event

if TYPE_CHECKING:
    from tracelib.clock import Clock
    from tracelib.store.unit_of_work import Store, UnitOfWork

SHOWN = 20
"""So many units that were void before, and pallets, are named one by one; the rest is counted."""
EPCS_AT_ONCE = 1000
"""Units in one event: about 100 KB of JSON, which every platform takes."""
LONGEST_NOTE = 200


class Reason(StrEnum):
    """Why a code is void."""

    DAMAGED = "damaged"
    LOST = "lost"
    RETURNED = "returned"
    MISPRINT = "misprint"


class NoteError(FormatError):
    """A note that is no line of text."""

    code = "void.note"
    template = "The note «{given}» cannot be kept: expected one line of at most {most} characters."


@dataclass(frozen=True, slots=True)
class VoidAct:
    """Why codes become void, and what somebody wants to say about it (one line, may be empty). Raises NoteError."""

    reason: Reason
    note: str = ""

    def __post_init__(self) -> None:
        if len(self.note) > LONGEST_NOTE or not self.note.isprintable():
            raise NoteError(given=self.note, most=LONGEST_NOTE)


@dataclass(slots=True)
class VoidResult:
    """What became void, or would.

    ``count`` units were named, from ``first`` to ``last``; ``voided`` of them become void, the others were void before
    for ``reasons``, the first of these are ``earlier``. Of those that become void ``active`` were active (``events``
    events say so), and ``packed`` lie on a pallet; ``pallets`` are the first of these pallets, or void pallets that
    hold something.
    """

    count: int = 0
    voided: int = 0
    first: str = ""
    last: str = ""
    reasons: Counter[str] = field(default_factory=Counter)
    earlier: list[Voided] = field(default_factory=list)
    active: int = 0
    events: int = 0
    packed: int = 0
    pallets: list[str] = field(default_factory=list)

    @property
    def before(self) -> int:
        """How many were void before."""
        return self.count - self.voided


def plan_void(uow: "UnitOfWork", units: Units, parts: Sequence[IssuedRange]) -> VoidResult:
    """What :func:`void_parts` would do with these parts; writes nothing. Constant memory, whatever their size."""
    result = VoidResult()
    for part in joined(parts):
        for _ in _looked_at(uow, units, part, result):
            pass
    return result


def void_parts(
    store: "Store",
    clock: "Clock",
    parts: Sequence[IssuedRange],
    act: VoidAct,
    *,
    serial_keys: Mapping[bytes, bytes],
    earliest_s: int = 0,
) -> VoidResult:
    """Make parts of registered ranges void for ever, all in one transaction.

    ``parts`` come from ``export.select_codes`` (positions of a batch) or :meth:`Units.named`; ``serial_keys`` maps
    k_hash to K, ``earliest_s`` is the time before which no clock is believed (``KeyRing.earliest_s``). Units that are
    void already stay as they were. Raises SerialKeyMissingError, ClockBehindError, ClockBehindBookError,
    ClockAheadOfBookError.
    """
    issue_rules.check_clock(earliest_s, clock.now())
    with store.unit_of_work() as uow:
        return write_void(uow, parts, act, clock.now(), serial_keys=serial_keys)


def write_void(
    uow: "UnitOfWork", parts: Sequence[IssuedRange], act: VoidAct, now: datetime, *, serial_keys: Mapping[bytes, bytes]
) -> VoidResult:
    """As :func:`void_parts`, in the caller's transaction: rows, events with their outbox records, book of changes."""
    uow.voids.hold(part.party_id for part in parts)
    units, result = Units(uow, serial_keys), VoidResult()
    for part in joined(parts):
        before = VoidResult(count=result.count, voided=result.voided)
        events = _Decommissioning(uow, part.party_id, now)
        first = last = ""
        for seen in _looked_at(uow, units, part, result):
            first, last = first or seen.named[0], seen.named[-1]
            uow.voids.add(
                part.party_id,
                seen.fresh,
                act.reason.value,
                now,
                note=act.note,
                product_id=part.product_id,
                lot=part.lot,
            )
            events.add(seen.active)
        result.events += events.close()
        if result.voided > before.voided:
            detail = {
                "count": result.count - before.count,
                "void_before": result.before - before.before,
                "first": first,
                "last": last,
                "note": act.note,
            }
            reason = act.reason.value
            uow.changes.add("code.void", part.reference, now, party_id=part.party_id, reason=reason, detail=detail)
    return result


@dataclass(frozen=True, slots=True)
class _Seen:
    """Some units of a part: all that were named, those not void yet, and what is known of the active among these."""

    named: Sequence[str]
    fresh: Sequence[str]
    active: Mapping[str, Activation]


def _looked_at(uow: "UnitOfWork", units: Units, part: IssuedRange, result: VoidResult) -> Iterator[_Seen]:
    """Some thousand units of a part at a time, counted in ``result``."""
    for ids in units.ids(part):
        void = uow.voids.voided(part.party_id, ids)
        fresh = [unit for unit in ids if unit not in void]
        active = uow.voids.activations(part.party_id, fresh) if part.lot else {}
        result.first, result.last = result.first or ids[0], ids[-1]
        result.count += len(ids)
        result.voided += len(fresh)
        result.active += len(active)
        result.reasons.update(entry.reason for entry in void.values())
        result.earlier += [void[unit] for unit in ids if unit in void][: SHOWN - len(result.earlier)]
        _look_at_pallets(uow, part, fresh, active, result)
        yield _Seen(ids, fresh, active)


def _look_at_pallets(
    uow: "UnitOfWork", part: IssuedRange, fresh: Sequence[str], active: Mapping[str, Activation], result: VoidResult
) -> None:
    if part.lot:  # only what is active lies on a pallet
        parents = uow.containment.parents_of(part.party_id, list(active))
        result.packed += len(parents)
        pallets = sorted(set(parents.values()))
    else:
        pallets = sorted(uow.containment.holding(part.party_id, fresh))
    result.pallets += [pallet for pallet in pallets if pallet not in result.pallets][: SHOWN - len(result.pallets)]


class _Decommissioning:
    """The events for units that were active, each under the name and at the place of its own activation."""

    def __init__(self, uow: "UnitOfWork", party_id: str, now: datetime) -> None:
        self._uow = uow
        self._party_id = party_id
        self._now = now
        self._waiting: dict[str, list[str]] = {}
        self._written = 0

    def add(self, active: Mapping[str, Activation]) -> None:
        """More units that were active."""
        event_ids = list({one.event_id for one in active.values() if one.event_id})
        for document in self._uow.events.documents(self._party_id, event_ids):
            event = json.loads(document)
            place = event.get("bizLocation", {}).get("id", "")
            mine = [epc for epc in event.get("epcList", ()) if epc.rpartition("/")[2] in active]
            self._waiting.setdefault(place, []).extend(mine)
        for place, epcs in self._waiting.items():
            while len(epcs) >= EPCS_AT_ONCE:
                self._write(place, epcs[:EPCS_AT_ONCE])
                del epcs[:EPCS_AT_ONCE]

    def close(self) -> int:
        """Write what waits; the number of events."""
        for place, epcs in self._waiting.items():
            if epcs:
                self._write(place, epcs)
        return self._written

    def _write(self, place: str, epcs: Sequence[str]) -> None:
        event = decommissioning_event(epcs, event_time=self._now.astimezone(CHINA), biz_location=place)
        self._uow.events.append(self._party_id, event, recorded_at=self._now)
        self._written += 1
