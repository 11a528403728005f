"""``tracelib bundle``: the signed file for verification without a network."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracelib_cli.command import TranslatedGroup, answers
from tracelib_cli.context import Context, pass_context

if TYPE_CHECKING:
    from tracelib.trust.bundle import Bundle
    from tracelib.trust.keyring import KeyRing


@click.group(cls=TranslatedGroup)
def command() -> None:
    """The signed trust bundle for offline verification.

    Example: tracelib bundle export --out trust.bundle
    """


@command.command("export")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Where to; default: the workspace's own.")
@click.option("--by", "signers", multiple=True, metavar="NAME", help="Root key that signs; repeat for a threshold.")
@answers
@pass_context
def export(context: Context, out: Path | None, signers: tuple[str, ...]) -> None:
    """Make the next bundle: delegations, revocations, brands, products, grades, signed by the root.

    Example: tracelib bundle export --out trust.bundle
    """
    from tracelib.operations.bundle import make_bundle
    from tracelib.trust.keystore import write_synced
    from tracelib_cli.commands.root import pinned_root

    root_set = pinned_root(context)
    hashes = {key.hash for key in root_set.keys}
    names = signers or tuple(info.name for info in context.keystore.list() if info.public.hash in hashes)
    opened = [context.keystore.open(name, context.passphrase).signer for name in names]
    with context.store.unit_of_work() as uow:
        bundle = make_bundle(uow, root_set, opened, context.clock.now())
        write_synced(context.bundle_path(), bundle.raw)
        if out is not None:
            write_synced(out, bundle.raw)
    _print(context, bundle, out or context.bundle_path())


@command.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@answers
@pass_context
def import_(context: Context, file: Path) -> None:
    """Take over a bundle from elsewhere. One that is older than the last, or of another root, is refused.

    Example: tracelib bundle import /media/usb/trust.bundle
    """
    from tracelib.operations.bundle import import_bundle
    from tracelib.trust.keystore import write_synced

    with file.open("rb") as stream:
        data = stream.read(64 * 1024 * 1024 + 1)
    with context.store.unit_of_work() as uow:
        bundle = import_bundle(uow, data, context.settings.text("root"), context.clock.now())
        write_synced(context.bundle_path(), data)
    _print(context, bundle, context.bundle_path())


@command.command("show")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=False)
@click.option("--root", metavar="FINGERPRINT", help="Fingerprint of the root, from elsewhere than the bundle.")
@answers
@pass_context
def show(context: Context, file: Path | None, root: str | None) -> None:
    """Show what a bundle holds: root, age, keys, revocations, brands, products.

    Example: tracelib bundle show trust.bundle --json
    """
    ring, path = _ring(context, file, root)
    if ring.bundle is not None:
        _print(context, ring.bundle, path, ring)


@command.command("check")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=False)
@click.option("--root", metavar="FINGERPRINT", help="Fingerprint of the root, from elsewhere than the bundle.")
@answers
@pass_context
def check(context: Context, file: Path | None, root: str | None) -> int:
    """Check signatures, chains and age of a bundle; exit status 4 if anything in it does not count.

    Example: tracelib bundle check trust.bundle --root FINGERPRINT
    """
    from tracelib.text import translator

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
        if not ring.pinned:
            context.out.line(say("Unpinned: give --root FINGERPRINT, which you have from elsewhere."))
        for fault in ring.faults:
            context.out.line("  " + fault.message(translator(context.language)))
    return 4 if ring.faults else 0


def _ring(context: Context, file: Path | None, root: str | None) -> "tuple[KeyRing, Path]":
    from tracelib.operations.ring import read_bundle
    from tracelib.trust.keyring import KeyRing
    from tracelib.trust.root import parse_fingerprint

    path = file or context.bundle_path()
    pinned = parse_fingerprint(root) if root else (context.settings.text("root") or None)
    return KeyRing.build(read_bundle(path, pinned), pinned), path


def _print(context: Context, bundle: "Bundle", path: Path, ring: "KeyRing | None" = None) -> None:
    from tracelib.trust.keyring import KeyRing

    ring = ring or KeyRing.build(bundle, bundle.root_set.fingerprint)
    keys = list(ring.keys().values())
    state = ring.state(context.clock.now())
    if context.out.json:
        context.out.value(
            {
                "file": path,
                "root": ring.fingerprint,
                "environment": ring.environment,
                "pinned": ring.pinned,
                "seq": bundle.seq,
                "issued": ring.bundle_issued,
                "state": state,
                "keys": [
                    {
                        "hash": key.public.hash,
                        "key_id": key.public.key_id,
                        "suite": int(key.public.suite),
                        "public": key.public.raw,
                        "party": key.delegation.subject,
                        "name": key.party.name_zh,
                        "prefix": key.delegation.prefix,
                        "products": list(key.delegation.products),
                        "not_before": key.delegation.not_before,
                        "not_after": key.delegation.not_after,
                    }
                    for key in keys
                ],
                "revocations": len(bundle.revocations),
                "brands": [{"id": b.id, "name": b.name_zh, "hosts": list(b.hosts)} for b in bundle.brands],
                "products": [{"party": p.party, "product": p.product_key, "name": p.name_zh} for p in bundle.products],
                "faults": [fault.message() for fault in ring.faults],
            }
        )
        return
    say = context.say
    context.out.table(
        [say("Bundle"), str(path)],
        [
            (say("Root"), ring.fingerprint),
            (say("Environment"), say(ring.environment)),
            (say("Number"), bundle.seq),
            (say("Issued"), ring.bundle_issued),
            (say("State"), say(state)),
            (say("Revocations"), len(bundle.revocations)),
            (say("Brands"), "、".join(brand.name_zh for brand in bundle.brands)),
            (say("Products"), len(bundle.products)),
        ],
    )
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
            for key in keys
        ],
    )
