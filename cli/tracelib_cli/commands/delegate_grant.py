"""``tracelib delegate grant`` and ``again``: what the holder of the key above does."""

import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tracelib.clock import CHINA
from tracelib_cli.command import TranslatedCommand, answers
from tracelib_cli.commands.delegate_list import print_delegation
from tracelib_cli.context import Context, pass_context
from tracelib_cli.delegating import held_guard, holder_of, read_text, request_of
from tracelib_cli.output import echo

if TYPE_CHECKING:
    from tracelib.operations.trust.delegate import Granted
    from tracelib.operations.trust.delegate_rules import Limits

ONE_TIME_GROUPS, ONE_TIME_ALPHABET = 5, "ABCDEFGHJKMNPQRSTVWXYZ23456789"


@click.command("grant", cls=TranslatedCommand)
@click.argument(
    "request_file", metavar="[REQUEST]", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=False
)
@click.option("--by", "parent", metavar="NAME", required=True, help="Key here that grants.")
@click.option("--key", "local", metavar="NAME", help="Key here that gets the delegation, instead of a REQUEST file.")
@click.option("--party", metavar="ID", help="Party that holds --key; default: the workspace's party.")
@click.option(
    "--product", "products", multiple=True, help="GTIN of 14 digits or P/NUMBER; repeat. None: a brand's key."
)
@click.option("--max-units", type=click.IntRange(0), help="Codes of goods in all; SSCCs are not counted.")
@click.option("--max-kg", type=click.IntRange(0), help="Kilograms in all.")
@click.option("--max-batch-units", type=click.IntRange(0), help="Codes a batch.")
@click.option("--region", help="Division code that batches must come from.")
@click.option("--season", help="Season that it is for, such as 2026.")
@click.option("--prefix", help="Serial prefix; default: a free one below the granting key's.")
@click.option(
    "--sscc-prefix", "sscc_prefixes", multiple=True, help="Leading digits of SSCCs, from the extension digit on."
)
@click.option("--home", help="Host of the holder, as events name it; default: the workspace's host.")
@click.option(
    "--counter-window", nargs=2, type=int, metavar="FIRST LAST", help="Counters of a line key; default: the next free."
)
@click.option("--may-delegate", type=click.IntRange(0, 2), help="How many levels may follow below.")
@click.option("--from", "first_day", type=click.DateTime(["%Y-%m-%d"]), help="First day; default: today.")
@click.option(
    "--days", type=click.IntRange(1, 3660), help="For how many days; default: 365, 30 for a line key (at most 90)."
)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="File for the grant.")
@answers
@pass_context
def grant(context: Context, /, request_file: Path | None, *, parent: str, local: str | None, **options: Any) -> None:  # noqa: ANN401
    """Delegate: sign that a key may issue codes for products, within limits.

    With --key the key is in this workspace and nothing has to be sent. With a REQUEST file the grant goes into --out;
    the one-time passphrase that opens its serial key is shown once: tell it by another way, by telephone.

    Example: tracelib delegate grant --by root --key brand-gannan --party GZPP
    """
    from tracelib.operations.trust.delegate import grant as grant_key
    from tracelib.operations.trust.delegate import record_grant
    from tracelib.operations.trust.ring import workspace_ring
    from tracelib.trust.enrolment import parse_request
    from tracelib_cli.commands.root import pinned_root
    from tracelib_cli.unlock import Unlocker

    out: Path | None = options["out"]
    if (request_file is None) == (local is None):
        raise click.UsageError(context.say("give either a REQUEST file or --key NAME"))
    if request_file is not None and out is None:
        raise click.UsageError(context.say("a REQUEST needs --out FILE for the grant"))
    root_set = pinned_root(context)
    limits = _limits(context, options)
    unlocker = Unlocker(context)
    child = None
    if request_file is not None:
        asked = parse_request(read_text(request_file))
        opened = unlocker.open(parent)
    else:
        context.keystore.info(str(local)).require_root(root_set.fingerprint)
        party_id, name = holder_of(context, options["party"])
        opened = unlocker.open(parent)
        child = unlocker.open(str(local))
        asked = request_of(child, opened.signer.public.hash, party_id, name)
    with held_guard(context) as guard:
        with context.store.unit_of_work() as uow:
            ring = workspace_ring(uow, root_set.fingerprint, context.bundle_path())
            granted = grant_key(uow, ring, opened, asked, limits, guard=guard, now=context.clock.now())
            if child is not None and granted.serial_key is not None:
                context.keystore.add_serial_key(child, unlocker.passphrase_of(child.info.name), granted.serial_key)
            one_time = None if child else _one_time()
            if out is not None:
                _write_grant(granted, one_time, out)
        record_grant(guard, granted)
    claims = granted.delegation.claims
    print_delegation(context, claims)
    if root_set.threshold > 1 and any(key.hash == claims.issuer_hash for key in root_set.keys):
        text = context.say("It counts from the next bundle on, which enough root keys sign: tracelib bundle export")
        echo(text, err=True)
    if one_time is not None and granted.serial_key is not None:
        _tell_passphrase(context, one_time)


@click.command("again", cls=TranslatedCommand)
@click.argument("key")
@click.option("--by", "parent", metavar="NAME", required=True, help="Key here that granted it.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="File for the grant.")
@answers
@pass_context
def again(context: Context, key: str, parent: str, out: Path) -> None:
    """Write the grant of KEY (64 hex digits) once more, for a holder who lost the key or the file.

    Nothing new is granted. The serial key in it opens with a new one-time passphrase.

    Example: tracelib delegate again 5f1c… --by brand-gannan --out coop.grant
    """
    from tracelib.operations.trust.delegate import grant_again
    from tracelib.operations.trust.ring import workspace_ring
    from tracelib_cli.commands.key import key_hash
    from tracelib_cli.unlock import Unlocker

    wanted = key_hash(context, key)
    opened = Unlocker(context).open(parent)
    one_time = _one_time()
    with context.store.unit_of_work() as uow:
        ring = workspace_ring(uow, context.settings.text("root"), context.bundle_path())
        granted = grant_again(uow, ring, opened, wanted)
        holder = granted.delegation.claims.subject
        uow.changes.add("delegate.again", wanted.hex(), context.clock.now(), party_id=holder)
        _write_grant(granted, one_time, out)
    print_delegation(context, granted.delegation.claims)
    if granted.serial_key is not None:
        _tell_passphrase(context, one_time)


def _limits(context: Context, options: dict[str, Any]) -> "Limits":
    from tracelib.operations.trust.delegate_rules import Limits

    day = options["first_day"] or context.clock.now().astimezone(CHINA)
    first = datetime(day.year, day.month, day.day, tzinfo=CHINA).astimezone(UTC)
    days: int | None = options["days"]
    taken = ("max_units", "max_kg", "max_batch_units", "region", "season", "prefix", "counter_window", "may_delegate")
    return Limits(
        not_before=first,
        not_after=None if days is None else first + timedelta(days=days) - timedelta(seconds=1),
        products=options["products"],
        sscc_prefixes=options["sscc_prefixes"],
        home=options["home"] or context.settings.text("host"),
        **{name: options[name] for name in taken},
    )


def _one_time() -> bytes:
    groups = ("".join(secrets.choice(ONE_TIME_ALPHABET) for _ in range(4)) for _ in range(ONE_TIME_GROUPS))
    return "-".join(groups).encode()


def _write_grant(granted: "Granted", one_time: bytes | None, out: Path) -> None:
    """The grant for its holder; for a key that is here, the delegation alone, for others to take over."""
    from tracelib.trust.keystore import write_synced

    made = granted.for_others() if one_time is None else granted.for_holder(one_time)
    write_synced(out, made.as_text().encode(), private=False)


def _tell_passphrase(context: Context, one_time: bytes) -> None:
    """Show the one-time passphrase on standard error, so that it lands in no pipe and no file."""
    text = context.say("One-time passphrase (shown once; tell it by another way): {words}", words=one_time.decode())
    echo(text, err=True)
