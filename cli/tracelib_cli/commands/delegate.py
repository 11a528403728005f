"""``tracelib delegate``: the group. Its commands live in modules by who uses them, each loaded when it is used."""

import click

from tracelib_cli.command import ModuleGroup

MODULES = {
    "request": "delegate_hold",
    "grant": "delegate_grant",
    "accept": "delegate_hold",
    "again": "delegate_grant",
    "list": "delegate_list",
}
"""Each command and its module, in the order of a delegation's life."""


@click.group(cls=ModuleGroup, modules=MODULES)
def command() -> None:
    """Delegations: request, grant, accept, list.

    Example: tracelib delegate list
    """
