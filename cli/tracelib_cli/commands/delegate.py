"""``tracelib delegate``: who may sign what."""

import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tracelib.clock import CHINA
from tracelib.errors import NotFoundError
from tracelib_cli.command import TranslatedGroup, answers
from tracelib_cli.context import Context, pass_context

if TYPE_CHECKING:
    from tracelib.operations.delegate import Limits
    from tracelib.trust.delegation import Delegation, PartyName
    from tracelib.trust.enrolment import Grant, Request
    from tracelib.trust.keystore import OpenKey

ONE_TIME_VARIABLE = "TRACELIB_ONE_TIME_PASSPHRASE"
ONE_TIME_GROUPS, ONE_TIME_ALPHABET = 5, "ABCDEFGHJKMNPQRSTVWXYZ23456789"
DAYS = 365


class HolderUnknownError(NotFoundError):
    """The party that shall hold a key is not in the catalogue."""

    code = "delegate.holder_unknown"
    template = "There is no party {party} here: add it first with tracelib party add, or give --party."


@click.group(cls=TranslatedGroup)
def command() -> None:
    """Delegations: request, grant, accept, list.

    Example: tracelib delegate list
    """


@command.command("request")
@click.argument("key")
@click.option("--parent", metavar="HASH", required=True, help="Full hash of the key that shall grant, 64 hex digits.")
@click.option("--party", metavar="ID", help="Party that holds the key; default: the workspace's party.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="File for the request.")
@answers
@pass_context
def request(context: Context, key: str, parent: str, party: str | None, out: Path) -> None:
    """Ask for a delegation of KEY: writes a file that proves that you hold the key.

    Example: tracelib delegate request coop-2026 --parent HASH --out coop.request
    """
    from tracelib.trust.keystore import write_synced
    from tracelib_cli.commands.key import key_hash

    made = _request(context, context.keystore.open(key, context.passphrase), key_hash(context, parent), party)
    write_synced(out, made.as_text().encode())
    if context.out.json:
        context.out.value({"file": out, "key": made.key.hash, "parent": made.parent})
    else:
        context.out.line(context.say("{file}: send it to whoever holds the key above yours.", file=out))


@command.command("grant")
@click.argument("request_file", metavar="[REQUEST]", type=click.Path(path_type=Path, exists=True), required=False)
@click.option("--by", "parent", metavar="NAME", required=True, help="Key here that grants.")
@click.option("--key", "local", metavar="NAME", help="Key here that gets the delegation, instead of a REQUEST file.")
@click.option("--party", metavar="ID", help="Party that holds --key; default: the workspace's party.")
@click.option(
    "--product", "products", multiple=True, help="GTIN of 14 digits or P/NUMBER; repeat. None: a brand's key."
)
@click.option("--max-units", type=int, help="Codes in all.")
@click.option("--max-kg", type=int, help="Kilograms in all.")
@click.option("--max-batch-units", type=int, help="Codes a batch.")
@click.option("--region", help="Division code that batches must come from.")
@click.option("--season", help="Season that it is for, such as 2026.")
@click.option("--prefix", help="Serial prefix; default: a free one below the granting key's.")
@click.option(
    "--sscc-prefix", "sscc_prefixes", multiple=True, help="Leading digits of SSCCs, from the extension digit on."
)
@click.option("--home", help="Host of the holder, as events name it; default: the workspace's host.")
@click.option("--counter-window", nargs=2, type=int, metavar="FIRST LAST", help="Counters of a line key.")
@click.option("--may-delegate", type=click.IntRange(0, 2), help="How many levels may follow below.")
@click.option("--from", "first_day", type=click.DateTime(["%Y-%m-%d"]), help="First day; default: today.")
@click.option("--days", type=click.IntRange(1, 3660), default=DAYS, show_default=True, help="For how many days.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="File for the grant.")
@answers
@pass_context
def grant(context: Context, /, request_file: Path | None, *, parent: str, local: str | None, **options: Any) -> None:  # noqa: ANN401
    """Delegate: sign that a key may issue codes for products, within limits.

    With --key the key is in this workspace and the delegation counts at once. With a REQUEST file the grant goes into
    --out; the one-time passphrase that opens its serial key is shown once: tell it by another way, by telephone.

    Example: tracelib delegate grant --by root --key brand-gannan --party GZPP
    """
    from tracelib.operations.delegate import accept, checked_serial_key
    from tracelib.operations.delegate import grant as grant_key
    from tracelib.operations.ring import workspace_ring
    from tracelib.trust.enrolment import parse_request
    from tracelib.trust.keystore import write_synced

    if (request_file is None) == (local is None):
        raise click.UsageError(context.say("give either a REQUEST file or --key NAME"))
    opened = context.keystore.open(parent, context.passphrase)
    child = context.keystore.open(local, context.passphrase) if local else None
    if child is not None:
        asked = _request(context, child, opened.signer.public.hash, options["party"])
    else:
        asked = parse_request(_read(request_file))
    one_time = secrets.token_urlsafe().encode() if child else _one_time()
    now = context.clock.now()
    pinned = context.settings.text("root")
    with context.store.unit_of_work() as uow:
        ring = workspace_ring(uow, pinned, context.bundle_path())
        granted = grant_key(uow, ring, opened, asked, _limits(context, options), now=now, one_time_passphrase=one_time)
        if child is not None:
            claims = accept(uow, granted, pinned, ring, now)
            k = checked_serial_key(claims, granted.serial_key(one_time))
            if k is not None:
                context.keystore.add_serial_key(child, context.passphrase, k)
    if options["out"] is not None:
        write_synced(options["out"], granted.as_text().encode())
    _print(context, [granted.delegation.claims])
    if child is None:
        _tell_passphrase(context, granted, one_time, options["out"])


@command.command("accept")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--key", metavar="NAME", help="Key here that it is for; default: the one it names.")
@answers
@pass_context
def accept(context: Context, file: Path, key: str | None) -> None:
    """Take over a grant file: checks the chain up to the pinned root, keeps the delegation and its serial key.

    The one-time passphrase is asked for, or read from TRACELIB_ONE_TIME_PASSPHRASE.

    Example: tracelib delegate accept coop.grant
    """
    from tracelib.operations.delegate import accept as accept_grant
    from tracelib.operations.delegate import checked_serial_key
    from tracelib.trust.enrolment import parse_grant
    from tracelib.trust.errors import KeyNotFoundError

    granted = parse_grant(_read(file))
    wanted = granted.delegation.claims.key.hash
    info = context.keystore.info(key) if key else context.keystore.find(wanted)
    if info is None or info.public.hash != wanted:
        raise KeyNotFoundError(name=wanted.hex(), known=", ".join(i.name for i in context.keystore.list()))
    opened = context.keystore.open(info.name, context.passphrase)
    now = context.clock.now()
    k = None
    if granted.sealed_serial_key is not None:
        what = context.say("the serial key in the grant")
        k = granted.serial_key(context.ask_passphrase(what, confirm=False, variable=ONE_TIME_VARIABLE))
    with context.store.unit_of_work() as uow:
        claims = accept_grant(uow, granted, context.settings.text("root"), None, now)
        k = checked_serial_key(claims, k)
        if k is not None:
            context.keystore.add_serial_key(opened, context.passphrase, k)
    _print(context, [claims])


@command.command("list")
@answers
@pass_context
def list_(context: Context) -> None:
    """List the delegations that count in this workspace.

    Example: tracelib delegate list
    """
    from tracelib.operations.ring import workspace_ring

    with context.store.reading() as uow:
        ring = workspace_ring(uow, context.settings.text("root"), context.bundle_path())
    _print(context, [key.delegation for key in ring.keys().values()], many=True)


def _request(context: Context, opened: "OpenKey", parent: bytes, party: str | None) -> "Request":
    from tracelib.trust.enrolment import make_request

    party_id = party or context.settings.text("party")
    return make_request(opened.signer, parent, party_id, _party_name(context, party_id))


def _party_name(context: Context, party_id: str) -> "PartyName":
    from tracelib.trust.delegation import PartyName

    with context.store.reading() as uow:
        found = uow.catalog.party(party_id)
    if found is None:
        raise HolderUnknownError(party=party_id or "?")
    return PartyName(found.name_zh, found.name_en, found.uscc)


def _limits(context: Context, options: dict[str, Any]) -> "Limits":
    from tracelib.operations.delegate import Limits

    day = options["first_day"] or context.clock.now().astimezone(CHINA)
    first = datetime(day.year, day.month, day.day, tzinfo=CHINA).astimezone(UTC)
    taken = ("max_units", "max_kg", "max_batch_units", "region", "season", "prefix", "counter_window", "may_delegate")
    return Limits(
        not_before=first,
        not_after=first + timedelta(days=options["days"]) - timedelta(seconds=1),
        products=options["products"],
        sscc_prefixes=options["sscc_prefixes"],
        home=options["home"] or context.settings.text("host"),
        **{name: options[name] for name in taken},
    )


def _one_time() -> bytes:
    groups = ("".join(secrets.choice(ONE_TIME_ALPHABET) for _ in range(4)) for _ in range(ONE_TIME_GROUPS))
    return "-".join(groups).encode()


def _tell_passphrase(context: Context, granted: "Grant", one_time: bytes, out: Path | None) -> None:
    """Show the one-time passphrase on standard error, so that it lands in no pipe and no file."""
    if out is None:
        context.out.line(granted.as_text())
    if granted.sealed_serial_key is not None:
        text = context.say("One-time passphrase (shown once; tell it by another way): {words}", words=one_time.decode())
        click.echo(text, err=True)


def _read(path: Path | None) -> str:
    from tracelib.trust.enrolment import LARGEST

    if path is None:
        return ""
    with path.open("rb") as stream:
        return stream.read(LARGEST + 1).decode("utf-8", "replace")


def _print(context: Context, delegations: "list[Delegation]", many: bool = False) -> None:
    def day(seconds: int) -> str:
        return datetime.fromtimestamp(seconds, CHINA).date().isoformat()

    if context.out.json:
        values = [
            {
                "party": d.subject,
                "name": d.party.name_zh,
                "key": d.key.hash,
                "parent": d.issuer_hash,
                "from": day(d.not_before),
                "to": day(d.not_after),
                "products": list(d.products),
                "max_units": d.max_units,
                "max_kg": d.max_kg,
                "max_batch_units": d.max_batch_units,
                "prefix": d.prefix,
                "sscc_prefixes": list(d.sscc_prefixes),
                "counter_window": d.counter_window,
                "may_delegate": d.may_delegate,
                "home": d.home,
            }
            for d in delegations
        ]
        context.out.value(values if many else values[0])
        return
    say = context.say
    context.out.table(
        [say("Holder"), say("Key id"), say("From"), say("To"), say("Products"), say("Codes"), say("Prefix")],
        [
            (
                f"{d.subject} {d.party.name_zh}",
                d.key.key_id.hex(),
                day(d.not_before),
                day(d.not_after),
                ", ".join(d.products) or "–",
                say("no limit") if d.max_units is None else d.max_units,
                d.prefix,
            )
            for d in delegations
        ],
    )
