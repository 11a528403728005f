"""``tracelib event list`` and ``export``: what happened, as EPCIS 2.0 events."""

import sys
from collections.abc import Iterable
from pathlib import Path

import click

from tracelib.clock import wall_text
from tracelib_cli.command import TranslatedCommand, answers
from tracelib_cli.context import Context, pass_context

SHOWN_ID = 24


@click.command("list", cls=TranslatedCommand)
@click.option("--party", default="", help="Only events of this party.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True, help="At most so many.")
@answers
@pass_context
def list_(context: Context, party: str, limit: int) -> None:
    """List the newest events.

    Example: tracelib event list --party COOP1 --json
    """
    import json

    with context.store.reading() as uow:
        events = list(uow.events.events(party, limit=limit, newest_first=True))
    if context.out.json:
        context.out.value(
            [
                {
                    "party": event.party_id,
                    "event_id": event.key.event_id,
                    "declaration_time": event.key.declaration_time or None,
                    "recorded_at": event.recorded_at,
                    "event": json.loads(event.document),
                }
                for event in events
            ]
        )
        return
    say = context.say
    context.out.table(
        [say("Event time"), say("Party"), say("Event type"), say("Business step"), say("Event ID")],
        [
            (
                wall_text(event.event_time),
                event.party_id,
                event.event_type,
                event.biz_step,
                _short(event.key.event_id),
            )
            for event in events
        ],
    )


@click.command("export", cls=TranslatedCommand)
@click.option("--party", default="", help="Only events of this party.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="File to write; else standard output.")
@answers
@pass_context
def export(context: Context, party: str, out: Path | None) -> None:
    """Write all events as one EPCIS 2.0 document, oldest first.

    Example: tracelib event export --out events.jsonld
    """
    from tracelib.operations.export import write_file
    from tracelib.trace.epcis import document_chunks

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


def _short(event_id: str) -> str:
    digits = event_id.removeprefix("ni:///sha-256;")
    return digits if len(digits) <= SHOWN_ID else digits[:SHOWN_ID] + "…"
