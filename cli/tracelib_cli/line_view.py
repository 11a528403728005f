"""The line on a terminal: the facts of the operator's page, for a machine without a browser."""

import time
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from rich.align import Align
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from tracelib.text import Language, phrases
from tracelib_scanner.kiosk.view import page_facts

if TYPE_CHECKING:
    from types import TracebackType

    from tracelib_scanner.board import Facts

PACE_S = 0.1
"""No faster than this: an eye sees no more, and drawing costs the line's own time."""
LOOKS = {
    "good": ("✓", "bold white on dark_green"),
    "bad": ("✗", "bold white on dark_red"),
    "unclear": ("?", "bold black on yellow"),
}
"""Sign and colour; the sign says it without the colour."""


class LineView:
    """A full screen that is drawn anew when something happened, as a context manager. One thread draws."""

    def __init__(self, language: Language, console: Console | None = None) -> None:
        self._language: Language = language
        self._say = phrases(language)
        self._console = console or Console()
        self._live = Live(console=self._console, screen=True, auto_refresh=False)
        self._drawn_s = 0.0
        self._number = -1
        self._note = ""

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: "TracebackType | None"
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the terminal back."""
        self._live.stop()

    def note(self, text: str) -> None:
        """A warning; the newest stands below everything else."""
        self._note = text

    def show(self, facts: "Facts", now: datetime, *, whole: bool = False) -> None:
        """Draw the facts, unless it was drawn a moment ago. ``whole``: draw in any case, for the clock."""
        now_s = time.monotonic()
        if whole or (facts.number != self._number and now_s - self._drawn_s >= PACE_S):
            self._drawn_s, self._number = now_s, facts.number
            self._live.update(self.picture(page_facts(facts, now)), refresh=True)

    def picture(self, facts: dict[str, Any]) -> RenderableType:
        """What is drawn of the page's facts."""
        parts: list[RenderableType] = [
            Text(f" {facts['station']}   {facts['day']} {facts['now']}", style="bold"),
            self._verdict(facts["last"][0] if facts["last"] else None),
            self._counts(facts),
            self._last(facts["last"]),
            self._devices(facts["devices"]),
        ]
        if self._note:
            parts.append(Text(self._note, style="yellow"))
        return Group(*parts)

    def _verdict(self, reading: dict[str, Any] | None) -> RenderableType:
        if reading is None:
            return Panel(Align.center(self._say("Nothing read yet.")), padding=(2, 1))
        sign, style = LOOKS[reading["look"]]
        lines = [f"{sign}  {self._of(reading['word'])}", self._of(reading["why"]), self._of(reading["to_do"])]
        unit = " ".join(word for word in (reading["unit"], reading["lot"]) if word)
        text = Text("\n".join(line for line in (*lines, unit) if line), justify="center")
        return Panel(text, style=style, padding=(1, 1))

    def _counts(self, facts: dict[str, Any]) -> RenderableType:
        today = facts["today"]
        table = Table.grid(padding=(0, 3))
        cells = [
            (self._say("good today"), str(today["done"])),
            (self._say("refused today"), str(today["refused"])),
            (self._say("pallets today"), str(today["pallets"])),
        ]
        if facts["wanted"]:
            cells.append((self._say("on this pallet"), f"{facts['waiting']} / {facts['wanted']}"))
        table.add_row(*(Text(f"{count}  {word}", style="bold") for word, count in cells))
        return Panel(Align.center(table))

    def _last(self, readings: list[dict[str, Any]]) -> RenderableType:
        table = Table(expand=True, title=self._say("Last ten"), box=None)
        for name in ("Time", "Device", "", "", ""):
            table.add_column(self._say(name) if name else "", no_wrap=True, overflow="ellipsis")
        for one in readings:
            sign, _ = LOOKS[one["look"]]
            times = f"{one['times']}×" if one["times"] > 1 else ""
            why = self._of(one["why"]) or " ".join(word for word in (one["unit"], one["lot"]) if word)
            table.add_row(one["at"], one["device"], f"{sign} {self._of(one['word'])}", times, why)
        return table

    def _devices(self, devices: list[dict[str, Any]]) -> RenderableType:
        text = Text()
        for one in devices:
            bad = one["state"] in ("down", "degraded")
            why = f": {self._of(one['why'])}" if one["why"] else ""
            text.append(f" {one['name']} {self._of(one['word'])}{why}  ", style="bold red" if bad else "")
        return text

    def _of(self, said: dict[Language, str]) -> str:
        return said[self._language]
