"""``tracelib print order`` and ``make``; ``commands/print.py`` puts them into its group."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tracelib_cli.command import TranslatedCommand, answers
from tracelib_cli.context import Context, pass_context
from tracelib_cli.labelling import Paper, font_of, label_progress, on_paper, template_on
from tracelib_cli.printing import OnceMore, once_more, print_log

if TYPE_CHECKING:
    from tracelib.batches.print_order import PrintOrder
    from tracelib.operations.issuing.open_issuers import Issuers
    from tracelib.operations.printing.labels import LabelFacts
    from tracelib.operations.printing.log import PrintLog
    from tracelib.operations.printing.make_rolls import Drawing, MadeRolls
    from tracelib.operations.printing.order import OrderRequest

FORMATS = ("csv", "txt", "jsonl", "pdf", "zpl", "tspl")
LEVELS = ("item", "inner", "carton", "pallet")
to_folder = click.option(
    "--out",
    "folder",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder; the order gets one of its own in it, named by its number.",
)
in_processes = click.option(
    "--processes", type=click.IntRange(0, 64), default=0, help="Processes that sign many codes; 0 takes every core."
)


@click.command("order", cls=TranslatedCommand)
@click.argument("lot")
@click.option("--count", type=click.IntRange(1, 10_000_000), help="So many labels, of codes that were never printed.")
@click.option("--from", "first", type=click.IntRange(1), metavar="I", help="First code of the batch, counted from 1.")
@click.option("--to", "last", type=click.IntRange(1), metavar="J", help="Last code of the batch.")
@click.option("--roll-size", type=click.IntRange(1), required=True, help="Labels on a roll.")
@click.option("--house", required=True, help="Who prints.")
@click.option("--level", type=click.Choice(LEVELS), help="Only codes of this level.")
@click.option("--grade", type=click.IntRange(0, 15), help="Only codes of this grade; 0 is not graded.")
@click.option("--issue", is_flag=True, help="Issue the codes that are missing to --count; needs --level.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(FORMATS),
    default="csv",
    show_default=True,
    help="Kind of file: lists, or drawn labels.",
)
@on_paper("roll-60x40")
@once_more
@to_folder
@in_processes
@answers
@pass_context
def order_(
    context: Context,
    /,
    *,
    lot: str,
    folder: Path,
    processes: int,
    again: OnceMore,
    paper: Paper,
    **asked: Any,  # noqa: ANN401 - options
) -> None:
    """Order labels: registers the order, then writes a file for each roll, with checksums for the print house.

    Killed, out of room, stick pulled out: the order stays; go on with tracelib print make.

    Example: tracelib print order 26A0137 --count 5000 --roll-size 500 --house 示例印刷厂 --out rolls
    """
    from tracelib.codes.record import Level
    from tracelib.operations.batches.find import resolve_batch
    from tracelib.operations.printing.order import OrderRequest, place_order
    from tracelib_cli.issuing import issuers_of

    count, first, last = asked["count"], asked["first"], asked["last"]
    if (count is None) == (first is None and last is None):
        raise click.UsageError(context.say("Say which labels: --count N, or --from I and --to J."))
    with context.store.reading() as uow:
        batch = resolve_batch(uow, lot, context.settings.text("party"))
        issuers = issuers_of(context, uow)
    request = OrderRequest(
        batch=batch,
        house=asked["house"],
        roll_size=asked["roll_size"],
        format=asked["format_"],
        template=_template(context, asked["format_"], paper),
        count=count,
        first=first,
        last=last,
        level=Level[asked["level"].upper()] if asked["level"] else None,
        grade=asked["grade"],
    )
    _require_room(folder)
    log = print_log(context)
    if asked["issue"]:
        order = _order_and_issue(context, issuers, request)
    else:
        order = place_order(log, issuers, request, again.checked())
    _tell_order(context, order)
    _make(context, log, order, issuers, (folder, processes, ""))


def _tell_order(context: Context, order: "PrintOrder") -> None:
    """What was registered."""
    if context.out.json:
        return
    text = "Order {number}: {count} labels of {batch} in {rolls} rolls, for {house}."
    context.out.line(
        context.say(
            text,
            number=order.number,
            count=order.count,
            batch=order.reference,
            rolls=order.rolls,
            house=order.house,
        )
    )
    if order.left_out:
        context.out.line(context.say("{count} void codes were left out.", count=order.left_out))


def _require_room(folder: Path) -> None:
    """The error of the system where the folder cannot be made or written, before anything is registered or made."""
    import tempfile

    there = next(one for one in (folder.absolute(), *folder.absolute().parents) if one.exists())
    with tempfile.TemporaryFile(dir=there):
        pass


def _order_and_issue(context: Context, issuers: "Issuers", request: "OrderRequest") -> "PrintOrder":
    from tracelib.operations.printing.order_issuing import Issuing, order_and_issue
    from tracelib_cli.issuing import desk_of

    if request.count is None or request.level is None:
        raise click.UsageError(context.say("--issue needs --count and --level."))
    settings = context.settings
    issuer = issuers.of_party(request.batch.party_id, context.clock.now())
    desk = desk_of(context, os.cpu_count() or 1)
    issuing = Issuing(desk, issuer, settings.text("host"), settings.text("path"))
    return order_and_issue(print_log(context), issuers, request, issuing)


@click.command("make", cls=TranslatedCommand)
@click.argument("order")
@to_folder
@in_processes
@click.option("--reason", default="", metavar="TEXT", help="Why files of delivered rolls are made a second time.")
@answers
@pass_context
def make_(context: Context, *, order: str, folder: Path, processes: int, reason: str) -> None:
    """Make an order's files, or go on where that was interrupted: finished rolls are checked and kept.

    Example: tracelib print make 261125-1 --out rolls
    """
    from tracelib.operations.printing.find import find_order
    from tracelib_cli.issuing import issuers_of

    with context.store.reading() as uow:
        found = find_order(uow, order, context.settings.text("party"))
        issuers = issuers_of(context, uow)
    _make(context, print_log(context), found.order, issuers, (folder, processes, reason))


@click.command("cancel", cls=TranslatedCommand)
@click.argument("order")
@click.option("--reason", default="", metavar="TEXT", help="Why it is not printed; must be given.")
@answers
@pass_context
def cancel_(context: Context, order: str, reason: str) -> None:
    """Cancel an order that was not delivered: its codes can be printed again. Take the files back first.

    Example: tracelib print cancel 261125-1 --reason "wrong print house"
    """
    from tracelib.operations.printing.cancel import cancel_order
    from tracelib.operations.printing.find import find_order

    with context.store.reading() as uow:
        found = find_order(uow, order, context.settings.text("party"))
    found = cancel_order(print_log(context), found.order, reason)
    order_, made = found.order, [one.roll for one in found.account.rolls if one.sha256]
    files = [roll.file for roll in found.rolls if roll.roll in made]
    if context.out.json:
        state = {"order": order_.number, "state": "cancelled", "reason": reason.strip(), "files": files}
        context.out.value(state)
        return
    context.out.line(context.say("Order {order} is cancelled.", order=order_.number))
    if files:
        text = (
            "{count} files with its codes were made ({first} to {last}), and the codes are valid. Delete every copy, "
            "also at {house}: who has them can still print labels."
        )
        facts = {"count": len(files), "first": files[0], "last": files[-1], "house": order_.house}
        context.out.line(context.say(text, **facts))


def _make(
    context: Context, log: "PrintLog", order: "PrintOrder", issuers: "Issuers", asked: tuple[Path, int, str]
) -> None:
    """Make the files; ``asked`` are the folder for all orders, the number of processes and the reason."""
    from tracelib.operations.batches.find import resolve_batch
    from tracelib.operations.printing.labels import facts_of_batch
    from tracelib.operations.printing.make_rolls import RollJob, make_rolls

    with context.store.reading() as uow:
        batch = resolve_batch(uow, order.reference)
        facts = facts_of_batch(uow, batch, test=issuers.keyring.environment == "test")
    drawing = _drawing(context, order, facts) if order.template else None
    above, processes, reason = asked
    folder = above if above.name == order.number else above / order.number
    job = RollJob(issuers, folder, facts.common.product, processes or os.cpu_count() or 1, drawing, reason, facts)
    with label_progress(context, order.count) as progress:
        made = make_rolls(log, order, job, progress)
    if context.out.json:
        context.out.value(_as_dict(made, folder))
        return
    say, line = context.say, context.out.line
    line(say("{folder}: {made} rolls made, {kept} were finished.", folder=folder, made=made.made, kept=_kept(made)))
    line(say("Hand over the whole folder; SHA256SUMS and README.txt say how to check it."))


def _template(context: Context, format_: str, paper: Paper) -> str:
    """What the order keeps of the paper: template and resolution, «» for lists. Checks that both can be had."""
    from tracelib.labels.print_house import LISTS

    if format_ in LISTS:
        return ""
    template = template_on(context, paper)
    font_of(context, template)
    return f"{paper.template}@{template.dpi}"


def _drawing(context: Context, order: "PrintOrder", facts: "LabelFacts") -> "Drawing":
    from tracelib.operations.printing.make_rolls import Drawing

    name, _, dpi = order.template.rpartition("@")
    template = template_on(context, Paper(name, dpi))
    return Drawing(template, font_of(context, template), facts)


def _kept(made: "MadeRolls") -> int:
    return len(made.rolls) - made.made


def _as_dict(made: "MadeRolls", folder: Path) -> dict[str, object]:
    order = made.order
    return {
        "order": order.number,
        "batch": order.reference,
        "house": order.house,
        "count": order.count,
        "left_out": order.left_out,
        "folder": str(folder),
        "made": made.made,
        "kept": _kept(made),
        "rolls": [
            {"roll": roll.roll, "file": roll.file, "count": roll.count, "sha256": made.sha256[roll.roll]}
            for roll in made.rolls
        ],
    }
