"""Pack (装托): the cartons that wait on a line go onto the pallet whose code is scanned."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from tracelib.clock import CHINA
from tracelib.codes.verify import VerifiedCode
from tracelib.errors import RuleError
from tracelib.operations.activate import (
    PALLET_LEVEL,
    Place,
    epc_of,
    refuse_other_party,
    refuse_unregistered,
    refuse_used,
)
from tracelib.operations.line_facts import LineFacts
from tracelib.trace.build import packing_event

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import UnitOfWork


class NotAPalletError(RuleError):
    """The code of something else than a pallet."""

    code = "packing.not_a_pallet"
    template = "{unit} is not the code of a pallet: expected a logistic unit of level 3."


class PalletNotFullError(RuleError):
    """A pallet's code before all its cartons came."""

    code = "packing.not_full"
    template = (
        "Pallet {unit} gets {wanted} cartons and only {found} wait: scan the others first, then the pallet again."
    )


class NothingToPackError(RuleError):
    """A pallet's code and no carton waits."""

    code = "packing.nothing"
    template = "No carton waits for pallet {unit}: scan cartons first."


class PalletUsedError(RuleError):
    """A pallet that has been packed."""

    code = "packing.pallet_used"
    template = "Pallet {unit} is already packed with {count} cartons: take the next pallet label."


@dataclass(frozen=True, slots=True)
class Waiting:
    """A carton that was activated here and is on no pallet yet. ``row_id`` is its scan's place in the journal."""

    unit_id: str
    epc: str
    row_id: int


@dataclass(frozen=True, slots=True)
class PackingSession:
    """What waits for a pallet, as a value: every step gives a new session, so a failed transaction changes nothing.

    A pallet takes the first ``cartons_per_pallet`` cartons in the order of scanning; later ones wait for the next.
    """

    cartons_per_pallet: int
    partial: bool = False
    """Whether a pallet may be closed with fewer cartons."""
    waiting: tuple[Waiting, ...] = field(default=())

    def with_carton(self, carton: Waiting) -> "PackingSession":
        """One more carton waits."""
        return replace(self, waiting=(*self.waiting, carton))

    def without(self, unit_ids: Sequence[str]) -> "PackingSession":
        """Cartons that are gone: void, or packed elsewhere."""
        gone = set(unit_ids)
        return replace(self, waiting=tuple(carton for carton in self.waiting if carton.unit_id not in gone))

    def close(self, pallet: str) -> "tuple[tuple[Waiting, ...], PackingSession]":
        """The cartons that go onto ``pallet``, and what still waits.

        Raises:
            NothingToPackError: no carton waits.
            PalletNotFullError: too few wait, and partial pallets are not configured.
        """
        if not self.waiting:
            raise NothingToPackError(unit=pallet)
        taken = self.waiting[: self.cartons_per_pallet]
        if len(taken) < self.cartons_per_pallet and not self.partial:
            raise PalletNotFullError(unit=pallet, wanted=self.cartons_per_pallet, found=len(taken))
        return taken, replace(self, waiting=self.waiting[len(taken) :])


@dataclass(frozen=True, slots=True)
class Packed:
    """What a packing left: the pallet, its cartons in order, the event's id."""

    unit_id: str
    epc: str
    cartons: tuple[Waiting, ...]
    event_id: str


def is_pallet(code: VerifiedCode) -> bool:
    """Whether the code is a logistic unit's (``/00/`` or ``/U/``), which closes a pallet."""
    return code.record.lot is None


def pack(
    uow: "UnitOfWork",
    place: Place,
    session: PackingSession,
    code: VerifiedCode,
    *,
    at: datetime,
    recorded_at: datetime,
) -> tuple[Packed, PackingSession]:
    """Put what waits onto the pallet at ``at`` (aware): containment, event and outbox record in one transaction.

    Cartons that were made void or packed elsewhere since they were scanned no longer count. Nothing is written when
    it is refused.

    Raises:
        NotAPalletError, OtherPartyError, NotRegisteredError, UnitVoidError: the code is not a pallet of this party that
            may be used.
        PalletUsedError: packed before.
        NothingToPackError, PalletNotFullError: too few cartons.
    """
    record = code.record
    unit_id = record.unit_id
    if not is_pallet(code) or record.level != PALLET_LEVEL:
        raise NotAPalletError(unit=unit_id)
    refuse_other_party(place, code)
    refuse_unregistered(code)
    inside = uow.containment.children_of(place.party_id, unit_id)
    if inside:
        raise PalletUsedError(unit=unit_id, count=len(inside))
    refuse_used(LineFacts(uow), place.party_id, unit_id)
    uow.containment.lock([unit_id, *(carton.unit_id for carton in session.waiting)])
    taken, left = session.without(_gone(uow, place.party_id, session)).close(unit_id)
    epc = epc_of(code, licensed=True)
    event = packing_event(
        epc,
        [carton.epc for carton in taken],
        event_time=at.astimezone(CHINA),
        read_point=place.read_point(code),
        biz_location=place.biz_location(code),
    )
    uow.containment.require_packable(place.party_id, unit_id, [carton.unit_id for carton in taken])
    uow.events.append(place.party_id, event, recorded_at=recorded_at)
    return Packed(unit_id, epc, taken, event.event_id), left


def _gone(uow: "UnitOfWork", party_id: str, session: PackingSession) -> list[str]:
    """Waiting cartons that were made void or packed elsewhere meanwhile."""
    units = [carton.unit_id for carton in session.waiting]
    packed = uow.containment.parents_of(party_id, units)
    states = uow.codes.states(party_id, units)
    return [unit for unit in units if unit in packed or states[unit].voided is not None]
