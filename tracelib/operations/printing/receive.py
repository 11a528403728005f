"""Take delivery of a print order's rolls: what arrived, and what was missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from tracelib.batches.pieces import count_of
from tracelib.batches.print_account import RollAccount, cancellation
from tracelib.batches.print_order import PrintOrder
from tracelib.batches.prints import PrintEntry, Verb, printed_elsewhere
from tracelib.clock import wall_text
from tracelib.errors import FormatError, RuleError
from tracelib.operations.printing.find import FoundOrder, load_order, require_roll
from tracelib.operations.printing.log import PrintLog, order_entry, require_reason
from tracelib.store.retry import in_turn

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import UnitOfWork


class NotMadeError(RuleError):
    """A roll whose file was never made cannot arrive."""

    code = "print.not_made"
    template = (
        "Roll {roll} of order {order} has no file yet, so it cannot have been printed: tracelib print make {order}"
    )


class CancelledArrivesError(RuleError):
    """Labels of an order that was cancelled came all the same."""

    code = "print.cancelled_arrives"
    template = (
        "Order {order} was cancelled on {at} ({reason}), so no labels are waited for. If they came all the same, note "
        "them with a reason: tracelib print receive {order} --reason TEXT"
    )


class NothingToReceiveError(RuleError):
    """Everything that was named has arrived before."""

    code = "print.received_before"
    template = "All of this was received before: tracelib print show {order}"


class MissingError(FormatError):
    """Missing labels that do not fit the roll."""

    code = "print.missing"
    template = (
        "«{given}» cannot be missing from order {order}: expected ROLL or ROLL:LABELS, with at most {most} labels."
    )


class ReceivedAccountedError(RuleError):
    """A correction that leaves a roll fewer labels than were accounted for."""

    code = "print.received_accounted"
    template = (
        "{order} cannot have only {delivered} labels: {noted} are accounted for already. Take {over} of them back "
        "first, such as: tracelib print account {order} --used -{over} --reason TEXT"
    )


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a delivery note is answered with: rolls that arrived (none named: all that are waited for), and how many
    labels a roll lacks (None: all of them).

    Of a roll that was received before, ``missing`` says how many it lacks in all, which corrects what was noted and
    needs a ``reason``; none is needed where ``rolls`` names it and more of it arrived.
    """

    rolls: Sequence[int] = ()
    missing: Mapping[int, int | None] = field(default_factory=dict)
    reason: str = ""


def receive_rolls(log: PrintLog, order: PrintOrder, delivery: Delivery) -> FoundOrder:
    """Note that rolls arrived, or what was noted wrongly about that: each is a new entry.

    A roll that was missing may be received later. Answers the order as it stands then.

    Labels of a cancelled order that came all the same are noted with a reason; the order counts as a print again.

    Raises RollNotFoundError, CancelledArrivesError, NotMadeError, NothingToReceiveError, MissingError,
    ReasonMissingError, ReceivedAccountedError.
    """
    for number in (*delivery.rolls, *delivery.missing):
        require_roll(order, number)

    if delivery.reason:
        require_reason(delivery.reason, "print receive")

    def step(uow: "UnitOfWork") -> FoundOrder:
        """Note what arrived, as the order stands now."""
        found = load_order(uow, order)
        entries = _entries(log, found, delivery)
        uow.prints.append(*entries)
        arrived = sum(entry.count for entry in entries if entry.verb is Verb.RECEIVED)
        lacking = sum(entry.count for entry in entries if entry.verb is Verb.MISSING)
        detail = {"delivered": arrived, "missing": lacking}
        now, reason = log.clock.now(), delivery.reason.strip()
        uow.changes.add("print.receive", order.number, now, party_id=order.party_id, reason=reason, detail=detail)
        after = load_order(uow, order)
        _check_accounted(found, after)
        return after

    return in_turn(log.store, step)


def _entries(log: PrintLog, found: FoundOrder, delivery: Delivery) -> list[PrintEntry]:
    order, now, named = found.order, log.clock.now(), set(delivery.rolls)
    entries = _revived(found, delivery.reason, now)
    ended = len(entries)
    for roll in found.account.rolls:
        if roll.roll not in {*named, *delivery.missing} and (named or not roll.waiting):
            continue
        lacking = _lacking(order, roll, delivery.missing)
        arrived = roll.count - lacking - roll.delivered
        if not arrived and lacking == roll.missing:
            continue
        if not roll.sha256:
            raise NotMadeError(roll=roll.roll, order=order.number)
        reason = delivery.reason.strip()
        corrects = not roll.waiting and (arrived < 0 or roll.roll not in named)
        if corrects:
            reason = require_reason(reason, f"--missing {roll.roll}:{lacking}")
        for verb, count in ((Verb.RECEIVED, arrived), (Verb.MISSING, lacking - roll.missing)):
            if count:
                entries.append(order_entry(order, verb, now, roll=roll.roll, count=count, reason=reason))
    if len(entries) == ended:
        raise NothingToReceiveError(order=order.number)
    return entries


def _revived(found: FoundOrder, reason: str, now: datetime) -> list[PrintEntry]:
    """What says that a cancelled order was printed all the same: from then on it counts as a print again."""
    ended = cancellation(found.entries)
    if ended is None:
        return []
    if not reason.strip():
        raise CancelledArrivesError(order=found.order.number, at=wall_text(ended.at), reason=ended.reason)
    return [order_entry(found.order, Verb.DONE, now, reason=require_reason(reason, "print receive"))]


def _lacking(order: PrintOrder, roll: RollAccount, missing: Mapping[int, int | None]) -> int:
    """How many labels the roll lacks in all."""
    if roll.roll not in missing:
        return 0
    count = missing[roll.roll]
    if count is None:
        return roll.count
    if not 0 <= count <= roll.count:
        raise MissingError(given=f"{roll.roll}:{count}", order=order.number, most=roll.count)
    return count


def _check_accounted(before: FoundOrder, after: FoundOrder) -> None:
    """What was accounted for must have arrived; an order that had too many before may come nearer."""
    old, new, number = before.account, after.account, after.order.number
    for then, now in zip((*old.rolls, old.total), (*new.rolls, new.total), strict=True):
        if now.unaccounted < min(0, then.unaccounted):
            name = f"{number}/{now.roll}" if now.roll else number
            noted = now.delivered - now.unaccounted
            raise ReceivedAccountedError(order=name, delivered=now.delivered, noted=noted, over=-now.unaccounted)


def printed_since(uow: "UnitOfWork", found: FoundOrder) -> int:
    """How many codes of an order were printed once more after it: each of them is on two labels."""
    pieces = [piece for roll in found.rolls for piece in roll.pieces]
    _, later = printed_elsewhere(uow.prints.entries(*found.order.batch), found.order.number, pieces)
    return count_of(later)
