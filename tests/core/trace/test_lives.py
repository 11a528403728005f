"""The life of a unit as a pure value: what follows what, and what a carton lives through on its pallet."""

from datetime import UTC, datetime, timedelta

import pytest

from tracelib.trace.lifecycle import Flag, Happening, State, life
from tracelib.trace.objects import Role
from tracelib.trace.route.inherited import Stay, whole_lives
from tracelib.trace.vocab import Action

START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def at(hour: float) -> datetime:
    return START + timedelta(hours=hour)


def happened(hour: float, step: str, disposition: str = "", role: Role = Role.EPC, order: str = "") -> Happening:
    action = Action.ADD if step == "commissioning" else Action.OBSERVE
    return Happening(at(hour), order, f"{step}@{hour}", action, step, disposition, role)


BEGUN = happened(0, "commissioning", "active")


@pytest.mark.parametrize(
    ("steps", "state", "flags"),
    [
        ([], State.UNKNOWN, []),
        ([BEGUN], State.ACTIVE, []),
        ([BEGUN, happened(1, "shipping"), happened(2, "receiving")], State.RECEIVED, []),
        ([happened(2, "receiving"), BEGUN, happened(1, "shipping")], State.RECEIVED, []),
        ([BEGUN, happened(1, "retail_selling"), happened(2, "shipping")], State.SOLD, []),
        ([BEGUN, happened(1, "retail_selling"), happened(2, "receiving", "returned")], State.RETURNED, []),
        ([BEGUN, happened(1, "retail_selling"), happened(2, "destroying")], State.DESTROYED, []),
        ([BEGUN, happened(1, "inspecting"), happened(2, "storing")], State.ACTIVE, []),
        ([BEGUN, happened(1, "commissioning")], State.ACTIVE, [Flag.SECOND_COMMISSIONING]),
        ([happened(1, "shipping")], State.SHIPPED, [Flag.NEVER_ACTIVE]),
        ([BEGUN, happened(1, "decommissioning"), happened(2, "shipping")], State.VOID, [Flag.AFTER_END]),
        ([happened(0, "packing", role=Role.PARENT), happened(1, "shipping")], State.SHIPPED, []),
        ([BEGUN, happened(1, "commissioning", role=Role.INPUT)], State.USED_UP, []),
        ([happened(1, "commissioning", role=Role.OUTPUT)], State.ACTIVE, []),
    ],
)
def test_what_follows_what(steps: list[Happening], state: State, flags: list[Flag]) -> None:
    found, said = life(steps)
    assert (found, [flag for _, flag in said]) == (state, flags)


def test_a_carton_lives_through_its_pallets_events_while_it_lies_there() -> None:
    own = {
        "carton": [BEGUN],
        "pallet": [happened(h, step) for h, step in ((0.5, "inspecting"), (2, "shipping"), (4, "receiving"))],
        "ship": [happened(3, "storing")],
    }
    stays = {
        "carton": [Stay("pallet", (at(1), ""), (at(4), ""))],
        "pallet": [Stay("ship", (at(2.5), ""))],
    }
    lives = whole_lives(["carton", "pallet"], own, stays)
    assert [(one.biz_step, one.through) for one in lives["carton"]] == [
        ("commissioning", ""),
        ("shipping", "pallet"),
        ("storing", "ship"),
    ]
    assert [one.biz_step for one in lives["pallet"]] == ["inspecting", "shipping", "storing", "receiving"]


def test_of_one_instant_what_was_recorded_first_comes_first() -> None:
    stay = Stay("pallet", (at(1), "b"), (at(2), "b"))
    own = {"pallet": [happened(1, "shipping", order=order) for order in "ac"] + [happened(2, "receiving", order="a")]}
    lives = whole_lives(["carton"], own, {"carton": [stay]})
    assert [(one.biz_step, one.order) for one in lives["carton"]] == [("shipping", "c"), ("receiving", "a")]


def test_a_pallets_own_code_is_no_affair_of_the_cartons() -> None:
    own = {"pallet": [happened(2, "decommissioning"), happened(2, "packing", role=Role.PARENT)]}
    assert whole_lives(["carton"], own, {"carton": [Stay("pallet", (at(1), ""))]}) == {"carton": []}


def test_a_cycle_ends() -> None:
    own = {"a": [happened(1, "shipping")], "b": [happened(2, "receiving")]}
    stays = {"a": [Stay("b", (at(0), ""))], "b": [Stay("a", (at(0), ""))]}
    lives = whole_lives(["a", "b"], own, stays)
    assert [one.biz_step for one in lives["a"]] == ["shipping", "receiving"]
