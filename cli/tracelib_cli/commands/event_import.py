"""``tracelib event import``: events of other parties come into the books."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracelib.trace.key_uri import CANONICAL
from tracelib_cli.command import TranslatedCommand, answers
from tracelib_cli.commands.event_file import LISTED, file_progress, report_json, say_findings
from tracelib_cli.context import Context, pass_context
from tracelib_cli.errors import FORMAT, OK
from tracelib_cli.trace_words import FLAGS, short

if TYPE_CHECKING:
    from tracelib.operations.events.capture_document import Captured

NAMED = 5
"""Contradictions of each kind that are named for people."""


@click.command("import", cls=TranslatedCommand)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--party", default="", help="Party in whose books the events come; default: the setting party.")
@click.option("--partly", is_flag=True, help="Take the events that can be taken, though others are refused.")
@answers
@pass_context
def import_(context: Context, file: Path, party: str, partly: bool) -> int:
    """Import a file of EPCIS 2.0 JSON: all of its events or none. What does not fit in them is flagged, not refused.

    Example: tracelib event import delivery.jsonld --party COOP1
    """
    from tracelib.operations.catalog.entries import party_or_default
    from tracelib.operations.events.capture_document import capture_document

    party_id = party_or_default(party, context.settings.text("party"))
    with file_progress(context, "{count} of {total} events") as progress:
        done = capture_document(context.store, file, party_id, context.clock.now(), partly=partly, progress=progress)
    if context.out.json:
        context.out.value({"file": str(file), "party": party_id, **_as_json(done)})
    else:
        _say(context, file, party_id, done)
    return FORMAT if done.report.refused else OK


def _say(context: Context, file: Path, party_id: str, done: "Captured") -> None:
    say, line = context.say, context.out.line
    errors = [one for one in done.report.found if one.position in done.report.refused and one.finding.level == "error"]
    if errors:
        line(say("Refused:"))
        say_findings(context, errors[:LISTED], more=len(errors) - LISTED)
    text = "{count} events of {file} imported for {party}; known before {known}, refused {refused}."
    refused = len(done.report.refused)
    line(say(text, count=done.recorded, file=file, party=party_id, known=done.known, refused=refused))
    besides = sum(count for level, count in done.report.levels.items() if level != "error")
    if besides:
        line(say("{count} remarks on how they are written: tracelib event check {file}", count=besides, file=file))
    if done.flags:
        line(say("{count} contradictions are flagged; the events stand as they came:", count=sum(done.flags.values())))
    for flag, count in done.flags.items():
        named = [one for one in done.flagged if one.flag is flag][:NAMED]
        for one in named:
            word = say(FLAGS[flag.value], other=short(one.other))
            line(f"  {one.object_id.removeprefix(f'{CANONICAL}/')}: {word}")
        if count > len(named):
            line(say("  … and {count} more", count=count - len(named)))


def _as_json(done: "Captured") -> dict[str, object]:
    return {
        "sha256": done.sha256,
        "imported": done.recorded,
        "known": done.known,
        "refused": sorted(done.report.refused),
        "flags": {flag.value: count for flag, count in done.flags.items()},
        "flagged": [
            {"event_id": one.event_id, "object": one.object_id, "flag": one.flag.value, "other": one.other}
            for one in done.flagged
        ],
        **report_json(done.report),
    }
