"""``tracelib completion``: the script that teaches a shell to complete ``tracelib``."""

import click

from tracelib_cli.command import TranslatedCommand, answers
from tracelib_cli.context import Context, pass_context

INSTALL = {
    "bash": "tracelib completion bash > ~/.local/share/bash-completion/completions/tracelib",
    "zsh": "tracelib completion zsh > ~/.zfunc/_tracelib",
    "fish": "tracelib completion fish > ~/.config/fish/completions/tracelib.fish",
    "powershell": "tracelib completion powershell >> $PROFILE",
}
"""Where each shell looks; the page docs/first-day.md says more."""


@click.command(cls=TranslatedCommand)
@click.argument("shell", type=click.Choice([*INSTALL]))
@answers
@pass_context
def command(context: Context, shell: str) -> None:
    """Print the script that makes SHELL complete commands, options, batches, products, parties, keys at the Tab key.

    Bash: tracelib completion bash > ~/.local/share/bash-completion/completions/tracelib

    Example: tracelib completion powershell >> $PROFILE
    """
    from click.shell_completion import get_completion_class

    from tracelib_cli.completion import VARIABLE, register
    from tracelib_cli.main import main

    register()
    kind = get_completion_class(shell)
    assert kind is not None  # noqa: S101 - the choices are the shells that are known
    script = kind(main, {}, "tracelib", VARIABLE).source()
    if context.out.json:
        context.out.value({"shell": shell, "install": INSTALL[shell], "script": script})
    else:
        context.out.line(script)
