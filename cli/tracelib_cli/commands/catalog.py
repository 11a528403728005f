"""``tracelib catalog``: the group. Its commands live in three modules, each loaded when one of them is used."""

import importlib

import click

from tracelib_cli.command import TranslatedGroup

COMMANDS = {
    "show": "catalog_check",
    "check": "catalog_check",
    "export": "catalog_folder",
    "diff": "catalog_folder",
    "import": "catalog_folder",
    "history": "catalog_folder",
    "publish": "catalog_publish",
    "verify": "catalog_publish",
}
"""Each command and the module in ``tracelib_cli.commands`` that defines it, under the command's name."""


class CatalogGroup(TranslatedGroup):
    """Loads a command's module when the command is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command, in the order of the work."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command object, or None for an unknown name."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"tracelib_cli.commands.{COMMANDS[cmd_name]}")
        command: click.Command = getattr(module, "import_" if cmd_name == "import" else cmd_name)
        return command


@click.group(cls=CatalogGroup)
def command() -> None:
    """The whole catalogue: as a folder of tables, checked, and published.

    Example: tracelib catalog export county
    """
