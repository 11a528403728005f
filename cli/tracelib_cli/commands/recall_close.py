"""``tracelib recall return`` and ``close``; ``commands/recall.py`` puts them into its group."""

from typing import TYPE_CHECKING, Any

import click

from tracelib_cli.command import TranslatedCommand, answers
from tracelib_cli.context import Context, pass_context
from tracelib_cli.recalling import account_json, look, recall_json, tell_account

if TYPE_CHECKING:
    from tracelib.operations.recalls.account import Counts

COUNT = click.IntRange(0)


@click.command("return", cls=TranslatedCommand)
@click.argument("number")
@click.option("--units", type=click.IntRange(1), help="So many units came back.")
@click.option("--weight", metavar="WEIGHT", help="So much came back without units, such as 120kg.")
@click.option("--from", "place", default="", metavar="WHO", help="Who sent it back.")
@click.option("--note", default="", help="What you want to say about it; one line.")
@answers
@pass_context
def return_(context: Context, number: str, *, units: int | None, weight: str | None, place: str, note: str) -> None:
    """Note what came back without being scanned. What was scanned when it came back is counted by its event.

    Example: tracelib recall return R261126-1 --units 40 --from 示例水果店
    """
    from tracelib.batches.weight import parse_weight
    from tracelib.operations.recalls.account import note_return
    from tracelib.trace.recall import RecallEntry, Verb

    if units is None and weight is None:
        raise click.UsageError(context.say("say how much came back: --units or --weight"))
    now = context.clock.now()
    grams = parse_weight(weight) if weight else None
    entry = RecallEntry(verb=Verb.RETURNED, at=now, units=units, weight_g=grams, place=place, note=note)
    _, affected, _ = look(context, number)
    written = note_return(context.store, context.clock, (number, context.settings.text("party")), affected, entry)
    if context.out.json:
        context.out.value({"recall": number, "units": units, "weight_g": grams, "from": place, "at": written.at})
    else:
        context.out.line(context.say("Noted. How it stands: tracelib recall report {number}", number=number))


@click.command("close", cls=TranslatedCommand)
@click.argument("number")
@click.option("--returned", type=COUNT, metavar="N", help="Units that came back in all; default: as recorded.")
@click.option("--destroyed", type=COUNT, metavar="N", help="Units that were destroyed in all; default: as recorded.")
@click.option("--lost", type=COUNT, metavar="N", help="Units that are eaten, spoiled or cannot be got back.")
@click.option("--stock", type=COUNT, metavar="N", help="Units counted on stock; default: what should be there.")
@click.option("--returned-weight", metavar="WEIGHT", help="The same for goods without units, such as 120kg.")
@click.option("--destroyed-weight", metavar="WEIGHT", help="Destroyed without units.")
@click.option("--lost-weight", metavar="WEIGHT", help="Lost without units.")
@click.option("--stock-weight", metavar="WEIGHT", help="Counted on stock without units; 0 for nothing.")
@click.option("--note", default="", help="Why it ends although something stays unexplained; one line.")
@answers
@pass_context
def close(context: Context, /, number: str, *, note: str, **options: Any) -> None:  # noqa: ANN401 - click's options
    """Close a recall or a drill with the last counts, and print the mass balance.

    What neither came back nor was written off as lost is said, and needs a word in --note. The revocation stays: codes
    of a closed recall still answer «recalled».

    Example: tracelib recall close R261126-1 --returned 180 --destroyed 220 --lost 20
    """
    from tracelib.operations.recalls.account import Closing, close_recall

    closing = Closing(_counts(options, ""), _counts(options, "_weight"), note)
    _, affected, summary = look(context, number)
    party = context.settings.text("party")
    found, account = close_recall(context.store, context.clock, (number, party), affected, closing)
    if context.out.json:
        context.out.value({**recall_json(found.recall, closed=True), **account_json(found, summary, account)})
        return
    context.out.line(context.say("{number} is closed.", number=found.recall.number))
    tell_account(context, found, summary, account)


def _counts(options: dict[str, Any], ending: str) -> "Counts":
    """Units as numbers, weights in grams."""
    from tracelib.batches.weight import parse_weight
    from tracelib.operations.recalls.account import Counts

    def amount(name: str) -> int | None:
        """One option; 0 needs no unit."""
        given = options[f"{name}{ending}"]
        if not ending or given is None:
            return None if given is None else int(given)
        return 0 if str(given).strip() == "0" else parse_weight(given)

    return Counts(amount("returned"), amount("destroyed"), amount("lost"), amount("stock"))
