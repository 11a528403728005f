"""The SHA-256 of files: of bytes on their way into one, and of one that stands on the disk."""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

READ_AT_ONCE = 1 << 20


class Hashing:
    """Pieces of a file on their way, and the SHA-256 of those that went by."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = pieces
        self._digest = hashlib.sha256()
        self.size = 0

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self._digest.update(piece)
            self.size += len(piece)
            yield piece

    @property
    def sha256(self) -> str:
        """Of all that went by so far, 64 hex digits."""
        return self._digest.hexdigest()


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes as they are on the disk now. Raises OSError."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(READ_AT_ONCE):
            digest.update(block)
    return digest.hexdigest()
