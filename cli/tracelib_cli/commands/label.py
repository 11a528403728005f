"""``tracelib label``: the group. Its commands live in modules of their own, each loaded when it is used."""

import importlib

import click

from tracelib_cli.command import TranslatedGroup

COMMANDS = {
    "print": "label_print",
    "image": "label_image",
    "show": "label_show",
    "template": "label_template",
    "test": "label_test",
    "check": "label_check",
}
"""Each command and the module in ``tracelib_cli.commands`` that defines it, under the command's name."""
_NAMES = {"print": "print_"}


class LabelGroup(TranslatedGroup):
    """Loads a command's module when the command is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command, in the order of use."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command object, or None for an unknown name."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"tracelib_cli.commands.{COMMANDS[cmd_name]}")
        command: click.Command = getattr(module, _NAMES.get(cmd_name, cmd_name))
        return command


@click.group(cls=LabelGroup)
def command() -> None:
    """Labels: a batch as PDF or on a label printer, one code as a picture, templates, test prints.

    Example: tracelib label print 26A0137 --template a4-24 --out labels.pdf
    """
