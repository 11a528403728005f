"""``tracelib init``: a workspace folder, ready for the first key."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracelib.errors import RuleError
from tracelib_cli.command import TranslatedCommand, answers
from tracelib_cli.context import Context, operator_of, pass_context
from tracelib_cli.settings import FILE_NAME, Settings

if TYPE_CHECKING:
    from tracelib.trust.keys import PublicKey
    from tracelib.trust.keystore import KeyStore
    from tracelib.trust.root import RootSet

ROOT_KEY = "root"
TOML = """# Settings of this workspace; `tracelib config show` lists them all with their origin.
root = "{root}"
host = "{host}"
"""


class WorkspaceExistsError(RuleError):
    """There is a workspace already."""

    code = "workspace.exists"
    template = "{folder} is a workspace already: nothing was changed."


@click.command(cls=TranslatedCommand)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--root", "root", metavar="FINGERPRINT", help="Join the root with this fingerprint; make none.")
@click.option("--host", default="q.example.com", show_default=True, help="Host name in issued codes.")
@answers
@pass_context
def command(context: Context, folder: Path, root: str | None, host: str) -> None:
    """Make a workspace in DIR: settings, database, and a test root with its key.

    A test root is for trying out: every answer about its codes says TEST. To work under your county's root, name its
    fingerprint with --root. A production root is made by: tracelib root new --production

    Example: tracelib init my-coop
    """
    from tracelib.codes.url import require_host
    from tracelib.trust.root import parse_fingerprint

    if (folder / FILE_NAME).exists():
        raise WorkspaceExistsError(folder=folder)
    require_host(host)
    pinned = parse_fingerprint(root) if root else None
    passphrase = None if pinned else context.ask_passphrase(context.say("the new key store"), confirm=True)
    folder.mkdir(parents=True, exist_ok=True)
    root_set = _make(context, folder, passphrase, pinned, host)
    fingerprint = root_set.fingerprint if root_set else pinned
    if context.out.json:
        context.out.value({"workspace": folder.absolute(), "root": fingerprint, "test": root_set is not None})
        return
    say = context.say
    context.out.line(say("Workspace: {folder}", folder=folder.absolute()))
    context.out.line(say("Root: {fingerprint}", fingerprint=fingerprint))
    if root_set:
        context.out.line(say("This is a TEST root: its codes are for trying out, not for sale."))
    steps = "tracelib party add, tracelib key new, tracelib delegate grant"
    if not root_set:
        steps = "tracelib bundle import FILE, tracelib party add, tracelib key new, tracelib delegate request"
    context.out.line(say("Next: cd {folder}, then {steps}", folder=folder, steps=steps))


def _make(context: Context, folder: Path, passphrase: bytes | None, pinned: str | None, host: str) -> "RootSet | None":
    """Database, id and root first, the settings file last: what stops half-way is no workspace and can be run again."""
    from tracelib.store.unit_of_work import Store
    from tracelib.trust.keystore import KeyStore, write_synced
    from tracelib.trust.root import RootSet
    from tracelib.trust.workspace_id import create_workspace_id

    settings = Settings.resolve(context.options, new=folder.absolute())
    create_workspace_id(folder)
    root_set = None
    if passphrase is not None:
        public = _root_key(KeyStore(settings.path("keys")), passphrase, context.clock.now())
        root_set = RootSet("test", (public,), 1)
    opened = Store.create_or_upgrade(settings.database_url(), operator=operator_of(settings))
    with opened as store, store.unit_of_work() as uow:
        now = context.clock.now()
        fingerprint = root_set.fingerprint if root_set else str(pinned)
        if root_set is not None:
            uow.trust.add_root(root_set, now)
        uow.changes.add("workspace.init", fingerprint, now, detail={"host": host, "test": root_set is not None})
    write_synced(folder / FILE_NAME, TOML.format(root=fingerprint, host=host).encode(), private=False)
    return root_set


def _root_key(keystore: "KeyStore", passphrase: bytes, now: datetime) -> "PublicKey":
    from tracelib.trust.keys import KeyPair
    from tracelib.trust.root import RootSet

    if any(info.name == ROOT_KEY for info in keystore.list()):  # an earlier run stopped half-way
        return keystore.open(ROOT_KEY, passphrase).signer.public
    pair = KeyPair.generate()
    fingerprint = RootSet("test", (pair.public,), 1).fingerprint
    keystore.add(ROOT_KEY, pair, passphrase, root=fingerprint, environment="test", created=now)
    return pair.public
