"""The life of units as a party's books tell it: their own events, what they lay in, what the codes' own tables say."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tracelib.store.containment_repository import MOST_LEVELS
from tracelib.trace.containment import Statement, fold
from tracelib.trace.lifecycle import Flag, Happening, State, life, next_state
from tracelib.trace.objects import Role
from tracelib.trace.route.inherited import Moment, Stay, whole_lives
from tracelib.trace.vocab import Action, BizStep, bare_word

if TYPE_CHECKING:
    from tracelib.store.event_repository import StoredEvent
    from tracelib.store.unit_of_work import UnitOfWork

_ROLES = (Role.EPC, Role.PARENT, Role.INPUT, Role.OUTPUT)


@dataclass(frozen=True, slots=True)
class UnitLife:
    """What happened to a unit, by time, and where that leaves it.

    ``since``: when it came into its state, None for a unit of which nothing is known. ``flags``: (event id, what does
    not fit).
    """

    unit_id: str
    state: State
    since: datetime | None
    happenings: tuple[Happening, ...]
    flags: tuple[tuple[str, Flag], ...]


def unit_life(uow: "UnitOfWork", party_id: str, unit_id: str, at: datetime | None = None) -> UnitLife:
    """The life of one unit up to ``at`` (aware, included; None: all that was said), in the books of one party."""
    return unit_lives(uow, party_id, [unit_id], at)[unit_id]


def unit_lives(
    uow: "UnitOfWork", party_id: str, unit_ids: Sequence[str], at: datetime | None = None
) -> dict[str, UnitLife]:
    """The lives of many units at once: a handful of statements for each level of packing.

    Events that were declared wrong do not count. A unit of which nothing is known is in state *unknown*.
    """
    stays = _stays(uow, party_id, unit_ids)
    concerned = sorted({*unit_ids, *(stay.parent_id for held in stays.values() for stay in held)})
    own = _own(uow, party_id, concerned)
    lives = {}
    for unit, found in whole_lives(unit_ids, own, stays).items():
        happened = tuple(one for one in found if at is None or one.at <= at)
        state, flags = life(happened)
        lives[unit] = UnitLife(unit, state, _since(happened), happened, tuple(flags))
    return lives


def _since(happened: Sequence[Happening]) -> datetime | None:
    """When the last change of state was."""
    state, since = State.UNKNOWN, None
    for one in happened:
        after, _ = next_state(state, one)
        if after is not state:
            state, since = after, one.at
    return since


def _stays(uow: "UnitOfWork", party_id: str, unit_ids: Sequence[str]) -> dict[str, list[Stay]]:
    """Where each unit lay and, level by level, where those outer units lay."""
    stays: dict[str, list[Stay]] = {}
    level = sorted(set(unit_ids))
    for _ in range(MOST_LEVELS):
        said = uow.known.statements(party_id, level) if level else {}
        for unit in level:
            stays[unit] = _stays_of(unit, said.get(unit, []))
        level = sorted({stay.parent_id for unit in level for stay in stays[unit]} - stays.keys())
        if not level:
            break
    return stays


def _stays_of(unit: str, said: Sequence[Statement]) -> list[Stay]:
    recorded = {one.event_id: one.recorded_at for one in said}

    def moment(at: datetime, event_id: str) -> Moment:
        return at, _order(recorded[event_id])

    return [
        Stay(
            one.parent_id,
            moment(one.packed_at, one.packed_by),
            moment(one.unpacked_at, one.unpacked_by) if one.unpacked_at else None,
        )
        for one in fold(unit, said)[0]
    ]


def _own(uow: "UnitOfWork", party_id: str, unit_ids: Sequence[str]) -> dict[str, list[Happening]]:
    """What events and tables say of each unit itself."""
    named = uow.events.naming(party_id, unit_ids, _ROLES)
    wrong = {event.key.event_id for _, _, event in named if event.key.declaration_time}
    read = {event.key.event_id: _read(event) for _, _, event in named}
    own: dict[str, list[Happening]] = defaultdict(list)
    for unit, role, event in named:
        if event.key.event_id not in wrong:
            action, disposition = read[event.key.event_id]
            own[unit].append(
                Happening(
                    event.event_time,
                    _order(event.recorded_at),
                    event.key.event_id,
                    action,
                    event.biz_step,
                    disposition,
                    role,
                )
            )
    _add_from_tables(uow, party_id, unit_ids, own)
    return own


def _add_from_tables(
    uow: "UnitOfWork", party_id: str, unit_ids: Sequence[str], own: dict[str, list[Happening]]
) -> None:
    """Codes that were made void before they were active have no event; neither has what was activated without one."""
    for unit, voided in uow.voids.voided(party_id, unit_ids).items():
        if not _has(own.get(unit, ()), BizStep.DECOMMISSIONING):
            at = voided.voided_at.astimezone(UTC)
            own[unit].append(Happening(at, _order(at), "", Action.DELETE, BizStep.DECOMMISSIONING.value))
    for unit, active in uow.voids.activations(party_id, unit_ids).items():
        if not _has(own.get(unit, ()), BizStep.COMMISSIONING):
            at = active.activated_at.astimezone(UTC)
            own[unit].append(Happening(at, "", active.event_id or "", Action.ADD, BizStep.COMMISSIONING.value))


def _has(happenings: Sequence[Happening], step: BizStep) -> bool:
    return any(one.biz_step == step for one in happenings)


def _read(event: "StoredEvent") -> tuple[Action | None, str]:
    document = json.loads(event.document)
    action = document.get("action")
    return Action(action) if action in Action.__members__ else None, bare_word(str(document.get("disposition") or ""))


def _order(recorded_at: datetime) -> str:
    """A time of recording as text that sorts by time."""
    return recorded_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
