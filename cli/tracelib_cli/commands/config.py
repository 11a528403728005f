"""``tracelib config``: settings, where they come from, and how they are set."""

import click

from tracelib_cli.command import TranslatedGroup, answers
from tracelib_cli.completion import SETTING_KEYS
from tracelib_cli.context import Context, pass_context


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

    Example: tracelib config set operator 王芳
    """
    from tracelib.trust.keystore import write_synced
    from tracelib_cli.settings import FILE_NAME, with_setting

    path = context.settings.workspace / FILE_NAME
    before, text = with_setting(path, key, value)
    with context.store.unit_of_work() as uow:
        detail = {"before": before or "", "now": value}
        uow.changes.add("config.set", key, context.clock.now(), detail=detail)
        write_synced(path, text.encode(), private=False)
    if context.out.json:
        context.out.value({"key": key, "before": before, "value": value, "file": path})
    else:
        context.out.line(context.say("{key} is now «{value}».", key=key, value=value))
