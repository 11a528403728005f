"""Find the print order, and the roll, that a person named."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracelib.batches.print_account import OrderAccount, account_of, cancellation
from tracelib.batches.print_order import PrintOrder, PrintRoll
from tracelib.batches.prints import PrintEntry
from tracelib.clock import wall_text
from tracelib.errors import FormatError, NotFoundError, RuleError

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import UnitOfWork

_NAME = re.compile(r"(?:([^/]{1,40})/)?(\d{6}-\d{1,6})(?:/(\d{1,6}))?")


class OrderNameError(FormatError):
    """A text that should name an order does not."""

    code = "print.order_name"
    template = "«{given}» names no print order: expected a number such as 261125-1, or 261125-1/3 for its third roll."


class OrderNotFoundError(NotFoundError):
    """There is no such order."""

    code = "print.order_unknown"
    template = "There is no print order «{given}». Orders are shown by: tracelib print list"


class RollNotFoundError(NotFoundError):
    """The order has no such roll."""

    code = "print.roll_unknown"
    template = "Order {order} has rolls 1 to {rolls}; there is no roll {roll}."


class AmbiguousOrderError(RuleError):
    """Several parties of the workspace have an order of this number."""

    code = "print.order_ambiguous"
    template = "Several parties have an order {given}: {parties}. Write PARTY/{given}."


class OrderCancelledError(RuleError):
    """The order was cancelled."""

    code = "print.cancelled"
    template = (
        "Order {order} was cancelled on {at} by {operator} ({reason}): nothing is made or printed from it. Order anew: "
        "tracelib print order. If its labels came all the same: tracelib print receive {order} --reason TEXT"
    )


class RollsNotMadeError(RuleError):
    """Files of an order are not made yet, so nobody can deliver their labels."""

    code = "print.rolls_not_made"
    template = (
        "{count} of the {rolls} rolls of order {order} have no file yet (the first is roll {first}), so there is no "
        "checksum to write down. Make them first: tracelib print make {order} --out FOLDER"
    )


@dataclass(frozen=True, slots=True)
class FoundOrder:
    """An order as it stands: its rolls and what became of them, and its own entries in the log, the oldest first.

    ``roll`` is the one that was named, if any.
    """

    order: PrintOrder
    rolls: tuple[PrintRoll, ...]
    account: OrderAccount
    roll: int | None = None
    entries: tuple[PrintEntry, ...] = ()


def find_order(uow: "UnitOfWork", text: str, party_default: str | None = None) -> FoundOrder:
    """The one order that ``NUMBER``, ``NUMBER/ROLL`` or ``PARTY/NUMBER[/ROLL]`` names.

    Raises OrderNameError, OrderNotFoundError, RollNotFoundError, AmbiguousOrderError.
    """
    match = _NAME.fullmatch(text.strip())
    if match is None:
        raise OrderNameError(given=text)
    party, number, roll = match.groups()
    found = uow.prints.orders(party or party_default or None, number)
    if not found:
        raise OrderNotFoundError(given=text)
    if len(found) > 1:
        raise AmbiguousOrderError(given=number, parties=", ".join(order.party_id for order in found))
    return load_order(uow, found[0], None if roll is None else int(roll))


def load_order(uow: "UnitOfWork", order: PrintOrder, roll: int | None = None) -> FoundOrder:
    """An order as it stands now. Raises RollNotFoundError."""
    require_roll(order, roll)
    rolls = tuple(uow.prints.rolls(order))
    entries = uow.prints.entries_of_order(order.party_id, order.number)
    return FoundOrder(order, rolls, account_of([(r.roll, r.count) for r in rolls], entries), roll, tuple(entries))


def require_valid(order: PrintOrder, entries: Iterable[PrintEntry]) -> None:
    """Raise OrderCancelledError where the order was cancelled; ``entries`` are its own."""
    ended = cancellation(entries)
    if ended is not None:
        facts = {"at": wall_text(ended.at), "operator": ended.operator, "reason": ended.reason}
        raise OrderCancelledError(order=order.number, **facts)


def require_made(found: FoundOrder) -> None:
    """Raise OrderCancelledError, or RollsNotMadeError where a file of the order is not made."""
    require_valid(found.order, found.entries)
    waiting = [roll.roll for roll in found.account.rolls if not roll.sha256]
    if waiting:
        order = found.order
        raise RollsNotMadeError(count=len(waiting), rolls=order.rolls, order=order.number, first=waiting[0])


def require_roll(order: PrintOrder, roll: int | None) -> None:
    """Raise RollNotFoundError where the order lacks a roll of this number."""
    if roll is not None and not 1 <= roll <= order.rolls:
        raise RollNotFoundError(order=order.number, rolls=order.rolls, roll=roll)
