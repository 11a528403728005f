"""The print log of a batch, and what follows from it: what was printed, how often, in which state it is.

An entry is written before anything leaves the program («begun») and another one after it («done» with the file's hash,
or «failed» when it is sure that nothing is left). A print that is begun and not done may lie on somebody's table: it
counts as printed until it is taken up again or known to have failed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from tracelib.batches.pieces import Piece, shared, times_covered


class Kind(StrEnum):
    """What was written. Orders and labels are prints; a list of codes and a picture are looked at."""

    ORDER = "order"
    LABELS = "labels"
    LIST = "list"
    PICTURE = "picture"

    @property
    def is_print(self) -> bool:
        """Whether labels come of it, so that the same codes need a reason to be printed again."""
        return self in (Kind.ORDER, Kind.LABELS)


class Verb(StrEnum):
    """What an entry says happened: the steps of a print, then the fate of printed labels (see ``print_account``)."""

    BEGUN = "begun"
    DONE = "done"
    FAILED = "failed"
    RECEIVED = "received"
    MISSING = "missing"
    USED = "used"
    TORN = "torn"
    LOST = "lost"
    MISPRINT = "misprint"
    RETURNED = "returned"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintEntry:
    """One line of the log, never changed. ``seq`` counts within the batch, from 1.

    ``print_id`` holds the entries of one print together. ``order`` is the print order's number, ``roll`` its roll;
    empty and 0 where there is none. ``pieces`` are the codes meant, empty where they are not known; ``count`` is how
    many, of codes that are not known too. ``file`` is the file's name or the printer, ``sha256`` 64 hex digits, both
    empty where there is none. ``detail`` of a file has its ``place`` (machine and path): it appears whole or not at
    all, so that the same file may simply be written again.
    """

    party_id: str
    product_id: str
    lot: str
    seq: int
    at: datetime
    operator: str
    verb: Verb
    kind: Kind
    print_id: str
    order: str = ""
    roll: int = 0
    pieces: tuple[Piece, ...] = ()
    count: int = 0
    file: str = ""
    sha256: str = ""
    reason: str = ""
    detail: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Print:
    """A print as its entries tell it: the entry that began it, and the last step (begun, done or failed).

    ``rolls`` is how many rolls of an order have been made, 0 for what is no order. ``unconfirmed``: a printer in the
    network took the labels and did not say that it has everything.
    """

    begun: PrintEntry
    state: Verb
    sha256: str = ""
    rolls: int = 0
    unconfirmed: bool = False

    @property
    def unknown(self) -> int:
        """How many of its codes nobody could compare with the log; see ``operations.printing.print_logged``."""
        found = self.begun.detail.get("unknown", 0)
        return found if isinstance(found, int) else 0

    @property
    def counts(self) -> bool:
        """Whether labels of it may be out."""
        return self.begun.kind.is_print and self.state is not Verb.FAILED


def prints_of(entries: Iterable[PrintEntry]) -> list[Print]:
    """Every print of a batch, in the order in which they began. An order's rolls are told by ``print_account``."""
    begun: dict[str, Print] = {}
    made: dict[str, set[int]] = {}
    for entry in entries:
        if entry.verb is Verb.BEGUN:
            begun[entry.print_id] = Print(entry, Verb.BEGUN)
        elif entry.verb in (Verb.DONE, Verb.FAILED) and not entry.roll and entry.print_id in begun:
            first, unconfirmed = begun[entry.print_id].begun, entry.detail.get("confirmed") is False
            begun[entry.print_id] = Print(first, entry.verb, entry.sha256, unconfirmed=unconfirmed)
        elif entry.verb is Verb.DONE and entry.roll:
            made.setdefault(entry.print_id, set()).add(entry.roll)
    return [replace(found, rolls=len(made.get(print_id, ()))) for print_id, found in begun.items()]


def counted_prints(entries: Iterable[PrintEntry]) -> list[Print]:
    """The prints of which labels may be out; the newest last."""
    return [done for done in prints_of(entries) if done.counts]


def printed_before(entries: Iterable[PrintEntry], pieces: Sequence[Piece]) -> list[Print]:
    """The prints that hold any of these codes; the newest last."""
    return [done for done in counted_prints(entries) if shared(pieces, done.begun.pieces)]


def printed_list(entries: Iterable[PrintEntry], wanted: PrintEntry) -> list[Print]:
    """The prints of the same list of codes, where nobody knows which codes these are."""
    list_ = wanted.detail.get("list")
    return [done for done in counted_prints(entries) if list_ and done.begun.detail.get("list") == list_]


def printed_elsewhere(
    entries: Iterable[PrintEntry], print_id: str, pieces: Sequence[Piece]
) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Which of these codes are in a print other than ``print_id`` too, and which of them in a later one."""
    every = [done for done in prints_of(entries) if done.counts or done.begun.print_id == print_id]
    here = next((n for n, done in enumerate(every) if done.begun.print_id == print_id), len(every))
    later = [piece for done in every[here + 1 :] for piece in done.begun.pieces]
    earlier = [piece for done in every[:here] for piece in done.begun.pieces]
    return shared(pieces, [*earlier, *later]), shared(pieces, later)


def reprint_reasons(entries: Iterable[PrintEntry], order: str) -> list[str]:
    """Why codes of a print order are on two labels: they may have been printed before it, or its files were made again.

    Empty where neither is so. ``order`` is the number of an order whose entries are among ``entries``.
    """
    every = prints_of(entries)
    at = next((n for n, done in enumerate(every) if done.begun.print_id == order), len(every))
    own, reasons = every[at : at + 1], []
    for done in own:
        before = [one for one in every[:at] if one.counts]
        if any(one.unknown or shared(done.begun.pieces, one.begun.pieces) for one in before):
            reasons.append(done.begun.reason)
    later = [one.begun for one in every[at + 1 :] if one.counts]
    return reasons + [begun.reason for begun in later if (begun.kind, begun.file) == (Kind.LABELS, order)]


def unfinished_like(entries: Iterable[PrintEntry], wanted: PrintEntry) -> Print | None:
    """The newest print that has not ended and that ``wanted`` writes again: the same codes into the same file.

    A job for a printer is never written again like this: nobody knows how much of it is on paper.
    """
    for found in reversed(prints_of(entries)):
        if found.state is Verb.BEGUN and "place" in wanted.detail and _same(found.begun, wanted):
            return found
    return None


def print_counts(entries: Iterable[PrintEntry]) -> list[tuple[Piece, int]]:
    """How often the codes of a batch were printed: pieces and the number of prints, in the order of positions."""
    return times_covered(done.begun.pieces for done in prints_of(entries) if done.counts)


def _same(one: PrintEntry, other: PrintEntry) -> bool:
    return (one.kind, one.pieces, one.count, one.detail) == (other.kind, other.pieces, other.count, other.detail)
