"""A route in words: what ``tracelib.publish.route_picture`` draws, in the reader's language."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from tracelib.clock import CHINA, wall_text
from tracelib.publish.route_picture import DrawnArrow, DrawnBox, Sheet
from tracelib.text import phrase
from tracelib.trace.route.picture import Amount, Box, BoxKind, Route
from tracelib_cli.trace_words import called, remark_text, short, step_word, weight

if TYPE_CHECKING:
    from tracelib.operations.trace.names import Names
    from tracelib.trace.route.history import History
    from tracelib_cli.context import Context

MOST_LINES = 5
_FAR = 9000
STAGES = {
    BoxKind.LOT: phrase("Lots"),
    BoxKind.UNITS: phrase("Single units"),
    BoxKind.LOGISTIC_UNIT: phrase("Pallets"),
    BoxKind.PLACE: phrase("Places"),
}
LEGEND = (
    ("lot", phrase("Lot")),
    ("units", phrase("Units with a code")),
    ("logistic_unit", phrase("Pallet or other logistic unit")),
    ("place", phrase("Places")),
    ("here", phrase("Now here")),
    ("dashed", phrase("On the way")),
)


def sheet_of(context: "Context", history: "History", route: Route, names: "Names", now: datetime) -> Sheet:
    """The picture's texts. ``now`` is the time of its making."""
    say, columns = context.say, route.columns()
    start = history.things[history.start]
    at = history.at or now
    return Sheet(
        title=say("Route: {thing}", thing=called(context, start, names)),
        subtitle=say("As known at {at} (UTC+08:00)", at=wall_text(at)),
        columns=[[_box(context, history, route, box, names) for box in column] for column in columns],
        headings=[(_stage(context, column), _days(column)) for column in columns],
        arrows=[
            DrawnArrow(
                one.source,
                one.target,
                _amount(context, one.amount),
                _day(one.at) + (f" {say('On the way')}" if one.on_the_way else ""),
                one.amount.weight_g or 0,
                one.on_the_way,
            )
            for one in route.arrows
        ],
        legend=[(kind, say(text)) for kind, text in LEGEND],
        more=say("… and {count} more", count=0).replace("0", "{count}"),
    )


def _box(context: "Context", history: "History", route: Route, box: Box, names: "Names") -> DrawnBox:
    say = context.say
    lines: list[str] = []
    warnings: list[str] = []
    if box.kind is BoxKind.PLACE:
        title = names.place(box.place)
        if box.expected:
            lines.append(say("not arrived yet"))
        if box.sold.count and box.here.count:
            lines.append(say("sold: {amount}", amount=_amount(context, box.sold)))
    else:
        thing = history.things[box.id]
        title = _title(context, history, box)
        if thing.product_id:
            lines.append(names.product(thing.party_id, thing.product_id))
            lines.append(names.party(thing.party_id))
        if box.amount.weight_g:
            lines.append(weight(box.amount.weight_g))
        warnings = list(dict.fromkeys(remark_text(context, one) for one in thing.remarks))
    kind = history.things[box.id].kind if box.id in history.things else None
    told = [f"{_day(stop.at)} {wall_text(stop.at)[11:]} {step_word(context, stop, kind)}" for stop in box.stops]
    pin = _pin(context, box)
    return DrawnBox(
        box.id,
        box.kind.value,
        title,
        [*lines, *told[:MOST_LINES], *([f"… {len(told) - MOST_LINES}"] if len(told) > MOST_LINES else [])],
        warnings[:3],
        pin,
        chosen=box.id == route.start,
        dashed=box.expected,
    )


def _pin(context: "Context", box: Box) -> str:
    """What is there now; else what was sold there, for that is as far as anybody knows."""
    if box.here.count:
        return context.say("now: {amount}", amount=_amount(context, box.here))
    return context.say("sold: {amount}", amount=_amount(context, box.sold)) if box.sold.count else ""


def _title(context: "Context", history: "History", box: Box) -> str:
    thing = history.things[box.id]
    if len(box.things) > 1:
        text = "{count} units, {first} … {last}"
        return context.say(text, count=len(box.things), first=short(box.things[0]), last=short(box.things[-1]))
    label = thing.lot if box.kind is BoxKind.LOT and thing.lot else short(thing.id)
    return f"{context.say('Lot')} {label}" if box.kind is BoxKind.LOT else label


def _amount(context: "Context", amount: Amount) -> str:
    """So many units and their weight; a lone unit without a weight is nothing to write on an arrow."""
    parts = [context.say("{count} units", count=amount.count)] if amount.count else []
    return " · ".join([*parts, *([weight(amount.weight_g)] if amount.weight_g else [])])


def _stage(context: "Context", column: Sequence[Box]) -> str:
    kinds = dict.fromkeys(box.kind for box in column)
    return " / ".join(context.say(STAGES[kind]) for kind in kinds)


def _days(column: Sequence[Box]) -> str:
    times = [box.at for box in column if box.at.year < _FAR]
    days = [_day(min(times)), _day(max(times))] if times else []
    return " – ".join(dict.fromkeys(days))


def _day(at: datetime) -> str:
    return f"{at.astimezone(CHINA):%m-%d}" if at.year < _FAR else ""
