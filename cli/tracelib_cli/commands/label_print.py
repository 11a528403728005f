"""``tracelib label print``; ``commands/label.py`` puts it into its group."""

from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracelib_cli.command import TranslatedCommand, answers, folded
from tracelib_cli.context import Context, pass_context
from tracelib_cli.labelling import (
    Output,
    Paper,
    destination_of,
    font_of,
    is_test_root,
    label_progress,
    on_paper,
    template_on,
    to_output,
)
from tracelib_cli.printing import OnceMore, once_more, print_log

if TYPE_CHECKING:
    from tracelib.labels.output import PrintRun
    from tracelib.operations.printing.labels import LabelFacts, PrintedLabels
    from tracelib.operations.printing.print_logged import LabelJob


@dataclass(frozen=True, slots=True)
class Which:
    """Which codes, as given: the places of the first and the last, a file of codes, copies of each label."""

    first: int | None
    last: int | None
    codes: Path | None
    copies: int


which_codes = folded(
    "which",
    Which,
    click.option("--from", "first", type=click.IntRange(1), metavar="I", help="First code, counted from 1."),
    click.option("--to", "last", type=click.IntRange(1), metavar="J", help="Last code; without it all that follow."),
    click.option(
        "--codes", type=click.Path(path_type=Path), metavar="FILE", help="Take the codes from an exported file."
    ),
    click.option("--copies", type=click.IntRange(1, 100), default=1, show_default=True, help="Labels of each code."),
)


@click.command("print", cls=TranslatedCommand)
@click.argument("lot", required=False)
@on_paper("a4-24")
@to_output
@which_codes
@once_more
@click.option("--native", is_flag=True, help="TSPL: let the printer draw the symbol; smaller jobs.")
@answers
@pass_context
def print_(
    context: Context,
    *,
    lot: str | None,
    paper: Paper,
    output: Output,
    which: Which,
    again: OnceMore,
    native: bool,
) -> None:
    """Print the labels of a batch, named as LOT, PRODUCT/LOT or PARTY/PRODUCT/LOT: as PDF, or on a label printer.

    With --codes the codes come from a file that was exported; that needs no key, and units have no other way. After a
    paper jam the rest is printed with --from, the first label that is missing, and --reprint --reason TEXT.

    Every print is written into the print log; codes that were printed before need --reprint --reason TEXT.

    Example: tracelib label print NAVEL-5KG/26A0137 --template roll-60x40 --from 1 --to 200 --out roll.pdf

    Example: tracelib label print 26A0137 --template roll-100x50 --format tspl --printer tcp://192.168.1.50
    """
    from tracelib.labels.output import PrintRun
    from tracelib.operations.printing.print_logged import print_logged

    destination, kind = destination_of(context, output)
    template = template_on(context, paper)
    run = PrintRun(template, font_of(context, template), destination, kind, which.copies, native)
    if which.codes is not None:
        job, last = _from_file(context, lot, which.codes, (which.first, which.last))
    elif lot is not None:
        job, last = _from_batch(context, lot, (which.first, which.last))
    else:
        raise click.UsageError(context.say("Name a LOT, or a file of codes with --codes."))
    total = (last - job.first + 1) * which.copies if last else None
    with label_progress(context, total) as progress:
        done = print_logged(print_log(context), job, run, again.checked(), progress)
    if context.out.json:
        context.out.value(_as_json(job.facts, run, done))
    else:
        _tell(context, run, done)


def _from_batch(context: Context, lot: str, wanted: tuple[int | None, int | None]) -> "tuple[LabelJob, int | None]":
    """Labels of codes that are made again: the same bytes as when they were issued. Void ones are not printed."""
    from tracelib.batches.pieces import without
    from tracelib.operations.batches.find import resolve_batch
    from tracelib.operations.export import all_lines, select_codes
    from tracelib.operations.issuing.unit_pieces import pieces_of, void_pieces
    from tracelib.operations.printing.labels import facts_of_batch
    from tracelib.operations.printing.print_logged import LabelJob
    from tracelib_cli.issuing import issuers_of

    with context.store.reading() as uow:
        batch = resolve_batch(uow, lot, context.settings.text("party"))
        selection = select_codes(uow, batch, *wanted)
        issuers = issuers_of(context, uow)
        facts = facts_of_batch(uow, batch, test=issuers.keyring.environment == "test")
        places = pieces_of(uow, selection.ranges)
        ranges = uow.codes.ranges_of(*batch.key)
        places = without(places, void_pieces(uow, issuers, ranges, places))
    pieces = all_lines(issuers, selection.ranges)
    codes = (line for piece in pieces for line in piece.decode("ascii").splitlines())
    return LabelJob(facts, codes, places, selection.first), selection.last


def _from_file(
    context: Context, lot: str | None, path: Path, wanted: tuple[int | None, int | None]
) -> "tuple[LabelJob, int | None]":
    """Labels of codes from a file; without ``lot`` the first code says of which batch."""
    from tracelib.labels.code_list import read_code_list
    from tracelib.labels.errors import NoLabelsError
    from tracelib.operations.batches.find import resolve_batch
    from tracelib.operations.file_hash import file_sha256
    from tracelib.operations.printing.labels import facts_of_batch, require_facts_of_code
    from tracelib.operations.printing.print_logged import LabelJob, codes_in_file

    party, test = context.settings.text("party"), is_test_root(context)
    with context.store.reading() as uow:
        if lot is not None:
            facts = facts_of_batch(uow, resolve_batch(uow, lot, party), test=test)
        else:
            first_code = next(read_code_list(path), None)
            if first_code is None:
                raise NoLabelsError(detail=context.say("{file} is empty", file=path))
            facts = require_facts_of_code(uow, first_code, party, test=test)
    first, last = wanted[0] or 1, wanted[1]
    serial_keys = context.serial_keys
    with context.store.reading() as uow:
        codes, source = islice(read_code_list(path), first - 1, last), (file_sha256(path), first, last)
        listed = codes_in_file(uow, facts, codes, source, serial_keys)
    return LabelJob(facts, islice(read_code_list(path), first - 1, last), listed.pieces, first, listed), last


def _as_json(facts: "LabelFacts", run: "PrintRun", done: "PrintedLabels") -> dict[str, object]:
    file = done.file
    return {
        "file": str(file.path or run.out),
        "format": run.kind,
        "template": run.template.name,
        "dpi": run.template.dpi,
        "batch": facts.batch,
        "codes": done.codes,
        "void": done.void,
        "copies": run.copies,
        "labels": file.labels,
        "pages": file.pages,
        "bytes": file.size,
        "confirmed": file.confirmed,
        "test": facts.common.test,
    }


def _tell(context: Context, run: "PrintRun", done: "PrintedLabels") -> None:
    say, line, file = context.say, context.out.line, done.file
    if file.path is None:
        line(say("{labels} labels were sent to {printer}.", labels=file.labels, printer=run.out))
    else:
        line(say("{file}: {labels} labels on {pages} pages.", file=file.path, labels=file.labels, pages=file.pages))
    if done.void:
        line(say("{count} void codes were left out.", count=done.void))
    if file.confirmed is False:
        line(say("The printer did not say that it has everything: compare the last label with the last code."))
    if run.kind == "pdf":
        line(say("Print at 100 %, never «fit to page»: only then are the symbols sharp."))
