"""``tracelib catalog``: the group. Its commands live in three modules, each loaded when one of them is used."""

import click

from tracelib_cli.command import ModuleGroup

MODULES = {
    "show": "catalog_check",
    "check": "catalog_check",
    "export": "catalog_folder",
    "diff": "catalog_folder",
    "import": "catalog_folder",
    "history": "catalog_folder",
    "publish": "catalog_publish",
    "verify": "catalog_publish",
}
"""Each command and its module, in the order of the work."""


@click.group(cls=ModuleGroup, modules=MODULES)
def command() -> None:
    """The whole catalogue: as a folder of tables, checked, and published.

    Example: tracelib catalog export county
    """
