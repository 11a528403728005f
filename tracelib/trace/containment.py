"""What lay in what, and when: a fold over what events said, in the order of event time.

::

    ADD  into A ──► inside A
    ADD  into B while inside A ──► inside B from then on; said: packed before it was unpacked
    DELETE from A while inside A ──► inside nothing
    DELETE from A otherwise ──► nothing changes; said: it was not inside

Events come late and out of order; so the store keeps the statements, and intervals are computed whenever they are asked
for. An event that was declared wrong (errorDeclaration) says nothing any more.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from tracelib.trace.lifecycle import Flag
from tracelib.trace.vocab import Action

EVERYTHING = "*"
"""In the place of a unit: the event takes out whatever lies in its parent."""


class Statement(NamedTuple):
    """An event says that ``unit_id`` was put into or taken out of ``parent_id`` at ``at``."""

    unit_id: str
    parent_id: str
    action: Action
    at: datetime
    recorded_at: datetime
    event_id: str


class Interval(NamedTuple):
    """The unit lay in ``parent_id`` from ``packed_at`` to ``unpacked_at`` (None: still), as these events say."""

    unit_id: str
    parent_id: str
    packed_at: datetime
    packed_by: str
    unpacked_at: datetime | None = None
    unpacked_by: str = ""

    def holds(self, at: datetime | None) -> bool:
        """Whether the unit lay there at ``at``; None asks for now, after everything that was said."""
        if at is None:
            return self.unpacked_at is None
        return self.packed_at <= at and (self.unpacked_at is None or at < self.unpacked_at)


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A statement that does not fit what was said before it. ``other``: the parent that the unit lay in, or empty."""

    said: Statement
    flag: Flag
    other: str


def fold(unit_id: str, statements: Iterable[Statement]) -> tuple[list[Interval], list[Contradiction]]:
    """All intervals of one unit by time, and everything that does not fit.

    ``statements``: those about the unit, and those that take everything out of one of its parents. Of two at one
    instant what was recorded first comes first; of two recorded together, taking out comes before putting in.
    """
    intervals: list[Interval] = []
    odd: list[Contradiction] = []
    open_: Interval | None = None
    said_of = list(statements)
    for said in sorted(said_of, key=_order) if len(said_of) > 1 else said_of:
        if said.action is Action.ADD:
            if open_ is not None and open_.parent_id == said.parent_id:
                continue
            if open_ is not None:
                odd.append(Contradiction(said, Flag.ALREADY_PACKED, open_.parent_id))
                intervals.append(_ended(open_, said))
            open_ = Interval(unit_id, said.parent_id, said.at, said.event_id)
        elif open_ is not None and open_.parent_id == said.parent_id:
            intervals.append(_ended(open_, said))
            open_ = None
        elif said.unit_id != EVERYTHING:
            odd.append(Contradiction(said, Flag.NOT_INSIDE, open_.parent_id if open_ is not None else ""))
    return intervals + ([open_] if open_ else []), odd


def _ended(interval: Interval, said: Statement) -> Interval:
    return interval._replace(unpacked_at=said.at, unpacked_by=said.event_id)


def _order(said: Statement) -> tuple[datetime, datetime, bool, str]:
    return said.at, said.recorded_at, said.action is Action.ADD, said.event_id
