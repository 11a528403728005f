"""Take delivery of a print order's rolls: what arrived, and what was missing."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from tracelib.batches.print_account import OrderState, RollAccount
from tracelib.batches.print_order import PrintOrder
from tracelib.batches.prints import PrintEntry, Verb
from tracelib.errors import FormatError, RuleError
from tracelib.operations.printing.find import FoundOrder, load_order, require_roll
from tracelib.operations.printing.log import PrintLog, order_entry
from tracelib.store.retry import in_turn

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import UnitOfWork


class NotMadeError(RuleError):
    """A roll whose file was never made cannot arrive."""

    code = "print.not_made"
    template = (
        "Roll {roll} of order {order} has no file yet, so it cannot have been printed: tracelib print make {order}"
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


def receive_rolls(
    log: PrintLog, order: PrintOrder, rolls: Sequence[int], missing: Mapping[int, int | None]
) -> FoundOrder:
    """Note that rolls arrived (none named: all that are waited for), without the ``missing`` labels of a roll.

    ``missing`` maps a roll to the number of labels that it lacks, None: the whole roll. A roll that was missing may be
    received later. Answers the order as it stands then.

    Raises RollNotFoundError, NotMadeError, NothingToReceiveError, MissingError.
    """
    for number in (*rolls, *missing):
        require_roll(order, number)

    def step(uow: "UnitOfWork") -> FoundOrder:
        """Note what arrived, as the order stands now."""
        found = load_order(uow, order)
        entries = _entries(log, found, set(rolls), missing)
        uow.prints.append(*entries)
        arrived = sum(entry.count for entry in entries if entry.verb is Verb.RECEIVED)
        lacking = sum(entry.count for entry in entries if entry.verb is Verb.MISSING)
        detail = {"delivered": arrived, "missing": lacking}
        uow.changes.add("print.receive", order.number, log.clock.now(), party_id=order.party_id, detail=detail)
        return load_order(uow, order)

    return in_turn(log.store, step)


def _entries(log: PrintLog, found: FoundOrder, named: set[int], missing: Mapping[int, int | None]) -> list[PrintEntry]:
    order, now = found.order, log.clock.now()
    entries: list[PrintEntry] = []
    for roll in found.account.rolls:
        if named and roll.roll not in named and roll.roll not in missing:
            continue
        expected = roll.waiting or (roll.missing if roll.roll in named else 0)
        if not expected:
            continue
        if not roll.sha256 or found.account.state is OrderState.CANCELLED:
            raise NotMadeError(roll=roll.roll, order=order.number)
        lacking = _lacking(order, roll, missing, expected)
        late = 0 if roll.waiting else roll.missing
        for verb, count in ((Verb.RECEIVED, expected - lacking), (Verb.MISSING, lacking - late)):
            if count:
                entries.append(order_entry(order, verb, now, roll=roll.roll, count=count))
    if not entries:
        raise NothingToReceiveError(order=order.number)
    return entries


def _lacking(order: PrintOrder, roll: RollAccount, missing: Mapping[int, int | None], expected: int) -> int:
    if roll.roll not in missing:
        return 0
    count = missing[roll.roll]
    if count is None:
        return expected
    if not 1 <= count <= expected:
        raise MissingError(given=f"{roll.roll}:{count}", order=order.number, most=expected)
    return count
