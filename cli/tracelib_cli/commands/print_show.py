"""``tracelib print list`` and ``show``; ``commands/print.py`` puts them into its group."""

import click

from tracelib_cli.command import TranslatedCommand, answers
from tracelib_cli.context import Context, pass_context
from tracelib_cli.order_view import as_dict, state_of, tell_order, tell_roll, with_entries


@click.command("list", cls=TranslatedCommand)
@click.option("--party", metavar="ID", help="Only orders of this party.")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True, help="Show at most so many.")
@answers
@pass_context
def list_(context: Context, party: str | None, limit: int) -> None:
    """List print orders with their state, the newest first.

    Example: tracelib print list
    """
    from tracelib.operations.printing.find import load_order

    with context.store.reading() as uow:
        orders = uow.prints.orders(party or context.settings.text("party") or None, limit=limit)
        found = [load_order(uow, order) for order in orders]
    if context.out.json:
        context.out.value({"orders": [as_dict(item) for item in found]})
        return
    say = context.say
    headers = [say(text) for text in ("Order", "Batch", "Print house", "Labels", "Rolls", "State")]
    rows = [
        (
            o.number,
            o.reference,
            o.house,
            o.count,
            o.rolls,
            state_of(context, item),
        )
        for item in found
        for o in (item.order,)
    ]
    context.out.table(headers, rows)


@click.command("show", cls=TranslatedCommand)
@click.argument("order", metavar="ORDER[/ROLL]")
@answers
@pass_context
def show_(context: Context, order: str) -> None:
    """Show an order and what became of its labels; of one roll also which labels were named, by whom, when and why.

    Example: tracelib print show 261125-1/3
    """
    from tracelib.operations.printing.find import find_order

    with context.store.reading() as uow:
        found = find_order(uow, order, context.settings.text("party"))
    if context.out.json:
        context.out.value(with_entries(found))
    elif found.roll:
        tell_roll(context, found, found.roll)
    else:
        tell_order(context, found)
