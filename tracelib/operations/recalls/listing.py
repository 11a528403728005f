"""The list of every carton that a recall concerns, as a file."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

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
        unit.fate.value,
        unit.holder or ("?" if unit.fate in (Fate.SENT, Fate.SOLD) else ""),
        unit_cell(unit.container),
        unit.since.isoformat(timespec="seconds") if unit.since else "",
        unit.void,
    )


def unit_cell(unit_id: str) -> str:
    """A unit as a sheet shows it: a number of 18 digits would lose its last ones, so it has its name before it."""
    return f"SSCC {unit_id}" if unit_id.isdigit() else unit_id


def csv_line(cells: Sequence[str]) -> bytes:
    """One line of CSV; a text that a sheet would take for a formula is none any more."""
    line = ",".join(cells)
    if set(line) & _SPECIAL:
        line = ",".join(map(_quoted, cells))
    return f"{line}\r\n".encode()


_SPECIAL = frozenset('"\r\n=+@\t')
_FORMULA = re.compile(r"[=@\t]|[+-](?![0-9 -]+$)")


def _quoted(text: str) -> str:
    text = f"'{text}" if _FORMULA.match(text) else text
    return '"' + text.replace('"', '""') + '"' if set(text) & set(',"\r\n') else text
