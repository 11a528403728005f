"""Cancel a print order that was never delivered: its codes are free to be printed again."""

from typing import TYPE_CHECKING

from tracelib.batches.print_order import PrintOrder
from tracelib.batches.prints import Verb
from tracelib.errors import RuleError
from tracelib.operations.printing.find import FoundOrder, load_order, require_valid
from tracelib.operations.printing.log import PrintLog, order_entry, require_reason
from tracelib.store.retry import in_turn

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import UnitOfWork


class CancelDeliveredError(RuleError):
    """The order was delivered, at least in part."""

    code = "print.cancel_delivered"
    template = (
        "Order {order} was delivered: its labels exist, so it cannot be cancelled. Account for them with tracelib "
        "print account, and make void what must not be used."
    )


def cancel_order(log: PrintLog, order: PrintOrder, reason: str) -> FoundOrder:
    """Note that an order is not to be printed. Only its owner knows that the files did not go to press: say why.

    Answers the order; files that were made hold valid codes, and nothing here can take them back.

    Raises ReasonMissingError, CancelDeliveredError, OrderCancelledError.
    """
    text = require_reason(reason, "print cancel")

    def step(uow: "UnitOfWork") -> FoundOrder:
        """Look at the order once more and note its end."""
        found = load_order(uow, order)
        require_valid(order, found.entries)
        account = found.account
        if account.total.waiting != account.total.count:
            raise CancelDeliveredError(order=order.number)
        now = log.clock.now()
        uow.prints.append(order_entry(order, Verb.FAILED, now, reason=text))
        uow.changes.add("print.cancel", order.number, now, party_id=order.party_id, reason=text)
        return load_order(uow, order)

    return in_turn(log.store, step)
