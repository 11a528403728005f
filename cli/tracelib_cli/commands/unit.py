"""``tracelib unit``: logistic units (pallets) and their codes."""

from dataclasses import replace

import click

from tracelib_cli.command import TranslatedGroup, answers
from tracelib_cli.commands.code_issue import (
    STANDARD_OUTPUT,
    Target,
    deliver,
    require_new,
    to_target,
    write_selection,
)
from tracelib_cli.context import Context, pass_context
from tracelib_cli.printing import OnceMore, once_more


@click.group(cls=TranslatedGroup)
def command() -> None:
    """Logistic units: codes for pallets, issued and written again.

    Example: tracelib unit issue --count 40 --out pallets.csv
    """


@command.command("issue")
@click.option("--count", type=int, required=True, help="How many units.")
@click.option("--sscc", is_flag=True, help="Number them by SSCC, from the delegation's prefixes.")
@click.option("--party", help="The party that issues; without it the setting «party».")
@click.option("--key", "key_name", help="Name of the issuer key, where the party has several.")
@to_target
@answers
@pass_context
def issue(context: Context, *, count: int, sscc: bool, party: str | None, key_name: str | None, target: Target) -> None:
    """Issue codes for pallets, numbered by serials of the party's own or by SSCC; to standard output without --out.

    Example: tracelib unit issue --count 40 --sscc --out pallets.csv
    """
    from tracelib.operations.issuing.issue_units import UnitRequest, issue_units
    from tracelib_cli.issuing import desk_of, issuers_of, party_of

    settings = context.settings
    require_new(target.out)
    owner = party_of(context, party)
    with context.store.reading() as uow:
        uow.changes.require_clock(owner, context.clock.now())
        issuers = issuers_of(context, uow)
    issuer = issuers.of_party(owner, context.clock.now(), key_name)
    request = UnitRequest(count=count, host=settings.text("host"), path=settings.text("path"), sscc=sscc)
    registered = issue_units(desk_of(context), issuer, request)
    if target.out is None and not context.out.json:
        target = replace(target, out=STANDARD_OUTPUT)
    deliver(context, issuer, registered, "SSCC" if sscc else issuer.prefix, target)


@command.command("export")
@click.option("--party", help="The party that issued; without it the setting «party».")
@click.option("--from", "first", type=int, help="Position of the first code over all the party's units, from 1.")
@click.option("--to", "last", type=int, help="Position of the last code.")
@once_more
@to_target
@answers
@pass_context
def export(
    context: Context, *, party: str | None, first: int | None, last: int | None, again: OnceMore, target: Target
) -> None:
    """Write the codes of a party's units again, in the order of issue; to standard output without --out.

    Example: tracelib unit export --from 1 --to 40 --out pallets.csv
    """
    from tracelib.operations.export import select_units
    from tracelib_cli.issuing import issuers_of, party_of

    party_id = party_of(context, party)
    with context.store.reading() as uow:
        selection = select_units(uow, party_id, first, last)
        issuers = issuers_of(context, uow)
    write_selection(context, issuers, selection, party_id, (target, again))
