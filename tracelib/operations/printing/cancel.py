"""Cancel a print order that was never delivered: its codes are free to be printed again."""

from typing import TYPE_CHECKING

from tracelib.batches.print_account import OrderState
from tracelib.batches.print_order import PrintOrder
from tracelib.batches.prints import Verb
from tracelib.errors import RuleError
from tracelib.operations.printing.find import load_order
from tracelib.operations.printing.log import PrintLog, order_entry, require_reason
from tracelib.operations.printing.make_rolls import OrderCancelledError
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


def cancel_order(log: PrintLog, order: PrintOrder, reason: str) -> None:
    """Note that an order is not to be printed. Only its owner knows that the files did not go to press: say why.

    Raises ReasonMissingError, CancelDeliveredError, OrderCancelledError.
    """
    text = require_reason(reason, "print cancel")

    def step(uow: "UnitOfWork") -> None:
        """Look at the order once more and note its end."""
        account = load_order(uow, order).account
        if account.state is OrderState.CANCELLED:
            raise OrderCancelledError(order=order.number)
        if account.total.waiting != account.total.count:
            raise CancelDeliveredError(order=order.number)
        now = log.clock.now()
        uow.prints.append(order_entry(order, Verb.FAILED, now, reason=text))
        uow.changes.add("print.cancel", order.number, now, party_id=order.party_id, reason=text)

    in_turn(log.store, step)
