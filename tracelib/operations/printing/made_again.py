"""Rolls whose files are made a second time: what the print log says of it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tracelib.batches.print_account import account_of, roll_hashes
from tracelib.batches.print_order import PrintOrder, PrintRoll
from tracelib.batches.prints import Kind, PrintEntry
from tracelib.errors import RuleError
from tracelib.operations.printing.log import Again, PrintLog, file_entry, logged_print


class DeliveredBeforeError(RuleError):
    """Files of rolls that were delivered: whoever has them can make the same labels a second time."""

    code = "print.delivered_before"
    template = (
        "{count} rolls of order {order} were delivered, and their files are not in {folder}: made again, they are a "
        "second set of labels with the same codes. If that is meant, say why: --reason TEXT"
    )


@dataclass(frozen=True, slots=True)
class Target:
    """Where files of an order are made, why again, and whether nothing of the order was in that folder before."""

    folder: Path
    reason: str
    is_new: bool


@contextmanager
def noted_again(
    log: PrintLog,
    order: PrintOrder,
    target: Target,
    entries: Sequence[PrintEntry],
    missing: Sequence[PrintRoll],
) -> Iterator[None]:
    """Around making rolls: those that were delivered are made again, which is a print of its own; of those that were
    finished before, more files are about, which is a list of its own, unless they only come back to their folder.

    Raises DeliveredBeforeError for delivered rolls without a reason.
    """
    account = account_of([(roll.roll, roll.count) for roll in missing], entries)
    delivered = {one.roll for one in account.rolls if one.delivered}
    if not delivered:
        known = roll_hashes(entries) if target.is_new else {}
        with _noted_copies(log, order, target, [roll for roll in missing if roll.roll in known]):
            yield
        return
    if not target.reason.strip():
        raise DeliveredBeforeError(count=len(delivered), order=order.number, folder=target.folder)
    pieces = [piece for roll in missing if roll.roll in delivered for piece in roll.pieces]
    wanted = file_entry(order.batch, Kind.LABELS, order.number, pieces)
    with logged_print(log, wanted, Again(reprint=True, reason=target.reason)) as record:
        record.written = True  # interrupted, some of the rolls stand in the folder
        yield
        record.done("")


@contextmanager
def _noted_copies(log: PrintLog, order: PrintOrder, target: Target, again: Sequence[PrintRoll]) -> Iterator[None]:
    """Around making files of rolls once more, to another place or where the first ones are lost."""
    if not again:
        yield
        return
    wanted = file_entry(order.batch, Kind.LIST, target.folder, [piece for roll in again for piece in roll.pieces])
    with logged_print(log, replace(wanted, reason=target.reason.strip()), None) as record:
        record.written = True  # interrupted, some of the files stand in the folder
        yield
        record.done("")
