"""``tracelib event check`` and ``hash``: what a file of events says, without a workspace."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracelib.text import phrase, translator
from tracelib_cli.command import TranslatedCommand, answers
from tracelib_cli.context import Context, pass_context
from tracelib_cli.errors import FORMAT, OK
from tracelib_cli.output import echo

if TYPE_CHECKING:
    from tracelib.trace.documents.check_file import FileReport, Found
    from tracelib.trace.documents.finding import Level

LISTED = 200
"""Findings that are printed for people; a program gets those that the report keeps."""


@click.command("hash", cls=TranslatedCommand)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--prehash", is_flag=True, help="Show the text that is hashed as well.")
@answers
@pass_context
def hash_(context: Context, file: Path, prehash: bool) -> None:
    """Compute the CBV 2.0 event hash of each event in a file of EPCIS 2.0 JSON. No network, no workspace needed.

    Example: tracelib event hash delivery.jsonld --prehash
    """
    from tracelib.trace.documents.read_file import hashes_of

    for one in hashes_of(file):
        if context.out.json:
            shown = {"event": one.position, "event_id": one.event_id or None, "hash": one.hash}
            if one.doubtful:
                shown["doubtful"] = "eventTime without zone"
            context.out.value({**shown, "prehash": one.pre_hash} if prehash else shown)
        else:
            context.out.line(one.hash)
            if one.doubtful:
                text = "Event {number}: its time has no zone; other programs may compute another hash."
                echo(context.say(text, number=one.position), err=True)
            if prehash:
                context.out.line(one.pre_hash)


@click.command("check", cls=TranslatedCommand)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@answers
@pass_context
def check(context: Context, files: Sequence[Path]) -> int:
    """Check files of EPCIS 2.0 JSON: the structure, the words of the CBV, GS1 keys, times. Nothing is imported.

    Example: tracelib event check delivery.jsonld
    """
    from tracelib.trace.documents.check_file import check_file

    reports = {}
    for file in files:
        with file_progress(context, "{count} of {total} events checked") as progress:
            reports[file] = check_file(file, context.clock.now(), progress)
    if context.out.json:
        context.out.value({"files": [{"file": str(file), **report_json(one)} for file, one in reports.items()]})
    for file, one in reports.items() if not context.out.json else ():
        say_findings(context, one.found[:LISTED], more=sum(one.levels.values()) - len(one.found[:LISTED]))
        context.out.line(_summary(context, file, one))
    return OK if all(one.valid for one in reports.values()) else FORMAT


def report_json(report: "FileReport") -> dict[str, object]:
    """A report as commands answer it."""
    return {
        "type": report.envelope.type or None,
        "events": report.envelope.count,
        "valid": report.valid,
        "counts": {str(level): count for level, count in report.levels.items()},
        "findings": [
            {
                "event": one.position,
                "event_id": one.event_id or None,
                "path": one.finding.path,
                "level": str(one.finding.level),
                "code": one.finding.rule.code,
                "message": one.finding.message(),
            }
            for one in report.found
        ],
    }


def say_findings(context: Context, found: "Sequence[Found]", *, more: int = 0) -> None:
    """Print findings, each with its event and path, in the reader's language."""
    translate = translator(context.language)
    for one in found:
        where = context.say("event {number}", number=one.position) if one.position else context.say("document")
        place = f"{where}, {one.finding.path}" if one.finding.path else where
        context.out.line(f"{_mark(context, one.finding.level)}  {place}: {one.finding.message(translate)}")
    if more > 0:
        context.out.line(context.say("{count} more findings are not shown.", count=more))


def _mark(context: Context, level: "Level") -> str:
    words = {"error": phrase("error"), "schema": phrase("not EPCIS 2.0"), "warning": phrase("warning")}
    return context.say(words[level])


def _summary(context: Context, file: Path, report: "FileReport") -> str:
    counts = {level: report.levels[level] for level in ("error", "schema", "warning")}  # type: ignore[index]
    count = report.envelope.count
    if not any(counts.values()):
        return context.say("✓ {file}: {count} events, all valid EPCIS 2.0 and CBV-compliant.", file=file, count=count)
    text = "{file}: {count} events; errors {errors}, not EPCIS 2.0 {schema}, warnings {warnings}."
    return context.say(
        text, file=file, count=count, errors=counts["error"], schema=counts["schema"], warnings=counts["warning"]
    )


@contextmanager
def file_progress(context: Context, what: str) -> Iterator[Callable[[int, int], None] | None]:
    """Count events on the terminal while a long file is read; nothing where no person is looking."""
    if context.out.json or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as display:
        task = display.add_task(context.say("Reading …"), total=None)
        yield lambda count, total: display.update(
            task, completed=count, total=total, description=context.say(what, count=count, total=total)
        )
