"""``tracelib print``: the group. Its commands live in modules that are loaded when one of them is used."""

import click

from tracelib_cli.command import ModuleGroup

MODULES = {
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
"""Each command and its module, in the order of a print order's life."""


@click.group(cls=ModuleGroup, modules=MODULES)
def command() -> None:
    """Print orders: rolls for a print house, their delivery, and what became of every label.

    Example: tracelib print order NAVEL-5KG/26A0137 --count 5000 --roll-size 500 --house 示例印刷厂 --out rolls
    """
