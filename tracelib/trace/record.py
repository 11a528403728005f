"""An event as it goes into the store: its document as it was written, and what is looked for in it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from tracelib.clock import read_time
from tracelib.trace.context import STANDARD_NAMESPACES, Namespaces
from tracelib.trace.elements import EventTimeError
from tracelib.trace.event import Event, EventKey
from tracelib.trace.objects import Named, Ours, Role, objects_of
from tracelib.trace.vocab import Action, bare_word


@dataclass(frozen=True, slots=True)
class EventRecord:
    """``document`` is EPCIS 2.0 JSON text. ``biz_step`` is the standard's bare word, or another URI, or empty.

    ``action`` is None for a TransformationEvent.
    """

    key: EventKey
    event_type: str
    biz_step: str
    disposition: str
    event_time: datetime
    action: Action | None
    named: tuple[Named, ...]
    document: str

    @property
    def parent_id(self) -> str:
        """The id of the parent, empty where there is none."""
        return next((one.object_id for one in self.named if one.role is Role.PARENT), "")

    @property
    def children(self) -> list[str]:
        """The ids of the single units below the parent: quantities of a class are none."""
        return [one.object_id for one in self.named if one.role is Role.CHILD and not one.is_class]

    @property
    def moves_children(self) -> bool:
        """Whether it says that something was put into or taken out of its parent."""
        packs = self.event_type == "AggregationEvent" and self.action in (Action.ADD, Action.DELETE)
        return packs and bool(self.parent_id)


def own_record(event: Event) -> EventRecord:
    """An event of our own, which carries its id."""
    return event_record(event.as_json(), event.key)


def event_record(
    event: Mapping[str, object],
    key: EventKey,
    namespaces: Namespaces = STANDARD_NAMESPACES,
    document: str | None = None,
    ours: Ours | None = None,
) -> EventRecord:
    """An event in JSON that was checked. ``document``: its text, where other than ``event`` written compactly. ``ours``
    tells our serials in others' events; None for events of our own.

    Raises EventTimeError for an event time without zone.
    """
    action = event.get("action")
    time = read_time(str(event["eventTime"]))
    if time.utcoffset() is None:
        raise EventTimeError(given=event["eventTime"])
    return EventRecord(
        key=key,
        event_type=str(event["type"]),
        biz_step=bare_word(str(event.get("bizStep") or "")),
        disposition=bare_word(str(event.get("disposition") or "")),
        event_time=time,
        action=Action(action) if isinstance(action, str) and action in Action.__members__ else None,
        named=tuple(objects_of(event, namespaces, ours) if ours else objects_of(event, namespaces)),
        document=json.dumps(event, ensure_ascii=False, separators=(",", ":")) if document is None else document,
    )
