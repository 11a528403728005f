"""``tracelib code``: the group. Its commands live in two modules, each loaded when one of them is used.

Verification stays quick because it never loads what issuing needs.
"""

import importlib

import click

from tracelib_cli.command import TranslatedGroup

COMMANDS = {
    "issue": "code_issue",
    "export": "code_issue",
    "verify": "code_verify",
    "show": "code_verify",
    "void": "code_issue",
}
"""Each command and the module in ``tracelib_cli.commands`` that defines it, under the command's name."""


class CodeGroup(TranslatedGroup):
    """Loads a command's module when the command is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command, in the order of a code's life."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command object, or None for an unknown name."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"tracelib_cli.commands.{COMMANDS[cmd_name]}")
        command: click.Command = getattr(module, cmd_name)
        return command


@click.group(cls=CodeGroup)
def command() -> None:
    """Codes: issue, export, verify, void.

    Example: tracelib code verify --bundle trust.bundle --root FINGERPRINT -
    """
