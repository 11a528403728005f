"""What ``tracelib device`` shows: a list, live readings, and the dialogue of a reader's test."""

import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tracelib_scanner.reader_check import CHECKS, check, visible

if TYPE_CHECKING:
    import numpy as np

    from tracelib_cli.context import Context
    from tracelib_scanner.driver import ScanDriver
    from tracelib_scanner.found import Found
    from tracelib_scanner.scan import Scan

POLL_S = 0.2
KINDS = {
    "read": "read",
    "no_read": "read nothing",
    "torn": "cut off",
    "too_long": "no end",
    "unreadable": "unreadable",
}


def show_found(context: "Context", found: "Sequence[Found]") -> None:
    """The list, with what to write into line.toml."""
    say, out = context.say, context.out
    if out.json:
        for one in found:
            out.value({"type": one.type, "port": one.port, "node": one.node, "name": one.name, "stays": one.stays})
        return
    if not found:
        out.line(say("No reader was found: is it plugged in, and set to serial port or HID POS mode?"))
        return
    rows = [(one.type, one.port, one.name, "" if one.stays else say("may be another name next time")) for one in found]
    out.table([say("Type"), say("Port"), say("Name"), ""], rows)
    out.line(say("Try one: tracelib device test PORT"))


def watch_device(context: "Context", driver: "ScanDriver", count: int | None, seconds: float | None) -> None:
    """Print readings until there were ``count``, or ``seconds`` are over."""
    end_s = None if seconds is None else context.clock.monotonic() + seconds
    shown = 0
    while (count is None or shown < count) and (end_s is None or context.clock.monotonic() < end_s):
        scans = driver.read(POLL_S)
        for scan in scans:
            _show(context, scan)
        driver.acknowledge(scans) if scans else None
        shown += len(scans)


def run_checks(context: "Context", driver: "ScanDriver", seconds: float) -> tuple[int, int]:
    """Show each test code, wait for it, say what is wrong; returns how many were wrong and how many were asked."""
    wrong = 0
    for number, expected in enumerate(CHECKS, 1):
        _ask(context, number, expected)
        scan = _next(context, driver, seconds)
        if scan is None:
            wrong += 1
            _answer(context, number, expected, b"", False, ["Nothing came within the time."])
            continue
        found = check(expected, scan)
        wrong += not found.fits
        _answer(context, number, expected, found.data, found.fits, [finding.value for finding in found.findings])
    return wrong, len(CHECKS)


def write_test_codes(file: Path) -> None:
    """The test codes below each other as a PNG, 8 dots a module: to be printed on any printer."""
    import numpy as np
    from PIL import Image

    codes = [np.pad(_modules(text), 8) for text in CHECKS]
    width = max(len(code) for code in codes)
    rows = [np.pad(code, ((0, 0), (0, width - len(code)))) for code in codes]
    Image.fromarray(np.where(np.vstack(rows).repeat(8, 0).repeat(8, 1), 0, 255).astype(np.uint8)).save(file)


def _modules(text: str) -> "np.ndarray[Any, np.dtype[np.bool_]]":
    import numpy as np
    import qrcode

    code = qrcode.QRCode(border=0)
    code.add_data(text.encode(), optimize=0)
    code.make()
    return np.array(code.get_matrix(), dtype=bool)


def _ask(context: "Context", number: int, expected: str) -> None:
    if context.out.json:
        return
    from tracelib_cli.terminal_symbol import symbol_lines

    columns = shutil.get_terminal_size().columns
    context.out.line(context.say("Scan test code {number} of {count}:", number=number, count=len(CHECKS)))
    for line in symbol_lines(_modules(expected), columns, colours=sys.stdout.isatty()):
        context.out.drawn(line)
    sys.stdout.flush()


def _next(context: "Context", driver: "ScanDriver", seconds: float) -> "Scan | None":
    end_s = context.clock.monotonic() + seconds
    while context.clock.monotonic() < end_s:
        scans = driver.read(POLL_S)
        if scans:
            driver.acknowledge(scans)
            return scans[0]
    return None


def _answer(context: "Context", number: int, expected: str, data: bytes, fits: bool, findings: Sequence[str]) -> None:
    say, out = context.say, context.out
    if out.json:
        value = {"test": number, "fits": fits, "expected": expected, "hex": data.hex(), "findings": list(findings)}
        out.value(value)
        return
    out.line(f"{say('right') if fits else say('WRONG')}: {visible(data)}")
    for finding in findings:
        out.line(f"  {say(finding)}")


def _show(context: "Context", scan: "Scan") -> None:
    if context.out.json:
        context.out.value({"at": scan.at, "kind": scan.kind.value, "aim": scan.aim or None, "hex": scan.data.hex()})
    else:
        time = scan.at.astimezone().strftime("%H:%M:%S")
        context.out.line(f"{time} {context.say(KINDS[scan.kind.value])}  {visible(scan.data)}")
        for line in _hex_lines(scan.data):
            context.out.line(f"         {line}")
    sys.stdout.flush()


def _hex_lines(data: bytes) -> Iterator[str]:
    for at in range(0, len(data), 24):
        yield data[at : at + 24].hex(" ")
