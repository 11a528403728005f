"""``tracelib recall show`` and ``list``; ``commands/recall.py`` puts them into its group."""

import click

from tracelib.clock import wall_text
from tracelib.text import phrase
from tracelib_cli.command import TranslatedCommand, answers
from tracelib_cli.context import Context, pass_context
from tracelib_cli.recalling import look, recall_json, summary_json, tell_summary

VERBS = {
    "opened": phrase("opened"),
    "notices": phrase("notices made"),
    "returned": phrase("came back"),
    "closed": phrase("closed"),
}


@click.command("show", cls=TranslatedCommand)
@click.argument("number")
@answers
@pass_context
def show(context: Context, number: str) -> None:
    """Show a recall as it stands now: affected batches, where the units are, who has them, what was done.

    Example: tracelib recall show R261126-1
    """
    found, _, summary = look(context, number)
    closed = found.closing is not None
    entries = [
        {
            "verb": entry.verb.value,
            "at": entry.at,
            "operator": entry.operator,
            "units": entry.units,
            "weight_g": entry.weight_g,
            "place": entry.place,
            "note": entry.note,
        }
        for entry in found.entries
    ]
    if context.out.json:
        context.out.value({**recall_json(found.recall, closed=closed), **summary_json(summary), "entries": entries})
        return
    say, recall = context.say, found.recall
    kind = say("DRILL") if recall.drill else say("Recall")
    state = say("closed") if closed else say("open")
    context.out.line(f"{kind} {recall.number} · {recall.reference} · {state}")
    context.out.line(say("Reason: {reason}", reason=recall.reason))
    tell_summary(context, summary)
    headers = [say(text) for text in ("When", "Who", "What", "Units", "Where", "Note")]
    rows = [
        (wall_text(e.at), e.operator, say(VERBS[e.verb.value]), "" if e.units is None else e.units, e.place, e.note)
        for e in found.entries
    ]
    context.out.table(headers, rows, title=say("What was done"))


@click.command("list", cls=TranslatedCommand)
@click.option("--party", metavar="ID", help="Only recalls of this party.")
@click.option("--all", "every", is_flag=True, help="Also those that are closed.")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True, help="Show at most so many.")
@answers
@pass_context
def list_(context: Context, party: str | None, every: bool, limit: int) -> None:
    """List open recalls and drills, the newest first.

    Example: tracelib recall list --all
    """
    with context.store.reading() as uow:
        found = uow.recalls.find(party or context.settings.text("party") or None, limit=limit)
        closed = uow.recalls.closed(found)
    shown = [(one, (one.party_id, one.number) in closed) for one in found]
    shown = [(one, done) for one, done in shown if every or not done]
    if context.out.json:
        context.out.value({"recalls": [recall_json(one, closed=done) for one, done in shown]})
        return
    say = context.say
    if not shown:
        context.out.line(say("No recall is open."))
        return
    headers = [say(text) for text in ("Number", "Opened", "Batch", "Reason", "Kind", "State")]
    rows = [
        (
            one.number,
            wall_text(one.at),
            one.reference,
            one.reason,
            say("DRILL") if one.drill else say("Recall"),
            say("closed") if done else say("open"),
        )
        for one, done in shown
    ]
    context.out.table(headers, rows)
