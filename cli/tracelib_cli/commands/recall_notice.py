"""``tracelib recall notice``; ``commands/recall.py`` puts it into its group."""

from pathlib import Path

import click

from tracelib_cli.command import TranslatedCommand, answers
from tracelib_cli.context import Context, pass_context
from tracelib_cli.recalling import look


@click.command("notice", cls=TranslatedCommand)
@click.argument("number")
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder for the notices.")
@answers
@pass_context
def notice(context: Context, number: str, out: Path) -> None:
    """Write a notice for everybody who has or had the goods: a letter (PDF) and a list (CSV), and a list of calls.

    The own warehouse gets one too. Notices of a drill say so in large letters.

    Example: tracelib recall notice R261126-1 --out notices
    """
    from tracelib.labels.fonts import find_font
    from tracelib.operations.recalls.notices import write_notices

    _, affected, summary = look(context, number)
    named = context.settings.text("label.font")
    font = find_font((context.settings.folder or Path.cwd()) / named if named else None)
    party = context.settings.text("party")
    found, written, calls = write_notices(
        context.store, context.clock, (number, party), (affected, summary), (out, font)
    )
    if context.out.json:
        context.out.value(
            {
                "recall": found.recall.number,
                "drill": found.recall.drill,
                "calls": str(calls),
                "notices": [
                    {
                        "to": one.notice.holder.id or None,
                        "own_stock": one.notice.own,
                        "units": len(one.notice.units),
                        "letter": str(one.letter) if one.letter else None,
                        "list": str(one.listing),
                    }
                    for one in written
                ],
            }
        )
        return
    say = context.say
    if not written:
        context.out.line(say("Nobody has anything of it any more: there is nobody to write to."))
        return
    headers = [say(text) for text in ("To whom", "Units", "Letter", "List")]
    rows = [
        (
            one.notice.holder.name or say("not said to whom"),
            len(one.notice.units),
            one.letter.name if one.letter else say("none: nobody knows to whom"),
            one.listing.name,
        )
        for one in written
    ]
    context.out.table(headers, rows)
    context.out.line(say("Whom to call, with numbers: {file}", file=calls))
