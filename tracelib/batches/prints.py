"""The print log of a batch, and what follows from it: what was printed, how often, in which state it is.

An entry is written before anything leaves the program («begun») and another one after it («done» with the file's hash,
or «failed» when it is sure that nothing is left). A print that is begun and not done may lie on somebody's table: it
counts as printed until it is taken up again or known to have failed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from tracelib.batches.pieces import Piece, count_of, shared, times_covered


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
    many. ``file`` is the file's name, ``sha256`` 64 hex digits, both empty where there is none.
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
    """A print as its entries tell it: the entry that began it, and the last step (begun, done or failed)."""

    begun: PrintEntry
    state: Verb
    sha256: str = ""

    @property
    def counts(self) -> bool:
        """Whether labels of it may be out."""
        return self.begun.kind.is_print and self.state is not Verb.FAILED


def prints_of(entries: Iterable[PrintEntry]) -> list[Print]:
    """Every print of a batch, in the order in which they began. An order's rolls are told by ``print_account``."""
    begun: dict[str, Print] = {}
    for entry in entries:
        if entry.verb is Verb.BEGUN:
            begun[entry.print_id] = Print(entry, Verb.BEGUN)
        elif entry.verb in (Verb.DONE, Verb.FAILED) and not entry.roll and entry.print_id in begun:
            begun[entry.print_id] = Print(begun[entry.print_id].begun, entry.verb, entry.sha256)
    return list(begun.values())


def printed_before(entries: Iterable[PrintEntry], pieces: Sequence[Piece]) -> list[Print]:
    """The prints that hold any of these codes; the newest last."""
    return [done for done in prints_of(entries) if done.counts and shared(pieces, done.begun.pieces)]


def unfinished_like(entries: Iterable[PrintEntry], wanted: PrintEntry) -> Print | None:
    """The print that broke off and that ``wanted`` does again, or does the rest of. The newest of them.

    It is of the same kind, into the same file or printer, and ends with the same code.
    """
    for found in reversed(prints_of(entries)):
        same = found.begun.kind is wanted.kind and found.begun.file == wanted.file
        if same and found.state is Verb.BEGUN and not wanted.order and _is_rest(wanted.pieces, found.begun.pieces):
            return found
    return None


def print_counts(entries: Iterable[PrintEntry]) -> list[tuple[Piece, int]]:
    """How often the codes of a batch were printed: pieces and the number of prints, in the order of positions."""
    return times_covered(done.begun.pieces for done in prints_of(entries) if done.counts)


def _is_rest(pieces: Sequence[Piece], whole: Sequence[Piece]) -> bool:
    if not pieces or not whole:
        return not pieces and not whole
    end = (pieces[-1].prefix, pieces[-1].last) == (whole[-1].prefix, whole[-1].last)
    return end and count_of(shared(pieces, whole)) == count_of(pieces)
