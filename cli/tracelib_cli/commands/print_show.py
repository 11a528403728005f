"""``tracelib print list`` and ``show``; ``commands/print.py`` puts them into its group."""

from typing import TYPE_CHECKING

import click

from tracelib.text import phrase
from tracelib_cli.command import TranslatedCommand, answers
from tracelib_cli.context import Context, pass_context

if TYPE_CHECKING:
    from tracelib.operations.printing.find import FoundOrder

STATES = {
    "ordered": phrase("ordered, no file yet"),
    "making": phrase("files not complete"),
    "made": phrase("files made"),
    "delivering": phrase("partly delivered"),
    "delivered": phrase("delivered"),
    "cancelled": phrase("cancelled"),
}


@click.command("list", cls=TranslatedCommand)
@click.option("--party", metavar="ID", help="Only orders of this party.")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True, help="Show at most so many.")
@answers
@pass_context
def list_(context: Context, party: str | None, limit: int) -> None:
    """List print orders with their state, the newest first.

    Example: tracelib print list
    """
    from tracelib.clock import CHINA
    from tracelib.operations.printing.find import load_order

    with context.store.reading() as uow:
        orders = uow.prints.orders(party or context.settings.text("party") or None, limit=limit)
        found = [load_order(uow, order) for order in orders]
    if context.out.json:
        context.out.value({"orders": [as_dict(item) for item in found]})
        return
    say = context.say
    headers = [say(text) for text in ("Order", "Day", "Batch", "Print house", "Labels", "Rolls", "State")]
    rows = [
        (
            o.number,
            f"{o.at.astimezone(CHINA):%F}",
            o.reference,
            o.house,
            o.count,
            o.rolls,
            say(STATES[item.account.state]),
        )
        for item in found
        for o in (item.order,)
    ]
    context.out.table(headers, rows)


@click.command("show", cls=TranslatedCommand)
@click.argument("order")
@answers
@pass_context
def show_(context: Context, order: str) -> None:
    """Show an order and its rolls: made, delivered, and what became of the labels.

    Example: tracelib print show 261125-1
    """
    from tracelib.operations.printing.find import find_order

    with context.store.reading() as uow:
        found = find_order(uow, order, context.settings.text("party"))
    if context.out.json:
        context.out.value(as_dict(found))
        return
    tell_rolls(context, found)


_FATES = {
    "received": phrase("Delivered"),
    "missing": phrase("Missing"),
    "used": phrase("Used"),
    "torn": phrase("Torn"),
    "lost": phrase("Lost"),
    "misprint": phrase("Misprint"),
    "returned": phrase("Returned"),
}


def tell_rolls(context: Context, found: "FoundOrder") -> None:
    """An order as a table of its rolls; what no roll has is left out."""
    from tracelib.batches.pieces import places_of
    from tracelib.batches.print_account import COUNTED

    say, order, account = context.say, found.order, found.account
    verbs = [verb for verb in COUNTED if account.total.sums[verb]]
    headers = [say(text) for text in ("Roll", "Labels", "Positions", "SHA-256")] + [say(_FATES[verb]) for verb in verbs]
    rows: list[tuple[object, ...]] = [
        (
            roll.roll,
            roll.count,
            places_of(roll.pieces),
            of_roll.sha256[:8] or "–",
            *(of_roll.sums.get(verb) or "" for verb in verbs),
        )
        for roll, of_roll in zip(found.rolls, account.rolls, strict=True)
    ]
    if any(account.whole.sums.values()):
        rows.append((say("all"), "", "", "", *(account.whole.sums.get(verb) or "" for verb in verbs)))
    state = say(STATES[account.state])
    context.out.table(headers, rows, title=f"{order.number} · {order.reference} · {order.house} · {state}")


def as_dict(found: "FoundOrder") -> dict[str, object]:
    """An order with its state for programs."""
    order = found.order
    accounts = {account.roll: account for account in found.account.rolls}
    return {
        "order": order.number,
        "at": order.at,
        "operator": order.operator,
        "batch": order.reference,
        "house": order.house,
        "format": order.format,
        "count": order.count,
        "left_out": order.left_out,
        "reason": order.reason,
        "state": found.account.state.value,
        "whole": {verb.value: count for verb, count in found.account.whole.sums.items()},
        "rolls": [
            {
                "roll": roll.roll,
                "count": roll.count,
                "file": roll.file,
                "first_position": roll.pieces[0].position,
                "last_position": roll.pieces[-1].last_position,
                "first_serial": roll.first_serial,
                "last_serial": roll.last_serial,
                "sha256": accounts[roll.roll].sha256 or None,
                **{verb.value: count for verb, count in accounts[roll.roll].sums.items()},
            }
            for roll in found.rolls
        ],
    }
