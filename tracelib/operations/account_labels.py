"""Say what became of delivered labels: used, torn, lost, misprinted, returned; what must not be used becomes void."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracelib.batches.pieces import Piece, at_positions, count_of, joined, shared, without
from tracelib.batches.print_account import FATES, SPENT
from tracelib.batches.prints import PrintEntry, Verb
from tracelib.errors import FormatError, RuleError
from tracelib.operations.find_order import FoundOrder, load_order
from tracelib.operations.print_log import PrintLog, in_turn, order_entry, pieces_of, require_reason
from tracelib.operations.unit_pieces import parts_of
from tracelib.operations.units import Units
from tracelib.operations.void import Reason, VoidAct, write_void

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import UnitOfWork

ALL = "all"
_COUNT = re.compile(r"[+-]?\d{1,9}")
_POSITIONS = re.compile(r"(\d{1,12})-(\d{1,12})")
_REASONS = {Verb.TORN: Reason.DAMAGED, Verb.LOST: Reason.LOST, Verb.MISPRINT: Reason.MISPRINT}

Amounts = Mapping[Verb, Sequence[str]]
"""What became of how many: a count, positions ``FROM-TO``, a serial, ``SERIAL..SERIAL``, or ``all`` that is left."""


class NotDeliveredError(RuleError):
    """Labels that nobody has received."""

    code = "print.not_delivered"
    template = "{order} has not been delivered: note that first with tracelib print receive {order}"


class OutsideOrderError(RuleError):
    """Codes that are not on the roll or in the order that was named."""

    code = "print.outside"
    template = "«{given}» names {count} codes that are not on {order}: tracelib print show {order}"


class AccountedBeforeError(RuleError):
    """Codes of which it was said before what became of them."""

    code = "print.accounted_before"
    template = (
        "{count} of the labels were accounted for before (positions {first} to {last}). Correct an earlier entry with "
        "a negative count and --reason."
    )


class SumError(RuleError):
    """A correction that takes back more than there is."""

    code = "print.sum"
    template = "That would leave {sum} {what} labels on {order}. See tracelib print show."


class WhichLabelsError(RuleError):
    """«all» of a roll shall become void, but which of its labels are left cannot be told."""

    code = "print.which"
    template = (
        "{open} labels of {order} are left, but {codes} of its codes were never named, so it can't be told which must "
        "become void: name them, FROM-TO or FIRST..LAST."
    )


class NothingToAccountError(FormatError):
    """Nothing was said."""

    code = "print.nothing"
    template = "Say what became of the labels: --used, --torn, --lost, --misprint or --returned."


@dataclass(frozen=True, slots=True)
class Accounted:
    """The order as it stands now, how many codes became void, and how many spent labels nobody could name."""

    found: FoundOrder
    voided: int
    unnamed: int


def needs_keys(amounts: Amounts) -> bool:
    """Whether serials have to be computed: for what is named by serial, and for what becomes void."""
    plain = [text for verb in amounts for text in amounts[verb] if _COUNT.fullmatch(text.strip())]
    named = [text for verb in amounts for text in amounts[verb] if text not in plain]
    places = [t for v in amounts if v not in SPENT for t in amounts[v] if t == ALL or _POSITIONS.fullmatch(t.strip())]
    return len(named) > len(places)


def account_labels(
    log: PrintLog, found: FoundOrder, amounts: Amounts, reason: str, serial_keys: Mapping[bytes, bytes]
) -> Accounted:
    """Note what became of labels of an order, or of the roll that ``found`` names. All of it, or nothing.

    Torn, lost and misprinted labels that are named become void. A negative count corrects an earlier entry.

    Raises:
        NothingToAccountError, NotDeliveredError, OutsideOrderError, AccountedBeforeError, SumError.
        ReasonMissingError: a correction without a reason.
        the errors of ``Units.named`` and of ``write_void``.
    """
    if not any(amounts.values()):
        raise NothingToAccountError

    def step(uow: "UnitOfWork") -> Accounted:
        now_found = load_order(uow, found.order, found.roll)
        work = _Work(uow, log, now_found, reason, serial_keys)
        given = [(verb, text.strip()) for verb in FATES for text in amounts.get(verb, ())]
        for verb, text in sorted(given, key=lambda one: one[1] == ALL):  # what is left is known last
            work.add(verb, text)
        return work.write()

    return in_turn(log.store, step)


class _Work:
    """What one call notes, gathered before it is written."""

    def __init__(
        self, uow: "UnitOfWork", log: PrintLog, found: FoundOrder, reason: str, serial_keys: Mapping[bytes, bytes]
    ) -> None:
        self._uow, self._log, self._found = uow, log, found
        self._reason, self._keys = reason, serial_keys
        self._rolls = [roll for roll in found.rolls if found.roll in (None, roll.roll)]
        self._name = found.order.number if found.roll is None else f"{found.order.number}/{found.roll}"
        self._entries: list[PrintEntry] = []
        self._spent: list[tuple[Verb, Piece]] = []
        self._left = {one.roll: one.unaccounted for one in found.account.rolls if found.roll in (None, one.roll)}
        if not sum(one.delivered for one in found.account.rolls if one.roll in self._left):
            raise NotDeliveredError(order=self._name)
        earlier = uow.prints.entries_of_order(found.order.party_id, found.order.number)
        self._known = [piece for entry in earlier if entry.verb in FATES for piece in entry.pieces]

    def add(self, verb: Verb, text: str) -> None:
        """One amount."""
        if _COUNT.fullmatch(text):
            count = int(text)
            if count < 0:
                require_reason(self._reason, f"--{verb.value} {text}")
            if count:
                self._note(verb, self._found.roll or 0, count, ())
            return
        if text == ALL:
            self._all(verb)
            return
        pieces = self._named(text)
        for roll in self._rolls:
            part = shared(pieces, roll.pieces)
            if part:
                self._note(verb, roll.roll, count_of(part), part)
        self._known += pieces

    def _all(self, verb: Verb) -> None:
        """What is left of each roll: by name where the names are known, else, for what stays valid, by number.

        Labels that were missing, or were only counted before, leave more codes than labels.
        """
        for roll in self._rolls:
            left = self._left[roll.roll]
            pieces = tuple(without(roll.pieces, self._known))
            if left <= 0:
                continue
            if count_of(pieces) == left:
                self._note(verb, roll.roll, left, pieces)
                self._known += pieces
            elif verb in SPENT:
                order = f"{self._found.order.number}/{roll.roll}"
                raise WhichLabelsError(open=left, order=order, codes=count_of(pieces))
            else:
                self._note(verb, roll.roll, left, ())

    def _note(self, verb: Verb, roll: int, count: int, pieces: tuple[Piece, ...]) -> None:
        facts = {"roll": roll, "count": count, "pieces": pieces, "reason": self._reason.strip()}
        self._entries.append(order_entry(self._found.order, verb, self._log.clock.now(), **facts))
        if roll in self._left:
            self._left[roll] -= count
        if verb in SPENT:
            self._spent += [(verb, piece) for piece in pieces]

    def _named(self, text: str) -> tuple[Piece, ...]:
        """The codes that a text names, all of them on these rolls and none accounted for before."""
        on_rolls = [piece for roll in self._rolls for piece in roll.pieces]
        places = _POSITIONS.fullmatch(text)
        if places:
            first, last = int(places[1]), int(places[2])
            pieces, asked = at_positions(on_rolls, first, last), max(last - first + 1, 1)
        else:
            named = Units(self._uow, self._keys, self._found.order.party_id).named(text)
            own = [part for part in named if (part.party_id, part.product_id, part.lot) == self._found.order.batch]
            pieces, asked = shared(pieces_of(self._uow, own), on_rolls), sum(part.count for part in named)
        if count_of(pieces) < asked:
            raise OutsideOrderError(given=text, count=asked - count_of(pieces), order=self._name)
        before = shared(pieces, self._known)
        if before:
            last_position = max(piece.last_position for piece in before)
            raise AccountedBeforeError(count=count_of(before), first=before[0].position, last=last_position)
        return pieces

    def write(self) -> Accounted:
        """Check the sums, write the entries, make void what is spent."""
        order, now = self._found.order, self._log.clock.now()
        self._uow.prints.append(*self._entries)
        after = load_order(self._uow, order, self._found.roll)
        for account in (*after.account.rolls, after.account.whole):
            for verb in FATES:
                if (total := account.sums.get(verb, 0)) < 0:
                    raise SumError(sum=total, what=verb.value, order=f"{order.number}/{account.roll or '-'}")
        voided = 0
        ranges = self._uow.codes.ranges_of(*order.batch) if self._spent else []
        for verb in SPENT:
            pieces = joined(piece for spent, piece in self._spent if spent is verb)
            if pieces:
                act = VoidAct(_REASONS[verb], self._reason.strip())
                voided += write_void(self._uow, parts_of(ranges, pieces), act, now, serial_keys=self._keys).voided
        sums: dict[str, object] = {}
        for entry in self._entries:
            sums[entry.verb.value] = entry.count + int(str(sums.get(entry.verb.value, 0)))
        self._uow.changes.add(
            "print.account", self._name, now, party_id=order.party_id, reason=self._reason.strip(), detail=sums
        )
        unnamed = sum(entry.count for entry in self._entries if entry.verb in SPENT and not entry.pieces)
        return Accounted(after, voided, unnamed)
