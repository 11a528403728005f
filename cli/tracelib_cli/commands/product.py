"""``tracelib product``: trade items with a licensed GTIN or the party's own number."""

from datetime import date
from typing import TYPE_CHECKING

import click

from tracelib_cli import catalogue
from tracelib_cli.command import TranslatedGroup, answers
from tracelib_cli.context import Context, pass_context

if TYPE_CHECKING:
    from tracelib.catalog.product import Product
    from tracelib.errors import TraceError


@click.group(cls=TranslatedGroup)
def command() -> None:
    """Products with a licensed GTIN or with the party's own number.

    Example: tracelib product list
    """


@command.command("add")
@click.argument("product_id", metavar="PRODUCT")
@catalogue.party_option
@catalogue.name_options
@click.option("--gtin", metavar="GTIN", help="GTIN of 8, 12, 13 or 14 digits; without one, codes carry PRODUCT.")
@click.option("--gtin-licensed", is_flag=True, help="The party holds a licence for the GTIN.")
@click.option("--brand", "brand_id", metavar="ID", help="The regional public brand that it is sold under.")
@click.option("--weight-g", metavar="G", help="Nominal net weight of a carton in grams.")
@click.option("--pack-size", metavar="N", help="Cartons to a full pallet.")
@catalogue.shown_options
@catalogue.validity_options
@answers
@pass_context
def add(context: Context, /, product_id: str, party: str | None, gtin_licensed: bool, **given: str | None) -> None:
    """Record a product of a party under its own number, with or without a GTIN.

    Example: tracelib product add QC5KG --party COOP1 --name-zh 赣南脐橙5公斤 --weight-g 5000
    """
    from tracelib.catalog.product import Product
    from tracelib.operations.catalog.entries import party_or_default

    fields = catalogue.given_fields(given)
    party_id = party_or_default(party, context.settings.text("party"))
    product = Product(party_id=party_id, id=product_id, gtin_licensed=gtin_licensed, **fields)
    catalogue.add(context, product, f"{party_id}/{product_id}")
    refusal = _refusal(product)
    if refusal is not None and not context.out.json:
        from tracelib.text import translator

        context.out.line(context.say("Note: {reason}", reason=refusal.message(translator(context.language))))


@command.command("list")
@catalogue.party_option
@answers
@pass_context
def list_products(context: Context, party: str | None) -> None:
    """List the products, of one party or of all.

    Example: tracelib product list --party COOP1
    """
    with context.store.reading() as uow:
        products = uow.catalog.products(party or context.settings.text("party") or None)
    day = catalogue.today(context)
    values = [_described(product, day) for product in products]
    fields = ("party_id", "id", "name_zh", "gtin", "weight_g", "production", "state")
    catalogue.show_all(context, values, fields, "tracelib product add")


@command.command("show")
@click.argument("product", metavar="[PARTY/]PRODUCT")
@catalogue.on_option
@answers
@pass_context
def show(context: Context, product: str, on: str | None) -> None:
    """Show a product, also as it was on another day.

    Example: tracelib product show COOP1/QC5KG
    """
    from tracelib.operations.catalog.entries import find_product

    day = catalogue.day_or_today(context, on)
    with context.store.reading() as uow:
        found = catalogue.version_on(uow, find_product(uow, product, context.settings.text("party")), on)
    catalogue.show(context, _described(found, day))


def _described(product: "Product", day: date) -> dict[str, object]:
    return catalogue.described(product, production=_refusal(product) is None, state=catalogue.state_on(product, day))


def _refusal(product: "Product") -> "TraceError | None":
    """Why the product may not stand on production labels, or None where it may."""
    from tracelib.catalog.product import production_identity
    from tracelib.errors import RuleError

    try:
        production_identity(product)
    except RuleError as refusal:
        return refusal
    return None
