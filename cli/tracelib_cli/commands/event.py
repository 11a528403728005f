"""``tracelib event``: the group. Its commands live in several modules, each loaded when one of them is used."""

import click

from tracelib_cli.command import ModuleGroup

STEPS = (
    "harvest",
    "grade",
    "precool",
    "store",
    "pack",
    "unpack",
    "ship",
    "receive",
    "sell",
    "inspect",
    "return",
    "destroy",
)
MODULES = {
    **dict.fromkeys(STEPS, "event_step"),
    "list": "event_look",
    "export": "event_look",
    "check": "event_file",
    "import": "event_import",
    "hash": "event_file",
}
"""Each command and its module."""


@click.group(cls=ModuleGroup, modules=MODULES)
def command() -> None:
    """What happened, as EPCIS 2.0 events: note steps of the goods, look, check, import, export.

    Example: tracelib event list --limit 20
    """
