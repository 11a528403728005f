"""The steps of a farm product's way, each with the one event that tells of it.

A step is data: type of event, action, business step and disposition of CBV 2.0, what may be said with it, and the
states after which it may come. :func:`step_events` makes its events. Where CBV leaves a choice:

* harvest is ``commissioning``: CBV 2.0 section 7.1 names harvesting of fruit and vegetables among what it encompasses,
  and keeps ``creating_class_instance`` for a class that may have been used before. A lot is harvested once.
* grading and inspection are ``inspecting``, which leaves the goods in the chain (``sampling`` would not).
* pre-cooling has no word of its own. GS1 US, "EPCIS Recommendations for FSMA 204 Critical Tracking Events", tells of
  cooling in an ObjectEvent. The goods go into the cooler, so it is ``storing``; the temperatures are a sensor element,
  for ``sensor_reporting`` should only be used when no other step is in progress.
* selling is OBSERVE, for what is sold may come back; only destroying is DELETE.
* a recall is ``holding`` with ``recalled``; what comes back is ``receiving`` with ``returned``.
* shipping says where the goods were (``readPoint``) and no ``bizLocation``: they are nowhere until they are received.
* re-packing batches is a TransformationEvent with ``repackaging``; splitting and merging one with ``commissioning``,
  as in example 9.6.4 of EPCIS 2.0, for the new lots are used for the first time.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Literal

from tracelib.trace.build import NothingToRecordError, RepeatedObjectError, identified, millisecond
from tracelib.trace.elements import BizTransaction, Destination, JsonValue, QuantityElement, SensorElement, Source
from tracelib.trace.event import AggregationEvent, ObjectEvent, TransformationEvent
from tracelib.trace.lifecycle import ENDS, State
from tracelib.trace.vocab import Action, BizStep, Disposition

AT_ONCE = 1000
"""Objects in one event: about 100 KB of JSON, which every platform takes."""

HERE = frozenset({State.ACTIVE, State.RECEIVED, State.RETURNED})
"""The unit exists and lies with somebody who can work on it."""
KNOWN = frozenset(State) - ENDS - {State.UNKNOWN}
AWAY = frozenset({State.SHIPPED, State.RECEIVED, State.SOLD})
"""The unit left, so it can come back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FarmStep:
    """One step. ``after``: the states of a unit that it may follow.

    ``moves``: it takes whole units away or in, so what lies in another unit goes with that one and is not named itself.
    ``packs``: it is about a parent and what goes into or out of it. ``goes``: the goods leave the acting party or come
    to it, so the event names both sides. ``measured``: it may carry a temperature log. ``on_the_way``: afterwards the
    goods are at no place.
    ``failed``: the disposition where the outcome is bad.
    """

    name: str
    biz_step: BizStep
    disposition: Disposition
    action: Action = Action.OBSERVE
    after: frozenset[State] = KNOWN
    moves: bool = False
    packs: bool = False
    goes: Literal["", "out", "in"] = ""
    measured: bool = False
    on_the_way: bool = False
    failed: Disposition | None = None


_ALL = (
    FarmStep(
        name="harvest",
        biz_step=BizStep.COMMISSIONING,
        disposition=Disposition.ACTIVE,
        action=Action.ADD,
        after=frozenset({State.UNKNOWN}),
    ),
    FarmStep(
        name="grade",
        biz_step=BizStep.INSPECTING,
        disposition=Disposition.CONFORMANT,
        after=HERE,
        failed=Disposition.NON_CONFORMANT,
    ),
    FarmStep(name="precool", biz_step=BizStep.STORING, disposition=Disposition.IN_PROGRESS, after=HERE, measured=True),
    FarmStep(name="store", biz_step=BizStep.STORING, disposition=Disposition.IN_PROGRESS, after=HERE, measured=True),
    FarmStep(
        name="pack",
        biz_step=BizStep.PACKING,
        disposition=Disposition.IN_PROGRESS,
        action=Action.ADD,
        after=HERE,
        packs=True,
    ),
    FarmStep(
        name="unpack",
        biz_step=BizStep.UNPACKING,
        disposition=Disposition.IN_PROGRESS,
        action=Action.DELETE,
        after=HERE,
        packs=True,
    ),
    FarmStep(
        name="ship",
        biz_step=BizStep.SHIPPING,
        disposition=Disposition.IN_TRANSIT,
        after=HERE | {State.SOLD},
        moves=True,
        goes="out",
        measured=True,
        on_the_way=True,
    ),
    FarmStep(
        name="receive",
        biz_step=BizStep.RECEIVING,
        disposition=Disposition.IN_PROGRESS,
        after=frozenset({State.UNKNOWN, State.ACTIVE, State.SHIPPED, State.RETURNED}),
        moves=True,
        goes="in",
        measured=True,
    ),
    FarmStep(
        name="sell",
        biz_step=BizStep.RETAIL_SELLING,
        disposition=Disposition.RETAIL_SOLD,
        after=HERE | {State.SHIPPED},
        moves=True,
        goes="out",
    ),
    FarmStep(
        name="inspect",
        biz_step=BizStep.INSPECTING,
        disposition=Disposition.CONFORMANT,
        measured=True,
        failed=Disposition.NON_CONFORMANT,
    ),
    FarmStep(name="recall", biz_step=BizStep.HOLDING, disposition=Disposition.RECALLED),
    FarmStep(
        name="destroy",
        biz_step=BizStep.DESTROYING,
        disposition=Disposition.DESTROYED,
        action=Action.DELETE,
        moves=True,
    ),
    FarmStep(
        name="return",
        biz_step=BizStep.RECEIVING,
        disposition=Disposition.RETURNED,
        after=AWAY,
        moves=True,
        goes="in",
    ),
)
STEPS: Mapping[str, FarmStep] = MappingProxyType({step.name: step for step in _ALL})
"""Every step by its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What an event says beside its objects. ``event_time`` is aware; places and parties are URIs."""

    event_time: datetime
    read_point: str = ""
    biz_location: str = ""
    sources: tuple[Source, ...] = ()
    destinations: tuple[Destination, ...] = ()
    transactions: tuple[BizTransaction, ...] = ()
    sensors: tuple[SensorElement, ...] = ()
    failed: bool = False
    ilmd: Mapping[str, JsonValue] = field(default_factory=dict)


def step_events(
    step: FarmStep, said: Said, epcs: Sequence[str] = (), lots: Sequence[QuantityElement] = (), parent: str = ""
) -> list[ObjectEvent | AggregationEvent]:
    """The events of a step about these units and parts of lots: one, or as many as their number needs.

    ``parent``: the unit that a packing step is about. Unpacking without units takes out everything.

    Raises NothingToRecordError, RepeatedObjectError.
    """
    _check(step, [*epcs, *(lot.epc_class for lot in lots), *([parent] if parent else [])])
    if step.packs:
        return [_aggregation(step, said, parent, *part) for part in _parts(epcs, lots)]
    return [_object(step, said, *part) for part in _parts(epcs, lots)]


def transformation_event(
    biz_step: BizStep,
    event_time: datetime,
    inputs: Sequence[QuantityElement],
    outputs: Sequence[QuantityElement],
    *,
    biz_location: str = "",
) -> TransformationEvent:
    """Lots were used up and others made of them; quantities in KGM. One event, whatever the number of lots."""
    return identified(
        TransformationEvent(
            event_time=millisecond(event_time),
            biz_step=biz_step,
            disposition=Disposition.IN_PROGRESS,
            read_point=biz_location,
            biz_location=biz_location,
            input_quantity_list=tuple(inputs),
            output_quantity_list=tuple(outputs),
        )
    )


def kilograms_of(epc_class: str, weight_g: int | None) -> QuantityElement:
    """So much of a lot by weight: ``KGM`` of UN/ECE Recommendation 20, exact to the gram. None: not said."""
    if weight_g is None:
        return QuantityElement(epc_class)
    whole, rest = divmod(weight_g, 1000)
    return QuantityElement(epc_class, whole if not rest else weight_g / 1000, "KGM")


def _object(step: FarmStep, said: Said, epcs: tuple[str, ...], lots: tuple[QuantityElement, ...]) -> ObjectEvent:
    return identified(
        ObjectEvent(
            event_time=millisecond(said.event_time),
            action=step.action,
            biz_step=step.biz_step,
            disposition=_disposition(step, said),
            read_point=said.read_point,
            biz_location="" if step.on_the_way else said.biz_location,
            epc_list=epcs,
            quantity_list=lots,
            biz_transaction_list=said.transactions,
            source_list=said.sources,
            destination_list=said.destinations,
            sensor_element_list=said.sensors,
            ilmd=said.ilmd,
        )
    )


def _aggregation(
    step: FarmStep, said: Said, parent: str, epcs: tuple[str, ...], lots: tuple[QuantityElement, ...]
) -> AggregationEvent:
    return identified(
        AggregationEvent(
            event_time=millisecond(said.event_time),
            action=step.action,
            biz_step=step.biz_step,
            disposition=_disposition(step, said),
            read_point=said.read_point,
            biz_location=said.biz_location,
            parent_id=parent,
            child_epcs=epcs,
            child_quantity_list=lots,
            biz_transaction_list=said.transactions,
        )
    )


def _disposition(step: FarmStep, said: Said) -> Disposition:
    return step.failed if said.failed and step.failed else step.disposition


def _parts(
    epcs: Sequence[str], lots: Sequence[QuantityElement]
) -> Iterator[tuple[tuple[str, ...], tuple[QuantityElement, ...]]]:
    """As few parts of at most ``AT_ONCE`` objects as there can be, units first; one empty part for nothing."""
    total = len(epcs) + len(lots)
    for start in range(0, max(total, 1), AT_ONCE):
        stop = start + AT_ONCE
        behind = (max(start - len(epcs), 0), max(stop - len(epcs), 0))
        yield tuple(epcs[start:stop]), tuple(lots[behind[0] : behind[1]])


def _check(step: FarmStep, names: Sequence[str]) -> None:
    if not names:
        raise NothingToRecordError(step=step.biz_step.value)
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise RepeatedObjectError(step=step.biz_step.value, epc=name)
        seen.add(name)
