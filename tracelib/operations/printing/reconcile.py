"""Does a print order add up: what was delivered, what became of it, and what the store knows of its codes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracelib.batches.pieces import shared, without
from tracelib.batches.print_account import Difference, StoreFacts, differences, named_pieces, void_returned
from tracelib.batches.print_order import PrintOrder
from tracelib.batches.prints import Verb, printed_elsewhere
from tracelib.operations.issuing.unit_pieces import IssuerOf, serials_of
from tracelib.operations.issuing.void import Reason
from tracelib.operations.printing.find import FoundOrder, load_order
from tracelib.operations.printing.log import PrintLog, order_entry, require_reason
from tracelib.store.retry import in_turn

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import UnitOfWork

Facts = Mapping[int, StoreFacts]


@dataclass(frozen=True, slots=True)
class Reconciled:
    """An order with its differences, and what the store knows of its codes; None where that was not looked at."""

    found: FoundOrder
    differences: tuple[Difference, ...]
    facts: Facts | None

    @property
    def compared(self) -> bool:
        """Whether the store's activations and voids were looked at."""
        return self.facts is not None

    @property
    def void_returned(self) -> int:
        """Labels that were returned and whose codes are void: they lie in the store room and must not be used."""
        return void_returned(self.found.account, self.facts or {})

    @property
    def open(self) -> tuple[Difference, ...]:
        """Differences that nobody has accepted."""
        return tuple(one for one in self.differences if not one.settled)


def reconcile_labels(log: PrintLog, order: PrintOrder, issuer_of: IssuerOf | None, reason: str = "") -> Reconciled:
    """Compare; with a ``reason`` every open difference is settled, which an append-only entry says.

    ``issuer_of`` is None where the keys are locked: then activations and voids are not compared.
    Raises ReasonMissingError for a reason that is none.
    """
    with log.store.reading() as uow:
        found = load_order(uow, order)
        facts = None if issuer_of is None else facts_of(uow, found, issuer_of)
    if not reason:
        return _reconciled(found, facts)
    text = require_reason(reason, "print reconcile")

    def step(uow: "UnitOfWork") -> Reconciled:
        """Add up once more and settle the differences that there are now."""
        now = log.clock.now()
        here = _reconciled(load_order(uow, order), facts)
        entries = [
            order_entry(
                order,
                Verb.SETTLED,
                now,
                roll=one.roll,
                count=one.amount,
                reason=text,
                detail={"matter": one.matter.value},
            )
            for one in here.open
        ]
        uow.prints.append(*entries)
        if entries:
            detail = {f"{one.matter.value}/{one.roll}": one.amount for one in here.open}
            uow.changes.add("print.reconcile", order.number, now, party_id=order.party_id, reason=text, detail=detail)
        return _reconciled(load_order(uow, order), facts)

    return in_turn(log.store, step)


def facts_of(uow: "UnitOfWork", found: FoundOrder, issuer_of: IssuerOf) -> Facts:
    """What the store knows of each roll's codes. A code that was active and is void was used."""
    ranges = uow.codes.ranges_of(*found.order.batch)
    entries = uow.prints.entries(*found.order.batch)
    back = named_pieces(found.entries)
    facts: dict[int, StoreFacts] = {}
    for roll in found.rolls:
        elsewhere, later = printed_elsewhere(entries, found.order.number, roll.pieces)
        total = StoreFacts(0, 0)
        own = without(roll.pieces, elsewhere)
        returned = shared(own, back.get((roll.roll, Verb.RETURNED), ()))
        for pieces, is_back in ((returned, True), (without(own, returned), False)):
            for _, serials in serials_of(issuer_of, ranges, pieces):
                active, unused = _looked_up(uow, found, serials)
                void = uow.voids.voided(found.order.party_id, sorted(unused))
                for_return = sum(is_back or one.reason == Reason.RETURNED.value for one in void.values())
                total += StoreFacts(len(active), len(unused), for_return)
        for pieces, is_later in ((later, True), (without(elsewhere, later), False)):
            for _, serials in serials_of(issuer_of, ranges, pieces):
                active, unused = _looked_up(uow, found, serials)
                again = len(serials) - len(unused) if is_later else 0
                total += StoreFacts(0, 0, 0, len(unused), again)
        facts[roll.roll] = total
    return facts


def _looked_up(uow: "UnitOfWork", found: FoundOrder, serials: Sequence[str]) -> tuple[set[str], set[str]]:
    """Which of the codes are or were active, and which are void and never were."""
    active = uow.prints.active_among(found.order.party_id, serials)
    return active, uow.prints.void_among(found.order.party_id, serials) - active


def _reconciled(found: FoundOrder, facts: Facts | None) -> Reconciled:
    return Reconciled(found, tuple(differences(found.account, facts)), facts)
