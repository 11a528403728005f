"""The life of a unit as a pure state machine: what may follow what, and what a contradiction is called.

::

    (unknown) ──commission──► active ──► shipped ──► received ──► sold
                                │ ▲                                │
                                └─┴── returned ◄───────────────────┘
    any of these ──► void, destroyed, used up: the end; nothing follows

A logistic unit is not commissioned: it is active once something was packed into it. What is sold stays sold on its way
to the customer, until it comes back. Steps of our own ask first and refuse (``tracelib.trace.farm`` says which step may
follow which state); what other parties' documents say is recorded all the same, with a :class:`Flag` beside it, for
nothing that was said is thrown away.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tracelib.trace.objects import Role
from tracelib.trace.vocab import Action, BizStep


class Flag(StrEnum):
    """What does not fit in a recorded event."""

    SECOND_COMMISSIONING = "second_commissioning"
    NEVER_ACTIVE = "never_active"
    AFTER_END = "after_end"
    ALREADY_PACKED = "already_packed"
    NOT_INSIDE = "not_inside"
    CYCLE = "cycle"
    WRONG_CHECK_DIGIT = "wrong_check_digit"


class State(StrEnum):
    """Where a unit is in its life."""

    UNKNOWN = "unknown"
    ACTIVE = "active"
    SHIPPED = "shipped"
    RECEIVED = "received"
    SOLD = "sold"
    RETURNED = "returned"
    VOID = "void"
    DESTROYED = "destroyed"
    USED_UP = "used_up"
    """It went into a transformation."""


ENDS = frozenset({State.VOID, State.DESTROYED, State.USED_UP})

_STEPS: Mapping[str, State] = {
    BizStep.COMMISSIONING: State.ACTIVE,
    BizStep.CREATING_CLASS_INSTANCE: State.ACTIVE,
    BizStep.SHIPPING: State.SHIPPED,
    BizStep.DEPARTING: State.SHIPPED,
    BizStep.RECEIVING: State.RECEIVED,
    BizStep.ARRIVING: State.RECEIVED,
    BizStep.RETAIL_SELLING: State.SOLD,
    BizStep.DECOMMISSIONING: State.VOID,
    BizStep.DESTROYING: State.DESTROYED,
}
_RETURNED = "returned"
BEGINS = frozenset({BizStep.COMMISSIONING.value, BizStep.CREATING_CLASS_INSTANCE.value})


@dataclass(frozen=True, slots=True)
class Happening:
    """One event in the life of one unit. ``order`` breaks ties of time; words are bare CBV words or URIs.

    ``role``: what the unit is to the event. ``action`` is None for a transformation. ``through``: the outer unit that
    the event speaks of, where this one only lay in it.
    """

    at: datetime
    order: str
    event_id: str
    action: Action | None
    biz_step: str
    disposition: str = ""
    role: Role = Role.EPC
    through: str = ""


def next_state(state: State, happening: Happening) -> tuple[State, Flag | None]:
    """The state after one event, and what does not fit. An event that does not fit changes the state all the same,
    but nothing follows an end.
    """
    word = happening.biz_step
    if state in ENDS:
        return state, Flag.AFTER_END
    if happening.role is Role.INPUT:
        return State.USED_UP, Flag.NEVER_ACTIVE if state is State.UNKNOWN else None
    if happening.role is Role.PARENT:
        return State.ACTIVE if state is State.UNKNOWN else state, None
    if word in BEGINS or happening.role is Role.OUTPUT:
        return State.ACTIVE, None if state is State.UNKNOWN else Flag.SECOND_COMMISSIONING
    flag = Flag.NEVER_ACTIVE if state is State.UNKNOWN else None
    if happening.disposition == _RETURNED:
        return State.RETURNED, flag
    after = _STEPS.get(word, state)
    return (state if state is State.SOLD and after not in ENDS else after), flag


def life(happenings: Iterable[Happening]) -> tuple[State, list[tuple[str, Flag]]]:
    """The state after all events, in the order of their times, and (event id, flag) of what does not fit."""
    state, flags = State.UNKNOWN, []
    for one in sorted(happenings, key=lambda each: (each.at, each.order, each.event_id)):
        state, flag = next_state(state, one)
        flags += [(one.event_id, flag)] if flag else []
    return state, flags
