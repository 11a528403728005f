"""``tracelib init``: a workspace folder, ready for the first key, or, as a trial, for the first code."""

import json
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tracelib.errors import RuleError
from tracelib_cli.command import TranslatedCommand, answers
from tracelib_cli.context import Context, operator_of, pass_context
from tracelib_cli.first.plan import COUNTY, PLAIN, TRIAL, Plan
from tracelib_cli.output import echo
from tracelib_cli.settings import FILE_NAME, Settings

if TYPE_CHECKING:
    from tracelib.trust.keys import PublicKey
    from tracelib.trust.keystore import KeyStore

ROOT_KEY = "root"
HEAD = "# Settings of this workspace; `tracelib config show` lists them all with their origin.\n"


class WorkspaceExistsError(RuleError):
    """There is a workspace already."""

    code = "workspace.exists"
    template = "{folder} is a workspace already: nothing was changed."


@click.command(cls=TranslatedCommand)
@click.argument("folder", metavar="[DIR]", type=click.Path(path_type=Path, file_okay=False), required=False)
@click.option("--trial", is_flag=True, help="Make everything that test codes need: party, product, keys, bundle.")
@click.option("--root", metavar="FINGERPRINT", help="Join the root with this fingerprint; make none.")
@click.option("--host", show_default="q.example.com", help="Host name in issued codes.")
@click.option("--party", metavar="ID", help="Your own id: capital letters and digits; with --name.")
@click.option("--name", metavar="TEXT", help="Chinese name of your co-operative or firm; with --party.")
@click.option("--uscc", metavar="CODE", help="统一社会信用代码, 18 characters.")
@click.option("--product", metavar="ID", help="With --trial: number of the first product.")
@click.option("--product-name", metavar="TEXT", help="With --trial: Chinese name of the first product.")
@click.option("--weight-g", type=click.IntRange(1), help="With --trial: net weight of a carton in grams.")
@answers
@pass_context
def command(context: Context, /, folder: Path | None, **given: Any) -> None:  # noqa: ANN401 - one value for each option
    """Make a workspace in DIR: settings, database, and a test root with its key. On a terminal it asks what it needs.

    With --trial the workspace is ready: test codes can be issued within minutes. A test root is for trying out: every
    answer about its codes says TEST. To work under your county's root, name its fingerprint with --root. A production
    root is made by: tracelib root new --production

    A run that was cut off is gone on with by giving the same command again.

    Example: tracelib init my-coop --trial --party GNQC --name 示例合作社
    """
    plan = _plan(context, given)
    asks = sys.stdin.isatty() and sys.stderr.isatty() and not context.out.json and plan.kind == PLAIN
    if folder is None and not asks:
        raise click.UsageError(context.say("name a folder: tracelib init DIR"))
    remembered = Plan.remembered(folder) if folder else None
    if folder and (folder / FILE_NAME).exists():
        if remembered is None:
            raise WorkspaceExistsError(folder=folder)
        remembered.refuse_others(folder, given)
        _finish(context, folder, remembered, None)
        return
    if asks:
        from tracelib_cli.first.questions import ask

        folder, plan = ask(context, folder, plan, context.operator)
        if (folder / FILE_NAME).exists():
            raise WorkspaceExistsError(folder=folder)
    assert folder is not None  # noqa: S101 - asked for, or refused above
    plan.check()
    from tracelib_cli.first.database import database_to_keep, require_database

    settings = Settings.resolve(context.options, new=folder.absolute())
    database = database_to_keep(settings)
    require_database(settings, plan)
    passphrase = _passphrase(context, asks) if plan.kind != COUNTY else None
    folder.mkdir(parents=True, exist_ok=True)
    if plan.party:
        plan.remember(folder)
    _make(context, settings, passphrase, plan, database)
    _finish(context, folder, plan, passphrase)


def _plan(context: Context, given: dict[str, Any]) -> Plan:
    """What the options say; with --trial the sample's values stand where nothing was said."""
    from tracelib_cli.first.trial import SAMPLE

    if bool(given["party"]) != bool(given["name"]):
        raise click.UsageError(context.say("--party and --name go together"))
    if given["trial"] and given["root"]:
        raise click.UsageError(context.say("give either --trial or --root"))
    if not given["trial"] and any(given[name] for name in ("product", "product_name", "weight_g")):
        raise click.UsageError(context.say("--product, --product-name and --weight-g need --trial"))
    kind = TRIAL if given["trial"] else COUNTY if given["root"] else PLAIN
    values = {name: value for name, value in given.items() if name != "trial" and value}
    values["operator"] = context.options.get("operator") or ""
    return replace(SAMPLE if kind == TRIAL else Plan(kind, SAMPLE.host), **values, kind=kind)


def _passphrase(context: Context, asks: bool) -> bytes:
    if asks:
        text = context.say(
            "The passphrase locks your keys. Nobody can bring it back: write it down and keep it in a safe place."
        )
        echo(text, err=True)
    return context.ask_passphrase(context.say("the new key store"), confirm=True)


def _make(context: Context, settings: Settings, passphrase: bytes | None, plan: Plan, database: str) -> None:
    """Database, id and root first, the settings file last: what stops half-way is no workspace and can be run again."""
    from tracelib.store.unit_of_work import Store
    from tracelib.trust.keystore import KeyStore, write_synced
    from tracelib.trust.root import RootSet
    from tracelib.trust.workspace_id import create_workspace_id

    create_workspace_id(settings.workspace)
    root_set: RootSet | None = None
    if passphrase is not None:
        public = _root_key(KeyStore(settings.path("keys")), passphrase, context.clock.now())
        root_set = RootSet("test", (public,), 1)
    fingerprint = root_set.fingerprint if root_set else plan.root
    opened = Store.create_or_upgrade(settings.database_url(), operator=plan.operator or operator_of(settings))
    with opened as store, store.unit_of_work() as uow:
        now = context.clock.now()
        if root_set is not None:
            uow.trust.add_root(root_set, now)
        uow.changes.add("workspace.init", fingerprint, now, detail={"host": plan.host, "test": root_set is not None})
    values = {
        "root": fingerprint,
        "host": plan.host,
        "party": plan.party,
        "operator": plan.operator,
        "database": database,
    }
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in values.items() if value]
    write_synced(settings.workspace / FILE_NAME, (HEAD + "".join(lines)).encode(), private=False)


def _root_key(keystore: "KeyStore", passphrase: bytes, now: datetime) -> "PublicKey":
    from tracelib.trust.keys import KeyPair
    from tracelib.trust.root import RootSet

    if any(info.name == ROOT_KEY for info in keystore.list()):  # an earlier run stopped half-way
        return keystore.open(ROOT_KEY, passphrase).signer.public
    pair = KeyPair.generate()
    fingerprint = RootSet("test", (pair.public,), 1).fingerprint
    keystore.add(ROOT_KEY, pair, passphrase, root=fingerprint, environment="test", created=now)
    return pair.public


def _finish(context: Context, folder: Path, plan: Plan, passphrase: bytes | None) -> None:
    """What comes after the settings file, each step harmless when it is done twice; then say what was made."""
    from tracelib_cli.demo.program import Program, given_passphrase
    from tracelib_cli.first.trial import make_trial

    quiet = context.out.json or plan.kind != TRIAL
    program = Program(folder.absolute(), lambda text: None if quiet else context.out.line(f"  {text}"), plan.operator)
    if plan.kind == TRIAL:
        if passphrase is None:
            passphrase = context.ask_passphrase(context.say("the key store"), confirm=False)
        with given_passphrase(passphrase.decode("utf-8", "surrogateescape")):
            make_trial(program, plan)
    elif plan.party and plan.party not in {party["id"] for party in program.run("party", "list", quiet=True)}:
        uscc = ["--uscc", plan.uscc] if plan.uscc else []
        program.run("party", "add", plan.party, "--name-zh", plan.name, *uscc)
    Plan.forget(folder)
    _tell(context, folder, plan)


def _tell(context: Context, folder: Path, plan: Plan) -> None:
    settings = Settings.resolve({"workspace": str(folder)})
    fingerprint = settings.text("root")
    if context.out.json:
        value = {"workspace": folder.absolute(), "root": fingerprint, "test": plan.kind != COUNTY, "kind": plan.kind}
        context.out.value({**value, "party": plan.party or None, "product": plan.product or None})
        return
    say, line = context.say, context.out.line
    line(say("Workspace: {folder}", folder=folder.absolute()))
    line(say("Root: {fingerprint}", fingerprint=fingerprint))
    if plan.kind != COUNTY:
        line(say("This is a TEST root: its codes are for trying out, not for sale."))
    from tracelib_cli.first.next_steps import next_steps

    line("")
    for text in next_steps(context, folder, plan):
        line(text)
