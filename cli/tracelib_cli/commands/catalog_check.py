"""``tracelib catalog show`` and ``check``."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracelib.identifiers.division import DIVISIONS
from tracelib.text import phrase
from tracelib_cli import catalogue
from tracelib_cli.command import TranslatedCommand, answers
from tracelib_cli.commands.catalog_folder import LISTED, PICTURES, catalog_on
from tracelib_cli.context import Context, pass_context
from tracelib_cli.errors import OK, RULE

if TYPE_CHECKING:
    from tracelib.catalog.check import Finding
    from tracelib.catalog.snapshot import Entry, Snapshot
    from tracelib.identifiers.division import DivisionTable

FINDINGS = {
    "expired": phrase("expired"),
    "expiring": phrase("expires soon"),
    "overlapping": phrase("days overlap"),
    "certificate_without_product": phrase("certificate without product"),
    "certificate_of_ended_product": phrase("certificate of an ended product"),
    "product_without_picture": phrase("product without picture"),
    "picture_missing": phrase("picture is missing"),
    "product_without_authorization": phrase("product without authorisation"),
    "product_without_party": phrase("product of an ended party"),
    "brand_without_products": phrase("brand without authorised products"),
    "division_without_name": phrase("division without name"),
    "no_english_name": phrase("no English name"),
    "no_description": phrase("no description"),
}
"""What each finding of ``tracelib.catalog.check`` is called."""


@click.command("show", cls=TranslatedCommand)
@catalogue.on_option
@answers
@pass_context
def show(context: Context, on: str | None) -> None:
    """Show how many entries of each kind there are, and how many of them hold on a day.

    Example: tracelib catalog show --on 2026-11-01
    """
    from tracelib.catalog.snapshot import KINDS

    day = catalogue.day_or_today(context, on)
    catalog = catalog_on(context, on)
    states = ("valid", "not_yet_valid", "expired")
    found = {
        kind: [sum(_state(entry, day) == state for entry in catalog.kind(kind).values()) for state in states]
        for kind in KINDS
    }
    if context.out.json:
        context.out.value({"on": day, **{kind: dict(zip(states, row, strict=True)) for kind, row in found.items()}})
        return
    say = context.say
    headers = [say("Kind"), *(say(catalogue.LABELS[state]) for state in states)]
    rows = [[say(catalogue.LABELS[kind]), *row] for kind, row in found.items()]
    context.out.table(headers, rows, title=say("The catalogue on {day}", day=day))


def _state(entry: "Entry", day: object) -> str:
    return catalogue.state_on(entry, day) if hasattr(entry, "holds_on") else "valid"  # type: ignore[arg-type]


@click.command("check", cls=TranslatedCommand)
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), required=False)
@catalogue.on_option
@answers
@pass_context
def check(context: Context, folder: Path | None, on: str | None) -> int:
    """Look for what is expired, ends within 30 days, overlaps or is incomplete; status 5 if there is anything.

    With FOLDER its tables are checked, as they would be after an import; nothing is written.

    Example: tracelib catalog check --on 2027-01-01
    """
    from tracelib.catalog.check import check_catalog

    day = catalogue.day_or_today(context, on)
    catalog, divisions = _recorded(context, on) if folder is None else _of_folder(context, folder)
    homes = [context.settings.workspace / PICTURES, *([folder / PICTURES] if folder else [])]
    pictures = {path.name for home in homes if home.is_dir() for path in home.iterdir()}
    findings = check_catalog(catalog, day, pictures, divisions)
    if context.out.json:
        context.out.value({"on": day, "findings": [_finding_json(finding) for finding in findings]})
    else:
        held = any(_state(entry, day) == "valid" for entry in catalog.entries() if hasattr(entry, "holds_on"))
        _print_findings(context, findings, nothing_on=None if held else day)
    return RULE if findings else OK


def _recorded(context: Context, on: str | None) -> "tuple[Snapshot, DivisionTable]":
    from tracelib.operations.catalog.divisions import read_divisions

    return catalog_on(context, on), read_divisions(context.settings.workspace / DIVISIONS)


def _of_folder(context: Context, folder: Path) -> "tuple[Snapshot, DivisionTable]":
    from tracelib.operations.catalog.import_folder import folder_applied

    with context.store.reading() as uow:
        return folder_applied(uow, folder, context.clock.now(), context.settings.workspace)


def _finding_json(finding: "Finding") -> dict[str, object]:
    from tracelib.catalog.check import ADVICE

    advice = ADVICE[finding.code].format(day=finding.day, other=finding.other)
    return {name: getattr(finding, name) for name in ("code", "kind", "key", "day", "other")} | {"advice": advice}


def _print_findings(context: Context, findings: "list[Finding]", nothing_on: date | None) -> None:
    from tracelib.catalog.check import ADVICE

    say = context.say
    if nothing_on and not findings:
        context.out.line(say("Nothing to check: nothing that is recorded holds on {day}.", day=nothing_on))
        return
    if not findings:
        context.out.line(say("Nothing to do: no entry is expired, ends soon, overlaps or is incomplete."))
        return
    rows = []
    counts: dict[str, int] = {}
    for finding in findings:
        counts[finding.code] = counts.get(finding.code, 0) + 1
        if counts[finding.code] <= LISTED:
            advice = context.say(ADVICE[finding.code], day=finding.day, other=finding.other)
            rows.append((say(FINDINGS[finding.code]), f"{say(catalogue.LABELS[finding.kind])} {finding.key}", advice))
    context.out.table([say("Finding"), say("Entry"), say("What to do")], rows)
    summary = ", ".join(f"{say(FINDINGS[code])} {count}" for code, count in counts.items())
    context.out.line(say("{count} findings: {summary}", count=len(findings), summary=summary))
    if len(rows) < len(findings):
        context.out.line(say("{count} more are not shown; --json has all.", count=len(findings) - len(rows)))
