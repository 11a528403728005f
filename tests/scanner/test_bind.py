"""Which socket a reader is in: found by what it sends, and written into line.toml without touching anything else."""

import threading
import time
from pathlib import Path

import pytest

from tracelib_scanner.bind import BindTextError, sockets, who_speaks, with_port
from tracelib_scanner.fake_reader import FakeReader

TEXT = """# my line
station = "LINE-1"
[[device]]
name = "belt"   # the fast one
type = "serial"
port = "/dev/ttyUSB0"
baud = 115200

[[ device ]]
name = 'hand'
type = "serial"
  port = "/dev/ttyUSB1" # to be bound
[screen]
port = 8770
"""


def test_only_the_port_of_that_device_changes() -> None:
    bound = with_port(TEXT, "hand", "/dev/serial/by-path/pci-usb-0:1.2:1.0", Path("line.toml"))
    assert bound == TEXT.replace(
        '  port = "/dev/ttyUSB1" # to be bound', 'port = "/dev/serial/by-path/pci-usb-0:1.2:1.0"'
    )
    assert with_port(TEXT, "belt", "/x", Path("line.toml")).count("/dev/ttyUSB1") == 1


@pytest.mark.parametrize("name", ["foot", "LINE-1", ""])
def test_a_device_that_is_not_there(name: str) -> None:
    with pytest.raises(BindTextError):
        with_port(TEXT, name, "/x", Path("line.toml"))


def test_a_device_without_a_port() -> None:
    with pytest.raises(BindTextError):
        with_port(TEXT.replace('port = "/dev/ttyUSB0"\n', ""), "belt", "/x", Path("line.toml"))


def test_two_identical_adapters_are_told_apart_by_scanning(tmp_path: Path) -> None:
    folder = tmp_path / "dev" / "serial" / "by-path"
    folder.mkdir(parents=True)
    with FakeReader() as one, FakeReader() as other:
        for name, reader in (("usb-0:1", one), ("usb-0:2", other)):
            (folder / name).symlink_to(reader.port)
        (folder / "usb-0:3").symlink_to("/dev/ttyUSB-gone")
        ports = sockets(tmp_path)
        assert [Path(port).name for port in ports] == ["usb-0:1", "usb-0:2"]

        def scan_for_a_while() -> None:
            for _ in range(50):
                other.scan("6901234567892")
                time.sleep(0.05)

        thread = threading.Thread(target=scan_for_a_while, daemon=True)
        thread.start()
        found = who_speaks([*ports, str(folder / "usb-0:3")], 20)
        thread.join()
        assert Path(found).name == "usb-0:2"
        one_is_silent = iter([0.0, 0.0, 1.0, 2.0])
        assert who_speaks(ports[:1], 1.5, now=lambda: next(one_is_silent)) == ""
