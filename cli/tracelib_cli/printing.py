"""What every command shares that prints or exports: the print log, and the leave to print once more."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from tracelib_cli.command import folded
from tracelib_cli.context import Context

if TYPE_CHECKING:
    from tracelib.operations.printing.log import Again, PrintLog


@dataclass(frozen=True, slots=True)
class OnceMore:
    """Whether codes that were printed before may go out again, and why, as given."""

    reprint: bool
    reprint_reason: str

    def checked(self) -> "Again":
        """The same for operations. Raises ReasonMissingError."""
        from tracelib.operations.printing.log import Again

        return Again(self.reprint, self.reprint_reason)


once_more = folded(
    "again",
    OnceMore,
    click.option("--reprint", is_flag=True, help="Also codes that were printed before; needs --reason."),
    click.option("--reason", "reprint_reason", default="", metavar="TEXT", help="Why they are printed again."),
)
"""The options ``--reprint`` and ``--reason``."""


def print_log(context: Context) -> "PrintLog":
    """The workspace's print log."""
    from tracelib.operations.printing.log import PrintLog

    return PrintLog(context.store, context.clock)
