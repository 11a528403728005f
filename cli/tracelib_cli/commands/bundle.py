"""``tracelib bundle``: the signed file for verification without a network."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracelib.clock import date_of_day
from tracelib.errors import NotFoundError
from tracelib.text import phrase
from tracelib_cli.command import TranslatedGroup, answers
from tracelib_cli.commands.root import key_json, pinned_root
from tracelib_cli.context import Context, pass_context

if TYPE_CHECKING:
    from tracelib.trust.bundle import Bundle
    from tracelib.trust.keyring import KeyRing, TrustedKey
    from tracelib.trust.keys import Signer
    from tracelib.trust.revocation import Revocation
    from tracelib.trust.root import RootSet

STATES = (phrase("fresh"), phrase("stale"), phrase("old"), phrase("clock_wrong"), phrase("none"))


class RootKeysMissingError(NotFoundError):
    """A bundle is to be signed where no root key is."""

    code = "bundle.no_root_key"
    template = (
        "The bundle is signed by keys of the root {root}, and these are none of them: {given}. "
        "Sign where the root's key files are, or bring them into this key store."
    )


@click.group(cls=TranslatedGroup)
def command() -> None:
    """The signed trust bundle for offline verification.

    Example: tracelib bundle export --out trust.bundle
    """


@command.command("export")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Where to; default: the workspace's own.")
@click.option("--by", "signers", multiple=True, metavar="NAME", help="Root key that signs; repeat for a threshold.")
@click.option("--part", is_flag=True, help="Write it to --out though more root keys must sign it, elsewhere.")
@click.option(
    "--add",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Sign this file, which another root key signed in part, instead of making a new one.",
)
@answers
@pass_context
def export(context: Context, out: Path | None, signers: tuple[str, ...], part: bool, add: Path | None) -> None:
    """Make the next bundle: delegations, revocations, brands, products, grades, signed by the root.

    Where the root's keys are on several machines, the first one writes --part --out FILE, and each of the others signs
    it in its own workspace with --add FILE. Look at it first: tracelib bundle show FILE

    Example: tracelib bundle export --out trust.bundle
    """
    from tracelib.operations.trust.bundle import add_to_bundle, make_bundle
    from tracelib.operations.trust.ring import read_limited
    from tracelib.trust.bundle import count_signatures, decode_bundle
    from tracelib.trust.keystore import write_synced

    if part and out is None:
        raise click.UsageError(context.say("--part needs --out FILE"))
    pinned = context.settings.text("root")
    data = read_limited(add) if add else None
    root_set = decode_bundle(data).root_set if data else pinned_root(context)
    opened = _root_keys(context, root_set, signers)
    with context.store.unit_of_work() as uow:
        now = context.clock.now()
        if data is None:
            bundle = make_bundle(uow, root_set, opened, now, part=part)
        else:
            bundle = add_to_bundle(uow, data, opened, pinned, now)
        found, needed = count_signatures(bundle), root_set.threshold
        if found >= needed:
            write_synced(context.bundle_path(), bundle.raw, private=False)
        if out is not None or found < needed:
            write_synced(out or add or context.bundle_path(), bundle.raw, private=False)
    _print(context, bundle, out or context.bundle_path())


def _root_keys(context: Context, root_set: "RootSet", signers: tuple[str, ...]) -> "list[Signer]":
    """The named root keys, or as many of those in the key store as must sign; RootKeysMissingError for none.

    A root key out of a backup signs none (KeyClosedError): it could be another bundle with a number that is in use.
    """
    from tracelib.store.counter_guard import refuse_closed
    from tracelib_cli.unlock import Unlocker

    infos = [context.keystore.info(name) for name in signers] if signers else context.keystore.list()
    hashes = {key.hash for key in root_set.keys}
    held = [info for info in infos if info.public.hash in hashes]
    if not held or (signers and len(held) < len(infos)):
        raise RootKeysMissingError(root=root_set.fingerprint, given=", ".join(info.name for info in infos) or "–")
    refuse_closed(context.settings.path("keys"), [info.public.hash for info in held])
    unlocker = Unlocker(context)
    return [unlocker.open(info.name).signer for info in (held if signers else held[: root_set.threshold])]


@command.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@answers
@pass_context
def import_(context: Context, file: Path) -> None:
    """Take over a bundle from elsewhere. One that is older than the last, or of another root, is refused.

    Between bundles FILE may also be a grant (a new line key) or a revocation (a recall).

    Example: tracelib bundle import /media/usb/trust.bundle
    """
    from tracelib.operations.trust.bundle import import_bundle
    from tracelib.operations.trust.ring import read_limited
    from tracelib.trust.keystore import write_synced

    data = read_limited(file)
    if data[:1] in (b"{", b"\xef"):  # text: JSON, perhaps behind a byte order mark
        _import_single(context, file)
        return
    with context.store.unit_of_work() as uow:
        bundle = import_bundle(uow, data, context.settings.text("root"), context.clock.now())
        write_synced(context.bundle_path(), data, private=False)
    _print(context, bundle, context.bundle_path())


def _import_single(context: Context, file: Path) -> None:
    """A grant without its serial key, or a revocation."""
    from tracelib.operations.trust.bundle import import_revocation
    from tracelib.operations.trust.delegate import accept
    from tracelib.operations.trust.ring import workspace_bundle
    from tracelib.trust.enrolment import GRANT_FORMAT, parse_grant
    from tracelib.trust.revocation import parse_revocation
    from tracelib_cli.commands.delegate_list import print_delegation
    from tracelib_cli.delegating import read_text

    text, pinned, now = read_text(file), context.settings.text("root"), context.clock.now()
    with context.store.unit_of_work() as uow:
        bundle = workspace_bundle(uow, pinned, context.bundle_path())
        if GRANT_FORMAT in text[:100]:
            claims = accept(uow, parse_grant(text), pinned, bundle, now)
        else:
            revoked = import_revocation(uow, parse_revocation(text), pinned, bundle, now)
            claims = None
    if claims is not None:
        print_delegation(context, claims)
    elif context.out.json:
        context.out.value(revocation_json(revoked))
    else:
        say = context.say
        context.out.line(say("Revoked ({reason}): {key}", reason=say(str(revoked.reason)), key=revoked.key_hash.hex()))


@command.command("show")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=False)
@click.option("--root", metavar="FINGERPRINT", help="Fingerprint of the root, from elsewhere than the bundle.")
@answers
@pass_context
def show(context: Context, file: Path | None, root: str | None) -> int:
    """Show what a bundle holds: root, age, keys, revocations, brands, products.

    A bundle that too few root keys signed is shown as well, with exit status 4: it counts for nobody yet.

    Example: tracelib bundle show trust.bundle --json
    """
    from tracelib.operations.trust.ring import read_limited
    from tracelib.trust.bundle import count_signatures, decode_bundle
    from tracelib.trust.keyring import KeyRing

    path, pinned = _file_and_root(context, file, root)
    bundle = decode_bundle(read_limited(path))
    _print(context, bundle, path, KeyRing.build(bundle, pinned))
    return 0 if count_signatures(bundle) >= bundle.root_set.threshold else 4


@command.command("check")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=False)
@click.option("--root", metavar="FINGERPRINT", help="Fingerprint of the root, from elsewhere than the bundle.")
@answers
@pass_context
def check(context: Context, file: Path | None, root: str | None) -> int:
    """Check signatures, chains and age of a bundle; exit status 4 if anything in it does not count.

    Example: tracelib bundle check trust.bundle --root FINGERPRINT
    """
    ring, path = _ring(context, file, root)
    state = ring.state(context.clock.now())
    if context.out.json:
        faults = [{"code": fault.code, "message": fault.message()} for fault in ring.faults]
        context.out.value(
            {"file": path, "state": state, "pinned": ring.pinned, "seq": ring.bundle_seq, "faults": faults}
        )
    else:
        say = context.say
        context.out.line(
            say("Bundle {seq} of {issued}: {state}", seq=ring.bundle_seq, issued=ring.bundle_issued, state=say(state))
        )
        _print_faults(context, ring)
    return 4 if ring.faults else 0


def _file_and_root(context: Context, file: Path | None, root: str | None) -> tuple[Path, str | None]:
    from tracelib.trust.root import parse_fingerprint

    pinned = parse_fingerprint(root) if root else (context.settings.text("root") or None)
    return file or context.bundle_path(), pinned


def _ring(context: Context, file: Path | None, root: str | None) -> "tuple[KeyRing, Path]":
    from tracelib.operations.trust.ring import read_bundle
    from tracelib.trust.keyring import KeyRing

    path, pinned = _file_and_root(context, file, root)
    return KeyRing.build(read_bundle(path, pinned), pinned), path


def _print(context: Context, bundle: "Bundle", path: Path, ring: "KeyRing | None" = None) -> None:
    from tracelib.trust.bundle import count_signatures
    from tracelib.trust.keyring import KeyRing

    ring = ring or KeyRing.build(bundle, bundle.root_set.fingerprint)
    state = ring.state(context.clock.now())
    if context.out.json:
        context.out.value(_bundle_json(ring, bundle, path, state))
        return
    say, line = context.say, context.out.line
    line(say("Bundle {seq} of {issued}: {state}", seq=ring.bundle_seq, issued=ring.bundle_issued, state=say(state)))
    line(say("File: {file}", file=path))
    line(say("Root: {fingerprint}", fingerprint=ring.fingerprint))
    line(say("Environment: {environment}", environment=say(ring.environment)))
    line(say("Brands: {names}", names="、".join(brand.name_zh for brand in bundle.brands) or "–"))
    found, needed = count_signatures(bundle), bundle.root_set.threshold
    if found < needed:
        line(say("{found} of {needed} signatures: it counts for nobody yet.", found=found, needed=needed))
    counts = {"products": len(bundle.products), "revocations": len(bundle.revocations)}
    line(say("{products} products, {revocations} revocations", **counts))
    _print_faults(context, ring)
    if not ring.keys():
        line(say("No key is delegated yet."))
        return
    context.out.table(
        [say("Holder"), say("Key id"), say("Suite"), say("Prefix"), say("Products")],
        [
            (
                f"{key.delegation.subject} {key.party.name_zh}",
                key.public.key_id.hex(),
                int(key.public.suite),
                key.delegation.prefix,
                ", ".join(key.delegation.products) or "–",
            )
            for key in ring.keys().values()
        ],
    )
    _print_revocations(context, ring)


def _print_revocations(context: Context, ring: "KeyRing") -> None:
    """Which key, what of it, since when and why; nothing where there are none."""
    from tracelib.clock import date_of_day

    if not ring.revocations:
        return
    say = context.say
    context.out.table(
        [say("Revoked key"), say("Only"), say("From"), say("Reason")],
        [
            (
                _holder(ring, one.key_hash),
                f"{one.product}/{one.lot}"
                if one.lot
                else f"{one.first} – {one.last}"
                if one.first
                else say("all of it"),
                date_of_day(one.day).isoformat(),
                say(one.reason.value),
            )
            for one in ring.revocations
        ],
    )


def _part(revocation: "Revocation") -> str:
    """The batch or the serials that are meant; empty for the whole key."""
    if revocation.lot:
        return f"{revocation.product}/{revocation.lot}"
    return f"{revocation.first} – {revocation.last}" if revocation.first else ""


def _holder(ring: "KeyRing", key_hash: bytes) -> str:
    key = ring.key(key_hash)
    return f"{key.delegation.subject} {key.public.key_id.hex()}" if key else key_hash.hex()[:10]


def _print_faults(context: Context, ring: "KeyRing") -> None:
    from tracelib.text import translator

    if not ring.pinned:
        context.out.line(context.say("Unpinned: give --root FINGERPRINT, which you have from elsewhere."))
    for fault in ring.faults:
        context.out.line(context.say("Does not count: {fault}", fault=fault.message(translator(context.language))))


def _bundle_json(ring: "KeyRing", bundle: "Bundle", path: Path, state: str) -> dict[str, object]:
    from tracelib.trust.bundle import count_signatures

    return {
        "file": path,
        "root": ring.fingerprint,
        "environment": ring.environment,
        "pinned": ring.pinned,
        "seq": bundle.seq,
        "issued": ring.bundle_issued,
        "state": state,
        "threshold": bundle.root_set.threshold,
        "signatures": count_signatures(bundle),
        "root_keys": [key_json(key) for key in bundle.root_set.keys],
        "keys": [_key_json(key) for key in ring.keys().values()],
        "revocations": [revocation_json(one) for one in ring.revocations],
        "brands": [{"id": b.id, "name": b.name_zh, "hosts": list(b.hosts)} for b in bundle.brands],
        "products": [{"party": p.party, "product": p.product_key, "name": p.name_zh} for p in bundle.products],
        "faults": [fault.message() for fault in ring.faults],
    }


def _key_json(key: "TrustedKey") -> dict[str, object]:
    claims = key.delegation
    return {
        **key_json(key.public),
        "parent": claims.issuer_hash,
        "level": len(key.delegations),
        "party": claims.subject,
        "name": key.party.name_zh,
        "uscc": key.party.uscc,
        "prefix": claims.prefix,
        "products": list(claims.products),
        "not_before": claims.not_before,
        "not_after": claims.not_after,
        "max_units": claims.max_units,
        "counter_window": claims.counter_window,
    }


def revocation_json(one: "Revocation") -> dict[str, object]:
    """A revocation for programs."""
    return {
        "key": one.key_hash,
        "reason": str(one.reason),
        "day": date_of_day(one.day),
        "product": one.product,
        "lot": one.lot,
        "first": one.first,
        "last": one.last,
    }
