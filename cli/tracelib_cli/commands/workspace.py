"""``tracelib workspace``: hand it over to another machine, and let a granting key go on after a restore."""

from contextlib import suppress
from pathlib import Path

import click

from tracelib.errors import StoreError
from tracelib.text import phrase
from tracelib_cli.archives import as_json, origin_of, progress
from tracelib_cli.command import TranslatedGroup, answers
from tracelib_cli.context import Context, operator_of, pass_context
from tracelib_cli.machine_marks import marks_folder
from tracelib_cli.output import echo
from tracelib_cli.settings import Settings, check_settings

FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
OUT = click.Path(path_type=Path, dir_okay=False)


@click.group(cls=TranslatedGroup)
def command() -> None:
    """The workspace as a whole: move it to another machine, go on granting after a restore.

    Example: tracelib workspace move ask coop --out coop.ask
    """


@command.group("move", cls=TranslatedGroup)
def move() -> None:
    """Move to another machine, folder or disk, in three steps: ask there, out here, in there.

    The keys and the rest of the counters go along; the old place never issues again.

    Example: tracelib workspace move ask coop --out coop.ask
    """


@move.command("ask")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--out", type=OUT, required=True, help="File for the request.")
@answers
@pass_context
def ask(context: Context, folder: Path, out: Path) -> None:
    """Step 1, on the new machine: make the place DIR, and a request for the old machine.

    Leave DIR as it is until the move has come in: it alone can take it in.

    Example: tracelib workspace move ask coop --out coop.ask
    """
    from tracelib.operations.backup.move import Seat
    from tracelib.operations.backup.move import ask as make_request
    from tracelib.trust.keystore import write_synced
    from tracelib.trust.workspace_id import machine_id

    request = make_request(Seat(folder=folder.resolve(), machine=machine_id()))
    write_synced(out, request.as_text().encode(), private=False)
    if context.out.json:
        context.out.value({"folder": folder.resolve(), "request": request.hash, "file": out})
        return
    context.out.line(context.say("{file}: take it to the old machine, and run there:", file=out))
    context.out.line(f"  tracelib workspace move out coop.move --for {out.name}")


@move.command("out")
@click.argument("file", type=OUT)
@click.option("--for", "request_file", metavar="REQUEST", type=FILE, required=True, help="Request of the new machine.")
@answers
@pass_context
def out(context: Context, file: Path, request_file: Path) -> None:
    """Step 2, on the old machine: seal this workspace for ever, and write FILE for the new one.

    From here on nothing is written, issued or granted here. If FILE is lost, write it again, for the same request.

    Example: tracelib workspace move out coop.move --for coop.ask
    """
    from tracelib.operations.backup.move import hand_over
    from tracelib.operations.backup.move_request import parse_request
    from tracelib.trust.workspace_id import machine_id

    request = parse_request(request_file)
    context.store.close()  # of the program's schema, or the error says what to do: sealed, it could not be upgraded
    with origin_of(context) as origin, progress(context, phrase("Handing over")) as advance:
        made = hand_over(
            origin, file, request, machine=machine_id(), now=context.clock.now(), advance=advance, marks=marks_folder()
        )
    if context.out.json:
        context.out.value({"file": file, "request": request.hash, **as_json(made)})
        return
    context.out.line(
        context.say(
            "This workspace is sealed: it can be read, and nothing is written, issued or granted in it any more."
        )
    )
    context.out.line(context.say("{file}: take it to the new machine, and run there:", file=file))
    context.out.line(f"  tracelib workspace move in {file.name} --into DIR")


@move.command("in")
@click.argument("file", type=FILE)
@click.option("--into", "folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False), required=True,
              help="The folder that asked.")  # fmt: skip
@answers
@pass_context
def in_(context: Context, file: Path, folder: Path) -> None:
    """Step 3, on the new machine: take FILE in where it was asked for. Issuing goes on at the next counter.

    Example: tracelib workspace move in coop.move --into coop
    """
    from tracelib.operations.backup.move import Seat, take_in
    from tracelib.trust.workspace_id import machine_id

    seat = Seat(folder=folder.resolve(), machine=machine_id())
    with progress(context, phrase("Taking in")) as advance:
        taken = take_in(file, seat, advance=advance, check_settings=check_settings)
    _note_arrival(context, seat.folder, file)
    if context.out.json:
        context.out.value({"folder": seat.folder, **as_json(taken)})
        return
    context.out.line(context.say("{folder} is the workspace now: issuing goes on here.", folder=seat.folder))
    context.out.line(context.say("Check it: cd {folder}, then tracelib doctor, tracelib db check", folder=folder))


def _note_arrival(context: Context, folder: Path, file: Path) -> None:
    """Who took the workspace in. It is here already: a database out of reach does not undo that."""
    from tracelib.store.handed_over import MOVE_IN
    from tracelib.store.unit_of_work import Store
    from tracelib.trust.workspace_id import workspace_id

    moved = Settings.resolve({**context.options, "workspace": str(folder)})
    url, operator = moved.database_url(), operator_of(moved)
    detail = {"file": file.name, "opened": [workspace_id(folder)]}
    with suppress(StoreError), Store.open(url, operator=operator) as store, store.unit_of_work(sealed=True) as uow:
        uow.changes.note_arrival(MOVE_IN, context.clock.now(), detail)


@command.command("resume")
@click.argument("key")
@click.option("--all-grants-are-here", "confirmed", is_flag=True, help="Yes, everything that it granted is here.")
@answers
@pass_context
def resume(context: Context, key: str, confirmed: bool) -> None:
    """Let KEY, which came out of a backup and only grants, grant again. A key that issues codes never does.

    First take over the newest bundle and every grant file made since the backup (tracelib bundle import FILE): what
    is not here could be granted a second time.

    Example: tracelib workspace resume root --all-grants-are-here
    """
    from tracelib.operations.trust.resume_granting import known_grants, require_granting_only, resume_granting
    from tracelib.operations.trust.ring import workspace_ring
    from tracelib_cli.issuing import desk_of

    info = context.keystore.info(key)
    desk = desk_of(context)
    with context.store.reading() as uow:
        ring = workspace_ring(uow, context.settings.text("root"), context.bundle_path())
        require_granting_only(ring, info)
        grants = known_grants(uow, ring, info.public.hash)
    say = context.say
    if not confirmed:
        lines = [f"{d.subject} {d.party.name_zh}: {d.prefix or '–'}" for d in grants]
        for line in lines:
            echo(f"  {line}", err=True)
        text = say("These {count} grants of «{key}» are known here. Are there no others?", count=len(grants), key=key)
        click.confirm(text, abort=True, err=True)
    resume_granting(desk, ring, info)
    if context.out.json:
        context.out.value({"key": info.public.hash, "name": key, "grants": len(grants)})
    else:
        context.out.line(say("«{key}» grants again. Make a new bundle: tracelib bundle export", key=key))
