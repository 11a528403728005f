"""``tracelib root``: the root set that everything is trusted by."""

from typing import TYPE_CHECKING

import click

from tracelib.errors import RuleError
from tracelib_cli.command import TranslatedGroup, answers
from tracelib_cli.context import Context, pass_context

if TYPE_CHECKING:
    from tracelib.trust.root import RootSet


class ProductionHostError(RuleError):
    """A production root on a host that is for examples."""

    code = "root.host"
    template = "«{given}» is an example host: a production root needs the host that stands on every carton (--host)."


class RootNotHereError(RuleError):
    """The workspace pins a root set that it does not hold."""

    code = "root.not_here"
    template = "The root set {root} is not here yet: import a bundle, or accept a grant."


@click.group(cls=TranslatedGroup)
def command() -> None:
    """The root set that everything is trusted by.

    Example: tracelib root show
    """


@command.command("new")
@click.option("--production", is_flag=True, required=True, help="A root for real labels. Test roots come from init.")
@click.option("--keys", "count", type=click.IntRange(1, 16), prompt=True, help="How many root keys there are.")
@click.option("--threshold", type=click.IntRange(1, 16), prompt=True, help="How many of them must sign.")
@click.option("--host", prompt=True, help="Host name that will stand on every carton.")
@answers
@pass_context
def new(context: Context, production: bool, count: int, threshold: int, host: str) -> None:
    """Make a production root: its keys, the root set, its fingerprint.

    Each key file belongs on its own offline medium afterwards. The fingerprint is what every verifier must be told by
    another way. Recommended: 3 keys, 2 of them sign.

    Example: tracelib root new --production --keys 3 --threshold 2 --host code.example.org
    """
    from tracelib.codes.url import require_host
    from tracelib.trust.keys import KeyPair
    from tracelib.trust.root import RootSet

    require_host(host)
    if host.endswith(("example.com", "example.org", "example.net", ".test", ".invalid", "localhost")):
        raise ProductionHostError(given=host)
    pairs = [KeyPair.generate() for _ in range(count)]
    root_set = RootSet("production", tuple(pair.public for pair in pairs), threshold)
    now = context.clock.now()
    names = [f"root-{root_set.fingerprint[:6]}-{number}" for number in range(1, count + 1)]
    for name, pair in zip(names, pairs, strict=True):
        passphrase = context.ask_passphrase(name, confirm=True)
        context.keystore.add(name, pair, passphrase, root=root_set.fingerprint, environment="production", created=now)
    with context.store.unit_of_work() as uow:
        uow.trust.add_root(root_set, now)
    _print(context, root_set, names)
    if not context.out.json:
        setting = f'root = "{root_set.fingerprint}"\nhost = "{host}"'
        context.out.line(context.say("To work under it, write into tracelib.toml:"))
        context.out.line(setting)


@command.command("show")
@answers
@pass_context
def show(context: Context) -> None:
    """Show the root set that this workspace trusts.

    Example: tracelib root show
    """
    _print(context, pinned_root(context), [])


def pinned_root(context: Context) -> "RootSet":
    """The root set whose fingerprint stands in the settings; RootNotHereError where the store has none."""
    fingerprint = context.settings.text("root")
    with context.store.reading() as uow:
        root_set = uow.trust.root(fingerprint)
    if root_set is None:
        raise RootNotHereError(root=fingerprint or "?")
    return root_set


def _print(context: Context, root_set: "RootSet", names: list[str]) -> None:
    if context.out.json:
        context.out.value(
            {
                "fingerprint": root_set.fingerprint,
                "environment": root_set.environment,
                "threshold": root_set.threshold,
                "keys": [{"hash": key.hash, "suite": int(key.suite), "public": key.raw} for key in root_set.keys],
                "files": names,
            }
        )
        return
    say = context.say
    context.out.table(
        [say("Root set"), ""],
        [
            (say("Fingerprint"), root_set.fingerprint),
            (say("Environment"), say(root_set.environment)),
            (say("Signatures needed"), f"{root_set.threshold} / {len(root_set.keys)}"),
            *((say("Key"), key.hash.hex()) for key in root_set.keys),
            *((say("Key file"), name) for name in names),
        ],
    )
