"""``tracelib key``: keys of this workspace."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

import click

from tracelib_cli.command import TranslatedGroup, answers
from tracelib_cli.context import Context, pass_context

if TYPE_CHECKING:
    from tracelib.trust.keystore import KeyInfo


@click.group(cls=TranslatedGroup)
def command() -> None:
    """Keys: make, list, show, revoke.

    Example: tracelib key new coop-2026
    """


@command.command("new")
@click.argument("name")
@click.option("--suite", type=click.Choice(["1", "2"]), default="1", show_default=True, help="1 Ed25519, 2 P-256.")
@answers
@pass_context
def new(context: Context, name: str, suite: str) -> None:
    """Make a key named NAME under the root of this workspace. It signs nothing before it is delegated.

    Example: tracelib key new coop-2026
    """
    from tracelib.trust.keys import KeyPair
    from tracelib_cli.commands.root import pinned_root

    fingerprint = context.settings.text("root")
    with context.store.reading() as uow:
        known = uow.trust.root(fingerprint)
    environment = known.environment if known else pinned_root(context).environment
    pair = KeyPair.generate(int(suite))
    info = context.keystore.add(
        name, pair, context.passphrase, root=fingerprint, environment=environment, created=context.clock.now()
    )
    _print(context, [info], one=True)


@command.command("list")
@answers
@pass_context
def list_(context: Context) -> None:
    """List the keys of this workspace. No passphrase is needed.

    Example: tracelib key list
    """
    _print(context, context.keystore.list())


@command.command("show")
@click.argument("name", required=False)
@answers
@pass_context
def show(context: Context, name: str | None) -> None:
    """Show the public half of one key, or of all: full hash, key id, suite, raw bytes.

    Example: tracelib key show coop-2026 --json
    """
    keys = [context.keystore.info(name)] if name else context.keystore.list()
    _print(context, keys, one=name is not None)


@command.command("revoke")
@click.argument("key")
@click.option("--by", "signer", metavar="NAME", required=True, help="Key that signs: the key itself or one above it.")
@click.option(
    "--reason", type=click.Choice(["stolen", "quota", "superseded", "recall"]), required=True, help="Why it is revoked."
)
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="First day that it counts for; default: today.")
@click.option("--product", metavar="KEY", help="Only this product (GTIN of 14 digits or P/NUMBER), with --lot.")
@click.option("--lot", help="Only this lot, with --product.")
@click.option("--serials", nargs=2, metavar="FIRST LAST", help="Only the serials from FIRST to LAST.")
@answers
@pass_context
def revoke(
    context: Context,
    key: str,
    *,
    signer: str,
    reason: str,
    day: date | None,
    product: str | None,
    lot: str | None,
    serials: tuple[str, str] | None,
) -> None:
    """Revoke KEY (a name here, or 64 hex digits), or a lot or range of its codes. The next bundle carries it.

    Example: tracelib key revoke coop-2026 --by root --reason stolen
    """
    from tracelib.clock import day_number
    from tracelib.operations.revoke import Target
    from tracelib.operations.revoke import revoke as revoke_key
    from tracelib.operations.ring import workspace_ring
    from tracelib.trust.revocation import Reason

    if (product is None) != (lot is None):
        raise click.UsageError(context.say("--product and --lot go together"))
    target = Target(key_hash(context, key), (product, lot) if product and lot else None, serials)
    opened = context.keystore.open(signer, context.passphrase)
    now = context.clock.now()
    with context.store.unit_of_work() as uow:
        ring = workspace_ring(uow, context.settings.text("root"), context.bundle_path())
        first = day_number(day.date() if hasattr(day, "date") else day) if day else None
        signed = revoke_key(uow, ring, opened, target, Reason(reason), now=now, day=first)
    if context.out.json:
        context.out.value({"revocation": signed.hash, "key": target.key_hash, "reason": reason, "raw": signed.raw})
        return
    context.out.line(
        context.say("Revoked ({reason}). Now make and hand out a new bundle: tracelib bundle export", reason=reason)
    )


def key_hash(context: Context, text: str) -> bytes:
    """The full hash of a key that is named by its file here or by 64 hex digits."""
    if len(text) == 64 and set(text) <= set("0123456789abcdef"):
        return bytes.fromhex(text)
    return context.keystore.info(text).public.hash


def _print(context: Context, keys: "Sequence[KeyInfo]", one: bool = False) -> None:
    if context.out.json:
        values = [
            {
                "name": info.name,
                "hash": info.public.hash,
                "key_id": info.public.key_id,
                "suite": int(info.public.suite),
                "public": info.public.raw,
                "environment": info.environment,
                "root": info.root,
                "created": info.created,
                "k_hashes": list(info.k_hashes),
            }
            for info in keys
        ]
        context.out.value(values[0] if one else values)
        return
    say = context.say
    context.out.table(
        [say("Name"), say("Suite"), say("Key id"), say("Full hash"), say("Environment"), say("Made")],
        [
            (i.name, int(i.public.suite), i.public.key_id.hex(), i.public.hash.hex(), say(i.environment), i.created)
            for i in keys
        ],
    )
