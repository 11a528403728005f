"""The account of a recall, by hand."""

import pytest

from tracelib.trace.recall_balance import Fault, Tally, share


def test_a_tally_by_hand() -> None:
    """Of 14 cartons 6 left; 4 came back, 9 were destroyed, 1 is eaten; 2 are counted on stock."""
    tally = Tally(total=14, left=6, back=4, destroyed=9, lost=1, counted=2)
    assert tally.books == 14 - 6 + 4 - 9 == 3
    assert (tally.stock, tally.still_out, tally.missing, tally.unexplained) == (2, 1, 1, 2)
    assert tally.stock + tally.still_out + tally.destroyed + tally.lost + tally.missing == tally.total
    assert list(tally.faults()) == []


def test_without_a_count_the_books_hold() -> None:
    tally = Tally(total=10, left=4, back=1)
    assert (tally.books, tally.stock, tally.still_out, tally.missing) == (7, 7, 3, 0)


def test_more_found_than_the_books_say() -> None:
    assert Tally(total=10, counted=11).missing == -1


@pytest.mark.parametrize(
    ("tally", "faults"),
    [
        (Tally(total=5, left=2, back=3), [(Fault.RETURNED, 3, 2)]),
        (Tally(total=5, left=2, back=1, lost=2), [(Fault.LOST, 2, 1)]),
        (Tally(total=5, left=2, back=1, destroyed=5), [(Fault.DESTROYED, 5, 4)]),
        (
            Tally(total=5, left=2, back=3, lost=1, destroyed=6),
            [(Fault.RETURNED, 3, 2), (Fault.LOST, 1, 0), (Fault.DESTROYED, 6, 5)],
        ),
    ],
)
def test_counts_that_cannot_be(tally: Tally, faults: list[tuple[Fault, int, int]]) -> None:
    assert list(tally.faults()) == faults


def test_shares_of_a_weight() -> None:
    assert (share(70_000, 4, 14), share(10, 1, 3), share(0, 0, 0)) == (20_000, 3, 0)
