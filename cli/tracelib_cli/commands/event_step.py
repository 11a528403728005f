"""``tracelib event ship``, ``receive`` and the other steps: one command for each, all made by one mechanism.

Which options a step takes follows from what the step is (``tracelib.trace.farm``); only its words are written here.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tracelib.clock import wall_text
from tracelib.text import phrase
from tracelib.trace.farm import STEPS, FarmStep
from tracelib_cli.command import TranslatedCommand, answers
from tracelib_cli.context import Context, pass_context
from tracelib_cli.stepping import step_desk

if TYPE_CHECKING:
    from tracelib.operations.events.step import StepDone
    from tracelib.trace.elements import SensorElement
    from tracelib.trace.temperature import TemperatureLog

_DAY = len("2026-11-23")
SHOWN_IDS = 3
"""So many event ids are told; --json has them all."""

UNITS = phrase(
    "UNIT is a serial number, a code, an SSCC, FIRST..LAST of a strip or LOT:FROM-TO; LOT is a batch, or part of it as "
    "LOT=500kg or LOT=40pcs; FILE lists any of these."
)
WORDS = {
    "grade": (
        phrase("Graded: {what}."),
        phrase("Note that goods were graded."),
        phrase("--failed stands for goods outside every grade. Goods of several grades get lots of their own first."),
        "tracelib event grade 26A0137=500kg",
    ),
    "precool": (
        phrase("Pre-cooled: {what}."),
        phrase("Note that goods were pre-cooled."),
        "",
        "tracelib event precool 26A0137 --temperature cooler.csv",
    ),
    "store": (
        phrase("Put into store: {what}."),
        phrase("Note that goods went into a store."),
        "",
        "tracelib event store 369012300000000018 --place COLD-1",
    ),
    "pack": (
        phrase("Packed: {what}."),
        phrase("Pack goods into a pallet or case."),
        phrase("--unpack takes the units out of what they lie in first: that is re-packing."),
        "tracelib event pack 369012300000000018 cartons.csv",
    ),
    "unpack": (
        phrase("Taken out: {what}."),
        phrase("Take goods out of a pallet or case."),
        phrase("Where no unit is named, everything is taken out."),
        "tracelib event unpack 369012300000000018",
    ),
    "ship": (
        phrase("Shipped: {what}."),
        phrase("Note that goods were shipped."),
        phrase("What lies in a pallet goes with it and is not named itself."),
        "tracelib event ship 369012300000000018 --to BUYER --order PO-88",
    ),
    "receive": (
        phrase("Received: {what}."),
        phrase("Note that goods were received."),
        phrase("Goods of other parties begin here; what lies in a pallet comes with it."),
        "tracelib event receive 369012300000000018 --from COOP1",
    ),
    "sell": (
        phrase("Sold: {what}."),
        phrase("Note that goods were sold to a customer."),
        "",
        "tracelib event sell 7KQX9-Y93Q6-MJ608",
    ),
    "inspect": (
        phrase("Inspected: {what}."),
        phrase("Note an inspection."),
        phrase("--failed stands for goods that did not pass."),
        "tracelib event inspect 26A0137 --report R-2026-88",
    ),
    "destroy": (
        phrase("Destroyed: {what}."),
        phrase("Note that goods were destroyed."),
        phrase("Nothing follows after that; what lies in a pallet is destroyed with it."),
        "tracelib event destroy torn.csv --note 冻坏",
    ),
    "return": (
        phrase("Came back: {what}."),
        phrase("Note that goods came back."),
        phrase("What comes back was shipped or sold before, and can go out again."),
        "tracelib event return 7KQX9-Y93Q6-MJ608 --from BUYER",
    ),
}
"""For each step that has a command: what is answered, what the help says, an example."""

_PAPERS = {"order": "po", "waybill": "bol", "report": "testres"}
"""Options and the types of business transactions that they stand for (CBV 2.0, section 7.3)."""


def _command(step: FarmStep) -> click.Command:
    _, text, more, example = WORDS[step.name]
    paragraphs = [text, *([more] if more else []), UNITS, f"Example: {example}"]

    @answers
    @pass_context
    def run(context: Context, /, what: Sequence[str] = (), parent: str = "", **given: Any) -> None:  # noqa: ANN401
        """What the command does."""
        _run(context, step, what, parent, given)

    function: Callable[..., Any] = run
    for option in reversed(_parameters(step)):
        function = option(function)
    return click.command(step.name, cls=TranslatedCommand, help="\n\n".join(paragraphs))(function)


def _parameters(step: FarmStep) -> list[Callable[[Any], Any]]:
    """The arguments and options of a step, in the order of the help."""
    whole = step.name == "unpack"
    found = [click.argument("parent", metavar="UNIT")] if step.packs else []
    found.append(click.argument("what", nargs=-1, required=not whole, metavar="UNIT|LOT|FILE..."))
    if step.goes == "out":
        found.append(click.option("--to", "other", default="", metavar="PARTY", help="Whom the goods go to."))
    if step.goes == "in":
        found.append(click.option("--from", "other", default="", metavar="PARTY", help="Whom the goods come from."))
    if step.goes:
        found.append(click.option("--order", multiple=True, metavar="NUMBER", help="Number of the order."))
        found.append(click.option("--waybill", multiple=True, metavar="NUMBER", help="Number of the waybill."))
    if step.measured:
        kind = click.Path(dir_okay=False, path_type=Path)
        found.append(click.option("--temperature", type=kind, metavar="FILE", help="Temperature log: CSV of a logger."))
    if step.failed:
        found.append(click.option("--failed", is_flag=True, help="The goods did not pass."))
    if step.name == "inspect":
        found.append(click.option("--report", multiple=True, metavar="NUMBER", help="Number of the test report."))
    if step.moves or step.name == "pack":
        text = "Take the units out of what they lie in first."
        found.append(click.option("--unpack", is_flag=True, help=text))
    if step.name == "ship":
        text = "Called-back goods go too: back, or away to be destroyed."
        found.append(click.option("--recalled", is_flag=True, help=text))
    found.append(click.option("--place", default="", metavar="NAME", help="Where it happened, such as COLD-1."))
    found.append(
        click.option(
            "--at",
            metavar="TIME",
            help="When, as 2026-11-23 09:30; without it now.",
        )
    )
    found.append(click.option("--note", default="", metavar="TEXT", help="One line for the book of changes."))
    found.append(click.option("--party", default="", help="Who acts; without it the setting «party», or the owner."))
    return found


def _run(context: Context, step: FarmStep, what: Sequence[str], parent: str, given: dict[str, Any]) -> None:
    from tracelib.operations.events.step import StepRequest, write_step

    now = context.clock.now()
    papers = [(kind, number) for option, kind in _PAPERS.items() for number in given.pop(option, ())]
    at = _time(given.pop("at"), now)
    log = _log(given.pop("temperature", None))
    request = StepRequest(step=step, what=what, parent=parent, at=at, papers=papers, sensors=_sensors(log), **given)
    done = write_step(step_desk(context), request, now)
    if context.out.json:
        context.out.value(_as_json(done) | {"temperature": _log_as_json(log)})
        return
    _tell(context, done)
    if log:
        _tell_log(context, log)


def _log(path: Path | None) -> "TemperatureLog | None":
    from tracelib.sheets.temperature_log import read_temperature_log

    return read_temperature_log(path) if path else None


def _sensors(log: "TemperatureLog | None") -> "tuple[SensorElement, ...]":
    return (log.as_element(),) if log else ()


def _tell_log(context: Context, log: "TemperatureLog") -> None:
    say, line = context.say, context.out.line
    text = "Temperature: {low} to {high} °C, mean {mean} °C, {count} readings from {start} to {end}."
    start, end = wall_text(log.start), wall_text(log.end)
    line(say(text, low=log.lowest, high=log.highest, mean=log.mean, count=log.count, start=start, end=end))
    if log.gaps:
        line(say("{count} lines have no value.", count=log.gaps))
    line(say("Keep the file: the event names it by its SHA-256 {hash}", hash=log.sha256.hex()))


def _log_as_json(log: "TemperatureLog | None") -> dict[str, object] | None:
    if log is None:
        return None
    return {
        "start": log.start,
        "end": log.end,
        "lowest": float(log.lowest),
        "highest": float(log.highest),
        "mean": float(log.mean),
        "readings": log.count,
        "gaps": log.gaps,
        "sha256": log.sha256,
    }


def _time(text: str | None, now: datetime) -> datetime | None:
    """When it happened; of today's day the part that is over."""
    from tracelib.operations.trace.instant import parse_instant

    if text is None:
        return None
    at = parse_instant(text)
    return min(at, now) if len(text.strip()) == _DAY else at


def _tell(context: Context, done: "StepDone") -> None:
    say, line = context.say, context.out.line
    named = done.named
    what = [say("{count} units", count=len(named.units))] if named.units else []
    what += [say("{count} lots", count=len(named.lots))] if named.lots else []
    if done.parent and not what:
        what = [say("everything in {unit}", unit=done.parent.unit_id)]
    line(say(WORDS[done.step.name][0], what=", ".join(what)))
    if done.inside:
        line(say("{count} units lie in them and go with them.", count=done.inside))
    if done.taken_out:
        line(say("{count} units were taken out of what they lay in first.", count=done.taken_out))
    text = "{count} events written for {at}, for {party}: {ids}"
    line(say(text, count=len(done.events), at=wall_text(done.at), party=done.party_id, ids=_short(done.events)))


def _as_json(done: "StepDone") -> dict[str, object]:
    return {
        "step": done.step.name,
        "party": done.party_id,
        "at": done.at,
        "parent": done.parent.unit_id if done.parent else None,
        "units": [unit.unit_id for unit in done.named.units],
        "lots": [lot.element.as_json() | {"batch": lot.batch.reference} for lot in done.named.lots],
        "inside": done.inside,
        "taken_out": done.taken_out,
        "events": done.events,
    }


grade, precool, store = _command(STEPS["grade"]), _command(STEPS["precool"]), _command(STEPS["store"])
pack, unpack = _command(STEPS["pack"]), _command(STEPS["unpack"])
ship, receive = _command(STEPS["ship"]), _command(STEPS["receive"])
sell, return_ = _command(STEPS["sell"]), _command(STEPS["return"])
inspect, destroy = _command(STEPS["inspect"]), _command(STEPS["destroy"])


@click.command("harvest", cls=TranslatedCommand)
@click.argument("what", nargs=-1, required=True, metavar="LOT|FILE...")
@click.option("--at", metavar="TIME", help="When, as 2026-11-23 09:30; without it the batch's day.")
@click.option("--note", default="", metavar="TEXT", help="One line for the book of changes.")
@answers
@pass_context
def harvest(context: Context, what: Sequence[str], at: str | None, note: str) -> None:
    """Tell the harvest of batches of which no event tells yet.

    Batches are told as they are registered; this is for those that were registered before the party had a delegation.
    The event has the beginning of the batch's day, or --at.

    Example: tracelib event harvest 26A0137
    """
    from tracelib.operations.events.harvest import tell_harvests

    now = context.clock.now()
    batches, ids = tell_harvests(step_desk(context), what, now, at=_time(at, now), note=note)
    if context.out.json:
        context.out.value({"batches": [batch.reference for batch in batches], "events": ids})
        return
    text = "The harvest of {count} batches is told by these events: {ids}"
    context.out.line(context.say(text, count=len(batches), ids=_short(ids)))


def _short(event_ids: Sequence[str]) -> str:
    """The first of these ids, as far as people compare them."""
    return ", ".join(one.removeprefix("ni:///sha-256;")[:24] + "…" for one in event_ids[:SHOWN_IDS])
