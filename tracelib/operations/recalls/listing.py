"""The list of every carton that a recall concerns, as a file."""

import csv
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from tracelib.clock import CHINA
from tracelib.codes.serial import SERIAL_LENGTH, grouped
from tracelib.operations.export import write_file
from tracelib.operations.recalls.affected import Affected, AffectedUnit
from tracelib.trace.recall import Fate, Recall

COLUMNS = (
    "召回编号 recall",
    "演练 drill",
    "件 unit",
    "序列号 serial",
    "批次 batch",
    "重量(克) weight_g",
    "状态 state",
    "在谁处 holder",
    "物流单元 container",
    "最近事件 since",
    "作废原因 void",
)
"""Heads of the list, for people who read either language."""
AT_ONCE = 4096


def write_listing(affected: Affected, recall: Recall, path: Path) -> int:
    """Write a CSV of every unit that was activated; its size in bytes. UTF-8 with its mark, as Excel and WPS read it.

    Raises OutputError.
    """
    return write_file(path, _lines(affected, recall))


def _lines(affected: Affected, recall: Recall) -> Iterator[bytes]:
    yield b"\xef\xbb\xbf" + csv_line(COLUMNS)
    head = (recall.number, "DRILL" if recall.drill else "")
    units = affected.units
    for start in range(0, len(units), AT_ONCE):
        yield b"".join([csv_line((*head, *_row(affected, unit))) for unit in units[start : start + AT_ONCE]])


def _row(affected: Affected, unit: AffectedUnit) -> tuple[str, ...]:
    product, lot = unit.lot
    return (
        unit_cell(unit.unit_id),
        grouped(unit.unit_id) if len(unit.unit_id) == SERIAL_LENGTH else "",
        f"{affected.party_id}/{product}/{lot}" if product else lot,
        "" if unit.weight_g is None else str(unit.weight_g),
        "used" if unit.used else unit.fate.value,
        unit.holder or ("?" if unit.fate in (Fate.SENT, Fate.SOLD) else ""),
        unit_cell(unit.container),
        _time(unit.since) if unit.since else "",
        unit.void,
    )


@lru_cache(maxsize=AT_ONCE)
def _time(at: datetime) -> str:
    """As on the clock on the wall: thousands of units moved together."""
    return at.astimezone(CHINA).isoformat(timespec="seconds")


def unit_cell(unit_id: str) -> str:
    """A unit as a sheet shows it: a number of 18 digits would lose its last ones, so it has its name before it."""
    return f"SSCC {unit_id}" if unit_id.isdigit() else unit_id


def csv_line(cells: Sequence[str]) -> bytes:
    """One line of CSV (RFC 4180); a text that a sheet would take for a formula is none any more."""
    line: str = _WRITER.writerow([_harmless(cell) if cell[:1] in _SIGNS else cell for cell in cells])
    return line.encode()


def _harmless(cell: str) -> str:
    return f"'{cell}" if _FORMULA.match(cell) else cell


class _Line:
    """Where ``csv.writer`` writes: it hands the line back."""

    def write(self, line: str) -> str:
        return line


_WRITER: Any = csv.writer(_Line())
_SIGNS = frozenset("=@\t+-")
_FORMULA = re.compile(r"[=@\t]|[+-](?![0-9 -]+$)")
