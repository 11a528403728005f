"""``tracelib label show``: what a terminal would show, drawn by a small terminal and read back."""

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zxingcpp

from tracelib.codes.record import CodeRecord
from tracelib.codes.serial import SerialCipher
from tracelib.codes.signing import sign_code
from tracelib.labels.symbol import encode_symbol
from tracelib.trust.keys import KeyPair
from tracelib_cli.terminal_symbol import NarrowTerminalError, symbol_lines

RunCli = Callable[..., Any]
THEMES = {"dark": (255, 0), "light": (0, 255)}
"""Letters and ground of two terminals."""


@pytest.fixture(scope="module")
def code() -> str:
    serial = SerialCipher(bytes(range(32)), "7KQX").serial_of(3)
    record = CodeRecord(product="NAVEL-5KG", lot="26A0137", serial=serial, day=2518, weight_10g=500, level=2)
    return sign_code(KeyPair.from_secret(1, bytes(range(32))), record, "q.example.com")


def screen(lines: list[str], columns: int, theme: str) -> np.ndarray:
    """A terminal of half blocks and the colours 38;5;n, 48;5;n and 0: each character is 8 wide and 16 high."""
    letters, ground = THEMES[theme]
    known = {16: 0, 231: 255}
    picture = np.full((16 * (len(lines) + 2), 8 * columns), ground, np.uint8)
    for row, line in enumerate(lines, 1):
        fore, back, column = letters, ground, 0
        for part in re.findall(r"\x1b\[([\d;]+)m|(.)", line):
            if part[0] == "0":
                fore, back = letters, ground
            elif part[0]:
                numbers = [int(n) for n in part[0].split(";")]
                assert (numbers[:2], numbers[3:5]) == ([38, 5], [48, 5])
                fore, back = known[numbers[2]], known[numbers[5]]
            else:
                upper = fore if part[1] in "▀█" else back
                lower = fore if part[1] in "▄█" else back
                left = 8 * column
                picture[16 * row : 16 * row + 8, left : left + 8] = upper
                picture[16 * row + 8 : 16 * row + 16, left : left + 8] = lower
                column += 1
    return picture


@pytest.mark.parametrize("theme", list(THEMES))
@pytest.mark.parametrize("columns", [53, 57, 80, 200])
def test_symbol_reads_from_the_screen(code: str, theme: str, columns: int) -> None:
    lines = list(symbol_lines(encode_symbol(code).modules, columns, colours=True))
    quiet = 2 if columns < 57 else 4
    assert len(lines) == (49 + 2 * quiet + 1) // 2
    picture = screen(lines, columns, theme)
    assert [found.text for found in zxingcpp.read_barcodes(picture)] == [code]


def test_without_colours_dark_is_ink(code: str) -> None:
    lines = list(symbol_lines(encode_symbol(code).modules, 80, colours=False))
    assert "\x1b" not in "".join(lines)
    assert [found.text for found in zxingcpp.read_barcodes(screen(lines, 80, "light"))] == [code]


def test_narrow_terminal_says_how_wide(code: str) -> None:
    with pytest.raises(NarrowTerminalError, match="is 52 columns wide; this symbol needs 53"):
        list(symbol_lines(encode_symbol(code).modules, 52, colours=True))


def test_on_a_real_terminal(code: str, tmp_path: Path) -> None:
    """The program behind a pseudo-terminal of 80 columns."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", "from tracelib_cli.main import run; run()", "label", "show", code],
        stdout=slave, cwd=tmp_path, env={**os.environ, "COLUMNS": "80", "LINES": "50"},
    )  # fmt: skip
    os.close(slave)
    shown = bytearray()
    try:
        while part := os.read(master, 65536):
            shown += part
    except OSError:  # Linux: the other side is gone
        pass
    os.close(master)
    assert process.wait(30) == 0
    lines = shown.decode().split("\r\n")
    symbol = [line for line in lines if "▀" in line]
    assert [found.text for found in zxingcpp.read_barcodes(screen(symbol, 80, "dark"))] == [code]
    assert code in lines


def test_open_hands_the_picture_to_the_viewer(run_cli: RunCli, code: str, tmp_path: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("xdg-open is Linux's")
    (tmp_path / "bin").mkdir()
    viewer = tmp_path / "bin" / "xdg-open"
    viewer.write_text(f'#!/bin/sh\ncp "$1" {tmp_path}/seen.png\n', "utf-8")
    viewer.chmod(0o755)
    workspace = tmp_path / "ws"
    workspace.mkdir()
    (workspace / "tracelib.toml").write_text("", "utf-8")
    from tracelib.store.unit_of_work import Store

    Store.create_or_upgrade(f"sqlite:///{workspace / 'tracelib.db'}").close()
    path = f"{tmp_path / 'bin'}:{os.environ['PATH']}"
    done = run_cli("label", "show", code, "--open", "--json", cwd=workspace, env={"PATH": path})
    assert done.status == 0, done.err
    answer = json.loads(done.out)
    assert answer["opened"]
    assert Path(answer["file"]).parent == workspace / "pictures"
    from PIL import Image

    seen = np.asarray(Image.open(tmp_path / "seen.png").convert("L"))
    assert [found.text for found in zxingcpp.read_barcodes(seen)] == [code]


def test_bad_input(run_cli: RunCli, tmp_path: Path) -> None:
    for argument, status in (("https://example.com/", 3), ("26A0137", 6)):
        done = run_cli("label", "show", argument, cwd=tmp_path)
        assert (done.status, "Traceback" in done.err) == (status, False)
