"""``tracelib backup``: everything that a workspace knows, in one file."""

from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracelib.clock import wall_text
from tracelib.errors import StoreError
from tracelib.text import phrase
from tracelib_cli.archives import as_json, origin_of, progress
from tracelib_cli.command import TranslatedGroup, answers
from tracelib_cli.context import Context, pass_context
from tracelib_cli.output import quoted

if TYPE_CHECKING:
    from tracelib.store.archive import Manifest

MAKE = "make"
BACKUP_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


class _FileOrCommand(TranslatedGroup):
    """``backup FILE`` is short for ``backup make FILE``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put ``make`` before whatever is no command of the group."""
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = [MAKE, *args]
        return super().parse_args(ctx, args)


@click.group(cls=_FileOrCommand)
def command() -> None:
    """Back up the workspace into one file, check or look at such a file. Short for «backup make FILE»: backup FILE.

    Example: tracelib backup /media/usb/coop-1126.backup --keys
    """


@command.command(MAKE)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--keys", is_flag=True, help="With the key files, under their passphrase as they are.")
@click.option("--force", is_flag=True, help="Replace a file of that name.")
@answers
@pass_context
def make(context: Context, file: Path, keys: bool, force: bool) -> None:
    """Write database, settings, bundle, line, divisions, templates and pictures into FILE; others may go on working.

    Without --keys the file cannot issue anything, whoever has it. Codes that lines have in their journals are in it
    once they have been taken over.

    Example: tracelib backup make coop-1126.backup
    """
    from tracelib.operations.backup.backup import back_up

    with suppress(StoreError), context.store.reading() as uow:
        uow.changes.require_clock("", context.clock.now())
    with origin_of(context) as origin, progress(context, phrase("Backing up")) as advance:
        made = back_up(origin, file, keys=keys, now=context.clock.now(), advance=advance, replace=force)
    with suppress(StoreError), context.store.unit_of_work() as uow:  # a database of an older version is backed up too
        uow.changes.add("workspace.backup", file.name, context.clock.now(), detail={"with_keys": keys})
    if context.out.json:
        context.out.value({"file": file, **as_json(made)})
        return
    _describe(context, made)
    text = "{file} is written. Check it where it lies: tracelib backup verify {quoted}"
    context.out.line(context.say(text, file=file, quoted=quoted(file)))


@command.command("verify")
@click.argument("file", type=BACKUP_FILE)
@answers
@pass_context
def verify(context: Context, file: Path) -> None:
    """Read FILE to its end and compare every byte with what it says. No workspace is needed.

    Example: tracelib backup verify /media/usb/coop-1126.backup
    """
    from tracelib.operations.backup.backup import check_backup

    with progress(context, phrase("Reading")) as advance:
        checked = check_backup(file, advance)
    if context.out.json:
        context.out.value({"file": file, "good": True, **as_json(checked)})
        return
    _describe(context, checked)
    context.out.line(context.say("{file} is whole.", file=file))


@command.command("show")
@click.argument("file", type=BACKUP_FILE)
@answers
@pass_context
def show(context: Context, file: Path) -> None:
    """Show what FILE says that it holds, without reading it all.

    Example: tracelib backup show coop-1126.backup
    """
    from tracelib.operations.backup.backup import read_manifest

    manifest = read_manifest(file)
    if context.out.json:
        context.out.value({"file": file, **as_json(manifest)})
        return
    _describe(context, manifest)
    say = context.say
    rows = [(one.name, f"{one.size:,}") for one in manifest.members]
    context.out.table([say("File"), say("Bytes")], rows)


def _describe(context: Context, manifest: "Manifest") -> None:
    say, line = context.say, context.out.line
    kind = say("Backup") if manifest.kind == "backup" else say("Workspace on its way to another machine")
    created = wall_text(datetime.fromisoformat(manifest.created))
    line(say("{kind} of {created}, {count} files, {size} MB", kind=kind, created=created,
             count=len(manifest.members), size=f"{manifest.size / 1e6:,.1f}"))  # fmt: skip
    line(say("Workspace: {id}, program {program}", id=manifest.workspace, program=manifest.program))
    line(say("Keys: in it, under their passphrase") if manifest.keys else say("Keys: not in it"))
