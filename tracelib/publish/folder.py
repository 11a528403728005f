"""A folder of files that appears whole or not at all, in the place of an earlier publication and of nothing else."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tracelib.publish.errors import FolderTakenError, LinkError, PublishWriteError

MARK = "publication.json"
FORMAT = "tracelib/publication/1"
_NAMED = 3


@contextmanager
def new_publication(out: Path) -> Iterator[tuple[Path, Path | None]]:
    """Yield (an empty folder to fill, the earlier publication or None); on a clean exit it takes the place of ``out``.

    After an exception ``out`` is as it was. Files are not forced to the disk one by one: a publication can be made
    again. The pages of the earlier one are replaced by two renames; a crash between them leaves it under the name of
    ``_former(out)``, and the next run puts it back first.

    Raises:
        FolderTakenError: ``out`` holds something that an earlier publication did not write.
        LinkError: ``out`` or something in it is a link.
        PublishWriteError: the disk refused.
    """
    out = Path(os.path.abspath(out))
    new, former = out.with_name(f".{out.name}.new"), _former(out)
    try:
        if out.is_symlink():
            raise LinkError(path=out)
        if former.is_dir() and not former.is_symlink() and not out.exists():
            former.rename(out)
        earlier = _check(out)
        _remove(new)
        _remove(former)
        new.mkdir(parents=True)
        yield new, earlier
        _mark(new)
        _swap(new, out, former)
        _remove(former)
    except OSError as error:
        raise PublishWriteError(folder=out, detail=error.strerror or error) from None
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _swap(new: Path, out: Path, former: Path) -> None:
    if out.exists():
        out.rename(former)
    try:
        new.rename(out)
    except OSError:
        if former.is_dir():
            former.rename(out)
        raise


def _former(out: Path) -> Path:
    return out.with_name(f".{out.name}.former")


def _check(out: Path) -> Path | None:
    """The earlier publication in ``out``, None where it is empty or not there."""
    if not out.exists():
        return None
    if not out.is_dir():
        raise FolderTakenError(folder=out, found=out.name)
    there = sorted(_files(out))
    if not there:
        return None
    known = set(_listed(out)) | {MARK}
    strange = [file for file in there if file not in known]
    if MARK not in there or strange:
        found = ", ".join((strange or there)[:_NAMED]) + (" …" if len(strange or there) > _NAMED else "")
        raise FolderTakenError(folder=out, found=found)
    return out


def _files(folder: Path) -> Iterator[str]:
    """Every file below a folder, by its path with slashes; empty folders do not count."""
    for home, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = Path(home, name)
            if path.is_symlink():
                raise LinkError(path=path)
        yield from (Path(home, name).relative_to(folder).as_posix() for name in files)


def _listed(out: Path) -> list[str]:
    try:
        mark = json.loads((out / MARK).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return []
    files = mark.get("files") if isinstance(mark, dict) and mark.get("format") == FORMAT else None
    return [name for name in files if isinstance(name, str)] if isinstance(files, list) else []


def _mark(folder: Path) -> None:
    mark = {"format": FORMAT, "files": sorted(_files(folder))}
    text = json.dumps(mark, ensure_ascii=False, separators=(",", ":"))
    (folder / MARK).write_text(text, encoding="utf-8", newline="\n")


def _remove(folder: Path) -> None:
    """Remove what an interrupted run left; a link of that name goes, what it leads to stays."""
    if folder.is_symlink():
        folder.unlink()
    elif folder.exists():
        shutil.rmtree(folder)
