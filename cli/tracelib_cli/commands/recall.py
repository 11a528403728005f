"""``tracelib recall``: the group. Its commands live in modules that are loaded when one of them is used."""

import click

from tracelib_cli.command import ModuleGroup

MODULES = {
    "open": "recall_open",
    "show": "recall_show",
    "list": "recall_show",
    "notice": "recall_notice",
    "return": "recall_close",
    "report": "recall_report",
    "close": "recall_close",
}
"""Each command and its module, in the order of a recall's life."""


@click.group(cls=ModuleGroup, modules=MODULES)
def command() -> None:
    """Recalls: call a batch back with everything made of it, tell everybody who has it, and account for it.

    Example: tracelib recall open COOP1/NAVEL-5KG/26A0137 --reason "residue above the limit"
    """
