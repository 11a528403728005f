"""``tracelib authorization``: who may use a brand."""

from datetime import date
from typing import TYPE_CHECKING

import click

from tracelib_cli import catalogue
from tracelib_cli.command import TranslatedGroup, answers
from tracelib_cli.context import Context, pass_context

if TYPE_CHECKING:
    from tracelib.catalog.authorization import Authorization


@click.group(cls=TranslatedGroup)
def command() -> None:
    """Authorisations of parties to use a brand.

    Example: tracelib authorization list
    """


@command.command("add")
@click.argument("authorization_id", metavar="ID")
@click.option("--brand", "brand_id", metavar="ID", required=True, help="The brand.")
@catalogue.party_option
@click.option(
    "--product", "product_ids", metavar="PRODUCT", multiple=True, help="A product; may be repeated; none: all."
)
@click.option("--max-kg", metavar="KG", help="Weight that the authorisation covers in kilograms; none: no limit.")
@catalogue.validity_options
@answers
@pass_context
def add(
    context: Context, /, authorization_id: str, party: str | None, product_ids: tuple[str, ...], **given: str | None
) -> None:
    """Record that a brand's owner lets a party use the brand.

    Example: tracelib authorization add 2026-01 --brand GNQC --party COOP1 --max-kg 500000 --valid-to 2027-05-31
    """
    from tracelib.catalog.authorization import Authorization
    from tracelib.operations.catalog.entries import party_or_default

    party_id = party_or_default(party, context.settings.text("party"))
    fields = catalogue.given_fields(given)
    authorization = Authorization(id=authorization_id, party_id=party_id, product_ids=product_ids, **fields)
    catalogue.add(context, authorization, f"{authorization.brand_id}/{authorization_id}")


@command.command("list")
@click.option("--brand", metavar="ID", help="Only those of this brand.")
@catalogue.party_option
@answers
@pass_context
def list_authorizations(context: Context, brand: str | None, party: str | None) -> None:
    """List the authorisations and say which hold today.

    Example: tracelib authorization list --brand GNQC
    """
    with context.store.reading() as uow:
        found = uow.catalog.authorizations(brand, party or context.settings.text("party") or None)
    day = catalogue.today(context)
    values = [_described(authorization, day) for authorization in found]
    fields = ("brand_id", "id", "party_id", "product_ids", "max_kg", "valid_to", "state")
    catalogue.show_all(context, values, fields, "tracelib authorization add")


@command.command("show")
@click.argument("authorization", metavar="[BRAND/]ID")
@catalogue.on_option
@answers
@pass_context
def show(context: Context, authorization: str, on: str | None) -> None:
    """Show an authorisation, also as it was on another day.

    Example: tracelib authorization show GNQC/2026-01
    """
    from tracelib.operations.catalog.entries import find_authorization

    day = catalogue.day_or_today(context, on)
    with context.store.reading() as uow:
        found = catalogue.version_on(uow, find_authorization(uow, authorization), on)
    catalogue.show(context, _described(found, day))


def _described(authorization: "Authorization", day: date) -> dict[str, object]:
    state = catalogue.state_on(authorization, day)
    return catalogue.described(authorization, state=state)
