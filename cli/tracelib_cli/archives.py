"""What the commands share that put a workspace into a file or take one out: where its files are, and the progress."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tracelib_cli.context import Context

if TYPE_CHECKING:
    from tracelib.operations.backup.backup import Origin
    from tracelib.operations.backup.files import WorkspaceFiles
    from tracelib.store.archive import Manifest


def files_of(context: Context) -> "WorkspaceFiles":
    """Where the workspace keeps its files."""
    from tracelib.operations.backup.files import WorkspaceFiles

    settings = context.settings
    return WorkspaceFiles(settings.workspace, settings.path("keys"), settings.path("bundle"), settings.path("line"))


@contextmanager
def origin_of(context: Context) -> "Iterator[Origin]":
    """The workspace as something to copy. An older schema is no hindrance: a backup is made before an upgrade."""
    from tracelib import __version__
    from tracelib.operations.backup.backup import Origin
    from tracelib.store.unit_of_work import Store
    from tracelib.trust.workspace_id import workspace_id

    files = files_of(context)
    with Store.open(context.settings.database_url(), check=False, operator=context.operator) as store:
        yield Origin(files=files, workspace=workspace_id(files.folder), store=store, program=__version__)


@contextmanager
def progress(context: Context, what: str) -> Iterator[Callable[[int], None]]:
    """A line with the bytes so far on a terminal; nothing elsewhere."""
    if context.out.json or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import DownloadColumn, Progress, TextColumn, TimeElapsedColumn, TransferSpeedColumn

    columns = (TextColumn("{task.description}"), DownloadColumn(), TransferSpeedColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task(context.say(what), total=None)
        yield lambda size: shown.advance(task, size)


def as_json(manifest: "Manifest") -> dict[str, object]:
    """A manifest as commands answer it, without what a move hands over."""
    return {
        "kind": manifest.kind,
        "created": manifest.created,
        "program": manifest.program,
        "workspace": manifest.workspace,
        "schema": manifest.schema,
        "keys": manifest.keys,
        "size": manifest.size,
        "members": [{"name": one.name, "size": one.size, "sha256": one.sha256} for one in manifest.members],
    }
