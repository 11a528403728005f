"""A folder of print jobs: numbered files, each written whole, for another program to pick up."""

import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from tracelib.labels.errors import SpoolFileError, SpoolFolderError
from tracelib.labels.files import whole_file

_JOB = re.compile(r"\.?job-([0-9]{6,})\.[a-z]+")


def spool_job(folder: Path, kind: str, labels: Iterable[bytes]) -> tuple[Path, int, int]:
    """Write labels as the next job of ``folder``, ``job-000001.zpl`` and so on: its path, labels and bytes.

    Numbers go on from the highest that is there. Two who spool at once never get the same: a hidden file claims the
    number until the job stands there whole, so that who watches the folder never sees half a job.

    Raises:
        SpoolFolderError: the folder is not there.
        SpoolFileError, LabelFileError: it cannot be written.
        whatever ``labels`` raises; then there is no job.
    """
    number, claim = _claim(folder)
    path = folder / f"job-{number:06d}.{kind}"
    count = size = 0
    try:
        with whole_file(path) as stream:
            for label in labels:
                size += stream.write(label)
                count += 1
    finally:
        with suppress(OSError):
            claim.unlink()
    return path, count, size


def _claim(folder: Path) -> tuple[int, Path]:
    if not folder.is_dir():
        raise SpoolFolderError(folder=folder.absolute())
    try:
        taken = [int(found[1]) for path in folder.iterdir() if (found := _JOB.fullmatch(path.name))]
        number = max(taken, default=0)
        while True:
            number += 1
            claim = folder / f".job-{number:06d}.claim"
            try:
                claim.touch(exist_ok=False)
            except FileExistsError:
                continue
            # Somebody may have finished this job since the folder was read: a job stands there before its claim goes.
            if not any(folder.glob(f"job-{number:06d}.*")):
                return number, claim
            claim.unlink()
    except OSError as error:
        raise SpoolFileError(folder=folder.absolute(), detail=error.strerror or error) from None
