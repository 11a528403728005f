"""``tracelib delegate list``, and a delegation as words and as JSON."""

from datetime import datetime
from typing import TYPE_CHECKING

import click

from tracelib.clock import CHINA
from tracelib_cli.command import TranslatedCommand, answers
from tracelib_cli.context import Context, pass_context

if TYPE_CHECKING:
    from tracelib.trust.delegation import Delegation


@click.command("list", cls=TranslatedCommand)
@answers
@pass_context
def list_(context: Context) -> None:
    """List the delegations that count in this workspace.

    Example: tracelib delegate list
    """
    from tracelib.operations.trust.ring import workspace_ring
    from tracelib_cli.commands.root import pinned_root

    root_set = pinned_root(context)
    with context.store.reading() as uow:
        ring = workspace_ring(uow, root_set.fingerprint, context.bundle_path())
    keys = [key.delegation for key in ring.keys().values()]
    if context.out.json:
        context.out.value([_json(claims) for claims in keys])
        return
    say = context.say
    if not keys:
        context.out.line(say("No key is delegated yet."))
        return
    context.out.table(
        [say("Holder"), say("Key id"), say("Until"), say("Products"), say("Codes"), say("Prefix")],
        [
            (
                f"{d.subject} {d.party.name_zh}",
                d.key.key_id.hex(),
                _day(d.not_after),
                ", ".join(d.products) or "–",
                say("no limit") if d.max_units is None else d.max_units,
                d.prefix,
            )
            for d in keys
        ],
    )


def print_delegation(context: Context, d: "Delegation") -> None:
    """One delegation, each value on a line of its own, so that it can be copied."""
    if context.out.json:
        context.out.value(_json(d))
        return
    say, line = context.say, context.out.line
    line(say("Holder: {party} {name}", party=d.subject, name=d.party.name_zh))
    line(say("Key: {key}", key=d.key.hash.hex()))
    line(say("Valid: {first} to {last}", first=_day(d.not_before), last=_day(d.not_after)))
    line(say("Products: {products}", products=", ".join(d.products) or "–"))
    line(say("Codes in all: {count}", count=say("no limit") if d.max_units is None else d.max_units))
    optional = (
        (say("Kilograms in all"), d.max_kg),
        (say("Codes a batch"), d.max_batch_units),
        (say("Region"), d.region),
        (say("Season"), d.season),
        (say("Serial prefix"), d.prefix),
        (say("Counters"), "{} … {}".format(*d.counter_window) if d.counter_window else None),
        (say("SSCC prefixes"), ", ".join(d.sscc_prefixes) or None),
        (say("Levels that may follow below"), d.may_delegate or None),
        (say("Home"), d.home),
    )
    for name, value in optional:
        if value is not None:
            line(f"{name}: {value}")


def _json(d: "Delegation") -> dict[str, object]:
    limits = ("max_units", "max_kg", "max_batch_units", "region", "season", "may_delegate", "prefix", "home")
    return {
        "party": d.subject,
        "name": d.party.name_zh,
        "key": d.key.hash,
        "parent": d.issuer_hash,
        "from": _day(d.not_before),
        "to": _day(d.not_after),
        "products": list(d.products),
        "sscc_prefixes": list(d.sscc_prefixes),
        "counter_window": d.counter_window,
        **{name: getattr(d, name) for name in limits},
    }


def _day(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, CHINA).date().isoformat()
