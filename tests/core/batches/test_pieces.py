"""Pieces of counters against plain sets of counters."""

from hypothesis import given
from hypothesis import strategies as st

from tracelib.batches.pieces import (
    Piece,
    at_positions,
    count_of,
    cut,
    in_order,
    joined,
    places_of,
    shared,
    times_covered,
    without,
)

pieces = st.lists(
    st.builds(
        lambda prefix, first, count: Piece(prefix, first, count, first + (1 if prefix == "A" else 1001)),
        st.sampled_from("AB"), st.integers(0, 60), st.integers(1, 20),
    ),
    max_size=6,
)  # fmt: skip


def plain(some: object) -> list[tuple[str, int]]:
    return [(piece.prefix, n) for piece in some for n in range(piece.first, piece.last + 1)]  # type: ignore[attr-defined]


@given(pieces, pieces)
def test_shared_and_without(some: list[Piece], others: list[Piece]) -> None:
    assert set(plain(shared(some, others))) == set(plain(some)) & set(plain(others))
    left = plain(without(some, others))
    assert left == [code for code in plain(some) if code not in set(plain(others))]


@given(pieces)
def test_joined_holds_each_code_once(some: list[Piece]) -> None:
    assert plain(joined(some)) == sorted(set(plain(some)))


@given(pieces, st.integers(1, 30))
def test_cut_into_rolls(some: list[Piece], size: int) -> None:
    parts = cut(some, size)
    assert [code for part in parts for code in plain(part)] == plain(some)
    assert all(count_of(part) == size for part in parts[:-1])
    assert not parts or 1 <= count_of(parts[-1]) <= size


@given(pieces, st.integers(1, 40), st.one_of(st.none(), st.integers(1, 80)))
def test_in_order(some: list[Piece], first: int, last: int | None) -> None:
    assert plain(in_order(some, first, last)) == plain(some)[first - 1 : last]


@given(st.lists(pieces, max_size=4))
def test_times_covered(prints: list[list[Piece]]) -> None:
    times = {code: n for piece, n in times_covered(prints) for code in plain([piece])}
    every = {code for one in prints for code in plain(one)}
    assert times == {code: sum(code in set(plain(one)) for one in prints) for code in every}


@given(pieces)
def test_positions_follow_counters(some: list[Piece]) -> None:
    for made in (shared(some, some), without(some, []), joined(some), tuple(p for part in cut(some, 7) for p in part)):
        assert all(piece.position - piece.first == (1 if piece.prefix == "A" else 1001) for piece in made)


def test_positions_as_people_write_them() -> None:
    some = [Piece("A", 0, 10, 1), Piece("A", 10, 5, 11), Piece("B", 7, 1, 20)]
    assert places_of(some) == "1-15, 20"
    assert places_of(some, most=1) == "1-15 …"
    assert plain(at_positions(some, 9, 20)) == [("A", n) for n in range(8, 15)] + [("B", 7)]
