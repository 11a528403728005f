"""What a unit lived through because it lay in another: pallets are scanned, and the cartons on them travel.

::

    pallet   ──packed──────────ship──────────receive───unpack──────ship──►
    carton      in it  ......  shipped ....  received  out of it   (not concerned)

Each unit has happenings of its own and stays in outer units. Its whole life is its own happenings and those of every
outer unit, at any depth, that fell into the stay. An outer unit's code alone (its printing, its becoming void) and what
was packed into it besides are no affair of those that lie in it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tracelib.trace.lifecycle import Happening
from tracelib.trace.objects import Role
from tracelib.trace.vocab import BizStep

_OWN_AFFAIRS = frozenset(
    {BizStep.COMMISSIONING.value, BizStep.CREATING_CLASS_INSTANCE.value, BizStep.DECOMMISSIONING.value}
)

Moment = tuple[datetime, str]
"""A time, and what breaks ties of it, as in :class:`Happening`."""


@dataclass(frozen=True, slots=True)
class Stay:
    """A unit lay in ``parent_id`` from ``since`` on, before ``until`` (None: still)."""

    parent_id: str
    since: Moment
    until: Moment | None = None

    def holds(self, one: Happening) -> bool:
        """Whether the unit lay there when it happened."""
        moment = (one.at, one.order)
        return self.since <= moment and (self.until is None or moment < self.until)


def whole_lives(
    units: Sequence[str], own: Mapping[str, Sequence[Happening]], stays: Mapping[str, Sequence[Stay]]
) -> dict[str, list[Happening]]:
    """For each unit its own and its inherited happenings, by time; ``own`` and ``stays`` also speak of outer units.

    What is inherited names the outer unit that was spoken of in ``through``. A cycle in what was said ends where it
    begins.
    """
    known: dict[str, list[Happening]] = {}

    def life(unit: str) -> list[Happening]:
        """The life of a unit, worked out once."""
        if unit not in known:
            known[unit] = []  # whoever lies in itself inherits nothing more
            found = list(own.get(unit, ()))
            for stay in stays.get(unit, ()):
                found += [
                    replace(one, through=one.through or stay.parent_id)
                    for one in life(stay.parent_id)
                    if _concerns_content(one) and stay.holds(one)
                ]
            known[unit] = sorted(found, key=lambda one: (one.at, one.order, one.event_id))
        return known[unit]

    return {unit: life(unit) for unit in units}


def _concerns_content(one: Happening) -> bool:
    return one.role is Role.EPC and one.biz_step not in _OWN_AFFAIRS
