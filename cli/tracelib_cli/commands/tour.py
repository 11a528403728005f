"""``tracelib tour``: the day's work step by step, on sample data."""

import sys
from pathlib import Path

import click

from tracelib_cli.command import TranslatedCommand, answers
from tracelib_cli.context import Context, pass_context


@click.command(cls=TranslatedCommand)
@click.option("--dir", "folder", type=click.Path(path_type=Path, file_okay=False), default=Path("tour"),
              show_default=True, help="Folder for the tour; you can go on playing in it afterwards.")  # fmt: skip
@click.option("--yes", is_flag=True, help="Do not wait between the steps.")
@answers
@pass_context
def command(context: Context, folder: Path, yes: bool) -> None:
    """Be shown around: eight steps from an empty folder to a void label, each explained, run for real, on sample data.

    Enter goes on to the next step, q stops; the same command goes on where you stopped.

    Example: tracelib tour
    """
    from tracelib_cli.tour.guide import PASSPHRASE, Guide
    from tracelib_cli.tour.steps import BATCH, STEPS

    waits = not (yes or context.out.json)
    if waits and not sys.stdin.isatty():
        raise click.UsageError(context.say("the tour waits for Enter at a terminal; elsewhere give --yes"))
    guide = Guide(context, folder, waits=waits)
    finished = guide.walk(STEPS)
    if context.out.json:
        done = [step.name for step in STEPS[: guide.done]]
        context.out.value({"folder": folder.absolute(), "done": done, "finished": finished})
        return
    say, line = context.say, context.out.line
    line("")
    if not finished:
        line(say("Go on at any time with: {command}", command=f"tracelib tour --dir {folder}"))
        return
    line(say("That was the tour. Go on playing in the folder (passphrase: {passphrase}):", passphrase=PASSPHRASE))
    for text in (f"cd {folder}", f"tracelib code export {BATCH}", "tracelib serve", "tracelib doctor"):
        line(f"  {text}")
    line(say("What next: your own workspace, tracelib init; all of it in one go with a packing line, tracelib demo"))
