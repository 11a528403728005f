"""``tracelib delegate request`` and ``accept``: what the holder of a key does."""

from pathlib import Path

import click

from tracelib.errors import NotFoundError
from tracelib_cli.command import TranslatedCommand, answers
from tracelib_cli.commands.delegate_list import print_delegation
from tracelib_cli.context import Context, pass_context
from tracelib_cli.delegating import held_guard, holder_of, read_text, request_of

ONE_TIME_VARIABLE = "TRACELIB_ONE_TIME_PASSPHRASE"
ROOT = "root"


class ParentUnknownError(NotFoundError):
    """Nobody of that name could grant."""

    code = "delegate.parent_unknown"
    template = (
        "«{given}» names no key that may delegate: give a party's id (known: {known}), root where it has one key, "
        "or the 64 hex digits of a key. The bundle says which there are: tracelib bundle import FILE"
    )


@click.command("request", cls=TranslatedCommand)
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
    party_id, name = holder_of(context, party)
    made = request_of(Unlocker(context).open(key), above, party_id, name)
    with context.store.unit_of_work() as uow:
        subject = made.key.hash.hex()
        uow.changes.add("delegate.request", subject, context.clock.now(), party_id=party_id, detail={"file": str(out)})
        write_synced(out, made.as_text().encode(), private=False)
    if context.out.json:
        context.out.value({"file": out, "key": made.key.hash, "parent": made.parent})
    else:
        context.out.line(context.say("{file}: send it to whoever holds the key above yours.", file=out))


@click.command("accept", cls=TranslatedCommand)
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
    with held_guard(context) as guard:
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
