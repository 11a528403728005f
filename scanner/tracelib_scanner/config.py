"""``line.toml``: what a line is called, whom it works for, what it does and which devices it has.

The file is checked as a whole: one run names every fault.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tracelib.errors import FormatError, TraceError
from tracelib.identifiers.own_number import parse_own_number
from tracelib.operations.issuing.void import Reason
from tracelib.operations.line_rules import LineRule
from tracelib.operations.line_task import LineTask, TaskKind
from tracelib_scanner.debounce import DEFAULT_WINDOW_S
from tracelib_scanner.errors import LineConfigError, LineFileError
from tracelib_scanner.expectations import rules_from
from tracelib_scanner.fields import Table
from tracelib_scanner.kiosk.settings import ScreenSettings, screen_settings
from tracelib_scanner.registry import DRIVERS, DeviceConfig, driver_module
from tracelib_scanner.scales.settings import ScaleConfig, scale_from

ACTIVATE = "activate"
ACTIVATE_AND_PACK = "activate+pack"
MODES = (ACTIVATE, ACTIVATE_AND_PACK, *(kind.value for kind in TaskKind))
"""What a station does with each good code."""
NUMBER_SHAPE = "1 to 20 of 0-9, A-Z, full stop and hyphen, beginning and ending with a digit or letter"


@dataclass(frozen=True, slots=True)
class LineConfig:
    """A line. ``journal`` is the folder of the journals; ``party`` may be empty: then the workspace's party. ``task``:
    what is done with good codes instead of activating them; ``rules``: what it expects beyond a good code.
    """

    file: Path
    station: str
    party: str
    packs: bool
    task: LineTask | None
    cartons_per_pallet: int
    partial_pallets: bool
    repeat_s: float
    journal: Path
    devices: tuple[DeviceConfig, ...]
    screen: ScreenSettings | None = None
    rules: tuple[LineRule, ...] = ()
    scale: ScaleConfig | None = None

    def journal_file(self, party_id: str) -> Path:
        """The journal of this station for a party."""
        return self.journal / party_id / f"{self.station}.db"

    def status_file(self, party_id: str) -> Path:
        """Where the running line says how it does."""
        return self.journal / party_id / f"{self.station}.status.json"


def read_config(file: Path) -> LineConfig:
    """Read and check a line's configuration.

    Raises:
        LineFileError: the file is not there or no TOML.
        LineConfigError: it has faults; ``faults`` holds all of them.
    """
    try:
        values = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:  # no text, no TOML, or a number of thousands of digits
        raise LineFileError(file=file, detail=error) from None
    return parse_config(values, file)


def parse_config(values: Mapping[str, object], file: Path) -> LineConfig:
    """Check what a configuration file says; relative paths are relative to its folder. Raises ``LineConfigError``."""
    faults: list[TraceError] = []
    table = Table(values, "", faults, file.absolute().parent)
    mode = table.choice("mode", ACTIVATE_AND_PACK, MODES)
    packs = mode == ACTIVATE_AND_PACK
    config = LineConfig(
        file=file,
        station=_number(table, "station", "station name", required=True),
        party=_number(table, "party", "party id", required=False),
        packs=packs,
        task=_task(table, mode),
        cartons_per_pallet=table.integer("cartons_per_pallet", 1, 1, 10_000, required=packs),
        partial_pallets=table.flag("partial_pallets", False),
        repeat_s=table.number("repeat_s", DEFAULT_WINDOW_S, 0, 60, "s"),
        journal=table.path("journal", "a folder", "journal"),
        devices=_devices(table.tables("device", "device"), faults),
        screen=screen_settings(screen) if (screen := table.table("screen")) else None,
        rules=rules_from(expect) if (expect := table.table("expect")) else (),
        scale=scale_from(scale) if (scale := table.table("scale")) else None,
    )
    table.finish()
    if faults:
        raise LineConfigError(faults, file=file)
    return config


def _task(table: Table, mode: str) -> LineTask | None:
    """What the mode asks for: whom goods go to (``to``) or come from (``from``), the ``reason`` of voids."""
    if mode in (ACTIVATE, ACTIVATE_AND_PACK):
        return None
    kind = TaskKind(mode)
    sides = "an id of the catalogue, a GLN or a URI"
    other, reason = "", None
    if kind is TaskKind.SHIP:
        other = table.text("to", expected=sides, required=True)
    elif kind in (TaskKind.RECEIVE, TaskKind.RETURN):
        other = table.text("from", expected=sides)
    elif kind is TaskKind.VOID:
        words = tuple(one.value for one in Reason)
        given = table.text("reason", expected=" | ".join(words), required=True)
        if given in words:
            reason = Reason(given)
        elif given:
            table.fault("reason", given, " | ".join(words))
    return LineTask(kind, other, reason)


def _number(table: Table, name: str, what: str, *, required: bool) -> str:
    text = table.text(name, expected=NUMBER_SHAPE, required=required)
    if text:
        try:
            parse_own_number(text, what)
        except FormatError:
            table.fault(name, text, NUMBER_SHAPE)
    return text


def _devices(tables: list[Table], faults: list[TraceError]) -> tuple[DeviceConfig, ...]:
    devices: list[DeviceConfig] = []
    for table in tables:
        name = table.text("name", expected="a name of its own", required=True)
        if name and any(device.name == name for device in devices):
            table.fault("name", name, "a name that no other device has")
        type_name = table.text("type", expected=" | ".join(DRIVERS), required=True)
        if type_name not in DRIVERS:
            if type_name:
                table.fault("type", type_name, " | ".join(DRIVERS))
            continue  # without its type nobody knows what its other fields should be
        settings = driver_module(type_name).options(table)
        table.finish()
        devices.append(DeviceConfig(name, type_name, settings))
    return tuple(devices)
