"""``tracelib brand``: regional public brands."""

import click

from tracelib_cli import catalogue
from tracelib_cli.command import TranslatedGroup, answers
from tracelib_cli.context import Context, pass_context


@click.group(cls=TranslatedGroup)
def command() -> None:
    """Regional public brands, each owned by a party.

    Example: tracelib brand list
    """


@command.command("add")
@click.argument("brand_id", metavar="ID")
@click.option("--owner", metavar="PARTY", required=True, help="The party that owns the brand.")
@catalogue.name_options
@click.option("--host", "hosts", metavar="HOST", multiple=True, help="Official host of its codes; may be repeated.")
@catalogue.shown_options
@catalogue.validity_options
@answers
@pass_context
def add(context: Context, /, brand_id: str, hosts: tuple[str, ...], **given: str | None) -> None:
    """Record a brand. Its hosts are the only ones that a verifier shows no warning for.

    Example: tracelib brand add GNQC --owner OFFICE --name-zh 赣南脐橙 --host q.example.com
    """
    from tracelib.catalog.brand import Brand

    catalogue.add(context, Brand(id=brand_id, hosts=hosts, **catalogue.given_fields(given)), brand_id)


@command.command("list")
@answers
@pass_context
def list_brands(context: Context) -> None:
    """List the brands.

    Example: tracelib brand list --json
    """
    day = catalogue.today(context)
    with context.store.reading() as uow:
        values = [catalogue.described(brand, state=catalogue.state_on(brand, day)) for brand in uow.catalog.brands()]
    catalogue.show_all(context, values, ("id", "name_zh", "owner", "hosts", "state"), "tracelib brand add")


@command.command("show")
@click.argument("brand_id", metavar="ID")
@catalogue.on_option
@answers
@pass_context
def show(context: Context, brand_id: str, on: str | None) -> None:
    """Show a brand, also as it was on another day.

    Example: tracelib brand show GNQC
    """
    from tracelib.operations.catalog.entries import find_brand

    day = catalogue.day_or_today(context, on)
    with context.store.reading() as uow:
        brand = catalogue.version_on(uow, find_brand(uow, brand_id), on)
    catalogue.show(context, catalogue.described(brand, state=catalogue.state_on(brand, day)))
