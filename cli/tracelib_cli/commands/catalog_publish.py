"""``tracelib catalog publish`` and ``verify``."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracelib.identifiers.division import DIVISIONS
from tracelib.text import LocalizedText, phrase
from tracelib_cli import catalogue
from tracelib_cli.command import TranslatedCommand, answers
from tracelib_cli.commands.catalog_folder import PICTURES
from tracelib_cli.context import Context, pass_context

if TYPE_CHECKING:
    from tracelib.operations.catalog.publish import VerifiedCatalogue
    from tracelib.publish.site import Published
    from tracelib.trust.keyring import KeyRing

LISTED = 20
MADE = {"pictures": phrase("{count} pictures made"), "pages": phrase("{count} pages written")}


@click.command("publish", cls=TranslatedCommand)
@click.argument("out", type=click.Path(path_type=Path, file_okay=False))
@click.option("--sign", "sign", metavar="KEY", help="Sign the data too, with this key of the key store.")
@click.option("--title-zh", default="农产品品牌目录", show_default=True, help="Title in Chinese.")
@click.option("--title-en", default="Catalogue of farm brands", show_default=True, help="Title in English.")
@click.option("--url", default="", metavar="URL", help="Where the pages will stand, for search engines; not needed.")
@catalogue.on_option
@answers
@pass_context
def publish(
    context: Context, out: Path, *, sign: str | None, title_zh: str, title_en: str, url: str, on: str | None
) -> None:
    """Write what holds as static pages in Chinese and English, with pictures, search and data, into the folder OUT.

    It needs no server: open OUT/index.html, or copy OUT to any web host. Contacts and addresses are not published.

    Example: tracelib catalog publish site --title-zh 万载农品 --title-en "Farm products of Wanzai" --sign brand
    """
    from tracelib.operations.catalog.divisions import read_divisions
    from tracelib.operations.catalog.publish import Look, publish_catalog
    from tracelib.operations.trust.ring import workspace_ring

    workspace = context.settings.workspace
    look = Look(LocalizedText(title_zh, title_en), workspace / PICTURES, url, read_divisions(workspace / DIVISIONS))
    signer = ring = None
    if sign is not None:
        from tracelib_cli.unlock import Unlocker

        signer = Unlocker(context).open(sign).signer
        with context.store.reading() as uow:
            ring = workspace_ring(uow, context.settings.text("root"), context.bundle_path())
    day = catalogue.parse_day_option(on) if on else None
    with _progress(context) as progress:
        done = publish_catalog(
            context.store,
            out,
            look,
            context.clock.now(),
            on=day,
            signer=signer,
            ring=ring,
            progress=progress,
        )
    _print_published(context, out, done, signed=signer is not None)


def _print_published(context: Context, out: Path, done: "Published", *, signed: bool) -> None:
    missing = list(done.missing_pictures)
    if context.out.json:
        figures = {"pages": done.pages, "files": done.files, "largest_page_bytes": done.largest_page}
        context.out.value({"folder": out, **figures, "missing_pictures": missing, "signed": signed})
        return
    say, line = context.say, context.out.line
    counts = {"pages": done.pages, "files": done.files, "kilobytes": -(-done.largest_page // 1000)}
    line(say("{pages} pages in {files} files; the largest page is {kilobytes} kB by itself.", **counts))
    if missing:
        names = ", ".join(missing[:LISTED]) + (" …" if len(missing) > LISTED else "")
        line(say("Without these pictures, which are missing or unreadable: {names}", names=names))
    line(say("Open {file}, or copy the folder to a web host.", file=out / "index.html"))
    if not signed:
        line(say("The data is not signed; with --sign KEY others can verify who published it."))


@click.command("verify", cls=TranslatedCommand)
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--root", metavar="FINGERPRINT", help="Fingerprint of the root, from elsewhere than the bundle.")
@click.option(
    "--bundle",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Trust bundle to verify with; default: the workspace's keys.",
)
@answers
@pass_context
def verify(context: Context, file: Path, root: str | None, bundle: Path | None) -> None:
    """Check a published catalogue (catalogue.cose): signature, chain to the root, day; and catalogue.json beside it.

    Example: tracelib catalog verify site/catalogue.cose --bundle trust.bundle --root FINGERPRINT
    """
    from tracelib.operations.catalog.publish import verify_catalog

    ring = _ring(context, root, bundle)
    _print_verified(context, file, ring, verify_catalog(file, ring, context.clock.now()))


def _ring(context: Context, root: str | None, bundle: Path | None) -> "KeyRing":
    from tracelib.operations.trust.ring import read_bundle, workspace_ring
    from tracelib.trust.keyring import KeyRing
    from tracelib.trust.root import parse_fingerprint

    pinned = parse_fingerprint(root) if root else (context.settings.text("root") or None)
    if bundle is not None:
        return KeyRing.build(read_bundle(bundle, pinned), pinned)
    with context.store.reading() as uow:
        return workspace_ring(uow, pinned or "", context.bundle_path())


def _print_verified(context: Context, file: Path, ring: "KeyRing", verified: "VerifiedCatalogue") -> None:
    found = verified.signed
    content, party = found.content, found.key.party
    counts = {name: len(content.get(name, ())) for name in ("brands", "products", "parties", "certifications")}
    trust = "pinned" if ring.pinned else "unpinned"
    if context.out.json:
        signer = {"party": found.key.delegation.subject, "name": party.name_zh, "key": found.key.public.hash}
        about = {"file": file, "day": found.day, "title": content["title"], "environment": ring.environment}
        beside = {"pictures": verified.pictures, "missing_pictures": verified.missing_pictures, "json": verified.twin}
        context.out.value({**about, "trust": trust, "signer": signer, **counts, "beside": beside})
        return
    say, line = context.say, context.out.line
    line(say("The signature holds. Signed by {name}, {key}", name=party.name_zh, key=found.key.public.hash.hex()))
    line(say("For {day}: {products} products, {brands} brands, {parties} parties.", day=found.day, **counts))
    if verified.pictures or verified.missing_pictures:
        text = "{checked} pictures are those that were signed; {missing} are not here and were not checked."
        line(say(text, checked=verified.pictures, missing=verified.missing_pictures))
    if not verified.twin:
        line(say("catalogue.json is not here and was not compared."))
    line(say("Environment: {environment}", environment=say(ring.environment)))
    if not ring.pinned:
        line(say("Unpinned: give --root FINGERPRINT, which you have from elsewhere."))


@contextmanager
def _progress(context: Context) -> Iterator[Callable[[str, int], None] | None]:
    """Count on the terminal what is made; nothing where no person is looking."""
    if context.out.json or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as display:
        task = display.add_task("…", total=None)
        yield lambda what, count: display.update(task, description=context.say(MADE[what], count=count))
