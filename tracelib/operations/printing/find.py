"""Find the print order, and the roll, that a person named."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracelib.batches.print_account import OrderAccount, account_of
from tracelib.batches.print_order import PrintOrder, PrintRoll
from tracelib.batches.prints import PrintEntry
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


def require_roll(order: PrintOrder, roll: int | None) -> None:
    """Raise RollNotFoundError where the order lacks a roll of this number."""
    if roll is not None and not 1 <= roll <= order.rolls:
        raise RollNotFoundError(order=order.number, rolls=order.rolls, roll=roll)
