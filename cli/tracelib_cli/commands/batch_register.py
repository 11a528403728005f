"""``tracelib batch template`` and ``register``: batches from CSV and Excel."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from tracelib_cli.command import TranslatedCommand, answers
from tracelib_cli.context import Context, pass_context


@click.command("template", cls=TranslatedCommand)
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


@click.command("register", cls=TranslatedCommand)
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
