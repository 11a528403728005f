"""Whether named units may take a step: what became of them before, and what they lie in."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from tracelib.clock import wall_text
from tracelib.errors import RuleError
from tracelib.operations.events.errors import (
    AlreadyReceivedError,
    DestroyedError,
    EndedError,
    HandedOverError,
    InTransitError,
    NeverActiveError,
    NeverLeftError,
    NeverPackedError,
    NeverReceivedError,
    RefusedError,
    SoldError,
    StillInsideError,
    UsedUpError,
)
from tracelib.operations.events.named import NamedUnit
from tracelib.operations.trace.life import UnitLife, unit_lives
from tracelib.sheets.errors import LISTED
from tracelib.store.containment_repository import AlreadyPackedError, NotInsideError
from tracelib.trace.containment import Interval
from tracelib.trace.farm import FarmStep
from tracelib.trace.lifecycle import State
from tracelib.trace.objects import Role
from tracelib.trace.recall import ARRIVALS

if TYPE_CHECKING:
    from tracelib.store.event_repository import StoredEvent
    from tracelib.store.unit_of_work import UnitOfWork

MOST_SAID = 100_000
"""Events of others that are looked through for arrivals."""
_BY_STATE: Mapping[State, Callable[..., RuleError]] = {
    State.ACTIVE: NeverLeftError,
    State.RETURNED: NeverLeftError,
    State.SHIPPED: InTransitError,
    State.RECEIVED: AlreadyReceivedError,
    State.SOLD: SoldError,
    State.VOID: EndedError,
    State.DESTROYED: DestroyedError,
    State.USED_UP: UsedUpError,
}
"""Why a step cannot follow a state. Only coming back cannot follow *active* and *returned*."""


@dataclass(frozen=True, slots=True)
class Acting:
    """Who acts, and when (aware), within one unit of work."""

    uow: "UnitOfWork"
    party_id: str
    at: datetime


def require_lives(acting: Acting, step: FarmStep, units: Sequence[NamedUnit]) -> None:
    """Raise where a unit's life up to now does not let the step follow: RefusedError, or the reason of the only one."""
    lives = unit_lives(acting.uow, acting.party_id, [unit.unit_id for unit in units], acting.at)
    void = _void_elsewhere(acting, units)
    arrived = _arrived_elsewhere(acting, lives) if step.goes == "out" else {}
    faults: list[RuleError] = []
    for unit in units:
        if unit.unit_id in void:
            faults.append(EndedError(unit=unit.unit_id, since=wall_text(void[unit.unit_id])))
        elif unit.unit_id in arrived:
            faults.append(arrived[unit.unit_id])
        elif fault := _life_fault(acting.party_id, step, unit, lives[unit.unit_id]):
            faults.append(fault)
    refuse(faults, len(units))


def require_parent(acting: Acting, step: FarmStep, parent: NamedUnit) -> None:
    """Raise where nothing may be packed into, or taken out of, this unit now.

    A logistic unit begins its life with what is packed into it first; a carton that holds others is active before.
    """
    life = unit_lives(acting.uow, acting.party_id, [parent.unit_id], acting.at)[parent.unit_id]
    begins = life.state is State.UNKNOWN and step.name == "pack" and (parent.logistic or not parent.owner)
    fault = None if begins else _life_fault(acting.party_id, step, parent, life)
    if fault:
        raise fault


def require_free(acting: Acting, parent: NamedUnit, units: Sequence[NamedUnit], taken_out: Iterable[str]) -> None:
    """Raise AlreadyPackedError, InsideItselfError where units lie in something from the time of the event on.

    ``taken_out``: units that an event of this same transaction has taken out of where they lay.
    """
    free, faults = set(taken_out), []
    for unit, held in acting.uow.known.intervals(acting.party_id, [one.unit_id for one in units]).items():
        later = [one for one in held if one.unpacked_at is None or one.unpacked_at > acting.at]
        if later and unit not in free:
            faults.append(AlreadyPackedError(unit=unit, parent=later[0].parent_id))
    refuse(faults, len(units))
    acting.uow.known.require_packable(acting.party_id, parent.unit_id, [unit.unit_id for unit in units])


def require_inside(acting: Acting, parent: NamedUnit, units: Sequence[NamedUnit]) -> None:
    """Raise NotInsideError where a unit does not lie in the parent at the time of the event; without units, where
    nothing lies in it.
    """
    containment = acting.uow.known
    if not units and not containment.contents(acting.party_id, [parent.unit_id], acting.at):
        raise NeverPackedError(unit=parent.unit_id)
    places = containment.parents_of(acting.party_id, [unit.unit_id for unit in units], acting.at)
    refuse(
        [
            NotInsideError(unit=unit.unit_id, parent=parent.unit_id, where=places.get(unit.unit_id, "–"))
            for unit in units
            if places.get(unit.unit_id) != parent.unit_id
        ],
        len(units),
    )


def _void_elsewhere(acting: Acting, units: Sequence[NamedUnit]) -> dict[str, datetime]:
    """Units of other parties that their own party made void, and since when."""
    by_owner: dict[str, list[str]] = {}
    for unit in units:
        if unit.owner and unit.owner != acting.party_id:
            by_owner.setdefault(unit.owner, []).append(unit.unit_id)
    return {
        unit: voided.voided_at
        for owner, ids in by_owner.items()
        for unit, voided in acting.uow.voids.voided(owner, ids).items()
    }


def _arrived_elsewhere(acting: Acting, lives: Mapping[str, UnitLife]) -> dict[str, HandedOverError]:
    """Units that are on their way by the acting party's book, and that another party's book has received since."""
    sent = {unit: life for unit, life in lives.items() if life.state is State.SHIPPED}
    carried = {unit: _last_carrier(unit, life) for unit, life in sent.items()}
    said = acting.uow.trace.naming(sorted(set(carried.values())), (Role.EPC,), MOST_SAID) if carried else []
    wrong = {(one.event.party_id, one.event.key.event_id) for one in said if one.event.key.declaration_time}
    found: dict[str, StoredEvent] = {}
    for one in said:
        event = one.event
        arrived = event.biz_step in ARRIVALS and acting.party_id != event.party_id
        if arrived and (event.party_id, event.key.event_id) not in wrong:
            found[one.object_id] = event
    faults = {}
    for unit, life in sent.items():
        there = found.get(carried[unit])
        if there and life.since and life.since <= there.event_time <= acting.at:
            since = wall_text(there.event_time)
            faults[unit] = HandedOverError(unit=unit, party=there.party_id, since=since)
    return faults


def _last_carrier(unit: str, life: UnitLife) -> str:
    """What was shipped when the unit was: itself, or what it lay in."""
    return next((one.through for one in reversed(life.happenings) if one.at == life.since), "") or unit


def lying_in(acting: Acting, units: Sequence[NamedUnit]) -> dict[str, Interval]:
    """Where those of the units lie that lie in something at the time of the event."""
    return acting.uow.known.places(acting.party_id, [unit.unit_id for unit in units], acting.at)


def require_outermost(acting: Acting, units: Sequence[NamedUnit]) -> None:
    """Raise StillInsideError where a unit would be moved without what it lies in."""
    places = lying_in(acting, units)
    refuse([StillInsideError(unit=unit, parent=one.parent_id) for unit, one in places.items()], len(units))


def refuse(faults: Sequence[RuleError], total: int) -> None:
    """Raise the only fault, or all of them (the first ones told) as a RefusedError; nothing for none."""
    if len(faults) == 1:
        raise faults[0]
    if faults:
        raise RefusedError(faults[:LISTED], len(faults), total)


def _life_fault(party_id: str, step: FarmStep, unit: NamedUnit, life: UnitLife) -> RuleError | None:
    if life.state is State.UNKNOWN:
        return _unknown_fault(party_id, step, unit)
    if life.state in step.after:
        return None
    since = wall_text(life.since) if life.since else "–"
    return _BY_STATE[life.state](unit=unit.unit_id, since=since)


def _unknown_fault(party_id: str, step: FarmStep, unit: NamedUnit) -> RuleError | None:
    if unit.owner != party_id:
        allowed = State.UNKNOWN in step.after
        return None if allowed else NeverReceivedError(unit=unit.unit_id, party=party_id)
    return NeverPackedError(unit=unit.unit_id) if unit.logistic else NeverActiveError(unit=unit.unit_id)
