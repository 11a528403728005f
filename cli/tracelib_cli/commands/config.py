"""``tracelib config``: settings, where they come from, and how they are set."""

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from tracelib.errors import RuleError
from tracelib_cli.command import TranslatedGroup, answers
from tracelib_cli.completion import SETTING_KEYS
from tracelib_cli.context import Context, pass_context

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import Store


class DatabaseNotReadyError(RuleError):
    """No books of this version lie in the database that shall be set."""

    code = "config.database"
    template = (
        "«{given}» cannot be set yet: there are no books of this version in it. First make or upgrade them: "
        "tracelib --database {given} db upgrade"
    )


@click.group(cls=TranslatedGroup)
def command() -> None:
    """Settings: show, set.

    Example: tracelib config show
    """


@command.command("show")
@answers
@pass_context
def show(context: Context) -> None:
    """Show every setting, its value and where the value comes from.

    Example: tracelib config show --json
    """
    values = context.settings.all()
    if context.out.json:
        context.out.value(
            [
                {"key": v.setting.key, "value": v.text, "origin": v.origin, "variable": v.setting.variable}
                for v in values
            ]
        )
        return
    say = context.say
    context.out.table(
        [say("Setting"), say("Value"), say("From"), say("Meaning")],
        [(v.setting.key, v.text, v.origin, say(v.setting.help)) for v in values],
    )


@command.command("set")
@click.argument("key", shell_complete=SETTING_KEYS)
@click.argument("value")
@answers
@pass_context
def set_(context: Context, key: str, value: str) -> None:
    """Write the setting KEY into the workspace's tracelib.toml; everything else in the file stays.

    A database is opened before it is set: one that is not there, or that holds the books of another root, is refused.

    Example: tracelib config set operator 王芳
    """
    from tracelib.trust.keystore import write_synced
    from tracelib_cli.settings import FILE_NAME, with_setting

    path = context.settings.workspace / FILE_NAME
    before, text = with_setting(path, key, value)
    with _books(context, key, value).unit_of_work() as uow:
        detail = {"before": before or "", "now": value}
        uow.changes.add("config.set", key, context.clock.now(), detail=detail)
        write_synced(path, text.encode(), private=False)
    if context.out.json:
        context.out.value({"key": key, "before": before, "value": value, "file": path})
    else:
        context.out.line(context.say("{key} is now «{value}».", key=key, value=value))


def _books(context: Context, key: str, value: str) -> "Store":
    """The books that the change is noted in: for a new database its own, so that a wrong one can be set right."""
    from tracelib.store.errors import NoDatabaseError, SchemaMissingError, SchemaStaleError
    from tracelib_cli.first.database import KEY, refuse_other_root, refuse_password

    if key != KEY:
        return context.store
    refuse_password(value)
    try:
        store = replace(context, options={**context.options, KEY: value}).store
    except (NoDatabaseError, SchemaMissingError, SchemaStaleError):
        raise DatabaseNotReadyError(given=value) from None
    root = context.settings.text("root")
    refuse_other_root(store, {root} if root else set())
    return store
