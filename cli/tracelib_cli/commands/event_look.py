"""``tracelib event list`` and ``export``: what happened, as EPCIS 2.0 events."""

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tracelib.clock import wall_text
from tracelib.trace.vocab import Action
from tracelib_cli.command import TranslatedCommand, answers
from tracelib_cli.context import Context, pass_context

if TYPE_CHECKING:
    from tracelib.store.event_search import EventQuery
    from tracelib.trace.objects import Ours

SHOWN_ID = 24
EVENT_TYPES = ("ObjectEvent", "AggregationEvent", "TransactionEvent", "TransformationEvent", "AssociationEvent")


def _filters(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say which events; they are query parameters of EPCIS 2.0 under plain names."""
    options = [
        click.option("--party", "party_id", default="", help="Only events of this party."),
        click.option("--type", "event_types", multiple=True, type=click.Choice(list(EVENT_TYPES)), help="Event type."),
        click.option("--step", "biz_steps", multiple=True, help="Business step, such as shipping."),
        click.option("--disposition", "dispositions", multiple=True, help="Disposition, such as in_transit."),
        click.option("--action", "actions", multiple=True, type=click.Choice(list(Action)), help="Action."),
        click.option("--object", "objects", multiple=True, help="Unit, lot or SSCC: its URI, or our serial or SSCC."),
        click.option("--id", "event_ids", multiple=True, help="Event id."),
        click.option("--since", metavar="TIME", help="Events from this day or time on."),
        click.option("--until", metavar="TIME", help="Events up to the end of this day, or before this time."),
        click.option(
            "--limit", type=click.IntRange(1, 100_000), default=50, show_default=True, help="At most so many."
        ),
        click.option("--page", default="", metavar="TOKEN", help="The next page, by the token of the one before."),
    ]
    for option in reversed(options):
        function = option(function)
    return function


@click.command("list", cls=TranslatedCommand)
@_filters
@answers
@pass_context
def list_(context: Context, /, limit: int, **asked: Any) -> None:  # noqa: ANN401 - the options above
    """List the newest events, all or those that are asked for; of an option given several times, any value fits.

    Example: tracelib event list --step shipping --since 2026-11-01 --object 106141412345678908
    """
    from tracelib.operations.known_serials import KnownSerials
    from tracelib.store.event_search import find_events

    with context.store.reading() as uow:
        page = find_events(uow.session, _query(KnownSerials(uow), **asked), limit)
    if context.out.json:
        events = [
            {
                "party": event.party_id,
                "event_id": event.key.event_id,
                "declaration_time": event.key.declaration_time or None,
                "recorded_at": event.recorded_at,
                "event": json.loads(event.document),
            }
            for event in page.events
        ]
        context.out.value({"events": events, "next": page.next or None})
        return
    say = context.say
    context.out.table(
        [say("Event time"), say("Party"), say("Event type"), say("Business step"), say("Event ID")],
        [
            (wall_text(one.event_time), one.party_id, one.event_type, one.biz_step, _short(one.key.event_id))
            for one in page.events
        ],
    )
    if page.next:
        context.out.line(say("There are more: the same command with --page {token}", token=page.next))


def _query(
    ours: "Ours",
    *,
    page: str,
    since: str | None,
    until: str | None,
    objects: Sequence[str],
    **given: Any,  # noqa: ANN401
) -> "EventQuery":
    """The options as a query."""
    from tracelib.operations.trace.instant import parse_instant
    from tracelib.store.event_search import EventQuery
    from tracelib.trace.objects import object_id

    if since and len(since) == len("2026-11-23"):
        since += "T00:00"
    return EventQuery(
        **given,
        object_ids=tuple(object_id(one.strip(), ours=ours) for one in objects),
        since=parse_instant(since) if since else None,
        until=parse_instant(until) if until else None,
        after=page,
    )


@click.command("export", cls=TranslatedCommand)
@click.option("--party", default="", help="Only events of this party.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="File to write; else standard output.")
@click.option(
    "--national",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the national view after the shape of NY/T 4712-2025 instead: .xlsx or .json.",
)
@answers
@pass_context
def export(context: Context, party: str, out: Path | None, national: Path | None) -> None:
    """Write all events as one EPCIS 2.0 document, oldest first; or the national view of the books (--national).

    Example: tracelib event export --out events.jsonld
    """
    if national is not None:
        if out is not None:
            raise click.UsageError(context.say("give either --out or --national"))
        _national(context, party, national)
        return
    from tracelib.operations.export import write_file
    from tracelib.trace.documents.epcis import document_chunks

    count = 0

    def texts() -> Iterable[str]:
        """The documents one after the other, counted as they pass."""
        nonlocal count
        for event in uow.events.events(party):
            count += 1
            yield event.document

    with context.store.reading() as uow:
        chunks = document_chunks(texts(), context.clock.now())
        if out is None:
            sys.stdout.writelines(chunks)
            sys.stdout.write("\n")
            return
        write_file(out, (chunk.encode() for chunk in chunks))
    if context.out.json:
        context.out.value({"file": str(out), "events": count})
    else:
        context.out.line(context.say("{count} events written to {file}", count=count, file=out))


def _national(context: Context, party: str, file: Path) -> None:
    """Subjects and the business of each stage, as a workbook for people or JSON for programs."""
    from tracelib.labels.picture import require_ending
    from tracelib.operations.events.home import workspace_homes
    from tracelib.operations.events.national import national_view
    from tracelib.operations.export import write_file
    from tracelib.sheets.plain_workbook import workbook_of

    require_ending(file, (".xlsx", ".json"))
    with context.store.reading() as uow:
        wanted = party or context.settings.text("party")
        parties = [wanted] if wanted else [one.id for one in uow.catalog.parties()]
        homes = workspace_homes(uow, context.settings.text("root"), context.bundle_path())
        view = national_view(uow, homes, parties, context.clock.now())
    if file.suffix.lower() == ".xlsx":
        data = workbook_of(view.sheets())
    else:
        data = (json.dumps(view.as_json(), ensure_ascii=False, indent=1) + "\n").encode()
    write_file(file, iter([data]))
    if context.out.json:
        context.out.value({"file": str(file), "subjects": len(view.subjects), "records": len(view.records)})
        return
    text = "{records} records of {subjects} subjects written to {file}; what its columns mean: docs/national-view.md"
    context.out.line(context.say(text, records=len(view.records), subjects=len(view.subjects), file=file))


def _short(event_id: str) -> str:
    digits = event_id.removeprefix("ni:///sha-256;")
    return digits if len(digits) <= SHOWN_ID else digits[:SHOWN_ID] + "…"
