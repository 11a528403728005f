"""``tracelib key``: keys of this workspace."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tracelib.clock import wall_text
from tracelib.text import phrase
from tracelib_cli.command import TranslatedGroup, answers
from tracelib_cli.context import Context, pass_context
from tracelib_cli.errors import in_words
from tracelib_cli.output import echo

if TYPE_CHECKING:
    from tracelib.operations.trust.revoke import Target
    from tracelib.trust.keystore import KeyInfo


REASONS = (phrase("stolen"), phrase("quota"), phrase("superseded"), phrase("recall"))


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

    root_set = pinned_root(context)
    context.keystore.free_path(name)  # before anybody is asked for a passphrase
    passphrase = context.ask_passphrase(context.say("the key «{name}»", name=name), confirm=True)
    now = context.clock.now()
    pair = KeyPair.generate(int(suite))
    made_under = {"root": root_set.fingerprint, "environment": root_set.environment}
    with context.store.unit_of_work() as uow:
        uow.changes.add("key.new", name, now, detail={"key": pair.public.hash.hex()})
        info = context.keystore.add(name, pair, passphrase, **made_under, created=now)
    _print_one(context, info)


@command.command("list")
@answers
@pass_context
def list_(context: Context) -> None:
    """List the keys of this workspace. No passphrase is needed.

    Example: tracelib key list
    """
    from tracelib.trust.errors import EnvelopeError

    _print(context, context.keystore.list())
    for name in context.keystore.strangers():
        error = EnvelopeError(what=name)
        echo(f"! {in_words(error, context.language)}", err=True)


@command.command("show")
@click.argument("name", required=False)
@answers
@pass_context
def show(context: Context, name: str | None) -> None:
    """Show the public half of one key, or of all: full hash, key id, suite, raw bytes.

    Example: tracelib key show coop-2026 --json
    """
    if name:
        _print_one(context, context.keystore.info(name))
    elif context.out.json:
        _print(context, context.keystore.list())
    else:
        for info in context.keystore.list():
            _print_one(context, info)
            context.out.line("")


@command.command("revoke")
@click.argument("key")
@click.option("--by", "signer", metavar="NAME", required=True, help="Key that signs: the key itself or one above it.")
@click.option("--reason", type=click.Choice(REASONS), required=True, help="Why it is revoked.")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="First day that it counts for; default: today.")
@click.option("--product", metavar="KEY", help="Only this product (GTIN of 14 digits or P/NUMBER), with --lot.")
@click.option("--lot", help="Only this lot, with --product.")
@click.option("--serials", nargs=2, metavar="FIRST LAST", help="Only the serials from FIRST to LAST.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="File with the revocation, for others.")
@answers
@pass_context
def revoke(context: Context, /, key: str, *, signer: str, reason: str, out: Path | None, **options: Any) -> None:  # noqa: ANN401
    """Revoke KEY (a name here, or 64 hex digits), or a lot or range of its codes. The next bundle carries it.

    Until then others take it over from the file in --out: tracelib bundle import FILE

    Example: tracelib key revoke coop-2026 --by root --reason stolen
    """
    from tracelib.operations.trust.revoke import revoke as revoke_key
    from tracelib.operations.trust.ring import workspace_ring
    from tracelib.trust.keystore import write_synced
    from tracelib.trust.revocation import Reason, revocation_as_text
    from tracelib_cli.unlock import Unlocker

    target = _target(context, key, options)
    first = _day(context, options["day"])
    opened = Unlocker(context).open(signer)
    now = context.clock.now()
    with context.store.unit_of_work() as uow:
        ring = workspace_ring(uow, context.settings.text("root"), context.bundle_path())
        signed = revoke_key(uow, ring, opened, target, Reason(reason), now=now, day=first)
        if out is not None:
            write_synced(out, revocation_as_text(signed).encode(), private=False)
    if context.out.json:
        context.out.value(
            {"revocation": signed.hash, "key": target.key_hash, "reason": reason, "raw": signed.raw, "file": out}
        )
        return
    context.out.line(
        context.say(
            "Revoked ({reason}). Now make and hand out a new bundle: tracelib bundle export",
            reason=context.say(reason),
        )
    )


@command.command("retire")
@click.argument("name")
@answers
@pass_context
def retire(context: Context, name: str) -> None:
    """Put the file of key NAME aside, into keys/retired: nothing asks for its passphrase any more.

    For a key whose passphrase is lost. The file stays, in case the passphrase turns up.

    Example: tracelib key retire coop-2026
    """
    info = context.keystore.info(name)
    with context.store.unit_of_work() as uow:
        uow.changes.add("key.retire", name, context.clock.now(), detail={"key": info.public.hash.hex()})
        aside = context.keystore.retire(name)
    if context.out.json:
        context.out.value({"key": info.public.hash, "name": name, "file": aside})
    else:
        context.out.line(context.say("«{name}» is put aside: {file}. Full hash:", name=name, file=aside))
        context.out.line(info.public.hash.hex())


@command.command("issued")
@click.argument("key")
@answers
@pass_context
def issued(context: Context, key: str) -> None:
    """List what KEY (a name here, or 64 hex digits) has issued: one line for each manifest. No passphrase is needed.

    Example: tracelib key issued coop-2026
    """
    from tracelib.operations.issuing.issued import issued_by
    from tracelib.operations.trust.ring import workspace_ring

    wanted = key_hash(context, key)
    with context.store.reading() as uow:
        ring = workspace_ring(uow, context.settings.text("root"), context.bundle_path())
        entries = issued_by(uow, ring, wanted)
    rows = [
        (one.seq, one.product or "–", one.lot or "–", one.count, one.prefix or "SSCC", one.first, wall_text(at))
        for one, at in entries
    ]
    names = ("seq", "product", "lot", "count", "prefix", "first", "registered_at")
    if context.out.json:
        context.out.value([dict(zip(names, row, strict=True)) for row in rows])
        return
    say = context.say
    headers = [
        say("Manifest"),
        say("Product"),
        say("Lot"),
        say("Codes"),
        say("Prefix"),
        say("First counter"),
        say("When"),
    ]
    context.out.table(headers, rows)


def _target(context: Context, key: str, options: dict[str, Any]) -> "Target":
    """What the options name: the key, a lot of it, a range of its serials (which may be typed with dashes)."""
    from tracelib.codes.serial import parse_typed_serial
    from tracelib.operations.trust.revoke import Target

    product, lot, serials = options["product"], options["lot"], options["serials"]
    if (product is None) != (lot is None):
        raise click.UsageError(context.say("--product and --lot go together"))
    if product is not None and serials is not None:
        raise click.UsageError(context.say("give either --product and --lot, or --serials"))
    if serials is not None:
        first, last = sorted(parse_typed_serial(text) for text in serials)
        return Target(key_hash(context, key), serials=(first, last))
    return Target(key_hash(context, key), (product, lot) if product else None)


def _day(context: Context, given: datetime | None) -> int | None:
    from tracelib.clock import day_number

    try:
        return day_number(given.date()) if given else None
    except ValueError:
        raise click.UsageError(context.say("--day must be from 2020-01-01 on")) from None


def key_hash(context: Context, text: str) -> bytes:
    """The full hash of a key that is named by its file here or by 64 hex digits."""
    if len(text) == 64 and set(text) <= set("0123456789abcdef"):
        return bytes.fromhex(text)
    return context.keystore.info(text).public.hash


def _json(info: "KeyInfo") -> dict[str, object]:
    from tracelib_cli.commands.root import key_json

    return {
        "name": info.name,
        **key_json(info.public),
        "environment": info.environment,
        "root": info.root,
        "created": info.created,
        "k_hashes": list(info.k_hashes),
    }


def _print_one(context: Context, info: "KeyInfo") -> None:
    """One key, each value on a line of its own, so that it can be copied."""
    if context.out.json:
        context.out.value(_json(info))
        return
    say, line = context.say, context.out.line
    line(
        say(
            "Key «{name}», suite {suite}, made {created}",
            name=info.name,
            suite=int(info.public.suite),
            created=info.created,
        )
    )
    line(say("Root: {fingerprint}", fingerprint=info.root))
    line(say("Environment: {environment}", environment=say(info.environment)))
    line(say("Key id: {key_id}", key_id=info.public.key_id.hex()))
    line(say("Full hash: {hash}", hash=info.public.hash.hex()))
    line(say("Public key: {public}", public=info.public.raw.hex()))


def _print(context: Context, keys: "Sequence[KeyInfo]") -> None:
    if context.out.json:
        context.out.value([_json(info) for info in keys])
        return
    say = context.say
    context.out.table(
        [say("Name"), say("Suite"), say("Key id"), say("Environment"), say("Made")],
        [(i.name, int(i.public.suite), i.public.key_id.hex(), say(i.environment), i.created[:10]) for i in keys],
    )
