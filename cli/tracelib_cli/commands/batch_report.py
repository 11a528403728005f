"""``tracelib batch report``: weights, lineage, codes and changes of one batch."""

from typing import TYPE_CHECKING

import click

from tracelib.batches.pieces import places_of
from tracelib.batches.prints import Verb
from tracelib.clock import wall_text
from tracelib.text import phrase
from tracelib_cli.command import TranslatedCommand, answers
from tracelib_cli.commands.batch_look import KINDS, as_dict, facts_of, kilograms_of, print_facts
from tracelib_cli.commands.changes import verb_in_words, why_in_words
from tracelib_cli.context import Context, pass_context

if TYPE_CHECKING:
    from tracelib.batches.prints import Print
    from tracelib.operations.batches.report import BatchReport
    from tracelib.store.lineage_repository import Step

REASONS = {
    "damaged": phrase("void: damaged"),
    "lost": phrase("void: lost"),
    "returned": phrase("void: returned"),
    "misprint": phrase("void: misprint"),
}


@click.command("report", cls=TranslatedCommand)
@click.argument("lot")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="Show at most so many changes.")
@answers
@pass_context
def report(context: Context, lot: str, limit: int) -> None:
    """Report on one batch: its weights, where it came from and went, its codes, who did what.

    Example: tracelib batch report NAVEL-5KG/26A0137
    """
    from tracelib.operations.batches.find import resolve_batch
    from tracelib.operations.batches.report import batch_report

    with context.store.reading() as uow:
        batch = resolve_batch(uow, lot, context.settings.text("party"))
        found = batch_report(uow, batch, limit)
    if context.out.json:
        context.out.value(_as_dict(found))
        return
    _print_weights(context, found)
    _print_steps(context, found)
    _print_codes(context, found)
    _print_prints(context, found)
    _print_changes(context, found)


def _print_weights(context: Context, found: "BatchReport") -> None:
    balance = found.balance
    facts = {
        **facts_of(context, found.batch),
        phrase("On codes (kg)"): kilograms_of(balance.issued_g),
        phrase("Into other batches, losses included (kg)"): kilograms_of(balance.taken_g),
        phrase("Left (kg)"): kilograms_of(balance.left_g),
    }
    print_facts(context, found.batch, facts)


def _print_steps(context: Context, found: "BatchReport") -> None:
    say = context.say
    steps = ([found.made_by] if found.made_by else []) + list(found.went_into)
    if not steps:
        return
    headers = [say(text) for text in ("When", "Step", "In (kg)", "Out (kg)", "Loss (kg)", "Reason", "By")]
    rows = [
        (
            wall_text(step.at),
            say(KINDS[step.kind]),
            _flows(step.inputs),
            _flows(step.outputs),
            kilograms_of(step.loss_g),
            step.reason,
            step.operator,
        )
        for step in steps
    ]
    context.out.table(headers, rows, title=say("From and into other batches"))


def _flows(flows: "dict[tuple[str, str], int]") -> str:
    return "\n".join(f"{product}/{lot} {kilograms_of(grams)}" for (product, lot), grams in flows.items())


def _print_codes(context: Context, found: "BatchReport") -> None:
    say, codes = context.say, found.codes
    rows: list[tuple[str, object]] = [(say("Issued"), codes.issued), (say("Active"), codes.active)]
    rows += [(say(REASONS.get(reason, reason)), count) for reason, count in sorted(codes.voided.items())]
    if codes.replacements:
        rows.append((say("Replacements among the issued"), codes.replacements))
    context.out.table([say("Codes"), say("Count")], rows)


def _print_prints(context: Context, found: "BatchReport") -> None:
    say, prints = context.say, found.prints
    if prints.counts:
        rows = [(places_of([piece]), piece.count, times) for piece, times in prints.counts]
        context.out.table([say("Positions"), say("Codes"), say("Printed or ordered, times")], rows, title=say("Prints"))
    for one in prints.prints:
        text = "{at} {by}: {count} labels, {what}"
        facts = {
            "at": wall_text(one.begun.at),
            "by": one.begun.operator,
            "count": one.begun.count,
        }
        words = say(text, what=one.begun.order or one.begun.file, **facts)
        doubt = _doubt(one)
        words += f" ({say(doubt)})" if doubt else ""
        context.out.line(words + (f" · {one.begun.reason}" if one.begun.reason else ""))
    if prints.lists:
        context.out.line(say("{count} lists of codes were exported.", count=prints.lists))


def _doubt(one: "Print") -> str:
    """What is not sure of a print: an order without files has its codes, and no label yet."""
    if one.state is not Verb.BEGUN:
        return phrase("the printer did not confirm it") if one.unconfirmed else ""
    if not one.begun.order:
        return phrase("not finished")
    return phrase("not all rolls are made yet") if one.rolls else phrase("ordered, not made yet")


def _print_changes(context: Context, found: "BatchReport") -> None:
    say = context.say
    if found.changes:
        rows = [
            (
                wall_text(change.at),
                change.operator,
                verb_in_words(context, change.verb)
                + ("" if change.subject == found.batch.reference else f" {change.subject}"),
                why_in_words(context, change),
            )
            for change in reversed(found.changes)
        ]
        context.out.table([say("When"), say("By"), say("What"), say("Why and how much")], rows, title=say("Changes"))
    if found.more_changes:
        context.out.line(say("There are older changes too; raise --limit."))


def _as_dict(found: "BatchReport") -> dict[str, object]:
    balance, codes = found.balance, found.codes
    return {
        **as_dict(found.batch),
        "issued_g": balance.issued_g,
        "taken_g": balance.taken_g,
        "left_g": balance.left_g,
        "made_by": found.made_by and _step(found.made_by),
        "went_into": [_step(step) for step in found.went_into],
        "codes": {
            "issued": codes.issued,
            "active": codes.active,
            "voided": codes.voided,
            "replacements": codes.replacements,
            "ranges": [
                {"prefix": r.prefix, "first": r.first, "last": r.last, "count": r.count, "seq": r.seq}
                for r in codes.ranges
            ],
        },
        "prints": {
            "counts": [
                {"from": piece.position, "to": piece.last_position, "times": times}
                for piece, times in found.prints.counts
            ],
            "prints": [
                {
                    "at": one.begun.at,
                    "operator": one.begun.operator,
                    "kind": one.begun.kind.value,
                    "order": one.begun.order or None,
                    "file": one.begun.file,
                    "sha256": one.sha256 or None,
                    "count": one.begun.count,
                    "finished": one.state is Verb.DONE,
                    "unconfirmed": one.unconfirmed,
                    "rolls_made": one.rolls if one.begun.order else None,
                    "reason": one.begun.reason,
                }
                for one in found.prints.prints
            ],
            "lists": found.prints.lists,
        },
        "changes": [
            {
                "at": change.at,
                "operator": change.operator,
                "verb": change.verb,
                "subject": change.subject,
                "reason": change.reason,
                "detail": dict(change.detail),
            }
            for change in found.changes
        ],
        "more_changes": found.more_changes,
    }


def _step(step: "Step") -> dict[str, object]:
    return {
        "id": step.id,
        "kind": step.kind,
        "at": step.at,
        "in_g": {"/".join(key): grams for key, grams in step.inputs.items()},
        "out_g": {"/".join(key): grams for key, grams in step.outputs.items()},
        "loss_g": step.loss_g,
        "reason": step.reason,
        "operator": step.operator,
    }
