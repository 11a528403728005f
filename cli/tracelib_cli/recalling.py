"""How the commands of ``tracelib recall`` show a recall: tables for people, one shape for programs."""

from typing import TYPE_CHECKING

from tracelib.batches.batch import kilograms
from tracelib.clock import wall_text
from tracelib.text import phrase
from tracelib.trace.recall import Fate
from tracelib_cli.context import Context

if TYPE_CHECKING:
    from tracelib.operations.recalls.account import Account
    from tracelib.operations.recalls.affected import Affected
    from tracelib.operations.recalls.find import FoundRecall
    from tracelib.operations.recalls.summary import HolderLine, Summary
    from tracelib.trace.recall import Recall
    from tracelib.trace.recall_balance import Tally

FATES = {
    "stock": phrase("on stock"),
    "sent": phrase("sent away"),
    "sold": phrase("sold to consumers"),
    "returned": phrase("came back"),
    "destroyed": phrase("destroyed"),
}


def look(context: Context, number: str) -> "tuple[FoundRecall, Affected, Summary]":
    """The recall that was named, and what it concerns as the record stands now."""
    from tracelib.operations.events.home import workspace_homes
    from tracelib.operations.recalls.affected import affected_by
    from tracelib.operations.recalls.find import find_recall
    from tracelib.operations.recalls.holders import Holders
    from tracelib.operations.recalls.lot_names import lot_names
    from tracelib.operations.recalls.summary import summary_of

    with context.store.reading() as uow:
        found = find_recall(uow, number, context.settings.text("party"))
        recall = found.recall
        batch = uow.batches.existing([recall.batch])[recall.batch]
        homes = workspace_homes(uow, context.settings.text("root"), context.bundle_path())
        affected = affected_by(uow, batch, lot_names(uow, homes, recall.party_id))
        return found, affected, summary_of(affected, Holders(uow, recall.party_id))


def tell_summary(context: Context, summary: "Summary") -> None:
    """What was found, as tables: batches, whereabouts, who has the goods."""
    say = context.say
    headers = [say(text) for text in ("Batch", "Weight (kg)", "Codes issued", "In use", "Void after use")]
    rows: list[tuple[object, ...]] = [
        (line.batch.reference, kilograms(line.batch.weight_g), line.issued, line.active, line.void)
        for line in summary.batches
    ]
    rows += [(uri, "", "", "", "") for uri in summary.foreign]
    context.out.table(headers, rows, title=say("Affected batches"))
    where = [(say(words), summary.fates[Fate(fate)]) for fate, words in FATES.items() if summary.fates[Fate(fate)]]
    where += [(say("all units in use"), summary.units)]
    context.out.table([say("Where the units are"), say("Units")], where)
    if summary.containers:
        context.out.line(say("{count} logistic units hold some of them.", count=summary.containers))
    if summary.void:
        text = "{count} codes became void after use and are not counted: look where those goods are."
        context.out.line(say(text, count=summary.void))
    if summary.holders:
        _tell_holders(context, summary)
    else:
        context.out.line(say("By the record nothing has left."))


def _tell_holders(context: Context, summary: "Summary") -> None:
    say = context.say
    names = ("To whom", "Came there", "There now", "Sold", "kg", "Without units (kg)", "Last event", "Can be reached")
    rows = [
        (
            name_of(context, line),
            line.came,
            line.now,
            line.sold,
            kilograms(line.weight_g),
            _loose(context, line),
            wall_text(line.last) if line.last else "",
            say("yes") if line.reachable else say("NO"),
        )
        for line in summary.holders
    ]
    context.out.table([say(name) for name in names], rows, title=say("Who has or had the goods"))


def _loose(context: Context, line: "HolderLine") -> str:
    if not line.loose_sold_g:
        return kilograms(line.loose_g) if line.loose_g else ""
    sold = kilograms(line.loose_sold_g)
    return context.say("{kg}, of these {sold} sold", kg=kilograms(line.loose_g), sold=sold)


def name_of(context: Context, line: "HolderLine") -> str:
    """A holder for people: name and id, the URI of one who is in no catalogue, or that nobody said who."""
    holder = line.holder
    if not holder.id:
        return context.say("not said to whom")
    return f"{holder.name} ({holder.id})" if holder.known else holder.id


def recall_json(recall: "Recall", *, closed: bool) -> dict[str, object]:
    """A recall for programs."""
    return {
        "recall": recall.number,
        "party": recall.party_id,
        "batch": recall.reference,
        "reason": recall.reason,
        "drill": recall.drill,
        "state": "closed" if closed else "open",
        "opened_at": recall.at,
        "operator": recall.operator,
    }


def summary_json(summary: "Summary") -> dict[str, object]:
    """What was found, for programs."""
    return {
        "counts": summary.as_dict(),
        "batches": [
            {
                "batch": line.batch.reference,
                "weight_g": line.batch.weight_g,
                "issued": line.issued,
                "active": line.active,
                "void": line.void,
            }
            for line in summary.batches
        ],
        "foreign_batches": list(summary.foreign),
        "parties": [holder_json(line) for line in summary.holders],
    }


def holder_json(line: "HolderLine") -> dict[str, object]:
    """A holder for programs; its contact is asked for with the notices alone."""
    return {
        "id": line.holder.id or None,
        "name": line.holder.name or None,
        "known": line.holder.known,
        "reachable": line.reachable,
        "came": line.came,
        "now": line.now,
        "sold": line.sold,
        "weight_g": line.weight_g,
        "loose_g": line.loose_g,
        "loose_sold_g": line.loose_sold_g,
        "first": line.first,
        "last": line.last,
    }


WEIGHTS = {
    "registered": phrase("Weight of the recalled batch"),
    "joined": phrase("Put to it from other batches"),
    "process_loss": phrase("Lost while splitting and re-packing"),
    "used": phrase("Units of which other goods were made"),
    "stock": phrase("On stock, what came back included"),
    "still_out": phrase("Sent away and not back"),
    "destroyed": phrase("Destroyed"),
    "lost": phrase("Lost: eaten, spoiled, cannot be got back"),
    "missing": phrase("Missing on stock (less than nothing: found too much)"),
    "over": phrase("More than the batches weigh"),
}


def tell_account(context: Context, found: "FoundRecall", summary: "Summary", account: "Account") -> None:
    """The mass balance, and what a drill measures."""
    say, recall = context.say, found.recall
    kind = say("DRILL") if recall.drill else say("Recall")
    weights = account.weights()
    rows = [
        ("+" if name in ("registered", "joined", "over") else "–", say(WEIGHTS[name]), kilograms(grams))
        for name, grams in weights.items()
        if grams or name in ("registered", "stock")
    ]
    context.out.table(["", say("Mass balance"), "kg"], rows, title=f"{kind} {recall.number} · {recall.reference}")
    units = account.units
    counts = (
        ("units in use", units.total),
        ("ever sent away", units.left),
        ("came back", units.back),
        ("destroyed", units.destroyed),
        ("lost", units.lost),
        ("still out", units.still_out),
        ("on stock", units.stock),
        ("missing on stock", units.missing),
    )
    context.out.table([say("Units"), say("Count")], [(say(name), count) for name, count in counts])
    if account.weight_unknown:
        context.out.line(say("{count} units have no known weight and count nothing.", count=account.weight_unknown))
    if account.loose.total and account.loose.counted is None:
        text = "{kg} kg are on no unit in use; nobody has counted them: they are on stock by the books only."
        context.out.line(say(text, kg=kilograms(account.loose.books)))
    if found.closing is not None and not recall.drill and (units.unexplained or account.loose.unexplained):
        text = "UNEXPLAINED: {units} units and {kg} kg without units. What was said: {note}"
        kg = kilograms(account.loose.unexplained)
        context.out.line(say(text, units=units.unexplained, kg=kg, note=found.closing.note or "–"))
    _tell_measures(context, found, summary)


def _tell_measures(context: Context, found: "FoundRecall", summary: "Summary") -> None:
    """Time and completeness."""
    say = context.say
    values = measures(found, summary)
    rows = [
        (say("Search, seconds"), f"{int(str(values['search_ms'])) / 1000:.1f}"),
        (say("Opening to first notices, minutes"), _minutes(values["to_notices_s"])),
        (say("Opening to closing, minutes"), _minutes(values["to_close_s"])),
        (say("Units whose whereabouts are known"), f"{summary.located} / {summary.units}"),
        (say("Parties that can be reached"), f"{summary.reachable} / {len(summary.holders)}"),
    ]
    context.out.table([say("Time and completeness"), ""], rows)


def _minutes(seconds: object) -> str:
    return f"{seconds / 60:.0f}" if isinstance(seconds, int | float) else "–"


def measures(found: "FoundRecall", summary: "Summary") -> dict[str, object]:
    """What a drill measures: times in milliseconds and seconds (None: not done yet), and completeness."""
    from tracelib.trace.recall import Verb

    opened = found.recall.at
    notices = found.of(Verb.NOTICES)
    return {
        "search_ms": found.opening.detail.get("took_ms", 0),
        "to_notices_s": (notices[0].at - opened).total_seconds() if notices else None,
        "to_close_s": (found.closing.at - opened).total_seconds() if found.closing else None,
        "units_active": summary.units,
        "units_located": summary.located,
        "parties": len(summary.holders),
        "parties_reachable": summary.reachable,
    }


def account_json(found: "FoundRecall", summary: "Summary", account: "Account") -> dict[str, object]:
    """The account for programs: grams of the mass balance, counts of units, grams without units, measures."""
    return {
        "counts": summary.as_dict(),
        "weights_g": account.weights(),
        "units": _tally_json(account.units),
        "loose_g": _tally_json(account.loose),
        "weight_unknown": account.weight_unknown,
        "note": found.closing.note if found.closing else None,
        "measures": measures(found, summary),
    }


def _tally_json(tally: "Tally") -> dict[str, object]:
    return {
        "total": tally.total,
        "left": tally.left,
        "back": tally.back,
        "destroyed": tally.destroyed,
        "lost": tally.lost,
        "stock": tally.stock,
        "counted": tally.counted is not None,
        "still_out": tally.still_out,
        "missing": tally.missing,
        "unexplained": tally.unexplained,
    }
