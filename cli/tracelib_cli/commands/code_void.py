"""``tracelib code void`` and ``replace``; ``commands/code.py`` puts them into its group."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracelib.clock import CHINA, wall_text
from tracelib.codes.serial import SERIAL_LENGTH, grouped
from tracelib_cli.command import TranslatedCommand, answers
from tracelib_cli.context import Context, pass_context
from tracelib_cli.errors import MissingFileError
from tracelib_cli.printing import print_log

if TYPE_CHECKING:
    from tracelib.operations.issuing.replace import Replaced
    from tracelib.operations.issuing.void import VoidResult
    from tracelib.operations.units import Units
    from tracelib.store.code_values import IssuedRange
    from tracelib.store.unit_of_work import UnitOfWork

REASONS = ("damaged", "lost", "returned", "misprint")
LISTS = (".csv", ".xlsx", ".txt", ".jsonl")
"""Endings of files of codes."""


@click.command("void", cls=TranslatedCommand)
@click.argument("what", metavar="SERIAL|RANGE|FILE")
@click.option("--reason", type=click.Choice(REASONS), required=True, help="Why the codes are void.")
@click.option("--note", default="", help="What you want to say about it; one line that stays with the codes.")
@click.option("--yes", is_flag=True, help="Do not ask before several codes become void.")
@answers
@pass_context
def void(context: Context, what: str, reason: str, note: str, yes: bool) -> None:
    """Make codes void for ever: one, a strip of labels, positions of a batch, or all that a file lists.

    RANGE is LOT:FROM-TO (positions of the batch, as in code export) or FIRST..LAST (two serial numbers of one strip).
    FILE is CSV, XLSX or text, one code on a line; it is checked as a whole first, and nothing is written unless every
    entry was issued here.

    Example: tracelib code void GN-1:101-120 --reason damaged --note "torn by the applicator"
    """
    from tracelib.operations.issuing.void import Reason, VoidAct, plan_void, void_parts
    from tracelib_cli.issuing import issuers_of

    act = VoidAct(Reason(reason), note)
    with context.store.reading() as uow:
        issuers = issuers_of(context, uow)
        serial_keys, earliest_s = issuers.serial_keys(), issuers.keyring.earliest_s
        units = units_at(context, uow, serial_keys)
        parts = parts_named(units, what)
        plan = plan_void(uow, units, parts)
    tell_plan(context, plan)
    if not (yes or confirmed(context, plan.voided)):
        return
    result = void_parts(context.store, context.clock, parts, act, serial_keys=serial_keys, earliest_s=earliest_s)
    if context.out.json:
        context.out.value(result_as_json(result, reason, note))
    elif result.voided:
        context.out.line(context.say("{count} codes are void now.", count=result.voided))
    else:
        text = "Nothing was changed: of the {count} codes asked for, all were void before ({reasons})."
        reasons = ", ".join(f"{context.say(name)} {number}" for name, number in result.reasons.most_common())
        context.out.line(context.say(text, count=result.count, reasons=reasons))


@click.command("replace", cls=TranslatedCommand)
@click.argument("what", metavar="SERIAL|RANGE|FILE")
@click.option("--reason", type=click.Choice(REASONS), help="Why codes that are still in use become void.")
@click.option("--note", default="", help="What you want to say about it; one line that stays with the codes.")
@click.option("--key", "key_name", help="Name of the issuer key, where the party has several.")
@click.option("--yes", is_flag=True, help="Do not ask before several codes become void.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="File for the new codes (CSV).")
@answers
@pass_context
def replace(
    context: Context, *, what: str, reason: str | None, note: str, key_name: str | None, yes: bool, out: Path
) -> None:
    """Replace codes: new ones for the same batch, level, grade and weight, each naming the void one it stands for.

    Codes that are still in use become void for --reason. RANGE and FILE are written as for code void. A code that was
    replaced before keeps its replacement: run again after an interruption, the command ends what was begun and writes
    the file. Its columns are code, serial, replaces.

    Example: tracelib code replace GN-1:101-120 --reason damaged --out reprint.csv
    """
    from tracelib.operations.issuing.replace import Keys, Printed, plan_replace, replace_codes
    from tracelib.operations.issuing.void import Reason, VoidAct, plan_void
    from tracelib.operations.printing.replacements import write_replacements
    from tracelib_cli.commands.code_issue import require_new
    from tracelib_cli.issuing import desk_of, issuers_of

    require_new(out)
    act = VoidAct(Reason(reason), note) if reason else None
    desk, settings = desk_of(context, os.cpu_count() or 1), context.settings
    with context.store.reading() as uow:
        issuers = issuers_of(context, uow)
        keys = Keys(
            lambda party_id: issuers.of_party(party_id, context.clock.now(), key_name), issuers, issuers.serial_keys()
        )
        units = units_at(context, uow, keys.serial_keys)
        plan = plan_replace(uow, units, parts_named(units, what))
        plan.require(act)
        tell_plan(context, plan_void(uow, units, plan.fresh))
    if not (yes or confirmed(context, plan.not_void)):
        return
    done = replace_codes(desk, keys, plan, act, Printed(settings.text("host"), settings.text("path")))
    write_replacements(print_log(context), keys, plan, out, desk.processes)
    tell_replaced(context, done, out)


def units_at(context: Context, uow: "UnitOfWork", serial_keys: Mapping[bytes, bytes]) -> "Units":
    """How people name units in this workspace."""
    from tracelib.operations.units import Units

    return Units(uow, serial_keys, context.settings.text("party"))


def parts_named(units: "Units", what: str) -> "Sequence[IssuedRange]":
    """The parts that the argument names: those of a file (MissingFileError), or what stands in it."""
    from tracelib.operations.units import units_in_file

    path = Path(what)
    is_file = os.path.isfile(path)  # Path.is_file raises for a list of serials that is longer than a name can be
    if path.suffix.lower() in LISTS and "://" not in what and not is_file:
        raise MissingFileError(file=what)
    return units_in_file(units, path) if is_file else units.named(what)


def tell_plan(context: Context, plan: "VoidResult") -> None:
    """Say what is going to happen, before anybody is asked."""
    if context.out.json:
        return
    say, line = context.say, context.out.line
    for entry in plan.earlier:
        text = "{unit} has been void since {at} ({reason}); nothing is changed."
        reason = ": ".join(part for part in (say(entry.reason), entry.note) if part)
        line(say(text, unit=_printed(entry.unit_id), at=wall_text(entry.voided_at), reason=reason))
    if plan.before > len(plan.earlier):
        line(say("{count} more were void before; nothing is changed.", count=plan.before - len(plan.earlier)))
    if plan.voided:
        text = "Of the codes from {first} to {last}, {count} become void for ever; today is {day}."
        if plan.first == plan.last:
            text = "The code {first} becomes void for ever; today is {day}."
        day = f"{context.clock.now().astimezone(CHINA):%F}"
        line(say(text, count=plan.voided, first=_printed(plan.first), last=_printed(plan.last), day=day))
    if plan.active:
        line(say("{count} of them are active: an event says that they are out of use.", count=plan.active))
    if plan.pallets:
        text = "Some lie on a pallet and stay there in the record ({pallets}): look at the cartons."
        line(say(text, pallets=", ".join(map(_printed, plan.pallets))))


def confirmed(context: Context, count: int) -> bool:
    """Whether to go on: asked at a terminal, where several codes become void."""
    if context.out.json or count < 2 or not sys.stdin.isatty():
        return True
    if click.confirm(context.say("Make {count} codes void? This cannot be undone.", count=count)):
        return True
    context.out.line(context.say("Nothing was changed."))
    return False


def result_as_json(result: "VoidResult", reason: str, note: str) -> dict[str, object]:
    """The answer for programs."""
    earlier = [{"unit": one.unit_id, "reason": one.reason, "at": one.voided_at} for one in result.earlier]
    return {
        "reason": reason,
        "note": note,
        "count": result.count,
        "voided": result.voided,
        "before": result.before,
        "first": result.first,
        "last": result.last,
        "earlier": earlier,
        "active": result.active,
        "events": result.events,
        "packed": result.packed,
        "pallets": result.pallets,
    }


def _printed(unit_id: str) -> str:
    return grouped(unit_id) if len(unit_id) == SERIAL_LENGTH else unit_id


def tell_replaced(context: Context, done: "Replaced", out: Path) -> None:
    """What was issued, and where it is."""
    ranges = [
        {"prefix": one.range.prefix, "first": one.range.first, "count": one.range.count, "seq": one.range.seq}
        for one in done.registered
    ]
    answer = {"count": done.count, "before": done.before, "ranges": ranges, "file": str(out)}
    if context.out.json:
        context.out.value(answer)
        return
    if done.before:
        context.out.line(context.say("{count} had been replaced before; these replacements stand.", count=done.before))
    text = "{count} new codes stand for void ones; {file} says which for which."
    context.out.line(context.say(text, count=done.count, file=out))
