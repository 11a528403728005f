"""How the commands of ``tracelib recall`` show a recall: tables for people, one shape for programs."""

from typing import TYPE_CHECKING

from tracelib.batches.batch import kilograms
from tracelib.clock import wall_text
from tracelib.text import phrase
from tracelib.trace.recall import Fate
from tracelib_cli.context import Context

if TYPE_CHECKING:
    from tracelib.operations.recalls.affected import Affected
    from tracelib.operations.recalls.find import FoundRecall
    from tracelib.operations.recalls.summary import HolderLine, Summary
    from tracelib.trace.recall import Recall

FATES = {
    "stock": phrase("on stock"),
    "sent": phrase("sent away"),
    "sold": phrase("sold to consumers"),
    "returned": phrase("came back"),
    "destroyed": phrase("destroyed"),
}


def look(context: Context, number: str) -> "tuple[FoundRecall, Affected, Summary]":
    """The recall that was named, and what it concerns as the record stands now."""
    from tracelib.operations.recalls.affected import affected_by
    from tracelib.operations.recalls.find import find_recall
    from tracelib.operations.recalls.holders import Holders
    from tracelib.operations.recalls.lot_names import LotNames
    from tracelib.operations.recalls.summary import summary_of
    from tracelib.operations.trust.ring import workspace_ring

    with context.store.reading() as uow:
        found = find_recall(uow, number, context.settings.text("party"))
        recall = found.recall
        batch = uow.batches.existing([recall.batch])[recall.batch]
        root = context.settings.text("root")
        ring = workspace_ring(uow, root, context.bundle_path()) if root else None
        affected = affected_by(uow, batch, LotNames(uow, ring, recall.party_id))
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
            kilograms(line.loose_g) if line.loose_g else "",
            wall_text(line.last) if line.last else "",
            say("yes") if line.reachable else say("NO"),
        )
        for line in summary.holders
    ]
    context.out.table([say(name) for name in names], rows, title=say("Who has or had the goods"))


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
        "first": line.first,
        "last": line.last,
    }
