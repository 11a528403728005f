"""``tracelib line run``: a station at work, taken down and put up again when its configuration changes."""

import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tracelib.clock import CHINA
from tracelib.errors import NotFoundError, SettingsError, TraceError
from tracelib_cli.context import Context
from tracelib_cli.errors import INTERRUPTED
from tracelib_cli.line_party import party_of

if TYPE_CHECKING:
    from tracelib.operations.capture import Line
    from tracelib.operations.trust.ring import LiveRing
    from tracelib_cli.line_file import LineFile
    from tracelib_cli.line_report import Report
    from tracelib_cli.line_view import LineView
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


def run_line(context: Context, path: Path, until_idle_s: float | None, view: "LineView | None" = None) -> int:
    """Run the line of a configuration file until it ends; the exit status. ``view`` shows it instead of lines.

    A change of the file that cannot be put to work is told, and the line goes on with what it had.
    """
    from tracelib_cli.line_file import LineFile
    from tracelib_cli.line_report import Report
    from tracelib_cli.line_screens import shape_of
    from tracelib_scanner.board import Board

    file = LineFile(path)
    report = Report(context, Board(*shape_of(file.config)), view)
    good: LineConfig | None = None
    with _signals_as_interrupt(), context.store:
        while True:
            config = file.config
            with ExitStack() as stack:
                try:
                    run = _Run(context, config, report, stack)
                except TraceError as error:
                    if good is None or good is config:
                        raise
                    stack.close()
                    report.fault(error)
                    file.config = good
                    report.board.change(*shape_of(good))
                    continue
                good = config
                ended = run.work(file, until_idle_s)
            if ended is not None:
                return ended
            report.board.change(*shape_of(file.config))


class _Run:
    """One configuration at work; what it opened goes onto the stack of who made it."""

    def __init__(self, context: Context, config: "LineConfig", report: "Report", stack: ExitStack) -> None:
        from tracelib_cli.line_screens import Screens

        self._context = context
        self._config = config
        self._report = report
        self._station = stack.enter_context(_station(context, config, report))
        self._screens = stack.enter_context(Screens(context, config, self._station, report))

    def work(self, file: "LineFile", until_idle_s: float | None) -> int | None:
        """Until the end, whose exit status it gives; None where the file changed."""
        changed = False

        def tick() -> None:
            """Once a second, also where nothing happens."""
            nonlocal changed
            self._screens.tell(self._say_status())
            self._screens.show(whole=True)
            if not changed and file.is_changed(self._report.fault):
                changed = True
                self._station.stop()

        interrupted = False
        try:
            for news in self._station.work(until_idle_s, tick):
                self._report.show(news)
                self._screens.show()
        except KeyboardInterrupt:
            interrupted = True
        if changed and not interrupted:
            return None
        self._say_status(ended=True)
        if self._report.view is not None:
            self._report.view.close()
        self._report.summary(waiting=len(self._station.session.waiting))
        return INTERRUPTED if interrupted else 0

    def _say_status(self, *, ended: bool = False) -> "Status":
        """Replace the line's status file; what it says."""
        from tracelib_scanner.status import status_of, write_status

        party = party_of(self._context, self._config)
        now = self._context.clock.now()
        facts = status_of(self._station, self._report.board, self._config.station, party, now)
        status = {**facts, "ended": ended}
        write_status(self._config.status_file(party), status)
        return status


@contextmanager
def _station(context: Context, config: "LineConfig", report: "Report") -> Iterator["Station"]:
    """The station with everything it needs, taken apart in the end."""
    from tracelib.operations.capture import counted_since
    from tracelib.operations.pack import PackingSession
    from tracelib_scanner.debounce import Debouncer
    from tracelib_scanner.journal import Journal
    from tracelib_scanner.registry import make_driver
    from tracelib_scanner.scales.weighing import Weighing
    from tracelib_scanner.station import Station

    party = party_of(context, config)
    drivers = [make_driver(device, context.clock) for device in config.devices]
    journal = Journal(config.journal_file(party))
    try:
        line = _line(context, config, party, journal)
        report.trust(line.keyring)
        today = context.clock.now().astimezone(CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
        report.board.began(today.date(), counted_since(line, today))
        session = PackingSession(config.cartons_per_pallet, config.partial_pallets)
        weighing = Weighing(config.scale, context.clock) if config.scale is not None else None
        station = Station(line, journal, drivers, session, Debouncer(config.repeat_s), context.clock, weighing=weighing)
        if station.journal_was_behind:
            report.warn("The journal is older than the database; readings that were only in the lost one are gone.")
        with station:
            yield station
    finally:
        journal.close()


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
    return Line(
        context.store,
        keyring,
        place,
        config.packs,
        config.task,
        serial_keys=context.serial_keys,
        live=live,
        rules=config.rules,
        weighs=config.scale is not None and config.scale.required,
    )


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
