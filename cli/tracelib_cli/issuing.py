"""What the commands share that issue codes or make them again: the desk, and the issuer keys."""

from typing import TYPE_CHECKING

from tracelib.errors import SettingsError
from tracelib_cli.context import Context
from tracelib_cli.machine_marks import marks_folder

if TYPE_CHECKING:
    from tracelib.operations.issuing.issuer import Desk
    from tracelib.operations.issuing.open_issuers import Issuers
    from tracelib.store.unit_of_work import UnitOfWork


class NoPartyError(SettingsError):
    """A command acts for a party, and none is named."""

    code = "settings.no_party"
    template = "No party is named: give --party ID, or set «party» in tracelib.toml."


def desk_of(context: Context, processes: int = 1) -> "Desk":
    """The workspace as the place where counters are given out; ``processes`` may share long work."""
    from tracelib.operations.issuing.issuer import Desk
    from tracelib.trust.workspace_id import machine_id, workspace_id

    workspace = workspace_id(context.settings.workspace)
    keys = context.settings.path("keys")
    return Desk(context.store, keys, workspace, machine_id(), context.clock, processes, marks_folder())


def issuers_of(context: Context, uow: "UnitOfWork") -> "Issuers":
    """The workspace's issuer keys; the passphrase is asked for when the first one is opened."""
    from tracelib.operations.issuing.open_issuers import Issuers
    from tracelib.operations.trust.ring import workspace_ring

    ring = workspace_ring(uow, context.settings.text("root"), context.bundle_path())
    return Issuers(context.keystore, lambda: context.passphrase, ring)


def party_of(context: Context, named: str | None) -> str:
    """The party that a command acts for: the one that was named, else the setting ``party``."""
    party = named or context.settings.text("party")
    if not party:
        raise NoPartyError
    return party
