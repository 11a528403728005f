"""``tracelib certification``: certifications with their validity."""

from datetime import date
from typing import TYPE_CHECKING

import click

from tracelib_cli import catalogue
from tracelib_cli.command import TranslatedGroup, answers
from tracelib_cli.context import Context, pass_context

if TYPE_CHECKING:
    from tracelib.catalog.certification import Certification

KINDS = (
    "green_food",
    "organic",
    "geographical_indication",
    "pollution_free",
    "trademark",
    "production_licence",
    "management_system",
    "other",
)


@click.group(cls=TranslatedGroup)
def command() -> None:
    """Certifications of a party or of one of its products.

    Example: tracelib certification list
    """


@command.command("add")
@click.argument("certification_id", metavar="ID")
@catalogue.party_option
@click.option("--kind", type=click.Choice(KINDS), required=True, help="Kind of certification.")
@click.option("--number", "certificate", metavar="TEXT", required=True, help="Number on the certificate.")
@click.option("--issuer", metavar="TEXT", required=True, help="Who issued it.")
@click.option("--product", "product_id", metavar="PRODUCT", help="The product; if left out, the party as a whole.")
@catalogue.validity_options
@answers
@pass_context
def add(
    context: Context, /, certification_id: str, party: str | None, kind: str, certificate: str, **given: str | None
) -> None:
    """Record a certification.

    Example: tracelib certification add ORG1 --kind organic --number 示例-001 --issuer 示例中心 --valid-to 2027-10-31
    """
    from tracelib.catalog.certification import Certification, CertificationKind
    from tracelib.operations.catalog.entries import party_or_default

    party_id = party_or_default(party, context.settings.text("party"))
    certification = Certification(
        party_id=party_id,
        id=certification_id,
        kind=CertificationKind(kind),
        number=certificate,
        **catalogue.given_fields(given),
    )
    catalogue.add(context, certification, f"{party_id}/{certification_id}")


@command.command("list")
@catalogue.party_option
@answers
@pass_context
def list_certifications(context: Context, party: str | None) -> None:
    """List the certifications, of one party or of all, and say which hold today.

    Example: tracelib certification list --party COOP1
    """
    with context.store.reading() as uow:
        found = uow.catalog.certifications(party or context.settings.text("party") or None)
    day = catalogue.today(context)
    values = [_described(certification, day) for certification in found]
    fields = ("party_id", "id", "kind", "number", "product_id", "valid_to", "state")
    catalogue.show_all(context, values, fields, "tracelib certification add")


@command.command("show")
@click.argument("certification", metavar="[PARTY/]ID")
@catalogue.on_option
@answers
@pass_context
def show(context: Context, certification: str, on: str | None) -> None:
    """Show a certification, also as it was on another day.

    Example: tracelib certification show COOP1/ORG1
    """
    from tracelib.operations.catalog.entries import find_certification

    day = catalogue.day_or_today(context, on)
    with context.store.reading() as uow:
        found = catalogue.version_on(uow, find_certification(uow, certification, context.settings.text("party")), on)
    catalogue.show(context, _described(found, day))


def _described(certification: "Certification", day: date) -> dict[str, object]:
    state = catalogue.state_on(certification, day)
    return catalogue.described(certification, state=state)
