"""Write a backup file: whole or not at all, in bounded memory.

Data is compressed in pieces of a megabyte, each a gzip member of its own, on two threads (gzip files may be joined).
"""

import dataclasses
import glob
import hashlib
import json
import os
import tarfile
import time
import zlib
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import IO

from tracelib.store.archive import BLOCK, FORMAT, MANIFEST, PIECE, VERSION, Advance, Manifest, Member, is_safe_name
from tracelib.store.backup_errors import ArchiveExistsError, ArchiveWriteError, FileChangedError, FileNameError
from tracelib.store.guard_state import sync_folder

THREADS, AHEAD = 2, 6
STALE_S = 3600
LEVEL = 1
"""Of zlib: of its levels the one that two cores keep up with a disk."""


def write_archive(
    path: Path, manifest: Manifest, sources: Sequence[tuple[str, Path]], *, replace: bool, advance: Advance
) -> Manifest:
    """Write files (name in the archive, file) with their manifest to ``path``, whole or not at all; owner's eyes only.

    Raises ArchiveExistsError, ArchiveWriteError, FileChangedError, FileNameError.
    """
    require_free(path, replace)
    members = tuple(_measured(name, file) for name, file in sources)
    manifest = dataclasses.replace(manifest, members=members)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        _sweep(path)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            with _Compressor(stream) as out:
                _write_members(out, manifest, [file for _, file in sources], advance)
            stream.flush()
            os.fsync(stream.fileno())
        _name(temporary, path, replace)
    except OSError as error:
        raise ArchiveWriteError(file=path, detail=error.strerror or error) from None
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
    return manifest


def require_free(path: Path, replace: bool) -> None:
    """ArchiveExistsError where a file of that name may not be replaced; ArchiveWriteError for a folder or device."""
    if path.exists() and not path.is_file():
        raise ArchiveWriteError(file=path, detail="it is no plain file")
    if path.exists() and not replace:
        raise ArchiveExistsError(file=path)


def _sweep(path: Path) -> None:
    """Remove what runs for the same file left that were killed: nothing was written to it for an hour."""
    for left in path.parent.glob(f".{glob.escape(path.name)}.*.part"):
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > STALE_S:
                left.unlink()


def _name(temporary: Path, path: Path, replace: bool) -> None:
    require_free(path, replace)
    temporary.replace(path)
    with suppress(OSError):  # some file systems of memory sticks cannot
        sync_folder(path.parent)


def _measured(name: str, file: Path) -> Member:
    if not is_safe_name(name):
        raise FileNameError(file=file)
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256")
        return Member(name, stream.tell(), digest.hexdigest())


def _write_members(out: "_Compressor", manifest: Manifest, files: Sequence[Path], advance: Advance) -> None:
    body = json.dumps(
        {"format": FORMAT, "version": VERSION, **dataclasses.asdict(manifest)}, ensure_ascii=False, indent=1
    ).encode()
    out.write(_header(MANIFEST, len(body), 0))
    out.write(body + bytes(-len(body) % BLOCK))
    for number, (member, file) in enumerate(zip(manifest.members, files, strict=True), 1):
        out.write(_header(member.name, member.size, number))
        digest, size = hashlib.sha256(), 0
        with file.open("rb") as stream:
            while piece := stream.read(PIECE):
                digest.update(piece)
                size += len(piece)
                out.write(piece)
                advance(len(piece))
        if (size, digest.hexdigest()) != (member.size, member.sha256):
            raise FileChangedError(file=file)
        out.write(bytes(-size % BLOCK))
    out.write(bytes(2 * BLOCK))


def _header(name: str, size: int, number: int) -> bytes:
    """A tar header of one block; a name that has no room in it is told by the manifest alone."""
    short = name if len(name.encode()) < 100 else f"long-name-{number:05}"
    entry = tarfile.TarInfo(short)
    entry.size, entry.mode = size, 0o600
    return entry.tobuf(tarfile.GNU_FORMAT)


class _Compressor:
    """Gzip members in order, made on ``THREADS`` threads, at most ``AHEAD`` pieces in memory."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._pool = ThreadPoolExecutor(THREADS)
        self._waiting: deque[Future[bytes]] = deque()
        self._piece = bytearray()

    def write(self, data: bytes) -> None:
        """Add bytes; whole pieces are compressed at once."""
        self._piece += data
        while len(self._piece) >= PIECE:
            self._submit(bytes(self._piece[:PIECE]))
            del self._piece[:PIECE]

    def _submit(self, piece: bytes) -> None:
        self._waiting.append(self._pool.submit(_gzip_member, piece))
        if len(self._waiting) > AHEAD:
            self._stream.write(self._waiting.popleft().result())

    def __enter__(self) -> "_Compressor":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self._submit(bytes(self._piece))
                while self._waiting:
                    self._stream.write(self._waiting.popleft().result())
        finally:
            self._pool.shutdown(cancel_futures=True)


def _gzip_member(piece: bytes) -> bytes:
    compressor = zlib.compressobj(LEVEL, zlib.DEFLATED, 31)
    return compressor.compress(piece) + compressor.flush()
