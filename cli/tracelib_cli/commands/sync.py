"""``tracelib sync``: push events to a platform, and see how far they came."""

import os
from typing import TYPE_CHECKING

import click

from tracelib.clock import wall_text
from tracelib_cli import errors
from tracelib_cli.command import TranslatedGroup, answers
from tracelib_cli.context import Context, pass_context

if TYPE_CHECKING:
    from tracelib.operations.push import Progress, PushReport
    from tracelib.store.outbox_repository import QueueStatus
    from tracelib.sync.http import Limits, Secret

SHOWN_REFUSALS = 20


@click.group(cls=TranslatedGroup)
def command() -> None:
    """Push events to a platform and see how far they came.

    Example: tracelib sync push
    """


@command.command()
@click.option("--party", default="", help="Only the queue of this party.")
@click.option("--attempts", type=click.IntRange(1, 1000), default=6, show_default=True,
              help="Give up after so many failures in a row.")  # fmt: skip
@answers
@pass_context
def push(context: Context, party: str, attempts: int) -> int:
    """Push the events that wait to the platform of the setting sync.url.

    Nothing is lost and nothing arrives twice, whatever happens on the way: run it again at any time. The exit status
    is 9 when the platform refused an event or could not be reached.

    Example: tracelib sync push --json
    """
    from tracelib.operations.push import PushSettings, push_pending
    from tracelib.store.event_repository import DEFAULT_TARGET
    from tracelib.sync.adapters.epcis import EpcisPlatform
    from tracelib.sync.http import HttpClient
    from tracelib.sync.retry import RetryPolicy

    settings = PushSettings(retry=RetryPolicy(attempts=attempts))
    queues, reports = _queues(context, party), []
    with context.store.reading() as uow:
        for queue in queues:
            uow.changes.require_clock(queue.party_id, context.clock.now())
    with (
        HttpClient(context.settings.text("sync.url"), _secret(context), _limits(context)) as http,
        _Bar(context) as bar,
    ):
        platform = EpcisPlatform(http, context.clock)
        for queue in queues:
            if queue.target == DEFAULT_TARGET and queue.open:
                reports.append(
                    push_pending(
                        context.store,
                        platform,
                        queue.party_id,
                        queue.target,
                        clock=context.clock,
                        settings=settings,
                        progress=bar.task(queue.party_id),
                    )
                )
    _note(context, reports)
    _show_reports(context, reports)
    unfinished = any(report.rejected or report.stopped_by or report.busy_elsewhere for report in reports)
    return errors.SYNC if unfinished else errors.OK


@command.command()
@click.option("--party", default="", help="Only the queue of this party.")
@answers
@pass_context
def status(context: Context, party: str) -> None:
    """Show what waits, what arrived and what was refused, and why.

    Example: tracelib sync status
    """
    from tracelib.trace.outbox import Delivery

    queues = _queues(context, party)
    with context.store.reading() as uow:
        refused = uow.events.outbox.rejections(party, limit=1000 if context.out.json else SHOWN_REFUSALS)
    if context.out.json:
        context.out.value(
            {
                "queues": [
                    {
                        "party": queue.party_id,
                        "target": queue.target,
                        **{state.value: queue.counts.get(state, 0) for state in Delivery},
                        "oldest_waiting": queue.oldest,
                        "last_trouble": queue.last_reason or None,
                    }
                    for queue in queues
                ],
                "refused": [
                    {
                        "party": r.party_id,
                        "target": r.target,
                        "event_id": r.key.event_id,
                        "reason": r.reason,
                        "at": r.at,
                    }
                    for r in refused
                ],
            }
        )  # fmt: skip
        return
    say = context.say
    context.out.table(
        [say("Party"), say("Target"), say("Waiting"), say("Outcome unknown"), say("Accepted"), say("Refused"),
         say("Waiting since"), say("Last trouble")],
        [
            (queue.party_id, queue.target, *(queue.counts.get(state, 0) for state in Delivery),
             wall_text(queue.oldest) if queue.oldest else "",
             queue.last_reason)
            for queue in queues
        ],
    )  # fmt: skip
    if refused:
        _show_refusals(context, [(r.party_id, r.key.event_id, r.reason) for r in refused])


def _note(context: Context, reports: "list[PushReport]") -> None:
    """Who pushed, and how far it came; a push with nothing to do is no change."""
    with context.store.unit_of_work() as uow:
        for report in reports:
            detail = {"accepted": report.accepted, "refused": len(report.rejected), "waiting": report.waiting}
            uow.changes.add("sync.push", report.target, context.clock.now(), party_id=report.party_id, detail=detail)


def _queues(context: Context, party: str) -> "list[QueueStatus]":
    with context.store.reading() as uow:
        return uow.events.outbox.queues(party)


def _show_reports(context: Context, reports: "list[PushReport]") -> None:
    from tracelib.text import translator

    if context.out.json:
        context.out.value({"pushes": [_report_json(report) for report in reports]})
        return
    say = context.say
    if not reports:
        context.out.line(say("Nothing waits to be pushed."))
    for report in reports:
        context.out.line(
            say(
                "{party}: {accepted} accepted, {rejected} refused, {waiting} waiting",
                party=report.party_id,
                accepted=report.accepted,
                rejected=len(report.rejected),
                waiting=report.waiting,
            )
        )
        if report.busy_elsewhere:
            context.out.line(say("Another push is working on this queue; try again in two minutes."))
        if report.stopped_by:
            context.out.line(report.stopped_by.message(translator(context.language)))
    refused = [(report.party_id, one.key.event_id, one.reason) for report in reports for one in report.rejected]
    if refused:
        _show_refusals(context, refused[:SHOWN_REFUSALS])


def _report_json(report: "PushReport") -> dict[str, object]:
    stopped = report.stopped_by
    return {
        "party": report.party_id,
        "target": report.target,
        "accepted": report.accepted,
        "refused": [{"event_id": one.key.event_id, "reason": one.reason} for one in report.rejected],
        "waiting": report.waiting,
        "requests": report.requests,
        "busy_elsewhere": report.busy_elsewhere,
        "stopped_by": {"code": stopped.code, "message": stopped.message()} if stopped else None,
    }


def _show_refusals(context: Context, rows: list[tuple[str, str, str]]) -> None:
    say = context.say
    context.out.table(
        [say("Party"), say("Event ID"), say("Reason")], rows, title=say("Refused by the platform, in its words")
    )


def _secret(context: Context) -> "Secret | None":
    """The token that ``sync.token`` refers to: ``env:NAME`` or ``file:PATH`` (relative to the workspace)."""
    from tracelib.sync.errors import TokenError
    from tracelib.sync.http import Secret

    reference = context.settings.text("sync.token")
    if not reference:
        return None
    kind, colon, name = reference.partition(":")
    if kind == "env" and name:
        value = os.environ.get(name, "")
        detail = "that variable is not set"
    elif kind == "file" and name:
        try:
            value = (context.settings.workspace / name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            value = ""
        detail = "that file cannot be read, or is empty"
    else:
        # It may be the token itself: the message must not repeat it.
        raise TokenError(given=f"{kind}:…" if colon else "…", detail="it is no reference")
    token = value.strip()
    if not token:
        raise TokenError(given=reference, detail=detail)
    if not (token.isascii() and token.isprintable()):
        raise TokenError(given=reference, detail="what it names holds characters that no token has")
    return Secret(token)


class _Bar:
    """A progress bar on standard error where a person is watching; nothing else otherwise."""

    def __init__(self, context: Context) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        console = Console(stderr=True)
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=console,
            disable=context.out.json or not console.is_terminal,
        )

    def __enter__(self) -> "_Bar":
        self._progress.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._progress.stop()

    def task(self, party_id: str) -> "Progress":
        """A bar of its own for one party's queue."""
        task = self._progress.add_task(party_id, total=None)

        def show(done: int, total: int) -> None:
            self._progress.update(task, completed=done, total=total)

        return show


def _limits(context: Context) -> "Limits":
    from tracelib.sync.http import Limits

    silent_s = max(1, context.settings.integer("sync.timeout"))
    return Limits(read_s=silent_s, total_s=2 * silent_s)
