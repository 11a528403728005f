"""``tracelib line report``; ``commands/line.py`` puts it into its group."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracelib.clock import wall_text
from tracelib.errors import FormatError
from tracelib_cli.command import TranslatedCommand, answers
from tracelib_cli.context import Context, pass_context

if TYPE_CHECKING:
    from tracelib.operations.line_shift import Shift

LARGEST = 10_000_000


class LeftTextError(FormatError):
    """--left says neither a batch nor a count."""

    code = "line.shift_left"
    template = "«{given}» does not say what is left: expected LOT=COUNT or PRODUCT/LOT=COUNT, such as 26A0137=120."


@click.command("report", cls=TranslatedCommand)
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="The line; default: line.toml.")
@click.option("--shift", is_flag=True, default=True, help="The shift since the last one was closed; shown anyway.")
@click.option("--close", is_flag=True, help="Close the shift; the next one begins.")
@click.option("--left", multiple=True, metavar="LOT=COUNT", help="Labels that you counted on the rolls; for --close.")
@click.option("--reason", default="", metavar="TEXT", help="Why the labels do not add up; it must be given then.")
@answers
@pass_context
def report(
    context: Context, /, config: Path | None, *, shift: bool, close: bool, left: tuple[str, ...], reason: str
) -> None:
    """What a line did in this shift: activated, pallets, refused and why, and the labels that should be left.

    Left on the rolls is what was printed of a batch and is neither active nor void. Count, and close the shift with it.
    The line may run meanwhile.

    Example: tracelib line report --shift --close --left 26A0137=120
    """
    from tracelib.operations.line_shift import close_shift, open_shift
    from tracelib_cli.line_party import party_of
    from tracelib_scanner.config import read_config

    if left and not close:
        raise click.UsageError(context.say("--left needs --close."))
    counted = dict(_counted(text) for text in left)
    settings = read_config(config or context.settings.path("line"))
    party = party_of(context, settings)
    if close:
        with context.store.unit_of_work() as uow:
            found = open_shift(uow, party, settings.station)
            close_shift(uow, found, counted, reason, context.clock.now())
    else:
        with context.store.reading() as uow:
            found = open_shift(uow, party, settings.station)
    if context.out.json:
        context.out.value({**_as_dict(found), "closed": close})
        return
    _show(context, found, settings.packs)
    if close:
        context.out.line(context.say("The shift of {station} is closed.", station=found.station))


def _counted(text: str) -> tuple[str, int]:
    batch, _, count = text.rpartition("=")
    if not batch or not (count.isascii() and count.isdigit()) or int(count) > LARGEST:
        raise LeftTextError(given=text)
    return batch, int(count)


def _as_dict(shift: "Shift") -> dict[str, object]:
    return {
        "party": shift.party_id,
        "station": shift.station,
        "first_row": shift.after_row + 1,
        "last_row": shift.last_row,
        "began": shift.began,
        "ended": shift.ended,
        "outcomes": dict(shift.outcomes),
        "reasons": dict(shift.reasons),
        "waiting": shift.waiting,
        "batches": [
            {
                "batch": batch.name,
                "activated": batch.activated,
                "voided": batch.voided,
                "printed": batch.printed,
                "active": batch.active,
                "void": batch.void,
                "left": batch.left,
            }
            for batch in shift.batches
        ],
    }


def _show(context: Context, shift: "Shift", packs: bool) -> None:
    say, out = context.say, context.out
    if shift.began is None or shift.ended is None:
        out.line(say("Line {station} has read nothing since its last shift was closed.", station=shift.station))
        return
    title = say("Shift of {station}, {began} to {ended}", station=shift.station, began=wall_text(shift.began),
                ended=wall_text(shift.ended))  # fmt: skip
    out.table([say("What"), say("Count")], _counts(context, shift, packs), title=title)
    if shift.batches:
        headers = ("Batch", "activated in the shift", "printed", "active", "void", "left on rolls")
        rows = [(b.name, b.activated, b.printed, b.active, b.void, b.left) for b in shift.batches]
        out.table([say(text) for text in headers], rows)


def _counts(context: Context, shift: "Shift", packs: bool) -> list[tuple[str, int]]:
    from tracelib_cli.line_report import reason_in_words
    from tracelib_scanner.words import OUTCOMES

    rows = [(context.say(word), shift.outcomes[key]) for key, word in OUTCOMES.items() if shift.outcomes.get(key)]
    rows += [(f"  {reason_in_words(reason, context)}", count) for reason, count in shift.reasons.items()]
    return [*rows, (context.say("cartons waiting for a pallet"), shift.waiting)] if packs else rows
