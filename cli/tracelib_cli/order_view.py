"""A print order before a clerk's eyes and for programs: its rolls, one roll with all its entries."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from tracelib.text import phrase
from tracelib_cli.context import Context

if TYPE_CHECKING:
    from tracelib.batches.pieces import Piece
    from tracelib.batches.print_account import RollAccount
    from tracelib.batches.print_order import PrintRoll
    from tracelib.batches.prints import PrintEntry
    from tracelib.operations.printing.find import FoundOrder

STATES = {
    "ordered": phrase("ordered, no file yet"),
    "making": phrase("files not complete"),
    "made": phrase("files made"),
    "delivering": phrase("partly delivered"),
    "delivered": phrase("delivered"),
    "cancelled": phrase("cancelled"),
}
WORDS = {
    "received": phrase("Delivered"),
    "missing": phrase("Missing"),
    "used": phrase("Used"),
    "torn": phrase("Torn"),
    "lost": phrase("Lost"),
    "misprint": phrase("Misprint"),
    "returned": phrase("Returned"),
    "done": phrase("File made"),
    "failed": phrase("Cancelled"),
    "settled": phrase("Difference settled"),
}
"""What an entry says, by its verb."""
HEADS = {
    "received": phrase("Deliv-\nered"),
    "missing": phrase("Missing"),
    "used": phrase("Used"),
    "torn": phrase("Torn"),
    "lost": phrase("Lost"),
    "misprint": phrase("Mis-\nprint"),
    "returned": phrase("Re-\nturned"),
}
"""The same above the columns of rolls: all seven fit a terminal of 80 cells."""
WITH_POSITIONS = 4
"""With more kinds of fates than these the positions find no room beside them on a terminal of 80 cells."""


def state_of(context: Context, found: "FoundOrder") -> str:
    """The state in words; of a delivered order also whether it is settled."""
    account, words = found.account, context.say(STATES[found.account.state])
    if account.state not in ("delivering", "delivered"):
        return words
    if account.open:
        open_ = context.say("{count} labels open", count=account.total.unaccounted + account.total.missing)
        return f"{words}, {open_}" if account.total.unaccounted + account.total.missing else words
    return f"{words}, {context.say('settled')}" if account.state == "delivered" else words


def tell_order(context: Context, found: "FoundOrder") -> None:
    """An order as a table of its rolls, neighbours that are alike in one row, with a sum; then what was noted for the
    whole order. What no roll has is left out.
    """
    tell_rolls(context, found)
    own = [one for one in found.entries if not one.roll and (one.verb not in ("begun", "done") or one.reason)]
    own = [one for one in own if one.verb != "begun"]
    _tell_entries(context, own, context.say("Noted for the whole order"))


def tell_rolls(context: Context, found: "FoundOrder") -> None:
    """The table of the rolls alone."""
    from tracelib.batches.print_account import COUNTED, alike

    say, account = context.say, found.account
    verbs = [verb for verb in COUNTED if account.total.sums[verb]]
    some_made = any(roll.sha256 for roll in account.rolls) and not all(roll.sha256 for roll in account.rolls)
    places = len(verbs) <= WITH_POSITIONS
    headers = [
        say("Roll"),
        say("Labels"),
        *([say("Positions")] if places else []),
        *([say("Files")] if some_made else []),
    ]
    rows: list[list[object]] = []
    for run in alike(account.rolls):
        rolls = found.rolls[run[0].roll - 1 : run[-1].roll]
        row: list[object] = [_span(run), sum(one.count for one in run)]
        row += [_places([piece for roll in rolls for piece in roll.pieces])] if places else []
        row += [say("made") if run[0].sha256 else "–"] if some_made else []
        rows.append([*row, *(run[0].sum_of(verb) * len(run) for verb in verbs)])
    blank = [""] * (len(headers) - 2)
    if any(account.whole.sums.values()):
        rows.append([say("whole order"), "", *blank, *(account.whole.sum_of(verb) for verb in verbs)])
    if len(rows) > 1:
        rows.append([say("Total"), account.total.count, *blank, *(account.total.sum_of(verb) for verb in verbs)])
    context.out.table([*headers, *(say(HEADS[verb]) for verb in verbs)], rows, title=_title(context, found))
    if account.total.delivered:
        text = "{count} delivered labels are not accounted for yet."
        context.out.line(say(text, count=account.total.unaccounted))


def tell_roll(context: Context, found: "FoundOrder", number: int) -> None:
    """One roll: its file, what became of its labels and which ones were named, and every entry about it."""
    from tracelib.batches.print_account import COUNTED, named_pieces

    say, line = context.say, context.out.line
    roll, account = found.rolls[number - 1], found.account.rolls[number - 1]
    line(_title(context, found))
    line(say("Roll {roll}: {count} labels, positions {places}", roll=number, count=roll.count,
             places=_places(roll.pieces)))  # fmt: skip
    line(say("File: {file}", file=roll.file if account.sha256 else say("not made yet")))
    if account.sha256:
        line(f"SHA-256: {account.sha256}")
    named = named_pieces(found.entries)
    rows: list[list[object]] = []
    for verb in COUNTED:
        if count := account.sum_of(verb):
            pieces = named.get((number, verb), ())
            rows.append([say(WORDS[verb]), count, _places(pieces, most=20) if pieces else ""])
    if account.delivered:
        rows.append([say("Not accounted for"), account.unaccounted, ""])
    if rows:
        context.out.table([say("Labels"), say("Count"), say("Positions that were named")], rows)
    _tell_entries(context, [entry for entry in found.entries if entry.roll == number], say("Entries"))


def _tell_entries(context: Context, entries: "Sequence[PrintEntry]", title: str) -> None:
    from tracelib.clock import wall_text

    say = context.say
    rows = [
        (
            wall_text(entry.at),
            entry.operator,
            say(WORDS[entry.verb] if entry.roll or entry.verb != "done" else phrase("Printed all the same")),
            entry.count or "",
            "" if entry.verb == "done" else _places(entry.pieces),
            entry.reason,
        )
        for entry in entries
    ]
    if rows:
        heads = [say(text) for text in ("When", "By", "What", "Count", "Positions", "Reason")]
        used = [at for at in range(len(heads)) if any(row[at] != "" for row in rows)]
        context.out.table([heads[at] for at in used], [[row[at] for at in used] for row in rows], title=title)


def as_dict(found: "FoundOrder") -> dict[str, object]:
    """An order with its state for programs; of a roll that was named that one alone."""
    order, total = found.order, found.account.total
    rolls = [roll for roll in found.rolls if found.roll in (None, roll.roll)]
    return {
        "order": order.number,
        "roll": found.roll,
        "at": order.at,
        "operator": order.operator,
        "batch": order.reference,
        "house": order.house,
        "format": order.format,
        "count": order.count,
        "left_out": order.left_out,
        "reason": order.reason,
        "state": found.account.state.value,
        "open": found.account.open if found.account.state in ("delivering", "delivered") else None,
        "whole": _sums(found.account.whole),
        "total": {**_sums(total), "unaccounted": total.unaccounted},
        "rolls": [_roll(roll, found.account.rolls[roll.roll - 1]) for roll in rolls],
    }


def with_entries(found: "FoundOrder") -> dict[str, object]:
    """The same, with which positions were named and every entry: who, when, why."""
    from tracelib.batches.print_account import named_pieces

    named = [
        {"roll": roll or None, "fate": verb.value, "positions": _ranges(pieces)}
        for (roll, verb), pieces in sorted(named_pieces(found.entries).items())
        if pieces and found.roll in (None, roll)
    ]
    entries = [
        {
            "at": entry.at,
            "operator": entry.operator,
            "verb": entry.verb.value,
            "roll": entry.roll or None,
            "count": entry.count,
            "positions": _ranges(entry.pieces),
            "reason": entry.reason,
        }
        for entry in found.entries
        if found.roll in (None, entry.roll)
    ]
    return {**as_dict(found), "named": named, "entries": entries}


def _roll(roll: "PrintRoll", account: "RollAccount") -> dict[str, object]:
    return {
        "roll": roll.roll,
        "count": roll.count,
        "file": roll.file,
        "first_position": roll.pieces[0].position,
        "last_position": roll.pieces[-1].last_position,
        "first_serial": roll.first_serial,
        "last_serial": roll.last_serial,
        "sha256": account.sha256 or None,
        **_sums(account),
        "unaccounted": account.unaccounted,
    }


def _sums(account: "RollAccount") -> dict[str, object]:
    return {verb.value: count for verb, count in account.sums.items()}


def _ranges(pieces: "Iterable[Piece]") -> list[dict[str, int]]:
    return [{"from": piece.position, "to": piece.last_position} for piece in pieces]


def _places(pieces: "Iterable[Piece]", most: int = 3) -> str:
    from tracelib.batches.pieces import places_of

    return places_of(pieces, most)


def _span(run: "Sequence[RollAccount]") -> str:
    return str(run[0].roll) if len(run) == 1 else f"{run[0].roll}-{run[-1].roll}"


def _title(context: Context, found: "FoundOrder") -> str:
    order = found.order
    name = f"{order.number}/{found.roll}" if found.roll else order.number
    return f"{name} · {order.reference} · {order.house} · {state_of(context, found)}"
