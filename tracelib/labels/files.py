"""A file that appears whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import BinaryIO, cast

from tracelib.labels.errors import LabelFileError


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Write ``path`` through a temporary file beside it, which takes its name once everything is on the disk.

    Raises:
        LabelFileError: the folder is missing or read-only, or the disk is full; what was there before stays.
    """
    temporary: Path | None = None
    try:
        with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as stream:
            temporary = Path(stream.name)
            yield cast(BinaryIO, stream)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
        temporary = None
    except OSError as error:
        raise LabelFileError(path=path, detail=error.strerror or error) from None
    finally:
        if temporary is not None:
            with suppress(OSError):
                temporary.unlink()


def _umask() -> int:
    """The process's mask; it can only be read by setting it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
