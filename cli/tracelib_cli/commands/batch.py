"""``tracelib batch``: batches from CSV and Excel."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracelib_cli.command import TranslatedGroup, answers
from tracelib_cli.context import Context, pass_context

if TYPE_CHECKING:
    from tracelib.batches.batch import Batch


_STATES = {"registered": "no codes yet", "open": "codes issued", "closed": "closed, no more codes"}


@click.group(cls=TranslatedGroup)
def command() -> None:
    """Batches: register them from a file, look at them.

    Example: tracelib batch register harvest.xlsx
    """


@command.command("template")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="File to write: .xlsx or .csv.")
@answers
@pass_context
def template(context: Context, out: Path) -> None:
    """Write a table to fill in, with headers in the language of messages; an existing file is not overwritten.

    Example: tracelib batch template --out batches.xlsx
    """
    from tracelib.sheets.batch_sheet import COLUMNS, SHEET_NAME
    from tracelib.sheets.template import write_template

    write_template(out, COLUMNS, SHEET_NAME, context.language)
    if context.out.json:
        context.out.value({"file": str(out), "columns": [column.key for column in COLUMNS]})
    else:
        context.out.line(context.say("{file} is written. Fill it in, then: tracelib batch register {file}", file=out))


@command.command("register")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--sheet", metavar="NAME", help="Sheet to read, where a workbook has several.")
@answers
@pass_context
def register(context: Context, file: Path, sheet: str | None) -> None:
    """Register the batches of a CSV or XLSX file: all of them, or none if there is a single fault.

    Example: tracelib batch register batches.xlsx
    """
    from tracelib.operations.register import register_batches

    with _progress(context) as progress:
        done = register_batches(context.store, file, context.clock.now(), sheet=sheet, progress=progress)
    if context.out.json:
        context.out.value(
            {
                "file": str(file),
                "sha256": done.sha256,
                "sheet": done.sheet,
                "hidden_sheets": done.hidden_sheets,
                "registered": len(done.registered),
                "unchanged": done.unchanged,
                "registered_before": done.registered_before,
            }
        )
        return
    say, line = context.say, context.out.line
    for name in done.hidden_sheets:
        line(say("Hidden sheet «{sheet}» was not read.", sheet=name))
    if done.registered:
        line(say("{count} batches registered from {file}.", count=len(done.registered), file=file))
        if done.unchanged:
            line(say("{count} were registered already and are unchanged.", count=done.unchanged))
    elif done.registered_before:
        day = done.registered_before.astimezone().strftime("%Y-%m-%d %H:%M")
        line(say("This very file was registered on {day}. Nothing was changed.", day=day))
    else:
        line(say("All {count} batches were registered already. Nothing was changed.", count=done.unchanged))


@command.command("list")
@click.option("--party", metavar="ID", help="Only batches of this party.")
@click.option("--product", metavar="ID", help="Only batches of this product.")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True, help="Show at most so many.")
@answers
@pass_context
def list_(context: Context, party: str | None, product: str | None, limit: int) -> None:
    """List batches, the newest first.

    Example: tracelib batch list --party GNQC
    """
    with context.store.reading() as uow:
        batches = uow.batches.list(party, product, limit)
        total = uow.batches.count(party, product)
    if context.out.json:
        context.out.value({"batches": [_as_dict(batch) for batch in batches], "total": total})
        return
    say = context.say
    headers = [say(text) for text in ("Party", "Product", "Lot", "Produced on", "Weight (kg)", "Origin", "State")]
    rows = [
        (b.party_id, b.product_id, b.lot, b.produced_on, _kilograms(b), b.origin, say(_STATES[b.state]))
        for b in batches
    ]
    context.out.table(headers, rows)
    if total > len(batches):
        context.out.line(say("{count} more are not shown; raise --limit.", count=total - len(batches)))


@command.command("show")
@click.argument("lot")
@answers
@pass_context
def show(context: Context, lot: str) -> None:
    """Show one batch, named as LOT, PRODUCT/LOT or PARTY/PRODUCT/LOT.

    Example: tracelib batch show NAVEL-5KG/26A0137
    """
    from tracelib.operations.find_batch import resolve_batch

    with context.store.reading() as uow:
        batch = resolve_batch(uow, lot, context.settings.text("party"))
    if context.out.json:
        context.out.value(_as_dict(batch))
        return
    say = context.say
    rows = [
        (say("Party"), batch.party_id),
        (say("Product"), batch.product_id),
        (say("Lot"), batch.lot),
        (say("Produced on"), batch.produced_on),
        (say("Weight (kg)"), _kilograms(batch)),
        (say("Origin"), batch.origin),
        (say("Plot"), batch.plot),
        (say("Grower"), batch.grower),
        (say("Note"), batch.note),
        (say("State"), say(_STATES[batch.state])),
    ]
    context.out.table([say("Field"), say("Value")], rows, title=batch.reference)


def _as_dict(batch: "Batch") -> dict[str, object]:
    return {
        "party": batch.party_id,
        "product": batch.product_id,
        "lot": batch.lot,
        "produced_on": batch.produced_on,
        "weight_g": batch.weight_g,
        "origin": batch.origin,
        "plot": batch.plot,
        "grower": batch.grower,
        "note": batch.note,
        "state": batch.state.value,
    }


def _kilograms(batch: "Batch") -> str:
    return format(Decimal(batch.weight_g).scaleb(-3).normalize(), "f")


@contextmanager
def _progress(context: Context) -> Iterator[Callable[[int], None] | None]:
    """Count rows on the terminal while a long file is read; nothing where no person is looking."""
    if context.out.json or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as display:
        task = display.add_task(context.say("Reading …"), total=None)
        yield lambda rows: display.update(task, description=context.say("{count} rows read", count=rows))
