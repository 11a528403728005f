"""``tracelib label``: the group. Its commands live in modules of their own, each loaded when it is used."""

import click

from tracelib_cli.command import ModuleGroup

MODULES = {
    "print": "label_print",
    "image": "label_image",
    "show": "label_show",
    "template": "label_template",
    "test": "label_test",
    "check": "label_check",
}
"""Each command and its module, in the order of use."""


@click.group(cls=ModuleGroup, modules=MODULES)
def command() -> None:
    """Labels: a batch as PDF or on a label printer, one code as a picture, templates, test prints.

    Example: tracelib label print 26A0137 --template a4-24 --out labels.pdf
    """
