"""Exit statuses, and the one place where an error becomes words on a terminal."""

import errno
import os
import sys
import tempfile
import traceback
from pathlib import Path

from tracelib.errors import (
    DeviceError,
    FormatError,
    NotFoundError,
    RuleError,
    SettingsError,
    StoreError,
    SyncError,
    TraceError,
    VerificationError,
)
from tracelib.text import Language, for_counts, phrases, translator
from tracelib_cli import output

OK = 0
UNEXPECTED = 1
USAGE = 2
FORMAT = 3
VERIFICATION = 4
RULE = 5
NOT_FOUND = 6
SETTINGS = 7
STORE = 8
SYNC = 9
DEVICE = 10
INTERRUPTED = 130

STATUS_OF_KIND: tuple[tuple[type[TraceError], int], ...] = (
    (FormatError, FORMAT),
    (VerificationError, VERIFICATION),
    (RuleError, RULE),
    (NotFoundError, NOT_FOUND),
    (SettingsError, SETTINGS),
    (StoreError, STORE),
    (SyncError, SYNC),
    (DeviceError, DEVICE),
)
_DISK = {
    errno.ENOSPC, errno.EROFS, errno.EDQUOT, errno.EFBIG, errno.EACCES, errno.EPERM, errno.EIO, errno.EBUSY,
    errno.ENODEV, errno.ENXIO, errno.EINVAL, errno.ELOOP, errno.ENAMETOOLONG,
}  # fmt: skip


class DiskError(StoreError):
    """The operating system refused to read or write a file."""

    code = "store.disk"
    template = "{file} cannot be read or written: {detail}. Nothing that was there before is lost."


class MissingFileError(NotFoundError):
    """A file or folder that was named is not there."""

    code = "file.missing"
    template = "There is no {file}."


class IsFolderError(NotFoundError):
    """A folder was named where a file is read."""

    code = "file.is_folder"
    template = "{file} is a folder: name a file in it."


def status_of(kind: type[TraceError]) -> int:
    """The exit status for a class of the error tree."""
    return next((status for base, status in STATUS_OF_KIND if issubclass(kind, base)), UNEXPECTED)


def from_os(error: OSError) -> TraceError | None:
    """A full, read-only or forbidden disk, or a missing file, as an error of the tree; None for anything else."""
    name = error.filename if error.filename is not None else "the file or disk"
    if isinstance(error, IsADirectoryError):
        return IsFolderError(file=name)
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return MissingFileError(file=name)
    if error.errno in _DISK:
        return DiskError(file=name, detail=error.strerror or error)
    return None


def report(error: TraceError, language: Language, as_json: bool) -> int:
    """Print an error to standard error, in words or as one JSON object, and return the exit status.

    An error may carry ``faults``, a list of errors (a sheet with many mistakes): each gets its own line.
    """
    status = status_of(type(error))
    faults = [fault for fault in getattr(error, "faults", ()) if isinstance(fault, TraceError)]
    if as_json:
        body = {**_json(error), "status": status, "faults": [_json(fault) for fault in faults]}
        print(output.as_json({"error": body}), file=sys.stderr)  # noqa: T201
        return status
    for fault in faults:
        print(f"  {in_words(fault, language)}", file=sys.stderr)  # noqa: T201
    print(f"{phrases(language)('Error')} [{error.code}]: {in_words(error, language)}", file=sys.stderr)  # noqa: T201
    return status


def in_words(error: TraceError, language: Language) -> str:
    """An error's message in the reader's language, «1 fault» and not «1 faults»."""
    if language == "en":
        return error.message(lambda _code, template: for_counts(template, error.params))
    return error.message(translator(language))


def report_unexpected(error: BaseException, language: Language, folder: Path) -> int:
    """Write the traceback to a report file in ``folder`` (the workspace, or where we are) and say where it is.

    Where no file can be written there, the report goes to standard error.
    """
    text = phrases(language)(
        "Error [unexpected]: this should not have happened; the failed step wrote nothing. The report is in {file}"
    )
    try:
        handle, name = tempfile.mkstemp(prefix="tracelib-report-", suffix=".txt", dir=folder)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            traceback.print_exception(error, file=stream)
    except OSError:
        traceback.print_exception(error, file=sys.stderr)
        name = phrases(language)("the lines above, for no file could be written")
    print(text.format(file=name), file=sys.stderr)  # noqa: T201
    return UNEXPECTED


def _json(error: TraceError) -> dict[str, object]:
    return {"code": error.code, "message": error.message(), "retryable": error.retryable, "params": error.params}
