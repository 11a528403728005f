"""Temperature logs as loggers export them: CSV with a time and a temperature, whatever stands around these.

Read are tables with a header that names both (in Chinese or English; date and time may stand apart; lines before the
header are the logger's own), and tables without one that have a time, a temperature and maybe a running number.
Times without a zone are in UTC+08:00. Lines in which the logger notes that it had no value are counted as gaps.
"""

import csv
import hashlib
import io
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path

from tracelib.clock import CHINA
from tracelib.errors import FormatError, TraceError
from tracelib.sheets.csv_text import encoding_of
from tracelib.sheets.errors import LISTED, TooLargeError
from tracelib.sheets.limits import LIMITS
from tracelib.trace.temperature import TemperatureLog

MOST = 1_000_000
"""Readings: one a second for eleven days."""
LONGEST_LINE = 10_000
HEADER_WITHIN = 200
"""Lines in which the header, or the first reading, is looked for."""
COLDEST, HOTTEST = Decimal(-100), Decimal(150)
_TIME_WORDS = frozenset(
    {"time", "datetime", "date time", "date/time", "timestamp", "record time"}
    | {"时间", "日期时间", "记录时间", "采集时间", "测量时间", "监测时间"}
)
_DATE_WORDS = frozenset(["date", "日期"])
_WARM_WORDS = re.compile(r"(?:temp(?:erature)?|温度|celsius|°c|t)\b.*|.*(?:°c|温度|temperature).*")
_FAHRENHEIT = re.compile(r".*(?:°f|fahrenheit|华氏).*")
_TIME = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?[ T]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?"
)
_WARMTH = re.compile(r"([+-]?\d{1,3}(?:[.,]\d{1,6})?)\s*(?:°c|c)?")
_GAPS = frozenset(["", "-", "--", "---", "n/a", "na", "null", "nan", "error", "err", "无", "断线", "故障"])


class LogLineError(FormatError):
    """One line of a log that is no reading."""

    code = "sheet.log_line"
    template = (
        "{file}, line {row}: «{value}» is no reading; expected a time with the year first (2026-11-23 09:30) and "
        "degrees Celsius (4.5)."
    )


class LogError(FormatError):
    """A log with faulty lines; ``faults`` holds the first of them."""

    code = "sheet.log"
    template = "{file}: {count} lines of the temperature log cannot be read. The faults stand above."

    def __init__(self, faults: Sequence[TraceError], *, file: str, count: int) -> None:
        self.faults = tuple(faults)
        super().__init__(file=file, count=count)


class NoLogError(FormatError):
    """A file without a table of times and temperatures."""

    code = "sheet.no_log"
    template = (
        "{file} is no temperature log: expected CSV with a column of times (时间, time) and one of temperatures (温度, "
        "temperature) in °C."
    )


class FahrenheitError(FormatError):
    """Temperatures in another unit."""

    code = "sheet.log_fahrenheit"
    template = "{file} has its temperatures in «{column}»: set the logger's program to °C and export it again."


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where a line has its date (None: with the time), time and temperature."""

    date: int | None
    time: int
    warmth: int
    delimiter: str


@dataclass(slots=True)
class _Readings:
    """What was read so far."""

    first: datetime | None = None
    last: datetime | None = None
    lowest: Decimal = HOTTEST
    highest: Decimal = COLDEST
    total: Decimal = Decimal(0)
    count: int = 0
    gaps: int = 0
    wrong: int = 0
    faults: list[TraceError] = field(default_factory=list)

    def add(self, at: datetime, warmth: Decimal) -> None:
        """One reading more."""
        self.first = at if self.first is None or at < self.first else self.first
        self.last = at if self.last is None or at > self.last else self.last
        self.lowest, self.highest = min(self.lowest, warmth), max(self.highest, warmth)
        self.total += warmth
        self.count += 1


def read_temperature_log(path: Path) -> TemperatureLog:
    """Read a log and sum it up.

    Raises:
        NoLogError, FahrenheitError, LogError, TooLargeError, EncodingError: it is no log that can be read.
        OSError: the file cannot be opened.
    """
    file = path.name
    with path.open("rb") as stream:
        data = stream.read(LIMITS.file + 1)
        if len(data) > LIMITS.file:
            raise TooLargeError(file=file, found=f"> {LIMITS.file}", kind="bytes", limit=LIMITS.file)
        encoding = encoding_of(io.BytesIO(data), file)
    lines = io.StringIO(data.decode(encoding), newline=None).read().split("\n")
    columns, start = _columns(lines, file)
    found = _Readings()
    for row, cells in _cells(lines, start, columns.delimiter):
        _take(found, columns, cells, file, row)
        if found.count > MOST:
            raise TooLargeError(file=file, found=f"> {MOST}", kind="rows", limit=MOST)
    if found.wrong:
        raise LogError(found.faults, file=file, count=found.wrong)
    if found.first is None or found.last is None:
        raise NoLogError(file=file)
    mean = (found.total / found.count).quantize(Decimal("0.01"), ROUND_HALF_EVEN)
    digest = hashlib.sha256(data).digest()
    return TemperatureLog(found.first, found.last, found.lowest, found.highest, mean, found.count, found.gaps, digest)


def _take(found: _Readings, columns: _Columns, cells: Sequence[str], file: str, row: int) -> None:
    """One line: a reading, a gap, a line of the logger's own (neither time nor temperature), or a fault."""
    date = cells[columns.date] + " " if columns.date is not None and columns.date < len(cells) else ""
    time = date + (cells[columns.time] if columns.time < len(cells) else "")
    warm = cells[columns.warmth] if columns.warmth < len(cells) else ""
    at, warmth = _parse_time(time), _parse_warmth(warm)
    if at is not None and warmth is not None:
        found.add(at, warmth)
    elif at is not None and warm.casefold() in _GAPS:
        found.gaps += 1
    elif at is not None or (warmth is not None and any(digit.isdigit() for digit in time)):
        found.wrong += 1
        if len(found.faults) < LISTED:
            found.faults.append(LogLineError(file=file, row=row, value=f"{time} {warm}".strip()))


def _columns(lines: Sequence[str], file: str) -> tuple[_Columns, int]:
    """The columns of the log, and the number of lines before its first reading."""
    for number, line in enumerate(lines[:HEADER_WITHIN]):
        for delimiter in (",", ";", "\t"):
            cells = _split(line, delimiter)
            named = _named(cells, delimiter, file)
            if named:
                return named, number + 1
            bare = _bare(cells, delimiter)
            if bare:
                return bare, number
    raise NoLogError(file=file)


def _named(cells: Sequence[str], delimiter: str, file: str) -> _Columns | None:
    """The columns that a header names: the first time, the first temperature."""
    words = [cell.casefold() for cell in cells]
    plain = [re.sub(r"\s*[(\[].*", "", word) for word in words]
    dates = [index for index, word in enumerate(plain) if word in _DATE_WORDS]
    times = [index for index, word in enumerate(plain) if word in _TIME_WORDS]
    if not (times or dates):
        return None
    hot = next((cells[index] for index, word in enumerate(words) if _FAHRENHEIT.fullmatch(word)), None)
    warm = [index for index, word in enumerate(words) if _WARM_WORDS.fullmatch(word) and index not in (*times, *dates)]
    if hot is not None and not any("°c" in words[index] for index in warm):
        raise FahrenheitError(file=file, column=hot)
    if not warm:
        if not any(character.isdigit() for word in words for character in word):
            raise NoLogError(file=file)  # a header of something else: its second column is no temperature
        return None
    apart = dates[0] if dates and times else None
    return _Columns(apart, (times or dates)[0], warm[0], delimiter)


def _bare(cells: Sequence[str], delimiter: str) -> _Columns | None:
    """The columns of a reading in a table without header: a time, then a temperature, maybe a number before them."""
    shift = 1 if len(cells) == 3 and cells[0].isdecimal() else 0
    if len(cells) != 2 + shift or _parse_time(cells[shift]) is None or _parse_warmth(cells[shift + 1]) is None:
        return None
    return _Columns(None, shift, shift + 1, delimiter)


def _cells(lines: Sequence[str], start: int, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    for row, line in enumerate(lines[start:], start + 1):
        if line.strip():
            yield row, _split(line, delimiter)


def _split(line: str, delimiter: str) -> list[str]:
    try:
        record = next(csv.reader([line[:LONGEST_LINE]], delimiter=delimiter), [])
    except csv.Error:
        return []
    return [unicodedata.normalize("NFKC", cell).replace("−", "-").strip() for cell in record]


def _parse_time(text: str) -> datetime | None:
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=_zone(match[7]))
    except ValueError:
        return None


def _zone(text: str | None) -> timezone:
    if text is None:
        return CHINA
    if text == "Z":
        return timezone(timedelta(0))
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))


def _parse_warmth(text: str) -> Decimal | None:
    match = _WARMTH.fullmatch(text.casefold())
    warmth = Decimal(match[1].replace(",", ".")) if match else None
    return warmth if warmth is not None and COLDEST <= warmth <= HOTTEST else None
