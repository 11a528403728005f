"""What a station does with a good code where it does not activate: check, ship, receive, take back, make void.

A step at a line is the step of the desk, one unit at a time, in the transaction of its scan. Every refusal leaves
nothing behind.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from tracelib.clock import CHINA
from tracelib.codes.verdict import Verdict
from tracelib.errors import RuleError
from tracelib.operations.activate import Place, epc_of, owner_of, refuse_other_party, refuse_unregistered
from tracelib.operations.events.home import Homes
from tracelib.operations.events.named import Named, NamedUnit, Names
from tracelib.operations.events.sides import Sides
from tracelib.operations.events.step import StepRequest, take_step
from tracelib.operations.issuing.void import Reason, VoidAct, write_void
from tracelib.operations.line_answer import Captured, Outcome
from tracelib.operations.line_facts import LineFacts
from tracelib.operations.pack import is_pallet
from tracelib.operations.units import Units
from tracelib.trace.farm import STEPS

if TYPE_CHECKING:
    from tracelib.codes.verify import VerifiedCode
    from tracelib.store.unit_of_work import UnitOfWork
    from tracelib.trust.keyring import KeyRing


class NeverActivatedError(RuleError):
    """A good code that no line has activated: its label may be stuck on anything."""

    code = "line.never_activated"
    template = "{unit} is a good code, and no line has activated it: the carton did not go through the packing line."


class NoSerialKeyError(RuleError):
    """A line without the serial keys cannot tell which code a serial number is."""

    code = "line.no_serial_key"
    template = "{unit} cannot be made void here: start the line with the passphrase, or: tracelib code void {unit}"


class TaskKind(StrEnum):
    """What is done with each good code."""

    CHECK = "check"
    SHIP = "ship"
    RECEIVE = "receive"
    RETURN = "return"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class LineTask:
    """A station's work. ``other``: whom goods go to or come from, as ``StepRequest.other``; ``reason`` for voids."""

    kind: TaskKind
    other: str = ""
    reason: Reason | None = None

    def takes(self, verdict: Verdict) -> bool:
        """Whether the station may act on a code that was not accepted: goods that are called back come back."""
        return self.kind is TaskKind.RETURN and verdict is Verdict.RECALLED


_OUTCOMES: Mapping[TaskKind, Outcome] = {
    TaskKind.CHECK: Outcome.CHECKED,
    TaskKind.SHIP: Outcome.SHIPPED,
    TaskKind.RECEIVE: Outcome.RECEIVED,
    TaskKind.RETURN: Outcome.RETURNED,
    TaskKind.VOID: Outcome.VOIDED,
}


@dataclass(frozen=True, slots=True)
class TaskDesk:
    """What a task works with, within one transaction."""

    uow: "UnitOfWork"
    place: Place
    keyring: "KeyRing"
    facts: LineFacts
    serial_keys: Mapping[bytes, bytes]
    recorded_at: datetime


def require_side(uow: "UnitOfWork", keyring: "KeyRing", place: Place, task: LineTask) -> None:
    """Raise what ``Sides.other`` raises where nobody is whom goods should go to or come from; before a line starts."""
    Sides(uow, Homes(keyring), place.party_id).other(task.other)


def do_task(desk: TaskDesk, task: LineTask, named: Captured, code: "VerifiedCode | None") -> Captured:
    """The answer to a reading whose code is good (None: not, and the task takes it all the same).

    Raises the errors of ``take_step``, ``write_void``; NeverActivatedError, NoSerialKeyError, OtherPartyError,
    NotRegisteredError. The caller undoes what was written then.
    """
    if code is not None:
        refuse_unregistered(code)
    done = replace(named, outcome=_OUTCOMES[task.kind])
    if task.kind is TaskKind.CHECK:
        _require_active(desk, code)
        return done
    if task.kind is TaskKind.VOID:
        _void(desk, task, code)
        return done
    return _step(desk, task, done, code)


def _require_active(desk: TaskDesk, code: "VerifiedCode | None") -> None:
    """A pallet is not activated, and what becomes of others' goods is not known here unless their books are, too."""
    if code is None or is_pallet(code):
        return
    owner = owner_of(code)
    known_here = code.registered or owner == desk.place.party_id
    if known_here and desk.facts.history(owner, code.record.unit_id).activation is None:
        raise NeverActivatedError(unit=code.record.unit_id)


def _step(desk: TaskDesk, task: LineTask, done: Captured, code: "VerifiedCode | None") -> Captured:
    homes, party_id = Homes(desk.keyring), desk.place.party_id
    if code is None:
        unit = str(done.unit_id)
        found = Names(desk.uow, homes, lambda: desk.serial_keys, party_id).find([unit])
    else:
        unit = code.record.unit_id
        found = Named((NamedUnit(unit, owner_of(code), _epc(desk.uow, code), is_pallet(code)),), ())
    request = StepRequest(
        step=STEPS[task.kind.value],
        party=party_id,
        at=done.scan.at.astimezone(CHINA),
        place=desk.place.station,
        other=task.other,
    )
    taken = take_step(desk.uow, homes, request, found, desk.recorded_at)
    return replace(done, epc=found.units[0].epc, event_id=taken.events[0], cartons=taken.inside)


def _epc(uow: "UnitOfWork", code: "VerifiedCode") -> str:
    gtin = code.record.gtin
    products = uow.catalog.products(owner_of(code), gtin=gtin) if gtin else []
    return epc_of(code, licensed=any(product.gtin_licensed for product in products))


def _void(desk: TaskDesk, task: LineTask, code: "VerifiedCode | None") -> None:
    assert code is not None  # noqa: S101 - only returns take what is not good
    assert task.reason is not None  # noqa: S101 - checked with the configuration
    refuse_other_party(desk.place, code)
    part = Units(desk.uow, desk.serial_keys, desk.place.party_id).find(code.record.unit_id)
    if part is None:
        raise NoSerialKeyError(unit=code.record.unit_id)
    act = VoidAct(task.reason, f"line {desk.place.station}")
    write_void(desk.uow, [part], act, desk.recorded_at, serial_keys=desk.serial_keys)
    desk.facts.read_histories(desk.place.party_id, [code.record.unit_id])  # the next scan must know
