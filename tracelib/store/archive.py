"""The backup file: a tar of gzip members that any archive program opens, its first entry ``manifest.json``.

The manifest says what is inside, with the SHA-256 of each member; members follow in its order and nothing else does.
Written by ``archive_write``, read by ``archive_read``.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

FORMAT, VERSION = "tracelib-backup", 1
MANIFEST = "manifest.json"
PIECE, BLOCK = 1 << 20, 512
LARGEST_MANIFEST, MOST_MEMBERS, LONGEST_NAME = 4 << 20, 10_000, 400
LONGEST_PART = 255
"""Bytes of a file's or folder's own name that every usual file system takes."""
_FORBIDDEN = frozenset('\\:*?"<>|')
Advance = Callable[[int], None]
"""Called with the number of bytes that were dealt with since the last call."""


@dataclass(frozen=True, slots=True)
class Member:
    """One file in the archive; ``name`` is its path below the workspace, with ``/``."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup holds. ``kind`` is ``backup`` or ``move``; times in ISO 8601; ``workspace`` is the id of the one
    that it was made from, ``schema`` its database's revision. ``handed_over`` is what a move hands over.
    """

    kind: str
    created: str
    program: str
    workspace: str
    schema: str
    keys: bool
    handed_over: dict[str, Any] = field(default_factory=dict)
    members: tuple[Member, ...] = ()

    @property
    def size(self) -> int:
        """Bytes of all members together."""
        return sum(member.size for member in self.members)


def is_safe_name(name: str) -> bool:
    """Whether a member's name is a plain relative path on every system."""
    parts = PurePosixPath(name).parts
    return (
        0 < len(name) <= LONGEST_NAME
        and "/".join(parts) == name
        and name.isprintable()
        and not _FORBIDDEN.intersection(name)
        and all(part not in (".", "..", "/") and part == part.strip(" .") for part in parts)
        and all(len(part.encode()) <= LONGEST_PART for part in parts)
    )
