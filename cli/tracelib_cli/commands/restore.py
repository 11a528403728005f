"""``tracelib restore``: a backup comes home."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracelib.clock import wall_text
from tracelib.text import phrase
from tracelib_cli.archives import as_json, files_of, progress
from tracelib_cli.command import TranslatedCommand, answers
from tracelib_cli.context import Context, pass_context
from tracelib_cli.machine_marks import marks_folder
from tracelib_cli.settings import check_settings

if TYPE_CHECKING:
    from tracelib.operations.backup.restore import Restored
    from tracelib.store.archive import Advance


@click.command(cls=TranslatedCommand)
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--into", type=click.Path(path_type=Path, file_okay=False), help="New folder; default: the workspace here."
)
@answers
@pass_context
def command(context: Context, file: Path, into: Path | None) -> None:
    """Restore FILE into a new folder, or over the workspace that it was made from.

    Over a workspace, nothing is restored where its database is well and has anything that FILE lacks. Where it is
    damaged or missing, FILE takes its place; what was there is kept beside as before-restore-….db, key files and
    settings stay. In a new folder nothing is issued with the keys of the backup, for nobody can tell there how
    far they went on: make a new key. With --database the new folder's database is that one, which must be empty.

    Example: tracelib restore coop-1126.backup --into coop-again
    """
    with progress(context, phrase("Restoring")) as advance:
        done = _into(context, file, into, advance) if into else _over(context, file, advance)
    if context.out.json:
        names = {"folder": done.folder, "closed_keys": done.closed, "before": done.before, "readable": done.readable}
        context.out.value({**names, "backup": as_json(done.manifest)})
        return
    _tell(context, done)


def _into(context: Context, file: Path, folder: Path, advance: "Advance") -> "Restored":
    from tracelib.operations.backup.restore import restore_new
    from tracelib.store.unit_of_work import Store
    from tracelib.trust.workspace_id import machine_id
    from tracelib_cli.first.database import refuse_password

    url = context.options.get("database")
    if url:
        refuse_password(url)
    server = Store.create_or_upgrade(url, operator=context.operator) if url else None
    return restore_new(
        file, folder, machine=machine_id(), operator=context.operator, now=context.clock.now(),
        advance=advance, check_settings=check_settings, server=server,
    )  # fmt: skip


def _over(context: Context, file: Path, advance: "Advance") -> "Restored":
    from tracelib.operations.backup.restore import Present, restore_over
    from tracelib.trust.workspace_id import machine_id, workspace_id

    files = files_of(context)
    present = Present(
        files=files,
        workspace=workspace_id(files.folder),
        machine=machine_id(),
        database=context.settings.database_url(),
        operator=context.operator,
        marks=marks_folder(),
    )
    return restore_over(file, present, now=context.clock.now(), advance=advance)


def _tell(context: Context, done: "Restored") -> None:
    say, line = context.say, context.out.line
    line(
        say(
            "Restored in {folder}: the state of {created}.",
            folder=done.folder,
            created=wall_text(datetime.fromisoformat(done.manifest.created)),
        )
    )
    if done.before is not None:
        line(say("The database that was there is kept as {file}.", file=done.before.name))
    if not done.readable:
        line(say("Keys that issued or granted since are refused here. Batches registered since: register them again."))
    if done.closed:
        line(say("{count} keys of the backup issue and grant nothing here, for nobody can tell how far they went on.",
                 count=len(done.closed)))  # fmt: skip
        line(say("To issue again: tracelib key new NAME, tracelib delegate request NAME --parent PARTY --out FILE"))
        line(say("For a root's or brand's key that only grants: tracelib workspace resume NAME"))
    line(say("Take over the newest bundle, then check: tracelib bundle import FILE, tracelib db check"))
