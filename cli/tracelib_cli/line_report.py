"""What a running line says: one line for each answer, and a summary."""

import sys
from typing import TYPE_CHECKING

from tracelib.clock import CHINA
from tracelib.codes.words import WORDS
from tracelib.errors import TraceError
from tracelib.text import translator
from tracelib_cli.output import echo
from tracelib_scanner.station import Answer
from tracelib_scanner.words import OUTCOMES, STATES, what_happened

if TYPE_CHECKING:
    from tracelib.operations.line_answer import Captured
    from tracelib.trust.keyring import KeyRing
    from tracelib_cli.context import Context
    from tracelib_cli.line_view import LineView
    from tracelib_scanner.board import Board
    from tracelib_scanner.station import DeviceChange

TOTALS = {
    "read": "read",
    "accepted": "accepted",
    "activated": "activated",
    "checked": "checked and good",
    "shipped": "shipped",
    "received": "received",
    "returned": "taken back",
    "voided": "made void",
    "pallets": "pallets packed",
    "packed": "cartons on pallets",
    "waiting": "cartons waiting for a pallet",
    "refused": "refused",
    "repeats": "same again",
    "replayed": "made up for after an interruption",
    "p50_ms": "reading to answer, median, ms",
    "p99_ms": "reading to answer, 99 of 100, ms",
}
"""What is counted, for the operator."""


class Report:
    """Prints answers as they come and counts them; with a ``view`` it leaves the showing to that."""

    def __init__(self, context: "Context", board: "Board", view: "LineView | None" = None) -> None:
        self._context = context
        self.board = board
        self.view = view

    def trust(self, keyring: "KeyRing") -> None:
        """Say at the start what is wrong with trust or clock."""
        state = keyring.state(self._context.clock.now())
        if state == "clock_wrong":
            self.warn("The clock of this machine is wrong: it is earlier than something that has already happened.")
        elif state != "fresh":
            self.warn("The trust bundle is old: fetch a new one, recalls and revocations may be missing.")

    def warn(self, text: str) -> None:
        """A warning on standard error, or in the view."""
        self._warn(self._context.say(text))

    def _warn(self, text: str) -> None:
        told = f"{self._context.say('Warning')}: {text}"
        if self.view is not None:
            self.view.note(told)
        else:
            echo(told, err=True)

    def fault(self, error: TraceError) -> None:
        """What is wrong with a change of the configuration; the line goes on as it was."""
        say = self._context.say
        self._warn(say("The line goes on as it was: {why}", why=error.message(translator(self._context.language))))

    def show(self, news: "Answer | DeviceChange") -> None:
        """One answer or one change of a device, at once."""
        self.board.add(news)
        if self.view is not None:
            return
        if isinstance(news, Answer):
            value, line = _answer_json(news), self._answer_line(news)
        else:
            value, line = self._change(news)
        if self._context.out.json:
            self._context.out.value(value)
        else:
            self._context.out.line(line)
        sys.stdout.flush()

    def summary(self, waiting: int) -> None:
        """What the line did."""
        totals = self.board.totals(waiting)
        say, out = self._context.say, self._context.out
        if out.json:
            out.value({"type": "summary", **totals})
            return
        rows = [(say(word), totals[key]) for key, word in TOTALS.items() if totals[key] is not None]
        rows += [
            (f"  {reason_in_words(reason, self._context)}", count) for reason, count in self.board.reasons.most_common()
        ]
        out.table([say("Line"), say("Count")], rows)

    def _change(self, change: "DeviceChange") -> tuple[dict[str, object], str]:
        error = change.error
        value: dict[str, object] = {
            "type": "device",
            "device": change.device,
            "state": change.state.value,
            "error": error.code if error else None,
            "message": error.message() if error else None,
        }
        line = f"--:--:-- {change.device}  {self._context.say(STATES[change.state.value])}"
        if error is not None:
            line += f": {error.message(translator(self._context.language))}"
        return value, line

    def _answer_line(self, answer: "Answer") -> str:
        captured = answer.captured
        time = captured.scan.at.astimezone(CHINA).strftime("%H:%M:%S")
        words = [time, captured.scan.device, "", self._context.say(OUTCOMES[captured.outcome.value])]
        words += [word for word in (captured.unit_id, captured.lot) if word]
        if captured.cartons:
            words.append(self._context.say("{count} cartons", count=captured.cartons))
        if captured.reason:
            words.append(f"- {self._why(captured)}")
        return " ".join(words)

    def _why(self, captured: "Captured") -> str:
        if captured.error is not None:
            return captured.error.message(translator(self._context.language))
        if captured.inspection is not None:
            return self._context.say(WORDS[captured.inspection.verdict].sentence)
        return reason_in_words(captured.reason, self._context)


def reason_in_words(reason: str, context: "Context") -> str:
    """A verdict, a kind of failed reading or a rule in a few words; another error's code as it is."""
    return context.say(what_happened(reason))


def _answer_json(answer: "Answer") -> dict[str, object]:
    """One answer for programs; ``reason`` is a verdict, the code of an error, or the kind of a failed reading."""
    captured = answer.captured
    return {
        "type": "scan",
        "row": captured.scan.row_id,
        "at": captured.scan.at,
        "device": captured.scan.device,
        "source": captured.scan.source.partition("|")[0] or None,
        "outcome": captured.outcome.value,
        "accepted": captured.accepted,
        "verdict": captured.verdict or None,
        "reason": captured.reason or None,
        "message": captured.error.message() if captured.error else None,
        "unit": captured.unit_id,
        "product": captured.product_key,
        "lot": captured.lot,
        "grade": captured.grade or None,
        "cartons": captured.cartons or None,
        "event": captured.event_id,
        "replayed": answer.latency_s is None,
        "latency_ms": None if answer.latency_s is None else round(answer.latency_s * 1000, 2),
    }
