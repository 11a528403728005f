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
from tracelib_cli.output import echo

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from tracelib.operations.trust.delegate import Granted
    from tracelib.operations.trust.delegate_rules import Limits
    from tracelib.store.counter_guard import CounterGuard
    from tracelib.trust.delegation import Delegation, PartyName
    from tracelib.trust.enrolment import Request
    from tracelib.trust.keystore import OpenKey

ONE_TIME_VARIABLE = "TRACELIB_ONE_TIME_PASSPHRASE"
ONE_TIME_GROUPS, ONE_TIME_ALPHABET = 5, "ABCDEFGHJKMNPQRSTVWXYZ23456789"
ROOT = "root"


class HolderUnknownError(NotFoundError):
    """The party that shall hold a key is not in the catalogue."""

    code = "delegate.holder_unknown"
    template = "There is no party {party} here: add it first with tracelib party add, or give --party."


class ParentUnknownError(NotFoundError):
    """Nobody of that name could grant."""

    code = "delegate.parent_unknown"
    template = (
        "«{given}» names no key that may delegate: give a party's id (known: {known}), root where it has one key, "
        "or the 64 hex digits of a key. The bundle says which there are: tracelib bundle import FILE"
    )


@click.group(cls=TranslatedGroup)
def command() -> None:
    """Delegations: request, grant, accept, list.

    Example: tracelib delegate list
    """


@command.command("request")
@click.argument("key")
@click.option(
    "--parent", metavar="PARENT", required=True, help="Who shall grant: a party's id, root, or a key's full hash."
)
@click.option("--party", metavar="ID", help="Party that holds the key; default: the workspace's party.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="File for the request.")
@answers
@pass_context
def request(context: Context, key: str, parent: str, party: str | None, out: Path) -> None:
    """Ask for a delegation of KEY: writes a file that proves that you hold the key.

    The bundle must be imported first, for it says which keys there are above yours.

    Example: tracelib delegate request coop-2026 --parent GZPP --out coop.request
    """
    from tracelib.trust.keystore import write_synced
    from tracelib_cli.unlock import Unlocker

    above = _parent_hash(context, parent)
    info = context.keystore.info(key)
    info.require_root(context.settings.text("root"))
    party_id, name = _holder(context, party)
    made = _request(Unlocker(context).open(key), above, party_id, name)
    with context.store.unit_of_work() as uow:
        subject = made.key.hash.hex()
        uow.changes.add("delegate.request", subject, context.clock.now(), party_id=party_id, detail={"file": str(out)})
        write_synced(out, made.as_text().encode(), private=False)
    if context.out.json:
        context.out.value({"file": out, "key": made.key.hash, "parent": made.parent})
    else:
        context.out.line(context.say("{file}: send it to whoever holds the key above yours.", file=out))


@command.command("grant")
@click.argument(
    "request_file", metavar="[REQUEST]", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=False
)
@click.option("--by", "parent", metavar="NAME", required=True, help="Key here that grants.")
@click.option("--key", "local", metavar="NAME", help="Key here that gets the delegation, instead of a REQUEST file.")
@click.option("--party", metavar="ID", help="Party that holds --key; default: the workspace's party.")
@click.option(
    "--product", "products", multiple=True, help="GTIN of 14 digits or P/NUMBER; repeat. None: a brand's key."
)
@click.option("--max-units", type=click.IntRange(0), help="Codes in all.")
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
        party_id, name = _holder(context, options["party"])
        opened = unlocker.open(parent)
        child = unlocker.open(str(local))
        asked = _request(child, opened.signer.public.hash, party_id, name)
    with _guard(context) as guard:
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


@command.command("accept")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--key", metavar="NAME", help="Key here that it is for; default: the one it names.")
@click.option("--keep-in", metavar="NAME", help="Where its key is lost: key here that keeps its serial key.")
@answers
@pass_context
def accept(context: Context, file: Path, key: str | None, keep_in: str | None) -> None:
    """Take over a grant file: checks the chain up to the pinned root, keeps the delegation and its serial key.

    The one-time passphrase is asked for, or read from TRACELIB_ONE_TIME_PASSPHRASE.

    For a key that is lost, --keep-in puts the serial key into another key here, so that the codes that were issued with
    the lost one can still be found, judged and made void.

    Example: tracelib delegate accept coop.grant
    """
    from tracelib.operations.trust.delegate import accept as accept_grant
    from tracelib.operations.trust.delegate import checked_serial_key
    from tracelib.operations.trust.ring import workspace_bundle
    from tracelib.trust.enrolment import parse_grant
    from tracelib.trust.errors import KeyNotFoundError
    from tracelib_cli.unlock import Unlocker

    granted = parse_grant(read_text(file))
    wanted = granted.delegation.claims.key.hash
    named = key or keep_in
    info = context.keystore.info(named) if named else context.keystore.find(wanted)
    if info is None or (keep_in is None and info.public.hash != wanted):
        raise KeyNotFoundError(name=wanted.hex(), known=", ".join(i.name for i in context.keystore.list()) or "–")
    pinned = context.settings.text("root")
    info.require_root(pinned)
    unlocker = Unlocker(context)
    with _guard(context) as guard:
        guard.establish()  # from here on a copy of the folder is noticed
    with context.store.unit_of_work() as uow:
        bundle = workspace_bundle(uow, pinned, context.bundle_path())
        claims = accept_grant(uow, granted, pinned, bundle, context.clock.now())  # before anybody is asked for anything
        opened = unlocker.open(info.name)
        k = None
        if granted.sealed_serial_key is not None:
            what = context.say("the serial key in the grant")
            k = granted.serial_key(context.ask_passphrase(what, confirm=False, variable=ONE_TIME_VARIABLE))
        k = checked_serial_key(claims, k)
        if k is not None:
            context.keystore.add_serial_key(opened, unlocker.passphrase_of(info.name), k)
    print_delegation(context, claims)


@command.command("again")
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


@command.command("list")
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


def _guard(context: Context) -> "AbstractContextManager[CounterGuard]":
    """The counter guard, held: a copied workspace grants as little as it issues."""
    from tracelib.store.counter_guard import hold_guard
    from tracelib.trust.workspace_id import machine_id, workspace_id

    workspace = workspace_id(context.settings.workspace)
    return hold_guard(context.settings.path("keys"), workspace=workspace, machine=machine_id())


def _request(opened: "OpenKey", parent: bytes, party_id: str, name: "PartyName") -> "Request":
    from tracelib.trust.enrolment import make_request

    return make_request(opened.signer, parent, party_id, name)


def _holder(context: Context, party: str | None) -> "tuple[str, PartyName]":
    """The party that shall hold a key: its id, and its names as the catalogue has them."""
    from tracelib.trust.delegation import PartyName

    party_id = party or context.settings.text("party")
    with context.store.reading() as uow:
        found = uow.catalog.party(party_id)
    if found is None:
        raise HolderUnknownError(party=party_id or "?")
    return party_id, PartyName(found.name_zh, found.name_en, found.uscc)


def _parent_hash(context: Context, text: str) -> bytes:
    """The full hash of the key that shall grant: as it is, of a key here, of the root, or of a party in the ring."""
    from tracelib.operations.trust.ring import workspace_ring
    from tracelib_cli.commands.key import key_hash
    from tracelib_cli.commands.root import pinned_root

    if len(text) == 64 or any(info.name == text for info in context.keystore.list()):
        return key_hash(context, text)
    root_set = pinned_root(context)
    if text == ROOT and len(root_set.keys) == 1:
        return root_set.keys[0].hash
    with context.store.reading() as uow:
        ring = workspace_ring(uow, root_set.fingerprint, context.bundle_path())
    able = [key.delegation for key in ring.keys().values() if key.delegation.may_delegate > 0]
    of_party = [claims for claims in able if claims.subject == text]
    if not of_party:
        known = ", ".join(sorted({claims.subject for claims in able})) or "–"
        raise ParentUnknownError(given=text, known=known)
    return max(of_party, key=lambda claims: claims.issued_at).key.hash


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


def read_text(path: Path) -> str:
    """A request, grant or revocation file; what is no UTF-8 is refused by whoever reads the text."""
    from tracelib.trust.enrolment import LARGEST

    with path.open("rb") as stream:
        return stream.read(LARGEST + 1).decode("utf-8-sig", "replace")


def _day(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, CHINA).date().isoformat()


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
