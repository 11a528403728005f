"""What became of the labels of a print order: made, delivered, used, torn, lost, misprinted, returned; does it add up?

Pure: everything follows from the entries of the order's log. A correction is a new entry with a negative count.
What is counted for the whole order, and not for a roll, stands under roll 0.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from tracelib.batches.pieces import Piece, joined, without
from tracelib.batches.prints import PrintEntry, Verb

SPENT = (Verb.TORN, Verb.LOST, Verb.MISPRINT)
"""Labels that must never be found on a box: their codes are to be void."""
REPLACED = (Verb.TORN, Verb.MISPRINT)
"""Of these the label is in somebody's hand and is destroyed: a second print of the code takes its place."""
FATES = (Verb.USED, *SPENT, Verb.RETURNED)
"""What becomes of a delivered label."""
COUNTED = (Verb.RECEIVED, Verb.MISSING, *FATES)


class OrderState(StrEnum):
    """How far an order is."""

    ORDERED = "ordered"
    MAKING = "making"
    MADE = "made"
    DELIVERING = "delivering"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


class Matter(StrEnum):
    """What may not add up."""

    BALANCE = "balance"
    """Delivered labels and what became of them: positive where labels are unaccounted for."""
    MISSING = "missing"
    """Labels that were not in the delivery."""
    VOID = "void"
    """Torn, lost and misprinted labels and void codes: positive where labels are not void, negative where codes are
    void and no label is accounted for."""
    ACTIVE = "active"
    """More codes are active on boxes than labels were used."""


@dataclass(frozen=True, slots=True)
class RollAccount:
    """A roll's numbers: how many labels it has, the hash of its file («» while it is not made), and the sums."""

    roll: int
    count: int
    sha256: str = ""
    sums: Mapping[Verb, int] = field(default_factory=dict)

    def sum_of(self, *verbs: Verb) -> int:
        """The sum over these kinds of entries."""
        return sum(self.sums.get(verb, 0) for verb in verbs)

    def same_sums(self, other: "RollAccount") -> bool:
        """Whether as many labels of every kind are noted."""
        return all(self.sum_of(verb) == other.sum_of(verb) for verb in COUNTED)

    @property
    def delivered(self) -> int:
        """Labels that arrived."""
        return self.sum_of(Verb.RECEIVED)

    @property
    def missing(self) -> int:
        """Labels that the delivery lacked."""
        return self.sum_of(Verb.MISSING)

    @property
    def waiting(self) -> int:
        """Labels that nobody has received or missed yet."""
        return self.count - self.delivered - self.missing

    @property
    def unaccounted(self) -> int:
        """Delivered labels of which nobody has said what became of them; negative where it is too many."""
        return self.delivered - self.sum_of(*FATES)


@dataclass(frozen=True, slots=True)
class OrderAccount:
    """An order's rolls and what was counted for the whole order (``whole``, roll 0)."""

    state: OrderState
    rolls: tuple[RollAccount, ...]
    whole: RollAccount
    settled: Mapping[tuple[Matter, int], int]

    @property
    def total(self) -> RollAccount:
        """All rolls and the whole order together."""
        parts = (*self.rolls, self.whole)
        sums = {verb: sum(part.sums.get(verb, 0) for part in parts) for verb in COUNTED}
        return RollAccount(0, sum(roll.count for roll in self.rolls), "", sums)

    @property
    def open(self) -> bool:
        """Whether delivered labels are not accounted for, or others are missing, and nobody has accepted that."""
        return any(not one.settled for one in differences(self, None))

    def lines(self) -> tuple[RollAccount, ...]:
        """What can be reconciled: roll by roll, or the whole where somebody counted over several rolls."""
        return (self.total,) if any(self.whole.sums.values()) else self.rolls


@dataclass(frozen=True, slots=True)
class StoreFacts:
    """What the store knows of a roll's codes: how many are active, how many void that never were active.

    ``active`` and ``void`` are of codes in this print alone; ``returned`` of the void ones are so because their labels
    came back, or were noted as returned by name. Codes that another print holds too cannot be told apart by their
    labels: ``void_elsewhere`` of these are void, ``again`` were printed later once more and are valid, for the new one.
    """

    active: int
    void: int
    returned: int = 0
    void_elsewhere: int = 0
    again: int = 0

    def __add__(self, other: "StoreFacts") -> "StoreFacts":
        return StoreFacts(*(getattr(self, name) + getattr(other, name) for name in StoreFacts.__slots__))

    def void_returned(self, account: RollAccount) -> int:
        """Labels that were returned and are void: those that are known, or as many as there must be among all."""
        returned = account.sum_of(Verb.RETURNED)
        return max(min(self.returned, returned), returned + self.void - account.count, 0)

    def not_void(self, account: RollAccount) -> int:
        """Void labels and codes: positive where labels are not void, negative where codes are and no label is told.

        A torn or misprinted label whose code was printed again is replaced by the new label and needs no void. Codes
        of labels that never arrived may be void or not.
        """
        spent, void = account.sum_of(*SPENT), self.void - self.void_returned(account)
        replaced = min(account.sum_of(*REPLACED), self.again)
        return max(spent - void - self.void_elsewhere - replaced, 0) or min(spent + account.missing - void, 0)


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that does not add up in a roll (0: the whole order); ``settled`` once it was accepted with a reason."""

    matter: Matter
    roll: int
    amount: int
    settled: bool = False


def alike(rolls: Iterable[RollAccount]) -> list[tuple[RollAccount, ...]]:
    """Neighbouring rolls of which the same can be said: as many labels, a file or none, the same sums."""
    runs: list[tuple[RollAccount, ...]] = []
    for roll in rolls:
        before = runs[-1][-1] if runs else None
        if before and (before.count, not before.sha256) == (roll.count, not roll.sha256) and before.same_sums(roll):
            runs[-1] = (*runs[-1], roll)
        else:
            runs.append((roll,))
    return runs


def cancellation(entries: Iterable[PrintEntry]) -> PrintEntry | None:
    """The entry that cancelled an order, unless its labels came all the same."""
    last = [entry for entry in entries if entry.verb in (Verb.DONE, Verb.FAILED) and not entry.roll]
    return last[-1] if last and last[-1].verb is Verb.FAILED else None


def roll_hashes(entries: Iterable[PrintEntry]) -> dict[int, str]:
    """The hash of each roll's file as it was last made."""
    return {entry.roll: entry.sha256 for entry in entries if entry.verb is Verb.DONE and entry.roll}


def account_of(rolls: Iterable[tuple[int, int]], entries: Sequence[PrintEntry]) -> OrderAccount:
    """The account of an order; ``rolls`` are numbers and counts, ``entries`` the order's own, in their order."""
    hashes = roll_hashes(entries)
    sums: dict[int, dict[Verb, int]] = {}
    settled: dict[tuple[Matter, int], int] = {}
    for entry in entries:
        if entry.verb in COUNTED:
            of_roll = sums.setdefault(entry.roll, {})
            of_roll[entry.verb] = of_roll.get(entry.verb, 0) + entry.count
        elif entry.verb is Verb.SETTLED:
            settled[Matter(str(entry.detail["matter"])), entry.roll] = entry.count
    accounts = tuple(RollAccount(n, count, hashes.get(n, ""), sums.get(n, {})) for n, count in rolls)
    state = OrderState.CANCELLED if cancellation(entries) else _state(accounts)
    return OrderAccount(state, accounts, RollAccount(0, 0, "", sums.get(0, {})), settled)


def named_pieces(entries: Iterable[PrintEntry]) -> dict[tuple[int, Verb], tuple[Piece, ...]]:
    """Which codes were named, by roll and fate; what a correction named is taken out again."""
    named: dict[tuple[int, Verb], tuple[Piece, ...]] = {}
    for entry in entries:
        if entry.verb in FATES and entry.pieces:
            key = entry.roll, entry.verb
            before = named.get(key, ())
            named[key] = joined((*before, *entry.pieces)) if entry.count > 0 else without(before, entry.pieces)
    return named


def _state(rolls: Sequence[RollAccount]) -> OrderState:
    made = sum(bool(roll.sha256) for roll in rolls)
    if not made:
        return OrderState.ORDERED
    if made < len(rolls):
        return OrderState.MAKING
    if all(roll.waiting == roll.count for roll in rolls):
        return OrderState.MADE
    return OrderState.DELIVERED if not any(roll.waiting for roll in rolls) else OrderState.DELIVERING


def void_returned(account: OrderAccount, facts: Mapping[int, StoreFacts]) -> int:
    """Labels of an order that were returned and are void; 0 where the store was not asked."""
    return sum(_facts_of(line, facts).void_returned(line) for line in account.lines()) if facts else 0


def _facts_of(line: RollAccount, facts: Mapping[int, StoreFacts]) -> StoreFacts:
    return facts[line.roll] if line.roll else sum(facts.values(), StoreFacts(0, 0))


def differences(account: OrderAccount, facts: Mapping[int, StoreFacts] | None) -> list[Difference]:
    """What does not add up, settled or not. ``facts`` by roll; None where the store could not be asked.

    A label may be used and its code not active yet.
    """
    found: list[Difference] = []
    for line in account.lines():
        amounts = {Matter.BALANCE: line.unaccounted, Matter.MISSING: line.missing}
        if facts is not None:
            here = _facts_of(line, facts)
            amounts[Matter.VOID] = here.not_void(line)
            amounts[Matter.ACTIVE] = max(here.active - line.sum_of(Verb.USED), 0)
        for matter, amount in amounts.items():
            if amount:
                is_settled = account.settled.get((matter, line.roll), 0) == amount
                found.append(Difference(matter, line.roll, amount, is_settled))
    return found


def alike_differences(found: Iterable[Difference]) -> list[tuple[Difference, ...]]:
    """Differences in neighbouring rolls that are the same, in the order of the first roll of each run."""
    runs: list[tuple[Difference, ...]] = []
    for one in sorted(found, key=lambda one: (one.matter, one.roll)):
        before = runs[-1][-1] if runs else None
        if before is not None and before == replace(one, roll=one.roll - 1):
            runs[-1] = (*runs[-1], one)
        else:
            runs.append((one,))
    return sorted(runs, key=lambda run: run[0].roll)
