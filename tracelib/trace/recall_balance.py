"""The account of a recall: what became of the goods, in units or in grams, and what nobody can explain.

::

    total = on stock + still out + destroyed + lost + missing
    on stock (by the books) = total − left + back − destroyed
    still out               = left − back − lost
    missing                 = on stock by the books − on stock as counted

What came back lies on stock until it is destroyed. Pure.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """Which count cannot be."""

    RETURNED = "returned"
    """More came back than ever left."""
    LOST = "lost"
    """More is written off than is still out."""
    DESTROYED = "destroyed"
    """More was destroyed than was here or came back."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Whole units, or grams. ``left``: ever sent away; ``back``: of these, came back; ``counted``: what somebody
    counted on stock, None where nobody did.
    """

    total: int
    left: int = 0
    back: int = 0
    destroyed: int = 0
    lost: int = 0
    counted: int | None = None

    @property
    def books(self) -> int:
        """What should be on stock by the books."""
        return self.total - self.left + self.back - self.destroyed

    @property
    def stock(self) -> int:
        """What is on stock: as counted, else by the books."""
        return self.books if self.counted is None else self.counted

    @property
    def still_out(self) -> int:
        """What neither came back nor was written off."""
        return self.left - self.back - self.lost

    @property
    def missing(self) -> int:
        """What should be on stock and was not found there; below nothing: more was found."""
        return self.books - self.stock

    @property
    def unexplained(self) -> int:
        """What nobody can say anything about, once a recall is to be closed."""
        return self.still_out + self.missing

    def faults(self) -> Iterator[tuple[Fault, int, int]]:
        """Counts that cannot be: which one, what was given, and how much there can be at most."""
        back = min(self.back, self.left)
        for fault, given, most in (
            (Fault.RETURNED, self.back, self.left),
            (Fault.LOST, self.lost, self.left - back),
            (Fault.DESTROYED, self.destroyed, self.total - self.left + back),
        ):
            if given > max(most, 0):
                yield fault, given, max(most, 0)


def share(grams: int, units: int, of: int) -> int:
    """The grams of some units of many that weigh ``grams`` together, to the nearest gram."""
    return round(grams * units / of) if of else 0
