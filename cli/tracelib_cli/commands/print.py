"""``tracelib print``: the group. Its commands live in modules that are loaded when one of them is used."""

import importlib

import click

from tracelib_cli.command import TranslatedGroup

COMMANDS = {
    "order": "print_order",
    "make": "print_order",
    "cancel": "print_order",
    "note": "print_note",
    "receive": "print_account",
    "account": "print_account",
    "reconcile": "print_account",
    "list": "print_show",
    "show": "print_show",
}
"""Each command and the module in ``tracelib_cli.commands`` that defines it, under the command's name."""


class PrintGroup(TranslatedGroup):
    """Loads a command's module when the command is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command, in the order of a print order's life."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command object, or None for an unknown name."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"tracelib_cli.commands.{COMMANDS[cmd_name]}")
        command: click.Command = getattr(module, f"{cmd_name}_")
        return command


@click.group(cls=PrintGroup)
def command() -> None:
    """Print orders: rolls for a print house, their delivery, and what became of every label.

    Example: tracelib print order NAVEL-5KG/26A0137 --count 5000 --roll-size 500 --house 示例印刷厂 --out rolls
    """
