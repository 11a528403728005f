"""Say what became of delivered labels: used, torn, lost, misprinted, returned; what must not be used becomes void."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tracelib.batches.pieces import Piece, at_positions, count_of, joined, places_of, shared, without
from tracelib.batches.print_account import FATES, SPENT, account_of, named_pieces
from tracelib.batches.print_order import PrintOrder
from tracelib.batches.prints import PrintEntry, Verb
from tracelib.errors import RuleError
from tracelib.operations.issuing.unit_pieces import pieces_of
from tracelib.operations.issuing.void import VoidResult
from tracelib.operations.printing.amounts import ALL, COUNT, MINUS, POSITIONS, Amounts, turn_of
from tracelib.operations.printing.errors import (
    AccountedBeforeError,
    AmountTextError,
    NameBackError,
    NotDeliveredError,
    NothingLeftError,
    NothingToAccountError,
    NotNotedError,
    OutsideOrderError,
    RollMissingError,
    SumError,
    TooManyError,
    WhichLabelsError,
)
from tracelib.operations.printing.find import FoundOrder, load_order
from tracelib.operations.printing.log import PrintLog, order_entry, require_reason
from tracelib.operations.printing.spent import SpentLabels, plan_spent, spent_labels, write_spent
from tracelib.operations.units import Units, UnitsNamedError
from tracelib.store.retry import in_turn

if TYPE_CHECKING:
    from tracelib.store.code_values import IssuedRange
    from tracelib.store.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Accounted:
    """The order as it stands now, how many codes became void, and how many spent labels nobody could name.

    ``stay_void`` codes were taken back from torn, lost or misprinted: what is void stays void. ``again`` codes of
    torn and misprinted labels were printed again later: they stay valid, for the new labels.
    """

    found: FoundOrder
    voided: int
    unnamed: int
    stay_void: int = 0
    again: int = 0


def void_command(order: PrintOrder, pieces: Sequence[Piece]) -> str:
    """What makes the codes of ``pieces`` void that were lost."""
    places = places_of(pieces, most=len(pieces)).split(", ")
    return " ; ".join(f"tracelib code void {order.reference}:{place} --reason lost" for place in places)


def account_labels(
    log: PrintLog, found: FoundOrder, amounts: Amounts, reason: str, serial_keys: Mapping[bytes, bytes]
) -> Accounted:
    """Note what became of labels of an order, or of the roll that ``found`` names. All of it, or nothing.

    Torn, lost and misprinted labels that are named become void, but for torn and misprinted ones whose code was printed
    again: that would void the new label. What has a minus before it is taken back before the rest is noted.

    Raises:
        NothingToAccountError, NothingLeftError, AmountTextError, NotDeliveredError, RollMissingError.
        OutsideOrderError, AccountedBeforeError.
        NotNotedError, NameBackError, SumError: a correction that does not fit what was noted.
        TooManyError: more labels than were delivered.
        ReasonMissingError: a correction without a reason.
        the errors of ``Units.named`` and of ``write_void``.
    """

    def step(uow: "UnitOfWork") -> Accounted:
        """All amounts in one transaction."""
        return _gathered(uow, log, found, amounts, reason, serial_keys).write()

    return in_turn(log.store, step)


def plan_account(
    log: PrintLog, found: FoundOrder, amounts: Amounts, reason: str, serial_keys: Mapping[bytes, bytes]
) -> VoidResult:
    """Which codes :func:`account_labels` would make void; writes nothing, and raises the same errors."""
    with log.store.reading() as uow:
        work = _gathered(uow, log, found, amounts, reason, serial_keys)
        return plan_spent(uow, work.spent(), serial_keys)


def _gathered(
    uow: "UnitOfWork",
    log: PrintLog,
    found: FoundOrder,
    amounts: Amounts,
    reason: str,
    serial_keys: Mapping[bytes, bytes],
) -> "_Work":
    """Everything that is said, corrections first, as the order stands now."""
    if not any(amounts.values()):
        raise NothingToAccountError
    work = _Work(uow, log, load_order(uow, found.order, found.roll), reason, serial_keys)
    given = [(verb, text.strip()) for verb in FATES for text in amounts.get(verb, ())]
    for verb, text in sorted(given, key=lambda one: turn_of(one[1])):
        work.add(verb, text)
    work.require_entries(any(text == ALL for _, text in given))
    return work


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
        self._freed: list[Piece] = []
        self._left = {one.roll: one.unaccounted for one in found.account.rolls if found.roll in (None, one.roll)}
        self._sums = {one.roll: dict(one.sums) for one in (*found.account.rolls, found.account.whole)}
        if not sum(one.delivered for one in found.account.rolls if one.roll in self._left):
            raise self._not_delivered()
        self._earlier = uow.prints.entries_of_order(found.order.party_id, found.order.number)
        self._named_before = named_pieces(self._earlier)

    def _not_delivered(self) -> RuleError:
        order, roll = self._found.order, self._found.roll
        if roll is None or not self._found.account.rolls[roll - 1].missing:
            return NotDeliveredError(order=self._name)
        void = void_command(order, self._rolls[0].pieces)
        return RollMissingError(order=self._name, void=void, number=order.number, roll=roll)

    @property
    def _known(self) -> list[Piece]:
        return [piece for pieces in self._named_before.values() for piece in pieces]

    def add(self, verb: Verb, text: str) -> None:
        """One amount."""
        if text.startswith(MINUS):
            require_reason(self._reason, f"--{verb.value} {text}")
            if COUNT.fullmatch(text):
                self._take_back(verb, -int(text), text)
            else:
                self._take_back_named(verb, text)
        elif COUNT.fullmatch(text):
            if int(text):
                self._note(verb, self._found.roll or 0, int(text), ())
        elif text == ALL:
            self._all(verb)
        else:
            self._add_named(verb, text)

    def _add_named(self, verb: Verb, text: str) -> None:
        pieces = self._named(text)
        for (_, fate), known in self._named_before.items():
            before = shared(pieces, known)
            if before:
                ends = {"first": before[0].position, "last": before[0].last_position}
                facts = {"places": places_of(before), "fate": fate.value}
                raise AccountedBeforeError(count=count_of(before), **ends, **facts)
        self._note_by_roll(verb, pieces, 1)

    def _take_back_named(self, verb: Verb, text: str) -> None:
        if text == MINUS + ALL:
            raise AmountTextError(given=text)
        pieces = self._named(text.removeprefix(MINUS))
        noted = [piece for (_, fate), known in self._named_before.items() if fate is verb for piece in known]
        if strange := count_of(without(pieces, noted)):
            raise NotNotedError(count=strange, fate=verb.value, given=text, number=self._found.order.number)
        self._note_by_roll(verb, pieces, -1)

    def _take_back(self, verb: Verb, count: int, text: str) -> None:
        """By number: from what was only counted; or all that was noted, whether counted or named."""
        rolls = [self._found.roll] if self._found.roll else [0, *self._left]
        counted = self._sums.get(rolls[0], {}).get(verb, 0) - count_of(self._named_before.get((rolls[0], verb), ()))
        noted = sum(self._sums.get(roll, {}).get(verb, 0) for roll in rolls)
        named = [piece for roll in rolls for piece in self._named_before.get((roll, verb), ())]
        if count != noted and (count <= counted or not named or count > noted):
            self._note(verb, rolls[0], -count, ())
        elif count == noted:
            for roll in rolls:
                pieces = self._named_before.get((roll, verb), ())
                if rest := self._sums.get(roll, {}).get(verb, 0) - count_of(pieces):
                    self._note(verb, roll, -rest, ())
                if pieces:
                    self._note(verb, roll, -count_of(pieces), pieces)
        else:
            raise NameBackError(fate=verb.value, given=text, places=places_of(named), order=self._name)

    def _note_by_roll(self, verb: Verb, pieces: tuple[Piece, ...], sign: int) -> None:
        for roll in self._rolls:
            part = shared(pieces, roll.pieces)
            if part:
                self._note(verb, roll.roll, sign * count_of(part), part)

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
            elif verb in SPENT:
                order = f"{self._found.order.number}/{roll.roll}"
                raise WhichLabelsError(open=left, order=order, codes=count_of(pieces))
            else:
                self._note(verb, roll.roll, left, ())

    def _note(self, verb: Verb, roll: int, count: int, pieces: tuple[Piece, ...]) -> None:
        facts = {"roll": roll, "count": count, "pieces": pieces, "reason": self._reason.strip()}
        self._entries.append(order_entry(self._found.order, verb, self._log.clock.now(), **facts))
        self._named_before = named_pieces([*self._earlier, *self._entries])
        if roll in self._left:
            self._left[roll] -= count
        if verb in SPENT:
            if count > 0:
                self._spent += [(verb, piece) for piece in pieces]
            else:
                self._freed += pieces

    def _named(self, text: str) -> tuple[Piece, ...]:
        """The codes that a text names, all of them on these rolls."""
        on_rolls = [piece for roll in self._rolls for piece in roll.pieces]
        places = POSITIONS.fullmatch(text)
        if places:
            first, last = int(places[1]), int(places[2])
            pieces, asked = at_positions(on_rolls, first, last), max(last - first + 1, 1)
        else:
            named = self._units(text)
            own = [part for part in named if (part.party_id, part.product_id, part.lot) == self._found.order.batch]
            pieces, asked = shared(pieces_of(self._uow, own), on_rolls), sum(part.count for part in named)
        if count_of(pieces) < asked:
            raise OutsideOrderError(given=text, count=asked - count_of(pieces), order=self._name)
        return pieces

    def _units(self, text: str) -> tuple["IssuedRange", ...]:
        try:
            return Units(self._uow, self._keys, self._found.order.party_id).named(text)
        except UnitsNamedError:
            raise AmountTextError(given=text) from None

    def require_entries(self, all_asked: bool) -> None:
        """Raise where nothing would be noted: an empty entry in the book says nothing."""
        if self._entries:
            return
        if not all_asked:
            raise NothingToAccountError
        delivered = sum(one.delivered for one in self._found.account.rolls if one.roll in self._left)
        raise NothingLeftError(order=self._name, delivered=delivered)

    def spent(self) -> SpentLabels:
        """What is spent and named, once the sums are checked."""
        self._check_sums(self._after())
        return spent_labels(self._uow, self._found.order, self._spent)

    def _after(self) -> FoundOrder:
        """The order as it stands with what is noted now."""
        rolls = [(roll.roll, roll.count) for roll in self._found.rolls]
        return replace(self._found, account=account_of(rolls, [*self._earlier, *self._entries]))

    def write(self) -> Accounted:
        """Check the sums, write the entries, make void what is spent."""
        order, now, reason = self._found.order, self._log.clock.now(), self._reason.strip()
        labels = self.spent()
        self._uow.prints.append(*self._entries)
        voided, again = write_spent(self._uow, labels, reason, now, self._keys)
        sums: dict[str, object] = {}
        for entry in self._entries:
            sums[entry.verb.value] = entry.count + int(str(sums.get(entry.verb.value, 0)))
        self._uow.changes.add("print.account", self._name, now, party_id=order.party_id, reason=reason, detail=sums)
        unnamed = sum(entry.count for entry in self._entries if entry.verb in SPENT and not entry.pieces)
        stay_void = count_of(without(joined(self._freed), [piece for _, piece in self._spent]))
        return Accounted(self._after(), voided, max(unnamed, 0), stay_void, again)

    def _check_sums(self, after: FoundOrder) -> None:
        """Nothing below zero, and not more labels than were delivered. What was too many before may become fewer."""
        number = after.order.number
        for account in (*after.account.rolls, after.account.whole):
            for verb in FATES:
                if (total := account.sums.get(verb, 0)) < 0:
                    name = f"{number}/{account.roll}" if account.roll else number
                    raise SumError(sum=total, what=verb.value, order=name)
        old = self._found.account
        for then, now in zip((*old.rolls, old.total), (*after.account.rolls, after.account.total), strict=True):
            if now.unaccounted < min(0, then.unaccounted):
                over, left = min(then.unaccounted, 0) - now.unaccounted, max(then.unaccounted, 0)
                name = f"{number}/{now.roll}" if now.roll else number
                raise TooManyError(over=over, order=name, delivered=now.delivered, left=left)
