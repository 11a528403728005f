"""``tracelib trace``: where goods came from, what happened to them, where they went."""

from pathlib import Path

import click

from tracelib_cli.command import TranslatedCommand, answers
from tracelib_cli.context import Context, pass_context


@click.command(cls=TranslatedCommand)
@click.argument("what", metavar="CODE|LOT|SSCC")
@click.option("--back", is_flag=True, help="Only where it came from.")
@click.option("--forward", is_flag=True, help="Only where it went.")
@click.option("--at", "at_text", metavar="TIME", help="As it was then: 2026-11-23, or with a time of day.")
@click.option("--one-step", is_flag=True, help="Name what comes directly before and behind, and go no further.")
@click.option("--epcis", type=click.Path(dir_okay=False, path_type=Path), help="Write the events, as EPCIS 2.0.")
@click.option("--svg", type=click.Path(dir_okay=False, path_type=Path), help="Draw the route, as a picture (SVG).")
@answers
@pass_context
def command(
    context: Context,
    *,
    what: str,
    back: bool,
    forward: bool,
    at_text: str | None,
    one_step: bool,
    epcis: Path | None,
    svg: Path | None,
) -> None:
    """Trace a code, a batch or a pallet: back to the harvest, forward to where everything went.

    CODE is a serial number, a code as printed, or an identifier of events; LOT is written as LOT, PRODUCT/LOT or
    PARTY/PRODUCT/LOT. What every party of this workspace recorded is joined, each with its name. A carton shares what
    happens to its pallet as long as it lies on it.

    Example: tracelib trace 26A0137 --forward
    """
    from tracelib.operations.events.home import workspace_homes
    from tracelib.operations.export import write_file
    from tracelib.operations.trace.as_json import history_as_json
    from tracelib.operations.trace.chain import trace
    from tracelib.operations.trace.instant import parse_instant
    from tracelib.operations.trace.names import Names
    from tracelib.operations.trace.query_document import write_events
    from tracelib.publish.route_picture import draw
    from tracelib.trace.route.picture import route_of
    from tracelib.trace.route.walk import Way
    from tracelib_cli.route_text import sheet_of
    from tracelib_cli.trace_tree import TraceTree

    at = parse_instant(at_text) if at_text else None
    sides = (back or not forward, forward or not back)
    ways = [way for way, wanted in zip((Way.BACK, Way.FORWARD), sides, strict=True) if wanted]
    with context.store.reading() as uow:
        party = context.settings.text("party")
        homes = workspace_homes(uow, context.settings.text("root"), context.bundle_path())
        history = trace(uow, what, ways=ways, at=at, one_step=one_step, party_default=party, homes=homes)
        if epcis:
            write_events(uow, history, epcis, context.clock.now())
        names = Names(uow, context.language)
        if svg:
            sheet = sheet_of(context, history, route_of(history), names, context.clock.now())
            write_file(svg, iter([draw(sheet).encode()]))
        if context.out.json:
            context.out.value(history_as_json(history))
            return
        context.out.console().print(TraceTree(context, history, names).grown(*sides))
    for cut in history.cuts:
        text = "Left out for its size: {what} of {thing}; {shown} of {total} or more are in this answer."
        context.out.line(context.say(text, what=cut.what, thing=cut.thing, shown=cut.shown, total=cut.total))
    if epcis:
        context.out.line(context.say("{count} events written to {file}", count=len(history.event_ids), file=epcis))
    if svg:
        context.out.line(context.say("The route is drawn in {file}", file=svg))
