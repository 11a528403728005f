"""``tracelib line status``: a running line's facts as tables."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from tracelib.text import translator
from tracelib_cli.line_report import TOTALS, reason_in_words
from tracelib_scanner.words import STATES

if TYPE_CHECKING:
    from tracelib_cli.context import Context
    from tracelib_scanner.status import Status

COUNTED = {
    **TOTALS,
    "not_stored": "journalled, not yet in the database",
    "journal_p99_ms": "write of the journal, 99 of 100, ms",
}


def show(context: "Context", status: "Status", *, running: bool) -> None:
    """The facts for people, or with --json as the line said them, with ``running``."""
    out, say = context.out, context.say
    if out.json:
        out.value({**status, "running": running})
        return
    devices = cast("list[Mapping[str, object]]", status["devices"])
    out.table(
        [say("Device"), say("State"), say("read"), say("went away"), ""], [_device(context, one) for one in devices]
    )
    reasons = cast(Mapping[str, int], status["reasons"])
    rows = [(say(word), status[key]) for key, word in COUNTED.items() if status[key] is not None]
    rows += [(f"  {reason_in_words(reason, context)}", count) for reason, count in reasons.items()]
    out.table([say("Line"), say("Count")], rows)


def _device(context: "Context", device: Mapping[str, object]) -> tuple[object, ...]:
    readings = cast(Mapping[str, int], device["readings"])
    reason = str(device["reason"] or "")
    words = translator(context.language)("device", reason) if reason else ""
    return (
        device["device"],
        context.say(STATES[str(device["state"])]),
        readings["read"],
        device["losses"],
        words,
    )
