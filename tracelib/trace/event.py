"""The five event types of EPCIS 2.0 as values.

Names follow the standard one to one (``epcList`` is ``epc_list``). Words may be standard bare words
(``BizStep.PACKING``) or other URIs. Fields that this project does not interpret travel in ``extensions`` under their
JSON names and come out again untouched. ``as_json`` gives the EPCIS 2.0 JSON binding; ``parse_event`` of ``read_event``
reads it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, TypeAlias

from tracelib.trace.elements import (
    BizTransaction,
    Destination,
    ErrorDeclaration,
    JsonObject,
    JsonValue,
    PersistentDisposition,
    QuantityElement,
    SensorElement,
    Source,
    time_text,
)
from tracelib.trace.vocab import Action


@dataclass(frozen=True, slots=True)
class EventKey:
    """What makes a captured event unique.

    An error declaration repeats the id of the event it takes back (EPCIS 2.0 section 7.4.1.2), so the id alone does not
    tell them apart: ``declaration_time`` is the declaration's time in UTC with milliseconds, or empty.
    """

    event_id: str
    declaration_time: str = ""


OWN_FIELDS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "ObjectEvent": (("epcList", "epc_list"), ("quantityList", "quantity_list")),
    "AggregationEvent": (
        ("parentID", "parent_id"),
        ("childEPCs", "child_epcs"),
        ("childQuantityList", "child_quantity_list"),
    ),
    "TransactionEvent": (("parentID", "parent_id"), ("epcList", "epc_list"), ("quantityList", "quantity_list")),
    "TransformationEvent": (
        ("inputEPCList", "input_epc_list"),
        ("inputQuantityList", "input_quantity_list"),
        ("outputEPCList", "output_epc_list"),
        ("outputQuantityList", "output_quantity_list"),
        ("transformationID", "transformation_id"),
    ),
    "AssociationEvent": (
        ("parentID", "parent_id"),
        ("childEPCs", "child_epcs"),
        ("childQuantityList", "child_quantity_list"),
    ),
}
"""What names the objects of each event type: JSON name and ours, in the order of the standard (section 7.4)."""

COMMON_FIELDS: tuple[tuple[str, str], ...] = (
    ("bizStep", "biz_step"),
    ("disposition", "disposition"),
    ("persistentDisposition", "persistent_disposition"),
    ("readPoint", "read_point"),
    ("bizLocation", "biz_location"),
    ("bizTransactionList", "biz_transaction_list"),
    ("sourceList", "source_list"),
    ("destinationList", "destination_list"),
    ("sensorElementList", "sensor_element_list"),
    ("certificationInfo", "certification_info"),
)
"""What every event type may say (section 7.4.1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Event:
    """Fields that all events share. ``read_point`` and ``biz_location`` are URIs."""

    event_time: datetime
    event_id: str = ""
    biz_step: str = ""
    disposition: str = ""
    persistent_disposition: PersistentDisposition | None = None
    read_point: str = ""
    biz_location: str = ""
    biz_transaction_list: tuple[BizTransaction, ...] = ()
    source_list: tuple[Source, ...] = ()
    destination_list: tuple[Destination, ...] = ()
    sensor_element_list: tuple[SensorElement, ...] = ()
    certification_info: str | tuple[str, ...] = ""
    error_declaration: ErrorDeclaration | None = None
    extensions: Mapping[str, JsonValue] = field(default_factory=dict)
    TYPE: ClassVar[str] = ""

    @property
    def key(self) -> EventKey:
        """(event id, declaration time): the key by which duplicates are judged."""
        from tracelib.trace.canonical import utc_milliseconds

        declared = self.error_declaration
        return EventKey(self.event_id, utc_milliseconds(time_text(declared.declaration_time)) if declared else "")

    def as_json(self) -> JsonObject:
        """The event as an EPCIS 2.0 JSON object, without ``@context``."""
        time = time_text(self.event_time)
        value: JsonObject = {"type": self.TYPE}
        if self.event_id:
            value["eventID"] = self.event_id
        value.update({"eventTime": time, "eventTimeZoneOffset": time[-6:]})
        for name, attribute in (*OWN_FIELDS[self.TYPE], ("action", "action"), ("ilmd", "ilmd"), *COMMON_FIELDS):
            found = getattr(self, attribute, None)
            if found:
                value[name] = {"id": found} if name in PLACES else _json(found)
        if self.error_declaration:
            value["errorDeclaration"] = self.error_declaration.as_json()
        return {**value, **self.extensions}


PLACES = frozenset({"readPoint", "bizLocation"})
"""Written as an object with an ``id``."""


def _json(value: Any) -> JsonValue:  # noqa: ANN401 - any field of an event
    if type(value) is str:
        return value
    if isinstance(value, tuple):
        return [one if type(one) is str else _json(one) for one in value]
    if isinstance(value, Mapping):
        return dict(value)
    if hasattr(value, "as_json"):
        made: JsonObject = value.as_json()
        return made
    return str(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectEvent(_Event):
    """Something happened to the objects in ``epc_list`` and ``quantity_list`` (EPCIS 2.0 section 7.4.2).

    ``ilmd`` only with action ADD.
    """

    action: Action = Action.ADD
    epc_list: tuple[str, ...] = ()
    quantity_list: tuple[QuantityElement, ...] = ()
    ilmd: Mapping[str, JsonValue] = field(default_factory=dict)
    TYPE: ClassVar[str] = "ObjectEvent"


@dataclass(frozen=True, slots=True, kw_only=True)
class AggregationEvent(_Event):
    """The children were put into or taken out of ``parent_id`` (EPCIS 2.0 section 7.4.3).

    With DELETE no children at all means: everything that was inside.
    """

    action: Action = Action.ADD
    parent_id: str = ""
    child_epcs: tuple[str, ...] = ()
    child_quantity_list: tuple[QuantityElement, ...] = ()
    TYPE: ClassVar[str] = "AggregationEvent"


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionEvent(_Event):
    """Objects became part of business transactions, or are no longer (EPCIS 2.0 section 7.4.4)."""

    action: Action = Action.ADD
    parent_id: str = ""
    epc_list: tuple[str, ...] = ()
    quantity_list: tuple[QuantityElement, ...] = ()
    TYPE: ClassVar[str] = "TransactionEvent"


@dataclass(frozen=True, slots=True, kw_only=True)
class TransformationEvent(_Event):
    """Inputs were used up, outputs were made of them (EPCIS 2.0 section 7.4.5). It has no action."""

    input_epc_list: tuple[str, ...] = ()
    input_quantity_list: tuple[QuantityElement, ...] = ()
    output_epc_list: tuple[str, ...] = ()
    output_quantity_list: tuple[QuantityElement, ...] = ()
    transformation_id: str = ""
    ilmd: Mapping[str, JsonValue] = field(default_factory=dict)
    TYPE: ClassVar[str] = "TransformationEvent"


@dataclass(frozen=True, slots=True, kw_only=True)
class AssociationEvent(_Event):
    """Things were fastened to ``parent_id``, or taken off: a sensor on a crate (EPCIS 2.0 section 7.4.6).

    Unlike packing it says nothing about what lies inside.
    """

    action: Action = Action.ADD
    parent_id: str = ""
    child_epcs: tuple[str, ...] = ()
    child_quantity_list: tuple[QuantityElement, ...] = ()
    TYPE: ClassVar[str] = "AssociationEvent"


Event: TypeAlias = ObjectEvent | AggregationEvent | TransactionEvent | TransformationEvent | AssociationEvent
EVENT_TYPES: Mapping[str, type[Event]] = {
    one.TYPE: one for one in (ObjectEvent, AggregationEvent, TransactionEvent, TransformationEvent, AssociationEvent)
}
