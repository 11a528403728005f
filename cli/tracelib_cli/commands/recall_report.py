"""``tracelib recall report``; ``commands/recall.py`` puts it into its group."""

from pathlib import Path

import click

from tracelib_cli.command import TranslatedCommand, answers
from tracelib_cli.context import Context, pass_context
from tracelib_cli.recalling import account_json, look, recall_json, tell_account


@click.command("report", cls=TranslatedCommand)
@click.argument("number")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="CSV file with every unit.")
@answers
@pass_context
def report(context: Context, number: str, out: Path | None) -> None:
    """Account for a recall: the mass balance, and what a drill measures (time, completeness, who can be reached).

    Example: tracelib recall report R261126-1 --out cartons.csv
    """
    from tracelib.operations.recalls.account import account_of
    from tracelib.operations.recalls.listing import write_listing

    found, affected, summary = look(context, number)
    account = account_of(affected, found)
    if out is not None:
        write_listing(affected, found.recall, out)
    if context.out.json:
        closed = found.closing is not None
        value = {**recall_json(found.recall, closed=closed), **account_json(found, summary, account)}
        context.out.value({**value, "file": str(out) if out else None})
        return
    tell_account(context, found, summary, account)
    if out is not None:
        text = "{count} units, void ones included, are listed in {file}."
        context.out.line(context.say(text, count=len(affected.units), file=out))
