"""Read a backup file that may be damaged or made to do harm.

Nothing is trusted: no links, no folders, no extension headers; names from the manifest alone, each a plain path below
the folder; not one byte more than the manifest says.
"""

import gzip
import hashlib
import json
import os
import re
import tarfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO, TypeVar, cast

from tracelib.store.archive import (
    BLOCK,
    FORMAT,
    LARGEST_MANIFEST,
    MOST_MEMBERS,
    PIECE,
    VERSION,
    Advance,
    Manifest,
    Member,
    is_safe_name,
)
from tracelib.store.backup_errors import ArchiveFormatError, ArchiveNewerError, ArchiveWriteError

LONGEST_TEXT = 200
_T = TypeVar("_T")
_KEYS = "keys/"
_SHA256 = re.compile("[0-9a-f]{64}")
_KINDS: dict[type, str] = {str: "text", int: "whole number", bool: "yes or no", list: "list", dict: "object"}
_WRONG = (
    OSError,
    EOFError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    RecursionError,
    zlib.error,
    tarfile.TarError,
)


class ArchiveReader:
    """An archive whose manifest was read. Members come once, in order. Made by :func:`open_archive`."""

    def __init__(self, path: Path, stream: IO[bytes]) -> None:
        self._path = path
        self._stream = stream
        size = self._entry()
        if size > LARGEST_MANIFEST:
            raise ValueError("its manifest is too large")
        self.manifest = self._parsed(self._exactly(size))
        self._skip_padding(size)

    def copy_to(self, place: Callable[[str], IO[bytes] | None], advance: Advance) -> None:
        """Every member into the stream that ``place`` opens for its name, None for nowhere; all is compared with the
        manifest. Raises ArchiveFormatError, ArchiveWriteError; what was written until then is the caller's to remove.
        """
        for member in self.manifest.members:
            out = place(member.name)
            try:
                with _faults_of(self._path):
                    self._copy(member, out, advance)
                if out is not None:
                    out.flush()
                    os.fsync(out.fileno())
            except OSError as error:
                raise ArchiveWriteError(file=member.name, detail=error.strerror or error) from None
            finally:
                if out is not None:
                    out.close()
        with _faults_of(self._path):
            if self._stream.read(3 * BLOCK) != bytes(2 * BLOCK):
                raise ValueError("something follows its last member, or its end is missing")

    def _copy(self, member: Member, out: IO[bytes] | None, advance: Advance) -> None:
        if self._entry() != member.size:
            raise ValueError(f"{member.name} has another size than its manifest says")
        digest, left = hashlib.sha256(), member.size
        while left:
            piece = self._exactly(min(PIECE, left))
            digest.update(piece)
            left -= len(piece)
            if out is not None:
                _write(out, piece)
            advance(len(piece))
        if digest.hexdigest() != member.sha256:
            raise ValueError(f"{member.name} is damaged")
        self._skip_padding(member.size)

    def _entry(self) -> int:
        """Size of the entry whose header comes next; only plain files are known."""
        entry = tarfile.TarInfo.frombuf(self._exactly(BLOCK), "utf-8", "strict")
        if entry.type != tarfile.REGTYPE or entry.size < 0:
            raise ValueError(f"{entry.name} is no plain file")
        return entry.size

    def _exactly(self, size: int) -> bytes:
        data = self._stream.read(size)
        if len(data) != size:
            raise ValueError("its end is missing")
        return data

    def _skip_padding(self, size: int) -> None:
        self._exactly(-size % BLOCK)

    def _parsed(self, body: bytes) -> Manifest:
        data = json.loads(body)
        if not isinstance(data, dict) or data["format"] != FORMAT:
            raise ValueError("it is of another kind")
        version = _typed(data, "version", int)
        if version > VERSION:
            raise ArchiveNewerError(file=self._path, given=version, expected=VERSION)
        if version != VERSION:
            raise ValueError("it says no version that can be")
        members = tuple(_member(one) for one in _typed(data, "members", list))
        names = [member.name.casefold() for member in members]
        if len(set(names)) != len(names) or len(names) > MOST_MEMBERS:
            raise ValueError("a name comes twice, or there are too many")
        folders = {folder.as_posix() for name in names for folder in PurePosixPath(name).parents}
        both = sorted(folders.intersection(names))
        if both:
            raise ValueError(f"{both[0]} is both a file and a folder")
        texts = {name: _text(data, name) for name in ("kind", "created", "program", "workspace", "schema")}
        if not 2000 <= datetime.fromisoformat(texts["created"]).year < 9000:
            raise ValueError("it says no day that can be")
        keys, handed_over = _typed(data, "keys", bool), _typed(data, "handed_over", dict)
        if not keys and any(name.startswith(_KEYS) for name in names):
            raise ValueError("it says that no keys are in it, and holds some")
        return Manifest(**texts, keys=keys, handed_over=handed_over, members=members)


def _member(one: object) -> Member:
    if not isinstance(one, dict):
        raise ValueError("it has a member that is none")
    member = Member(_typed(one, "name", str), _typed(one, "size", int), _typed(one, "sha256", str))
    if not is_safe_name(member.name) or member.size < 0 or not _SHA256.fullmatch(member.sha256):
        raise ValueError(f"it has a member with a name, size or checksum that cannot be: {member.name}")
    return member


def _text(data: Mapping[str, object], name: str) -> str:
    """A short text of one line, which may be shown as it is."""
    text = _typed(data, name, str)
    if len(text) > LONGEST_TEXT or not text.isprintable():
        raise ValueError(f"its «{name}» is not one short line")
    return text


def _typed(data: Mapping[str, object], name: str, kind: type[_T]) -> _T:
    """A value of exactly this type: true is no number, a number no text."""
    value = data[name]
    if type(value) is not kind:
        raise ValueError(f"its «{name}» is no {_KINDS[kind]}")
    return value


class _OutputError(Exception):
    """Carries a failure to write through the net for failures to read."""


def _write(out: IO[bytes], piece: bytes) -> None:
    try:
        out.write(piece)
    except OSError as error:
        raise _OutputError from error


@contextmanager
def _faults_of(path: Path) -> Iterator[None]:
    """Whatever goes wrong in reading is one error; what goes wrong in writing stays an OSError."""
    try:
        yield
    except _OutputError as error:
        raise error.__cause__ or error from None
    except EOFError:
        raise ArchiveFormatError(file=path, reason="its end is missing") from None
    except _WRONG as error:
        raise ArchiveFormatError(file=path, reason=error) from None


@contextmanager
def open_archive(path: Path) -> Iterator[ArchiveReader]:
    """Open a backup and read its manifest. ArchiveFormatError, ArchiveNewerError; FileNotFoundError."""
    with path.open("rb") as raw, gzip.GzipFile(fileobj=raw) as stream:
        with _faults_of(path):
            reader = ArchiveReader(path, cast(IO[bytes], stream))
        yield reader
