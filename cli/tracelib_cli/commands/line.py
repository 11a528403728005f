"""``tracelib line``: the packing line."""

import sys
from pathlib import Path

import click

from tracelib.errors import NotFoundError
from tracelib_cli.command import TranslatedGroup, answers
from tracelib_cli.commands.line_install import install
from tracelib_cli.commands.line_shift import report as report_command
from tracelib_cli.context import Context, pass_context
from tracelib_cli.line_party import party_of


class NeverRunError(NotFoundError):
    """No line of this name has said anything here."""

    code = "line.never_run"
    template = "Line {station} has not run here: tracelib line run"


class NotRunningError(NotFoundError):
    """A line that has stopped, or hangs."""

    code = "line.not_running"
    template = "Line {station} is not running: it last spoke at {at}. Start it: tracelib line run"


@click.group(cls=TranslatedGroup)
def command() -> None:
    """The packing line: readers and cameras, activation, pallets.

    Example: tracelib line run --config line.toml
    """


command.add_command(report_command)
command.add_command(install)


@command.command("run")
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="The line; default: line.toml.")
@click.option(
    "--until-idle", type=click.FloatRange(min=0), metavar="SECONDS", help="End when nothing was read so long."
)
@click.option("--view", is_flag=True, help="A whole screen on this terminal instead of lines.")
@answers
@pass_context
def run(context: Context, config: Path | None, until_idle: float | None, view: bool) -> int:
    """Run a line: verify what the devices read, activate cartons, pack pallets. End it with Ctrl-C.

    It needs no network. Every reading is on disk before the reader is told so; what a power cut interrupts is done at
    the next start. With --json every answer is one line, and a summary is the last.

    A line.toml that changes meanwhile is taken over where all of it is sound; else the line goes on as it was.

    Example: tracelib line run --config line.toml --until-idle 60
    """
    from tracelib_cli.line_run import run_line

    file = config or context.settings.path("line")
    if not view:
        return run_line(context, file, until_idle)
    if context.out.json or not sys.stdout.isatty():
        raise click.UsageError(context.say("--view needs a terminal, and no --json."))
    from tracelib_cli.line_view import LineView

    with LineView(context.language) as shown:
        return run_line(context, file, until_idle, shown)


@command.command("status")
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="The line; default: line.toml.")
@click.option("--prometheus", is_flag=True, help="For monitoring: Prometheus' text format.")
@answers
@pass_context
def status(context: Context, config: Path | None, prometheus: bool) -> None:
    """How a running line does: its devices, what was read and refused, how fast.

    Status 6 when it is not running: then what it last said is shown.

    Example: tracelib line status
    """
    from tracelib_cli.line_status import show
    from tracelib_scanner.config import read_config
    from tracelib_scanner.status import as_prometheus, is_running, read_status

    settings = read_config(config or context.settings.path("line"))
    found = read_status(settings.status_file(party_of(context, settings)))
    if found is None:
        raise NeverRunError(station=settings.station)
    running = is_running(found, context.clock.now())
    if prometheus:
        click.echo(as_prometheus(found, running=running), nl=False)
        return
    show(context, found, running=running)
    if not running:
        raise NotRunningError(station=settings.station, at=found["at"])
