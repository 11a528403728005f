"""``tracelib event hash``: what a file of events says, without a workspace."""

from pathlib import Path

import click

from tracelib_cli.command import TranslatedCommand, answers
from tracelib_cli.context import Context, pass_context


@click.command("hash", cls=TranslatedCommand)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--prehash", is_flag=True, help="Show the text that is hashed as well.")
@answers
@pass_context
def hash_(context: Context, file: Path, prehash: bool) -> None:
    """Compute the CBV 2.0 event hash of each event in a file of EPCIS 2.0 JSON. No network, no workspace needed.

    Example: tracelib event hash delivery.jsonld --prehash
    """
    from tracelib.trace.read_file import hashes_of

    for one in hashes_of(file):
        if context.out.json:
            shown = {"event": one.position, "event_id": one.event_id or None, "hash": one.hash}
            context.out.value({**shown, "prehash": one.pre_hash} if prehash else shown)
        else:
            context.out.line(one.hash)
            if prehash:
                context.out.line(one.pre_hash)
