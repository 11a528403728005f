"""``tracelib root``: the root set that everything is trusted by."""

import sys
from typing import TYPE_CHECKING, Any

import click

from tracelib.errors import NotFoundError, RuleError
from tracelib.text import phrase
from tracelib_cli.command import TranslatedGroup, answers
from tracelib_cli.context import Context, pass_context

if TYPE_CHECKING:
    from tracelib.trust.keys import PublicKey
    from tracelib.trust.root import RootSet


EXAMPLE_HOSTS = ("example.com", "example.org", "example.net", "example", "test", "invalid", "localhost")
ENVIRONMENTS = (phrase("production"), phrase("test"))


class ProductionHostError(RuleError):
    """A production root on a host that is for examples."""

    code = "root.host"
    template = "«{given}» is an example host: a production root needs the host that stands on every carton (--host)."


class RootNotHereError(NotFoundError):
    """The workspace pins a root set that it does not hold."""

    code = "root.not_here"
    template = "The root set {root} is not here yet: take over a bundle first, tracelib bundle import FILE"


@click.group(cls=TranslatedGroup)
def command() -> None:
    """The root set that everything is trusted by.

    Example: tracelib root show
    """


@command.command("new")
@click.option("--production", is_flag=True, required=True, help="A root for real labels. Test roots come from init.")
@click.option("--keys", "count", type=click.IntRange(2, 16), help="How many root keys there are; asked for.")
@click.option("--threshold", type=click.IntRange(2, 16), help="How many of them must sign, at least 2; asked for.")
@click.option("--host", help="Host name that will stand on every carton; asked for.")
@answers
@pass_context
def new(context: Context, /, *, production: bool, count: int | None, threshold: int | None, host: str | None) -> None:
    """Make a production root: its keys, the root set, its fingerprint.

    Each key file belongs on its own offline medium afterwards. The fingerprint is what every verifier must be told by
    another way. Recommended: 3 keys, 2 of them sign.

    Example: tracelib root new --production --keys 3 --threshold 2 --host code.gannan.cn
    """
    from tracelib.codes.url import require_host
    from tracelib.trust.keys import KeyPair
    from tracelib.trust.root import RootSet

    count = count or _asked(context, context.say("How many root keys"), click.IntRange(2, 16))
    threshold = threshold or _asked(context, context.say("How many of them must sign"), click.IntRange(2, 16))
    host = host or _asked(context, context.say("Host name on every carton"), str)
    if any(require_host(host) == name or host.endswith(f".{name}") for name in EXAMPLE_HOSTS):
        raise ProductionHostError(given=host)
    with context.store.reading() as uow:
        uow.changes.require_clock("", context.clock.now())
    pairs = [KeyPair.generate() for _ in range(count)]
    root_set = RootSet("production", tuple(pair.public for pair in pairs), threshold)
    now = context.clock.now()
    names = [f"root-{root_set.fingerprint[:6]}-{number}" for number in range(1, count + 1)]
    passphrases = [context.ask_passphrase(name, confirm=True) for name in names]  # all before the first is kept
    for name, pair, passphrase in zip(names, pairs, passphrases, strict=True):
        context.keystore.add(name, pair, passphrase, root=root_set.fingerprint, environment="production", created=now)
    with context.store.unit_of_work() as uow:
        uow.trust.add_root(root_set, now)
        uow.changes.add("root.new", root_set.fingerprint, now, detail={"keys": count, "threshold": threshold})
    _print(context, root_set, names)
    if not context.out.json:
        setting = f'root = "{root_set.fingerprint}"\nhost = "{host}"'
        context.out.line(context.say("To work under it, write into tracelib.toml:"))
        context.out.line(setting)


def _asked(context: Context, what: str, kind: Any) -> Any:  # noqa: ANN401 - whatever the kind of option gives
    """The answer to a question; a usage error where nobody is there to be asked."""
    if not sys.stdin.isatty():
        raise click.UsageError(context.say("without a terminal, give --keys, --threshold and --host"))
    return click.prompt(what, type=kind, err=True)


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


def key_json(key: "PublicKey") -> dict[str, object]:
    """A public key for programs."""
    return {"hash": key.hash, "key_id": key.key_id, "suite": int(key.suite), "public": key.raw}


def _print(context: Context, root_set: "RootSet", names: list[str]) -> None:
    if context.out.json:
        context.out.value(
            {
                "fingerprint": root_set.fingerprint,
                "environment": root_set.environment,
                "threshold": root_set.threshold,
                "keys": [key_json(key) for key in root_set.keys],
                "files": names,
            }
        )
        return
    say, line = context.say, context.out.line
    line(say("Root: {fingerprint}", fingerprint=root_set.fingerprint))
    line(say("Environment: {environment}", environment=say(root_set.environment)))
    line(say("Signatures needed: {threshold} of {count}", threshold=root_set.threshold, count=len(root_set.keys)))
    for key in root_set.keys:
        line(say("Root key: {key}", key=key.hash.hex()))
    for name in names:
        line(say("Key file: {file}", file=name))
