"""``tracelib print receive``, ``account`` and ``reconcile``; ``commands/print.py`` puts them into its group."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from tracelib.errors import FormatError, RuleError
from tracelib.text import phrase
from tracelib_cli.command import TranslatedCommand, answers
from tracelib_cli.context import Context, pass_context
from tracelib_cli.order_view import as_dict, tell_rolls
from tracelib_cli.printing import print_log

if TYPE_CHECKING:
    from tracelib.batches.print_account import Difference, RollAccount
    from tracelib.operations.printing.find import FoundOrder
    from tracelib.operations.printing.reconcile import Reconciled

FATES = ("used", "torn", "lost", "misprint", "returned")


class NotEvenError(RuleError):
    """A print order does not add up."""

    code = "print.difference"
    template = "{count} differences in {orders}. Put them right with print account, or accept them: --reason TEXT"


class MissingTextError(FormatError):
    """--missing says neither a roll nor a roll and a number."""

    code = "print.missing_text"
    template = "«{given}» does not say what is missing: expected ROLL, or ROLL:LABELS such as 7:120."


@click.command("receive", cls=TranslatedCommand)
@click.argument("order")
@click.option("--roll", "rolls", type=click.IntRange(1), multiple=True, help="Only this roll; may be repeated.")
@click.option("--missing", multiple=True, metavar="ROLL[:LABELS]", help="A roll, or labels of it, that did not arrive.")
@click.option("--reason", default="", metavar="TEXT", help="Why an earlier entry is corrected; it must be given then.")
@answers
@pass_context
def receive_(context: Context, order: str, rolls: tuple[int, ...], missing: tuple[str, ...], reason: str) -> None:
    """Take delivery: all rolls that are waited for, or those that are named.

    What was noted wrongly is corrected by saying how many labels a roll lacks in all, and why:
    --missing 3:120 --reason TEXT.

    Example: tracelib print receive 261125-1 --missing 7 --missing 9:120
    """
    from tracelib.batches.print_account import OrderState
    from tracelib.operations.printing.find import find_order
    from tracelib.operations.printing.receive import Delivery, printed_since, receive_rolls

    with context.store.reading() as uow:
        found = find_order(uow, order, context.settings.text("party"))
        twice = printed_since(uow, found) if found.account.state is OrderState.CANCELLED else 0
    lacking = dict(_missing(text) for text in missing)
    named = (*rolls, found.roll) if found.roll else rolls
    found = receive_rolls(print_log(context), found.order, Delivery(named, lacking, reason))
    if context.out.json:
        context.out.value({**as_dict(found), "printed_since": twice})
        return
    if twice:
        text = (
            "{count} of its codes were printed again since it was cancelled: these are two labels with one code. Keep "
            "them apart, destroy one set and account for it: tracelib print account {order} --torn FROM-TO"
        )
        context.out.line(context.say(text, count=twice, order=found.order.number))
    total = found.account.total
    text = "Order {order}: {delivered} labels delivered, {missing} missing, {waiting} waited for."
    counts = {"delivered": total.delivered, "missing": total.missing, "waiting": total.waiting}
    context.out.line(context.say(text, order=found.order.number, **counts))
    for account in found.account.rolls:
        _tell_missing(context, found, account)


def _tell_missing(context: Context, found: "FoundOrder", account: "RollAccount") -> None:
    """That codes of labels that never arrived stay valid, and how they become void."""
    from tracelib.operations.printing.account import void_command

    if account.missing <= 0:
        return
    if account.missing == account.count:
        text = "Roll {roll} is missing and its codes are valid. If it is lost for good, make them void: {void}"
        void = void_command(found.order, found.rolls[account.roll - 1].pieces)
        context.out.line(context.say(text, roll=account.roll, void=void))
    else:
        text = "Roll {roll} lacks {count} labels and their codes are valid. Once you know which, make them void: {void}"
        void = f"tracelib code void {found.order.reference}:FROM-TO --reason lost"
        context.out.line(context.say(text, roll=account.roll, count=account.missing, void=void))


def _missing(text: str) -> tuple[int, int | None]:
    roll, _, count = text.partition(":")
    if not roll.isdecimal() or not roll.isascii() or (":" in text and not (count.isdecimal() and count.isascii())):
        raise MissingTextError(given=text)
    return int(roll), int(count) if count else None


@click.command("account", cls=TranslatedCommand)
@click.argument("order", metavar="ORDER[/ROLL]")
@click.option("--used", multiple=True, metavar="LABELS", help="Stuck on goods.")
@click.option("--torn", multiple=True, metavar="LABELS", help="Torn or spoilt; those that are named become void.")
@click.option("--lost", multiple=True, metavar="LABELS", help="Lost; those that are named become void.")
@click.option("--misprint", multiple=True, metavar="LABELS", help="Badly printed; those that are named become void.")
@click.option("--returned", multiple=True, metavar="LABELS", help="Not used, back in the store room.")
@click.option("--reason", default="", metavar="TEXT", help="What happened; a correction must have one.")
@click.option("--yes", is_flag=True, help="Do not ask before several codes become void.")
@answers
@pass_context
def account_(context: Context, /, order: str, *, reason: str, yes: bool, **fates: tuple[str, ...]) -> None:
    """Say what became of delivered labels. A minus before it takes an earlier entry back: --used -300-320.

    LABELS is a count (--torn 3: three labels, whichever), FROM-TO (positions of the batch, as they stand in the roll's
    file; the one at 1601 is 1601-1601), a serial number, FIRST..LAST (two serial numbers), or all: what is left of
    the roll.

    Example: tracelib print account 261125-1/3 --used 488 --torn 1201-1210 --lost 7KQX9-Y93Q6-MJ608 --returned 1
    """
    from tracelib.batches.prints import Verb
    from tracelib.operations.printing.account import account_labels, plan_account
    from tracelib.operations.printing.amounts import needs_keys
    from tracelib.operations.printing.find import find_order
    from tracelib_cli.commands.code_void import confirmed, tell_plan
    from tracelib_cli.issuing import issuers_of

    amounts = {Verb(name): fates[name] for name in FATES}
    with context.store.reading() as uow:
        found = find_order(uow, order, context.settings.text("party"))
        keys = issuers_of(context, uow).serial_keys() if needs_keys(amounts) else {}
    plan = plan_account(print_log(context), found, amounts, reason, keys)
    tell_plan(context, plan)
    if not (yes or confirmed(context, plan.voided)):
        return
    done = account_labels(print_log(context), found, amounts, reason, keys)
    if context.out.json:
        counts = {name: getattr(done, name) for name in ("voided", "unnamed", "stay_void", "again")}
        context.out.value({**as_dict(done.found), **counts})
        return
    say, line = context.say, context.out.line
    if done.voided:
        line(say("{count} codes are void now.", count=done.voided))
    if done.stay_void:
        line(say("{count} codes that were taken back stay void: that is final.", count=done.stay_void))
    if done.again:
        line(say("{count} codes were printed again later and stay valid, for the new labels.", count=done.again))
    if done.unnamed:
        text = (
            "{count} labels were only counted, so their codes are still valid. Once you know which, take the number "
            "back and name them: --torn -{count} --torn FROM-TO --reason TEXT. Codes that were printed again "
            "stay valid."
        )
        line(say(text, count=done.unnamed))
    if done.found.roll:
        left = done.found.account.rolls[done.found.roll - 1].unaccounted
        text = "Roll {roll}: {count} delivered labels are not accounted for yet."
        line(say(text, roll=done.found.roll, count=left))
    left = done.found.account.total.unaccounted
    line(
        say("Order {order}: {count} delivered labels are not accounted for yet.", order=found.order.number, count=left)
    )


@click.command("reconcile", cls=TranslatedCommand)
@click.argument("order", required=False)
@click.option("--reason", default="", metavar="TEXT", help="Accept every difference, and why.")
@answers
@pass_context
def reconcile_(context: Context, order: str | None, reason: str) -> None:
    """Check that delivered, used, torn, lost and returned labels add up, also with what is active and void.

    Without ORDER all orders that were delivered. A difference ends with status 5; --reason settles it.

    Example: tracelib print reconcile 261125-1 --reason "counted twice with the print house, 3 labels stay unexplained"
    """
    from tracelib.batches.print_account import OrderState
    from tracelib.operations.printing.find import find_order, load_order
    from tracelib.operations.printing.reconcile import reconcile_labels
    from tracelib_cli.issuing import issuers_of

    party, delivered = context.settings.text("party"), (OrderState.DELIVERING, OrderState.DELIVERED)
    with context.store.reading() as uow:
        if order is None:
            every = [load_order(uow, one) for one in reversed(uow.prints.orders(party or None, limit=100_000))]
            orders = [found.order for found in every if found.account.state in delivered]
        else:
            orders = [find_order(uow, order, party).order]
        issuers = issuers_of(context, uow) if context.serial_keys else None
    if reason and order is None:
        raise click.UsageError(context.say("--reason settles one order: name it."))
    done = [reconcile_labels(print_log(context), one, issuers, reason) for one in orders]
    if context.out.json:
        context.out.value({"orders": [_as_dict(one) for one in done]})
    else:
        _tell(context, done)
    uneven = [one for one in done if one.open]
    if uneven:
        names = ", ".join(one.found.order.number for one in uneven)
        raise NotEvenError(count=sum(len(one.open) for one in uneven), orders=names)


_MATTERS = {
    ("balance", True): phrase("{count} delivered labels are not accounted for"),
    ("balance", False): phrase("{count} labels more are accounted for than were delivered"),
    ("missing", True): phrase("{count} labels were not in the delivery"),
    ("missing", False): phrase("{count} labels more arrived than were missing"),
    ("void", True): phrase("{count} torn, lost or misprinted labels have codes that are not void"),
    ("void", False): phrase(
        "{count} codes are void, and their labels are not noted as torn, lost, misprinted or returned"
    ),
    ("active", True): phrase("{count} codes are active on goods beyond the labels that were used"),
}


def _tell(context: Context, done: "list[Reconciled]") -> None:
    from tracelib.batches.print_account import alike_differences

    say, line = context.say, context.out.line
    for one in done:
        tell_rolls(context, one.found)
        for run in alike_differences(one.differences):
            line(f"  {_words(context, run)}")
        for account in one.found.account.rolls:
            void = one.facts[account.roll].void if one.facts else 0
            if void < account.missing:
                _tell_missing(context, one.found, account)
        if one.void_returned:
            text = "{count} of the returned labels have void codes: they can never be used, so destroy them."
            line(say(text, count=one.void_returned))
        if not one.differences:
            line(say("Order {order} adds up.", order=one.found.order.number))
        if not one.compared:
            line(say("Activations and voids were not compared: that needs the passphrase (TRACELIB_PASSPHRASE)."))
    if not done:
        line(say("No order was delivered yet."))


def _words(context: Context, run: "Sequence[Difference]") -> str:
    say, first, last = context.say, run[0], run[-1]
    words = say(_MATTERS[first.matter.value, first.amount > 0], count=abs(first.amount))
    if len(run) > 1:
        where = say("Rolls {first} to {last}, each", first=first.roll, last=last.roll)
    else:
        where = say("Roll {roll}", roll=first.roll) if first.roll else say("Whole order")
    return f"{where}: {words}" + (f" ({say('settled')})" if first.settled else "")


def _as_dict(one: "Reconciled") -> dict[str, object]:
    differences = [
        {"matter": d.matter.value, "roll": d.roll or None, "amount": d.amount, "settled": d.settled}
        for d in one.differences
    ]
    return {
        **as_dict(one.found),
        "compared": one.compared,
        "differences": differences,
        "void_returned": one.void_returned,
        "adds_up": not one.open,
    }
