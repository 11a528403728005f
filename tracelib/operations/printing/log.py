"""Write the print log: an entry before a file is written, one after it, and the question whether it may be printed.

::

    with logged_print(log, wanted, Again()) as record:      # «begun», or PrintedBeforeError
        write_file(path, pieces)
        record.done(sha256)                                 # «done»

A failure in between writes «failed», for files here appear whole or not at all. A process that dies leaves «begun»:
the same command again takes that print up where it was a file. A job for a printer is not taken up, for some of it may
be on paper. Whether a print that has not ended is under way or broke off, its lock says (``store.print_lock``).
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tracelib.batches.pieces import Piece, count_of, joined, shared
from tracelib.batches.print_order import PrintOrder
from tracelib.batches.prints import (
    Kind,
    PrintEntry,
    Verb,
    counted_prints,
    printed_before,
    printed_list,
    prints_of,
    unfinished_like,
)
from tracelib.clock import wall_text
from tracelib.errors import RuleError, StoreError
from tracelib.operations.printing.errors import (
    EarlierUncomparedError,
    PrintBrokenOffError,
    PrintedBeforeError,
    PrintUnderWayError,
    ReasonMissingError,
    UncomparedPrintError,
)
from tracelib.store.change_repository import ClockAheadOfBookError, ClockBehindBookError, time_ordered_id
from tracelib.store.print_lock import PrintLocks, holding_prints, take_or_wait
from tracelib.store.retry import in_turn
from tracelib.trust.workspace_id import machine_id

if TYPE_CHECKING:
    from tracelib.clock import Clock
    from tracelib.store.unit_of_work import Store, UnitOfWork

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class Again:
    """Whether codes that were printed before may be printed again, and why."""

    reprint: bool = False
    reason: str = ""

    def __post_init__(self) -> None:
        if self.reprint or self.reason:
            require_reason(self.reason, "--reprint")


@dataclass(frozen=True, slots=True)
class PrintLog:
    """Where prints are noted, and whose clock says when."""

    store: "Store"
    clock: "Clock"


def require_reason(reason: str, what: str) -> str:
    """The reason, trimmed. Raises ReasonMissingError where it is empty, too long or not one line."""
    text = reason.strip()
    if not text or len(text) > LONGEST_REASON or not text.isprintable():
        raise ReasonMissingError(what=what, longest=LONGEST_REASON)
    return text


def check_printed_before(batch: str, entries: Iterable[PrintEntry], pieces: Sequence[Piece], again: Again) -> None:
    """Raise where it is no reprint with a reason and codes of ``batch`` were printed (PrintedBeforeError), or where
    nobody knows which ones were (EarlierUncomparedError).
    """
    log = list(entries)
    before = printed_before(log, pieces)
    if again.reprint:
        return
    if not before:
        doubtful = [done.begun for done in counted_prints(log) if done.unknown]
        if doubtful:
            last = doubtful[-1]
            raise EarlierUncomparedError(
                count=last.count, batch=batch, at=wall_text(last.at), operator=last.operator, what=last.file
            )
        return
    both = joined(piece for done in before for piece in shared(pieces, done.begun.pieces))
    last = before[-1].begun
    raise PrintedBeforeError(
        count=count_of(both),
        first=min(piece.position for piece in both),
        last=max(piece.last_position for piece in both),
        batch=batch,
        times=len(before),
        at=wall_text(last.at),
        operator=last.operator,
        what=last.order or last.file,
    )


def _check_not_begun(entries: Sequence[PrintEntry], wanted: PrintEntry, locks: PrintLocks) -> None:
    """Raise PrintUnderWayError or PrintBrokenOffError where the last print of these codes has not ended."""
    before = printed_before(entries, wanted.pieces) + printed_list(entries, wanted)
    if not before or before[-1].state is not Verb.BEGUN or before[-1].begun.order:
        return
    begun = before[-1].begun
    living = not take_or_wait(locks, begun.print_id)
    if not living:
        locks.give_up(begun.print_id)
        if "place" in begun.detail:
            return
    raise (PrintUnderWayError if living else PrintBrokenOffError)(
        first=min((piece.position for piece in begun.pieces), default=0),
        last=max((piece.last_position for piece in begun.pieces), default=0),
        batch=_batch_name(begun),
        at=wall_text(begun.at),
        operator=begun.operator,
        what=begun.file,
    )


def _check_compared(entries: Sequence[PrintEntry], wanted: PrintEntry) -> None:
    """Raise UncomparedPrintError where codes of a list are not known and labels of their batch may be out."""
    before = counted_prints(entries)
    unknown = wanted.detail.get("unknown", 0)
    if unknown and before:
        last = before[-1].begun
        raise UncomparedPrintError(
            unknown=unknown,
            count=wanted.count,
            batch=_batch_name(wanted),
            times=len(before),
            at=wall_text(last.at),
            operator=last.operator,
            what=last.order or last.file,
        )


def _batch_name(entry: PrintEntry) -> str:
    """PARTY/PRODUCT/LOT, the party alone for its logistic units."""
    return "/".join(part for part in (entry.party_id, entry.product_id, entry.lot) if part)


def file_entry(
    key: tuple[str, str, str],
    kind: Kind,
    file: Path | str,
    pieces: Sequence[Piece],
    detail: dict[str, object] | None = None,
) -> PrintEntry:
    """What :func:`logged_print` is to note: codes of a batch (key: party, product, lot) that go into ``file``.

    ``file`` is a path, or text that names a printer or a stream: what goes there cannot be written once more.
    """
    place = {"place": f"{machine_id()}:{file.absolute()}"} if isinstance(file, Path) else {}
    party_id, product_id, lot = key
    return PrintEntry(
        party_id=party_id,
        product_id=product_id,
        lot=lot,
        seq=0,
        at=EPOCH,
        operator="",
        verb=Verb.BEGUN,
        kind=kind,
        print_id="",
        pieces=tuple(pieces),
        count=count_of(pieces),
        file=file.name if isinstance(file, Path) else file,
        detail={**(detail or {}), **place},
    )


def begin_print(log: PrintLog, wanted: PrintEntry, again: Again | None, locks: PrintLocks) -> PrintEntry:
    """Write «begun», or take up the same print that broke off; its lock is held then. ``again`` None asks nothing of
    earlier prints.

    Raises PrintedBeforeError, PrintUnderWayError, PrintBrokenOffError, UncomparedPrintError, EarlierUncomparedError.
    """
    fresh = replace(wanted, verb=Verb.BEGUN, at=log.clock.now(), print_id=time_ordered_id(log.clock.now()))
    key = (wanted.party_id, wanted.product_id, wanted.lot)
    locks.take(fresh.print_id)

    def step(uow: "UnitOfWork") -> PrintEntry:
        """Go on with an unfinished print of the same kind, or note a new one."""
        entries = uow.prints.entries(*key)
        found = None if again is not None and again.reprint else unfinished_like(entries, fresh)
        if found is not None and take_or_wait(locks, found.begun.print_id):
            entries = uow.prints.entries(*key)  # it may have ended while its lock was waited for
            if found in prints_of(entries):
                return found.begun
            locks.give_up(found.begun.print_id)
        if again is not None and not again.reprint:
            _check_not_begun(entries, fresh, locks)
            _check_compared(entries, fresh)
            check_printed_before(_batch_name(fresh), entries, fresh.pieces, again)
        return uow.prints.append(replace(fresh, reason=again.reason if again else fresh.reason))[0]

    return in_turn(log.store, step)


def end_print(log: PrintLog, begun: PrintEntry, verb: Verb, sha256: str = "", *, confirmed: bool | None = None) -> None:
    """Write «done» with the file's hash, or «failed». ``confirmed``: what the printer said, None without one.

    The labels are out, whatever the clock says by now: one that jumped since «begun» gives the end the time of that.
    """
    detail = begun.detail if confirmed is None else {**begun.detail, "confirmed": confirmed}
    entry = replace(begun, verb=verb, at=log.clock.now(), sha256=sha256, operator="", detail=detail)

    def step(uow: "UnitOfWork") -> None:
        try:
            uow.prints.append(entry)
        except (ClockBehindBookError, ClockAheadOfBookError):
            uow.prints.append(replace(entry, at=begun.at), clock_checked=True)

    in_turn(log.store, step)


def order_entry(order: PrintOrder, verb: Verb, at: datetime, **more: Any) -> PrintEntry:  # noqa: ANN401 - its fields
    """An entry about a print order; its print is called by the order's number."""
    party_id, product_id, lot = order.batch
    return PrintEntry(
        party_id=party_id,
        product_id=product_id,
        lot=lot,
        seq=0,
        at=at,
        operator="",
        verb=verb,
        kind=Kind.ORDER,
        print_id=order.number,
        order=order.number,
        **more,
    )


class Record:
    """A print under way: call :meth:`done` once the file stands in its place.

    ``written`` says that labels may be out: a failure after that is none of the whole print.
    """

    def __init__(self, log: PrintLog, begun: PrintEntry) -> None:
        self._log = log
        self._begun = begun
        self.written = False

    def done(self, sha256: str, confirmed: bool | None = None) -> None:
        """The file is there and has this hash; or a printer has the labels, and has it ``confirmed``?"""
        self.written = True
        end_print(self._log, self._begun, Verb.DONE, sha256, confirmed=confirmed)


@contextmanager
def logged_print(log: PrintLog, wanted: PrintEntry, again: Again | None) -> Iterator[Record]:
    """The log around writing one file; see the module. Raises PrintedBeforeError before anything is written.

    ``again`` None: what is written is no print and asks nothing of earlier ones.
    """
    with holding_prints(log.store) as locks:
        begun = begin_print(log, wanted, again, locks)
        record = Record(log, begun)
        try:
            yield record
        except BaseException:
            if not record.written:
                with suppress(StoreError, RuleError):  # then it stays «begun», which is the careful reading
                    end_print(log, begun, Verb.FAILED)
            raise
