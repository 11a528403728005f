"""``tracelib party``: co-operatives, growers, packers, brand offices."""

from datetime import date
from typing import TYPE_CHECKING

import click

from tracelib_cli import catalogue
from tracelib_cli.command import TranslatedGroup, answers
from tracelib_cli.context import Context, pass_context

if TYPE_CHECKING:
    from tracelib.catalog.party import Party


@click.group(cls=TranslatedGroup)
def command() -> None:
    """Parties: co-operatives, growers, packers, brand offices.

    Example: tracelib party list
    """


@command.command("add")
@click.argument("party_id", metavar="ID")
@catalogue.name_options
@click.option("--uscc", metavar="CODE", help="统一社会信用代码, 18 characters.")
@click.option("--gln", metavar="GLN", help="GLN, 13 digits.")
@click.option("--division", metavar="CODE", help="Division code: 6, 9 or 12 digits.")
@click.option("--address", metavar="TEXT", help="Address.")
@click.option("--contact", metavar="TEXT", help="Telephone or other contact; it is stored and shown, never logged.")
@catalogue.shown_options
@catalogue.validity_options
@answers
@pass_context
def add(context: Context, /, party_id: str, **given: str | None) -> None:
    """Record a party under an id that you choose: digits, capital letters, full stop, hyphen.

    Example: tracelib party add COOP1 --name-zh 示例脐橙合作社 --uscc 91110000600037341L --division 360726
    """
    from tracelib.catalog.party import Party

    catalogue.add(context, Party(id=party_id, **catalogue.given_fields(given)), party_id)


@command.command("list")
@answers
@pass_context
def list_parties(context: Context) -> None:
    """List the parties.

    Example: tracelib party list --json
    """
    with context.store.reading() as uow:
        parties = uow.catalog.parties()
    values = _described(context, parties, catalogue.today(context))
    catalogue.show_all(context, values, ("id", "name_zh", "uscc", "division_name", "state"), "tracelib party add")


@command.command("show")
@click.argument("party_id", metavar="ID")
@catalogue.on_option
@answers
@pass_context
def show(context: Context, party_id: str, on: str | None) -> None:
    """Show a party, also as it was on another day. Names of divisions come from divisions.csv in the workspace.

    Example: tracelib party show COOP1
    """
    from tracelib.operations.catalog.entries import find_party

    day = catalogue.day_or_today(context, on)
    with context.store.reading() as uow:
        party = catalogue.version_on(uow, find_party(uow, party_id), on)
    catalogue.show(context, _described(context, [party], day)[0])


def _described(context: Context, parties: "list[Party]", day: date) -> list[dict[str, object]]:
    from tracelib.identifiers.division import DIVISIONS, DivisionCode
    from tracelib.operations.catalog.divisions import read_divisions

    divisions = read_divisions(context.settings.workspace / DIVISIONS)
    described = []
    for party in parties:
        name = divisions.full_name(DivisionCode(party.division), day) if party.division else None
        described.append(catalogue.described(party, division_name=name, state=catalogue.state_on(party, day)))
    return described
