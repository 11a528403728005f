"""``tracelib code``: the group. Its commands live in several modules, each loaded when one of them is used.

Verification stays quick because it never loads what issuing needs.
"""

import click

from tracelib_cli.command import ModuleGroup

MODULES = {
    "issue": "code_issue",
    "export": "code_issue",
    "verify": "code_verify",
    "show": "code_verify",
    "void": "code_void",
    "replace": "code_void",
}
"""Each command and its module, in the order of a life."""


@click.group(cls=ModuleGroup, modules=MODULES)
def command() -> None:
    """Codes: issue, export, verify, void, replace.

    Example: tracelib code verify --bundle trust.bundle --root FINGERPRINT -
    """
