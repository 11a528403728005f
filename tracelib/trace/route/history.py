"""Where goods came from and went, as values: things, how goods passed from one to another, and what happened to them.

::

    lot ──made──► lot ──filled──► unit ──packed (from, until)──► logistic unit ──packed──► logistic unit
                                    └──made──► lot or unit

A *thing* is a lot, a unit (一品一码) or a logistic unit. A *link* is how goods passed from one thing to another; a
*stop* is an event that leaves them where they are: harvested, shipped, received, sold. Times are those of the events.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tracelib.trace.vocab import Action, BizStep, Disposition


class Kind(StrEnum):
    """What a thing is."""

    LOT = "lot"
    UNIT = "unit"
    LOGISTIC_UNIT = "logistic_unit"


class Passing(StrEnum):
    """How goods pass from one thing to another."""

    MADE = "made"
    """Used up for the other: split, merged, re-packed, processed."""
    FILLED = "filled"
    """Goods of a lot got a code of their own."""
    PACKED = "packed"
    """They lay in the other for a time."""


class Mark(StrEnum):
    """What everybody who looks at a thing has to know."""

    VOID = "void"
    REPLACED_BY = "replaced_by"
    REPLACES = "replaces"
    RECALLED = "recalled"
    DESTROYED = "destroyed"
    DECLARED_WRONG = "declared_wrong"
    CONTRADICTION = "contradiction"


@dataclass(frozen=True, slots=True)
class Remark:
    """A mark on a thing. ``detail``: the reason of a void, the other code, the flag of a contradiction.

    ``other``: what it collides with; ``event_id``: the event that says so. Both may be empty.
    """

    mark: Mark
    detail: str = ""
    at: datetime | None = None
    event_id: str = ""
    other: str = ""


@dataclass(frozen=True, slots=True)
class Thing:
    """A lot, unit or logistic unit. ``id`` as in ``tracelib.trace.objects``, for a registered batch its reference.

    ``weight_g``: of the whole lot, or as the unit was weighed. ``party_id``: whose lot or code it is, empty where
    that is not known here.
    """

    id: str
    kind: Kind
    party_id: str = ""
    product_id: str = ""
    lot: str = ""
    weight_g: int | None = None
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """Goods of ``source`` passed into ``target`` at ``at``, and with PACKED lay there until ``until`` (None: still).

    ``weight_g``: how much of it, where that was said. ``said_by``: the party whose event (``event_id``, empty for a
    step at the desk) or desk says so; ``ended_by``: the event that took it out. ``step``: a business step, or split,
    merge, repack.
    """

    source: str
    target: str
    passing: Passing
    at: datetime
    until: datetime | None = None
    step: str = ""
    event_id: str = ""
    ended_by: str = ""
    said_by: str = ""
    weight_g: int | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """Something happened to ``thing``. ``place`` and ``parties`` (from, to) are URIs, empty where they were not said.

    ``recorded_at`` breaks ties of time. ``used_up``: it went into something else, as input of a transformation.
    """

    thing: str
    at: datetime
    recorded_at: datetime
    event_id: str
    said_by: str
    event_type: str
    step: str
    disposition: str
    action: Action | None = None
    place: str = ""
    parties: tuple[str, str] = ("", "")
    weight_g: int | None = None
    used_up: bool = False


@dataclass(frozen=True, slots=True)
class Cut:
    """Something was left out: ``what`` of ``thing``; ``shown`` of at least ``total``."""

    thing: str
    what: str
    shown: int
    total: int


@dataclass(frozen=True, slots=True)
class Facts:
    """What was read of some things: the links that they have with others, and their stops."""

    links: tuple[Link, ...] = ()
    stops: tuple[Stop, ...] = ()


@dataclass(frozen=True, slots=True)
class Journey:
    """A stop as goods met it: ``carried_by`` is the thing that they lay in, empty where it was said of themselves."""

    stop: Stop
    carried_by: str = ""


@dataclass(frozen=True)
class History:
    """The answer to a trace. ``back`` and ``forward`` hold the things on either side, with those of the start itself.

    ``journey``: what happened to the start, on its own or in what it lay in, by time. ``links`` and ``stops``: all that
    belongs to the things shown, each once, by time. ``at``: nothing later is in it; None for all that was said.
    """

    start: str
    at: datetime | None
    things: Mapping[str, Thing]
    back: frozenset[str]
    forward: frozenset[str]
    links: tuple[Link, ...]
    stops: tuple[Stop, ...]
    journey: tuple[Journey, ...]
    cuts: tuple[Cut, ...] = ()

    @property
    def event_ids(self) -> list[str]:
        """Every event that the answer rests on, by time, each once."""
        said = [(one.at, one.event_id) for one in self.links] + [(one.at, one.event_id) for one in self.stops]
        return list(dict.fromkeys(event_id for _, event_id in sorted(said) if event_id))

    @property
    def place(self) -> Journey | None:
        """Where the start was last seen, or set off to; None where no event says so."""
        seen = [one for one in self.journey if one.stop.place or any(one.stop.parties)]
        return seen[-1] if seen else None


RECALLED_WORDS = frozenset({Disposition.RECALLED.value})
DESTROYED_WORDS = frozenset({BizStep.DESTROYING.value})


def remark_of(stop: Stop) -> Remark | None:
    """What an event says that everybody has to know: recalled, destroyed."""
    if stop.disposition in RECALLED_WORDS:
        return Remark(Mark.RECALLED, at=stop.at, event_id=stop.event_id)
    if stop.step in DESTROYED_WORDS:
        return Remark(Mark.DESTROYED, at=stop.at, event_id=stop.event_id)
    return None
