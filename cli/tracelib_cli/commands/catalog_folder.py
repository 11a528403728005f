"""``tracelib catalog export``, ``diff``, ``import`` and ``history``."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracelib.clock import wall_text
from tracelib.identifiers.division import DIVISIONS
from tracelib.text import phrase
from tracelib_cli import catalogue
from tracelib_cli.command import TranslatedCommand, answers
from tracelib_cli.context import Context, pass_context

if TYPE_CHECKING:
    from tracelib.catalog.difference import EntryChange
    from tracelib.catalog.snapshot import Entry, Snapshot
    from tracelib.operations.catalog.import_folder import Plan

PICTURES = "pictures"
ALL_OF_IT = phrase("What the folder has, the catalogue says already. Nothing was written.")
LISTED = 40
"""So many entries of a list are shown to people; --json has all."""
FORMATS = ("csv", "xlsx")
folder_argument = click.argument("folder", type=click.Path(path_type=Path, file_okay=False))


def catalog_on(context: Context, on: str | None) -> "Snapshot":
    """The catalogue on the day of --on, as it is now without that option."""
    with context.store.reading() as uow:
        if on is None:
            return uow.catalog.snapshot()
        return uow.catalog_history.on(catalogue.parse_day_option(on))


@click.command("export", cls=TranslatedCommand)
@folder_argument
@catalogue.on_option
@click.option("--format", "format_", type=click.Choice(FORMATS), default="csv", show_default=True, help="CSV or Excel.")
@click.option("--with-contacts", is_flag=True, help="Write contacts too: personal data, better not in version control.")
@answers
@pass_context
def export(context: Context, folder: Path, on: str | None, format_: str, with_contacts: bool) -> None:
    """Write the catalogue as a folder of tables with pictures; headers are in the language of messages.

    From an empty workspace this gives empty tables to fill in. The same catalogue gives the same bytes.

    Example: tracelib --lang zh catalog export county
    """
    from tracelib.operations.catalog.divisions import read_divisions
    from tracelib.operations.catalog.export_folder import export_catalog

    workspace, xlsx = context.settings.workspace, format_ == "xlsx"
    divisions = read_divisions(workspace / DIVISIONS)
    written = export_catalog(
        catalog_on(context, on),
        folder,
        workspace / PICTURES,
        context.language,
        divisions,
        xlsx=xlsx,
        contacts=with_contacts,
    )
    if context.out.json:
        missing = list(written.missing_pictures)
        context.out.value({"folder": folder, "written": list(written.files), "missing_pictures": missing})
        return
    say = context.say
    if written.files:
        context.out.line(say("Written to {folder}: {files}", folder=folder, files=", ".join(written.files)))
    else:
        context.out.line(say("{folder} says the same already. Nothing was written.", folder=folder))
    if written.missing_pictures:
        names = ", ".join(written.missing_pictures[:LISTED])
        context.out.line(say("These pictures are nowhere: {names}", names=names))


@click.command("diff", cls=TranslatedCommand)
@folder_argument
@click.option("--end-missing", is_flag=True, help="Entries that the tables leave out end; else they stay.")
@answers
@pass_context
def diff(context: Context, folder: Path, end_missing: bool) -> None:
    """Show what an import of the folder would change, field by field. Nothing is written.

    Example: tracelib catalog diff county
    """
    from tracelib.operations.catalog.import_folder import plan_import

    workspace = context.settings.workspace
    with context.store.reading() as uow:
        plan = plan_import(uow, folder, context.clock.now(), workspace, end_missing=end_missing)
    _print_plan(context, plan, {"folder": folder, "written": False})


@click.command("import", cls=TranslatedCommand)
@folder_argument
@click.option("--from-day", metavar="DAY", help="Day from which the changes count, like 2026-11-01; default: today.")
@click.option("--reason", metavar="TEXT", default="", help="Why entries change or end; kept with every version.")
@click.option("--end-missing", is_flag=True, help="Entries that the tables leave out end; else they stay.")
@click.option("--dry-run", is_flag=True, help="Say what would be written, and write nothing.")
@answers
@pass_context
def import_(
    context: Context, folder: Path, from_day: str | None, reason: str, end_missing: bool, dry_run: bool
) -> None:
    """Bring the catalogue to what the tables of a folder say: all of it, or nothing where there is a single fault.

    What an entry said before stays in its history. A grade never changes, nor does what issued codes say of a product.

    Example: tracelib catalog import county --reason 2027年续证
    """
    from tracelib.catalog.fields import parse_day
    from tracelib.operations.catalog.divisions import divisions_put_back, table_file, write_divisions
    from tracelib.operations.catalog.import_folder import plan_import, write_import
    from tracelib.operations.catalog.pictures import copy_pictures

    day = parse_day(from_day, "--from-day") if from_day else None
    now, workspace = context.clock.now(), context.settings.workspace
    reading = context.store.reading() if dry_run else context.store.unit_of_work()
    with divisions_put_back(workspace / DIVISIONS), reading as uow:
        plan = plan_import(uow, folder, now, workspace, from_day=day, end_missing=end_missing)
        if not dry_run:
            write_import(uow, plan, now, reason)
            copy_pictures(plan.pictures, folder / PICTURES, workspace / PICTURES)
            if plan.divisions:
                write_divisions(workspace / DIVISIONS, table_file(plan.divisions.table))
    _print_plan(context, plan, {"folder": folder, "written": not dry_run, "from_day": plan.day})


def _print_plan(context: Context, plan: "Plan", about: Mapping[str, object]) -> None:
    from tracelib.catalog.snapshot import key_of, kind_of

    found = plan.difference
    lists = {"new": found.new, "missing": found.missing}
    if context.out.json:
        altered = {"changed": found.changed, "ended": found.ended}
        value = {name: [f"{kind_of(entry)} {key_of(entry)}" for entry in listed] for name, listed in lists.items()}
        told = {name: _changes_json(listed) for name, listed in altered.items()}
        context.out.value({**about, **value, **told, "divisions": plan.divisions.counts})
        return
    say, line = context.say, context.out.line
    _print_entries(context, phrase("New"), found.new)
    for title, changes in ((phrase("Changed"), found.changed), (phrase("With an end"), found.ended)):
        if changes:
            rows = [row for change in changes[:LISTED] for row in _change_rows(context, change)]
            context.out.table([say("Entry"), say("Field"), say("Before"), say("Now")], rows, title=say(title))
            _print_rest(context, len(changes))
    _print_entries(context, phrase("Not in the folder, left as they are"), found.missing)
    if plan.divisions:
        line(say("Names of divisions: {added} lines come, {removed} go.", **plan.divisions.counts))
    counts = {"new": len(found.new), "changed": len(found.changed), "ended": len(found.ended)}
    if not plan.writes:
        same = phrase("The catalogue says the same already. Nothing was written.")
        line(say(ALL_OF_IT if found.missing else same))
    elif about["written"]:
        line(say("Written: {new} new, {changed} changed, {ended} given an end.", **counts))
    else:
        line(say("Nothing was written. It would be: {new} new, {changed} changed, {ended} given an end.", **counts))


def _print_entries(context: Context, title: str, entries: "tuple[Entry, ...]") -> None:
    from tracelib.catalog.difference import named
    from tracelib.catalog.snapshot import kind_of

    if not entries:
        return
    context.out.line(f"{context.say(title)}:")
    for entry in entries[:LISTED]:
        context.out.line(f"  {context.say(catalogue.LABELS[kind_of(entry)])} {named(entry)}")
    _print_rest(context, len(entries))


def _print_rest(context: Context, count: int) -> None:
    if count > LISTED:
        context.out.line(context.say("{count} more are not shown; --json has all.", count=count - LISTED))


def _change_rows(context: Context, change: "EntryChange") -> list[tuple[str, ...]]:
    from tracelib.catalog.snapshot import key_of, kind_of
    from tracelib.sheets.catalog_columns import as_cell

    entry = f"{context.say(catalogue.LABELS[kind_of(change.after)])} {key_of(change.after)}"
    language = context.language
    return [
        (
            entry,
            context.say(catalogue.LABELS[field.name]),
            as_cell(field.before, language),
            as_cell(field.after, language),
        )
        for field in change.fields
    ]


def _changes_json(changes: "Iterable[EntryChange]") -> list[dict[str, object]]:
    from tracelib.catalog.snapshot import key_of, kind_of

    return [
        {
            "entry": f"{kind_of(change.after)} {key_of(change.after)}",
            "fields": {field.name: {"before": field.before, "after": field.after} for field in change.fields},
        }
        for change in changes
    ]


@click.command("history", cls=TranslatedCommand)
@click.argument("kind", type=click.Choice(("party", "brand", "product", "grade", "certification", "authorization")))
@click.argument("key")
@answers
@pass_context
def history(context: Context, kind: str, key: str) -> None:
    """Show every version of one entry: from when it counts, who recorded it, why, and what it changed.

    Example: tracelib catalog history product GNQC/NAVEL-5KG
    """
    from tracelib.catalog.difference import EntryChange
    from tracelib.operations.catalog.entries import versions_of
    from tracelib.store.catalog_history import BEGINNING

    with context.store.reading() as uow:
        versions = versions_of(uow, kind, key)
    if context.out.json:
        context.out.value(
            [
                {
                    "seq": v.seq,
                    "effective_from": v.effective_from,
                    "recorded_at": v.recorded_at,
                    "operator": v.operator,
                    "reason": v.reason,
                    "entry": v.entry.model_dump(mode="json"),
                }
                for v in versions
            ]
        )
        return
    say = context.say
    rows: list[tuple[object, ...]] = []
    for before, version in zip([None, *versions], versions, strict=False):
        changes = _change_rows(context, EntryChange(before.entry, version.entry)) if before else []
        told = "; ".join(f"{name}: {old} → {new}" for _, name, old, new in changes)
        recorded = wall_text(version.recorded_at) if version.recorded_at else "–"
        begins = say("the beginning") if version.effective_from == BEGINNING else version.effective_from
        rows.append((begins, recorded, version.operator, told or say("recorded"), version.reason))
    context.out.table([say("Counts from"), say("Recorded"), say("Who"), say("What"), say("Why")], rows, title=key)
