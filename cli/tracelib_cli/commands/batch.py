"""``tracelib batch``: the group. Its commands live in several modules, each loaded when one of them is used."""

import click

from tracelib_cli.command import ModuleGroup

MODULES = {
    "template": "batch_register",
    "register": "batch_register",
    "map": "batch_map",
    "list": "batch_look",
    "show": "batch_look",
    "report": "batch_report",
    "split": "batch_change",
    "merge": "batch_change",
    "repack": "batch_change",
    "close": "batch_change",
}
"""Each command and its module, in the order of a life."""


@click.group(cls=ModuleGroup, modules=MODULES)
def command() -> None:
    """Batches: register them from a file, look at them, split, merge, re-pack and close them.

    Example: tracelib batch register harvest.xlsx
    """
