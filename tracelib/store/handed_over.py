"""Whom the books belong to after a workspace was handed over: what the books themselves say, whatever folder is named.

``workspace.move_out`` stands in the book of changes: ``from`` is the id of the workspace that was sealed, ``to`` the
one that the database went along to (absent where it stayed on its server). ``workspace.move_in`` and
``workspace.restore`` name under ``opened`` which of these do not bind this copy. So a sealed workspace takes no entry
through other key folders or another workspace either; the guard beside the keys says the same to whoever comes in by
the door. Looked at once for each unit of work, through the index of subjects.
"""

from sqlalchemy import select
from sqlmodel import Session, col

from tracelib.store.counter_guard import WorkspaceMovedError
from tracelib.store.tables.changes import ChangeRow

SUBJECT = "workspace"
"""What entries are about that seal or open the books; the index finds them by it."""
MOVE_OUT, MOVE_IN, RESTORE = "workspace.move_out", "workspace.move_in", "workspace.restore"


def require_mine(session: Session, workspace: str) -> None:
    """WorkspaceMovedError where the books say that they went on elsewhere. ``workspace``: who writes, or empty."""
    sealed, bound = _sealed(session)
    if workspace in sealed or bound - {workspace}:
        raise WorkspaceMovedError()


def handed_to(session: Session) -> list[str]:
    """Ids of the workspaces that these books were handed over to, unless they were opened since."""
    return sorted(_sealed(session)[1])


def _sealed(session: Session) -> tuple[set[str], set[str]]:
    """Who may not write any more, and to whom alone the books belong."""
    about = (col(ChangeRow.party_id) == "", col(ChangeRow.subject) == SUBJECT)
    query = select(col(ChangeRow.verb), col(ChangeRow.detail)).where(*about)
    sealed, given, opened = set(), set(), set()
    for verb, detail in session.execute(query):
        if verb == MOVE_OUT:
            sealed.add(str(detail.get("from", "-")))
            given |= {str(detail["to"])} if "to" in detail else set()
        elif verb in (MOVE_IN, RESTORE):
            opened |= set(map(str, detail.get("opened", ())))
    return sealed, given - opened
