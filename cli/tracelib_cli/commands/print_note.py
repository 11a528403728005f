"""``tracelib print note``; ``commands/print.py`` puts it into its group."""

from pathlib import Path

import click

from tracelib_cli.command import TranslatedCommand, answers
from tracelib_cli.context import Context, pass_context
from tracelib_cli.labelling import is_test_root


@click.command("note", cls=TranslatedCommand)
@click.argument("order")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="PDF file to write.")
@answers
@pass_context
def note_(context: Context, order: str, out: Path) -> None:
    """Write the delivery note of an order as PDF: every roll with its serials, count and checksum, to be signed.

    Example: tracelib print note 261125-1 --out note.pdf
    """
    from tracelib.labels.delivery_note import NoteFacts, delivery_note
    from tracelib.labels.files import whole_file
    from tracelib.labels.fonts import find_font
    from tracelib.labels.picture import require_ending
    from tracelib.operations.printing.find import find_order, require_made

    require_ending(out, (".pdf",))
    with context.store.reading() as uow:
        found = find_order(uow, order, context.settings.text("party"))
        require_made(found)
        placed = found.order
        product = uow.catalog.product(placed.party_id, placed.product_id)
        party = uow.catalog.party(placed.party_id)
    named = context.settings.text("label.font")
    font = find_font((context.settings.folder or Path.cwd()) / named if named else None)
    facts = NoteFacts(
        placed,
        found.rolls,
        found.account.rolls,
        product.name_zh if product else placed.product_id,
        party.name_zh if party else placed.party_id,
        (party.uscc or "") if party else "",
        is_test_root(context),
    )
    data = delivery_note(facts, font)
    with whole_file(out) as stream:
        stream.write(data)
    if context.out.json:
        context.out.value({"order": placed.number, "file": str(out), "bytes": len(data)})
    else:
        context.out.line(context.say("{file}: delivery note of order {order}.", file=out, order=placed.number))
