"""What both sides of a delegation share: the files, the party that holds a key, the counter guard."""

from pathlib import Path
from typing import TYPE_CHECKING

from tracelib.errors import NotFoundError
from tracelib_cli.context import Context
from tracelib_cli.machine_marks import marks_folder

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from tracelib.store.counter_guard import CounterGuard
    from tracelib.trust.delegation import PartyName
    from tracelib.trust.enrolment import Request
    from tracelib.trust.keystore import OpenKey


class HolderUnknownError(NotFoundError):
    """The party that shall hold a key is not in the catalogue."""

    code = "delegate.holder_unknown"
    template = "There is no party {party} here: add it first with tracelib party add, or give --party."


def held_guard(context: Context) -> "AbstractContextManager[CounterGuard]":
    """The counter guard, held: a copied workspace grants as little as it issues."""
    from tracelib.store.counter_guard import hold_guard
    from tracelib.trust.workspace_id import machine_id, workspace_id

    workspace = workspace_id(context.settings.workspace)
    keys = context.settings.path("keys")
    return hold_guard(keys, workspace=workspace, machine=machine_id(), marks=marks_folder())


def request_of(opened: "OpenKey", parent: bytes, party_id: str, name: "PartyName") -> "Request":
    """The request that proves that somebody holds a key."""
    from tracelib.trust.enrolment import make_request

    return make_request(opened.signer, parent, party_id, name)


def holder_of(context: Context, party: str | None) -> "tuple[str, PartyName]":
    """The party that shall hold a key: its id, and its names as the catalogue has them."""
    from tracelib.trust.delegation import PartyName

    party_id = party or context.settings.text("party")
    with context.store.reading() as uow:
        found = uow.catalog.party(party_id)
    if found is None:
        raise HolderUnknownError(party=party_id or "?")
    return party_id, PartyName(found.name_zh, found.name_en, found.uscc)


def read_text(path: Path) -> str:
    """A request, grant or revocation file; what is no UTF-8 is refused by whoever reads the text."""
    from tracelib.trust.enrolment import LARGEST

    with path.open("rb") as stream:
        return stream.read(LARGEST + 1).decode("utf-8-sig", "replace")
