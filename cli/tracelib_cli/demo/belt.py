"""The demonstration's belt: a real ``tracelib line run``, a pseudo-terminal as reader and a folder as camera."""

import json
import os
import queue
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tracelib.errors import DeviceError
from tracelib_cli.demo.program import Program

PATIENCE_S = 30.0
STATION = "LINE-1"
CONFIG = """station = "{station}"
party = "{party}"
mode = "activate+pack"
cartons_per_pallet = {per_pallet}
partial_pallets = true
repeat_s = 0.5
journal = "journal"

[[device]]
name = "reader"
type = "serial"
port = "{port}"

[[device]]
name = "camera"
type = "camera"
folder = "{folder}"
formats = ["QRCode"]
budget_ms = 1500
"""


class LineSilentError(DeviceError):
    """The line did not answer in time."""

    code = "demo.line_silent"
    template = "The line gave no answer within {seconds} s: {detail}"


class Belt:
    """A running line. Every call waits for the line's answer, as an operator does."""

    def __init__(self, process: "subprocess.Popen[str]", reader: Any, folder: Path) -> None:  # noqa: ANN401
        self._process = process
        self._reader = reader
        self._folder = folder
        self._answers: queue.Queue[dict[str, Any]] = queue.Queue()
        self._number = 0
        threading.Thread(target=self._listen, daemon=True).start()

    def read(self, text: str) -> dict[str, Any]:
        """One code through the serial reader."""
        self._reader.scan(text)
        return self.next("scan")

    def see(self, jpeg: bytes) -> dict[str, Any]:
        """One picture for the camera: written beside the folder and moved in, so that no half picture is seen."""
        self._number += 1
        temporary = self._folder.parent / f".{self._number}.jpg"
        temporary.write_bytes(jpeg)
        temporary.rename(self._folder / f"{self._number:05}.jpg")
        return self.next("scan")

    def next(self, kind: str) -> dict[str, Any]:
        """The line's next answer of a kind: ``scan``, ``device`` or ``summary``."""
        while True:
            try:
                answer = self._answers.get(timeout=PATIENCE_S)
            except queue.Empty:
                raise LineSilentError(seconds=int(PATIENCE_S), detail="no answer") from None
            if answer.get("type") == "end":
                raise LineSilentError(seconds=int(PATIENCE_S), detail=self._complaint())
            if answer.get("type") == kind:
                return answer

    def stop(self) -> dict[str, Any]:
        """End the line as Ctrl-C does; its summary."""
        self._process.terminate()
        summary = self.next("summary")
        self._process.wait(timeout=PATIENCE_S)
        return summary

    def _listen(self) -> None:
        for line in self._process.stdout or ():
            self._answers.put(json.loads(line))
        self._answers.put({"type": "end"})

    def _complaint(self) -> str:
        self._process.wait(timeout=PATIENCE_S)
        return self._process.stderr.read()[-300:] if self._process.stderr else ""


@contextmanager
def running_belt(program: Program, party: str, per_pallet: int) -> Iterator[Belt]:
    """A line for a party with both devices up; its configuration stays in the workspace to be looked at."""
    from tracelib_scanner.fake_reader import FakeReader

    folder = program.folder / f"camera-{party}"
    folder.mkdir(exist_ok=True)
    config = program.folder / f"line-{party}.toml"
    reader = FakeReader()
    config.write_text(
        CONFIG.format(station=STATION, party=party, per_pallet=per_pallet, port=reader.port, folder=folder.name),
        encoding="utf-8",
    )
    process = subprocess.Popen(
        program.command_line("line", "run", "--config", config),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        belt = Belt(process, reader, folder)
        belt.next("device")
        belt.next("device")
        yield belt
    finally:
        process.kill()
        process.communicate()
        reader.unplug()
