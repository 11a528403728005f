"""Order labels from a print house: which codes, in rolls of how many. The files: ``operations.printing.make_rolls``."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from tracelib.batches.batch import Batch
from tracelib.batches.pieces import Piece, at_positions, count_of, cut, joined, shared, without
from tracelib.batches.print_order import PrintOrder, PrintRoll
from tracelib.batches.prints import Verb, prints_of
from tracelib.clock import CHINA
from tracelib.codes.record import Level
from tracelib.errors import FormatError, NotFoundError, RuleError
from tracelib.labels.print_house import roll_file
from tracelib.operations.export import select_codes
from tracelib.operations.issuing.unit_pieces import IssuerOf, numbered, range_of, void_pieces
from tracelib.operations.printing.log import Again, PrintLog, check_printed_before, order_entry
from tracelib.store.code_values import IssuedRange
from tracelib.store.errors import ConflictError
from tracelib.store.retry import retried

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import UnitOfWork

MOST_ROLLS = 2_000
LONGEST_HOUSE = 60


class NotEnoughCodesError(NotFoundError):
    """The batch has fewer codes that were never printed than the order asks for."""

    code = "print.not_enough"
    template = (
        "{count} labels were asked for, and {batch} has {left} codes that were never printed. Issue {missing} more: "
        "tracelib code issue {lot} --count {missing} --level …; or let the order do it: --issue --level …"
    )


class MixedOrderError(RuleError):
    """The codes differ in level, grade, weight or profile, so that they are not for the same labels."""

    code = "print.mixed"
    template = (
        "The codes asked for are not all for the same labels: {parts}. Order each kind by itself: --level, --grade, or "
        "--from and --to."
    )


class RollsError(FormatError):
    """So many rolls, or rolls of this size, cannot be ordered."""

    code = "print.rolls"
    template = (
        "{count} labels in rolls of {size} are {rolls} rolls: an order has 1 to {most}. Choose another --roll-size."
    )


class HouseError(FormatError):
    """The print house's name is no name."""

    code = "print.house"
    template = "«{given}» does not name a print house: one line of 1 to {longest} characters."


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRequest:
    """What is ordered. ``count``: so many codes that were never printed; else positions ``first`` to ``last``.

    ``level`` and ``grade`` narrow the choice, None takes any. ``template`` names the label paper for formats that draw.
    """

    batch: Batch
    house: str
    roll_size: int
    format: str = "csv"
    template: str = ""
    count: int | None = None
    first: int | None = None
    last: int | None = None
    level: Level | None = None
    grade: int | None = None

    def fits(self, range_: IssuedRange) -> bool:
        """Whether codes of a range are of the level and grade that were asked for."""
        level, grade = range_.attrs & 15, range_.attrs >> 4 & 15
        return self.level in (None, level) and self.grade in (None, grade)


@dataclass(frozen=True, slots=True)
class _Chosen:
    """What an order would hold as the log stood at entry ``seen``."""

    seen: int
    pieces: tuple[Piece, ...]
    left_out: int
    plan: list[tuple[tuple[Piece, ...], str, str]]


def place_order(log: PrintLog, issuer_of: IssuerOf, request: OrderRequest, again: Again) -> PrintOrder:
    """Register an order with its rolls and begin its print. Void codes are left out and counted.

    Raises:
        HouseError, RollsError, NoCodesError, PositionError, NotEnoughCodesError, MixedOrderError: what is asked for.
        PrintedBeforeError: codes were printed, and ``again`` does not allow it.
    """
    house = request.house.strip()
    if not 0 < len(house) <= LONGEST_HOUSE or not house.isprintable():
        raise HouseError(given=request.house, longest=LONGEST_HOUSE)
    if request.roll_size < 1:
        raise RollsError(count=request.count or 0, size=request.roll_size, rolls="?", most=MOST_ROLLS)

    def step() -> PrintOrder:
        """Choose the codes, and note the order if nobody printed meanwhile."""
        with log.store.reading() as uow:
            chosen = _choose(uow, issuer_of, request, again)
        with log.store.unit_of_work() as uow:
            if uow.prints.last_seq(*request.batch.key) != chosen.seen:
                raise ConflictError(database=log.store.name, detail="the print log grew")
            return _write(uow, log.clock.now(), request, chosen, again)

    return retried(step)


def _choose(uow: "UnitOfWork", issuer_of: IssuerOf, request: OrderRequest, again: Again) -> _Chosen:
    batch = request.batch
    entries = uow.prints.entries(*batch.key)
    select_codes(uow, batch, request.first, request.last)
    ranges = [range_ for range_ in uow.codes.ranges_of(*batch.key) if range_.seq is not None]
    fitting = [Piece(r.prefix, r.first, r.count, 0) for r in ranges if request.fits(r)]
    # in the order of issue, not of counters
    pieces = tuple(part for piece in numbered(ranges) for part in shared([piece], fitting))
    if request.count is None:
        last = pieces[-1].last_position if pieces else 0
        pieces = at_positions(pieces, request.first or 1, request.last or last)
    else:
        pieces = without(pieces, [p for done in prints_of(entries) if done.counts for p in done.begun.pieces])
    check_printed_before(batch.reference, entries, pieces, again)
    void = void_pieces(uow, issuer_of, ranges, pieces)
    left = without(pieces, void)
    if request.count is not None:
        if count_of(left) < request.count:
            missing = request.count - count_of(left)
            raise NotEnoughCodesError(
                count=request.count, batch=batch.reference, lot=batch.lot, left=count_of(left), missing=missing
            )
        left, void = cut(left, request.count)[0], []
    _check_alike(ranges, left)
    rolls = cut(left, request.roll_size)
    if not 1 <= len(rolls) <= MOST_ROLLS:
        raise RollsError(count=count_of(left), size=request.roll_size, rolls=len(rolls), most=MOST_ROLLS)
    plan = [(roll, _serial(issuer_of, ranges, roll[0], 0), _serial(issuer_of, ranges, roll[-1], -1)) for roll in rolls]
    return _Chosen(entries[-1].seq if entries else 0, left, count_of(void), plan)


def _serial(issuer_of: IssuerOf, ranges: Sequence[IssuedRange], piece: Piece, which: int) -> str:
    counter = piece.first if which == 0 else piece.last
    return issuer_of(range_of(ranges, piece).issuer_key).cipher.serial_of(counter)


def _check_alike(ranges: Sequence[IssuedRange], pieces: Sequence[Piece]) -> None:
    kinds: dict[tuple[str, int], list[Piece]] = {}
    for piece in pieces:
        range_ = range_of(ranges, piece)
        kinds.setdefault((range_.profile, range_.attrs), []).append(piece)
    if len(kinds) > 1:
        parts = "; ".join(_named(kind, joined(found)) for kind, found in kinds.items())
        raise MixedOrderError(parts=parts)


def _named(kind: tuple[str, int], pieces: Sequence[Piece]) -> str:
    profile, attrs = kind
    level = "sticker" if profile == "C" else Level(attrs & 15).name.lower()
    places = f"{pieces[0].position}-{pieces[-1].last_position}"
    return f"{places} {level}, grade {attrs >> 4 & 15}, {(attrs >> 8) * 10} g"


def _write(uow: "UnitOfWork", now: datetime, request: OrderRequest, chosen: _Chosen, again: Again) -> PrintOrder:
    batch = request.batch
    number = _number(uow, batch.party_id, now)
    order = PrintOrder(
        party_id=batch.party_id,
        number=number,
        product_id=batch.product_id,
        lot=batch.lot,
        at=now,
        operator=uow.operator,
        house=request.house.strip(),
        format=request.format,
        template=request.template,
        roll_size=request.roll_size,
        rolls=len(chosen.plan),
        count=count_of(chosen.pieces),
        left_out=chosen.left_out,
        reason=again.reason,
    )
    rolls = [
        PrintRoll(
            party_id=batch.party_id,
            number=number,
            roll=n,
            count=count_of(pieces),
            pieces=pieces,
            first_serial=first,
            last_serial=last,
            file=roll_file(number, n, len(chosen.plan), request.format),
        )
        for n, (pieces, first, last) in enumerate(chosen.plan, 1)
    ]
    uow.prints.add_order(order, rolls)
    uow.prints.append(order_entry(order, Verb.BEGUN, now, pieces=chosen.pieces, count=order.count, reason=order.reason))
    detail = {"batch": batch.reference, "count": order.count, "rolls": order.rolls, "house": order.house}
    uow.changes.add("print.order", number, now, party_id=batch.party_id, reason=again.reason, detail=detail)
    return order


def _number(uow: "UnitOfWork", party_id: str, now: datetime) -> str:
    """Day and count within the day: ``261125-1``. Two clerks who take the same one collide at the table's key."""
    day = f"{now.astimezone(CHINA):%y%m%d}-"
    taken = [int(order.number.removeprefix(day)) for order in uow.prints.orders(party_id, like=day, limit=10_000)]
    return f"{day}{max(taken, default=0) + 1}"
