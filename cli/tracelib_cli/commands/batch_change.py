"""``tracelib batch split``, ``merge``, ``repack`` and ``close``: goods that move from batch to batch."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import click

from tracelib_cli.command import TranslatedCommand, answers
from tracelib_cli.commands.batch_look import kilograms_of
from tracelib_cli.context import Context, pass_context

if TYPE_CHECKING:
    from tracelib.operations.batches.transform import TransformRequest

Weighed = tuple[str, int | None]


class NamedWeight(click.ParamType):  # type: ignore[type-arg]  # generic to mypy only
    """``NAME`` or ``NAME=WEIGHT``, the weight with its unit; (name, grams or None)."""

    name = "weight"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Weighed:  # noqa: ANN401
        """Raises the leaves of ``parse_weight``."""
        from tracelib.batches.weight import parse_weight

        name, equals, weight = str(value).partition("=")
        return name, parse_weight(weight) if equals else None


class Weight(click.ParamType):  # type: ignore[type-arg]  # generic to mypy only
    """A weight with its unit; grams."""

    name = "weight"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:  # noqa: ANN401
        """Raises the leaves of ``parse_weight``."""
        from tracelib.batches.weight import parse_weight

        return value if isinstance(value, int) else parse_weight(str(value))


def loss_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """What every one of the three may say: loss, reason and day."""
    function = click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="Day of production, if it is another.")(
        function
    )
    function = click.option("--reason", default="", metavar="TEXT", help="Why; needed where something is lost.")(
        function
    )
    return click.option(
        "--loss", type=Weight(), default=0, metavar="WEIGHT", help="What was lost on the way: 3kg, 2斤."
    )(function)


@click.command("split", cls=TranslatedCommand)
@click.argument("lot")
@click.option(
    "--to", required=True, multiple=True, type=NamedWeight(), metavar="LOT=WEIGHT", help="A new batch: L1=500kg."
)
@loss_options
@answers
@pass_context
def split(context: Context, /, lot: str, to: Sequence[Weighed], **common: Any) -> None:  # noqa: ANN401 - loss_options
    """Split a batch: take goods out of it under lots of their own; what is not named stays where it is.

    One new batch may be without a weight: it takes all that is left.

    Example: tracelib batch split 26A0137 --to 26A0137-A=500kg --to 26A0137-B=800斤
    """
    from tracelib.batches.transformation import TransformationKind
    from tracelib.operations.batches.transform import TransformRequest

    whole = any(grams is None for _, grams in to)
    taken = None if whole else sum(grams or 0 for _, grams in to) + common["loss"]
    kind = TransformationKind.SPLIT
    _run(context, TransformRequest(kind=kind, takes=[(lot, taken)], makes=to, **_common(**common)))


@click.command("merge", cls=TranslatedCommand)
@click.argument("lots", nargs=-1, required=True, type=NamedWeight(), metavar="LOT[=WEIGHT]...")
@click.option("--to", required=True, metavar="LOT", help="Lot of the new batch.")
@loss_options
@answers
@pass_context
def merge(context: Context, /, lots: Sequence[Weighed], to: str, **common: Any) -> None:  # noqa: ANN401
    """Merge batches of one product into a new one: all that is left of each, or the weight that is named.

    Example: tracelib batch merge 26A0137 26A0138=300kg --to 26A0200
    """
    from tracelib.batches.transformation import TransformationKind
    from tracelib.operations.batches.transform import TransformRequest

    kind = TransformationKind.MERGE
    _run(context, TransformRequest(kind=kind, takes=lots, makes=[(to, None)], **_common(**common)))


@click.command("repack", cls=TranslatedCommand)
@click.argument("lots", nargs=-1, required=True, type=NamedWeight(), metavar="LOT[=WEIGHT]...")
@click.option("--product", required=True, metavar="ID", help="Product that comes out.")
@click.option("--to", required=True, type=NamedWeight(), metavar="LOT[=WEIGHT]", help="Lot of the new batch.")
@loss_options
@answers
@pass_context
def repack(context: Context, /, lots: Sequence[Weighed], product: str, to: Weighed, **common: Any) -> None:  # noqa: ANN401
    """Re-pack batches of one product as another product: loose fruit into 5 kg cartons.

    Example: tracelib batch repack BULK/26A0137=1000kg --product NAVEL-5KG --to 26A0137 --loss 12kg --reason sorting
    """
    from tracelib.batches.transformation import TransformationKind
    from tracelib.operations.batches.transform import TransformRequest

    kind = TransformationKind.REPACK
    _run(context, TransformRequest(kind=kind, takes=lots, makes=[to], product_id=product, **_common(**common)))


@click.command("close", cls=TranslatedCommand)
@click.argument("lot")
@click.option("--reason", required=True, metavar="TEXT", help="Why it is closed.")
@answers
@pass_context
def close(context: Context, lot: str, reason: str) -> None:
    """Close a batch for good: no more codes, nothing taken out of it. Its codes stay valid.

    Example: tracelib batch close 26A0137 --reason "season ends"
    """
    from tracelib.operations.batches.transform import close_batch

    now, party = context.clock.now(), context.settings.text("party")
    balance = close_batch(context.store, lot, reason, now, party_default=party)
    if context.out.json:
        context.out.value({"batch": balance.batch.reference, "state": "closed", "left_g": balance.left_g})
        return
    context.out.line(context.say("Batch {batch} is closed.", batch=balance.batch.reference))
    if balance.left_g:
        left = kilograms_of(balance.left_g)
        context.out.line(context.say("{left} kg of it were never put on codes; this is noted.", left=left))


def _common(loss: int, reason: str, day: datetime | None) -> dict[str, Any]:
    made_on: date | None = day.date() if day else None
    return {"loss_g": loss, "reason": reason, "day": made_on}


def _run(context: Context, request: "TransformRequest") -> None:
    """Do it and answer what went in, what came out and what is left."""
    from tracelib.operations.batches.transform import transform_batches
    from tracelib_cli.stepping import book_homes_of

    party, homes = context.settings.text("party"), book_homes_of(context)
    done = transform_batches(context.store, request, context.clock.now(), party_default=party, homes=homes)
    made = done.transformation
    if context.out.json:
        context.out.value(
            {
                "id": done.id,
                "kind": made.kind.value,
                "in": [{"batch": batch.reference, "weight_g": grams} for batch, grams in made.inputs],
                "out": [{"batch": batch.reference, "weight_g": batch.weight_g} for batch in made.outputs],
                "loss_g": made.loss_g,
                "closed": [batch.reference for batch in made.used_up],
                "events": done.events,
            }
        )
        return
    say, line = context.say, context.out.line
    for (batch, grams), left in zip(made.inputs, done.left_g, strict=True):
        text = "{weight} kg out of {batch}; {left} kg are left."
        if not left:
            text = "{weight} kg out of {batch}; it is used up and closed."
        line(say(text, weight=kilograms_of(grams), batch=batch.reference, left=kilograms_of(left)))
    for batch in made.outputs:
        line(say("{weight} kg into {batch}, a new batch.", weight=kilograms_of(batch.weight_g), batch=batch.reference))
    if made.loss_g:
        line(say("{weight} kg lost: {reason}", weight=kilograms_of(made.loss_g), reason=made.reason))
