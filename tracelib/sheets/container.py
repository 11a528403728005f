"""What kind of file this is, by its bytes and not by its name, and a ZIP archive that cannot hurt.

What an attacker can do with an archive, and the answer: a part that unpacks without end (declared sizes are limits, and
``zipfile`` reads no further), a million entries (the size of the directory is judged before it is read), one part under
many names (the sum of declared sizes is limited).
"""

import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, Literal
from xml.parsers.expat import ExpatError

from tracelib.sheets.errors import (
    ArchiveBombError,
    DamagedSheetError,
    OtherFormatError,
    PasswordError,
    TooLargeError,
)
from tracelib.sheets.limits import LIMITS, Limits

_OLE2 = bytes.fromhex("d0cf11e0a1b11ae1")
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_END_OF_DIRECTORY = b"PK\x05\x06"
_ZIP64_LOCATOR = b"PK\x06\x07"
_LONGEST_END = 22 + 0xFFFF
_DIRECTORY_SIZE = 12
_ENCRYPTED_FLAG = 0x1
_HTML = (b"<html", b"<!doctype html", b"<table", b"<meta")
_FOREIGN = (
    ("xl/workbook.bin", "a binary Excel workbook (.xlsb)"),
    ("content.xml", "an OpenDocument file (.ods)"),
    ("Index/Document.iwa", "an Apple Numbers file"),
    ("word/document.xml", "a Word document"),
)
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, ExpatError, NotImplementedError, RuntimeError, struct.error)


def kind_of(stream: BinaryIO, file: str, limits: Limits = LIMITS) -> Literal["xlsx", "csv"]:
    """``xlsx`` for a ZIP archive, ``csv`` for text; the stream stands at its beginning afterwards.

    Raises:
        OtherFormatError, PasswordError, TooLargeError, DamagedSheetError: it is something else.
    """
    status = os.fstat(stream.fileno())
    if not stat.S_ISREG(status.st_mode):
        raise DamagedSheetError(file=file, detail="not a regular file")
    if status.st_size > limits.file:
        raise TooLargeError(file=file, found=status.st_size, kind="bytes", limit=limits.file)
    head = stream.read(512)
    stream.seek(0)
    if head.startswith(_OLE2):
        data = stream.read()
        stream.seek(0)
        if _ENCRYPTED_PACKAGE in data:
            raise PasswordError(file=file)
        raise OtherFormatError(file=file, kind=_old_kind(file))
    if head.startswith((b"PK\x03\x04", _END_OF_DIRECTORY)):
        return "xlsx"
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_HTML):
        raise OtherFormatError(file=file, kind="a web page with the name of a spreadsheet")
    if head.startswith(b"<?xml"):
        raise OtherFormatError(file=file, kind="an XML file")
    if head.startswith(b"%PDF"):
        raise OtherFormatError(file=file, kind="a PDF")
    if file.lower().endswith(".xlsx") and b"\0" in head:
        raise DamagedSheetError(file=file, detail="it does not begin as an Excel workbook does")
    return "csv"


def _old_kind(file: str) -> str:
    if file.lower().endswith((".et", ".ett")):
        return "an old WPS table (.et)"
    return "an old Excel workbook (.xls, Excel 97 to 2003)"


@contextmanager
def damage_named(file: str) -> Iterator[None]:
    """Turn what ``zipfile`` and expat raise on broken bytes into DamagedSheetError."""
    try:
        yield
    except _DAMAGE as error:
        raise DamagedSheetError(file=file, detail=str(error) or type(error).__name__) from None


@contextmanager
def open_archive(stream: BinaryIO, file: str, limits: Limits = LIMITS) -> Iterator[zipfile.ZipFile]:
    """The archive, after its directory has been judged; nothing is unpacked for that."""
    _judge_directory(stream, file, limits)
    with damage_named(file):
        archive = zipfile.ZipFile(stream)
    with archive:
        _judge_parts(archive, file, limits)
        yield archive


def _judge_directory(stream: BinaryIO, file: str, limits: Limits) -> None:
    size = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, size - _LONGEST_END - 20))
    tail = stream.read()
    stream.seek(0)
    position = tail.rfind(_END_OF_DIRECTORY)
    if position < 0 or position + _DIRECTORY_SIZE + 4 > len(tail):
        raise DamagedSheetError(file=file, detail="the end of the archive is missing")
    (directory,) = struct.unpack_from("<L", tail, position + _DIRECTORY_SIZE)
    if directory > limits.directory or tail[max(0, position - 20) : position].startswith(_ZIP64_LOCATOR):
        raise TooLargeError(file=file, found=directory, kind="bytes of archive directory", limit=limits.directory)


def _judge_parts(archive: zipfile.ZipFile, file: str, limits: Limits) -> None:
    parts = archive.infolist()
    names = {part.filename for part in parts}
    for name, kind in _FOREIGN:
        if name in names:
            raise OtherFormatError(file=file, kind=kind)
    if len(parts) > limits.parts:
        raise TooLargeError(file=file, found=len(parts), kind="parts in the archive", limit=limits.parts)
    total = 0
    for part in parts:
        if part.flag_bits & _ENCRYPTED_FLAG:
            raise PasswordError(file=file)
        if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise DamagedSheetError(file=file, detail=f"compression method {part.compress_type} in {part.filename}")
        total += part.file_size
        limit = limits.sheet_part if "/worksheets/" in part.filename else limits.other_part
        ratio = part.file_size // max(part.compress_size, 1)
        if part.file_size > limit or (part.file_size > limits.ratio_from and ratio > limits.ratio):
            raise ArchiveBombError(file=file, part=part.filename, found=part.file_size, ratio=ratio)
    if total > limits.sheet_part + limits.other_part:
        ratio = total // max(os.fstat(archive.fp.fileno()).st_size, 1) if archive.fp else 0
        raise ArchiveBombError(file=file, part="the whole archive", found=total, ratio=ratio)
