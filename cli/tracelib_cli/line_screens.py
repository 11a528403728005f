"""What shows a running line beside its report: the operator's page, the view on a terminal."""

import contextlib
from typing import TYPE_CHECKING, Self

from tracelib.errors import MissingExtraError
from tracelib_cli.output import echo
from tracelib_scanner.kiosk.bulletin import Bulletin
from tracelib_scanner.scales.settings import NAME as SCALE

if TYPE_CHECKING:
    from types import TracebackType

    from tracelib_cli.context import Context
    from tracelib_cli.line_report import Report
    from tracelib_scanner.config import LineConfig
    from tracelib_scanner.station import Station
    from tracelib_scanner.status import Status


def shape_of(config: "LineConfig") -> tuple[str, list[str], int]:
    """What a board must know of a line: its name, its devices, and how many cartons a pallet takes; 0 for none."""
    names = [device.name for device in config.devices] + ([SCALE] if config.scale is not None else [])
    return config.station, names, config.cartons_per_pallet if config.packs else 0


class Screens:
    """The screens of a line, as a context manager: none where line.toml has no ``[screen]``."""

    def __init__(self, context: "Context", config: "LineConfig", station: "Station", report: "Report") -> None:
        self._context = context
        self._config = config
        self._station = station
        self._board = report.board
        self._view = report.view
        self._bulletin = Bulletin(context.clock.monotonic)
        self._open = contextlib.ExitStack()

    def __enter__(self) -> Self:
        self.show(whole=True)
        if self._config.screen is not None:
            self._serve()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: "TracebackType | None"
    ) -> None:
        self._open.close()

    def tell(self, status: "Status") -> None:
        """What monitoring gets at ``/metrics`` from now on."""
        self._bulletin.status = status

    def show(self, *, whole: bool = False) -> None:
        """Hand the facts of this moment to every screen; ``whole``: also where nothing happened, for the clock."""
        if self._config.screen is None and self._view is None:
            return
        now = self._context.clock.now()
        facts = self._board.facts(now, [one.unit_id for one in self._station.session.waiting])
        if self._config.screen is not None:
            self._bulletin.put(facts, now)
        if self._view is not None:
            self._view.show(facts, now, whole=whole)

    def _serve(self) -> None:
        try:
            from tracelib_scanner.kiosk.app import Screen
            from tracelib_scanner.kiosk.server import ScreenServer
        except ModuleNotFoundError as error:
            raise MissingExtraError(what="[screen]", extra="web") from error
        assert self._config.screen is not None  # noqa: S101 - asked by the caller
        server = self._open.enter_context(
            ScreenServer(Screen(self._config.screen, self._bulletin, self._context.clock))
        )
        if self._view is not None:
            self._view.note(self._context.say("The operator's page is at {url}", url=server.url))
        elif self._context.out.json:
            self._context.out.value({"type": "screen", "url": server.url})
        else:
            echo(self._context.say("The operator's page is at {url}", url=server.url), err=True)
