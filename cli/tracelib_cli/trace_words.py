"""How a history speaks to people: steps, marks and kinds in words."""

from typing import TYPE_CHECKING

from tracelib.clock import wall_text
from tracelib.codes.serial import SERIAL_LENGTH, grouped
from tracelib.text import phrase
from tracelib.trace.route.history import Kind, Mark

if TYPE_CHECKING:
    from tracelib.operations.trace.names import Names
    from tracelib.trace.route.history import Remark, Stop, Thing
    from tracelib_cli.context import Context

STEPS = {
    "commissioning": phrase("activated"),
    "creating_class_instance": phrase("made"),
    "packing": phrase("packed"),
    "unpacking": phrase("taken out"),
    "repackaging": phrase("re-packed"),
    "storing": phrase("stored"),
    "inspecting": phrase("inspected"),
    "shipping": phrase("shipped"),
    "departing": phrase("set off"),
    "receiving": phrase("received"),
    "arriving": phrase("arrived"),
    "retail_selling": phrase("sold"),
    "holding": phrase("held back"),
    "decommissioning": phrase("code taken out of use"),
    "destroying": phrase("destroyed"),
    "transporting": phrase("on the way"),
    "sensor_reporting": phrase("measured"),
    "loading": phrase("loaded"),
    "unloading": phrase("unloaded"),
}
HARVESTED = phrase("harvested")
MADE = phrase("made of other lots")
USED_UP = phrase("made into other lots")
DISPOSITIONS = {
    "recalled": phrase("recalled"),
    "returned": phrase("returned"),
    "conformant": phrase("passed"),
    "non_conformant": phrase("failed"),
    "damaged": phrase("damaged"),
}
MARKS = {
    Mark.VOID: phrase("The code is void since {at} ({detail})"),
    Mark.REPLACED_BY: phrase("Replaced by {detail}"),
    Mark.REPLACES: phrase("Stands for the void code {detail}"),
    Mark.RECALLED: phrase("Recalled {at}"),
    Mark.DESTROYED: phrase("Destroyed {at}"),
    Mark.DECLARED_WRONG: phrase("An event of {at} was declared wrong and does not count ({detail})"),
    Mark.CONTRADICTION: phrase("Does not fit: {detail}"),
}
FLAGS = {
    "second_commissioning": phrase("activated a second time: one of the two is a copy"),
    "never_active": phrase("used and never activated"),
    "after_end": phrase("used after it was void or destroyed"),
    "already_packed": phrase("packed while it still lay in {other}"),
    "not_inside": phrase("taken out of something that it did not lie in"),
    "cycle": phrase("it lies in itself ({other})"),
    "wrong_check_digit": phrase("the check digit of its number is wrong: it must be {other}"),
}
KINDS = {
    Kind.LOT: phrase("Lot"),
    Kind.UNIT: phrase("Unit"),
    Kind.LOGISTIC_UNIT: phrase("Logistic unit"),
}
REASONS = ("damaged", "lost", "returned", "misprint")


def step_word(context: "Context", stop: "Stop", kind: Kind | None) -> str:
    """What happened, in a word or two."""
    known = STEPS.get(stop.step)
    word = context.say(known) if known else stop.step or stop.event_type
    if stop.event_type == "TransformationEvent":
        word = context.say(USED_UP if stop.used_up else MADE)
    elif kind is Kind.LOT and stop.step == "commissioning":
        word = context.say(HARVESTED)
    more = DISPOSITIONS.get(stop.disposition)
    return f"{word}, {context.say(more)}" if more else word


def short(name: str) -> str:
    """An id as people read it: a serial in groups, the end of a URI."""
    if len(name) == SERIAL_LENGTH and name.isalnum():
        return grouped(name)
    head, _, tail = name.rpartition("/")
    return tail if "://" in head else name


def called(context: "Context", thing: "Thing", names: "Names") -> str:
    """A thing with its kind, its name and what it is."""
    label = thing.lot if thing.kind is Kind.LOT and thing.lot else short(thing.id)
    parts = [f"{context.say(KINDS[thing.kind])} {label}"]
    if thing.product_id:
        parts += [names.product(thing.party_id, thing.product_id), names.party(thing.party_id)]
    if thing.weight_g:
        parts.append(weight(thing.weight_g))
    return " · ".join(parts)


def weight(grams: int | None) -> str:
    """Grams as kilograms with their unit; nothing for None."""
    from tracelib.batches.batch import kilograms

    return "" if grams is None else f"{kilograms(grams)} kg"


def remark_text(context: "Context", remark: "Remark") -> str:
    """A remark as a sentence."""
    detail = remark.detail
    if remark.mark is Mark.CONTRADICTION and detail in FLAGS:
        detail = context.say(FLAGS[detail], other=short(remark.other))
    elif remark.mark is Mark.VOID:
        detail = context.say(detail)
    elif remark.mark is Mark.DECLARED_WRONG and detail in STEPS:
        detail = context.say(STEPS[detail])
    elif remark.mark in (Mark.REPLACED_BY, Mark.REPLACES):
        detail = short(detail)
    at = wall_text(remark.at) if remark.at else ""
    return context.say(MARKS[remark.mark], at=at, detail=detail)
