"""``tracelib line``: the packing line."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracelib.clock import CHINA
from tracelib.errors import NotFoundError, SettingsError
from tracelib_cli.command import TranslatedGroup, answers
from tracelib_cli.commands.line_install import install
from tracelib_cli.commands.line_shift import report as report_command
from tracelib_cli.context import Context, pass_context
from tracelib_cli.errors import INTERRUPTED
from tracelib_cli.line_party import party_of

if TYPE_CHECKING:
    from tracelib.operations.capture import Line
    from tracelib.operations.trust.ring import LiveRing
    from tracelib_cli.line_report import Report
    from tracelib_scanner.board import Board
    from tracelib_scanner.config import LineConfig
    from tracelib_scanner.journal import Journal
    from tracelib_scanner.station import Station
    from tracelib_scanner.status import Status


class NoPinnedRootError(SettingsError):
    """The workspace does not say which root it trusts."""

    code = "line.no_root"
    template = "A line needs the fingerprint of the root that it trusts: set «root» in tracelib.toml."


class NoBundleError(NotFoundError):
    """The workspace has no trust bundle."""

    code = "line.no_bundle"
    template = "There is no trust bundle {file}: tracelib bundle export, or tracelib bundle import FILE"


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
@answers
@pass_context
def run(context: Context, config: Path | None, until_idle: float | None) -> int:
    """Run a line: verify what the devices read, activate cartons, pack pallets. End it with Ctrl-C.

    It needs no network. Every reading is on disk before the reader is told so; what a power cut interrupts is done at
    the next start. With --json every answer is one line, and a summary is the last.

    Example: tracelib line run --config line.toml --until-idle 60
    """
    from tracelib_cli.line_report import Report
    from tracelib_cli.line_screens import Screens, board_of
    from tracelib_scanner.config import read_config

    settings = read_config(config or context.settings.path("line"))
    report = Report(context, board_of(settings))
    with (
        _station(context, settings, report) as station,
        Screens(context, settings, station, report) as screens,
        _signals_as_interrupt(),
    ):

        def tick() -> None:
            """Once a second, also where nothing happens."""
            screens.tell(_say_status(context, settings, station, report.board))
            screens.show()

        interrupted = False
        try:
            for news in station.work(until_idle, tick):
                report.show(news)
                screens.show()
        except KeyboardInterrupt:
            interrupted = True
        _say_status(context, settings, station, report.board, ended=True)
        report.summary(waiting=len(station.session.waiting))
    return INTERRUPTED if interrupted else 0


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


def _say_status(
    context: Context, config: "LineConfig", station: "Station", board: "Board", *, ended: bool = False
) -> "Status":
    """Replace the line's status file; what it says."""
    from tracelib_scanner.status import status_of, write_status

    party = party_of(context, config)
    facts = {**status_of(station, board, config.station, party, context.clock.now()), "ended": ended}
    write_status(config.status_file(party), facts)
    return facts


@contextmanager
def _station(context: Context, config: "LineConfig", report: "Report") -> Iterator["Station"]:
    """The station with everything it needs, taken apart in the end."""
    from tracelib.operations.capture import counted_since
    from tracelib.operations.pack import PackingSession
    from tracelib_scanner.debounce import Debouncer
    from tracelib_scanner.journal import Journal
    from tracelib_scanner.registry import make_driver
    from tracelib_scanner.station import Station

    party = party_of(context, config)
    drivers = [make_driver(device, context.clock) for device in config.devices]
    store = context.store
    journal = Journal(config.journal_file(party))
    try:
        line = _line(context, config, party, journal)
        report.trust(line.keyring)
        today = context.clock.now().astimezone(CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
        report.board.began(today.date(), counted_since(line, today))
        session = PackingSession(config.cartons_per_pallet, config.partial_pallets)
        station = Station(line, journal, drivers, session, Debouncer(config.repeat_s), context.clock)
        if station.journal_was_behind:
            report.warn("The journal is older than the database; readings that were only in the lost one are gone.")
        with station:
            yield station
    finally:
        journal.close()
        store.close()


def _line(context: Context, config: "LineConfig", party: str, journal: "Journal") -> "Line":
    from tracelib.operations.activate import Place
    from tracelib.operations.capture import Line
    from tracelib.operations.line_task import require_side

    with context.store.reading() as uow:
        entry = uow.catalog.party(party)
    place = Place(party, config.station, (entry.gln or "") if entry else "")
    live = _live_ring(context, journal)
    with context.store.reading() as uow:
        keyring = live(uow)
        if config.task is not None:
            require_side(uow, keyring, place, config.task)
    return Line(context.store, keyring, place, config.packs, config.task, serial_keys=context.serial_keys, live=live)


def _live_ring(context: Context, journal: "Journal") -> "LiveRing":
    """The workspace's trust: its bundle under the pinned root, and what comes after the bundle, also meanwhile."""
    from tracelib.operations.trust.ring import LiveRing

    pinned = context.settings.text("root")
    if not pinned:
        raise NoPinnedRootError
    path = context.bundle_path()
    if not path.is_file():
        raise NoBundleError(file=path)
    floor = journal.certain_time()
    return LiveRing(pinned, path, floor_s=int(floor.timestamp()) if floor else 0)


@contextmanager
def _signals_as_interrupt() -> Iterator[None]:
    """The end that a service manager asks for is the same clean end as Ctrl-C.

    SIGINT has a handler of its own too: a shell ignores it for what a script starts with ``&``, Python takes that over
    and would never raise KeyboardInterrupt.
    """

    def stop(_signal: int, _frame: object) -> None:
        """Any of the signals, as Ctrl-C."""
        raise KeyboardInterrupt

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
