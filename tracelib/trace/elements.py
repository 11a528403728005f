"""What events are made of: quantities, transactions, sources and destinations, sensor elements, error declarations.

Names follow EPCIS 2.0 one to one (``epcClass`` is ``epc_class``). Fields that the standard does not know stay in
``extensions`` under their JSON names.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from tracelib.errors import FormatError

JsonValue: TypeAlias = "str | int | float | bool | list[JsonValue] | dict[str, JsonValue] | None"
JsonObject: TypeAlias = dict[str, JsonValue]


class EventTimeError(FormatError):
    """An event time without a zone."""

    code = "event.time_without_zone"
    template = "The event time {given} has no time zone: give it with its offset, such as 2026-11-23T09:30:00+08:00."


def time_text(instant: datetime) -> str:
    """An aware instant as EPCIS writes it: milliseconds (or microseconds where it has them) and offset.

    ``2026-11-23T09:30:00.000+08:00``. Raises EventTimeError for a time without zone.
    """
    if instant.utcoffset() is None:
        raise EventTimeError(given=instant.isoformat())
    return instant.isoformat(timespec="microseconds" if instant.microsecond % 1000 else "milliseconds")


@dataclass(frozen=True, slots=True)
class QuantityElement:
    """So much of a class of objects (EPCIS 2.0 section 7.3.3.3).

    ``epc_class`` is a URI. ``quantity`` counts objects, or measures in ``uom`` (UN/ECE Recommendation 20, such as
    ``KGM``); None where it is not known.
    """

    epc_class: str
    quantity: int | float | None = None
    uom: str = ""

    def as_json(self) -> JsonObject:
        """One element of a quantity list."""
        value: JsonObject = {"epcClass": self.epc_class}
        if self.quantity is not None:
            value["quantity"] = self.quantity
        if self.uom:
            value["uom"] = self.uom
        return value


@dataclass(frozen=True, slots=True)
class BizTransaction:
    """A business transaction that an event belongs to (section 7.3.5.3), such as an order.

    ``type`` is a CBV word (section 7.3) or URI, empty where it is not said.
    """

    biz_transaction: str
    type: str = ""

    def as_json(self) -> JsonObject:
        """One element of ``bizTransactionList``."""
        head: JsonObject = {"type": self.type} if self.type else {}
        return {**head, "bizTransaction": self.biz_transaction}


@dataclass(frozen=True, slots=True)
class Source:
    """Where or whom objects came from (section 7.3.5.4). ``type``: ``owning_party``, ``possessing_party``,
    ``location`` or a URI.
    """

    type: str
    source: str

    def as_json(self) -> JsonObject:
        """One element of ``sourceList``."""
        return {"type": self.type, "source": self.source}


@dataclass(frozen=True, slots=True)
class Destination:
    """Where or to whom objects go (section 7.3.5.4). ``type`` as in :class:`Source`."""

    type: str
    destination: str

    def as_json(self) -> JsonObject:
        """One element of ``destinationList``."""
        return {"type": self.type, "destination": self.destination}


@dataclass(frozen=True, slots=True)
class PersistentDisposition:
    """Dispositions that stay until they are unset (section 7.3.5.5): CBV words or URIs."""

    set: tuple[str, ...] = ()
    unset: tuple[str, ...] = ()

    def as_json(self) -> JsonObject:
        """The ``persistentDisposition`` object."""
        named = (("set", self.set), ("unset", self.unset))
        return {name: [str(word) for word in words] for name, words in named if words}


@dataclass(frozen=True, slots=True)
class SensorElement:
    """What sensors measured (section 7.3.7). ``sensor_metadata`` and each of ``sensor_report`` under JSON names."""

    sensor_report: tuple[Mapping[str, JsonValue], ...]
    sensor_metadata: Mapping[str, JsonValue] = field(default_factory=dict)
    extensions: Mapping[str, JsonValue] = field(default_factory=dict)

    def as_json(self) -> JsonObject:
        """One element of ``sensorElementList``."""
        head: JsonObject = {"sensorMetadata": dict(self.sensor_metadata)} if self.sensor_metadata else {}
        return {**head, "sensorReport": [dict(one) for one in self.sensor_report], **self.extensions}


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorDeclaration:
    """A statement that an event with the same id was wrong (EPCIS 2.0 section 7.4.1.4)."""

    declaration_time: datetime
    reason: str = ""
    corrective_event_ids: tuple[str, ...] = ()
    extensions: Mapping[str, JsonValue] = field(default_factory=dict)

    def as_json(self) -> JsonObject:
        """The ``errorDeclaration`` object."""
        value: JsonObject = {"declarationTime": time_text(self.declaration_time)}
        if self.reason:
            value["reason"] = self.reason
        if self.corrective_event_ids:
            value["correctiveEventIDs"] = list(self.corrective_event_ids)
        return {**value, **self.extensions}
