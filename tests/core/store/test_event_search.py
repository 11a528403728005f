"""Events by what they say, page by page."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tracelib.errors import FormatError
from tracelib.store.event_search import EventQuery, find_events
from tracelib.store.unit_of_work import Store
from tracelib.trace.build import commissioning_event, decommissioning_event, packing_event
from tracelib.trace.event import Event

AT = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
UNITS = [f"https://q.example.com/x/{n}" for n in range(6)]
PALLET = "https://id.gs1.org/00/106141412345678908"


@pytest.fixture
def ids(store: Store) -> list[str]:
    """Ids of eight events: six commissionings an hour apart, a packing, a void; and one of another party."""
    events: list[Event] = [
        *(commissioning_event([unit], event_time=AT + n * HOUR) for n, unit in enumerate(UNITS)),
        packing_event(PALLET, UNITS[:3], event_time=AT + 6 * HOUR),
        decommissioning_event(UNITS[5:], event_time=AT + 7 * HOUR),
    ]
    with store.unit_of_work() as uow:
        for one in events:
            uow.events.append("COOP1", one, recorded_at=AT)
        uow.events.append("COOP2", events[1], recorded_at=AT)
    return [one.event_id for one in events]


def found(store: Store, ids: list[str], **asked: Any) -> list[int]:  # noqa: ANN401 - of a query
    with store.reading() as uow:
        page = find_events(uow.session, EventQuery(**{"party_id": "COOP1", **asked}), 100)
    assert page.next == ""
    return [ids.index(one.key.event_id) for one in page.events]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, [7, 6, 5, 4, 3, 2, 1, 0]),
        ({"party_id": ""}, [7, 6, 5, 4, 3, 2, 1, 1, 0]),
        ({"event_types": ("AggregationEvent",)}, [6]),
        ({"biz_steps": ("packing", "urn:epcglobal:cbv:bizstep:decommissioning")}, [7, 6]),
        ({"since": AT + 5 * HOUR, "until": AT + 7 * HOUR}, [6, 5]),
        ({"object_ids": (UNITS[1],)}, [6, 1]),
        ({"object_ids": (UNITS[1], UNITS[5])}, [7, 6, 5, 1]),
        ({"object_ids": ("106141412345678908",)}, [6]),
        ({"object_ids": ("nothing",)}, []),
        ({"actions": ("DELETE",)}, [7]),
        ({"dispositions": ("https://ref.gs1.org/cbv/Disp-in_progress", "inactive")}, [7, 6]),
        ({"object_ids": (UNITS[5],), "actions": ("ADD",)}, [5]),
    ],
)
def test_each_parameter(store: Store, ids: list[str], asked: dict[str, Any], expected: list[int]) -> None:
    assert found(store, ids, **asked) == expected


def test_an_event_by_its_id(store: Store, ids: list[str]) -> None:
    assert found(store, ids, event_ids=(ids[4], "ni:///none")) == [4]


@pytest.mark.parametrize("asked", [{}, {"actions": ("ADD", "DELETE")}])
def test_pages_follow_each_other_without_gap_or_repetition(store: Store, ids: list[str], asked: dict[str, Any]) -> None:
    pages: list[list[str]] = []
    token = ""
    with store.reading() as uow:
        while token or not pages:
            page = find_events(uow.session, EventQuery(**asked, after=token), 2)
            pages.append([f"{one.party_id} {ids.index(one.key.event_id)}" for one in page.events])
            token = page.next
    assert [len(one) for one in pages] == [2, 2, 2, 2, 1]
    flat = [one for page_ in pages for one in page_]
    assert flat == [f"COOP1 {n}" for n in (7, 6, 5, 4, 3, 2)] + ["COOP2 1", "COOP1 1", "COOP1 0"]


@pytest.mark.parametrize("token", ["x", "WzEsMl0", "é", "W" * 5000, "WyJzb29uIiwiYSIsImIiLCIiXQ"])
def test_a_token_that_is_none(store: Store, token: str) -> None:
    with store.reading() as uow, pytest.raises(FormatError) as caught:
        find_events(uow.session, EventQuery(after=token), 2)
    assert caught.value.code == "event.page"
