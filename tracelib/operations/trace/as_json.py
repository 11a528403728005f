"""A history as programs read it; never translated."""

from tracelib.trace.route.history import History, Link, Remark, Stop, Thing

JsonDict = dict[str, object]


def history_as_json(history: History) -> JsonDict:
    """The whole history: things with their remarks, links, stops, the journey of the start. Times are ISO 8601."""
    place = history.place
    return {
        "start": history.start,
        "at": history.at,
        "things": [_thing(one, history) for one in history.things.values()],
        "links": [_link(one) for one in history.links],
        "stops": [_stop(one) for one in history.stops],
        "journey": [{"event_id": one.stop.event_id, "carried_by": one.carried_by or None} for one in history.journey],
        "last_seen": _stop(place.stop) if place else None,
        "events": history.event_ids,
        "cuts": [{"thing": c.thing, "what": c.what, "shown": c.shown, "at_least": c.total} for c in history.cuts],
    }


def _thing(thing: Thing, history: History) -> JsonDict:
    return {
        "id": thing.id,
        "kind": thing.kind.value,
        "party": thing.party_id or None,
        "product": thing.product_id or None,
        "lot": thing.lot or None,
        "weight_g": thing.weight_g,
        "back": thing.id in history.back,
        "forward": thing.id in history.forward,
        "remarks": [_remark(one) for one in thing.remarks],
    }


def _remark(one: Remark) -> JsonDict:
    return {
        "mark": one.mark.value,
        "detail": one.detail or None,
        "at": one.at,
        "event_id": one.event_id or None,
        "other": one.other or None,
    }


def _link(one: Link) -> JsonDict:
    return {
        "source": one.source,
        "target": one.target,
        "passing": one.passing.value,
        "at": one.at,
        "until": one.until,
        "step": one.step or None,
        "weight_g": one.weight_g,
        "event_id": one.event_id or None,
        "ended_by": one.ended_by or None,
        "party": one.said_by,
    }


def _stop(one: Stop) -> JsonDict:
    source, destination = one.parties
    return {
        "thing": one.thing,
        "at": one.at,
        "type": one.event_type,
        "step": one.step or None,
        "disposition": one.disposition or None,
        "action": one.action.value if one.action else None,
        "place": one.place or None,
        "source": source or None,
        "destination": destination or None,
        "weight_g": one.weight_g,
        "used_up": one.used_up,
        "event_id": one.event_id,
        "party": one.said_by,
    }
