"""``tracelib batch list`` and ``show``: what is known of batches."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

from tracelib.text import phrase
from tracelib_cli.command import TranslatedCommand, answers
from tracelib_cli.context import Context, pass_context
from tracelib_cli.output import on_one_line

if TYPE_CHECKING:
    from tracelib.batches.batch import Batch
    from tracelib.operations.batches.tree import Branch

STATES = {
    "registered": phrase("no codes yet"),
    "open": phrase("codes issued"),
    "closed": phrase("closed for good"),
}
KINDS = {"split": phrase("split off"), "merge": phrase("merged"), "repack": phrase("re-packed")}
"""How a batch came out of another, as words."""


@click.command("list", cls=TranslatedCommand)
@click.option("--party", metavar="ID", help="Only batches of this party.")
@click.option("--product", metavar="ID", help="Only batches of this product.")
@click.option("--state", type=click.Choice(list(STATES)), help="Only batches in this state.")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True, help="Show at most so many.")
@answers
@pass_context
def list_(context: Context, party: str | None, product: str | None, state: str | None, limit: int) -> None:
    """List batches, the newest first.

    Example: tracelib batch list --party GNQC --state open
    """
    from tracelib.batches.batch import BatchState

    wanted = BatchState(state) if state else None
    with context.store.reading() as uow:
        batches = uow.batches.list(party, product, limit, wanted)
        total = uow.batches.count(party, product, wanted)
    if context.out.json:
        context.out.value({"batches": [as_dict(batch) for batch in batches], "total": total})
        return
    say = context.say
    if not batches:
        text = phrase(
            "No batch is registered yet. One table registers them: tracelib batch template --out batches.xlsx"
        )
        if party or product or state:
            text = phrase("No batch fits this. All are listed by: tracelib batch list")
        context.out.line(say(text))
        return
    headers = [say(text) for text in ("Party", "Product", "Lot", "Produced on", "Weight (kg)", "State", "Origin")]
    rows = [
        (b.party_id, b.product_id, b.lot, b.produced_on, kilograms_of(b.weight_g), say(STATES[b.state]), b.origin)
        for b in batches
    ]
    if not any(b.origin for b in batches):  # a column of nothing costs the width of a terminal
        headers, rows = headers[:-1], [row[:-1] for row in rows]  # type: ignore[misc]
    context.out.table(headers, rows)
    if total > len(batches):
        context.out.line(say("{count} more are not shown; raise --limit.", count=total - len(batches)))


@click.command("show", cls=TranslatedCommand)
@click.argument("lot")
@answers
@pass_context
def show(context: Context, lot: str) -> None:
    """Show one batch, named as LOT, PRODUCT/LOT or PARTY/PRODUCT/LOT, with its parents and children.

    Example: tracelib batch show NAVEL-5KG/26A0137
    """
    from tracelib.operations.batches.balance import balance_of
    from tracelib.operations.batches.find import resolve_batch
    from tracelib.operations.batches.tree import family

    with context.store.reading() as uow:
        batch = resolve_batch(uow, lot, context.settings.text("party"))
        balance = balance_of(uow, batch)
        parents, children = family(uow, batch, "parents"), family(uow, batch, "children")
    if context.out.json:
        sides = {"parents": [b.as_dict() for b in parents], "children": [b.as_dict() for b in children]}
        context.out.value({**as_dict(batch), "left_g": balance.left_g, **sides})
        return
    facts = {
        phrase("Party"): batch.party_id,
        phrase("Product"): batch.product_id,
        phrase("Lot"): batch.lot,
        **facts_of(context, batch),
        phrase("Left (kg)"): kilograms_of(balance.left_g),
        phrase("Origin"): batch.origin,
        phrase("Plot"): batch.plot,
        phrase("Grower"): batch.grower,
        phrase("Note"): batch.note,
    }
    print_facts(context, batch, facts)
    print_family(context, context.say("Made from"), parents)
    print_family(context, context.say("Made into"), children)


def facts_of(context: Context, batch: "Batch") -> dict[str, object]:
    """What everybody wants to know of a batch first."""
    return {
        phrase("State"): context.say(STATES[batch.state]),
        phrase("Produced on"): batch.produced_on,
        phrase("Weight (kg)"): kilograms_of(batch.weight_g),
    }


def print_facts(context: Context, batch: "Batch", facts: Mapping[str, object]) -> None:
    """A table of what is known of a batch, by phrase."""
    say = context.say
    rows = [(say(what), value) for what, value in facts.items()]
    context.out.table([say("Field"), say("Value")], rows, title=batch.reference)


def print_family(context: Context, title: str, branches: "Sequence[Branch]") -> None:
    """A tree of batches under a title; nothing where there are none."""
    if not branches:
        return
    from rich.text import Text
    from rich.tree import Tree

    def grow(tree: Tree, branches: "Sequence[Branch]") -> None:
        """Hang branches under a node, and theirs under them."""
        for branch in branches:
            text = f"{branch.product_id}/{branch.lot}  {kilograms_of(branch.weight_g)} kg  "
            more = " …" if branch.cut else ""
            grow(tree.add(Text(on_one_line(f"{text}{context.say(KINDS[branch.kind])}{more}"))), branch.branches)

    tree = Tree(Text(title, style="bold"))
    grow(tree, branches)
    context.out.console().print(tree)


def kilograms_of(grams: int) -> str:
    """Grams as kilograms, for people."""
    from tracelib.batches.batch import kilograms

    return kilograms(grams)


def as_dict(batch: "Batch") -> dict[str, object]:
    """A batch as JSON answers show it."""
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
