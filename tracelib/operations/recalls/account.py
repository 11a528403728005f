"""Count what comes back, close a recall, and say what became of every unit and every gram."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tracelib.batches.batch import kilograms
from tracelib.errors import RuleError
from tracelib.operations.recalls.affected import Affected
from tracelib.operations.recalls.errors import (
    FewerDestroyedError,
    FewerReturnedError,
    RecallCountError,
    RecallNoteError,
    RecallUnexplainedError,
    TooManyDestroyedError,
    TooManyLostError,
    TooManyReturnedError,
)
from tracelib.operations.recalls.find import FoundRecall, find_recall
from tracelib.store.retry import in_turn
from tracelib.trace.recall import Fate, RecallEntry, Verb
from tracelib.trace.recall_balance import Fault, Tally, share

if TYPE_CHECKING:
    from tracelib.clock import Clock
    from tracelib.store.unit_of_work import Store, UnitOfWork

LONGEST_NOTE = 200


@dataclass(frozen=True, slots=True)
class Counts:
    """What somebody counted, in units and in grams of goods without units; None: not said, the record counts."""

    returned: int | None = None
    destroyed: int | None = None
    lost: int | None = None
    stock: int | None = None

    def on(self, tally: Tally) -> Tally:
        """The tally with what was counted in the place of what the record says."""
        return replace(
            tally,
            back=tally.back if self.returned is None else self.returned,
            destroyed=tally.destroyed if self.destroyed is None else self.destroyed,
            lost=tally.lost if self.lost is None else self.lost,
            counted=self.stock,
        )

    def below(self, tally: Tally) -> Iterator[tuple[type[RuleError], int, int]]:
        """Totals that are below what events and entries have recorded: the error, what was given, what is recorded."""
        for error, given, recorded in (
            (FewerReturnedError, self.returned, tally.back),
            (FewerDestroyedError, self.destroyed, tally.destroyed),
        ):
            if given is not None and given < recorded:
                yield error, given, recorded


NOTHING = Counts()


@dataclass(frozen=True, slots=True)
class Account:
    """What became of the goods. ``units`` counts cartons, ``loose`` grams that were never on a carton.

    ``registered_g`` is the weight of the recalled batch, ``joined_g`` that of others that went into the same steps,
    ``process_loss_g`` was lost there. ``on_units_g`` is the weight of all units in use, ``used_g`` of those of which
    other goods were made. ``over_g``: by so much units and loose goods that moved weigh more than the batches.
    """

    registered_g: int
    joined_g: int
    process_loss_g: int
    on_units_g: int
    used_g: int
    over_g: int
    weight_unknown: int
    units: Tally
    loose: Tally

    @property
    def total_g(self) -> int:
        """Everything that has to be accounted for."""
        return self.registered_g + self.joined_g

    def grams(self, units: int, loose_g: int) -> int:
        """The weight of so many units (at their mean weight) and so much loose goods."""
        return share(self.on_units_g, units, self.units.total - self.weight_unknown) + loose_g

    def weights(self) -> dict[str, int]:
        """The mass balance in grams. All but the first two, less ``over``, add up to the first two."""
        units, loose = self.units, self.loose
        rows = {
            "still_out": self.grams(units.still_out, loose.still_out),
            "destroyed": self.grams(units.destroyed, loose.destroyed),
            "lost": self.grams(units.lost, loose.lost),
            "missing": self.grams(units.missing, loose.missing),
        }
        stock = self.on_units_g + loose.total - sum(rows.values())  # the rest, so that no gram is lost in rounding
        return {
            "registered": self.registered_g,
            "joined": self.joined_g,
            "process_loss": self.process_loss_g,
            "used": self.used_g,
            "stock": stock,
            **rows,
            "over": self.over_g,
        }


def account_of(affected: Affected, found: FoundRecall) -> Account:
    """The account as record, entries and the closing counts say."""
    account = _by_record(affected, found)
    closing = found.closing
    if closing is None or found.recall.drill:
        return account
    counted = {
        name: Counts(**{key: _whole(value) for key, value in _mapping(closing.detail.get(name)).items()})
        for name in ("units", "loose")
    }
    return replace(account, units=counted["units"].on(account.units), loose=counted["loose"].on(account.loose))


def note_return(
    store: "Store", clock: "Clock", named: tuple[str, str | None], affected: Affected, entry: RecallEntry
) -> RecallEntry:
    """Goods came back that nobody scanned: so many units, or so many grams without units.

    ``named``: the recall's number, and the party where none is named in it. Raises RecallClosedError, RecallNoteError,
    RecallCountError (more than is still out).
    """
    _check_text(entry.place)
    _check_text(entry.note)

    def write(uow: "UnitOfWork") -> RecallEntry:
        """One transaction."""
        found = find_recall(uow, *named)
        found.require_open()
        now = clock.now()
        after = replace(found, entries=(*found.entries, replace(entry, at=now)))
        _refuse(found, _by_record(affected, after), [])
        written = uow.recalls.append(found.recall, replace(entry, at=now))
        detail = {"count": entry.units, "weight_g": entry.weight_g, "place": entry.place, "note": entry.note}
        uow.changes.add("recall.return", found.recall.number, now, party_id=found.recall.party_id, detail=detail)
        return written

    return in_turn(store, write)


def close_recall(
    store: "Store", clock: "Clock", named: tuple[str, str | None], affected: Affected, closing: "Closing"
) -> tuple[FoundRecall, Account]:
    """Close a recall with its last counts; the recall and its account as they are then.

    Raises RecallClosedError, RecallNoteError, RecallCountError, RecallUnexplainedError; nothing is written then.
    """
    _check_text(closing.note)

    def write(uow: "UnitOfWork") -> tuple[FoundRecall, Account]:
        """One transaction."""
        found = find_recall(uow, *named)
        found.require_open()
        account = _counted(found, affected, closing)
        now = clock.now()
        detail = {"units": _said(closing.units), "loose": _said(closing.loose), "weights": account.weights()}
        entry = RecallEntry(verb=Verb.CLOSED, at=now, units=account.units.destroyed, note=closing.note, detail=detail)
        entry = uow.recalls.append(found.recall, entry)
        told = {
            "drill": found.recall.drill,
            "returned": account.units.back,
            "destroyed": account.units.destroyed,
            "lost": account.units.lost,
            "unexplained": account.units.unexplained,
            "note": closing.note,
        }
        uow.changes.add("recall.close", found.recall.number, now, party_id=found.recall.party_id, detail=told)
        return replace(found, entries=(*found.entries, entry)), account

    return in_turn(store, write)


@dataclass(frozen=True, slots=True)
class Closing:
    """How a recall ends: counts of units, of loose goods in grams, and a word about what stays unexplained."""

    units: Counts = NOTHING
    loose: Counts = NOTHING
    note: str = ""


def _counted(found: FoundRecall, affected: Affected, closing: Closing) -> Account:
    """The account with the closing counts; refuses what cannot be, and what nobody explains."""
    record = _by_record(affected, found)
    account = replace(record, units=closing.units.on(record.units), loose=closing.loose.on(record.loose))
    below = [
        error(given=_amount(given, loose), most=_amount(recorded, loose))
        for loose, counts, tally in ((False, closing.units, record.units), (True, closing.loose, record.loose))
        for error, given, recorded in counts.below(tally)
    ]
    _refuse(found, account, below)
    left = account.units.unexplained, account.loose.unexplained
    if any(left) and not closing.note.strip() and not found.recall.drill:
        raise RecallUnexplainedError(number=found.recall.number, units=left[0], weight_kg=kilograms(left[1]))
    return account


def _by_record(affected: Affected, found: FoundRecall) -> Account:
    """The account by events, and by what was counted when it came back."""
    active = affected.active
    weight_g = sum(unit.weight_g or 0 for unit in active)
    first = next(iter(affected.batches.values()))
    descent = affected.descent
    total_g = first.weight_g + descent.joined_g - descent.loss_g
    told = [one for one in affected.loose if one.own or one.fate is Fate.DESTROYED]  # others sold what was sent to them
    moved = {fate: sum(one.weight_g or 0 for one in told if one.fate is fate) for fate in Fate}
    elsewhere_g = sum(one.weight_g or 0 for one in affected.loose if one.fate is Fate.DESTROYED and not one.own)
    back = found.of(Verb.RETURNED)
    loose = Tally(
        total=max(total_g - weight_g - affected.used_g, 0),
        left=moved[Fate.SENT] + moved[Fate.SOLD],
        back=moved[Fate.RETURNED] + elsewhere_g + sum(entry.weight_g or 0 for entry in back),
        destroyed=moved[Fate.DESTROYED],
    )
    loose = replace(loose, total=loose.total - min(loose.books, 0))  # more moved than there was: the books say so
    return Account(
        registered_g=first.weight_g,
        joined_g=descent.joined_g,
        process_loss_g=descent.loss_g,
        on_units_g=weight_g,
        used_g=affected.used_g,
        over_g=weight_g + affected.used_g + loose.total - total_g,
        weight_unknown=sum(unit.weight_g is None for unit in active),
        units=Tally(
            total=len(active),
            left=sum(bool(unit.passed) for unit in active),
            back=sum(unit.back for unit in active) + sum(entry.units or 0 for entry in back),
            destroyed=sum(unit.fate is Fate.DESTROYED for unit in active),
        ),
        loose=loose,
    )


_FAULTS = {
    Fault.RETURNED: TooManyReturnedError,
    Fault.LOST: TooManyLostError,
    Fault.DESTROYED: TooManyDestroyedError,
}


def _refuse(found: FoundRecall, account: Account, more: list[RuleError]) -> None:
    """Raise RecallCountError with every count that cannot be."""
    faults = more + [
        _FAULTS[fault](given=_amount(given, loose), most=_amount(most, loose))
        for loose, tally in ((False, account.units), (True, account.loose))
        for fault, given, most in tally.faults()
    ]
    if faults:
        raise RecallCountError(faults, number=found.recall.number)


def _amount(amount: int, loose: bool) -> str:
    return f"{kilograms(amount)} kg" if loose else str(amount)


def _check_text(text: str) -> None:
    if len(text) > LONGEST_NOTE or not (text.isprintable()):
        raise RecallNoteError(given=text, most=LONGEST_NOTE)


def _said(counts: Counts) -> dict[str, int]:
    named = (("returned", counts.returned), ("destroyed", counts.destroyed), ("lost", counts.lost))
    return {name: value for name, value in (*named, ("stock", counts.stock)) if value is not None}


def _mapping(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _whole(value: object) -> int:
    return int(value) if isinstance(value, int) else 0
