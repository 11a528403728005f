"""Which workspace this is, and on which machine: a copied folder is noticed before it issues a counter twice."""

import hashlib
import secrets
import uuid
from pathlib import Path

FILE_NAME = "workspace.id"
_MACHINE_FILES = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))


def create_workspace_id(folder: Path) -> str:
    """Give a new workspace its id (32 hex digits), kept in ``workspace.id``; an existing one stays."""
    path = folder / FILE_NAME
    if not path.exists():
        path.write_text(secrets.token_hex(16) + "\n", encoding="ascii")
    return workspace_id(folder)


def workspace_id(folder: Path) -> str:
    """The workspace's id. Raises FileNotFoundError where there is none."""
    return (folder / FILE_NAME).read_text(encoding="ascii").strip()


def machine_id() -> str:
    """An id of this machine and account's system (32 hex digits): its machine id, or the network card's address.

    Hashed, so that the file beside the keys tells nothing about the machine.
    """
    for path in _MACHINE_FILES:
        if path.is_file():
            text = path.read_text(encoding="ascii", errors="replace").strip()
            if text:
                return hashlib.sha256(b"tracelib/machine/1" + text.encode()).hexdigest()[:32]
    return hashlib.sha256(b"tracelib/machine/1" + f"{uuid.getnode():012x}".encode()).hexdigest()[:32]
