"""What the commands share that write events of the desk: where parties are at home, and the desk itself."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from tracelib.errors import StoreError, TraceError
from tracelib_cli.context import Context
from tracelib_cli.errors import in_words
from tracelib_cli.output import echo

if TYPE_CHECKING:
    from tracelib.operations.events.home import Homes
    from tracelib.operations.events.step import StepDesk
    from tracelib.store.unit_of_work import UnitOfWork


def homes_of(context: Context) -> "Callable[[UnitOfWork], Homes]":
    """What says under which host parties are named in events; opened with the store."""

    def opened(uow: "UnitOfWork") -> "Homes":
        """The homes that the workspace's key ring knows."""
        from tracelib.operations.events.home import workspace_homes

        return workspace_homes(uow, context.settings.text("root"), context.bundle_path())

    return opened


def book_homes_of(context: Context) -> "Callable[[UnitOfWork], Homes]":
    """As :func:`homes_of`, for books that must be kept whatever is wrong with the trust bundle: then nobody has a home,
    and what is wrong is told.
    """
    opened = homes_of(context)

    def careful(uow: "UnitOfWork") -> "Homes":
        """The homes, or none."""
        from tracelib.operations.events.home import Homes

        try:
            return opened(uow)
        except StoreError:
            raise
        except TraceError as fault:
            if not context.out.json:
                text = "! No event tells of this, for the key ring cannot be read: {reason}"
                echo(context.say(text, reason=in_words(fault, context.language)), err=True)
            return Homes(None)

    return careful


def step_desk(context: Context) -> "StepDesk":
    """The workspace as the place where steps are written; the passphrase is asked for when a name needs it."""
    from tracelib.operations.events.step import StepDesk
    from tracelib.operations.verify import held_serial_keys

    return StepDesk(
        context.store,
        homes_of(context),
        lambda: held_serial_keys(context.keystore, context.passphrase),
        context.settings.text("party"),
    )
