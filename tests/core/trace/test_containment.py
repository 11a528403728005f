"""What lay in what, and when: the fold, and the store that answers from statements."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from tracelib.errors import RuleError
from tracelib.store.unit_of_work import Store
from tracelib.trace.build import identified, packing_event
from tracelib.trace.containment import EVERYTHING, Statement, fold
from tracelib.trace.elements import ErrorDeclaration
from tracelib.trace.event import AggregationEvent
from tracelib.trace.lifecycle import Flag
from tracelib.trace.vocab import Action

AT = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
PARTY = "COOP1"
A, B, C = (f"https://q.example.com/item/{n}" for n in "ABC")
PALLET, LORRY, SHIP = (f"https://q.example.com/box/{n}" for n in ("pallet", "lorry", "ship"))


def said(hour: int, action: Action, parent: str, unit: str = A) -> Statement:
    return Statement(unit, parent, action, AT + hour * HOUR, AT + hour * HOUR, f"e{hour}")


def spans(statements: Sequence[Statement]) -> list[tuple[str, int, int | None]]:
    intervals, _ = fold(A, statements)
    hours = [(one.parent_id, one.packed_at, one.unpacked_at) for one in intervals]
    return [(p, int((a - AT) / HOUR), None if b is None else int((b - AT) / HOUR)) for p, a, b in hours]


def test_packed_unpacked_and_packed_again() -> None:
    story = [said(1, Action.ADD, PALLET), said(2, Action.DELETE, PALLET), said(5, Action.ADD, LORRY)]
    assert spans(story) == [(PALLET, 1, 2), (LORRY, 5, None)]
    assert fold(A, story)[1] == []


def test_the_order_of_arrival_does_not_matter() -> None:
    story = [
        said(1, Action.ADD, PALLET),
        said(2, Action.DELETE, PALLET),
        said(3, Action.ADD, LORRY),
        said(4, Action.ADD, PALLET),
    ]
    expected = [(PALLET, 1, 2), (LORRY, 3, 4), (PALLET, 4, None)]
    assert {tuple(spans(order)) for order in permutations(story)} == {tuple(expected)}


def test_what_does_not_fit_is_named_and_the_later_word_counts() -> None:
    story = [said(1, Action.ADD, PALLET), said(2, Action.ADD, LORRY), said(3, Action.DELETE, PALLET)]
    intervals, odd = fold(A, story)
    assert [(one.parent_id, one.unpacked_by) for one in intervals] == [(PALLET, "e2"), (LORRY, "")]
    assert [(one.said.event_id, one.flag, one.other) for one in odd] == [
        ("e2", Flag.ALREADY_PACKED, PALLET),
        ("e3", Flag.NOT_INSIDE, LORRY),
    ]


def test_packing_twice_into_the_same_changes_nothing() -> None:
    assert spans([said(1, Action.ADD, PALLET), said(2, Action.ADD, PALLET)]) == [(PALLET, 1, None)]


def test_everything_taken_out_is_no_contradiction_for_what_was_not_inside() -> None:
    story = [said(1, Action.ADD, PALLET), said(2, Action.DELETE, PALLET, EVERYTHING), said(3, Action.ADD, PALLET)]
    assert spans(story) == [(PALLET, 1, 2), (PALLET, 3, None)]
    assert fold(A, [said(2, Action.DELETE, PALLET, EVERYTHING), said(3, Action.ADD, PALLET)])[1] == []


def unpacking(parent: str, children: Sequence[str], hour: int) -> AggregationEvent:
    return identified(
        AggregationEvent(
            event_time=AT + hour * HOUR, action=Action.DELETE, parent_id=parent, child_epcs=tuple(children)
        )
    )


def packing(parent: str, children: Sequence[str], hour: int = 0) -> AggregationEvent:
    return packing_event(parent, children, event_time=AT + hour * HOUR)


def write(store: Store, *events: AggregationEvent, recorded_at: datetime = AT) -> None:
    with store.unit_of_work() as uow:
        for one in events:
            uow.events.append(PARTY, one, recorded_at=recorded_at)


def test_nested_packing_at_any_time(store: Store) -> None:
    write(
        store,
        packing(PALLET, [A, B], 1),
        packing(PALLET, [C], 2),
        packing(LORRY, [PALLET], 3),
        unpacking(PALLET, [B], 4),
        unpacking(LORRY, [], 6),
    )
    with store.reading() as uow:
        inside = uow.containment
        assert inside.children_of(PARTY, PALLET) == [A, C]
        assert inside.children_of(PARTY, PALLET, AT + 3 * HOUR) == [A, B, C]
        assert inside.children_of(PARTY, PALLET, AT) == []
        assert [one.parent_id for one in inside.above(PARTY, A, AT + 5 * HOUR)] == [PALLET, LORRY]
        assert [one.parent_id for one in inside.above(PARTY, A)] == [PALLET]
        assert inside.parents_of(PARTY, [A, B, PALLET]) == {A: PALLET}
        assert inside.holding(PARTY, [PALLET, LORRY, A]) == {PALLET}
        assert [(one.unit_id, one.unpacked_at) for one in inside.ever_in(PARTY, [PALLET])[PALLET]] == [
            (A, None), (B, AT + 4 * HOUR), (C, None),
        ]  # fmt: skip
        assert inside.parents_of("COOP2", [A]) == {}


def test_a_late_event_is_placed_by_its_time(store: Store) -> None:
    write(store, packing(LORRY, [A], 5), unpacking(PALLET, [A], 3))
    with store.reading() as uow:
        (odd,) = uow.containment.contradictions(PARTY, [A])
        assert odd.flag is Flag.NOT_INSIDE
    write(store, packing(PALLET, [A], 1), recorded_at=AT + 9 * HOUR)
    with store.reading() as uow:
        assert uow.containment.contradictions(PARTY, [A]) == []
        assert uow.containment.parents_of(PARTY, [A], AT + 2 * HOUR) == {A: PALLET}
        assert uow.containment.parents_of(PARTY, [A], AT + 4 * HOUR) == {}
        assert uow.containment.parents_of(PARTY, [A]) == {A: LORRY}


def test_a_packing_that_was_declared_wrong_says_nothing(store: Store) -> None:
    wrong = packing(PALLET, [A, B], 1)
    write(store, wrong, packing(LORRY, [A], 2))
    declared = AggregationEvent(
        event_time=wrong.event_time,
        event_id=wrong.event_id,
        parent_id=PALLET,
        child_epcs=(A, B),
        error_declaration=ErrorDeclaration(declaration_time=AT + 5 * HOUR),
    )
    write(store, declared)
    with store.reading() as uow:
        assert uow.containment.parents_of(PARTY, [A, B]) == {A: LORRY}
        assert uow.containment.contradictions(PARTY, [A]) == []


@pytest.mark.parametrize(
    ("parent", "children", "code"),
    [
        (SHIP, [A], "containment.already_packed"),
        (A, [PALLET], "containment.already_packed"),
        (A, [LORRY], "containment.inside_itself"),
        (PALLET, [LORRY], "containment.inside_itself"),
        (SHIP, [SHIP], "containment.inside_itself"),
    ],
)
def test_what_cannot_be_packed(store: Store, parent: str, children: list[str], code: str) -> None:
    write(store, packing(PALLET, [A], 1), packing(LORRY, [PALLET], 2))
    with pytest.raises(RuleError) as caught, store.unit_of_work() as uow:
        uow.containment.require_packable(PARTY, parent, children)
    assert caught.value.code == code


def test_what_cannot_be_unpacked(store: Store) -> None:
    write(store, packing(PALLET, [A], 1))
    with store.reading() as uow:
        uow.containment.require_inside(PARTY, PALLET, [A])
        with pytest.raises(RuleError) as caught:
            uow.containment.require_inside(PARTY, PALLET, [A, B])
    assert caught.value.code == "containment.not_inside"
    assert caught.value.params["where"] == "–"


def test_a_cycle_in_what_others_say_ends(store: Store) -> None:
    write(store, packing(PALLET, [LORRY], 1), packing(LORRY, [PALLET], 2))
    with store.reading() as uow:
        assert [one.parent_id for one in uow.containment.above(PARTY, PALLET)] == [LORRY]
