"""line.toml: read whole, every fault named at once."""

import tomllib
from datetime import date
from pathlib import Path

import pytest

from tracelib.operations.issuing.void import Reason
from tracelib.operations.line_rules import ExpectBatches, ExpectGrades, ExpectProducts, Frozen, SeasonFrom
from tracelib.operations.line_task import LineTask, TaskKind
from tracelib_scanner.config import parse_config, read_config
from tracelib_scanner.drivers.camera import CameraSettings
from tracelib_scanner.drivers.serial_reader import SerialSettings
from tracelib_scanner.errors import LineConfigError, LineFileError
from tracelib_scanner.framing import Framing

GOOD = """
station = "LINE-1"
party = "GANNAN"
mode = "activate+pack"
cartons_per_pallet = 12
[[device]]
name = "belt"
type = "serial"
port = "/dev/serial/by-id/usb-x"
baud = 115200
suffix = "\\r\\n"
prefix = "\\u0002"
no_read = ["NR", "ERROR"]
[[device]]
name = "hand"
type = "serial"
port = "/dev/ttyACM0"
idle_ms = 30
[[device]]
name = "cam"
type = "camera"
folder = "pictures"
codes = 0
"""

BAD = """
station = "line 1"
mode = "sell"
cartons_per_pallet = 0
colour = "red"
[[device]]
name = "belt"
type = "serial"
bauds = 9600
[[device]]
name = "belt"
type = "camera"
folder = "in"
formats = ["QR"]
[[device]]
name = "odd"
type = "modem"
"""


def test_good_file(tmp_path: Path) -> None:
    file = tmp_path / "line.toml"
    file.write_text(GOOD)
    config = read_config(file)
    assert (config.station, config.party, config.packs, config.cartons_per_pallet) == ("LINE-1", "GANNAN", True, 12)
    assert config.journal_file("GANNAN") == tmp_path / "journal" / "GANNAN" / "LINE-1.db"
    belt, hand, cam = (device.settings for device in config.devices)
    assert belt == SerialSettings(
        "/dev/serial/by-id/usb-x",
        115200,
        framing=Framing(b"\x02", (b"\r\n",)),
        no_reads=(b"NR", b"ERROR"),
    )
    assert hand == SerialSettings("/dev/ttyACM0", framing=Framing(suffixes=(), idle_s=0.03))
    assert isinstance(cam, CameraSettings)
    assert (cam.folder, cam.codes, cam.formats) == (tmp_path / "pictures", 0, ("QRCode",))


def test_every_fault_is_named_at_once(tmp_path: Path) -> None:
    file = tmp_path / "line.toml"
    file.write_text(BAD)
    with pytest.raises(LineConfigError, match="9 fault") as caught:
        read_config(file)
    faults = [fault.message() for fault in caught.value.faults]
    starts = [
        "station: «line 1»",
        "mode: «sell» does not fit; expected activate | activate+pack | check | ship | receive | return | void",
        "cartons_per_pallet: «0»",
        "device 1: port is missing",
        "device 1: bauds is no field of a line configuration; did you mean «baud»?",
        "device 2: name: «belt» does not fit; expected a name that no other device has",
        "device 2: formats: «QR» does not fit; expected QRCode | ",
        "device 3: type: «modem» does not fit; expected serial | tcp | hid | wedge | camera | video | replay",
        "colour is no field",
    ]
    assert len(faults) == len(starts)
    for start in starts:
        assert any(fault.startswith(start) for fault in faults), (start, faults)


@pytest.mark.parametrize(
    ("values", "where"),
    [
        ({}, "station is missing"),
        ({"station": "A", "device": []}, "device: "),
        ({"station": "A", "device": "serial"}, "device: "),
        (
            {"station": "A", "cartons_per_pallet": True, "device": [{"name": "a", "type": "replay", "file": "x"}]},
            "cart",
        ),
        (
            {
                "station": "A",
                "mode": "activate",
                "repeat_s": -1,
                "device": [{"name": "a", "type": "replay", "file": "x"}],
            },
            "rep",
        ),
        (
            {
                "station": "A",
                "mode": "activate",
                "device": [{"name": "a", "type": "serial", "port": "x", "suffix": ""}],
            },
            "dev",
        ),
    ],
)
def test_single_faults(values: dict[str, object], where: str, tmp_path: Path) -> None:
    with pytest.raises(LineConfigError) as caught:
        parse_config(values, tmp_path / "line.toml")
    assert any(fault.message().startswith(where) for fault in caught.value.faults)


def test_not_packing_needs_no_count(tmp_path: Path) -> None:
    device = {"name": "a", "type": "replay", "file": "x"}
    config = parse_config({"station": "A", "mode": "activate", "device": [device]}, tmp_path / "line.toml")
    assert not config.packs


def test_no_file_and_no_toml(tmp_path: Path) -> None:
    with pytest.raises(LineFileError, match=r"none\.toml"):
        read_config(tmp_path / "none.toml")
    for text in ("station = ", f"cartons_per_pallet = {'9' * 5000}", f"station = {'[' * 5000}"):
        (tmp_path / "line.toml").write_text(text)
        with pytest.raises(LineFileError, match=r"line\.toml"):
            read_config(tmp_path / "line.toml")


def test_example_is_good() -> None:
    config = read_config(Path(__file__).parents[2] / "examples" / "line.toml")
    assert [device.type for device in config.devices] == ["serial", "camera"]


TASK = 'station = "GATE"\nmode = "{mode}"\n{more}\n[[device]]\nname = "hand"\ntype = "serial"\nport = "/dev/ttyACM0"\n'


@pytest.mark.parametrize(
    ("mode", "more", "task"),
    [
        ("check", "", LineTask(TaskKind.CHECK)),
        ("ship", 'to = "SHOP"', LineTask(TaskKind.SHIP, "SHOP")),
        ("receive", "", LineTask(TaskKind.RECEIVE)),
        ("return", 'from = "SHOP"', LineTask(TaskKind.RETURN, "SHOP")),
        ("void", 'reason = "damaged"', LineTask(TaskKind.VOID, reason=Reason.DAMAGED)),
    ],
)
def test_what_a_station_does(tmp_path: Path, mode: str, more: str, task: LineTask) -> None:
    config = parse_config(tomllib.loads(TASK.format(mode=mode, more=more)), tmp_path / "line.toml")
    assert (config.task, config.packs) == (task, False)


@pytest.mark.parametrize(
    ("mode", "more", "fault"),
    [
        ("ship", "", "to: "),
        ("void", "", "reason: "),
        ("void", 'reason = "torn"', "reason: "),
        ("check", 'to = "SHOP"', "to: "),
    ],
)
def test_what_a_station_cannot_do(tmp_path: Path, mode: str, more: str, fault: str) -> None:
    with pytest.raises(LineConfigError) as caught:
        parse_config(tomllib.loads(TASK.format(mode=mode, more=more)), tmp_path / "line.toml")
    (only,) = caught.value.faults
    assert fault.strip(": ") in str(only)


EXPECT = """
station = "LINE-1"
mode = "activate"
[[device]]
name = "day"
type = "replay"
file = "day.txt"
[expect]
"""


def test_what_a_station_works_on(tmp_path: Path) -> None:
    file = tmp_path / "line.toml"
    lines = 'batches = ["A1", "A2"]\nproducts = "NAVEL"\ngrades = [1, 2]\nfrozen = ["A3"]\nseason_from = 2026-11-10\n'
    file.write_text(EXPECT + lines)
    assert read_config(file).rules == (
        ExpectBatches(("A1", "A2")),
        ExpectProducts(("NAVEL",)),
        ExpectGrades((1, 2)),
        Frozen(("A3",)),
        SeasonFrom(date(2026, 11, 10)),
    )
    file.write_text(EXPECT)
    assert read_config(file).rules == ()


@pytest.mark.parametrize(
    "line",
    ["grades = [16]", "grades = [true]", 'grades = ["1"]', 'season_from = "2026-11-10"', "batches = [1]", "batch = 1",
     "season_from = 2026-11-10T00:00:00Z"],
)  # fmt: skip
def test_expectations_that_cannot_be_meant(tmp_path: Path, line: str) -> None:
    file = tmp_path / "line.toml"
    file.write_text(f"{EXPECT}{line}\n")
    with pytest.raises(LineConfigError) as refused:
        read_config(file)
    assert [fault.message().startswith("expect: ") for fault in refused.value.faults] == [True]


def test_a_scale(tmp_path: Path) -> None:
    file = tmp_path / "line.toml"
    scale = EXPECT.replace("[expect]", "[scale]")
    file.write_text(f'{scale}port = "/dev/ttyS1"\ntare_g = 350\nfresh_ms = 500\nrequired = false\n')
    found = read_config(file).scale
    assert found is not None
    assert (found.port, found.tare_g, found.fresh_s, found.required, found.checksum) == (
        SerialSettings("/dev/ttyS1", bits=7, parity="even"), 350, 0.5, False, False,
    )  # fmt: skip
    for line in ("", 'port = ""', 'port = "/dev/x"\nprotocol = "guess"', 'port = "/dev/x"\ntare_g = -1', "weight = 1"):
        file.write_text(f"{scale}{line}\n")
        with pytest.raises(LineConfigError) as refused:
            read_config(file)
        assert all(fault.message().startswith("scale: ") for fault in refused.value.faults), line
