"""``tracelib device`` as a program, with a reader on a pseudo-terminal."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tracelib_scanner.fake_reader import FakeReader
from tracelib_scanner.reader_check import CHECKS

RunCli = Callable[..., Any]


@pytest.fixture
def reader() -> Iterator[FakeReader]:
    with FakeReader() as made:
        yield made


class Program:
    """The program in the background; its lines as they come."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("TRACELIB_", "LC_", "LANG"))}
        self.process = subprocess.Popen(
            [sys.executable, "-c", "from tracelib_cli.main import run; run()", *arguments],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def end(self) -> tuple[int, str, str]:
        out, err = self.process.communicate(timeout=60)
        return self.process.returncode, out, err


def send_until(program: Program, reader: FakeReader, data: list[bytes]) -> None:
    """Say the codes again and again, for what comes before the port is open is lost."""

    def work() -> None:
        while program.process.poll() is None:
            for one in data:
                reader.send(one)
                threading.Event().wait(0.4)

    threading.Thread(target=work, daemon=True).start()


def test_watch_shows_bytes(tmp_path: Path, reader: FakeReader) -> None:
    program = Program(tmp_path, "device", "watch", "--json", "--count", "1", reader.port)
    send_until(program, reader, [b"]C1\x1d01ABC\r\n"])
    status, out, err = program.end()
    assert (status, err) == (0, "")
    assert {key: json.loads(out)[key] for key in ("kind", "aim", "hex")} == {
        "kind": "read",
        "aim": "]C1",
        "hex": "5d43311d3031414243",
    }


def test_watch_in_words(tmp_path: Path, reader: FakeReader) -> None:
    program = Program(tmp_path, "--lang", "zh", "device", "watch", "--count", "1", reader.port)
    send_until(program, reader, [b"]C1\x1d01ABC\r\n"])
    status, out, _ = program.end()
    assert status == 0
    assert "]C1␝01ABC" in out
    assert "5d 43 31 1d 30 31 41 42 43" in out


def test_a_reader_that_eats_gs_and_case_is_told_what_to_change(tmp_path: Path, reader: FakeReader) -> None:
    program = Program(tmp_path, "device", "test", "--seconds", "20", reader.port)
    said: list[str] = []

    def answer() -> None:
        """Scan what is shown, as a reader without GS that answers everything else right."""
        assert program.process.stdout is not None
        for line in program.process.stdout:
            said.append(line)
            if line.startswith("Scan test code"):
                number = int(line.split()[3])
                text = CHECKS[number - 1].replace("\x1d", "")
                threading.Timer(0.5, reader.send, (b"]Q1" + text.encode() + b"\r\n",)).start()

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    assert program.process.wait(60) == 10
    thread.join(5)
    out = "".join(said)
    assert out.count("right: ]Q1") == 3
    assert "WRONG: ]Q1(TEST)10LOT-721ABC" in out
    assert "drops the GS character" in out
    assert program.process.stderr is not None
    assert "1 of 4 test codes" in program.process.stderr.read()


def test_printed_test_codes_hold_what_is_expected(tmp_path: Path, reader: FakeReader, run_cli: RunCli) -> None:
    """Read back by another program than wrote them."""
    import cv2
    import zxingcpp

    file = tmp_path / "codes.png"
    result = run_cli("device", "test", "--seconds", "0.1", "--print", str(file), "--json", reader.port, cwd=tmp_path)
    assert result.status == 10
    assert [json.loads(line)["fits"] for line in result.out.splitlines()] == [False] * 4
    found = zxingcpp.read_barcodes(cv2.imread(str(file)))
    assert sorted(one.bytes.decode() for one in found) == sorted(CHECKS)


def test_what_is_no_device_is_said(tmp_path: Path, run_cli: RunCli) -> None:
    result = run_cli("device", "watch", "belt", cwd=tmp_path)
    assert (result.status, "«belt» is no device of" in result.err) == (6, True), result.err
    away = run_cli("device", "watch", "/dev/serial/by-id/none", cwd=tmp_path)
    assert (away.status, "there is no such port" in away.err) == (10, True)
    nobody = run_cli("device", "watch", "127.0.0.1:1", cwd=tmp_path)
    assert (nobody.status, "nobody answers there" in nobody.err) == (10, True)


def test_list(tmp_path: Path, run_cli: RunCli) -> None:
    result = run_cli("device", "list", cwd=tmp_path)
    assert result.status == 0
    assert result.out


def test_bind_where_nobody_scans_and_where_there_is_no_such_device(tmp_path: Path, run_cli: RunCli) -> None:
    file = tmp_path / "line.toml"
    file.write_text('station = "L"\nmode = "activate"\n[[device]]\nname = "belt"\ntype = "serial"\nport = "/dev/x"\n')
    before = file.read_text()
    silent = run_cli("device", "bind", "belt", "--seconds", "0.2", cwd=tmp_path)
    assert (silent.status, "device.nobody_spoke" in silent.err) == (10, True), silent.err
    other = run_cli("device", "bind", "foot", cwd=tmp_path)
    assert (other.status, "device.bind" in other.err) == (3, True), other.err
    assert file.read_text() == before
    assert run_cli("device", "bind", "belt", "--config", "none.toml", cwd=tmp_path).status == 7
