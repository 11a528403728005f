"""``tracelib config``: settings and where they come from."""

import click

from tracelib_cli.command import TranslatedGroup, answers
from tracelib_cli.context import Context, pass_context


@click.group(cls=TranslatedGroup)
def command() -> None:
    """Settings and where they come from.

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
