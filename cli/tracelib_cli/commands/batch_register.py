"""``tracelib batch template`` and ``register``: batches from CSV and Excel."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracelib.clock import wall_text
from tracelib.errors import shown
from tracelib_cli.command import TranslatedCommand, answers
from tracelib_cli.context import Context, pass_context
from tracelib_cli.output import echo

if TYPE_CHECKING:
    from tracelib.operations.batches.register import Registration
    from tracelib.sheets.layout import Unread

LISTED = 10
"""How many hidden rows are named."""


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
@click.option("--map", "mapping", metavar="NAME", help="Saved mapping to read it with (tracelib batch map).")
@click.option("--report", type=click.Path(path_type=Path), help="Workbook to write with the faults marked: OUT.xlsx.")
@answers
@pass_context
def register(context: Context, file: Path, sheet: str | None, mapping: str | None, report: Path | None) -> None:
    """Register the batches of a CSV or XLSX file: all of them, or none if there is a single fault.

    Example: tracelib batch register batches.xlsx --report faults.xlsx
    """
    from tracelib.identifiers.division import DIVISIONS
    from tracelib.operations.batches.register import RegisterOptions, register_batches
    from tracelib.operations.catalog.divisions import read_divisions
    from tracelib.sheets.errors import SheetError
    from tracelib_cli.stepping import book_homes_of

    party = context.settings.text("party") or None
    options = RegisterOptions(
        sheet=sheet,
        mapping=mapping,
        party_id=party,
        report=report,
        divisions=read_divisions(context.settings.workspace / DIVISIONS),
        language=context.language,
        homes=book_homes_of(context),
    )
    try:
        with _progress(context) as progress:
            done = register_batches(context.store, file, context.clock.now(), options, progress)
    except SheetError as error:
        if error.unread and not context.out.json:
            _say_unread(context, error.unread)
        _offer_report(context, file, report)
        raise
    if context.out.json:
        context.out.value(_as_dict(file, done))
        return
    say, line = context.say, context.out.line
    _say_unread(context, done.unread)
    if done.mapping:
        line(say("Read with the saved mapping «{name}».", name=done.mapping))
    if done.party_id:
        text = "The file names no party: all its batches are taken for those of {party} (setting party)."
        line(say(text, party=done.party_id))
    if done.registered:
        line(say("{count} batches registered from {file}.", count=len(done.registered), file=file))
        if done.unchanged:
            line(say("{count} were registered already and are unchanged.", count=done.unchanged))
    elif done.registered_before:
        day = wall_text(done.registered_before)
        line(say("This very file was registered on {day}. Nothing was changed.", day=day))
    else:
        line(say("All {count} batches were registered already. Nothing was changed.", count=done.unchanged))


def _offer_report(context: Context, file: Path, report: Path | None) -> None:
    """Say where the faults are marked, or how to have them marked, before they are listed."""
    if context.out.json:
        return
    text = "To see the faults marked in the sheet: tracelib batch register {file} --report {out}"
    if report:
        text = "The faults are marked in {out}: correct them there or in {file}, and register again."
    echo(context.say(text, file=file, out=report or f"{file.stem}-faults.xlsx"), err=True)


def _say_unread(context: Context, unread: "Unread") -> None:
    """Tell what of the file was not read."""
    say, line = context.say, context.out.line
    for name in unread.sheets:
        line(say("Hidden sheet «{sheet}» was not read.", sheet=name))
    for name in unread.columns:
        line(say("Hidden column {column} was not read.", column=name))
    if unread.hidden_rows:
        listed = ", ".join(map(str, unread.hidden_rows[:LISTED])) + (" …" if len(unread.hidden_rows) > LISTED else "")
        line(say("{count} hidden rows were not read: {rows}.", count=len(unread.hidden_rows), rows=listed))
    if unread.struck_rows:
        listed = ", ".join(map(str, unread.struck_rows[:LISTED])) + (" …" if len(unread.struck_rows) > LISTED else "")
        line(say("{count} struck-out rows were not read: {rows}.", count=len(unread.struck_rows), rows=listed))
    if unread.formulas:
        text = "{count} formulas were not calculated: what the file keeps as their results was read."
        line(say(text, count=unread.formulas))
    for number, text in unread.rows:
        line(say("Row {row} is no batch and was not read: {first}", row=number, first=shown(text)))
    if unread.row_count > len(unread.rows):
        line(say("{count} more rows like these were not read.", count=unread.row_count - len(unread.rows)))


def _as_dict(file: Path, done: "Registration") -> dict[str, object]:
    return {
        "file": str(file),
        "sha256": done.sha256,
        "sheet": done.sheet,
        "mapping": done.mapping,
        "party": done.party_id,
        "hidden_sheets": done.unread.sheets,
        "hidden_columns": done.unread.columns,
        "hidden_rows": done.unread.hidden_rows,
        "struck_rows": done.unread.struck_rows,
        "skipped_rows": [{"row": number, "text": text} for number, text in done.unread.rows],
        "formulas": done.unread.formulas,
        "registered": len(done.registered),
        "unchanged": done.unchanged,
        "registered_before": done.registered_before,
        "events": done.events,
    }


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
