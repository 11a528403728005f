"""Which workspace this is, and on which machine: a copied folder is noticed before it issues a counter twice."""

import hashlib
import platform
import secrets
import uuid
from pathlib import Path

from tracelib.trust.keystore import write_synced

FILE_NAME = "workspace.id"
_RANDOM_ADDRESS = 1 << 40
"""Set in an address that Python made up because it found no network card: another one on every start."""
_MACHINE_FILES = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))


def create_workspace_id(folder: Path) -> str:
    """Give a new workspace its id (32 hex digits), kept in ``workspace.id``; an existing one stays."""
    path = folder / FILE_NAME
    if not path.exists():
        write_synced(path, (secrets.token_hex(16) + "\n").encode(), private=False)
    return workspace_id(folder)


def workspace_id(folder: Path) -> str:
    """The workspace's id. Raises FileNotFoundError where there is none."""
    return (folder / FILE_NAME).read_text(encoding="ascii").strip()


def machine_id() -> str:
    """An id of this machine (32 hex digits): from its machine id, its network card's address, or its host name.

    Hashed, so that the file beside the keys tells nothing about the machine.
    """
    return hashlib.sha256(b"tracelib/machine/1" + _machine().encode()).hexdigest()[:32]


def _machine() -> str:
    for path in _MACHINE_FILES:
        if path.is_file():
            text = path.read_text(encoding="ascii", errors="replace").strip()
            if text:
                return text
    address = uuid.getnode()
    return platform.node() if address & _RANDOM_ADDRESS else f"{address:012x}"
