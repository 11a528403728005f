"""Temperature logs as loggers write them; sums by hand, the hash against RFC 6920."""

import hashlib
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from tracelib.clock import CHINA
from tracelib.errors import FormatError
from tracelib.sheets.temperature_log import read_temperature_log
from tracelib.trace.temperature import TemperatureLog, ni_uri

START = datetime(2026, 11, 23, 9, 0, tzinfo=CHINA)
FORMS = {
    "plain": "time,celsius\n2026-11-23 09:00,4.0\n2026-11-23 09:30:00,5.5\n2026-11-23 10:00,-0.5\n",
    "bare": "2026-11-23T09:00,4\n2026-11-23T09:30,5.5\n2026-11-23T10:00,-0.5\n",
    "numbered": "1\t2026/11/23 9:00\t4\n2\t2026/11/23 9:30\t5.5\n3\t2026/11/23 10:00\t-0.5\n",
    "chinese": "序号,记录时间,温度(℃),湿度(%RH)\n1,2026/11/23 9:00:00,4.0,80\n2,2026年11月23日 9:30,5.5℃,81\n"
    "3,2026-11-23 10:00,－0.5,82\n",
    "apart": "Date;Time;Temperature [°C]\n2026-11-23;09:00:00;4,0\n2026-11-23;09:30:00;5,5\n2026-11-23;10:00:00;-0,5\n",
    "zoned": "Timestamp,Temp\n2026-11-23T01:00:00Z,4.0 °C\n2026-11-23T09:30:00+08:00,5.5\n"
    "2026-11-23T03:00:00+0100,−0.5\n",
    "preamble": "Device,RC-5 示例\nSerial,0001\nStart,2026-11-23 09:00\n\nNo.,Time,Temperature(°C)\n"
    "1,2026-11-23 09:00,4.0\n2,2026-11-23 09:30,5.5\n3,2026-11-23 10:00,-0.5\nMax,,5.5\n",
    "unsorted": "时间,温度\n2026-11-23 10:00,-0.5\n2026-11-23 09:00,4.0\n2026-11-23 09:30,5.5\n",
}


def read(folder: Path, text: str, encoding: str = "utf-8") -> TemperatureLog:
    file = folder / "log.csv"
    file.write_bytes(text.encode(encoding))
    return read_temperature_log(file)


@pytest.mark.parametrize("form", FORMS)
def test_usual_forms_say_the_same(tmp_path: Path, form: str) -> None:
    log = read(tmp_path, FORMS[form])
    assert (log.start, log.end) == (START, START.replace(hour=10))
    assert (log.lowest, log.highest, log.mean) == (Decimal("-0.5"), Decimal("5.5"), Decimal("3.00"))
    assert (log.count, log.gaps) == (3, 0)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_chinese_encodings(tmp_path: Path, encoding: str) -> None:
    assert read(tmp_path, FORMS["chinese"], encoding).count == 3


def test_windows_lines(tmp_path: Path) -> None:
    assert read(tmp_path, FORMS["plain"].replace("\n", "\r\n")).count == 3


def test_gaps_are_counted_and_are_no_zeros(tmp_path: Path) -> None:
    log = read(tmp_path, "time,temp\n2026-11-23 09:00,4\n2026-11-23 09:05,--\n2026-11-23 09:10,\n2026-11-23 09:15,6\n")
    assert (log.count, log.gaps, log.mean, log.lowest) == (2, 2, Decimal(5), Decimal(4))


def test_the_mean_is_exact(tmp_path: Path) -> None:
    values = ["0.1"] * 3 + ["0.2"] * 3 + ["0.4"]
    lines = [f"2026-11-23 09:0{minute},{value}" for minute, value in enumerate(values)]
    log = read(tmp_path, "time,temp\n" + "\n".join(lines))
    assert log.mean == Decimal("0.19"), "1.3 / 7 = 0.1857…"


def test_as_a_sensor_element(tmp_path: Path) -> None:
    log = read(tmp_path, FORMS["plain"])
    digest = hashlib.sha256((tmp_path / "log.csv").read_bytes()).digest()
    assert log.as_element().as_json() == {
        "sensorMetadata": {
            "startTime": "2026-11-23T09:00:00.000+08:00",
            "endTime": "2026-11-23T10:00:00.000+08:00",
            "rawData": ni_uri(digest),
        },
        "sensorReport": [{"type": "Temperature", "minValue": -0.5, "maxValue": 5.5, "meanValue": 3, "uom": "CEL"}],
    }


def test_the_hash_is_written_as_rfc_6920_does() -> None:
    hello = hashlib.sha256(b"Hello World!").digest()
    assert ni_uri(hello) == "ni:///sha-256;f4OxZX_x_FO5LcGBSKHWXfwtSx-j1ncoSt3SABJtkGk", "RFC 6920, section 8.1"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "sheet.no_log"),
        ("a,b\n1,2\n", "sheet.no_log"),
        ("time,temp\n", "sheet.no_log"),
        ("time,humidity\n2026-11-23 09:00,80\n", "sheet.no_log"),
        ("time,Temperature (°F)\n2026-11-23 09:00,39\n", "sheet.log_fahrenheit"),
        ("time,temp\n2026-11-23 09:00,warm\n", "sheet.log"),
        ("time,temp\n23.11.2026 09:00,4\n", "sheet.log"),
        ("time,temp\n2026-02-30 09:00,4\n", "sheet.log"),
        ("time,temp\n2026-11-23 09:00,400\n", "sheet.log"),
        ("time,temp\n2026-11-23 09:00 PM,4\n", "sheet.log"),
    ],
)
def test_what_is_no_log_says_so(tmp_path: Path, text: str, code: str) -> None:
    with pytest.raises(FormatError) as caught:
        read(tmp_path, text)
    assert caught.value.code == code


def test_all_faults_are_told_with_their_lines(tmp_path: Path) -> None:
    with pytest.raises(FormatError) as caught:
        read(tmp_path, "time,temp\n2026-11-23 09:00,4\n2026-11-23 09:05,hot\n23/11/2026 09:10,5\n")
    assert [fault.params["row"] for fault in caught.value.faults] == [3, 4]  # type: ignore[attr-defined]


def test_zones_count(tmp_path: Path) -> None:
    assert read(tmp_path, "time,temp\n2026-11-23T09:00:00Z,4\n").start == datetime(2026, 11, 23, 9, tzinfo=UTC)
